#include "verify/nitro.h"

#include <algorithm>

#include "base/hex.h"
#include "evidence/nitro/document.h"
#include "verify/chain.h"
#include "verify/crl_set.h"
#include "verify/sgx_collateral.h"

namespace attestml::verify {
namespace {

using crypto::Certificate;
using crypto::Crl;
using crypto::PublicKey;
namespace nitro = evidence::nitro;

constexpr std::string_view kFormat = "nitro.document.format";
constexpr std::string_view kLeaf = "nitro.leaf";
constexpr std::string_view kChain = "nitro.chain";
constexpr std::string_view kValidity = "nitro.validity";
constexpr std::string_view kSignature = "nitro.signature";
constexpr std::string_view kTimestamp = "nitro.timestamp";
constexpr std::string_view kRevocation = "nitro.revocation";

// The fixed order of the report.
constexpr std::string_view kChecks[] = {kFormat, kLeaf, kChain, kValidity, kSignature, kTimestamp, kRevocation};

Time MadeAt(const nitro::Document& document) { return Time{static_cast<std::int64_t>(document.timestamp / 1000)}; }

EvidenceFacts FactsOf(const nitro::Document& document) {
  EvidenceFacts facts;
  facts.tee = "nitro";
  facts.format = "nitro-document";
  for (const auto& [index, value] : document.pcrs) {
    if (index == 0) {
      facts.measurement = ToBytes(value);
    } else {
      facts.registers.push_back({"pcr" + std::to_string(index), ToBytes(value)});
    }
  }
  facts.registers.push_back({"module_id", ToBytes(AsBytes(document.module_id))});
  if (document.user_data) facts.registers.push_back({"user_data", *document.user_data});
  if (document.public_key) facts.registers.push_back({"public_key", *document.public_key});
  facts.has_report_data = document.user_data && document.user_data->size() <= facts.report_data.size();
  if (facts.has_report_data) {
    std::copy(document.user_data->begin(), document.user_data->end(), facts.report_data.begin());
  }
  facts.debug = document.debug();
  facts.platform = document.module_id;
  facts.nonce = document.nonce;
  facts.made_at = MadeAt(document);
  // AWS, "Nitro Enclaves Attestation Process", 3.2.4: no CRL is used, and revocation is to be switched off. A leaf
  // lives for three hours, the instance's authority for a day, and neither names a CRL.
  facts.revocation = Revocation::kNone;
  return facts;
}

class Verifier {
 public:
  explicit Verifier(const FormatInput& input)
      : input_(input),
        pool_(input.memo),
        collateral_pool_(input.memo),
        paths_(pool_, input.anchors, input.memo),
        documents_(input.memo),
        checks_(kChecks) {}

  FormatOutcome Run() {
    auto result = Verify();
    if (!result.ok()) checks_.Fail(at_, result.error().message, wanted_);
    return {std::move(checks_).Take(), std::move(result), std::move(facts_)};
  }

 private:
  Result<Vouched> Verify();
  Status ReadLeaf();
  Status BuildChain();
  Status CheckSignature();
  Status CheckTimestamp();
  Status CheckRevocation();
  Status CheckCrls(const Certificate& certificate, const Bytes& issuer, const PublicKey& key, std::size_t* counted);

  // Start names the check at work: an error that comes back is its failure.
  void Start(std::string_view id, std::string wanted) {
    at_ = id;
    wanted_ = std::move(wanted);
  }
  void Pass(std::string seen) { checks_.Pass(at_, std::move(seen), wanted_); }

  const FormatInput& input_;
  CertificatePool pool_;             // the document's own
  CertificatePool collateral_pool_;  // others, which only tell whose key a CRL bars
  PathBuilder paths_;
  SgxDocuments documents_;
  CheckList checks_;
  std::string_view at_;
  std::string wanted_;

  nitro::Document document_;
  const Certificate* leaf_ = nullptr;
  CertificatePath path_;
  std::optional<EvidenceFacts> facts_;
};

Status Verifier::ReadLeaf() {
  Start(kLeaf, "a certificate of a P-384 key that may sign and is no authority's");
  const auto leaf = pool_.Add(document_.certificate);
  if (!leaf.ok()) return Malformed("nitro.leaf.der", leaf.error().message);
  leaf_ = *leaf;
  if (!leaf_->public_key() || leaf_->public_key()->type() != crypto::KeyType::kEcdsaP384) {
    return Untrusted("nitro.leaf", "the key of certificate " + leaf_->subject() + " is not on P-384");
  }
  if (leaf_->is_ca()) return Untrusted("nitro.leaf", "certificate " + leaf_->subject() + " is an authority's");
  if (leaf_->path_length()) return Untrusted("nitro.leaf", "certificate " + leaf_->subject() + " has a path length");
  if (!leaf_->may_sign())
    return Untrusted("nitro.leaf", "the key of certificate " + leaf_->subject() + " may not sign");
  Pass("serial " + HexEncode(leaf_->serial()));
  return {};
}

Status Verifier::BuildChain() {
  Start(kChain, "a path through the document's certificates to one of " + std::to_string(input_.anchors.size()) +
                    " trusted root keys");
  for (const Bytes& der : document_.cabundle) {
    if (const auto added = pool_.Add(der); !added.ok()) return Malformed("nitro.chain.der", added.error().message);
  }
  ATTESTML_TRY(path_, paths_.Build(*leaf_, input_.time, std::string(kChain)));
  Pass(std::to_string(path_.certificates.size() - 1) + " authorities, " + path_.anchor->name);

  Start(kValidity, "every certificate valid at " + FormatTime(input_.time));
  if (!path_.window.Contains(input_.time)) {
    std::vector<const Certificate*> all = path_.certificates;
    if (path_.root != nullptr) all.push_back(path_.root);
    for (const Certificate* certificate : all) {
      if (const auto reason = ExplainWindow(*certificate, input_.time)) return Untrusted(kValidity, *reason);
    }
    return Untrusted(kValidity, "the root is not valid at " + FormatTime(input_.time));
  }
  Pass(FormatTime(path_.window.from) + " to " + FormatTime(path_.window.until));
  return {};
}

Status Verifier::CheckSignature() {
  Start(kSignature, "the certificate's ES384 signature over protected header and payload");
  const Bytes signed_bytes = nitro::SigStructure(document_.protected_header, document_.payload);
  if (!leaf_->public_key()->VerifyRaw(signed_bytes, document_.signature)) {
    return Untrusted(kSignature, "the document's signature is not of its certificate's key");
  }
  Pass("good");
  return {};
}

Status Verifier::CheckTimestamp() {
  Start(kTimestamp, "a date at which the certificate was valid: " + FormatTime(leaf_->not_before()) + " to " +
                        FormatTime(leaf_->not_after()));
  const Time made_at = MadeAt(document_);
  if (made_at < leaf_->not_before() || leaf_->not_after() < made_at) {
    return Untrusted(kTimestamp,
                     "the document is dated " + FormatTime(made_at) + ", when its certificate was not valid");
  }
  Pass(FormatTime(made_at));
  return {};
}

Status Verifier::CheckCrls(const Certificate& certificate, const Bytes& issuer, const PublicKey& key,
                           std::size_t* counted) {
  CrlSet good;
  for (const Bytes& der : documents_.crls()) {
    const auto name = Crl::IssuerOf(der);
    if (!name || !std::equal(name->begin(), name->end(), issuer.begin(), issuer.end())) continue;
    if (der.size() > Crl::kMaxSize) {
      return Malformed("nitro.crl.size", "CRL of " + std::to_string(der.size()) + " bytes, want at most " +
                                             std::to_string(Crl::kMaxSize));
    }
    const auto crl =
        Recall<Result<Crl>>(input_.memo, "crl", {der, key.spki()}, [&] { return Crl::FromSignedDer(der, key); });
    if (!crl->ok()) {
      // What nobody's key signed says nothing; what the right key signed and we cannot read may be what revokes.
      if (crl->error().kind != ErrorKind::kUntrusted) return crl->error();
      continue;
    }
    good.all.push_back(crl->value());
  }
  *counted += good.all.size();
  const auto bars = [&](const CertificatePool& pool) {
    return FindRevokedOfKey(pool, certificate, good, issuer, key, input_.memo) != nullptr;
  };
  if (good.Revokes(certificate) || bars(pool_) || bars(collateral_pool_)) {
    return Untrusted(kRevocation, "certificate " + certificate.subject() + " with serial " +
                                      HexEncode(certificate.serial()) + ", or its key, is revoked");
  }
  return {};
}

Status Verifier::CheckRevocation() {
  Start(kRevocation, "no certificate of the path in any CRL that is given, whatever its date");
  for (const auto& items : {input_.extra, std::span<const evidence::CollateralItem>(input_.package.collateral)}) {
    for (const evidence::CollateralItem& item : items) {
      const Status added = documents_.Add(item);
      if (!added.ok()) return Malformed("nitro.collateral.count", added.error().message);
    }
  }
  const Status given = documents_.GiveCertificates(&collateral_pool_);
  if (!given.ok()) return Malformed("nitro.collateral.count", given.error().message);
  std::size_t counted = 0;
  for (std::size_t i = 0; i < path_.certificates.size(); ++i) {
    const bool last = i + 1 == path_.certificates.size();
    const Bytes& issuer = last ? path_.root_name : path_.certificates[i + 1]->subject_der();
    const PublicKey& key = last ? *path_.root_key : *path_.certificates[i + 1]->public_key();
    ATTESTML_CHECK(CheckCrls(*path_.certificates[i], issuer, key, &counted));
  }
  Pass(counted == 0 ? "no CRL given, and AWS has none used" : std::to_string(counted) + " CRLs");
  return {};
}

Result<Vouched> Verifier::Verify() {
  Start(kFormat, "an AWS Nitro attestation document (COSE_Sign1, ES384)");
  ATTESTML_TRY(document_, nitro::ParseDocument(input_.package.evidence));
  facts_ = FactsOf(document_);
  Pass(std::to_string(document_.pcrs.size()) + " registers" + (document_.tagged ? ", tagged" : ""));

  ATTESTML_CHECK(ReadLeaf());
  ATTESTML_CHECK(BuildChain());
  ATTESTML_CHECK(CheckSignature());
  ATTESTML_CHECK(CheckTimestamp());
  ATTESTML_CHECK(CheckRevocation());

  Vouched vouched{.facts = *facts_,
                  .root = path_.anchor->key_id,
                  .platform_id = {},
                  .evaluation_number = {},
                  .window = path_.window,
                  .collateral_issued = {},
                  .certificates = {}};
  for (const Certificate* certificate : path_.certificates) {
    vouched.certificates.push_back(certificate->key_id());
    vouched.certificates.push_back(certificate->sha256());
  }
  return vouched;
}

}  // namespace

FormatOutcome VerifyNitroDocument(const FormatInput& input) { return Verifier(input).Run(); }

}  // namespace attestml::verify
