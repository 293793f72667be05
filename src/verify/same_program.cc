#include "verify/same_program.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "base/hex.h"

namespace attestml::verify {
namespace {

// All that is not named here is compared, so that a register which is new is.
constexpr std::array<std::string_view, 9> kMayChange = {
    // TDX: RTMR3 is the applications' to extend; the TDX module may be updated under a running TD.
    "rtmr3", "mrseam", "mrsignerseam",
    // SEV-SNP: of the machine and its firmware as they are now; a migration agent may be bound later.
    "platform_info", "smt", "report_id_ma", "current_mit_vector",
    // Nitro: what was asked for.
    "user_data", "public_key"};

// Nitro: PCR16 and above are the enclave's own to extend.
bool IsFreePcr(std::string_view name) {
  unsigned index = 0;
  if (!name.starts_with("pcr")) return false;
  const auto [end, error] = std::from_chars(name.data() + 3, name.data() + name.size(), index);
  return error == std::errc() && end == name.data() + name.size() && index >= 16;
}

bool MayChange(std::string_view name) {
  return std::find(kMayChange.begin(), kMayChange.end(), name) != kMayChange.end() || IsFreePcr(name);
}

const Register* Find(const VerifiedEvidence& evidence, std::string_view name) {
  for (const Register& each : evidence.facts().registers) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

std::string ShortHex(BytesView bytes) {
  const std::string hex = HexEncode(bytes);
  return hex.size() <= 32 ? hex : hex.substr(0, 16) + "…";
}

std::string Differ(std::string_view what, std::string_view a, std::string_view b) {
  return std::string(what) + " " + std::string(a) + " and " + std::string(b);
}

}  // namespace

std::string DescribeDifference(const VerifiedEvidence& a, const VerifiedEvidence& b) {
  if (a.tee() != b.tee()) return Differ("TEE", a.tee(), b.tee());
  if (a.format() != b.format()) return Differ("format", a.format(), b.format());
  if (a.root() != b.root()) return Differ("root", ShortHex(a.root()), ShortHex(b.root()));
  if (a.measurement() != b.measurement()) {
    return Differ("measurement", ShortHex(a.measurement()), ShortHex(b.measurement()));
  }
  if (a.signer() != b.signer()) return Differ("signer", ShortHex(a.signer()), ShortHex(b.signer()));
  if (a.product_id() != b.product_id()) {
    return Differ("product", std::to_string(a.product_id()), std::to_string(b.product_id()));
  }
  if (a.security_version() != b.security_version()) {
    return Differ("security version", std::to_string(a.security_version()), std::to_string(b.security_version()));
  }
  if (a.debug() != b.debug()) return "debug in one of them only";
  for (const Register& of_a : a.facts().registers) {
    if (MayChange(of_a.name)) continue;
    const Register* of_b = Find(b, of_a.name);
    if (of_b == nullptr) return "register " + of_a.name + " in one of them only";
    if (of_b->value != of_a.value) return Differ(of_a.name, ShortHex(of_a.value), ShortHex(of_b->value));
  }
  for (const Register& of_b : b.facts().registers) {
    if (!MayChange(of_b.name) && Find(a, of_b.name) == nullptr) {
      return "register " + of_b.name + " in one of them only";
    }
  }
  return "";
}

}  // namespace attestml::verify
