#include "verify/anchors.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/hex.h"
#include "verify/amd_keys.h"
#include "verify/evidence.h"

namespace attestml::verify {
namespace {

// Intel SGX Root CA: https://certificates.trustedservices.intel.com/IntelSGXRootCA.der, since 2018.
constexpr std::string_view kIntelPoint =
    "0ba9c4c0c0c86193a3fe23d6b02cda10a8bbd4e88e48b4458561a36e705525f5"
    "67918e2edc88e40d860bd0cc4ee26aacc988e505a953558c453f6b0904ae7394";
constexpr std::string_view kIntelKeyId = "a0af031289f5d5d4132f9186068a7fc13628633ba235777472e29b6b6c67a49e";
constexpr std::string_view kIntelCertificate = "44a0196b2b99f889b8e149e95b807a350e7424964399e885a7cbb8ccfab674d3";
constexpr std::string_view kIntelName =  // CN=Intel SGX Root CA, O=Intel Corporation, L=Santa Clara, ST=CA, C=US
    "3068"
    "311a301806035504030c11496e74656c2053475820526f6f74204341"
    "311a3018060355040a0c11496e74656c20436f72706f726174696f6e"
    "3114301206035504070c0b53616e746120436c617261"
    "310b300906035504080c024341"
    "310b3009060355040613025553";
constexpr Time kIntelNotBefore{1526899510};  // 2018-05-21T10:45:10Z
constexpr Time kIntelNotAfter{2524607999};   // 2049-12-31T23:59:59Z

// Only for the constants above, whose lengths are right.
crypto::Digest256 DigestFromHex(std::string_view hex) {
  crypto::Digest256 out{};
  if (!HexDecodeInto(hex, out)) out.fill(0);
  return out;
}

}  // namespace

std::span<const TrustAnchor> VendorAnchors() {
  static const auto anchors = [] {
    std::vector<TrustAnchor> out = {{"Intel SGX Root CA", DigestFromHex(kIntelKeyId), false, Vendor::kIntel}};
    for (const AmdKey& key : AmdKeys()) {
      if (key.role != AmdRole::kArk) continue;
      out.push_back({"AMD ARK-" + std::string(ProductLineName(key.line)), key.key_id, false, Vendor::kAmd});
    }
    return out;
  }();
  return anchors;
}

const KnownRoot* FindKnownRoot(const crypto::Digest256& key_id) {
  static const auto intel = [] {
    std::optional<KnownRoot> root;
    const auto point = HexDecode(kIntelPoint);
    const auto name = HexDecode(kIntelName);
    if (!point.ok() || !name.ok()) return root;
    auto key = crypto::PublicKey::FromP256Point(*point);
    if (!key.ok()) return root;
    root.emplace(KnownRoot{std::move(key).value(), *name, kIntelNotBefore, kIntelNotAfter});
    return root;
  }();
  return intel && intel->key.id() == key_id ? &*intel : nullptr;
}

bool IsPublishedRoot(const crypto::Digest256& certificate_sha256) {
  static const crypto::Digest256 intel = DigestFromHex(kIntelCertificate);
  const auto keys = AmdKeys();
  return certificate_sha256 == intel || std::any_of(keys.begin(), keys.end(), [&](const AmdKey& key) {
           return key.role == AmdRole::kArk && key.certificate_sha256 == certificate_sha256;
         });
}

}  // namespace attestml::verify
