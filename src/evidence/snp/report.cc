#include "evidence/snp/report.h"

#include <algorithm>
#include <string>

#include "base/byte_reader.h"

namespace attestml::evidence::snp {
namespace {

constexpr std::uint32_t kEcdsaP384 = 1;
constexpr std::size_t kComponentSize = 72;  // of r and s
constexpr std::size_t kScalarSize = 48;
constexpr unsigned kPolicyBits = 26;
constexpr unsigned kPlatformInfoBits = 8;
constexpr unsigned kFlagBits = 5;
constexpr std::uint64_t kPolicyMustBeOne = std::uint64_t{1} << 17;
constexpr std::uint32_t kMaxVmpl = 3;
constexpr std::uint32_t kHostReport = 0xffffffff;  // SNP_HV_REPORT_REQ: the hypervisor asked, not the guest
constexpr std::uint32_t kUnsigned = 7;

template <typename Range>
bool AllAre(const Range& bytes, std::uint8_t value) {
  return std::all_of(bytes.begin(), bytes.end(), [&](std::uint8_t byte) { return byte == value; });
}

// Reads what must be zero, and remembers where it first was not.
class Reserved {
 public:
  [[nodiscard]] bool Read(ByteReader* in, std::size_t n) {
    BytesView bytes;
    if (!in->ReadBytes(n, &bytes)) return false;
    if (!offset_ && !AllAre(bytes, 0)) offset_ = kSignedSize - in->remaining() - n;
    return true;
  }
  // Of the field that begins there; nothing when all were zero.
  const std::optional<std::size_t>& offset() const { return offset_; }

 private:
  std::optional<std::size_t> offset_;
};

bool ReadFirmwareVersion(ByteReader* in, FirmwareVersion* out) {
  return in->ReadU8(&out->build) && in->ReadU8(&out->minor) && in->ReadU8(&out->major);
}

bool ReadBody(ByteReader* in, Report* out, std::uint32_t* algorithm, std::uint32_t* flags, Reserved* reserved) {
  if (!in->ReadU32Le(&out->version) || !in->ReadU32Le(&out->guest_svn) || !in->ReadU64Le(&out->policy.bits) ||
      !in->ReadArray(&out->family_id) || !in->ReadArray(&out->image_id) || !in->ReadU32Le(&out->vmpl) ||
      !in->ReadU32Le(algorithm) || !in->ReadArray(&out->current_tcb) || !in->ReadU64Le(&out->platform_info.bits) ||
      !in->ReadU32Le(flags) || !reserved->Read(in, 4) || !in->ReadArray(&out->report_data) ||
      !in->ReadArray(&out->measurement) || !in->ReadArray(&out->host_data) || !in->ReadArray(&out->id_key_digest) ||
      !in->ReadArray(&out->author_key_digest) || !in->ReadArray(&out->report_id) ||
      !in->ReadArray(&out->report_id_ma) || !in->ReadArray(&out->reported_tcb)) {
    return false;
  }
  if (out->version >= 3) {
    Cpuid& cpuid = out->cpuid.emplace();
    if (!in->ReadU8(&cpuid.family) || !in->ReadU8(&cpuid.model) || !in->ReadU8(&cpuid.stepping)) return false;
  } else if (!reserved->Read(in, 3)) {
    return false;
  }
  if (!reserved->Read(in, 21) || !in->ReadArray(&out->chip_id) || !in->ReadArray(&out->committed_tcb) ||
      !ReadFirmwareVersion(in, &out->current) || !reserved->Read(in, 1) || !ReadFirmwareVersion(in, &out->committed) ||
      !reserved->Read(in, 1) || !in->ReadArray(&out->launch_tcb)) {
    return false;
  }
  if (out->version >= 5) {
    if (!in->ReadU64Le(&out->launch_mitigations.emplace()) || !in->ReadU64Le(&out->current_mitigations.emplace())) {
      return false;
    }
  } else if (!reserved->Read(in, 16)) {
    return false;
  }
  return reserved->Read(in, 152) && in->empty();
}

// The parts of a TCB_VERSION that its product line reserves.
Status CheckTcb(const TcbVersion& tcb, std::string_view name, ProductLine line) {
  const auto parts = TcbParts(line);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (parts[i].name.empty() && tcb[i] != 0) {
      return Malformed("snp.report.tcb", "reserved byte " + std::to_string(i) + " of the " + std::string(name) +
                                             " TCB is " + std::to_string(tcb[i]) + ", want 0");
    }
  }
  return {};
}

Status CheckFlags(std::uint32_t flags, Report* out) {
  if (flags >> kFlagBits != 0) {
    return Malformed("snp.report.flags", "flags are " + std::to_string(flags) + ", want none above bit 4");
  }
  out->author_key = (flags & 1) != 0;
  out->mask_chip_key = (flags >> 1 & 1) != 0;
  switch (const std::uint32_t key = flags >> 2; key) {
    case 0:
      out->signing_key = SigningKey::kVcek;
      return {};
    case 1:
      out->signing_key = SigningKey::kVlek;
      return {};
    default:
      return Unsupported("snp.report.signing_key",
                         key == kUnsigned ? "the host had the report not signed"
                                          : "signing key is " + std::to_string(key) + ", want 0 (VCEK) or 1 (VLEK)");
  }
}

Status CheckBody(const Report& report, std::uint32_t algorithm) {
  if (report.version < 2 || report.version > 5) {
    return Unsupported("snp.report.version", "report version is " + std::to_string(report.version) + ", want 2 to 5");
  }
  if (algorithm != kEcdsaP384) {
    return Unsupported("snp.report.signature_algorithm",
                       "signature algorithm is " + std::to_string(algorithm) + ", want 1 (ECDSA P-384 with SHA-384)");
  }
  if (report.policy.bits >> kPolicyBits != 0 || (report.policy.bits & kPolicyMustBeOne) == 0) {
    return Malformed("snp.report.policy", "guest policy is " + std::to_string(report.policy.bits) +
                                              ", want bit 17 set and none above bit 25");
  }
  if (report.vmpl == kHostReport) {
    return Malformed("snp.report.vmpl", "the host asked for this report, not the guest");
  }
  if (report.vmpl > kMaxVmpl) {
    return Malformed("snp.report.vmpl", "VMPL is " + std::to_string(report.vmpl) + ", want 0 to 3");
  }
  if (report.platform_info.bits >> kPlatformInfoBits != 0) {
    return Malformed(
        "snp.report.platform_info",
        "platform information is " + std::to_string(report.platform_info.bits) + ", want none above bit 7");
  }
  return {};
}

// One of r and s: 72 bytes, little endian, of which P-384 needs 48.
bool ReadComponent(ByteReader* in, std::span<std::uint8_t> out) {
  BytesView bytes;
  if (!in->ReadBytes(kComponentSize, &bytes) || !AllAre(bytes.subspan(kScalarSize), 0)) return false;
  std::reverse_copy(bytes.begin(), bytes.begin() + kScalarSize, out.begin());
  return true;
}

}  // namespace

std::string_view SigningKeyName(SigningKey key) { return key == SigningKey::kVcek ? "VCEK" : "VLEK"; }

std::string FirmwareVersionText(const FirmwareVersion& version) {
  return std::to_string(version.major) + "." + std::to_string(version.minor) + "." + std::to_string(version.build);
}

std::optional<ProductLine> Report::product_line() const {
  if (!cpuid) return std::nullopt;
  return ProductLineOfCpuid(cpuid->family, cpuid->model);
}

bool Report::chip_id_hidden() const { return AllAre(chip_id, 0); }
bool Report::has_migration_agent() const { return !AllAre(report_id_ma, 0xff); }

Result<Report> ParseReport(BytesView bytes) {
  ByteReader in(bytes);
  BytesView report_bytes;
  if (!in.ReadBytes(kReportSize, &report_bytes)) {
    return Malformed("snp.report.truncated", "report of " + std::to_string(bytes.size()) + " bytes, want 1184");
  }
  if (!in.empty()) {
    return Malformed("snp.report.trailing", std::to_string(in.remaining()) + " bytes after the report");
  }
  Report out;
  ByteReader report(report_bytes);
  BytesView signed_bytes;
  if (!report.ReadBytes(kSignedSize, &signed_bytes)) {
    return Malformed("snp.report.truncated", "report ends before its signature");
  }
  ByteReader body(signed_bytes);
  std::uint32_t algorithm = 0;
  std::uint32_t flags = 0;
  Reserved reserved;
  if (!ReadBody(&body, &out, &algorithm, &flags, &reserved)) {
    return Malformed("snp.report.truncated", "report ends before its signature");
  }
  ATTESTML_CHECK(CheckBody(out, algorithm));
  ATTESTML_CHECK(CheckFlags(flags, &out));
  if (const auto line = out.product_line()) {
    ATTESTML_CHECK(CheckTcb(out.current_tcb, "current", *line));
    ATTESTML_CHECK(CheckTcb(out.reported_tcb, "reported", *line));
    ATTESTML_CHECK(CheckTcb(out.committed_tcb, "committed", *line));
    ATTESTML_CHECK(CheckTcb(out.launch_tcb, "launch", *line));
  }
  if (const auto offset = reserved.offset()) {
    return Malformed("snp.report.reserved", "reserved bytes at offset " + std::to_string(*offset) + " of a version " +
                                                std::to_string(out.version) + " report are not zero");
  }
  out.signed_bytes = ToBytes(signed_bytes);

  const std::span<std::uint8_t> signature(out.signature);
  BytesView rest;
  if (!ReadComponent(&report, signature.first(kScalarSize)) || !ReadComponent(&report, signature.last(kScalarSize)) ||
      !report.ReadBytes(report.remaining(), &rest) || !AllAre(rest, 0)) {
    return Malformed("snp.report.signature_size", "r and s are not of 384 bits with zero bytes after them");
  }
  return out;
}

}  // namespace attestml::evidence::snp
