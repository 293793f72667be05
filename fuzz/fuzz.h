// What the targets share. Each is one parser: bytes in; if they parse, what was read is written again and compared.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace attestml::fuzz {

// Require ends the process when `condition` does not hold: libFuzzer keeps the input that led there.
inline void Require(bool condition) {
  if (!condition) std::abort();
}

inline std::string_view Text(const std::uint8_t* data, std::size_t size) { return AsText(BytesView(data, size)); }

}  // namespace attestml::fuzz
