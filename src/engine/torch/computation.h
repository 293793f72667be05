// What a graph network computes, apart from how it is trained.
#pragma once

#include <memory>

#include "engine/torch/forward.h"
#include "engine/torch/parameter_block.h"

namespace attestml::engine {

class Computation {
 public:
  virtual ~Computation() = default;
  virtual ParameterLayout Layout() const = 0;
  // Called once: computes with these views from now on. Returns the variables of the graph that stand for `values`.
  virtual std::vector<at::Tensor> Bind(const std::vector<at::Tensor>& values,
                                       const std::vector<at::Tensor>& buffers) = 0;
  virtual Result<Batch> MakeBatch(Matrix x) const = 0;
  // Called before forward passes of one mode, `step` being how many steps were taken.
  virtual void Enter(Mode mode, std::uint64_t step) = 0;
  // Logits, rows × outputs, on the leaves (`graph`) or on plain values.
  virtual at::Tensor Forward(const Batch& batch, Mode mode, bool graph) = 0;
  // Why no record can be hidden on its own; empty when it can.
  virtual std::string MixesRecords() const = 0;
  // Whether several threads may predict at the same time.
  virtual bool concurrent() const = 0;
};

// Of one of the kinds in forward.h.
std::unique_ptr<Computation> MakeComputation(const model::Architecture& architecture);
// Of a TorchScript program. Ids as LoadProgram, program.digest and program.state.
Result<std::unique_ptr<Computation>> MakeProgramComputation(const model::Architecture& architecture, BytesView program);

}  // namespace attestml::engine
