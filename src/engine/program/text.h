// The source text inside a TorchScript program, before libtorch parses it. spec/torchscript.md section 2.
#pragma once

#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace attestml::engine {

// What the text of a program defines and what it names: "__torch__.torch.nn.modules.linear.Linear".
struct ProgramNames {
  std::set<std::string> classes, functions, references;
};

// Refuses words that would run when the program is loaded, operators outside the allow-list, and text nested so deeply
// that a parser runs out of stack. `file` is the entry's name, "code/__torch__/torch/nn.py". Adds to `names`.
// Id program.text; program.operator for an operator.
Status CheckProgramText(std::string_view file, std::string_view text, ProgramNames* names);

// libtorch 1.13 follows a null pointer where a class is named and not there. `pickled` are the classes of data.pkl.
Status CheckProgramNames(const ProgramNames& names, const std::set<std::string>& pickled);

}  // namespace attestml::engine
