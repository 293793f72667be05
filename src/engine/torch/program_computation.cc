// Programs as networks and as properties.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/checks.h"
#include "engine/program_digest.h"
#include "engine/torch/computation.h"
#include "engine/torch/guarded.h"
#include "engine/torch/program.h"
#include "engine/torch/program_property.h"

namespace attestml::engine {
namespace {

using at::Tensor;

constexpr std::size_t kMaxNumbers = 1000;

Error Failed(const std::string& message) { return Malformed("program.run", message); }

class ProgramComputation final : public Computation {
 public:
  ProgramComputation(const model::Architecture& architecture, torch::jit::Module module,
                     std::vector<ProgramTensor> state)
      : architecture_(architecture),
        module_(std::move(module)),
        state_(std::move(state)),
        keeps_state_(KeepsState(module_)) {}

  ParameterLayout Layout() const override {
    std::vector<model::NamedTensor> shapes;
    std::vector<bool> trained;
    for (const ProgramTensor& tensor : state_) {
      shapes.push_back({tensor.name, tensor.value.sizes().vec(), {}});
      trained.push_back(tensor.trained);
    }
    // As the program was written for: it may ask for views that another layout does not have.
    return {std::move(shapes), std::move(trained), false};
  }

  // The program's own tensors stay, with other storage: lists of weights that it keeps besides hold the same ones.
  std::vector<Tensor> Bind(const std::vector<Tensor>& values, const std::vector<Tensor>& buffers) override {
    auto value = values.begin();
    auto buffer = buffers.begin();
    const at::NoGradGuard no_graph;
    std::vector<Tensor> leaves;
    for (ProgramTensor& tensor : state_) {
      const Tensor& to = tensor.trained ? *value++ : *buffer++;
      to.copy_(tensor.value);
      tensor.value.set_data(to.detach());
      if (tensor.trained) leaves.push_back(tensor.value.requires_grad_(true));
    }
    return leaves;
  }

  Result<Batch> MakeBatch(Matrix x) const override {
    Batch batch;
    const auto rows = static_cast<std::int64_t>(x.rows);
    if (architecture_.tokens != 0) {
      ATTESTML_TRY(batch.tokens, TokenTensor(architecture_, x));
    } else if (architecture_.image.empty()) {
      batch.x = Wrap(x.data, {rows, architecture_.inputs}).clone();
    } else {
      batch.x = Wrap(x.data, {rows, architecture_.image[0], architecture_.image[1], architecture_.image[2]}).clone();
    }
    return batch;
  }

  void Enter(Mode mode, std::uint64_t step) override {
    module_.train(mode == Mode::kTrain);
    // Programs may draw (dropout): each step from a seed of its own, so that a run that was resumed draws the same.
    at::manual_seed(step);
  }

  Tensor Forward(const Batch& batch, Mode, bool) override {
    const Tensor& input = architecture_.tokens != 0 ? batch.tokens : batch.x;
    const c10::IValue out = RunProgram(module_, {input});
    if (!out.isTensor()) throw ProgramFailure("forward gives no tensor");
    const Tensor logits = out.toTensor();
    if (logits.scalar_type() != at::kFloat && logits.scalar_type() != at::kBFloat16) {
      throw ProgramFailure("forward gives a tensor that is not of float32");
    }
    if (logits.dim() != 2 || logits.size(0) != input.size(0) || logits.size(1) != architecture_.outputs) {
      throw ProgramFailure("forward gives a tensor that is not rows by outputs");
    }
    return logits;
  }

  std::string MixesRecords() const override {
    const bool buffers = std::any_of(state_.begin(), state_.end(), [](const auto& tensor) { return !tensor.trained; });
    return buffers || keeps_state_ ? "the program can carry something of one record over to the next" : "";
  }
  bool concurrent() const override { return false; }

 private:
  model::Architecture architecture_;
  torch::jit::Module module_;
  std::vector<ProgramTensor> state_;
  bool keeps_state_ = false;
};

Tensor Numbers(std::span<const std::int32_t> values) {
  return at::from_blob(const_cast<std::int32_t*>(values.data()),  // NOLINT: only read
                       {static_cast<std::int64_t>(values.size())}, at::kInt)
      .to(at::kLong);
}

bool IsNumberName(const std::string& name) {
  if (name.empty() || name.size() > 64 || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

}  // namespace

Result<std::unique_ptr<Computation>> MakeProgramComputation(const model::Architecture& architecture,
                                                            BytesView program) {
  ATTESTML_CHECK(CheckProgramDigest(architecture, program));
  ATTESTML_TRY(torch::jit::Module module, LoadProgram(program));
  ATTESTML_TRY(auto state, ProgramState(module));
  bool same = state.size() == architecture.state.size();
  for (std::size_t i = 0; same && i < state.size(); ++i) {
    same = state[i].name == architecture.state[i].first && state[i].value.sizes() == architecture.state[i].second;
  }
  if (!same) return Malformed("program.state", "the program's tensors are not those that the architecture lists");
  return std::unique_ptr<Computation>(
      std::make_unique<ProgramComputation>(architecture, std::move(module), std::move(state)));
}

Result<std::vector<model::NamedTensor>> ReadProgramState(BytesView program) {
  ATTESTML_TRY(const torch::jit::Module module, LoadProgram(program));
  ATTESTML_TRY(const auto state, ProgramState(module));
  std::vector<model::NamedTensor> out;
  for (const ProgramTensor& tensor : state) {
    const Tensor plain = tensor.value.detach().contiguous();
    const float* data = plain.data_ptr<float>();
    out.push_back({tensor.name, plain.sizes().vec(), {data, data + plain.numel()}});
  }
  return out;
}

Result<std::map<std::string, double>> RunPropertyProgram(BytesView program, const PropertyCall& call) {
  ATTESTML_TRY(torch::jit::Module module, LoadProgram(program));
  const auto rows = static_cast<std::int64_t>(call.probabilities.rows);
  if (call.labels.size() != call.probabilities.rows) {
    return BadArguments(std::to_string(call.labels.size()) + " labels, want " + std::to_string(rows));
  }
  c10::Dict<std::string, Tensor> groups;
  for (const auto& [name, codes] : call.groups) {
    if (codes.size() != call.probabilities.rows) return BadArguments("a group attribute of another length");
    groups.insert(name, Numbers(codes));
  }
  const at::NoGradGuard no_graph;
  module.eval();
  at::manual_seed(0);
  // Clones: what the program does to its arguments stays with it.
  const c10::IValue out = RunProgram(
      module, {Wrap(call.probabilities.data, {rows, static_cast<std::int64_t>(call.probabilities.columns)}).clone(),
               Numbers(call.labels), groups});
  if (!out.isGenericDict()) return Failed("the property gives no Dict[str, float]");
  std::map<std::string, double> numbers;
  for (const auto& entry : out.toGenericDict()) {
    if (!entry.key().isString() || !entry.value().isDouble()) return Failed("the property gives no Dict[str, float]");
    const std::string name = entry.key().toStringRef();
    if (!IsNumberName(name)) {
      return Failed("a number's name is not a small letter and up to 63 small letters, digits and hyphens");
    }
    if (!std::isfinite(entry.value().toDouble())) return Failed("the number " + name + " is not finite");
    if (numbers.size() == kMaxNumbers) return Failed("over " + std::to_string(kMaxNumbers) + " numbers");
    numbers[name] = entry.value().toDouble();
  }
  if (numbers.empty()) return Failed("the property gives no numbers");
  return numbers;
}

}  // namespace attestml::engine
