#include "model/safetensors.h"

#include <algorithm>
#include <bit>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/json.h"

namespace attestml::model {
namespace {

constexpr std::string_view kMetadata = "__metadata__";
constexpr std::size_t kMaxRank = 8;

std::string Quoted(std::string_view name) { return "\"" + std::string(name.substr(0, 64)) + "\""; }

struct Entry {
  TensorView tensor;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

Result<Entry> ReadEntry(const std::string& name, const Json& value) {
  const std::string what = "tensor " + Quoted(name);
  JsonObject object(value, "safetensors.tensor", what);
  ATTESTML_TRY(const std::string dtype, object.String("dtype"));
  ATTESTML_TRY(const Json* shape, object.Array("shape"));
  ATTESTML_TRY(const Json* offsets, object.Array("data_offsets"));
  ATTESTML_CHECK(object.Finish());
  if (dtype != "F32") return Malformed("safetensors.dtype", what + " has dtype " + Quoted(dtype) + ", want \"F32\"");

  Entry entry;
  entry.tensor.name = name;
  if (shape->empty() || shape->size() > kMaxRank) {
    return Malformed("safetensors.shape", what + " has " + std::to_string(shape->size()) + " dimensions, want 1 to 8");
  }
  std::uint64_t count = 1;
  for (const Json& size : *shape) {
    if (!size.is_number_unsigned()) return Malformed("safetensors.shape", what + " has a size that is no number");
    const auto n = size.get<std::uint64_t>();
    // Sizes of at most 2^32 and a product of at most 2^31 so far: the multiplication cannot overflow.
    if (n == 0 || n > (std::uint64_t{1} << 32)) {
      return Malformed("safetensors.shape", what + " has a size of " + std::to_string(n));
    }
    count *= n;
    if (count > (std::uint64_t{1} << 31)) return Malformed("safetensors.shape", what + " has over 2^31 elements");
    entry.tensor.shape.push_back(static_cast<std::int64_t>(n));
  }

  if (offsets->size() != 2 || !(*offsets)[0].is_number_unsigned() || !(*offsets)[1].is_number_unsigned()) {
    return Malformed("safetensors.offsets", what + " has offsets that are not two numbers");
  }
  entry.begin = (*offsets)[0].get<std::uint64_t>();  // at most 2^53, json.h
  entry.end = (*offsets)[1].get<std::uint64_t>();
  if (entry.end < entry.begin || entry.end - entry.begin != 4 * count) {
    return Malformed("safetensors.offsets", what + " has offsets " + std::to_string(entry.begin) + " to " +
                                                std::to_string(entry.end) + ", want " + std::to_string(4 * count) +
                                                " bytes");
  }
  return entry;
}

Result<std::map<std::string, std::string>> ReadMetadata(const Json& value) {
  if (!value.is_object()) return Malformed("safetensors.metadata", "__metadata__ is not an object");
  std::map<std::string, std::string> metadata;
  for (const auto& item : value.items()) {
    if (!item.value().is_string()) {
      return Malformed("safetensors.metadata", "metadata " + Quoted(item.key()) + " is not a string");
    }
    metadata.emplace(item.key(), item.value().get_ref<const std::string&>());
  }
  return metadata;
}

}  // namespace

Result<Safetensors> ReadSafetensors(BytesView bytes) {
  ByteReader in(bytes);
  std::uint64_t header_size = 0;
  BytesView header_bytes;
  if (!in.ReadU64Le(&header_size)) {
    return Malformed("safetensors.size", "file of " + std::to_string(bytes.size()) + " bytes, want at least 8");
  }
  if (header_size > kMaxSafetensorsHeader) {
    return Malformed("safetensors.header", "header of " + std::to_string(header_size) + " bytes, want at most " +
                                               std::to_string(kMaxSafetensorsHeader));
  }
  if (!in.ReadBytes(static_cast<std::size_t>(header_size), &header_bytes)) {
    return Malformed("safetensors.header", "header of " + std::to_string(header_size) + " bytes runs past the end");
  }
  if (header_bytes.empty() || header_bytes[0] != '{') {
    return Malformed("safetensors.header", "header does not begin with {");
  }
  JsonLimits limits;
  limits.max_depth = 4;
  auto header = ParseJson(AsText(header_bytes), limits);
  if (!header.ok()) return Within("safetensors header", std::move(header).error());
  if (!header->is_object()) return Malformed("safetensors.header", "header is not an object");
  if (header->size() > kMaxTensors + 1) {
    return Malformed("safetensors.header",
                     std::to_string(header->size()) + " tensors, want at most " + std::to_string(kMaxTensors));
  }

  Safetensors out;
  std::vector<Entry> entries;
  for (const auto& item : header->items()) {
    if (item.key() == kMetadata) {
      ATTESTML_TRY(out.metadata, ReadMetadata(item.value()));
    } else {
      ATTESTML_TRY(Entry entry, ReadEntry(item.key(), item.value()));
      entries.push_back(std::move(entry));
    }
  }

  // In the order of their data each tensor must begin where the one before it ended, and the last end the file.
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.begin < b.begin; });
  std::uint64_t position = 0;
  for (Entry& entry : entries) {
    if (entry.begin != position) {
      return Malformed("safetensors.offsets", "tensor " + Quoted(entry.tensor.name) + " begins at " +
                                                  std::to_string(entry.begin) + ", want " + std::to_string(position));
    }
    if (!in.ReadBytes(static_cast<std::size_t>(entry.end - entry.begin), &entry.tensor.data)) {
      return Malformed("safetensors.offsets", "tensor " + Quoted(entry.tensor.name) + " runs past the end");
    }
    position = entry.end;
    out.tensors.push_back(std::move(entry.tensor));
  }
  if (!in.empty()) {
    return Malformed("safetensors.size", std::to_string(in.remaining()) + " bytes after the last tensor");
  }
  return out;
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
