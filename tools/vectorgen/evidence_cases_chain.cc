// Certificates: windows, roles, names, and chains that end where they must not.
#include <utility>

#include "crypto/pem.h"
#include "vectorgen/evidence_cases.h"

namespace attestml::vectorgen {
namespace {

using tee::SimulatedAuthority;
using Certified = tee::SimulatedAuthority::Certified;

struct Member {
  const char* name;
  Certified SimulatedAuthority::*where;
};
constexpr Member kMembers[] = {{"root", &SimulatedAuthority::root},
                               {"intermediate", &SimulatedAuthority::platform_ca},
                               {"tcb_signer", &SimulatedAuthority::tcb_signer},
                               {"pck", &SimulatedAuthority::pck}};

std::string IdFor(const Member& member, const char* pck, const char* tcb) {
  return member.where == &SimulatedAuthority::tcb_signer ? tcb : pck;
}

void AddWindows(CaseBuilder* b) {
  for (const Member& m : kMembers) {
    b->Add(std::string("cert_expired_") + m.name,
           IdFor(m, "untrusted sgx.pck.validity", "untrusted sgx.tcb_signer.validity"),
           "a key would be trusted beyond its life",
           [m](SimulatedAuthority& a) { (a.*m.where).certificate.not_after = Time{kIssued.unix_seconds - 1}; });
    b->Add(std::string("cert_future_") + m.name,
           IdFor(m, "untrusted sgx.pck.validity", "untrusted sgx.tcb_signer.validity"),
           "a key would be trusted before its life",
           [m](SimulatedAuthority& a) { (a.*m.where).certificate.not_before = Time{kIssued.unix_seconds + 1}; });
    b->Add(std::string("cert_last_second_") + m.name, "verified UpToDate", "windows include both ends",
           [m](SimulatedAuthority& a) {
             (a.*m.where).certificate.not_before = kIssued;
             (a.*m.where).certificate.not_after = kIssued;
           });
    b->Add(std::string("cert_unknown_critical_") + m.name,
           IdFor(m, "untrusted sgx.pck.chain", "untrusted sgx.tcb_signer.chain"),
           "a restriction that we do not understand would be ignored", [m](SimulatedAuthority& a) {
             (a.*m.where).certificate.extensions.push_back({"1.3.6.1.4.1.55555.1", true, {0x05, 0x00}});
           });
    b->Add(std::string("cert_unknown_extension_") + m.name, "verified UpToDate",
           "an extension that is not critical may be ignored", [m](SimulatedAuthority& a) {
             (a.*m.where).certificate.extensions.push_back({"1.3.6.1.4.1.55555.1", false, {0x05, 0x00}});
           });
  }
  b->Add("cert_no_overlap", "untrusted sgx.pck.validity", "certificate and collateral would never be valid together",
         [](SimulatedAuthority& a) { a.pck.certificate.not_before = Later(40); });
  b->Add(
      "cert_no_overlap_later", "untrusted sgx.tcb_info.expired",
      "certificate and collateral would never be valid together",
      [](SimulatedAuthority& a) {
        a.pck.certificate.not_before = Later(40);
        a.root_crl.crl.next_update = a.pck_crl.crl.next_update = Later(90);
      },
      [](EvidenceCase& c) { c.time = Later(41); });
}

void AddUsages(CaseBuilder* b) {
  b->Add("cert_intermediate_not_ca", "untrusted sgx.pck.chain", "a plain certificate would act as an authority",
         [](SimulatedAuthority& a) {
           a.platform_ca.certificate.is_ca = false;
           a.platform_ca.certificate.path_length.reset();
         });
  b->Add("cert_root_not_ca", "untrusted sgx.pck.chain", "a plain certificate would act as an authority",
         [](SimulatedAuthority& a) {
           a.root.certificate.is_ca = false;
           a.root.certificate.path_length.reset();
         });
  b->Add("cert_intermediate_may_not_sign_certificates", "untrusted sgx.pck.chain", "keyUsage would mean nothing",
         [](SimulatedAuthority& a) {
           a.platform_ca.certificate.key_usage = {"cRLSign", "digitalSignature"};
         });
  b->Add("cert_intermediate_may_not_sign_crls", "untrusted sgx.crl.pck.issuer", "keyUsage would mean nothing",
         [](SimulatedAuthority& a) { a.platform_ca.certificate.key_usage = {"keyCertSign"}; });
  b->Add("cert_root_may_not_sign_crls", "untrusted sgx.crl.root.issuer", "keyUsage would mean nothing",
         [](SimulatedAuthority& a) { a.root.certificate.key_usage = {"keyCertSign"}; });
  b->Add("cert_tcb_signer_may_not_sign", "untrusted sgx.tcb_signer.role", "keyUsage would mean nothing",
         [](SimulatedAuthority& a) { a.tcb_signer.certificate.key_usage = {"nonRepudiation"}; });
  b->Add("cert_pck_may_not_sign", "untrusted sgx.pck.leaf", "keyUsage would mean nothing",
         [](SimulatedAuthority& a) { a.pck.certificate.key_usage = {"nonRepudiation"}; });
  b->Add("cert_pck_is_ca", "untrusted sgx.pck.leaf", "an authority's certificate would pass for a platform's",
         [](SimulatedAuthority& a) {
           a.pck.certificate.is_ca = true;
           a.pck.certificate.key_usage = {"digitalSignature", "keyCertSign"};
         });
  b->Add("cert_tcb_signer_is_ca", "untrusted sgx.tcb_signer.role", "an authority's certificate would sign TCB info",
         [](SimulatedAuthority& a) {
           a.tcb_signer.certificate.is_ca = true;
           a.tcb_signer.certificate.key_usage = {"digitalSignature", "keyCertSign"};
         });
  b->Add("cert_path_length_of_root", "untrusted sgx.pck.chain", "a path longer than the root allows would pass",
         [](SimulatedAuthority& a) { a.root.certificate.path_length = 0; });
}

// One more authority between the intermediate and the leaf, issued by the intermediate.
void AddPaths(CaseBuilder* b) {
  b->Add("cert_path_length_of_intermediate", "untrusted sgx.pck.chain",
         "an authority would make authorities it may not make", {}, [b](EvidenceCase& c) {
           SimulatedAuthority a = b->Authority();
           const auto certificates = tee::IssueCertificates(a).value();
           crypto::CertificateTemplate sub = a.platform_ca.certificate;
           sub.issuer = sub.subject;
           sub.subject[1].second = "Another";
           sub.serial = {9};
           const auto sub_key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
           const Bytes sub_der = crypto::IssueCertificate(sub, sub_key.public_key(), a.platform_ca.key).value();
           a.root.certificate.path_length = 2;
           a.pck.issuer = sub_key;
           a.pck.certificate.issuer = sub.subject;
           const auto below = tee::IssueCertificates(a).value();
           RebuildQuote(&c, a,
                        crypto::DerToPem("CERTIFICATE", below.pck) + crypto::DerToPem("CERTIFICATE", sub_der) +
                            crypto::DerToPem("CERTIFICATE", certificates.platform_ca) +
                            crypto::DerToPem("CERTIFICATE", below.root));
         });
  b->Add("cert_pck_as_authority", "untrusted sgx.pck.leaf", "the owner of one platform would make platforms", {},
         [b](EvidenceCase& c) {
           SimulatedAuthority a = b->Authority();
           const auto certificates = tee::IssueCertificates(a).value();
           const auto mine = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
           a.pck.issuer = std::exchange(a.pck.key, mine);
           a.pck.certificate.issuer = a.pck.certificate.subject;
           a.pck.certificate.serial = {7};
           a.qe_signer = mine;
           RebuildQuote(&c, a,
                        crypto::DerToPem("CERTIFICATE", tee::IssueCertificates(a).value().pck) +
                            crypto::DerToPem("CERTIFICATE", certificates.pck) +
                            crypto::DerToPem("CERTIFICATE", certificates.platform_ca) +
                            crypto::DerToPem("CERTIFICATE", certificates.root));
         });
  b->Add("cert_pck_as_authority_from_collateral", "untrusted sgx.pck.chain",
         "the owner of one platform would make platforms", {}, [b](EvidenceCase& c) {
           SimulatedAuthority a = b->Authority();
           const auto certificates = tee::IssueCertificates(a).value();
           const auto mine = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
           a.pck.issuer = std::exchange(a.pck.key, mine);
           a.pck.certificate.issuer = a.pck.certificate.subject;
           a.pck.certificate.serial = {7};
           a.qe_signer = mine;
           c.package.collateral.push_back({"", certificates.pck});
           c.package.collateral.push_back({"", certificates.platform_ca});
           RebuildQuote(&c, a, crypto::DerToPem("CERTIFICATE", tee::IssueCertificates(a).value().pck));
         });
  b->Add("cert_pck_issued_by_root", "untrusted sgx.pck.chain", "a platform certificate comes from a platform authority",
         [](SimulatedAuthority& a) {
           a.pck.issuer = a.root.key;
           a.pck.certificate.issuer = a.root.certificate.subject;
         });
  b->Add("cert_tcb_signer_as_pck", "untrusted sgx.pck.leaf", "the TCB signer would pass for a platform", {},
         [b](EvidenceCase& c) {
           SimulatedAuthority a = b->Authority();
           a.pck = a.tcb_signer;
           a.qe_signer = a.tcb_signer.key;
           const auto certificates = tee::IssueCertificates(a).value();
           RebuildQuote(&c, a,
                        crypto::DerToPem("CERTIFICATE", certificates.pck) +
                            crypto::DerToPem("CERTIFICATE", certificates.platform_ca) +
                            crypto::DerToPem("CERTIFICATE", certificates.root));
         });
  b->Add("cert_pck_named_otherwise", "untrusted sgx.pck.leaf", "a certificate for another purpose would pass for a PCK",
         [](SimulatedAuthority& a) { a.pck.certificate.subject[0].second = "Intel SGX Attestation Key"; });
  b->Add("cert_intermediate_named_otherwise", "untrusted sgx.pck.chain",
         "an authority for another purpose would issue PCKs", [](SimulatedAuthority& a) {
           a.platform_ca.certificate.subject[0].second = "Intel SGX Other CA";
           a.pck.certificate.issuer = a.pck_crl.crl.issuer = a.platform_ca.certificate.subject;
         });
  b->Add("cert_pck_signs_tcb_info", "untrusted sgx.tcb_info.signature",
         "the owner of a platform would say that it is up to date",
         [](SimulatedAuthority& a) { a.document_key = a.pck.key; });
  b->Add("cert_intermediate_signs_tcb_info", "untrusted sgx.tcb_info.signature", "PCK authorities do not sign TCB info",
         [](SimulatedAuthority& a) { a.document_key = a.platform_ca.key; });
  b->Add("cert_root_signs_tcb_info", "untrusted sgx.tcb_info.signature", "the root signs no documents",
         [](SimulatedAuthority& a) { a.document_key = a.root.key; });
  b->Add("cert_tcb_signer_issued_by_intermediate", "untrusted sgx.tcb_signer.chain",
         "a platform authority would make TCB signers", [](SimulatedAuthority& a) {
           a.tcb_signer.issuer = a.platform_ca.key;
           a.tcb_signer.certificate.issuer = a.platform_ca.certificate.subject;
         });
  b->Add("cert_tcb_signer_named_otherwise", "unavailable sgx.collateral.tcb_signer",
         "a certificate for another purpose would sign TCB info", [](SimulatedAuthority& a) {
           a.tcb_signer.certificate.subject[0].second = "Intel SGX Attestation Report Signing";
         });
  b->Add("cert_tcb_signer_missing", "unavailable sgx.collateral.tcb_signer", "nobody would have signed the collateral",
         {}, [](EvidenceCase& c) { c.package.collateral.erase(c.package.collateral.begin() + kTcbChain); });
  b->Add("cert_pck_signature_flipped", "untrusted sgx.pck.chain", "certificates would not be checked", {},
         [b](EvidenceCase& c) {
           const SimulatedAuthority a = b->Authority();
           auto certificates = tee::IssueCertificates(a).value();
           certificates.pck.back() ^= 1;
           RebuildQuote(&c, a, tee::PckChainPem(certificates));
         });
  b->Add("cert_pck_names_do_not_chain", "untrusted sgx.pck.chain", "issuer names would mean nothing",
         [](SimulatedAuthority& a) { a.pck.certificate.issuer[1].second = "Another"; });
  b->Add("cert_pck_without_sgx_extension", "malformed sgx.pck.extension", "a platform that says nothing of itself",
         [](SimulatedAuthority& a) { a.platform.reset(); });
  b->Add("cert_pck_with_two_sgx_extensions", "malformed sgx.pck.extension", "one of two platforms would be believed",
         [](SimulatedAuthority& a) {
           tee::SgxPlatform other = *a.platform;
           other.tcb.components.fill(255);
           a.pck.certificate.extensions.push_back(
               {std::string(tee::kSgxExtensionOid), false, tee::EncodeSgxExtension(other)});
         });
}

void AddRoots(CaseBuilder* b) {
  b->Add("root_not_an_anchor", "untrusted sgx.pck.chain", "simulated evidence would pass for hardware's", {},
         [](EvidenceCase& c) { c.anchors.assign(verify::VendorAnchors().begin(), verify::VendorAnchors().end()); });
  b->Add("root_no_anchors", "untrusted sgx.pck.chain", "an empty list would mean: anything", {},
         [](EvidenceCase& c) { c.anchors.clear(); });
  b->Add("root_of_another_authority", "untrusted sgx.pck.chain", "a look-alike root with the same names would pass", {},
         [k = b->stranger_keys().root](EvidenceCase& c) { c.anchors[0].key_id = k.public_key().id(); });
  b->Add("root_lookalike_with_the_real_one_appended", "untrusted sgx.pck.chain",
         "the presence of the real root would be taken for a path to it", {}, [b](EvidenceCase& c) {
           const SimulatedAuthority fake = b->Stranger();
           const auto real = tee::IssueCertificates(b->Authority()).value();
           c.package = tee::IssueEvidence(fake, {}).value();
           RebuildQuote(
               &c, fake,
               tee::PckChainPem(tee::IssueCertificates(fake).value()) + crypto::DerToPem("CERTIFICATE", real.root));
         });
  b->Add("root_lookalike_leaf_under_real_intermediate", "untrusted sgx.pck.chain",
         "a leaf that names the real authority would pass without its signature", {}, [b](EvidenceCase& c) {
           SimulatedAuthority fake = b->Stranger();
           auto certificates = tee::IssueCertificates(fake).value();
           const auto real = tee::IssueCertificates(b->Authority()).value();
           certificates.platform_ca = real.platform_ca;
           certificates.root = real.root;
           RebuildQuote(&c, fake, tee::PckChainPem(certificates));
         });
  // Both authorities are trusted here; what one says about the other's platforms must still not count.
  const auto trust_both = [k = b->stranger_keys().root](EvidenceCase& c) {
    c.anchors.push_back({"another", k.public_key().id(), false});
  };
  b->Add("root_collateral_of_another_anchor", "untrusted sgx.tcb_info.signature",
         "whoever owns one trusted root would vouch for platforms of every other", {},
         [b, trust_both](EvidenceCase& c) {
           trust_both(c);
           const auto other = tee::IssueEvidence(b->Stranger(), {}).value();
           c.package.collateral[kTcbInfo] = other.collateral[kTcbInfo];
           c.package.collateral[kQeIdentity] = other.collateral[kQeIdentity];
           c.package.collateral.push_back(other.collateral[kTcbChain]);
         });
  b->Add("root_crl_of_another_anchor", "untrusted sgx.crl.root.signature",
         "whoever owns one trusted root would hide revocations of every other", {}, [b, trust_both](EvidenceCase& c) {
           trust_both(c);
           const auto other = tee::IssueEvidence(b->Stranger(), {}).value();
           c.package.collateral[kRootCrl] = other.collateral[kRootCrl];
         });
  b->Add("root_beside_another_anchor", "verified UpToDate", "two trusted roots would confuse each other", {},
         trust_both);
}

}  // namespace

void AddChainCases(CaseBuilder* b) {
  AddWindows(b);
  AddUsages(b);
  AddPaths(b);
  AddRoots(b);
}

}  // namespace attestml::vectorgen
