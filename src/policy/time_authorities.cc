#include "policy/time_authorities.h"

#include <algorithm>
#include <string>
#include <utility>

#include "crypto/certificate.h"
#include "crypto/timestamp.h"
#include "policy/requirement_parser.h"

namespace attestml::policy {
namespace {

bool IsDotted(std::string_view oid) {
  bool digit = false;
  for (const char c : oid) {
    if (c == '.' && !digit) return false;
    if (c != '.' && (c < '0' || c > '9')) return false;
    digit = c != '.';
  }
  return digit && oid.find('.') != std::string_view::npos && oid.size() <= 128;
}

Result<verify::TimeAuthority> ReadTimeAuthority(TomlTable& table) {
  verify::TimeAuthority out;
  ATTESTML_TRY(out.name, table.RequiredString("name"));
  ATTESTML_TRY(const auto root, ReadDigest(table, "root"));
  if (!root) return table.At("name", "policy.missing", "want root = \"sha256:…\", the key id of the authority's root");
  out.root = *root;
  ATTESTML_TRY(const std::string pem, table.String("certificates", ""));
  if (!pem.empty()) {
    const auto certificates = crypto::Certificate::FromPem(pem, crypto::kMaxTimestampCertificates);
    if (!certificates.ok()) return table.At("certificates", "policy.value", certificates.error().message);
    for (const crypto::Certificate& each : *certificates) out.certificates.push_back(each.der());
  }
  ATTESTML_TRY(out.policies, table.Strings("policies"));
  for (const std::string& oid : out.policies) {
    if (!IsDotted(oid))
      return table.At("policies", "policy.value", "\"" + oid.substr(0, 80) + "\" is not dotted numbers");
  }
  // An empty list would allow everything while it looks as if it allowed nothing.
  if (table.Has("policies") && out.policies.empty()) {
    return table.At("policies", "policy.value", "is empty: leave it out to accept any of this authority's");
  }
  ATTESTML_CHECK(table.Finish());
  return out;
}

}  // namespace

Result<AsOf> ReadAsOf(TomlTable& trust) {
  ATTESTML_TRY(const auto value, trust.Value("as-of"));
  if (!value) return AsOf::kNever;
  if (value->is_boolean()) return value->get<bool>() ? AsOf::kAsked : AsOf::kNever;
  if (!value->is_string()) return trust.At("as-of", "policy.type", "want true, false or \"stamped\"");
  if (value->get<std::string>() == "stamped") return AsOf::kStamped;
  return trust.At("as-of", "policy.value", "want true, false or \"stamped\"");
}

Result<std::vector<verify::TimeAuthority>> ReadTimeAuthorities(std::vector<TomlTable>& tables) {
  std::vector<verify::TimeAuthority> out;
  for (TomlTable& table : tables) {
    ATTESTML_TRY(verify::TimeAuthority authority, ReadTimeAuthority(table));
    const bool known =
        std::any_of(out.begin(), out.end(), [&](const auto& other) { return other.name == authority.name; });
    if (known) return table.At("name", "policy.duplicate", "\"" + authority.name + "\" stands twice");
    out.push_back(std::move(authority));
  }
  return out;
}

}  // namespace attestml::policy
