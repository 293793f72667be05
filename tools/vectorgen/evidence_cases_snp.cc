// SEV-SNP reports: versions, roles of keys, product lines, chips, security versions, revocation, hazards.
#include <algorithm>
#include <utility>

#include "tee/snp_authority.h"
#include "vectorgen/evidence_cases.h"

namespace attestml::vectorgen {
namespace {

using tee::SnpAuthority;
using tee::SnpEndorsement;
using tee::SnpProduct;

constexpr std::size_t kVek = 0, kCertChain = 1, kCrl = 2;  // of a package

class SnpBuilder {
 public:
  using Bend = std::function<void(SnpAuthority&)>;
  using Edit = CaseBuilder::Edit;

  explicit SnpBuilder(CaseBuilder* builder) : builder_(builder), keys_(tee::SnpKeys::Generate()) {}

  SnpAuthority Authority(SnpProduct product = SnpProduct::kMilan,
                         SnpEndorsement endorsement = SnpEndorsement::kVcek) const {
    return SnpAuthority::Create(keys_, product, endorsement, kIssued);
  }
  void Add(const std::string& name, std::string_view expect, std::string_view why, const Bend& bend,
           const Edit& edit = {}) {
    AddOf(Authority(), name, expect, why, bend, edit);
  }
  void AddOf(SnpAuthority authority, const std::string& name, std::string_view expect, std::string_view why,
             const Bend& bend = {}, const Edit& edit = {}) {
    if (bend) bend(authority);
    builder_->AddPackage("snp_" + name, expect, why, tee::IssueSnpEvidence(authority, CaseReportData()), keys_.ark,
                         edit);
  }

 private:
  CaseBuilder* builder_;
  tee::SnpKeys keys_;
};

void SetVersion2(SnpAuthority& a) {
  a.report.version = 2;
  a.report.cpuid = {};
}

void AddReports(SnpBuilder* b) {
  b->Add("v2_milan", "verified", "honest evidence must pass", SetVersion2);
  b->Add("v2_with_cpuid", "malformed snp.report.reserved", "a field that version 2 does not have would be read",
         [](SnpAuthority& a) { a.report.version = 2; });
  b->Add("v3_milan", "verified", "honest evidence must pass", {});
  b->AddOf(b->Authority(SnpProduct::kGenoa), "v3_genoa", "verified", "honest evidence must pass");
  b->Add("v4_milan", "verified", "version 4 has version 3's layout", [](SnpAuthority& a) { a.report.version = 4; });
  b->Add("v4_with_mitigations", "malformed snp.report.reserved", "a field that version 4 does not have would be read",
         [](SnpAuthority& a) {
           a.report.version = 4;
           a.report.current_mitigations = 1;
         });
  b->AddOf(b->Authority(SnpProduct::kTurin), "v5_turin", "verified", "honest evidence must pass");
  b->AddOf(b->Authority(SnpProduct::kMilan, SnpEndorsement::kVlek), "vlek_milan", "verified",
           "honest evidence must pass");
  b->AddOf(b->Authority(SnpProduct::kTurin, SnpEndorsement::kVlek), "vlek_turin", "verified",
           "honest evidence must pass");
  for (const std::uint32_t version : {0U, 1U, 6U, 255U, 256U}) {
    b->Add("v" + std::to_string(version),
           version == 0 || version == 256 ? "malformed evidence.format" : "unsupported snp.report.version",
           "a layout that nobody here knows would be guessed",
           [version](SnpAuthority& a) { a.report.version = version; });
  }
  b->Add("algorithm_2", "unsupported snp.report.signature_algorithm", "another algorithm would be taken for this one",
         [](SnpAuthority& a) { a.report.signature_algorithm = 2; });
  b->Add("signing_key_none", "unsupported snp.report.signing_key", "a report that says it is not signed would pass",
         [](SnpAuthority& a) { a.report.flags = 7U << 2; });
  b->Add("policy_bit_17_clear", "malformed snp.report.policy", "a policy that no firmware accepts would pass",
         [](SnpAuthority& a) { a.report.policy &= ~(1U << 17); });
  b->Add("asked_for_by_the_host", "malformed snp.report.vmpl", "the host would speak for the guest",
         [](SnpAuthority& a) { a.report.vmpl = 0xffffffff; });
  b->Add("truncated_by_one", "malformed snp.report.truncated", "a length would not be looked at", {},
         [](EvidenceCase& c) { c.package.evidence.pop_back(); });
  b->Add("trailing_zero", "malformed snp.report.trailing", "bytes that nobody signed would travel along", {},
         [](EvidenceCase& c) { c.package.evidence.push_back(0); });
  b->Add("signature_tail", "malformed snp.report.signature_size", "bytes that nobody signed would travel along", {},
         [](EvidenceCase& c) { c.package.evidence.back() = 1; });
  b->Add("body_flipped", "untrusted snp.report.signature", "what a guest measured could be edited", {},
         [](EvidenceCase& c) { c.package.evidence[0x90] ^= 1; });
  b->Add("signed_by_another_key", "untrusted snp.report.signature", "anyone could write reports",
         [](SnpAuthority& a) { a.report_signer = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384); });
  b->Add("root_not_an_anchor", "untrusted snp.vek.chain", "any root would do", {},
         [](EvidenceCase& c) { c.anchors[0].key_id[0] ^= 1; });
}

void AddRoles(SnpBuilder* b) {
  const SnpAuthority vlek = b->Authority(SnpProduct::kMilan, SnpEndorsement::kVlek);
  const auto issued_by = [](const char* name) {
    return [name](SnpAuthority& a) { a.ask.certificate.subject[0].second = a.vek.certificate.issuer[0].second = name; };
  };
  b->AddOf(vlek, "vlek_under_ask", "untrusted snp.vek.issuer", "who makes chips' keys would make providers' keys",
           issued_by("SEV-Milan"));
  b->Add("vcek_under_asvk", "untrusted snp.vek.issuer", "who makes providers' keys would make chips' keys",
         issued_by("SEV-VLEK-Milan"));
  b->Add("vcek_under_ask_of_genoa", "untrusted snp.vek.issuer", "another product line's authority would do",
         issued_by("SEV-Genoa"));
  b->Add("vcek_under_ark", "untrusted snp.vek.chain", "the root makes no chips' keys", [](SnpAuthority& a) {
    a.vek.certificate.issuer = a.ark.certificate.subject;
    a.vek.issuer = a.ark.key;
  });
  b->Add("ask_as_vcek", "untrusted snp.vek.role", "an authority would sign reports",
         [](SnpAuthority& a) { a.vek.certificate.is_ca = true; });
  b->Add("vcek_may_not_sign", "untrusted snp.vek.role", "keyUsage would mean nothing",
         [](SnpAuthority& a) { a.vek.certificate.key_usage = {"keyCertSign"}; });
  b->Add("vcek_may_sign", "verified", "keyUsage that allows it must pass",
         [](SnpAuthority& a) { a.vek.certificate.key_usage = {"digitalSignature"}; });
  b->Add("ask_not_ca", "untrusted snp.vek.chain", "a plain certificate would act as an authority", [](SnpAuthority& a) {
    a.ask.certificate.is_ca = false;
    a.ask.certificate.path_length.reset();
  });
  b->Add("vcek_as_authority", "untrusted snp.vek.chain", "the owner of one chip would make chips", [](SnpAuthority& a) {
    a.ask.key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384);
    a.ask.certificate.subject = a.vek.certificate.subject;
    a.ask.certificate.is_ca = false;
    a.ask.certificate.path_length.reset();
    a.ask.certificate.key_usage = {"digitalSignature"};
    a.vek.certificate.issuer = a.ask.certificate.subject;
    a.vek.issuer = a.ask.key;
  });
  b->Add("vcek_says_vlek", "untrusted snp.vek.kind", "a chip's key would pass for a provider's",
         [](SnpAuthority& a) { a.report.flags = 1U << 2; });
  b->AddOf(vlek, "vlek_says_vcek", "untrusted snp.vek.kind", "a provider's key would pass for a chip's",
           [](SnpAuthority& a) { a.report.flags = 0; });
  b->Add("vcek_masked", "untrusted snp.vek.masked", "a key that is not to be used would be",
         [](SnpAuthority& a) { a.report.flags |= 2; });
  b->Add("vcek_on_p256", "untrusted snp.vek.key", "a key that no chip has would sign", [](SnpAuthority& a) {
    a.vek.key = a.report_signer = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  });
}

struct Member {
  const char* name;
  SnpAuthority::Certified SnpAuthority::*where;
};
constexpr Member kMembers[] = {{"ark", &SnpAuthority::ark}, {"ask", &SnpAuthority::ask}, {"vcek", &SnpAuthority::vek}};

void AddCertificates(SnpBuilder* b) {
  for (const Member& m : kMembers) {
    for (const bool critical : {true, false}) {
      b->Add(std::string("cert_unknown_") + (critical ? "critical_" : "extension_") + m.name,
             critical ? "untrusted snp.vek.chain" : "verified",
             critical ? "a restriction that we do not understand would be ignored"
                      : "an extension that is not critical may be ignored",
             [&](SnpAuthority& a) { AddUnknownExtension(&(a.*m.where).certificate, critical); });
    }
    b->Add(std::string("cert_expired_") + m.name, "untrusted snp.vek.validity",
           "a key would be trusted beyond its life",
           [&](SnpAuthority& a) { (a.*m.where).certificate.not_after = Time{kIssued.unix_seconds - 1}; });
    b->Add(std::string("cert_future_") + m.name, "untrusted snp.vek.validity", "a key would be trusted before its life",
           [&](SnpAuthority& a) { (a.*m.where).certificate.not_before = Time{kIssued.unix_seconds + 1}; });
    b->Add(std::string("cert_last_second_") + m.name, "verified", "windows include both ends", [&](SnpAuthority& a) {
      (a.*m.where).certificate.not_before = (a.*m.where).certificate.not_after = kIssued;
    });
  }
  b->Add("cert_path_length_0_of_ark", "untrusted snp.vek.chain", "a path longer than the root allows would pass",
         [](SnpAuthority& a) { a.ark.certificate.path_length = 0; });
  b->Add("cert_path_length_1_of_ark", "verified", "a path as long as is allowed must pass",
         [](SnpAuthority& a) { a.ark.certificate.path_length = 1; });
  b->Add("vcek_missing", "unavailable snp.collateral.vek", "nobody would have vouched for the key", {},
         [](EvidenceCase& c) { c.package.collateral.erase(c.package.collateral.begin() + kVek); });
  b->Add("ask_missing", "untrusted snp.vek.chain", "a chain with a hole would do", {},
         [](EvidenceCase& c) { c.package.collateral.erase(c.package.collateral.begin() + kCertChain); });
  b->Add("collateral_in_any_order", "verified", "labels and order say nothing", {}, [](EvidenceCase& c) {
    std::reverse(c.package.collateral.begin(), c.package.collateral.end());
    for (auto& item : c.package.collateral) item.label = "x";
  });
}

void AddPlatforms(SnpBuilder* b) {
  const auto bump = [](const char* oid) {
    return [oid](SnpAuthority& a) {
      auto& value = tee::FindSnpExtension(&a, oid)->value;
      value = tee::SnpNumber(static_cast<std::uint8_t>(value.back() + 1));
    };
  };
  const std::pair<const char*, const char*> milan[] = {
      {"bootloader", "3.1"}, {"tee", "3.2"}, {"snp", "3.3"}, {"reserved", "3.4"}, {"microcode", "3.8"}};
  for (const auto& [name, oid] : milan) {
    b->Add(std::string("spl_mismatch_") + name, "untrusted snp.vek.tcb",
           "a certificate for other firmware would vouch for this one", bump(oid));
  }
  b->AddOf(b->Authority(SnpProduct::kTurin), "spl_mismatch_fmc_turin", "untrusted snp.vek.tcb",
           "a certificate for other firmware would vouch for this one", bump("3.9"));
  b->AddOf(b->Authority(SnpProduct::kMilan, SnpEndorsement::kVlek), "spl_mismatch_vlek", "untrusted snp.vek.tcb",
           "a certificate for other firmware would vouch for this one", bump("3.8"));
  b->Add("spl_missing", "malformed snp.vek.extension", "a part that is not stated would not be compared",
         [](SnpAuthority& a) {
           auto& all = a.vek.certificate.extensions;
           all.erase(all.begin() + (tee::FindSnpExtension(&a, "3.3") - all.data()));
         });
  b->Add("spl_twice", "malformed snp.vek.extension", "one of two values would be chosen",
         [](SnpAuthority& a) { a.vek.certificate.extensions.push_back(*tee::FindSnpExtension(&a, "3.3")); });
  b->Add("reserved_tcb", "malformed snp.report.tcb", "a part that nobody knows would not be compared",
         [](SnpAuthority& a) { a.report.reported_tcb[3] = 1; });
  b->Add("vcek_of_another_chip", "untrusted snp.vek.chip", "another chip's key would vouch for this one",
         [](SnpAuthority& a) { tee::FindSnpExtension(&a, "4")->value[63] ^= 1; });
  b->AddOf(b->Authority(SnpProduct::kTurin), "chip_of_9_bytes_turin", "untrusted snp.vek.chip",
           "what follows a chip's 8 bytes would not be looked at", [](SnpAuthority& a) { a.report.chip_id[8] = 1; });
  b->Add("report_of_genoa", "untrusted snp.vek.product", "another product line's rules would be applied",
         [](SnpAuthority& a) {
           a.report.cpuid = {0x19, 0x11, 1};
         });
  b->Add("certificate_of_genoa", "untrusted snp.vek.product", "another product line's rules would be applied",
         [](SnpAuthority& a) { tee::FindSnpExtension(&a, "2")->value = tee::SnpText("Genoa"); });
}

void AddRevocation(SnpBuilder* b) {
  b->Add("crl_revokes_ask", "untrusted snp.revocation.authority", "an authority whose key leaked would pass",
         [](SnpAuthority& a) { a.crl.revoked_serials = {a.ask.certificate.serial}; });
  b->AddOf(b->Authority(SnpProduct::kMilan, SnpEndorsement::kVlek), "crl_revokes_asvk",
           "untrusted snp.revocation.authority", "an authority whose key leaked would pass", [](SnpAuthority& a) {
             a.crl.revoked_serials = {{7}, a.ask.certificate.serial};
           });
  b->Add("crl_revokes_others", "verified", "only what a list names is revoked", [](SnpAuthority& a) {
    a.crl.revoked_serials = {{7}, {8}};
  });
  b->Add("crl_expired", "untrusted snp.crl.expired", "an old list would be served for ever",
         [](SnpAuthority& a) { a.crl.next_update = Time{kIssued.unix_seconds - 1}; });
  b->Add("crl_future", "untrusted snp.crl.not_yet_valid", "a list would count before its time",
         [](SnpAuthority& a) { a.crl.this_update = Time{kIssued.unix_seconds + 1}; });
  b->Add("crl_last_second", "verified", "windows include both ends",
         [](SnpAuthority& a) { a.crl.next_update = kIssued; });
  b->Add("crl_of_another_key", "untrusted snp.crl.signature", "anyone could write an empty list",
         [](SnpAuthority& a) { a.crl_issuer = a.ask.key; });
  b->Add("crl_unknown_critical", "unsupported crl.extension", "a list that says something else would be read as usual",
         [](SnpAuthority& a) {
           a.crl.extensions.push_back({"1.3.6.1.4.1.55555.1", true, {0x05, 0x00}});
         });
  b->Add("crl_damaged", "malformed snp.crl.unreadable", "damage would make a revocation disappear", {},
         [](EvidenceCase& c) { c.package.collateral[kCrl].bytes.pop_back(); });
  b->Add("ark_may_not_sign_crls", "untrusted snp.crl.issuer", "keyUsage would mean nothing",
         [](SnpAuthority& a) { a.ark.certificate.key_usage = {"keyCertSign"}; });
  b->Add("crl_missing", "verified", "the policy says whether it does without, and is told", {},
         [](EvidenceCase& c) { c.package.collateral.erase(c.package.collateral.begin() + kCrl); });
}

void AddHazards(SnpBuilder* b) {
  const auto report = [b](const char* name, const char* expect, const char* why,
                          const std::function<void(tee::SnpReportBody&)>& bend) {
    b->Add(name, expect, why, [&](SnpAuthority& a) { bend(a.report); });
  };
  report("debug", "verified debug", "the host could read the guest's memory", [](auto& r) { r.policy |= 1U << 19; });
  report("migratable", "verified hazard migratable", "the guest could be moved unseen",
         [](auto& r) { r.policy |= 1U << 18; });
  report("migration_agent", "verified hazard migration-agent", "another guest could move this one unseen",
         [](auto& r) { r.report_id_ma[0] = 0; });
  report("vmpl_1", "verified hazard vmpl", "a part of the guest that is trusted less would speak for it",
         [](auto& r) { r.vmpl = 1; });
  report("firmware_provisional", "verified hazard provisional-firmware", "the host could take firmware back",
         [](auto& r) { r.current_firmware[0] += 1; });
  report("tcb_provisional", "verified hazard provisional-firmware", "the host could take firmware back",
         [](auto& r) { r.current_tcb[6] += 1; });
  report("microcode_ahead", "verified", "microcode runs ahead of what is committed on genuine machines",
         [](auto& r) { r.current_tcb[7] += 1; });
  report("chip_hidden", "verified hazard masked-chip", "a policy that bans chips would not see this one",
         [](auto& r) { r.chip_id = {}; });
}

}  // namespace

void AddSnpCases(CaseBuilder* builder) {
  SnpBuilder b(builder);
  AddReports(&b);
  AddRoles(&b);
  AddCertificates(&b);
  AddPlatforms(&b);
  AddRevocation(&b);
  AddHazards(&b);
}

}  // namespace attestml::vectorgen
