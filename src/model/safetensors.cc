#include "model/safetensors.h"

#include <bit>

#include "base/byte_writer.h"
#include "base/json.h"

namespace attestml::model {
namespace {

constexpr std::string_view kMetadata = "__metadata__";

}  // namespace

Result<Safetensors> ReadSafetensors(BytesView bytes) {
  constexpr artifact::ElementType kOnly[] = {artifact::ElementType::kF32};
  return artifact::ReadSafetensors(bytes, kOnly);
}

Bytes WriteSafetensors(const std::map<std::string, std::string>& metadata, const std::vector<NamedTensor>& tensors) {
  Json header = Json::object();
  if (!metadata.empty()) {
    Json object = Json::object();
    for (const auto& [key, value] : metadata) object[key] = value;
    header[std::string(kMetadata)] = std::move(object);
  }
  std::uint64_t position = 0;
  for (const NamedTensor& tensor : tensors) {
    Json shape = Json::array();
    for (const std::int64_t size : tensor.shape) shape.push_back(static_cast<std::uint64_t>(size));
    const std::uint64_t end = position + 4 * static_cast<std::uint64_t>(tensor.values.size());
    header[tensor.name] = {{"dtype", "F32"}, {"shape", std::move(shape)}, {"data_offsets", {position, end}}};
    position = end;
  }
  std::string text = DumpJson(header);
  text.resize((text.size() + 7) / 8 * 8, ' ');

  ByteWriter out;
  out.WriteU64Le(text.size());
  out.WriteText(text);
  if constexpr (std::endian::native == std::endian::little) {
    for (const NamedTensor& tensor : tensors) {
      out.WriteBytes({reinterpret_cast<const std::uint8_t*>(tensor.values.data()), 4 * tensor.values.size()});
    }
  } else {
    for (const NamedTensor& tensor : tensors) {
      for (const float value : tensor.values) out.WriteU32Le(std::bit_cast<std::uint32_t>(value));
    }
  }
  return std::move(out).Take();
}

}  // namespace attestml::model
