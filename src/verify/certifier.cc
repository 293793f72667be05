#include "verify/certifier.h"

#include <vector>

#include "crypto/certificate.h"

namespace attestml::verify {
namespace {

Status CheckWindow(const crypto::Certificate& certificate, std::string_view where, Time time) {
  if (time < certificate.not_before()) {
    return Untrusted("certifier.time", std::string(where) + " is valid from " + FormatTime(certificate.not_before()) +
                                           ", checked at " + FormatTime(time));
  }
  if (time > certificate.not_after()) {
    return Untrusted("certifier.time", std::string(where) + " expired on " + FormatTime(certificate.not_after()) +
                                           ", checked at " + FormatTime(time));
  }
  return {};
}

Status CheckAuthority(const crypto::Certificate& issuer, std::string_view where, std::size_t authorities_below) {
  if (!issuer.is_ca() || !issuer.may_sign_certificates()) {
    return Untrusted("certifier.authority", std::string(where) + " is not an authority that may sign certificates");
  }
  if (const auto length = issuer.path_length(); length && static_cast<std::size_t>(*length) < authorities_below) {
    return Untrusted("certifier.authority", std::string(where) + " allows " + std::to_string(*length) +
                                                " authorities below it, there are " +
                                                std::to_string(authorities_below));
  }
  return {};
}

}  // namespace

Status VerifyCertifierChain(const statement::CertificationClaim& claim, Time time) {
  if (claim.certifier_chain.empty()) return {};
  std::vector<crypto::Certificate> chain;
  for (const Bytes& der : claim.certifier_chain) {
    ATTESTML_TRY(crypto::Certificate certificate, crypto::Certificate::FromDer(der));
    chain.push_back(std::move(certificate));
  }
  if (chain[0].spki() != claim.certifier_key) {
    return Untrusted("certifier.key", "the first certificate is of another key than the one that signed");
  }
  if (!chain[0].may_sign()) {
    return Untrusted("certifier.authority", "the first certificate does not allow its key to sign");
  }
  for (std::size_t i = 0; i < chain.size(); ++i) {
    const std::string where = "certificate " + std::to_string(i + 1);
    ATTESTML_CHECK(CheckWindow(chain[i], where, time));
    if (const auto extension = chain[i].unknown_critical()) {
      return Untrusted("certifier.critical", where + " has critical extension " + *extension + ", want none unknown");
    }
    const bool last = i + 1 == chain.size();
    if (!last) ATTESTML_CHECK(CheckAuthority(chain[i + 1], "certificate " + std::to_string(i + 2), i));
    const bool self_issued = chain[i].issuer_der() == chain[i].subject_der();
    const crypto::Certificate& issuer = last ? chain[i] : chain[i + 1];
    if ((!last || self_issued) && !chain[i].SignedBy(issuer)) {
      return Untrusted("certifier.signature", where + " is not signed by " + (last ? "itself" : "the next one"));
    }
  }
  return {};
}

}  // namespace attestml::verify
