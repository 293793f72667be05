// TorchScript programs: checked, then loaded. spec/torchscript.md.
#pragma once

#include <torch/csrc/jit/api/module.h>

#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/torch/parameter_block.h"

namespace attestml::engine {

// Looks at the file, at every pickle in it and at its text, loads it, and looks at every operator of every method.
// Nothing of it runs. Ids program.size, program.zip, program.pickle, program.text, program.operator, program.load.
Result<torch::jit::Module> LoadProgram(BytesView program);

// A tensor of the program's state_dict.
struct ProgramTensor {
  std::string name;
  at::Tensor value;
  bool trained = false;
};

// Parameters, then buffers, module by module, as torch.nn.Module.state_dict orders them; counters of batch norm are
// left out. Id program.state for a tensor that a model file cannot hold.
Result<std::vector<ProgramTensor>> ProgramState(const torch::jit::Module& module);

// Whether running the program can change anything that the next run sees.
bool KeepsState(const torch::jit::Module& module);

// Runs forward without optimising it: the same calls give the same bits. Throws ProgramFailure.
c10::IValue RunProgram(torch::jit::Module& module, std::vector<c10::IValue> arguments);

}  // namespace attestml::engine
