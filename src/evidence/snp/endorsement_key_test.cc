#include "evidence/snp/endorsement_key.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/certificate_builder.h"

namespace attestml::evidence::snp {
namespace {

using Extensions = std::vector<crypto::CertificateTemplate::Extension>;

constexpr std::uint8_t kDerIa5String = 0x16;

Bytes Value(std::uint8_t tag, std::string_view content) {
  Bytes out = {tag, static_cast<std::uint8_t>(content.size())};
  out.insert(out.end(), content.begin(), content.end());
  return out;
}
std::string Oid(std::string_view suffix) { return "1.3.6.1.4.1.3704.1." + std::string(suffix); }

// A VLEK of Milan, of a provider called "cloud".
constexpr std::size_t kProduct = 1, kProvider = 2;
Extensions Vlek() {
  Extensions out = {{Oid("1"), false, {0x02, 0x01, 0x00}},
                    {Oid("2"), false, Value(kDerIa5String, "Milan-B0")},
                    {Oid("5"), false, Value(kDerIa5String, "cloud")}};
  for (int part = 1; part <= 8; ++part) out.push_back({Oid("3." + std::to_string(part)), false, {0x02, 0x01, 0x00}});
  return out;
}

// "id: message", "" when it is read.
std::string Refusal(const std::function<void(Extensions&)>& change) {
  static const auto key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384);
  crypto::CertificateTemplate t;
  t.subject = {{"CN", "SEV-VLEK"}};
  t.issuer = {{"CN", "SEV-VLEK-Milan"}};
  t.serial = {1};
  t.not_before = Time{1'700'000'000};
  t.not_after = Time{1'800'000'000};
  t.extensions = Vlek();
  change(t.extensions);
  const auto der = IssueCertificate(t, key.public_key(), key);
  EXPECT_TRUE(der.ok());
  const auto read = EndorsementKeyOf(crypto::Certificate::FromDer(*der).value());
  return read.ok() ? "" : read.error().id + ": " + read.error().message;
}

// One IA5String of printable ASCII, and nothing after it: what is read is shown to people.
TEST(EndorsementKey, TextsArePrintable) {
  EXPECT_EQ(Refusal([](Extensions&) {}), "");
  const std::pair<std::size_t, const char*> texts[] = {{kProduct, "Milan-B0"}, {kProvider, "cloud"}};
  for (const auto& [at, text] : texts) {
    const std::string not_text = "snp.vek.extension: extension " + Vlek()[at].oid + " is not printable text";
    const auto with = [at = at](const Bytes& value) { return Refusal([&](Extensions& e) { e[at].value = value; }); };
    Bytes longer = Value(kDerIa5String, text);
    longer.push_back(0);
    EXPECT_EQ(with(longer), not_text);
    EXPECT_EQ(with(Value(0x0c, text)), not_text);  // UTF8String
    EXPECT_EQ(with(Value(kDerIa5String, "")), not_text);
    for (const char* bad : {"\n", "\x1b[2J", "\x7f", "\xc3\xbc"}) {
      EXPECT_EQ(with(Value(kDerIa5String, std::string(text) + bad)), not_text);
    }
    EXPECT_EQ(with({}), not_text);
  }
}

}  // namespace
}  // namespace attestml::evidence::snp
