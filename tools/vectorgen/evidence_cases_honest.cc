// What must verify, and with which status: a verifier that refuses everything would pass all other cases.
#include <algorithm>

#include "crypto/pem.h"
#include "vectorgen/evidence_cases.h"

namespace attestml::vectorgen {
namespace {

using tee::SgxTcbInfo;
using tee::SimulatedAuthority;

// The authority states `change`d TCB info instead.
template <typename Change>
CaseBuilder::Bend TcbInfo(Change change) {
  return [change](SimulatedAuthority& a) {
    SgxTcbInfo info = tee::SimulatedTcbInfo(kIssued);
    change(info);
    a.tcb_info = tee::WriteTcbInfo(info);
  };
}

template <typename Change>
CaseBuilder::Bend QeIdentity(Change change) {
  return [change](SimulatedAuthority& a) {
    tee::SgxQeIdentity identity = tee::SimulatedQeIdentity(kIssued);
    change(identity);
    a.qe_identity = tee::WriteQeIdentity(identity);
  };
}

void AddForms(CaseBuilder* b) {
  b->Add("honest", "verified UpToDate", "nothing would ever verify", {});
  b->Add("honest_auth_data_empty", "verified UpToDate", "authentication data may have any length",
         [](SimulatedAuthority& a) { a.auth_data.clear(); });
  b->Add("honest_auth_data_64", "verified UpToDate", "authentication data may have any length",
         [](SimulatedAuthority& a) { a.auth_data.assign(64, 0xa5); });
  b->Add("honest_processor_ca", "verified UpToDate", "single-package platforms have this authority",
         [](SimulatedAuthority& a) {
           a.platform_ca.certificate.subject[0].second = "Intel SGX PCK Processor CA";
           a.pck.certificate.issuer = a.pck_crl.crl.issuer = a.platform_ca.certificate.subject;
         });
  b->Add("honest_zero_padding", "verified UpToDate", "some hosts hand out fixed-size buffers", {},
         [](EvidenceCase& c) { c.package.evidence.resize(c.package.evidence.size() + 512); });
  b->Add("honest_chain_without_root", "verified UpToDate", "the root is pinned by key and may come from elsewhere", {},
         [a = b->Authority()](EvidenceCase& c) {
           const auto certificates = tee::IssueCertificates(a).value();
           RebuildQuote(&c, a,
                        crypto::DerToPem("CERTIFICATE", certificates.pck) +
                            crypto::DerToPem("CERTIFICATE", certificates.platform_ca));
         });
  b->Add("honest_chain_reversed", "verified UpToDate", "a path is found by names and signatures, not by order", {},
         [a = b->Authority()](EvidenceCase& c) {
           const auto certificates = tee::IssueCertificates(a).value();
           RebuildQuote(&c, a,
                        crypto::DerToPem("CERTIFICATE", certificates.root) +
                            crypto::DerToPem("CERTIFICATE", certificates.platform_ca) +
                            crypto::DerToPem("CERTIFICATE", certificates.pck));
         });
  b->Add("honest_chain_with_nul", "verified UpToDate", "DCAP ends the PEM text with a NUL", {},
         [a = b->Authority()](EvidenceCase& c) {
           RebuildQuote(&c, a, tee::PckChainPem(tee::IssueCertificates(a).value()) + std::string(1, '\0'));
         });
  b->Add("honest_collateral_from_relying_party", "verified UpToDate", "a package need not carry collateral", {},
         [](EvidenceCase& c) { std::swap(c.package.collateral, c.extra); });
  b->Add("honest_beside_strange_collateral", "verified UpToDate",
         "a folder of collateral may hold other platforms' and other authorities' documents", {},
         [stranger = b->Stranger(Later(1))](EvidenceCase& c) {
           c.time = Later(2);
           c.extra = tee::IssueEvidence(stranger, {}).value().collateral;
           c.extra.push_back({"noise", {1, 2, 3}});
           c.extra.push_back({"empty", {}});
           c.extra.push_back({"json", ToBytes(AsBytes("{\"a\":[}"))});
         });
}

void AddStatuses(CaseBuilder* b) {
  for (const char* status : {"UpToDate", "SWHardeningNeeded", "ConfigurationNeeded",
                             "ConfigurationAndSWHardeningNeeded", "OutOfDate", "OutOfDateConfigurationNeeded"}) {
    b->Add(std::string("status_") + status, std::string("verified ") + status, "a status would be lost on its way",
           TcbInfo([status](SgxTcbInfo& i) { i.levels[0].status = status; }));
  }
  b->Add("status_Revoked", "untrusted sgx.tcb.status", "a platform whose keys are known to leak would pass",
         TcbInfo([](SgxTcbInfo& i) { i.levels[0].status = "Revoked"; }));
  b->Add("status_levels_reversed", "verified UpToDate", "the order in the document would choose the level",
         TcbInfo([](SgxTcbInfo& i) { std::reverse(i.levels.begin(), i.levels.end()); }));
  b->Add("status_outdated_platform", "verified OutOfDate", "an old platform would pass for a new one",
         [](SimulatedAuthority& a) { a.platform->tcb = tee::SimulatedTcbInfo(kIssued).levels[1].tcb; });
  b->Add("status_one_component_low", "verified OutOfDate", "components would be compared as one number",
         [](SimulatedAuthority& a) {
           a.platform->tcb.components[0] = 200;
           a.platform->tcb.components[1] -= 1;
         });
  b->Add("status_last_component_low", "verified OutOfDate", "the last component would be left out",
         [](SimulatedAuthority& a) {
           tee::SgxTcbInfo info = tee::SimulatedTcbInfo(kIssued);
           info.levels[0].tcb.components[15] = 1;
           a.tcb_info = tee::WriteTcbInfo(info);
         });
  b->Add("status_pcesvn_low", "verified OutOfDate", "PCESVN would be left out",
         [](SimulatedAuthority& a) { a.platform->tcb.pcesvn -= 1; });
  b->Add("status_below_every_level", "untrusted sgx.tcb.level", "a platform nobody vouches for would have a status",
         [](SimulatedAuthority& a) { a.platform->tcb.components.fill(0); });
  b->Add("status_outdated_qe", "verified OutOfDate", "the quoting enclave's status would be left out",
         [](SimulatedAuthority& a) { a.quoting_enclave.isvsvn -= 2; });
  b->Add("status_qe_below_every_level", "untrusted sgx.qe.level", "a QE nobody vouches for would have a status",
         [](SimulatedAuthority& a) { a.quoting_enclave.isvsvn = 1; });
  b->Add("status_revoked_qe", "untrusted sgx.tcb.status", "a revoked QE would pass",
         QeIdentity([](tee::SgxQeIdentity& i) { i.levels[0].status = "Revoked"; }));
  b->Add("status_configuration_and_outdated_qe", "verified OutOfDateConfigurationNeeded",
         "one of two reasons would be lost", [](SimulatedAuthority& a) {
           TcbInfo([](SgxTcbInfo& i) { i.levels[0].status = "ConfigurationNeeded"; })(a);
           a.quoting_enclave.isvsvn -= 2;
         });
  b->Add("status_program_debug", "verified UpToDate debug", "anyone can read and change a debug enclave",
         [](SimulatedAuthority& a) { a.program.flags |= tee::kSgxFlagDebug; });
}

}  // namespace

void AddHonestCases(CaseBuilder* b) {
  AddForms(b);
  AddStatuses(b);
}

}  // namespace attestml::vectorgen
