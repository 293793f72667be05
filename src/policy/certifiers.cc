// Who speaks in a certification: a bare key, or the holder of a certificate under a root key.
#include <algorithm>

#include "crypto/certificate.h"
#include "policy/describe.h"
#include "policy/programs.h"

namespace attestml::policy {
namespace {

constexpr std::size_t kMaxChain = 8;

using Chain = std::vector<crypto::Certificate>;

bool Fail(std::string* why, std::string reason) {
  *why = std::move(reason);
  return false;
}

bool ParseChain(const std::vector<Bytes>& ders, Chain* chain, std::string* why) {
  if (ders.size() > kMaxChain)
    return Fail(why, "a chain of " + std::to_string(ders.size()) + " certificates, want at most 8");
  for (const Bytes& der : ders) {
    auto certificate = crypto::Certificate::FromDer(der);
    if (!certificate.ok()) return Fail(why, "certifier chain: " + Printable(certificate.error().message));
    chain->push_back(std::move(certificate).value());
  }
  return true;
}

// RFC 5280 path validation for what certifiers use: the leaf first, the root last.
bool ChainHolds(const Chain& chain, Time time, std::string* why) {
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const crypto::Certificate& certificate = chain[i];
    const std::string name = "certificate of " + Printable(certificate.common_name());
    if (time < certificate.not_before() || time > certificate.not_after()) {
      return Fail(why, name + " is valid from " + FormatTime(certificate.not_before()) + " to " +
                           FormatTime(certificate.not_after()) + ", checked at " + FormatTime(time));
    }
    if (const auto oid = certificate.unknown_critical())
      return Fail(why, name + " has unknown critical extension " + *oid);
    if (i == 0 && (!certificate.may_sign() || certificate.is_ca())) {
      return Fail(why, name + " is not one to sign statements with");
    }
    if (i > 0) {
      if (!certificate.is_ca() || !certificate.may_sign_certificates()) return Fail(why, name + " is no authority's");
      // The certificates between this one and the leaf count against its path length.
      if (certificate.path_length() && *certificate.path_length() < static_cast<long>(i) - 1) {
        return Fail(why, name + " allows a path of " + std::to_string(*certificate.path_length()));
      }
    }
    if (i + 1 < chain.size() && !certificate.SignedBy(chain[i + 1])) {
      return Fail(why, name + " is not signed by the next one of the chain");
    }
  }
  return true;
}

}  // namespace

bool SpeaksFor(const Certifier& certifier, const verify::VerifiedStatement& statement, Time time, std::string* why) {
  const auto* claim = std::get_if<statement::CertificationClaim>(&statement.claim);
  if (claim == nullptr) return Fail(why, "not a certification");
  if (crypto::Sha256(claim->certifier_key) != statement.key_id) {
    return Fail(why, "signed by another key than the certifier's");
  }
  if (std::find(certifier.may_certify.begin(), certifier.may_certify.end(), claim->kind) ==
      certifier.may_certify.end()) {
    return Fail(why, Printable(certifier.name) + " may not certify a " + Printable(claim->kind));
  }
  if (certifier.key) {
    return statement.key_id == *certifier.key || Fail(why, "key " + DigestText(statement.key_id));
  }
  if (!certifier.root) return Fail(why, "the policy gives neither key nor root");
  if (claim->certifier_chain.size() < 2) return Fail(why, "key " + DigestText(statement.key_id) + " without a chain");
  Chain chain;
  if (!ParseChain(claim->certifier_chain, &chain, why)) return false;
  if (chain.back().key_id() != *certifier.root)
    return Fail(why, "chain ends at root key " + DigestText(chain.back().key_id()));
  if (chain.front().key_id() != statement.key_id) return Fail(why, "the chain's leaf is for another key");
  if (!ChainHolds(chain, time, why)) return false;
  // The root vouches for itself: a self-signed certificate of the named key.
  if (!chain.back().SignedBy(chain.back())) return Fail(why, "the chain's last certificate is not self-signed");
  if (chain.front().common_name() != certifier.subject) {
    return Fail(why, "certificate of \"" + Printable(chain.front().common_name()) + "\"");
  }
  return true;
}

const Certifier* FindCertifier(const Policy& policy, const verify::VerifiedStatement& statement, Time time,
                               std::string* why) {
  *why = "key " + DigestText(statement.key_id);
  for (const Certifier& certifier : policy.certifiers) {
    std::string reason;
    if (SpeaksFor(certifier, statement, time, &reason)) return &certifier;
    // The reason that is not merely "somebody else's key" is the one worth telling.
    if (!reason.starts_with("key ")) *why = reason;
  }
  return nullptr;
}

}  // namespace attestml::policy
