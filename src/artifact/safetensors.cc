#include "artifact/safetensors.h"

#include <algorithm>
#include <array>

#include "base/byte_reader.h"
#include "base/json.h"

namespace attestml::artifact {
namespace {

constexpr std::string_view kMetadata = "__metadata__";
constexpr std::size_t kMaxRank = 8;

std::string Quoted(std::string_view name) { return "\"" + std::string(name.substr(0, 64)) + "\""; }

struct Entry {
  TensorView tensor;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

// Name and size in bytes, in the order of ElementType.
constexpr std::array<std::pair<std::string_view, std::size_t>, 5> kElements = {
    {{"U8", 1}, {"I32", 4}, {"I64", 8}, {"F32", 4}, {"F64", 8}}};

Result<ElementType> ReadType(const std::string& what, const std::string& name, std::span<const ElementType> allowed) {
  std::string want;
  for (const ElementType type : allowed) {
    if (ElementName(type) == name) return type;
    want += (want.empty() ? "\"" : ", \"") + std::string(ElementName(type)) + "\"";
  }
  return Malformed("safetensors.dtype", what + " has dtype " + Quoted(name) + ", want " + want);
}

Result<Entry> ReadEntry(const std::string& name, const Json& value, std::span<const ElementType> allowed) {
  const std::string what = "tensor " + Quoted(name);
  JsonObject object(value, "safetensors.tensor", what);
  ATTESTML_TRY(const std::string dtype, object.String("dtype"));
  ATTESTML_TRY(const Json* shape, object.Array("shape"));
  ATTESTML_TRY(const Json* offsets, object.Array("data_offsets"));
  ATTESTML_CHECK(object.Finish());

  Entry entry;
  entry.tensor.name = name;
  ATTESTML_TRY(entry.tensor.type, ReadType(what, dtype, allowed));
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
  const std::uint64_t bytes = ElementSize(entry.tensor.type) * count;
  if (entry.end < entry.begin || entry.end - entry.begin != bytes) {
    return Malformed("safetensors.offsets", what + " has offsets " + std::to_string(entry.begin) + " to " +
                                                std::to_string(entry.end) + ", want " + std::to_string(bytes) +
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

std::string_view ElementName(ElementType type) { return kElements[static_cast<std::size_t>(type)].first; }
std::size_t ElementSize(ElementType type) { return kElements[static_cast<std::size_t>(type)].second; }

Result<Safetensors> ReadSafetensors(BytesView bytes, std::span<const ElementType> allowed) {
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
      ATTESTML_TRY(Entry entry, ReadEntry(item.key(), item.value(), allowed));
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

}  // namespace attestml::artifact
