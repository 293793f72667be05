#include "verify/amd_keys.h"

#include <algorithm>
#include <array>

#include "base/hex.h"

namespace attestml::verify {
namespace {

using evidence::snp::ProductLine;

// Only for the constants below, whose lengths are right.
crypto::Digest256 FromHex(std::string_view hex) {
  crypto::Digest256 out{};
  if (!HexDecodeInto(hex, out)) out.fill(0);
  return out;
}

}  // namespace

// https://kdsintf.amd.com/vcek/v1/{Milan,Genoa,Turin}/cert_chain (ASK, ARK), …/vlek/v1/…/cert_chain (ASVK, ARK).
std::span<const AmdKey> AmdKeys() {
  static const std::array<AmdKey, 9> keys = {{
      {ProductLine::kMilan, AmdRole::kArk, FromHex("9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9"),
       FromHex("69d063b45344d26a2e94e1f4210de49ef555308287d4c174445c95639a540bcd")},
      {ProductLine::kMilan, AmdRole::kAsk, FromHex("42491669ccb851d627ea9846cd24eccbeb7de7c2a62740120fff88001d38ebb6"),
       FromHex("67d303bd3905fd38db8b20e0793699870e7fa612eaad5dec358293fd8c0bac1b")},
      {ProductLine::kMilan, AmdRole::kAsvk, FromHex("66450a123ea5876206df67f2514a4fea224c0f63b18313423078b0edc4535e33"),
       FromHex("c5e081f59b7efab1fe2f8b505e159704e72f29cab7ef7cf628a05a42439082f5")},
      {ProductLine::kGenoa, AmdRole::kArk, FromHex("429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831"),
       FromHex("4c6598d19c18719c5dfd4a7d335f674e5bfe1d8f800cea2cf270c10d103db2f1")},
      {ProductLine::kGenoa, AmdRole::kAsk, FromHex("0324d55bcd48ba877a8fd87c0e1b4934dec8448e3807a24384a34dc6a6c9ebb8"),
       FromHex("5464738c1546aed5f2cecf1dc98c5c960a92e8913238a61711bc90ec6e828521")},
      {ProductLine::kGenoa, AmdRole::kAsvk, FromHex("7d1633252ebbadaa75f96e9b4e6f7d43a90ceb3f843937482630f8da2459264e"),
       FromHex("197e610743a917d6b9bb982a5a9226ccc0a15b611be0619e626aca9151457372")},
      {ProductLine::kTurin, AmdRole::kArk, FromHex("4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08"),
       FromHex("1f084161a44bb6d93778a904877d4819cafa5d05ef4193b2ded9dd9c73dd3f6a")},
      {ProductLine::kTurin, AmdRole::kAsk, FromHex("0000ead352025f208bf55297c4192c34cd1b878002107366d8f2065a9ae7d3a9"),
       FromHex("5b77ef5fe7a7a004fd9032668fba9d0fda22f88c4442069a479636a6ae3b3185")},
      {ProductLine::kTurin, AmdRole::kAsvk, FromHex("bfc441408b2f806c5dbf180bd8920e6e60dd404d82141780d85dbf962954d386"),
       FromHex("104e10a8bd060a3c20a434261a57d0588fd65a88915b4f65b08bdecaf8df1a3c")},
  }};
  return keys;
}

const AmdKey* FindAmdKey(const crypto::Digest256& key_id) {
  const auto keys = AmdKeys();
  const auto it = std::find_if(keys.begin(), keys.end(), [&](const AmdKey& key) { return key.key_id == key_id; });
  return it == keys.end() ? nullptr : &*it;
}

}  // namespace attestml::verify
