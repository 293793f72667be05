// AWS Nitro documents: registers, roles of certificates, windows, dates, revocation.
#include <algorithm>
#include <utility>

#include "tee/nitro_authority.h"
#include "vectorgen/evidence_cases.h"

namespace attestml::vectorgen {
namespace {

using tee::NitroAuthority;
using Certified = NitroAuthority::Certified;

class NitroBuilder {
 public:
  using Bend = std::function<void(NitroAuthority&)>;
  using Edit = CaseBuilder::Edit;

  explicit NitroBuilder(CaseBuilder* builder) : builder_(builder), keys_(tee::NitroKeys::Generate()) {}

  NitroAuthority Authority() const {
    NitroAuthority out = NitroAuthority::Create(keys_, kIssued);
    const auto report_data = CaseReportData();
    out.user_data = Bytes(report_data.begin(), report_data.end());
    return out;
  }
  void Add(const std::string& name, std::string_view expect, std::string_view why, const Bend& bend,
           const Edit& edit = {}) {
    NitroAuthority authority = Authority();
    if (bend) bend(authority);
    AddPackage(name, expect, why, tee::IssueNitroEvidence(authority), edit);
  }
  void AddPackage(const std::string& name, std::string_view expect, std::string_view why,
                  Result<evidence::EvidencePackage> package, const Edit& edit = {}) {
    builder_->AddPackage("nitro_" + name, expect, why, std::move(package), keys_.root, edit);
  }

 private:
  CaseBuilder* builder_;
  tee::NitroKeys keys_;
};

void AddDocuments(NitroBuilder* b) {
  b->Add("honest", "verified", "honest evidence must pass", {});
  b->Add("tagged", "verified", "the tag 18 is allowed", [](NitroAuthority& a) { a.tagged = true; });
  b->Add("all_fields", "verified", "fields that may be there must pass", [](NitroAuthority& a) {
    a.public_key = Bytes(32, 1);
    a.nonce = Bytes(32, 2);
  });
  b->Add("debug", "verified debug", "an enclave whose memory is open would pass for a closed one",
         [](NitroAuthority& a) { a.pcrs[0] = a.pcrs[1] = a.pcrs[2] = Bytes(48, 0); });
  for (const unsigned index : {0U, 1U, 2U}) {
    b->Add("debug_pcr" + std::to_string(index) + "_alone", "verified debug",
           "what was not measured would pass for measured",
           [index](NitroAuthority& a) { a.pcrs[index] = Bytes(48, 0); });
  }
  b->Add("pcr3_zero", "verified", "an instance without a role has a zero there",
         [](NitroAuthority& a) { a.pcrs[3] = Bytes(48, 0); });
  for (const unsigned index : {0U, 1U, 2U}) {
    b->Add("pcr" + std::to_string(index) + "_missing", "malformed nitro.document.pcrs",
           "a register that is not there would equal anything", [index](NitroAuthority& a) { a.pcrs.erase(index); });
  }
  b->Add("pcr_of_32_bytes", "malformed nitro.document.pcrs", "another digest would pass for SHA-384",
         [](NitroAuthority& a) { a.pcrs[4].resize(32); });
  b->Add("pcr_32", "malformed nitro.document.pcrs", "a register that does not exist would be read",
         [](NitroAuthority& a) { a.pcrs[32] = Bytes(48, 1); });
  b->Add("digest_sha512", "malformed nitro.document.digest", "registers would be read as another digest",
         [](NitroAuthority& a) { a.digest = "SHA512"; });
  b->Add("algorithm_es256", "malformed nitro.document.protected", "the document would choose how it is verified",
         [](NitroAuthority& a) {
           a.protected_header = {0xa1, 0x01, 0x26};
         });
  b->Add("trailing_byte", "malformed nitro.document.trailing", "bytes that nobody signed would travel along", {},
         [](EvidenceCase& c) { c.package.evidence.push_back(0); });
  b->Add("payload_flipped", "untrusted nitro.signature", "what an enclave measured could be edited", {},
         [](EvidenceCase& c) {
           // The last byte of the user data, after enough of it that no key or signature holds the same by chance.
           const Bytes tail = {0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f};
           const auto at = std::search(c.package.evidence.begin(), c.package.evidence.end(), tail.begin(), tail.end());
           if (at != c.package.evidence.end()) *(at + 7) ^= 1;
         });
  b->Add("signed_by_another_key", "untrusted nitro.signature", "anyone could write documents",
         [](NitroAuthority& a) { a.signer = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384); });
  b->Add("signed_by_its_authority", "untrusted nitro.signature", "the instance would speak for the enclave",
         [](NitroAuthority& a) { a.signer = a.instance.key; });
  b->Add("root_not_an_anchor", "untrusted nitro.chain", "any root would do", {},
         [](EvidenceCase& c) { c.anchors[0].key_id[0] ^= 1; });
}

struct Member {
  const char* name;
  Certified NitroAuthority::*where;
};
constexpr Member kMembers[] = {{"root", &NitroAuthority::root},
                               {"regional", &NitroAuthority::regional},
                               {"zonal", &NitroAuthority::zonal},
                               {"instance", &NitroAuthority::instance},
                               {"leaf", &NitroAuthority::enclave}};

void AddMembers(NitroBuilder* b) {
  for (const Member& m : kMembers) {
    const bool leaf = m.where == &NitroAuthority::enclave;
    for (const bool critical : {true, false}) {
      b->Add(std::string("cert_unknown_") + (critical ? "critical_" : "extension_") + m.name,
             critical ? "untrusted nitro.chain" : "verified",
             critical ? "a restriction that we do not understand would be ignored"
                      : "an extension that is not critical may be ignored",
             [&](NitroAuthority& a) { AddUnknownExtension(&(a.*m.where).certificate, critical); });
    }
    b->Add(std::string("cert_expired_") + m.name, "untrusted nitro.validity", "a key would be trusted beyond its life",
           [&](NitroAuthority& a) {
             (a.*m.where).certificate.not_before = Later(-1);
             (a.*m.where).certificate.not_after = Time{kIssued.unix_seconds - 1};
           });
    b->Add(std::string("cert_future_") + m.name, "untrusted nitro.validity", "a key would be trusted before its life",
           [&](NitroAuthority& a) { (a.*m.where).certificate.not_before = Time{kIssued.unix_seconds + 1}; });
    b->Add(std::string("cert_last_second_") + m.name, "verified", "windows include both ends", [&](NitroAuthority& a) {
      (a.*m.where).certificate.not_before = (a.*m.where).certificate.not_after = kIssued;
    });
    if (leaf) continue;
    b->Add(std::string("cert_") + m.name + "_not_ca", "untrusted nitro.chain",
           "a plain certificate would act as an authority", [&](NitroAuthority& a) {
             (a.*m.where).certificate.is_ca = false;
             (a.*m.where).certificate.path_length.reset();
           });
    b->Add(std::string("cert_") + m.name + "_may_not_issue", "untrusted nitro.chain", "keyUsage would mean nothing",
           [&](NitroAuthority& a) {
             (a.*m.where).certificate.key_usage = {"cRLSign", "digitalSignature"};
           });
  }
}

void AddRoles(NitroBuilder* b) {
  b->Add("cert_leaf_is_ca", "untrusted nitro.leaf", "an authority would sign documents", [](NitroAuthority& a) {
    a.enclave.certificate.is_ca = true;
    a.enclave.certificate.key_usage = {"digitalSignature", "keyCertSign"};
  });
  b->Add("cert_leaf_may_not_sign", "untrusted nitro.leaf", "keyUsage would mean nothing",
         [](NitroAuthority& a) { a.enclave.certificate.key_usage = {"nonRepudiation"}; });
  b->Add("cert_leaf_on_p256", "untrusted nitro.leaf", "a key that no hypervisor has would sign",
         [](NitroAuthority& a) { a.enclave.key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256); });
  b->Add("cert_instance_as_leaf", "untrusted nitro.leaf", "an instance would speak for its enclaves",
         [](NitroAuthority& a) {
           a.enclave = a.instance;
           a.signer = a.instance.key;
         });
  b->Add("cert_leaf_as_authority", "untrusted nitro.chain", "the owner of one enclave would make enclaves",
         [](NitroAuthority& a) {
           a.instance = a.enclave;
           a.instance.issuer = a.zonal.key;
           a.instance.certificate.issuer = a.zonal.certificate.subject;
           a.enclave.key = a.signer = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384);
           a.enclave.issuer = a.instance.key;
           a.enclave.certificate.issuer = a.instance.certificate.subject;
           a.enclave.certificate.serial = {7};
         });
  b->Add("cert_path_length_of_zonal", "untrusted nitro.chain", "a path longer than is allowed would pass",
         [](NitroAuthority& a) { a.zonal.certificate.path_length = 0; });
  b->Add("cert_path_length_of_regional", "untrusted nitro.chain", "a path longer than is allowed would pass",
         [](NitroAuthority& a) { a.regional.certificate.path_length = 1; });
  b->Add("cert_path_length_of_root", "untrusted nitro.chain", "a path longer than the root allows would pass",
         [](NitroAuthority& a) { a.root.certificate.path_length = 2; });
  b->Add("cert_path_length_3_of_root", "verified", "a path as long as is allowed must pass",
         [](NitroAuthority& a) { a.root.certificate.path_length = 3; });
  b->Add("cert_of_a_lookalike_zonal", "untrusted nitro.chain", "a name would stand for a key",
         [](NitroAuthority& a) { a.zonal.issuer = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384); });
  const NitroAuthority honest = b->Authority();
  const auto certificates = tee::IssueNitroCertificates(honest).value();
  const auto with = [&](const std::vector<Bytes>& cabundle) {
    const Bytes payload = tee::EncodeNitroPayload(honest, certificates.enclave, cabundle);
    return evidence::EvidencePackage{
        std::string(evidence::kNitroDocumentMediaType), tee::EncodeNitroDocument(honest, payload), {}};
  };
  auto bundle = certificates.Cabundle();
  std::reverse(bundle.begin(), bundle.end());
  b->AddPackage("cabundle_reversed", "verified", "a path exists or does not, whatever the order", with(bundle));
  bundle.erase(bundle.begin() + 1);
  b->AddPackage("cabundle_without_zonal", "untrusted nitro.chain", "a chain with a hole would do", with(bundle));
  b->AddPackage("cabundle_empty", "malformed nitro.document.cabundle", "a document would vouch for itself", with({}));
}

void AddDates(NitroBuilder* b) {
  b->Add("leaf_three_hours_later", "verified", "a leaf lives for three hours", {},
         [](EvidenceCase& c) { c.time = Time{kIssued.unix_seconds + 3 * 3600}; });
  b->Add("leaf_expired", "untrusted nitro.validity", "a document would be good for ever", {},
         [](EvidenceCase& c) { c.time = Time{kIssued.unix_seconds + 3 * 3600 + 1}; });
  b->Add("dated_before_its_leaf", "untrusted nitro.timestamp", "a document would have been made before its key",
         [](NitroAuthority& a) { a.timestamp -= 1000; });
  b->Add("dated_after_its_leaf", "untrusted nitro.timestamp", "a document would have been made after its key's life",
         [](NitroAuthority& a) { a.timestamp += 3 * 3600 * 1000 + 1000; });
  b->Add("dated_in_its_leafs_last_second", "verified", "windows include both ends",
         [](NitroAuthority& a) { a.timestamp += 3 * 3600 * 1000; });
}

void AddRevocation(NitroBuilder* b) {
  const NitroAuthority honest = b->Authority();
  const auto crl = [](const Certified& issuer, const Bytes& serial, int days = 0) {
    return evidence::CollateralItem{"crl", crypto::IssueCrl({.issuer = issuer.certificate.subject,
                                                             .this_update = Later(days - 1),
                                                             .next_update = Later(days + 1),
                                                             .revoked_serials = {serial},
                                                             .extensions = {}},
                                                            issuer.key)
                                               .value()};
  };
  const struct {
    const char* name;
    const Certified *issuer, *revoked;
  } kPairs[] = {{"regional", &honest.root, &honest.regional},
                {"zonal", &honest.regional, &honest.zonal},
                {"instance", &honest.zonal, &honest.instance},
                {"leaf", &honest.instance, &honest.enclave}};
  for (const auto& pair : kPairs) {
    const Bytes& serial = pair.revoked->certificate.serial;
    b->Add(std::string("crl_revokes_") + pair.name, "untrusted nitro.revocation", "a key that leaked would pass", {},
           [&](EvidenceCase& c) { c.extra = {crl(*pair.issuer, serial)}; });
    b->Add(std::string("crl_of_another_year_revokes_") + pair.name, "untrusted nitro.revocation",
           "a revocation would depend on the day that is asked about", {},
           [&](EvidenceCase& c) { c.extra = {crl(*pair.issuer, serial, 400)}; });
    b->Add(std::string("crl_of_a_stranger_revokes_") + pair.name, "verified", "anyone could revoke anything", {},
           [&](EvidenceCase& c) {
             Certified stranger = *pair.issuer;
             stranger.key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384);
             c.extra = {crl(stranger, serial)};
           });
  }
  b->Add("crl_revokes_others", "verified", "only what a list names is revoked", {}, [&](EvidenceCase& c) {
    c.extra = {crl(honest.instance, {7}), crl(honest.root, {8})};
  });
}

}  // namespace

void AddNitroCases(CaseBuilder* builder) {
  NitroBuilder b(builder);
  AddDocuments(&b);
  AddMembers(&b);
  AddRoles(&b);
  AddDates(&b);
  AddRevocation(&b);
}

}  // namespace attestml::vectorgen
