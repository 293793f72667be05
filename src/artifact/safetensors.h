// The safetensors container, for models and datasets alike: eight bytes of length, a JSON header, raw little-endian
// tensors. spec/model.md section 2.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::artifact {

inline constexpr std::size_t kMaxSafetensorsHeader = std::size_t{16} << 20;
inline constexpr std::size_t kMaxTensors = 1024;

enum class ElementType : std::uint8_t { kU8, kI32, kI64, kF32, kF64 };

// "U8", "I32", "I64", "F32", "F64".
std::string_view ElementName(ElementType type);
std::size_t ElementSize(ElementType type);

// TensorView is one entry of a container; `data` borrows from the bytes that were read.
struct TensorView {
  std::string name;
  ElementType type = ElementType::kF32;
  std::vector<std::int64_t> shape;
  BytesView data;
};

struct Safetensors {
  std::map<std::string, std::string> metadata;
  std::vector<TensorView> tensors;  // in the order of their data
};

// ReadSafetensors takes nothing in `bytes` on trust: element types of `allowed` only, offsets that cover the data part
// exactly, in one piece each, without hole, overlap or rest. Error ids safetensors.size, .header, .metadata, .tensor,
// .dtype, .shape, .offsets; json.*. The result borrows from `bytes`.
Result<Safetensors> ReadSafetensors(BytesView bytes, std::span<const ElementType> allowed);

}  // namespace attestml::artifact
