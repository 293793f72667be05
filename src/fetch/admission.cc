#include "fetch/admission.h"

#include <algorithm>

#include "crypto/pem.h"
#include "evidence/sgx/qe_identity.h"
#include "evidence/sgx/tcb_info.h"
#include "evidence/snp/endorsement_key.h"
#include "verify/amd_keys.h"
#include "verify/sgx_collateral.h"

namespace attestml::fetch {
namespace {

using crypto::Certificate;
using crypto::Crl;
namespace sgx = evidence::sgx;
namespace snp = evidence::snp;

constexpr std::string_view kTcbSignerName = "Intel SGX TCB Signing";
constexpr std::size_t kMaxChain = 4;

// A CRL as it came, in DER, PEM or hexadecimal text: exactly one, and nothing else.
Result<std::deque<Bytes>> ReadCrl(BytesView body) {
  verify::CertificatePool pool;
  verify::X509Documents documents("fetch.document");
  ATTESTML_CHECK(documents.Add({"answer", ToBytes(body)}));
  ATTESTML_CHECK(documents.GiveCertificates(&pool));
  if (documents.crls().size() != 1 || documents.has_unreadable() || !pool.certificates().empty()) {
    return Malformed("fetch.document", "the answer of " + std::to_string(body.size()) + " bytes is not one CRL");
  }
  return documents.crls();
}

Admitted AdmittedCrl(const Crl& crl) { return {crl.der(), {0, crl.this_update(), crl.next_update()}, {}, ""}; }

template <typename Signed>
Admitted AdmittedJson(BytesView body, const Signed& found, std::string chain) {
  const auto& document = *found.document;
  return {ToBytes(body),
          {document.evaluation_number, document.issue_date, document.next_update},
          {0, found.signer.from, found.signer.until},
          std::move(chain)};
}

}  // namespace

bool Age::OlderThan(const Age& other) const {
  if (evaluation_number != other.evaluation_number) return evaluation_number < other.evaluation_number;
  return issued < other.issued;
}

Result<Admitted> IntelAdmission::RootCrl(BytesView body) {
  ATTESTML_TRY(const auto crls, ReadCrl(body));
  const Bytes others[] = {platform_.root_subject};
  ATTESTML_TRY(root_crls_, verify::FindCrls(crls, nullptr, platform_.root_subject, others, *platform_.root_key, time_,
                                            "sgx.crl.root", "sgx.collateral.root_crl"));
  return AdmittedCrl(*root_crls_->current);
}

Result<Admitted> IntelAdmission::PckCrl(BytesView body) {
  ATTESTML_TRY(const auto crls, ReadCrl(body));
  const Bytes others[] = {platform_.ca_subject};
  ATTESTML_TRY(const auto found, verify::FindCrls(crls, nullptr, platform_.ca_subject, others, *platform_.ca_key, time_,
                                                  "sgx.crl.pck", "sgx.collateral.pck_crl"));
  return AdmittedCrl(*found.current);
}

struct IntelAdmission::Signers {
  verify::CertificatePool pool;
  std::vector<verify::TcbSigner> signers;
  std::string chain;
};

Status IntelAdmission::FindSigners(std::span<const std::string> chain_pem, Signers* out) const {
  for (const std::string& text : chain_pem) {
    ATTESTML_TRY(const auto certificates, Certificate::FromPem(text, kMaxChain));
    for (const Certificate& certificate : certificates) {
      const auto added = out->pool.Add(certificate.der());
      if (!added.ok()) return added.error();
    }
  }
  const verify::TrustAnchor anchors[] = {platform_.anchor};
  verify::PathBuilder paths(out->pool, anchors);
  Error refusal = Untrusted("sgx.tcb_signer.chain", "the issuer chain holds no certificate of the TCB signer");
  for (const Certificate& certificate : out->pool.certificates()) {
    if (certificate.common_name() != kTcbSignerName) continue;
    if (certificate.is_ca() || !certificate.may_sign() || !certificate.public_key()) {
      refusal = Untrusted("sgx.tcb_signer.role", "the TCB signer's certificate is an authority's, or may not sign");
      continue;
    }
    const auto path = paths.Build(certificate, time_, "sgx.tcb_signer.chain");
    if (!path.ok() || path->certificates.size() != 1) {
      refusal = path.ok() ? Untrusted("sgx.tcb_signer.chain", "the TCB signer is not certified by the quote's root")
                          : path.error();
      continue;
    }
    if (!path->window.Contains(time_)) {
      const auto reason = verify::ExplainWindow(certificate, time_);
      refusal = Untrusted("sgx.tcb_signer.validity", reason.value_or("the TCB signer's root is not valid then"));
      continue;
    }
    if (root_crls_ && root_crls_->Revokes(certificate)) {
      refusal = Untrusted("sgx.revocation.tcb_signer", "the root has revoked the TCB signer's certificate");
      continue;
    }
    out->signers.push_back({*certificate.public_key(), path->window});
    out->chain += crypto::DerToPem("CERTIFICATE", certificate.der());
    if (path->root != nullptr) out->chain += crypto::DerToPem("CERTIFICATE", path->root->der());
  }
  if (out->signers.empty()) return refusal;
  return {};
}

Result<Admitted> IntelAdmission::TcbInfo(BytesView body, std::span<const std::string> chain_pem) {
  Signers signers;
  ATTESTML_CHECK(FindSigners(chain_pem, &signers));
  verify::SgxDocuments documents;
  const evidence::CollateralItem item{"answer", ToBytes(body)};
  ATTESTML_CHECK(documents.Add(item));
  if (documents.tcb_infos().empty()) return Malformed("fetch.document", "the answer is not a TCB info");
  ATTESTML_TRY(const auto found,
               verify::FindTcbInfo(documents, signers.signers, platform_.pck, platform_.is_tdx ? "TDX" : "SGX", time_));
  return AdmittedJson(body, found, std::move(signers.chain));
}

Result<Admitted> IntelAdmission::QeIdentity(BytesView body, std::span<const std::string> chain_pem) {
  Signers signers;
  ATTESTML_CHECK(FindSigners(chain_pem, &signers));
  verify::SgxDocuments documents;
  const evidence::CollateralItem item{"answer", ToBytes(body)};
  ATTESTML_CHECK(documents.Add(item));
  if (documents.qe_identities().empty()) return Malformed("fetch.document", "the answer is not a QE identity");
  ATTESTML_TRY(const auto found,
               verify::FindQeIdentity(documents, signers.signers, platform_.is_tdx ? "TDX" : "SGX", time_));
  return AdmittedJson(body, found, std::move(signers.chain));
}

Result<Admitted> AmdAdmission::Chain(BytesView body) {
  const auto certificates = Certificate::FromPem(AsText(body), kMaxChain);
  if (!certificates.ok()) {
    return Malformed("fetch.chain", "the answer is not a chain of certificates: " + certificates.error().message);
  }
  if (certificates->size() != 2) {
    return Malformed("fetch.chain", std::to_string(certificates->size()) + " certificates in the chain, want 2");
  }
  verify::CertificatePool pool;
  for (const Certificate& certificate : *certificates) {
    const auto added = pool.Add(certificate.der());
    if (!added.ok()) return added.error();
  }
  const Certificate& authority = certificates->front();
  std::vector<verify::TrustAnchor> own;
  std::copy_if(anchors_.begin(), anchors_.end(), std::back_inserter(own), [](const verify::TrustAnchor& anchor) {
    return !anchor.vendor || *anchor.vendor == verify::Vendor::kAmd;
  });
  verify::PathBuilder paths(pool, own);
  ATTESTML_TRY(const auto path, paths.Build(authority, time_, "snp.vek.chain"));
  if (path.certificates.size() != 1 || path.root == nullptr) {
    return Untrusted("snp.vek.chain", "the chain is not an authority and its root");
  }
  if (!path.window.Contains(time_)) {
    const auto reason = verify::ExplainWindow(authority, time_);
    return Untrusted("snp.vek.validity", reason.value_or("the root is not valid then"));
  }
  const auto role = platform_.key == snp::SigningKey::kVcek ? verify::AmdRole::kAsk : verify::AmdRole::kAsvk;
  const verify::AmdKey* root = verify::FindAmdKey(path.anchor->key_id);
  const verify::AmdKey* known = verify::FindAmdKey(authority.key_id());
  const bool simulated = path.anchor->simulated;
  if (!simulated && (root == nullptr || root->line != line_)) {
    return Untrusted("snp.vek.product", "the chain ends at " + path.anchor->name + ", want the root of " +
                                            std::string(ProductLineName(line_)));
  }
  if (!simulated && (known == nullptr || known->line != line_ || known->role != role)) {
    return Untrusted("snp.vek.issuer", authority.common_name() + " is not AMD's authority for a " +
                                           std::string(SigningKeyName(platform_.key)) + " of " +
                                           std::string(ProductLineName(line_)));
  }
  chain_ = AsText(body);
  anchor_ = *path.anchor;
  root_subject_ = path.root_name;
  root_key_ = path.root_key;
  return Admitted{ToBytes(body), {0, path.window.from, path.window.until}, {}, ""};
}

Result<Admitted> AmdAdmission::Crl(BytesView body) {
  ATTESTML_TRY(const auto crls, ReadCrl(body));
  const Bytes others[] = {root_subject_};
  ATTESTML_TRY(const auto found, verify::FindCrls(crls, nullptr, root_subject_, others, *root_key_, time_, "snp.crl",
                                                  "snp.collateral.crl"));
  return AdmittedCrl(*found.current);
}

Result<Admitted> AmdAdmission::Vcek(BytesView body) {
  const auto certificate = Certificate::FromDer(body);
  if (!certificate.ok())
    return Malformed("fetch.document", "the answer is no certificate: " + certificate.error().message);
  const evidence::EvidencePackage package{std::string(evidence::kSnpReportMediaType), platform_.report, {}};
  const evidence::CollateralItem items[] = {{"vcek", ToBytes(body)}, {"chain", ToBytes(AsBytes(chain_))}};
  const verify::TrustAnchor anchors[] = {*anchor_};
  const auto outcome = verify::VerifyEvidence(package, items, anchors, time_);
  for (const verify::Check& check : outcome.checks) {
    if (!check.id.starts_with("snp.vek.") || check.verdict == verify::CheckVerdict::kPass) continue;
    if (!outcome.evidence.ok()) return outcome.evidence.error();
    return Untrusted(check.id, "was not checked");
  }
  return Admitted{ToBytes(body), {0, certificate->not_before(), certificate->not_after()}, {}, ""};
}

}  // namespace attestml::fetch
