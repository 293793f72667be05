// The two uses of a program that are no training. spec/torchscript.md sections 1 and 4.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace attestml::engine {

// The tensors of its state_dict with their values.
Result<std::vector<model::NamedTensor>> ReadProgramState(BytesView program);

// forward(probabilities: Tensor, labels: Tensor, groups: Dict[str, Tensor]) -> Dict[str, float], in evaluation mode.
// Id program.run.
Result<std::map<std::string, double>> RunPropertyProgram(BytesView program, const PropertyCall& call);

}  // namespace attestml::engine
