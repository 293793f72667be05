// UTF-8 as RFC 3629 has it: shortest forms only, no surrogates, nothing above U+10FFFF. NUL is refused too: no text
// file holds it, and it hides what follows from many tools.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace attestml::data {

// FirstBadByte returns where `text` stops being UTF-8 without NUL; nothing when it is all good.
std::optional<std::size_t> FirstBadByte(std::string_view text);

}  // namespace attestml::data
