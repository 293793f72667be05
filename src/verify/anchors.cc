#include "verify/anchors.h"

#include <algorithm>
#include <array>
#include <optional>
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

// AWS Nitro Enclaves Root-G1: https://aws-nitro-enclaves.amazonaws.com/AWS_NitroEnclaves_Root-G1.zip, since 2019.
constexpr std::string_view kAwsPoint =
    "fc0254eba608c1f36870e29ada90be46383292736e894bfff672d989444b5051e534a4b1f6dbe3c0bc581a32b7b17607"
    "0ede12d69a3fea211b66e752cf7dd1dd095f6f1370f4170843d9dc100121e4cf63012809664487c9796284304dc53ff4";
constexpr std::string_view kAwsKeyId = "f2caf5ecc6190b4a8399b78bc58a2bbcd0382375db8a1bfd78a82743874fd225";
constexpr std::string_view kAwsCertificate = "641a0321a3e244efe456463195d606317ed7cdcc3c1756e09893f3c68f79bb5b";
constexpr std::string_view kAwsName =  // C=US, O=Amazon, OU=AWS, CN=aws.nitro-enclaves
    "3049"
    "310b3009060355040613025553"
    "310f300d060355040a0c06416d617a6f6e"
    "310c300a060355040b0c03415753"
    "311b301906035504030c126177732e6e6974726f2d656e636c61766573";
constexpr Time kAwsNotBefore{1572269285};  // 2019-10-28T13:28:05Z
constexpr Time kAwsNotAfter{2519044085};   // 2049-10-28T14:28:05Z

// Only for the constants above, whose lengths are right.
crypto::Digest256 DigestFromHex(std::string_view hex) {
  crypto::Digest256 out{};
  if (!HexDecodeInto(hex, out)) out.fill(0);
  return out;
}

std::optional<KnownRoot> MakeRoot(Result<crypto::PublicKey> (*key_of)(BytesView), std::string_view point,
                                  std::string_view name, Time not_before, Time not_after) {
  const auto point_bytes = HexDecode(point);
  const auto name_bytes = HexDecode(name);
  if (!point_bytes.ok() || !name_bytes.ok()) return std::nullopt;
  auto key = key_of(*point_bytes);
  if (!key.ok()) return std::nullopt;
  return KnownRoot{std::move(key).value(), *name_bytes, not_before, not_after};
}

}  // namespace

std::span<const TrustAnchor> VendorAnchors() {
  static const auto anchors = [] {
    std::vector<TrustAnchor> out = {
        {"Intel SGX Root CA", DigestFromHex(kIntelKeyId), false, Vendor::kIntel},
        {"AWS Nitro Enclaves Root-G1", DigestFromHex(kAwsKeyId), false, Vendor::kAws},
    };
    for (const AmdKey& key : AmdKeys()) {
      if (key.role != AmdRole::kArk) continue;
      out.push_back({"AMD ARK-" + std::string(ProductLineName(key.line)), key.key_id, false, Vendor::kAmd});
    }
    return out;
  }();
  return anchors;
}

const KnownRoot* FindKnownRoot(const crypto::Digest256& key_id) {
  static const std::array<std::optional<KnownRoot>, 2> roots = {
      MakeRoot(crypto::PublicKey::FromP256Point, kIntelPoint, kIntelName, kIntelNotBefore, kIntelNotAfter),
      MakeRoot(crypto::PublicKey::FromP384Point, kAwsPoint, kAwsName, kAwsNotBefore, kAwsNotAfter),
  };
  for (const auto& root : roots) {
    if (root && root->key.id() == key_id) return &*root;
  }
  return nullptr;
}

bool IsPublishedRoot(const crypto::Digest256& certificate_sha256) {
  static const crypto::Digest256 intel = DigestFromHex(kIntelCertificate);
  static const crypto::Digest256 aws = DigestFromHex(kAwsCertificate);
  const auto keys = AmdKeys();
  return certificate_sha256 == intel || certificate_sha256 == aws ||
         std::any_of(keys.begin(), keys.end(), [&](const AmdKey& key) {
           return key.role == AmdRole::kArk && key.certificate_sha256 == certificate_sha256;
         });
}

}  // namespace attestml::verify
