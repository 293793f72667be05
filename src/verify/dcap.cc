#include "verify/dcap.h"

#include <algorithm>
#include <set>

#include "base/hex.h"
#include "crypto/pem.h"
#include "evidence/sgx/quote.h"
#include "evidence/tdx/event_log.h"
#include "verify/chain.h"
#include "verify/dcap_facts.h"
#include "verify/dcap_since.h"
#include "verify/format.h"
#include "verify/sgx_collateral.h"
#include "verify/sgx_explain.h"
#include "verify/tdx_tcb.h"

namespace attestml::verify {
namespace {

using crypto::Certificate;
using crypto::PublicKey;
namespace sgx = evidence::sgx;

constexpr std::string_view kFormat = "sgx.quote.format";
constexpr std::string_view kLeaf = "sgx.pck.leaf";
constexpr std::string_view kChain = "sgx.pck.chain";
constexpr std::string_view kValidity = "sgx.pck.validity";
constexpr std::string_view kQeSignature = "sgx.qe.signature";
constexpr std::string_view kQeBinding = "sgx.qe.binding";
constexpr std::string_view kQuoteSignature = "sgx.quote.signature";
constexpr std::string_view kRootCrl = "sgx.crl.root";
constexpr std::string_view kPckCrl = "sgx.crl.pck";
constexpr std::string_view kRevocation = "sgx.revocation";
constexpr std::string_view kTcbSigner = "sgx.tcb_signer";
constexpr std::string_view kTcbInfo = "sgx.tcb_info";
constexpr std::string_view kQeIdentity = "sgx.qe_identity";
constexpr std::string_view kQeMatch = "sgx.qe.identity";
constexpr std::string_view kTcbLevel = "sgx.tcb.level";
constexpr std::string_view kQeLevel = "sgx.qe.level";
constexpr std::string_view kTcbStatus = "sgx.tcb.status";
// What is of trust domains alone. The platform underneath is an SGX platform, with SGX's certificates and documents.
constexpr std::string_view kTdFormat = "tdx.quote.format";
constexpr std::string_view kTdSignature = "tdx.quote.signature";
constexpr std::string_view kTdModule = "tdx.module.identity";
constexpr std::string_view kTdLevel = "tdx.tcb.level";
constexpr std::string_view kTdModuleLevel = "tdx.module.level";
constexpr std::string_view kTdRelaunch = "tdx.relaunch";
constexpr std::string_view kTdStatus = "tdx.tcb.status";
constexpr std::string_view kTdEventLog = "tdx.event_log";

// The fixed order of the report. Signatures come before collateral: what is forged is said to be forged, whatever is
// missing.
constexpr std::string_view kSgxChecks[] = {kFormat,         kLeaf,    kChain,    kValidity,   kQeSignature, kQeBinding,
                                           kQuoteSignature, kRootCrl, kPckCrl,   kRevocation, kTcbSigner,   kTcbInfo,
                                           kQeIdentity,     kQeMatch, kTcbLevel, kQeLevel,    kTcbStatus};
constexpr std::string_view kTdxChecks[] = {kTdFormat,    kLeaf,       kChain,   kValidity, kQeSignature,   kQeBinding,
                                           kTdSignature, kTdEventLog, kRootCrl, kPckCrl,   kRevocation,    kTcbSigner,
                                           kTcbInfo,     kQeIdentity, kQeMatch, kTdModule, kTdModuleLevel, kQeLevel,
                                           kTdLevel,     kTdRelaunch, kTdStatus};

constexpr std::string_view kPckName = "Intel SGX PCK Certificate";
constexpr std::string_view kTcbSignerName = "Intel SGX TCB Signing";
constexpr std::string_view kPlatformCaName = "Intel SGX PCK Platform CA";
constexpr std::string_view kProcessorCaName = "Intel SGX PCK Processor CA";
constexpr std::size_t kMaxQuoteCertificates = 8;

// Only to choose which list of checks a report has: the quote is parsed by its parser.
bool LooksLikeTdx(BytesView quote) { return quote.size() > 8 && quote[4] == 0x81; }

Result<std::vector<Certificate>> ReadQuoteChain(BytesView pem) {
  auto blocks = crypto::ParsePem(AsText(pem), kMaxQuoteCertificates);
  if (!blocks.ok()) return Malformed("sgx.pck.pem", blocks.error().message);
  std::vector<Certificate> out;
  for (const crypto::PemBlock& block : *blocks) {
    if (block.label != "CERTIFICATE") return Malformed("sgx.pck.pem", "a PEM block of the quote is not a certificate");
    auto certificate = Certificate::FromDer(block.der);
    if (!certificate.ok()) return Malformed("sgx.pck.pem", certificate.error().message);
    out.push_back(std::move(certificate).value());
  }
  return out;
}

class Verifier {
 public:
  explicit Verifier(const FormatInput& input)
      : package_(input.package),
        extra_(input.extra),
        anchors_(input.anchors),
        time_(input.time),
        memo_(input.memo),
        pool_(input.memo),
        paths_(pool_, input.anchors, input.memo),
        documents_(input.memo),
        is_tdx_(LooksLikeTdx(input.package.evidence)),
        checks_(is_tdx_ ? std::span<const std::string_view>(kTdxChecks) : kSgxChecks) {}

  FormatOutcome Run() {
    auto result = Verify();
    if (!result.ok()) checks_.Fail(at_, result.error().message, wanted_);
    return {std::move(checks_).Take(), std::move(result), std::move(facts_)};
  }

 private:
  Result<Vouched> Verify();
  Status ReadChain();
  Status FindLeaf();
  Status BuildChain();
  bool QeReportIsSigned();
  bool AttestationKeyIsBound() const;
  bool QuoteIsSigned();
  Status CheckSignatures();
  Status CheckRevocation();
  Status FindSigners();
  Status CheckEventLog();
  Status CheckTcb();
  Status FindDocuments();
  Status CheckSgxLevels();
  Status CheckTdxLevels();
  Status CheckQeLevel();
  Status LookLater();
  Status ConcludeStatus(sgx::TcbStatus status, const sgx::TcbLevel& level);
  Error NoLevel(std::string_view id, std::string message);
  const Certificate* RevokedOfKey(const Certificate& certificate, const CrlSet& crls, const Bytes& issuer,
                                  const PublicKey& key) const;

  // Start names the check at work: an error that comes back is its failure.
  void Start(std::string_view id, std::string wanted) {
    at_ = id;
    wanted_ = std::move(wanted);
  }
  void Pass(std::string seen) { checks_.Pass(at_, std::move(seen), wanted_); }
  // Rely notes the dates of a document that counts.
  void Rely(Time issued, Time next_update) {
    window_.Intersect(issued, next_update);
    issued_.push_back(issued);
  }

  const evidence::EvidencePackage& package_;
  std::span<const evidence::CollateralItem> extra_;
  std::span<const TrustAnchor> anchors_;
  Time time_;
  Memo* memo_;

  CertificatePool pool_;
  PathBuilder paths_;
  SgxDocuments documents_;
  const bool is_tdx_;
  CheckList checks_;
  std::string_view at_;
  std::string wanted_;

  sgx::Quote quote_;
  std::vector<const Certificate*> quote_certificates_;
  const Certificate* leaf_ = nullptr;
  sgx::PckExtension platform_;
  std::optional<bool> qe_report_is_signed_, quote_is_signed_;  // once they have been looked at
  bool has_attestation_key_ = false;
  CertificatePath path_;
  Window window_;
  std::vector<Time> issued_;
  CrlSet root_crls_, pck_crls_;
  std::vector<TcbSigner> signers_;
  std::vector<TcbSigner> later_signers_;  // not valid at the time, and not revoked
  std::optional<Since> since_;
  std::shared_ptr<const sgx::TcbInfo> info_;
  std::shared_ptr<const sgx::QeIdentity> identity_;
  const sgx::QeLevel* qe_level_ = nullptr;
  unsigned evaluation_number_ = 0;
  std::optional<EvidenceFacts> facts_;
};

Status Verifier::ReadChain() {
  const auto chain = Recall<Result<std::vector<Certificate>>>(
      memo_, "quote chain", {quote_.certification_data}, [&] { return ReadQuoteChain(quote_.certification_data); });
  if (!chain->ok()) return chain->error();
  for (const Certificate& one : chain->value()) {
    auto certificate = pool_.Add(one);
    if (!certificate.ok()) return Malformed("sgx.pck.pem", certificate.error().message);
    if (std::find(quote_certificates_.begin(), quote_certificates_.end(), *certificate) == quote_certificates_.end()) {
      quote_certificates_.push_back(*certificate);
    }
  }
  return {};
}

Status Verifier::FindLeaf() {
  Start(kLeaf, "one " + std::string(kPckName) + " with Intel's SGX extension");
  ATTESTML_CHECK(ReadChain());
  for (const Certificate* certificate : quote_certificates_) {
    if (certificate->is_ca() || certificate->common_name() != kPckName) continue;
    if (leaf_ != nullptr) return Untrusted("sgx.pck.leaf", "two different PCK certificates in one quote");
    leaf_ = certificate;
  }
  if (leaf_ == nullptr) {
    return Untrusted("sgx.pck.leaf",
                     "no PCK certificate among the quote's; the first is " + quote_certificates_.front()->subject());
  }
  if (!leaf_->may_sign()) return Untrusted("sgx.pck.leaf", "the PCK certificate's key may not sign");
  if (!leaf_->public_key() || leaf_->public_key()->type() != crypto::KeyType::kEcdsaP256) {
    return Untrusted("sgx.pck.leaf", "the PCK key is not on P-256");
  }
  const auto platform = Recall<Result<sgx::PckExtension>>(memo_, "pck extension", {leaf_->sha256()},
                                                          [&] { return sgx::PckExtensionOf(*leaf_); });
  if (!platform->ok()) return platform->error();
  platform_ = platform->value();
  facts_->platform = HexEncode(platform_.fmspc);
  Pass("serial " + HexEncode(leaf_->serial()) + ", FMSPC " + facts_->platform);
  return {};
}

Status Verifier::BuildChain() {
  Start(kChain, "a path to one of " + std::to_string(anchors_.size()) + " trusted root keys");
  ATTESTML_TRY(path_, paths_.Build(*leaf_, time_, "sgx.pck.chain"));
  if (path_.certificates.size() != 2) {
    return Untrusted("sgx.pck.chain", std::to_string(path_.certificates.size() - 1) +
                                          " authorities between the PCK certificate and the root, want 1");
  }
  const std::string authority = path_.certificates[1]->common_name();
  if (authority != kPlatformCaName && authority != kProcessorCaName) {
    return Untrusted("sgx.pck.chain", "the PCK certificate's issuer is \"" + authority + "\", want \"" +
                                          std::string(kPlatformCaName) + "\" or \"" + std::string(kProcessorCaName) +
                                          "\"");
  }
  // What is not on the path was checked by nobody, and could say anything.
  for (const Certificate* certificate : quote_certificates_) {
    if (certificate != path_.root && certificate != path_.certificates[0] && certificate != path_.certificates[1]) {
      return Untrusted("sgx.pck.chain", "certificate " + certificate->subject() + " of the quote is not on the path");
    }
  }
  Pass(authority + ", " + path_.anchor->name);

  Start(kValidity, "every certificate valid at " + FormatTime(time_));
  if (!path_.window.Contains(time_)) {
    std::vector<const Certificate*> all = path_.certificates;
    if (path_.root != nullptr) all.push_back(path_.root);
    for (const Certificate* certificate : all) {
      if (const auto reason = ExplainWindow(*certificate, time_)) return Untrusted("sgx.pck.validity", *reason);
    }
    return Untrusted("sgx.pck.validity", "the root is not valid at " + FormatTime(time_));
  }
  window_ = path_.window;
  Pass(FormatTime(window_.from) + " to " + FormatTime(window_.until));
  return {};
}

bool Verifier::QeReportIsSigned() {
  if (!qe_report_is_signed_) {
    qe_report_is_signed_ = leaf_->public_key()->VerifyRaw(quote_.qe_report_bytes, quote_.qe_signature);
  }
  return *qe_report_is_signed_;
}

bool Verifier::AttestationKeyIsBound() const {
  crypto::Sha256Stream hash;
  const crypto::Digest256 digest = hash.Update(quote_.attestation_key).Update(quote_.qe_auth_data).Finish();
  std::array<std::uint8_t, 64> bound{};
  std::copy(digest.begin(), digest.end(), bound.begin());
  return quote_.qe_report.report_data == bound;
}

// False where the key is none, too.
bool Verifier::QuoteIsSigned() {
  if (!quote_is_signed_) {
    const auto key = PublicKey::FromP256Point(quote_.attestation_key);
    has_attestation_key_ = key.ok();
    quote_is_signed_ = key.ok() && key->VerifyRaw(quote_.signed_bytes, quote_.signature);
  }
  return *quote_is_signed_;
}

Status Verifier::CheckSignatures() {
  Start(kQeSignature, "the PCK key's signature over the QE report");
  if (!QeReportIsSigned()) {
    return Untrusted("sgx.qe.signature", "the QE report's signature is not of the PCK key");
  }
  Pass("good");

  Start(kQeBinding, "report data of the QE is SHA-256 of attestation key and authentication data");
  if (!AttestationKeyIsBound()) {
    return Untrusted("sgx.qe.binding", "the quoting enclave vouches for another attestation key");
  }
  Pass("bound");

  Start(is_tdx_ ? kTdSignature : kQuoteSignature, "the attestation key's signature over header and report");
  if (!QuoteIsSigned()) {
    return Untrusted(std::string(at_), has_attestation_key_ ? "the quote's signature is not of the attestation key"
                                                            : "the attestation key is not a point on P-256");
  }
  Pass("good");
  return {};
}

const Certificate* Verifier::RevokedOfKey(const Certificate& certificate, const CrlSet& crls, const Bytes& issuer,
                                          const PublicKey& key) const {
  return FindRevokedOfKey(pool_, certificate, crls, issuer, key, memo_);
}

Status Verifier::CheckRevocation() {
  const Certificate& authority = *path_.certificates[1];
  Start(kRootCrl, "a CRL of the root, valid at " + FormatTime(time_));
  if (!path_.root_may_sign_crls) return Untrusted("sgx.crl.root.issuer", "the root may not sign CRLs");
  ATTESTML_TRY(root_crls_, FindCrls(documents_, path_.root_name, {}, *path_.root_key, time_, "sgx.crl.root",
                                    "sgx.collateral.root_crl"));
  Rely(root_crls_.current->this_update(), root_crls_.current->next_update());
  Pass("issued " + FormatTime(root_crls_.current->this_update()) + ", " + std::to_string(root_crls_.current->size()) +
       " revoked");

  Start(kPckCrl, "a CRL of " + authority.common_name() + ", valid at " + FormatTime(time_));
  if (!authority.may_sign_crls())
    return Untrusted("sgx.crl.pck.issuer", "the PCK certificate's issuer may not sign CRLs");
  const Bytes others[] = {authority.subject_der(), path_.root_name};
  ATTESTML_TRY(pck_crls_, FindCrls(documents_, authority.subject_der(), others, *authority.public_key(), time_,
                                   "sgx.crl.pck", "sgx.collateral.pck_crl"));
  Rely(pck_crls_.current->this_update(), pck_crls_.current->next_update());
  Pass("issued " + FormatTime(pck_crls_.current->this_update()) + ", " + std::to_string(pck_crls_.current->size()) +
       " revoked");

  Start(kRevocation, "no certificate of the chain, nor another of its keys, in any CRL, whatever its date");
  if (root_crls_.Revokes(authority) || (path_.root != nullptr && root_crls_.Revokes(*path_.root)) ||
      RevokedOfKey(authority, root_crls_, path_.root_name, *path_.root_key) != nullptr) {
    return Untrusted("sgx.revocation.authority", "the root has revoked " + authority.common_name());
  }
  const Certificate* revoked = pck_crls_.Revokes(*leaf_)
                                   ? leaf_
                                   : RevokedOfKey(*leaf_, pck_crls_, authority.subject_der(), *authority.public_key());
  if (revoked != nullptr) {
    return Untrusted("sgx.revocation.pck",
                     "the PCK key's certificate with serial " + HexEncode(revoked->serial()) + " is revoked");
  }
  Pass(std::to_string(root_crls_.all.size() + pck_crls_.all.size()) + " CRLs");
  return {};
}

Status Verifier::FindSigners() {
  Start(kTcbSigner,
        "a certificate " + std::string(kTcbSignerName) + " of the same root, valid at " + FormatTime(time_));
  Error refusal = Unavailable("sgx.collateral.tcb_signer", "no certificate of the TCB signer among the collateral");
  for (const Certificate& certificate : pool_.certificates()) {
    if (certificate.common_name() != kTcbSignerName) continue;
    if (certificate.is_ca() || !certificate.may_sign()) {
      refusal = Untrusted("sgx.tcb_signer.role", "the TCB signer's certificate is an authority's, or may not sign");
      continue;
    }
    auto path = paths_.Build(certificate, time_, "sgx.tcb_signer.chain");
    if (!path.ok()) {
      if (refusal.kind == ErrorKind::kUnavailable) refusal = path.error();
      continue;
    }
    if (path->certificates.size() != 1 || path->anchor->key_id != path_.anchor->key_id) {
      refusal = Untrusted("sgx.tcb_signer.chain", "the TCB signer is not certified by the quote's own root");
      continue;
    }
    if (!path->window.Contains(time_)) {
      const auto reason = ExplainWindow(certificate, time_);
      refusal = Untrusted("sgx.tcb_signer.validity", reason.value_or("the TCB signer's root is not valid then"));
      if (time_ < certificate.not_before() && certificate.public_key() && !root_crls_.Revokes(certificate) &&
          RevokedOfKey(certificate, root_crls_, path_.root_name, *path_.root_key) == nullptr) {
        later_signers_.push_back({*certificate.public_key(), path->window});
      }
      continue;
    }
    const Certificate* revoked = root_crls_.Revokes(certificate)
                                     ? &certificate
                                     : RevokedOfKey(certificate, root_crls_, path_.root_name, *path_.root_key);
    if (revoked != nullptr) {
      refusal =
          Untrusted("sgx.revocation.tcb_signer",
                    "the root has revoked the TCB signer's certificate with serial " + HexEncode(revoked->serial()));
      continue;
    }
    // A renewed certificate has the same key. The documents are the key's, so the window that lasts longer is theirs.
    const auto same = std::find_if(signers_.begin(), signers_.end(),
                                   [&](const TcbSigner& signer) { return signer.key.id() == certificate.key_id(); });
    if (same == signers_.end()) {
      signers_.push_back({*certificate.public_key(), path->window});
    } else if (same->window.until < path->window.until) {
      same->window = path->window;
    }
  }
  if (signers_.empty()) return refusal;
  Pass(std::to_string(signers_.size()) + " key" + (signers_.size() == 1 ? "" : "s"));
  return {};
}

// A log is nobody's word but the host's until it has been replayed: then it is what the registers say.
Status Verifier::CheckEventLog() {
  if (!quote_.td) return {};
  checks_.NotChecked(kTdEventLog, "no event log was given", "an event log that replays to all four RTMRs");
  for (const auto items : {extra_, std::span<const evidence::CollateralItem>(package_.collateral)}) {
    for (const auto& item : items) {
      if (!evidence::tdx::LooksLikeEventLog(item.bytes)) continue;
      Start(kTdEventLog, "an event log that replays to all four RTMRs");
      ATTESTML_TRY(const auto replayed, evidence::tdx::ReplayEventLog(item.bytes));
      for (std::size_t i = 0; i < replayed.rtmr.size(); ++i) {
        if (replayed.rtmr[i] != quote_.td->rtmr[i]) {
          return Untrusted("tdx.event_log", "the log replays to RTMR" + std::to_string(i) + " " +
                                                HexEncode(replayed.rtmr[i]) + ", the quote has " +
                                                HexEncode(quote_.td->rtmr[i]));
        }
      }
      Pass(std::to_string(replayed.num_events) + " events");
    }
  }
  return {};
}

Status Verifier::FindDocuments() {
  const std::string_view tee = is_tdx_ ? "TDX" : "SGX";
  Start(kTcbInfo, "TCB info of " + std::string(tee) + " for FMSPC " + facts_->platform + ", signed and valid at " +
                      FormatTime(time_));
  ATTESTML_TRY(auto signed_info, FindTcbInfo(documents_, signers_, platform_, tee, time_));
  info_ = std::move(signed_info.document);
  Rely(info_->issue_date, info_->next_update);
  window_.Intersect(signed_info.signer.from, signed_info.signer.until);
  Pass("issued " + FormatTime(info_->issue_date) + ", evaluation number " + std::to_string(info_->evaluation_number));

  Start(kQeIdentity, "QE identity, signed and valid at " + FormatTime(time_));
  ATTESTML_TRY(auto signed_identity, FindQeIdentity(documents_, signers_, tee, time_));
  identity_ = std::move(signed_identity.document);
  Rely(identity_->issue_date, identity_->next_update);
  window_.Intersect(signed_identity.signer.from, signed_identity.signer.until);
  evaluation_number_ = std::min(info_->evaluation_number, identity_->evaluation_number);
  Pass("issued " + FormatTime(identity_->issue_date) + ", evaluation number " +
       std::to_string(identity_->evaluation_number));
  return {};
}

Error Verifier::NoLevel(std::string_view id, std::string message) {
  facts_->tcb_status = sgx::kNoMatchingTcbLevel;
  return Untrusted(std::string(id), std::move(message));
}

Status Verifier::CheckQeLevel() {
  Start(kQeLevel, "a level that the quoting enclave reaches");
  qe_level_ = sgx::MatchQeLevel(*identity_, quote_.qe_report.isv_svn);
  if (qe_level_ == nullptr) {
    return NoLevel(
        kQeLevel, "the quoting enclave's ISVSVN " + std::to_string(quote_.qe_report.isv_svn) + " is below every level");
  }
  Pass(std::string(sgx::TcbStatusName(qe_level_->status)) + " as of " + qe_level_->date.substr(0, 10));
  return {};
}

Status Verifier::ConcludeStatus(sgx::TcbStatus status, const sgx::TcbLevel& level) {
  Start(is_tdx_ ? kTdStatus : kTcbStatus, "not revoked; what else is acceptable is the policy's to say");
  std::set<std::string> advisories(level.advisories.begin(), level.advisories.end());
  advisories.insert(qe_level_->advisories.begin(), qe_level_->advisories.end());
  facts_->tcb_status = sgx::TcbStatusName(status);
  facts_->tcb_date = level.date;
  facts_->advisories.assign(advisories.begin(), advisories.end());
  if (status == sgx::TcbStatus::kRevoked) return Untrusted(std::string(at_), "the TCB of this platform is revoked");
  ATTESTML_CHECK(LookLater());
  Pass(facts_->tcb_status + (advisories.empty() ? "" : ": " + JoinNames(facts_->advisories)));
  return {};
}

Status Verifier::CheckSgxLevels() {
  Start(kTcbLevel, "a TCB level that the platform reaches in all 16 components and PCESVN");
  const sgx::TcbLevel* level = sgx::MatchTcbLevel(*info_, platform_.components, platform_.pce_svn);
  const std::string gap = ExplainTcbGap(*info_, platform_);
  if (level == nullptr) return NoLevel(kTcbLevel, "the platform reaches no TCB level: " + gap);
  Pass(std::string(sgx::TcbStatusName(level->status)) + " as of " + level->date.substr(0, 10) +
       (gap.empty() ? "" : ": " + gap));
  ATTESTML_CHECK(CheckQeLevel());
  return ConcludeStatus(sgx::ConvergeTcbStatus(level->status, qe_level_->status), *level);
}

Status Verifier::CheckTdxLevels() {
  const evidence::tdx::TdReport& td = *quote_.td;
  Start(kTdModule, "the TDX module of this version that TCB info names, SEAMATTRIBUTES zero");
  ATTESTML_TRY(const sgx::TdxModule* module, FindTdModule(*info_, td));
  Pass("major version " + std::to_string(module->major_version));

  Start(kTdModuleLevel, "a level that the TDX module reaches");
  const sgx::TdxModule::Level* module_level = nullptr;
  const auto module_status = MatchTdModuleStatus(*module, td, &module_level);
  if (!module_status.ok()) return NoLevel(kTdModuleLevel, module_status.error().message);
  if (module_level == nullptr) {
    Pass("version 0 has no levels of its own");
  } else {
    Pass(std::string(sgx::TcbStatusName(module_level->status)) + " as of " + module_level->date.substr(0, 10) +
         ", ISVSVN " + std::to_string(td.tee_tcb_svn[0]) + ", the highest level has " +
         std::to_string(module->levels.front().isv_svn) +
         (module_level->advisories.empty() ? "" : ": " + JoinNames(module_level->advisories)));
  }
  ATTESTML_CHECK(CheckQeLevel());

  Start(kTdLevel, "a TCB level that platform and TDX module reach in all components and PCESVN");
  const sgx::TcbLevel* sgx_level = sgx::MatchTcbLevel(*info_, platform_.components, platform_.pce_svn);
  const sgx::TcbLevel* level = sgx::MatchTdxTcbLevel(*info_, platform_.components, platform_.pce_svn, td.tee_tcb_svn);
  std::string gap = ExplainTcbGap(*info_, platform_);
  if (const std::string tdx_gap = ExplainTdxGap(*info_, td); !tdx_gap.empty())
    gap += (gap.empty() ? "" : "; ") + tdx_gap;
  if (sgx_level == nullptr || level == nullptr) return NoLevel(kTdLevel, "the platform reaches no TCB level: " + gap);
  Pass(std::string(sgx::TcbStatusName(level->status)) + " as of " + level->date.substr(0, 10) +
       (gap.empty() ? "" : ": " + gap));

  Start(kTdRelaunch, "launched under the TDX module that runs now, or under one as good");
  const sgx::TcbStatus platform = sgx::ConvergeTcbStatus(level->status, *module_status);
  ATTESTML_TRY(const sgx::TcbStatus relaunched,
               CheckRelaunch(*info_, td, {sgx_level->status, platform, *module_status, qe_level_->status}));
  Pass(!td.tee_tcb_svn_2        ? "not told by a TD report 1.0"
       : relaunched != platform ? "the module is up to date by now; launch the TD again"
                                : "as it was launched");
  return ConcludeStatus(sgx::ConvergeTcbStatus(relaunched, qe_level_->status), *level);
}

Status Verifier::CheckTcb() {
  ATTESTML_CHECK(FindDocuments());
  Start(kQeMatch, "a quoting enclave of Intel's, not in debug mode");
  if (const std::string difference = sgx::MatchQeIdentity(*identity_, quote_.qe_report); !difference.empty()) {
    return Untrusted("sgx.qe.identity", difference);
  }
  Pass("ISVSVN " + std::to_string(quote_.qe_report.isv_svn));
  return is_tdx_ ? CheckTdxLevels() : CheckSgxLevels();
}

// Under the last check's id: what was issued later may still say that the platform is revoked.
Status Verifier::LookLater() {
  later_signers_.insert(later_signers_.begin(), signers_.begin(), signers_.end());
  const CrlSet* crls[] = {&root_crls_, &pck_crls_};
  auto later = LaterDcap({documents_, later_signers_, quote_, platform_, *info_, *identity_, crls, time_});
  if (!later.ok()) {
    if (later.error().id == at_) facts_->tcb_status = sgx::TcbStatusName(sgx::TcbStatus::kRevoked);
    return std::move(later).error();
  }
  since_ = std::move(later).value();
  return {};
}

Result<Vouched> Verifier::Verify() {
  Start(is_tdx_ ? kTdFormat : kFormat, is_tdx_ ? "a TDX quote, version 4 or 5" : "an SGX quote, version 3, 4 or 5");
  ATTESTML_TRY(quote_, sgx::ParseQuote(package_.evidence));
  facts_ = DcapFacts(quote_);
  Pass("version " + std::to_string(quote_.version) +
       (quote_.padding == 0 ? std::string() : ", " + std::to_string(quote_.padding) + " zero bytes after it"));

  ATTESTML_CHECK(FindLeaf());
  // A forged quote whose chain needs nothing else is refused before anybody's collateral is read.
  const bool forged = !QeReportIsSigned() || !AttestationKeyIsBound() || !QuoteIsSigned();
  if (forged && BuildChain().ok()) return CheckSignatures().error();
  // What the relying party brought comes first, so that a prover who sends too much can crowd out nothing but its own.
  Start(kChain, "collateral of a size that can be checked");
  for (const auto& item : extra_) ATTESTML_CHECK(documents_.Add(item));
  for (const auto& item : package_.collateral) ATTESTML_CHECK(documents_.Add(item));
  ATTESTML_CHECK(documents_.GiveCertificates(&pool_));
  ATTESTML_CHECK(BuildChain());
  ATTESTML_CHECK(CheckSignatures());
  ATTESTML_CHECK(CheckEventLog());
  ATTESTML_CHECK(CheckRevocation());
  ATTESTML_CHECK(FindSigners());
  ATTESTML_CHECK(CheckTcb());

  Vouched vouched{.facts = *facts_,
                  .root = path_.anchor->key_id,
                  .platform_id = ToBytes(platform_.ppid),
                  .evaluation_number = evaluation_number_,
                  .window = window_,
                  .collateral_issued = *std::min_element(issued_.begin(), issued_.end()),
                  .certificates = {},
                  .since = std::move(since_)};
  for (const Certificate* certificate : path_.certificates) {
    vouched.certificates.push_back(certificate->key_id());
    vouched.certificates.push_back(certificate->sha256());
  }
  return vouched;
}

}  // namespace

FormatOutcome VerifyDcapQuote(const FormatInput& input) { return Verifier(input).Run(); }

}  // namespace attestml::verify
