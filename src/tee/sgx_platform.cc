#include "tee/sgx_platform.h"

#include <initializer_list>

#include "base/byte_writer.h"
#include "base/hex.h"

namespace attestml::tee {
namespace {

constexpr std::uint8_t kBoolean = 0x01;
constexpr std::uint8_t kInteger = 0x02;
constexpr std::uint8_t kOctets = 0x04;
constexpr std::uint8_t kOid = 0x06;
constexpr std::uint8_t kEnumerated = 0x0a;
constexpr std::uint8_t kSequence = 0x30;
// 1.2.840.113741.1.13.1; the arcs of the parts follow.
constexpr std::array<std::uint8_t, 9> kSgxArc = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

Bytes Tlv(std::uint8_t tag, BytesView value) {
  ByteWriter out;
  out.WriteU8(tag);
  if (value.size() >= 0x100) {
    out.WriteU8(0x82);
    out.WriteU8(static_cast<std::uint8_t>(value.size() >> 8));
  } else if (value.size() >= 0x80) {
    out.WriteU8(0x81);
  }
  out.WriteU8(static_cast<std::uint8_t>(value.size()));
  out.WriteBytes(value);
  return std::move(out).Take();
}

Bytes Join(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}

// SEQUENCE { OID kSgxArc.arcs, value }
Bytes Part(std::initializer_list<std::uint8_t> arcs, const Bytes& value) {
  ByteWriter oid;
  oid.WriteBytes(kSgxArc);
  for (const std::uint8_t arc : arcs) oid.WriteU8(arc);
  return Tlv(kSequence, Join({Tlv(kOid, oid.view()), value}));
}

Bytes Integer(std::uint16_t value) {
  ByteWriter out;
  if (value >= 0x8000) out.WriteU8(0);
  if (value >= 0x80) out.WriteU8(static_cast<std::uint8_t>(value >> 8));
  out.WriteU8(static_cast<std::uint8_t>(value));
  return Tlv(kInteger, out.view());
}

Bytes Boolean(bool value) { return Tlv(kBoolean, Bytes{static_cast<std::uint8_t>(value ? 0xff : 0)}); }

std::string Quoted(std::string_view text) { return "\"" + std::string(text) + "\""; }

std::string UpperHex(BytesView bytes) {
  std::string out = HexEncode(bytes);
  for (char& c : out) {
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

// tcbDate, tcbStatus and, when there are any, advisoryIDs: the tail of every level.
std::string LevelTail(const std::string& date, const std::string& status, const std::vector<std::string>& advisories) {
  std::string out = ",\"tcbDate\":" + Quoted(date) + ",\"tcbStatus\":" + Quoted(status);
  if (advisories.empty()) return out;
  out += ",\"advisoryIDs\":[";
  for (std::size_t i = 0; i < advisories.size(); ++i) out += (i == 0 ? "" : ",") + Quoted(advisories[i]);
  return out + "]";
}

std::string Components(const std::array<std::uint8_t, 16>& components) {
  std::string out = "[";
  for (std::size_t i = 0; i < components.size(); ++i) {
    out += (i == 0 ? "{\"svn\":" : ",{\"svn\":") + std::to_string(components[i]) + "}";
  }
  return out + "]";
}

std::string SvnLevels(const std::vector<SgxQeLevel>& levels) {
  std::string out = "[";
  for (std::size_t i = 0; i < levels.size(); ++i) {
    const SgxQeLevel& level = levels[i];
    out += (i == 0 ? "{\"tcb\":{\"isvsvn\":" : ",{\"tcb\":{\"isvsvn\":") + std::to_string(level.isvsvn) + "}" +
           LevelTail(level.date, level.status, level.advisories) + "}";
  }
  return out + "]";
}

std::string ModuleFields(const TdxModuleIdentity& module) {
  return "\"mrsigner\":" + Quoted(UpperHex(module.mrsigner)) +
         ",\"attributes\":" + Quoted(UpperHex(module.attributes)) +
         ",\"attributesMask\":" + Quoted(UpperHex(module.attributes_mask));
}

// What only documents for TDX have.
std::string TdxMembers(const SgxTcbInfo& info) {
  std::string out;
  if (info.tdx_module) out += ",\"tdxModule\":{" + ModuleFields(*info.tdx_module) + "}";
  if (info.tdx_module_identities.empty()) return out;
  out += ",\"tdxModuleIdentities\":[";
  for (std::size_t i = 0; i < info.tdx_module_identities.size(); ++i) {
    const TdxModuleIdentity& module = info.tdx_module_identities[i];
    out += (i == 0 ? "{\"id\":" : ",{\"id\":") + Quoted(module.id) + "," + ModuleFields(module) +
           ",\"tcbLevels\":" + SvnLevels(module.levels) + "}";
  }
  return out + "]";
}

}  // namespace

Bytes EncodeSgxExtension(const SgxPlatform& platform) {
  Bytes tcb;
  for (std::uint8_t i = 0; i < 16; ++i) {
    tcb = Join({tcb, Part({2, static_cast<std::uint8_t>(i + 1)}, Integer(platform.tcb.components[i]))});
  }
  tcb = Join({tcb, Part({2, 17}, Integer(platform.tcb.pcesvn)), Part({2, 18}, Tlv(kOctets, platform.cpusvn))});
  const Bytes configuration =
      Join({Part({7, 1}, Boolean(platform.dynamic_platform)), Part({7, 2}, Boolean(platform.cached_keys)),
            Part({7, 3}, Boolean(platform.smt_enabled))});
  return Tlv(kSequence,
             Join({Part({1}, Tlv(kOctets, platform.ppid)), Part({2}, Tlv(kSequence, tcb)),
                   Part({3}, Tlv(kOctets, platform.pceid)), Part({4}, Tlv(kOctets, platform.fmspc)),
                   Part({5}, Tlv(kEnumerated, Bytes{platform.sgx_type})), Part({6}, Tlv(kOctets, platform.instance_id)),
                   Part({7}, Tlv(kSequence, configuration))}));
}

std::string WriteTcbInfo(const SgxTcbInfo& info) {
  std::string out =
      "{\"id\":" + Quoted(info.id) + ",\"version\":" + std::to_string(info.version) +
      ",\"issueDate\":" + Quoted(FormatTime(info.issue_date)) +
      ",\"nextUpdate\":" + Quoted(FormatTime(info.next_update)) + ",\"fmspc\":" + Quoted(HexEncode(info.fmspc)) +
      ",\"pceId\":" + Quoted(HexEncode(info.pceid)) + ",\"tcbType\":" + std::to_string(info.tcb_type) +
      ",\"tcbEvaluationDataNumber\":" + std::to_string(info.evaluation_number) + TdxMembers(info) + ",\"tcbLevels\":[";
  for (std::size_t i = 0; i < info.levels.size(); ++i) {
    const SgxTcbLevel& level = info.levels[i];
    out += (i == 0 ? "{\"tcb\":{\"sgxtcbcomponents\":" : ",{\"tcb\":{\"sgxtcbcomponents\":") +
           Components(level.tcb.components) + ",\"pcesvn\":" + std::to_string(level.tcb.pcesvn);
    if (level.tdx_components) out += ",\"tdxtcbcomponents\":" + Components(*level.tdx_components);
    out += "}" + LevelTail(level.date, level.status, level.advisories) + "}";
  }
  return out + "]}";
}

std::string WriteQeIdentity(const SgxQeIdentity& identity) {
  std::string out = "{\"id\":" + Quoted(identity.id) + ",\"version\":" + std::to_string(identity.version) +
                    ",\"issueDate\":" + Quoted(FormatTime(identity.issue_date)) +
                    ",\"nextUpdate\":" + Quoted(FormatTime(identity.next_update)) +
                    ",\"tcbEvaluationDataNumber\":" + std::to_string(identity.evaluation_number) +
                    ",\"miscselect\":" + Quoted(UpperHex(identity.miscselect)) +
                    ",\"miscselectMask\":" + Quoted(UpperHex(identity.miscselect_mask)) +
                    ",\"attributes\":" + Quoted(UpperHex(identity.attributes)) +
                    ",\"attributesMask\":" + Quoted(UpperHex(identity.attributes_mask)) +
                    ",\"mrsigner\":" + Quoted(UpperHex(identity.mrsigner)) +
                    ",\"isvprodid\":" + std::to_string(identity.isvprodid) +
                    ",\"tcbLevels\":" + SvnLevels(identity.levels);
  return out + "}";
}

std::string SignDocument(std::string_view name, std::string_view body, const crypto::PrivateKey& key) {
  return "{" + Quoted(name) + ":" + std::string(body) +
         ",\"signature\":" + Quoted(HexEncode(key.SignRaw(AsBytes(body)))) + "}";
}

}  // namespace attestml::tee
