#include "evidence/package.h"

#include "base/base64.h"
#include "base/json.h"

namespace attestml::evidence {
namespace {

constexpr std::string_view kCollectionType = "__cmwc_t";
constexpr std::string_view kType = "urn:attestml:evidence:v1";
constexpr std::size_t kMaxItems = 64;
constexpr std::size_t kMaxItem = std::size_t{4} << 20;
constexpr std::size_t kMaxTotal = std::size_t{16} << 20;
constexpr std::size_t kMaxText = std::size_t{24} << 20;
constexpr std::size_t kMaxName = 128;

// Only a hint for other tools; whoever reads it here looks at the bytes.
std::string_view MediaTypeOf(BytesView bytes) {
  const std::string_view text = AsText(bytes);
  if (text.starts_with("{")) return "application/json";
  if (text.starts_with("-----BEGIN CERTIFICATE")) return "application/pem-certificate-chain";
  return "application/octet-stream";
}

struct Record {
  std::string type;
  Bytes value;
};

// [type, base64url] or [type, base64url, indicator], RFC 9999 section 3.1.
Result<Record> ReadRecord(const Json& value, std::string_view name) {
  const std::string where = "record \"" + std::string(name.substr(0, 64)) + "\"";
  const bool shaped = value.is_array() && (value.size() == 2 || value.size() == 3) && value[0].is_string() &&
                      value[1].is_string() && (value.size() == 2 || value[2].is_number_unsigned());
  if (!shaped) return Malformed("cmw.record", where + " is not [type, base64url]");
  const auto& type = value[0].get_ref<const std::string&>();
  const auto& text = value[1].get_ref<const std::string&>();
  if (type.empty() || type.size() > kMaxName) return Malformed("cmw.record", where + " has no media type");
  if (text.size() > kMaxItem / 3 * 4 + 4) return Malformed("cmw.size", where + " is larger than 4 MiB");
  auto bytes = Base64UrlDecode(text);
  if (!bytes.ok()) return Malformed("cmw.record", where + ": " + bytes.error().message);
  if (bytes->empty()) return Malformed("cmw.record", where + " is empty");
  if (bytes->size() > kMaxItem) return Malformed("cmw.size", where + " is larger than 4 MiB");
  return Record{type, std::move(bytes).value()};
}

Status CheckType(JsonObject* object) {
  ATTESTML_TRY(const std::string type, object->String(kCollectionType));
  if (type != kType) {
    return Unsupported("cmw.type",
                       "collection type is \"" + type.substr(0, 64) + "\", want \"" + std::string(kType) + "\"");
  }
  return {};
}

}  // namespace

std::string EncodeCmw(const EvidencePackage& package) {
  Json collateral = Json::object();
  for (const CollateralItem& item : package.collateral) {
    std::string name =
        item.label.empty() || item.label == kCollectionType ? "item" : item.label.substr(0, kMaxName - 8);
    const std::string stem = name;
    for (int n = 2; collateral.contains(name); ++n) name = stem + "-" + std::to_string(n);
    collateral[name] = Json::array({std::string(MediaTypeOf(item.bytes)), Base64UrlEncode(item.bytes)});
  }
  collateral[std::string(kCollectionType)] = std::string(kType);
  Json out = Json::object();
  out[std::string(kCollectionType)] = std::string(kType);
  out["evidence"] = Json::array({package.media_type, Base64UrlEncode(package.evidence)});
  out["collateral"] = std::move(collateral);
  return DumpJson(out);
}

Result<EvidencePackage> DecodeCmw(std::string_view json) {
  if (json.size() > kMaxText) {
    return Malformed("cmw.size", "collection of " + std::to_string(json.size()) + " bytes, want at most 24 MiB");
  }
  auto parsed = ParseJson(json, {.max_bytes = kMaxText, .max_depth = 4});
  if (!parsed.ok()) return Malformed("cmw.json", parsed.error().message);
  EvidencePackage out;
  JsonObject object(*parsed, "cmw.collection", "CMW collection");
  ATTESTML_CHECK(CheckType(&object));
  ATTESTML_TRY(const Json* evidence, object.Array("evidence"));
  ATTESTML_TRY(const Json* collateral, object.Object("collateral"));
  ATTESTML_CHECK(object.Finish());

  ATTESTML_TRY(Record record, ReadRecord(*evidence, "evidence"));
  out.media_type = std::move(record.type);
  out.evidence = std::move(record.value);

  JsonObject collection(*collateral, "cmw.collection", "collateral");
  ATTESTML_CHECK(CheckType(&collection));
  if (collateral->size() - 1 > kMaxItems) {
    return Malformed("cmw.size", std::to_string(collateral->size() - 1) + " collateral items, want at most 64");
  }
  std::size_t total = out.evidence.size();
  for (const auto& [name, value] : collateral->items()) {
    if (name == kCollectionType) continue;
    if (name.empty() || name.size() > kMaxName)
      return Malformed("cmw.collection", "a collateral label is empty or too long");
    ATTESTML_TRY(Record item, ReadRecord(value, name));
    total += item.value.size();
    if (total > kMaxTotal) return Malformed("cmw.size", "evidence and collateral are larger than 16 MiB");
    out.collateral.push_back({name, std::move(item.value)});
  }
  return out;
}

}  // namespace attestml::evidence
