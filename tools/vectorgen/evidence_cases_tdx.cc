// Trust domains, and the quote versions that SGX shares with them: bodies, roles, revocation, module, relaunch,
// attributes.

#include "tee/tdx_authority.h"
#include "vectorgen/evidence_cases.h"

namespace attestml::vectorgen {
namespace {

using tee::SimulatedAuthority;
using tee::TdQuote;
using tee::TdxAuthority;

class TdxBuilder {
 public:
  using Bend = std::function<void(TdxAuthority&)>;

  explicit TdxBuilder(CaseBuilder* builder) : builder_(builder) {}

  void Add(const std::string& name, std::string_view expect, std::string_view why, const Bend& bend,
           TdQuote quote = TdQuote::kVersion4, const CaseBuilder::Edit& edit = {}) {
    TdxAuthority authority = TdxAuthority::Create(builder_->keys(), kIssued, quote);
    if (bend) bend(authority);
    builder_->AddPackage("tdx_" + name, expect, why, tee::IssueTdxEvidence(authority, CaseReportData()),
                         builder_->keys().root, edit);
  }
  // Changes TCB info or QE identity before it is signed.
  void AddInfo(const std::string& name, std::string_view expect, std::string_view why,
               const std::function<void(tee::SgxTcbInfo&)>& change, const Bend& bend = {},
               TdQuote quote = TdQuote::kVersion4) {
    Add(
        name, expect, why,
        [&](TdxAuthority& a) {
          tee::SgxTcbInfo info = tee::SimulatedTdxTcbInfo(kIssued);
          change(info);
          a.vendor.tcb_info = tee::WriteTcbInfo(info);
          if (bend) bend(a);
        },
        quote);
  }
  void AddQe(const std::string& name, std::string_view expect, std::string_view why,
             const std::function<void(tee::SgxQeIdentity&)>& change) {
    Add(name, expect, why, [&](TdxAuthority& a) {
      tee::SgxQeIdentity identity = tee::SimulatedTdQeIdentity(kIssued);
      change(identity);
      a.vendor.qe_identity = tee::WriteQeIdentity(identity);
    });
  }
  const CaseBuilder& base() const { return *builder_; }

 private:
  CaseBuilder* builder_;
};

void AddBodies(TdxBuilder* b) {
  b->Add("v4", "verified UpToDate", "honest evidence must pass", {});
  b->Add("v5_body_type_2", "verified UpToDate", "a TD report 1.0 in a version 5 quote must pass", {},
         TdQuote::kVersion5);
  b->Add("v5_body_type_3", "verified UpToDate", "a TD report 1.5 must pass", {}, TdQuote::kVersion5Td15);
  b->Add(
      "v5_body_type_4", "unsupported tdx.quote.body_type", "a body that nobody here can read would be read as another",
      [](TdxAuthority& a) { a.layout.body_type = 4; }, TdQuote::kVersion5Td15);
  b->Add(
      "v5_body_type_1_of_a_td", "unsupported tdx.quote.body_type", "a trust domain would pass for an enclave",
      [](TdxAuthority& a) { a.layout.body_type = 1; }, TdQuote::kVersion5);
  b->Add(
      "v5_body_type_2_of_a_report_1_5", "malformed tdx.quote.body_size", "what the 64 bytes more say would be left out",
      [](TdxAuthority& a) { a.layout.body_type = 2; }, TdQuote::kVersion5Td15);
  b->Add(
      "v5_body_type_3_of_a_report_1_0", "malformed tdx.quote.body_size",
      "64 bytes of the signature would be the report's", [](TdxAuthority& a) { a.layout.body_type = 3; },
      TdQuote::kVersion5);
  b->Add(
      "v5_body_size_lie", "malformed tdx.quote.body_size", "a length that lies would move what follows",
      [](TdxAuthority& a) { a.layout.body_size = 583; }, TdQuote::kVersion5);
  b->Add("v4_qe_certification_type_5", "unsupported tdx.quote.qe_cert_type", "the QE's report would be skipped",
         [](TdxAuthority& a) { a.layout.qe_certification_type = 5; });
  b->Add("v4_tee_type_sgx", "malformed sgx.quote.signature_size", "a trust domain would pass for an enclave",
         [](TdxAuthority& a) { a.layout.tee_type = tee::kTeeTypeSgx; });
  b->Add("v3", "malformed sgx.quote.tee_type", "version 3 knows enclaves only",
         [](TdxAuthority& a) { a.vendor.header.version = 3; });
  b->Add("signed_by_another_key", "untrusted tdx.quote.signature", "anyone could write quotes",
         [k = b->base().stranger_keys().attestation](TdxAuthority& a) { a.vendor.quote_signer = k; });
  b->Add("body_flipped", "untrusted tdx.quote.signature", "what a trust domain measured could be edited", {},
         TdQuote::kVersion4, [](EvidenceCase& c) { c.package.evidence[48 + 136] ^= 1; });
  b->Add("root_not_an_anchor", "untrusted sgx.pck.chain", "any root would do", {}, TdQuote::kVersion4,
         [k = b->base().stranger_keys().root.public_key().id()](EvidenceCase& c) { c.anchors[0].key_id = k; });
}

// SGX enclaves in quotes of versions 4 and 5, from the same platform.
void AddSgxBodies(CaseBuilder* b) {
  const auto add = [b](const char* name, std::string_view expect, std::string_view why, std::uint16_t version,
                       std::optional<std::uint16_t> body_type, std::uint32_t tee_type = tee::kTeeTypeSgx) {
    b->Add(name, expect, why, {}, [&](EvidenceCase& c) {
      SimulatedAuthority a = b->Authority();
      a.header.version = version;
      a.program.report_data = CaseReportData();
      const auto chain = tee::PckChainPem(tee::IssueCertificates(a).value());
      c.package.evidence =
          tee::EncodeDcapQuote(a.header, {.tee_type = tee_type, .body_type = body_type},
                               tee::EncodeReportBody(a.program), a.quote_signer, tee::IssueCertification(a, chain));
    });
  };
  add("sgx_v4", "verified UpToDate", "honest evidence must pass", 4, {});
  add("sgx_v5_body_type_1", "verified UpToDate", "honest evidence must pass", 5, 1);
  add("sgx_v5_body_type_2", "unsupported sgx.quote.body_type", "an enclave would pass for a trust domain", 5, 2);
  add("sgx_v5_body_type_1_of_tee_type_tdx", "unsupported tdx.quote.body_type",
      "an enclave would pass for a trust domain", 5, 1, tee::kTeeTypeTdx);
}

struct Member {
  const char* name;
  SimulatedAuthority::Certified SimulatedAuthority::*where;
  const char* chain;
};
constexpr Member kMembers[] = {{"root", &SimulatedAuthority::root, "untrusted sgx.pck.chain"},
                               {"intermediate", &SimulatedAuthority::platform_ca, "untrusted sgx.pck.chain"},
                               {"tcb_signer", &SimulatedAuthority::tcb_signer, "untrusted sgx.tcb_signer.chain"},
                               {"pck", &SimulatedAuthority::pck, "untrusted sgx.pck.chain"}};

void AddCertificates(TdxBuilder* b) {
  for (const Member& m : kMembers) {
    for (const bool critical : {true, false}) {
      b->Add(std::string("cert_unknown_") + (critical ? "critical_" : "extension_") + m.name,
             critical ? m.chain : "verified UpToDate",
             critical ? "a restriction that we do not understand would be ignored"
                      : "an extension that is not critical may be ignored",
             [&](TdxAuthority& a) { AddUnknownExtension(&(a.vendor.*m.where).certificate, critical); });
    }
  }
  b->Add("cert_path_length_0_of_root", "untrusted sgx.pck.chain", "a path longer than the root allows would pass",
         [](TdxAuthority& a) { a.vendor.root.certificate.path_length = 0; });
  b->Add("cert_path_length_2_of_root", "verified UpToDate", "a path that is shorter than allowed must pass",
         [](TdxAuthority& a) { a.vendor.root.certificate.path_length = 2; });
  b->Add("cert_pck_signs_tcb_info", "untrusted sgx.tcb_info.signature",
         "the owner of a platform would say that it is up to date",
         [](TdxAuthority& a) { a.vendor.document_key = a.vendor.pck.key; });
  b->Add("cert_pck_named_tcb_signer", "untrusted sgx.tcb_signer.chain", "a platform authority would make TCB signers",
         [](TdxAuthority& a) {
           a.vendor.tcb_signer.issuer = a.vendor.platform_ca.key;
           a.vendor.tcb_signer.certificate.issuer = a.vendor.platform_ca.certificate.subject;
         });
  b->Add("cert_tcb_signer_as_pck", "untrusted sgx.pck.leaf", "the TCB signer would pass for a platform",
         [](TdxAuthority& a) {
           a.vendor.pck = a.vendor.tcb_signer;
           a.vendor.qe_signer = a.vendor.tcb_signer.key;
         });
  b->Add("cert_intermediate_as_pck", "untrusted sgx.pck.leaf", "an authority would pass for a platform",
         [](TdxAuthority& a) {
           a.vendor.pck.certificate.is_ca = true;
           a.vendor.pck.certificate.key_usage = {"digitalSignature", "keyCertSign"};
         });
  b->Add("crl_revokes_pck", "untrusted sgx.revocation.pck", "a platform whose key leaked would pass",
         [](TdxAuthority& a) { a.vendor.pck_crl.crl.revoked_serials = {a.vendor.pck.certificate.serial}; });
  b->Add("crl_revokes_intermediate", "untrusted sgx.revocation.authority", "an authority whose key leaked would pass",
         [](TdxAuthority& a) { a.vendor.root_crl.crl.revoked_serials = {a.vendor.platform_ca.certificate.serial}; });
  b->Add("crl_revokes_tcb_signer", "untrusted sgx.revocation.tcb_signer", "a signer whose key leaked would pass",
         [](TdxAuthority& a) { a.vendor.root_crl.crl.revoked_serials = {a.vendor.tcb_signer.certificate.serial}; });
  b->Add("crl_revokes_others", "verified UpToDate", "only what a list names is revoked", [](TdxAuthority& a) {
    a.vendor.root_crl.crl.revoked_serials = {{5}, a.vendor.pck.certificate.serial};
    a.vendor.pck_crl.crl.revoked_serials = {{6}, a.vendor.tcb_signer.certificate.serial};
  });
}

void AddDocuments(TdxBuilder* b) {
  b->Add("tcb_info_of_sgx", "untrusted sgx.tcb_info.id", "a TDX module would be judged by nothing",
         [](TdxAuthority& a) { a.vendor.tcb_info = tee::WriteTcbInfo(tee::SimulatedTcbInfo(kIssued)); });
  b->Add("qe_identity_of_sgx", "untrusted sgx.qe_identity.id", "SGX's quoting enclave would quote trust domains",
         [](TdxAuthority& a) { a.vendor.qe_identity = tee::WriteQeIdentity(tee::SimulatedQeIdentity(kIssued)); });
  b->Add("quoted_by_the_qe_of_sgx", "untrusted sgx.qe.identity", "SGX's quoting enclave would quote trust domains",
         [keys = b->base().keys()](TdxAuthority& a) {
           a.vendor.quoting_enclave = SimulatedAuthority::Create(keys, kIssued).quoting_enclave;
         });
  b->Add("qe_outdated", "verified OutOfDate", "a quoting enclave with known flaws would pass for a good one",
         [](TdxAuthority& a) { a.vendor.quoting_enclave.isvsvn -= 1; });
  b->Add("qe_below_every_level", "untrusted sgx.qe.level", "a quoting enclave that nobody vouches for would pass",
         [](TdxAuthority& a) { a.vendor.quoting_enclave.isvsvn = 1; });
  b->AddQe("qe_revoked", "untrusted tdx.tcb.status", "a quoting enclave that is revoked would pass",
           [](tee::SgxQeIdentity& identity) { identity.levels[0].status = "Revoked"; });
  b->AddQe("qe_identity_expired", "untrusted sgx.qe_identity.expired", "an old identity would be served for ever",
           [](tee::SgxQeIdentity& identity) { identity.next_update = Time{kIssued.unix_seconds - 1}; });
  b->AddQe("qe_identity_last_second", "verified UpToDate", "windows include both ends",
           [](tee::SgxQeIdentity& identity) { identity.next_update = kIssued; });
  b->AddInfo("status_revoked", "untrusted tdx.tcb.status", "a platform that is revoked would pass",
             [](tee::SgxTcbInfo& info) { info.levels[0].status = "Revoked"; });
  b->Add("component_low", "verified OutOfDate", "one security version that is behind would not count",
         [](TdxAuthority& a) { a.td.tee_tcb_svn[2] -= 1; });
  b->Add("below_every_level", "untrusted tdx.tcb.level", "a platform that no level covers would pass",
         [](TdxAuthority& a) { a.td.tee_tcb_svn[2] = 0; });
}

void AddModules(TdxBuilder* b) {
  b->AddInfo("module_identity_missing", "untrusted tdx.module.identity", "a module that nobody vouches for would pass",
             [](tee::SgxTcbInfo& info) { info.tdx_module_identities[0].id = "TDX_01"; });
  b->AddInfo("module_identities_missing", "untrusted tdx.module.identity",
             "a module that nobody vouches for would pass",
             [](tee::SgxTcbInfo& info) { info.tdx_module_identities.clear(); });
  b->AddInfo("module_identity_of_two", "verified UpToDate", "the identity of the module's own version counts",
             [](tee::SgxTcbInfo& info) {
               info.tdx_module_identities.insert(info.tdx_module_identities.begin(), info.tdx_module_identities[0]);
               info.tdx_module_identities[0].id = "TDX_01";
               info.tdx_module_identities[0].mrsigner.fill(1);
             });
  b->Add("module_signer", "untrusted tdx.module.identity", "a module of somebody else's would pass",
         [](TdxAuthority& a) { a.td.mrsignerseam[0] = 1; });
  b->Add("module_attributes", "untrusted tdx.module.identity", "a module in debug mode would pass",
         [](TdxAuthority& a) { a.td.seamattributes[0] = 1; });
  b->Add("module_outdated", "verified OutOfDate", "a module with known flaws would pass for a good one",
         [](TdxAuthority& a) { a.td.tee_tcb_svn[0] -= 1; });
  b->Add("module_below_every_level", "untrusted tdx.module.level", "a module that no level covers would pass",
         [](TdxAuthority& a) { a.td.tee_tcb_svn[0] = 1; });
  b->AddInfo("module_revoked", "untrusted tdx.tcb.status", "a module that is revoked would pass",
             [](tee::SgxTcbInfo& info) { info.tdx_module_identities[0].levels[0].status = "Revoked"; });
  const auto version_0 = [](TdxAuthority& a) { a.td.tee_tcb_svn[1] = 0; };
  b->AddInfo(
      "module_version_0", "verified UpToDate", "version 0 has no levels of its own",
      [](tee::SgxTcbInfo& info) { (*info.levels[0].tdx_components)[1] = 0; }, version_0);
  b->AddInfo(
      "module_version_0_all_components_count", "untrusted tdx.tcb.level",
      "nothing but the components says how old version 0 is", [](tee::SgxTcbInfo&) {}, version_0);
}

void AddRelaunch(TdxBuilder* b) {
  const auto launched_before = [](TdxAuthority& a) { a.td.tee_tcb_svn = {4, 3, 6}; };
  b->Add("relaunch_advised", "verified TDRelaunchAdvised", "a TD that only has to be launched again must be told so",
         launched_before, TdQuote::kVersion5Td15);
  b->Add("relaunch_not_told_by_report_1_0", "verified OutOfDate", "what runs now would be guessed", launched_before,
         TdQuote::kVersion5);
  b->Add(
      "relaunch_would_not_help", "verified OutOfDate", "a module that is old still would pass for a new one",
      [&](TdxAuthority& a) {
        launched_before(a);
        a.td.version_15->tee_tcb_svn_2 = a.td.tee_tcb_svn;
      },
      TdQuote::kVersion5Td15);
  b->Add(
      "relaunch_of_an_unknown_module", "untrusted tdx.module.identity", "a module that nobody vouches for would run",
      [&](TdxAuthority& a) {
        launched_before(a);
        a.td.version_15->tee_tcb_svn_2[1] = 9;
      },
      TdQuote::kVersion5Td15);
  b->Add(
      "relaunch_with_an_outdated_qe", "verified OutOfDate", "launching again does not renew a quoting enclave",
      [&](TdxAuthority& a) {
        launched_before(a);
        a.vendor.quoting_enclave.isvsvn -= 1;
      },
      TdQuote::kVersion5Td15);
}

void AddAttributes(TdxBuilder* b) {
  b->Add("attribute_debug", "verified UpToDate debug", "the host could read and write the TD's memory",
         [](TdxAuthority& a) { a.td.tdattributes |= tee::kTdDebug; });
  b->Add("attribute_migratable", "verified UpToDate hazard migratable",
         "the TD's state could leave the platform unseen",
         [](TdxAuthority& a) { a.td.tdattributes |= tee::kTdMigratable; });
  b->Add("attribute_sept_ve", "verified UpToDate hazard sept-ve", "the host could inject faults that the guest handles",
         [](TdxAuthority& a) { a.td.tdattributes &= ~tee::kTdSeptVeDisable; });
  for (const unsigned bit : {1U, 7U, 8U, 26U, 32U}) {
    b->Add("attribute_reserved_" + std::to_string(bit), "verified UpToDate hazard reserved-attributes",
           "a bit that nobody here knows could open the TD",
           [bit](TdxAuthority& a) { a.td.tdattributes |= std::uint64_t{1} << bit; });
  }
  b->Add("attribute_perfmon", "verified UpToDate", "a bit that is known and harmless must pass",
         [](TdxAuthority& a) { a.td.tdattributes |= std::uint64_t{1} << 63; });
  b->Add(
      "service_td", "verified UpToDate hazard service-td", "another TD could act on this one unseen",
      [](TdxAuthority& a) { a.td.version_15->mrservicetd[47] = 1; }, TdQuote::kVersion5Td15);
}

}  // namespace

void AddTdxCases(CaseBuilder* builder) {
  TdxBuilder b(builder);
  AddBodies(&b);
  AddSgxBodies(builder);
  AddCertificates(&b);
  AddDocuments(&b);
  AddModules(&b);
  AddRelaunch(&b);
  AddAttributes(&b);
}

}  // namespace attestml::vectorgen
