// The safetensors container: eight bytes of length, a JSON header, raw little-endian tensors. spec/model.md section 2.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "model/model.h"

namespace attestml::model {

inline constexpr std::size_t kMaxSafetensorsHeader = std::size_t{16} << 20;
inline constexpr std::size_t kMaxTensors = 1024;

// TensorView is one entry of a container; `data` borrows from the bytes that were read.
struct TensorView {
  std::string name;
  std::vector<std::int64_t> shape;
  BytesView data;  // four bytes an element
};

struct Safetensors {
  std::map<std::string, std::string> metadata;
  std::vector<TensorView> tensors;  // in the order of their data
};

// ReadSafetensors takes nothing in `bytes` on trust: F32 only, offsets that cover the data part exactly, in one piece
// each, without hole, overlap or rest. Error ids safetensors.size, .header, .metadata, .tensor, .dtype, .shape,
// .offsets; json.*. The result borrows from `bytes`.
Result<Safetensors> ReadSafetensors(BytesView bytes);

// WriteSafetensors writes one text for one content: header members sorted by name, spaces up to the next multiple of
// eight, data in the order given.
Bytes WriteSafetensors(const std::map<std::string, std::string>& metadata, const std::vector<NamedTensor>& tensors);

}  // namespace attestml::model
