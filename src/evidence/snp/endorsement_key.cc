#include "evidence/snp/endorsement_key.h"

#include <algorithm>

#include "crypto/der.h"

namespace attestml::evidence::snp {
namespace {

using crypto::Certificate;

constexpr std::string_view kBase = "1.3.6.1.4.1.3704.1.";
constexpr std::string_view kStructVersion = "1";
constexpr std::string_view kProductName = "2";
constexpr std::string_view kHardwareId = "4";
constexpr std::string_view kCspId = "5";
constexpr std::uint8_t kDerIa5String = 0x16;
constexpr unsigned kMaxSplOid = 9;
constexpr std::size_t kHardwareIdSize = 64;
constexpr std::size_t kTurinHardwareIdSize = 8;

Error Bad(std::string message) { return Malformed("snp.vek.extension", std::move(message)); }

std::string Oid(std::string_view suffix) { return std::string(kBase) + std::string(suffix); }
std::string SplOid(unsigned n) { return Oid("3." + std::to_string(n)); }

bool Has(const Certificate& certificate, const std::string& oid) { return certificate.extension_count(oid) != 0; }

Result<Bytes> Value(const Certificate& certificate, const std::string& oid) {
  auto value = certificate.extension(oid);
  if (!value) return Bad("extension " + oid + " is absent, or stands twice");
  return *std::move(value);
}

Result<std::uint8_t> ReadNumber(const Certificate& certificate, const std::string& oid) {
  ATTESTML_TRY(const Bytes value, Value(certificate, oid));
  crypto::DerReader in(value);
  std::uint64_t number = 0;
  if (!in.ReadUnsigned(&number) || !in.empty() || number > 0xff) {
    return Bad("extension " + oid + " is not a number of one byte");
  }
  return static_cast<std::uint8_t>(number);
}

Result<std::string> ReadText(const Certificate& certificate, const std::string& oid) {
  ATTESTML_TRY(const Bytes value, Value(certificate, oid));
  crypto::DerReader in(value);
  BytesView text;
  const auto printable = [](std::uint8_t c) { return c >= 0x20 && c < 0x7f; };
  if (!in.Read(kDerIa5String, &text) || !in.empty() || text.empty() ||
      !std::all_of(text.begin(), text.end(), printable)) {
    return Bad("extension " + oid + " is not printable text");
  }
  return std::string(AsText(text));
}

Status ReadTcb(const Certificate& certificate, EndorsementKey* out) {
  const auto parts = TcbParts(out->line);
  for (unsigned oid = 1; oid <= kMaxSplOid; ++oid) {
    const auto part = std::find_if(parts.begin(), parts.end(), [&](const TcbPart& p) { return p.oid == oid; });
    if (part == parts.end()) {
      if (Has(certificate, SplOid(oid))) {
        return Bad("extension " + SplOid(oid) + " is in a certificate of " + out->product_name +
                   ", which has no such part");
      }
      continue;
    }
    ATTESTML_TRY(out->tcb[static_cast<std::size_t>(part - parts.begin())], ReadNumber(certificate, SplOid(oid)));
  }
  return {};
}

Status ReadOwner(const Certificate& certificate, EndorsementKey* out) {
  const bool chip = Has(certificate, Oid(kHardwareId));
  const bool provider = Has(certificate, Oid(kCspId));
  if (chip == provider) {
    return Bad(chip ? "certificate names both a chip (hwID) and a provider (cspID)"
                    : "certificate names neither a chip (hwID) nor a provider (cspID)");
  }
  out->kind = chip ? SigningKey::kVcek : SigningKey::kVlek;
  if (provider) {
    ATTESTML_TRY(out->csp_id, ReadText(certificate, Oid(kCspId)));
  } else {
    ATTESTML_TRY(out->hardware_id, Value(certificate, Oid(kHardwareId)));
    const std::size_t want = out->line == ProductLine::kTurin ? kTurinHardwareIdSize : kHardwareIdSize;
    if (out->hardware_id.size() != want) {
      return Bad("hardware id of " + std::to_string(out->hardware_id.size()) + " bytes, want " + std::to_string(want) +
                 " for " + out->product_name);
    }
  }
  const std::string want = "SEV-" + std::string(SigningKeyName(out->kind));
  if (certificate.common_name() != want) {
    return Bad("certificate is called \"" + certificate.common_name() + "\", want \"" + want + "\" by its extensions");
  }
  return {};
}

}  // namespace

bool LooksLikeEndorsementKey(const Certificate& certificate) {
  const std::string name = certificate.common_name();
  return name == "SEV-VCEK" || name == "SEV-VLEK" || Has(certificate, Oid(kStructVersion)) ||
         Has(certificate, Oid(kHardwareId)) || Has(certificate, Oid(kCspId));
}

Result<EndorsementKey> EndorsementKeyOf(const Certificate& certificate) {
  EndorsementKey out;
  ATTESTML_TRY(const std::uint8_t struct_version, ReadNumber(certificate, Oid(kStructVersion)));
  ATTESTML_TRY(out.product_name, ReadText(certificate, Oid(kProductName)));
  const auto line = ProductLineOfName(out.product_name);
  if (!line) return Bad("product is \"" + out.product_name + "\", want Milan, Genoa, Bergamo, Siena or Turin");
  out.line = *line;
  const unsigned want = out.line == ProductLine::kTurin ? 1 : 0;
  if (struct_version != want) {
    return Bad("structure version is " + std::to_string(struct_version) + ", want " + std::to_string(want) + " for " +
               out.product_name);
  }
  ATTESTML_CHECK(ReadTcb(certificate, &out));
  ATTESTML_CHECK(ReadOwner(certificate, &out));
  return out;
}

}  // namespace attestml::evidence::snp
