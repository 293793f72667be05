#include "policy/roots.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "policy/requirement_parser.h"

namespace attestml::policy {
namespace {

using verify::TrustAnchor;
using verify::Vendor;

constexpr std::array<std::string_view, 3> kVendorNames = {"intel", "amd", "aws"};
constexpr std::array<Vendor, 3> kVendors = {Vendor::kIntel, Vendor::kAmd, Vendor::kAws};

Result<TrustAnchor> ReadRoot(TomlTable& table) {
  TrustAnchor out;
  ATTESTML_TRY(out.name, table.RequiredString("name"));
  ATTESTML_TRY(const auto key, ReadDigest(table, "key"));
  if (!key) return table.At("name", "policy.missing", "want key = \"sha256:…\", of the root's SubjectPublicKeyInfo");
  out.key_id = *key;
  ATTESTML_TRY(const std::string vendor, table.RequiredString("vendor"));
  ATTESTML_CHECK(CheckName(table, "vendor", vendor, kVendorNames));
  const auto at = std::find(kVendorNames.begin(), kVendorNames.end(), vendor) - kVendorNames.begin();
  out.vendor = kVendors[static_cast<std::size_t>(at)];
  ATTESTML_CHECK(table.Finish());
  return out;
}

}  // namespace

Result<std::vector<TrustAnchor>> ReadRoots(std::vector<TomlTable>& tables, std::span<const crypto::Digest256> removed) {
  std::vector<TrustAnchor> out;
  for (const TrustAnchor& anchor : verify::VendorAnchors()) {
    if (std::find(removed.begin(), removed.end(), anchor.key_id) == removed.end()) out.push_back(anchor);
  }
  for (TomlTable& table : tables) {
    ATTESTML_TRY(TrustAnchor root, ReadRoot(table));
    // A built-in root under another vendor's name would be two anchors; a removed one added again, a contradiction.
    const auto same = [&](const TrustAnchor& other) { return other.key_id == root.key_id; };
    const auto vendors = verify::VendorAnchors();
    if (std::any_of(out.begin(), out.end(), same) || std::any_of(vendors.begin(), vendors.end(), same)) {
      return table.At("key", "policy.duplicate", "is a root already");
    }
    out.push_back(std::move(root));
  }
  return out;
}

}  // namespace attestml::policy
