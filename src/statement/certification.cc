// urn:attestml:certification:v1 (spec/predicates.md 7).
#include "base/base64.h"
#include "statement/fields.h"
#include "statement/predicates.h"

namespace attestml::statement {
namespace {

constexpr std::size_t kMaxKey = 1024;
constexpr std::size_t kMaxChain = 8;
constexpr std::size_t kMaxCertificate = 16 * 1024;

}  // namespace

StatementParts WriteCertification(const CertificationClaim& claim) {
  Json certifier = Json::object();
  certifier["key"] = Base64Encode(claim.certifier_key);
  if (!claim.certifier_chain.empty()) {
    Json chain = Json::array();
    for (const Bytes& certificate : claim.certifier_chain) chain.push_back(Base64Encode(certificate));
    certifier["chain"] = std::move(chain);
  }
  Json predicate = Json::object();
  predicate["kind"] = claim.kind;
  predicate["name"] = claim.name;
  predicate["certifier"] = std::move(certifier);
  return {ArtifactToJson(claim.subject), std::move(predicate)};
}

Result<CertificationClaim> ParseCertification(JsonView subject, JsonView predicate) {
  CertificationClaim out;
  ATTESTML_TRY(out.subject, ParseArtifact(subject, "subject"));

  JsonFields object(predicate, "claim.certification", "predicate");
  ATTESTML_TRY(out.kind, object.String("kind"));
  ATTESTML_TRY(out.name, object.String("name"));
  ATTESTML_TRY(const JsonView certifier, object.Object("certifier"));
  ATTESTML_CHECK(object.Finish());
  if (out.kind != "model" && out.kind != "dataset") {
    return Malformed("claim.certification.kind", "kind is \"" + out.kind.substr(0, 64) + "\", want model or dataset");
  }
  if (out.name.empty() || out.name.size() > kMaxName) {
    return Malformed("claim.certification",
                     "name has " + std::to_string(out.name.size()) + " bytes, want 1 to " + std::to_string(kMaxName));
  }
  JsonFields certifier_object(certifier, "claim.certification", "certifier");
  ATTESTML_TRY(out.certifier_key, Base64Member(certifier_object, "key", kMaxKey, "claim.certification.key"));
  if (certifier_object.Optional("chain")) {
    ATTESTML_TRY(const JsonView chain, certifier_object.Array("chain"));
    ATTESTML_TRY(const auto texts, TextArray(chain, kMaxChain, "claim.certification.chain", "chain"));
    if (texts.empty()) return Malformed("claim.certification.chain", "chain is empty, want it absent or 1 to 8 long");
    for (const std::string& text : texts) {
      auto certificate = Base64Decode(text);
      if (!certificate.ok() || certificate->empty() || certificate->size() > kMaxCertificate) {
        return Malformed("claim.certification.chain",
                         "a certificate is not canonical base64 of 1 to " + std::to_string(kMaxCertificate) + " bytes");
      }
      out.certifier_chain.push_back(std::move(certificate).value());
    }
  }
  ATTESTML_CHECK(certifier_object.Finish());
  return out;
}

}  // namespace attestml::statement
