// Which operators a TorchScript program may hold. spec/torchscript.md section 3.
#pragma once

#include <string_view>

namespace attestml::engine {

// "aten::relu", "prim::If". In-place forms ("aten::relu_") are allowed where the plain one is.
bool AllowedOperator(std::string_view name);

// A word that stands after "torch." or "ops.aten." in the program's text.
bool AllowedWord(std::string_view word);

}  // namespace attestml::engine
