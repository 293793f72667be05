// Lower-case hexadecimal text.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml {

std::string HexEncode(BytesView bytes);

// HexDecode accepts upper and lower case, no separators, an even number of digits. Error id "hex".
Result<Bytes> HexDecode(std::string_view text);

// HexDecodeInto fills exactly `out`; false when the text has another length or another character.
[[nodiscard]] bool HexDecodeInto(std::string_view text, std::span<std::uint8_t> out);

}  // namespace attestml
