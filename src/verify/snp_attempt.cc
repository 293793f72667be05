#include "verify/snp_attempt.h"

#include <algorithm>
#include <utility>

#include "base/hex.h"
#include "evidence/snp/endorsement_key.h"
#include "verify/amd_keys.h"
#include "verify/crl_set.h"
#include "verify/snp_facts.h"

namespace attestml::verify {
namespace {

using crypto::Certificate;
namespace snp = evidence::snp;

constexpr std::string_view kNoCrl = "snp.collateral.crl";

std::string_view RoleName(AmdRole role) {
  switch (role) {
    case AmdRole::kArk:
      return "ARK";
    case AmdRole::kAsk:
      return "ASK";
    case AmdRole::kAsvk:
      return "ASVK";
  }
  return "";
}

struct Authority {
  snp::ProductLine line;
  AmdRole role;
  bool operator==(const Authority&) const = default;
};

// Under roots that are not AMD's own, authorities are told apart as AMD names them.
std::optional<Authority> AuthorityByName(std::string_view name) {
  constexpr std::pair<std::string_view, AmdRole> kPrefixes[] = {
      {"ARK-", AmdRole::kArk}, {"SEV-VLEK-", AmdRole::kAsvk}, {"SEV-", AmdRole::kAsk}};
  for (const auto& [prefix, role] : kPrefixes) {
    if (!name.starts_with(prefix)) continue;
    for (const snp::ProductLine line : {snp::ProductLine::kMilan, snp::ProductLine::kGenoa, snp::ProductLine::kTurin}) {
      if (name.substr(prefix.size()) == snp::ProductLineName(line)) return Authority{line, role};
    }
    return std::nullopt;
  }
  return std::nullopt;
}

class Attempt {
 public:
  Attempt(const snp::Report& report, const Certificate& certificate, EvidenceFacts facts, CheckList checks,
          const SnpCollateral& collateral, PathBuilder* paths)
      : report_(report),
        leaf_(certificate),
        facts_(std::move(facts)),
        checks_(std::move(checks)),
        collateral_(collateral),
        paths_(*paths) {}

  SnpAttempt Run() {
    auto result = Verify();
    std::size_t stage = std::size(kSnpChecks);
    if (!result.ok()) {
      checks_.Fail(at_, result.error().message, wanted_);
      stage = static_cast<std::size_t>(std::find(std::begin(kSnpChecks), std::end(kSnpChecks), at_) -
                                       std::begin(kSnpChecks));
    }
    return {std::move(checks_), stage, std::move(result), std::move(facts_)};
  }

 private:
  Result<Vouched> Verify();
  Status CheckLeaf();
  Status CheckChain();
  Status CheckIssuer();
  Status CheckProduct();
  Status CheckValidity();
  Status CheckChip();
  Status CheckTcb();
  Status CheckSignature();
  Status CheckRevocation();

  // Start names the check at work: an error that comes back is its failure.
  void Start(std::string_view id, std::string wanted) {
    at_ = id;
    wanted_ = std::move(wanted);
  }
  void Pass(std::string seen) { checks_.Pass(at_, std::move(seen), wanted_); }

  const snp::Report& report_;
  const Certificate& leaf_;
  EvidenceFacts facts_;
  CheckList checks_;
  const SnpCollateral& collateral_;
  PathBuilder& paths_;
  std::string_view at_;
  std::string wanted_;

  snp::EndorsementKey key_;
  CertificatePath path_;
  Authority authority_{};
  Window window_;
  std::optional<Time> issued_;
  std::optional<Since> since_;
};

Status Attempt::CheckLeaf() {
  const std::string want(SigningKeyName(report_.signing_key));
  Start(kSnpLeaf, "a certificate of the " + want + " that signed, among the collateral");
  ATTESTML_TRY(key_, snp::EndorsementKeyOf(leaf_));
  if (key_.kind != report_.signing_key) {
    return Untrusted("snp.vek.kind", "certificate is of a " + std::string(SigningKeyName(key_.kind)) +
                                         ", the report says that a " + want + " signed");
  }
  if (report_.mask_chip_key && key_.kind == snp::SigningKey::kVcek) {
    return Untrusted("snp.vek.masked", "the report says that the chip's key is masked, and cannot be signed by it");
  }
  if (leaf_.is_ca() || !leaf_.may_sign()) {
    return Untrusted("snp.vek.role", "the " + want + "'s certificate is an authority's, or may not sign");
  }
  if (!leaf_.public_key() || leaf_.public_key()->type() != crypto::KeyType::kEcdsaP384) {
    return Untrusted("snp.vek.key", "the " + want + " is not on P-384");
  }
  if (!report_.cpuid) facts_ = SnpFacts(report_, key_.line);
  Pass(want + " of " + key_.product_name +
       (key_.csp_id.empty() ? ", chip " + HexEncode(BytesView(key_.hardware_id).first(8)) : ", for " + key_.csp_id));
  return {};
}

Status Attempt::CheckChain() {
  Start(kSnpChain, "a path to one of " + std::to_string(collateral_.anchors.size()) + " trusted root keys");
  ATTESTML_TRY(path_, paths_.Build(leaf_, collateral_.time, "snp.vek.chain"));
  if (path_.certificates.size() != 2) {
    return Untrusted("snp.vek.chain", std::to_string(path_.certificates.size() - 1) +
                                          " authorities between the endorsement key and the root, want 1");
  }
  Pass(path_.certificates[1]->common_name() + ", " + path_.anchor->name);
  return {};
}

Status Attempt::CheckIssuer() {
  const AmdRole want = key_.kind == snp::SigningKey::kVcek ? AmdRole::kAsk : AmdRole::kAsvk;
  Start(kSnpIssuer, "issued by an " + std::string(RoleName(want)) + " of the root's product line");
  const Certificate& issuer = *path_.certificates[1];
  if (const AmdKey* root = FindAmdKey(path_.anchor->key_id)) {
    const AmdKey* known = FindAmdKey(issuer.key_id());
    if (known == nullptr || known->line != root->line) {
      return Untrusted("snp.vek.issuer", "key " + HexEncode(issuer.key_id()) + " of " + issuer.common_name() +
                                             " is not one of AMD's authorities for " +
                                             std::string(ProductLineName(root->line)));
    }
    authority_ = {known->line, known->role};
  } else {
    const auto own = AuthorityByName(issuer.common_name());
    const auto root_own = AuthorityByName(path_.root != nullptr ? path_.root->common_name() : "");
    if (!own || root_own != Authority{own->line, AmdRole::kArk}) {
      return Untrusted("snp.vek.issuer", "authority \"" + issuer.common_name() +
                                             "\" and its root are not called as an ASK or ASVK and its ARK");
    }
    authority_ = *own;
  }
  if (authority_.role != want) {
    return Untrusted("snp.vek.issuer", issuer.common_name() + " is an " + std::string(RoleName(authority_.role)) +
                                           ", which issues no " + std::string(SigningKeyName(key_.kind)));
  }
  Pass(std::string(RoleName(want)) + " of " + std::string(ProductLineName(authority_.line)));
  return {};
}

Status Attempt::CheckProduct() {
  Start(kSnpProduct, "one product line of report, certificate and authorities");
  if (key_.line != authority_.line) {
    return Untrusted("snp.vek.product", "certificate is of " + key_.product_name + ", its authorities of " +
                                            std::string(ProductLineName(authority_.line)));
  }
  if (!report_.cpuid) {
    Pass(key_.product_name + " by certificate; version 2 reports state no family and model");
    return {};
  }
  const std::uint8_t cpuid[] = {report_.cpuid->family, report_.cpuid->model};
  const auto line = report_.product_line();
  if (line != key_.line) {
    return Untrusted("snp.vek.product",
                     "report is of family and model " + HexEncode(cpuid) + ", " +
                         (line ? std::string(ProductLineName(*line)) : std::string("which are not known")) +
                         "; certificate is of " + key_.product_name);
  }
  Pass(key_.product_name + ", family and model " + HexEncode(cpuid));
  return {};
}

Status Attempt::CheckValidity() {
  Start(kSnpValidity, "every certificate valid at " + FormatTime(collateral_.time));
  std::vector<const Certificate*> all = path_.certificates;
  if (path_.root != nullptr) all.push_back(path_.root);
  for (const Certificate* certificate : all) {
    if (const auto reason = ExplainWindow(*certificate, collateral_.time)) {
      return Untrusted("snp.vek.validity", *reason);
    }
  }
  if (!path_.window.Contains(collateral_.time)) {
    return Untrusted("snp.vek.validity", "the root is not valid at " + FormatTime(collateral_.time));
  }
  window_ = path_.window;
  Pass(FormatTime(window_.from) + " to " + FormatTime(window_.until));
  return {};
}

Status Attempt::CheckChip() {
  if (key_.kind == snp::SigningKey::kVlek) {
    Start(kSnpChip, "a VLEK, which is of no one chip");
    Pass("for " + key_.csp_id);
    return {};
  }
  Start(kSnpChip, "the certificate of the report's chip");
  const Bytes& id = key_.hardware_id;
  if (report_.chip_id_hidden()) {
    Pass("the report hides its chip; the certificate is of " + HexEncode(id));
    return {};
  }
  const BytesView chip(report_.chip_id);
  const bool same = std::equal(id.begin(), id.end(), chip.begin());
  const BytesView rest = chip.subspan(id.size());
  if (!same || std::any_of(rest.begin(), rest.end(), [](std::uint8_t byte) { return byte != 0; })) {
    return Untrusted("snp.vek.chip", "report is of chip " + HexEncode(chip) + ", certificate of " + HexEncode(id));
  }
  Pass(HexEncode(id));
  return {};
}

Status Attempt::CheckTcb() {
  Start(kSnpTcb, "a certificate for the reported TCB");
  const auto parts = snp::TcbParts(key_.line);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (key_.tcb[i] == report_.reported_tcb[i]) continue;
    const std::string name = parts[i].name.empty() ? "reserved byte " + std::to_string(i) : std::string(parts[i].name);
    return Untrusted("snp.vek.tcb", "reported TCB has " + name + " " + std::to_string(report_.reported_tcb[i]) +
                                        ", certificate " + std::to_string(key_.tcb[i]));
  }
  Pass(TcbText(key_.tcb, key_.line));
  return {};
}

Status Attempt::CheckSignature() {
  Start(kSnpSignature, "the " + std::string(SigningKeyName(key_.kind)) + "'s signature over the report");
  if (!leaf_.public_key()->VerifyRaw(report_.signed_bytes, report_.signature)) {
    return Untrusted("snp.report.signature", "the report's signature is not of the key that the certificate names");
  }
  Pass("good");
  return {};
}

Status Attempt::CheckRevocation() {
  Start(kSnpCrl, "a CRL of the root, valid at " + FormatTime(collateral_.time));
  auto crls = FindCrls(collateral_.documents.crls(), collateral_.memo, path_.root_name, {}, *path_.root_key,
                       collateral_.time, "snp.crl", std::string(kNoCrl));
  if (!crls.ok() && crls.error().id == kNoCrl) {
    if (collateral_.documents.has_unreadable()) {
      return Malformed("snp.crl.unreadable",
                       "something among the collateral is neither a certificate nor a CRL that can be read, and may "
                       "have been the root's CRL");
    }
    checks_.NotChecked(kSnpCrl, "no CRL of " + path_.anchor->name + " among the collateral", wanted_);
    checks_.NotChecked(kSnpRevocation, "no CRL to look into", "the authority is in no CRL of the root");
    facts_.revocation = Revocation::kNotChecked;
    return {};
  }
  if (!path_.root_may_sign_crls) return Untrusted("snp.crl.issuer", "the root may not sign CRLs");
  if (!crls.ok()) return crls.error();
  window_.Intersect(crls->current->this_update(), crls->current->next_update());
  issued_ = crls->current->this_update();
  Pass("issued " + FormatTime(*issued_) + ", " + std::to_string(crls->current->size()) + " revoked");

  Start(kSnpRevocation, "the authority, and every other certificate of its key, in no CRL of the root");
  const Certificate& issuer = *path_.certificates[1];
  if (crls->Revokes(issuer) || (path_.root != nullptr && crls->Revokes(*path_.root)) ||
      FindRevokedOfKey(collateral_.pool, issuer, *crls, path_.root_name, *path_.root_key, collateral_.memo) !=
          nullptr) {
    return Untrusted("snp.revocation.authority", "the root has revoked " + issuer.common_name());
  }
  facts_.revocation = Revocation::kChecked;
  for (const crypto::Crl& crl : crls->all) {
    if (crl.this_update() <= collateral_.time || (since_ && crl.this_update() <= since_->issued)) continue;
    since_ =
        Since{crl.this_update(), {}, {}, "a CRL of " + FormatTime(crl.this_update()) + " revokes no authority here"};
  }
  Pass(std::to_string(crls->all.size()) + " CRLs");
  return {};
}

Result<Vouched> Attempt::Verify() {
  ATTESTML_CHECK(CheckLeaf());
  ATTESTML_CHECK(CheckChain());
  ATTESTML_CHECK(CheckIssuer());
  ATTESTML_CHECK(CheckProduct());
  ATTESTML_CHECK(CheckValidity());
  ATTESTML_CHECK(CheckChip());
  ATTESTML_CHECK(CheckTcb());
  ATTESTML_CHECK(CheckSignature());
  ATTESTML_CHECK(CheckRevocation());

  if (!key_.csp_id.empty()) facts_.registers.push_back({"csp_id", ToBytes(AsBytes(key_.csp_id))});
  Vouched vouched{.facts = facts_,
                  .root = path_.anchor->key_id,
                  .platform_id = {},
                  .evaluation_number = std::nullopt,
                  .window = window_,
                  .collateral_issued = issued_,
                  .certificates = {},
                  .since = since_};
  // As CHIP_ID is written: 64 bytes, of which Turin fills 8. A chip that the report hides is known by its certificate.
  if (key_.kind == snp::SigningKey::kVcek) {
    vouched.platform_id = key_.hardware_id;
    vouched.platform_id.resize(report_.chip_id.size());
  } else if (!report_.chip_id_hidden()) {
    vouched.platform_id = ToBytes(report_.chip_id);
  }
  for (const Certificate* certificate : path_.certificates) {
    vouched.certificates.push_back(certificate->key_id());
    vouched.certificates.push_back(certificate->sha256());
  }
  return vouched;
}

}  // namespace

SnpAttempt TrySnpEndorsement(const snp::Report& report, const Certificate& certificate, EvidenceFacts facts,
                             CheckList checks, const SnpCollateral& collateral, PathBuilder* paths) {
  return Attempt(report, certificate, std::move(facts), std::move(checks), collateral, paths).Run();
}

}  // namespace attestml::verify
