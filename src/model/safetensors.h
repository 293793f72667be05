// The safetensors container as models use it: float32 only. spec/model.md section 2; the reader is in artifact.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "artifact/safetensors.h"
#include "base/bytes.h"
#include "base/result.h"
#include "model/model.h"

namespace attestml::model {

using artifact::kMaxSafetensorsHeader;
using artifact::kMaxTensors;
using artifact::Safetensors;
using artifact::TensorView;

// ReadSafetensors reads a container of F32 tensors. Error ids and borrowing as artifact::ReadSafetensors.
Result<Safetensors> ReadSafetensors(BytesView bytes);

// WriteSafetensors writes one text for one content: header members sorted by name, spaces up to the next multiple of
// eight, data in the order given.
Bytes WriteSafetensors(const std::map<std::string, std::string>& metadata, const std::vector<NamedTensor>& tensors);

}  // namespace attestml::model
