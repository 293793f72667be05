// The source text inside a TorchScript program, before libtorch parses it. spec/torchscript.md section 2.
#pragma once

#include <string_view>

#include "base/result.h"

namespace attestml::engine {

// Refuses words that would run when the program is loaded, operators outside the allow-list, and text nested so deeply
// that a parser runs out of stack. Id program.text; program.operator for an operator.
Status CheckProgramText(std::string_view text);

}  // namespace attestml::engine
