#include "evidence/sgx/pck.h"

#include <algorithm>
#include <string>

#include "crypto/der.h"

namespace attestml::evidence::sgx {
namespace {

using crypto::DerReader;

// 1.2.840.113741.1.13.1 as the content octets of an OBJECT IDENTIFIER; members add one or two octets.
constexpr std::array<std::uint8_t, 9> kPrefix = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

Error Bad(std::string message) { return Malformed("sgx.pck.extension", std::move(message)); }

// The octets after `prefix`, when `oid` starts with it.
std::optional<BytesView> Suffix(BytesView oid, BytesView prefix) {
  if (oid.size() < prefix.size() || !std::equal(prefix.begin(), prefix.end(), oid.begin())) return std::nullopt;
  return oid.subspan(prefix.size());
}

template <std::size_t N>
bool ReadOctets(DerReader* in, std::array<std::uint8_t, N>* out) {
  BytesView content;
  if (!in->Read(crypto::kDerOctetString, &content) || content.size() != N) return false;
  std::copy(content.begin(), content.end(), out->begin());
  return true;
}

// Walks SEQUENCE OF SEQUENCE { OID, value } and gives each member with OID `prefix`.n to `read(n, value)`, at most once
// for each n. The value's reader must be empty afterwards.
template <typename Read>
Status ReadMembers(DerReader in, BytesView prefix, Read read) {
  std::uint32_t seen = 0;
  while (!in.empty()) {
    DerReader member;
    BytesView oid;
    if (!in.ReadSequence(&member) || !member.Read(crypto::kDerOid, &oid))
      return Bad("a member is not an OID and a value");
    const auto suffix = Suffix(oid, prefix);
    if (!suffix || suffix->size() != 1 || (*suffix)[0] >= 32) continue;
    const unsigned n = (*suffix)[0];
    if ((seen >> n & 1U) != 0) return Bad("member " + std::to_string(n) + " stands twice");
    seen |= 1U << n;
    if (!read(n, &member) || !member.empty()) return Bad("member " + std::to_string(n) + " is malformed");
  }
  return {};
}

constexpr std::array<std::uint8_t, kPrefix.size() + 1> Under(std::uint8_t n) {
  std::array<std::uint8_t, kPrefix.size() + 1> out{};
  std::copy(kPrefix.begin(), kPrefix.end(), out.begin());
  out.back() = n;
  return out;
}

Status ReadTcb(DerReader in, PckExtension* out) {
  std::uint32_t got = 0;
  const auto prefix = Under(2);
  ATTESTML_CHECK(ReadMembers(in, prefix, [&](unsigned n, DerReader* value) {
    if (n == 18) return ReadOctets(value, &out->cpu_svn) && (got |= 1U << n) != 0;
    std::uint64_t number = 0;
    if (n < 1 || n > 17) return false;
    if (!value->ReadUnsigned(&number) || number > (n == 17 ? 0xffffU : 0xffU)) return false;
    if (n == 17) {
      out->pce_svn = static_cast<std::uint16_t>(number);
    } else {
      out->components[n - 1] = static_cast<std::uint8_t>(number);
    }
    got |= 1U << n;
    return true;
  }));
  if (got != 0x7fffe) return Bad("TCB does not hold 16 components, PCESVN and CPUSVN");
  return {};
}

Result<PckConfiguration> ReadConfiguration(DerReader in) {
  PckConfiguration out;
  const auto prefix = Under(7);
  ATTESTML_CHECK(ReadMembers(in, prefix, [&](unsigned n, DerReader* value) {
    bool flag = false;
    if (n < 1 || n > 3 || !value->ReadBoolean(&flag)) return false;
    (n == 1 ? out.dynamic_platform : n == 2 ? out.cached_keys : out.smt_enabled) = flag;
    return true;
  }));
  return out;
}

}  // namespace

Result<PckExtension> ParsePckExtension(BytesView der) {
  DerReader outer(der);
  DerReader in;
  if (!outer.ReadSequence(&in) || !outer.empty()) return Bad("SGX extension is not one SEQUENCE");
  PckExtension out;
  std::uint32_t got = 0;
  DerReader tcb;
  std::optional<DerReader> configuration;
  ATTESTML_CHECK(ReadMembers(in, kPrefix, [&](unsigned n, DerReader* value) {
    got |= 1U << n;
    switch (n) {
      case 1:
        return ReadOctets(value, &out.ppid);
      case 2:
        return value->ReadSequence(&tcb);
      case 3:
        return ReadOctets(value, &out.pce_id);
      case 4:
        return ReadOctets(value, &out.fmspc);
      case 5: {
        std::uint64_t type = 0;
        if (!value->ReadUnsigned(&type, crypto::kDerEnumerated) || type > 0xff) return false;
        out.sgx_type = static_cast<std::uint8_t>(type);
        return true;
      }
      case 6:
        return ReadOctets(value, &out.platform_instance_id.emplace());
      case 7:
        return value->ReadSequence(&configuration.emplace());
      default: {
        crypto::DerValue unknown;
        return value->Read(&unknown);
      }
    }
  }));
  if ((got & 0x3e) != 0x3e) return Bad("SGX extension lacks one of PPID, TCB, PCEID, FMSPC, SGX type");
  ATTESTML_CHECK(ReadTcb(tcb, &out));
  if (configuration) {
    ATTESTML_TRY(out.configuration, ReadConfiguration(*configuration));
  }
  return out;
}

Result<PckExtension> PckExtensionOf(const crypto::Certificate& certificate) {
  const auto value = certificate.extension(kPckExtensionOid);
  if (!value) return Bad("certificate has no SGX extension, or two");
  return ParsePckExtension(*value);
}

}  // namespace attestml::evidence::sgx
