#include "prove/session.h"

#include "base/hex.h"
#include "evidence/package.h"
#include "statement/binding.h"
#include "statement/envelope.h"

namespace attestml::prove {

Session::Session(std::unique_ptr<tee::Device> device, Bytes nonce, bool quote_each)
    : device_(std::move(device)),
      nonce_(std::move(nonce)),
      quote_each_(quote_each),
      key_(crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256)) {}

Status Session::State(const statement::Claim& claim) {
  const std::string text = statement::WriteStatement(claim);
  const auto parsed = statement::ParseStatement(text);
  if (!parsed.ok()) return Within("stating a " + std::string(statement::ClaimKind(claim)) + " claim", parsed.error());
  lines_.push_back(statement::WriteEnvelope(statement::SignEnvelope(text, key_)));
  if (quote_each_) return AddEvidence(crypto::Sha256(statement::Pae(text)), true);
  return {};
}

Status Session::AddEvidence(const crypto::Digest256& target, bool for_statement) {
  const auto report_data = statement::ReportData(key_.public_key().id(), for_statement ? target : crypto::Digest256{},
                                                 statement::NonceDigest(nonce_));
  ATTESTML_TRY(const evidence::EvidencePackage package, device_->Attest(report_data));
  statement::EvidenceClaim claim;
  claim.for_statement = for_statement;
  claim.target = target;
  claim.session_key = key_.public_key().spki();
  claim.cmw = evidence::EncodeCmw(package);
  claim.nonce = HexEncode(nonce_);
  const std::string text = statement::WriteStatement(claim);
  ATTESTML_CHECK(statement::ParseStatement(text));
  lines_.push_back(statement::WriteEnvelope(statement::SignEnvelope(text, key_)));
  return {};
}

Result<std::string> Session::Finish() {
  if (!quote_each_) ATTESTML_CHECK(AddEvidence(key_.public_key().id(), false));
  std::string bundle;
  for (const std::string& line : lines_) bundle += line + "\n";
  return bundle;
}

}  // namespace attestml::prove
