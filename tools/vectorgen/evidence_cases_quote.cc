// Quotes: what binds the program, the attestation key, the quoting enclave and the platform to each other.
#include "vectorgen/evidence_cases.h"

namespace attestml::vectorgen {

using tee::SimulatedAuthority;

void AddQuoteCases(CaseBuilder* b) {
  b->Add("quote_body_flipped", "untrusted sgx.quote.signature", "any measurement could be written into a quote", {},
         [](EvidenceCase& c) { c.package.evidence[48 + 64] ^= 1; });
  b->Add("quote_signed_by_another_key", "untrusted sgx.quote.signature", "anyone could sign quotes",
         [k = b->stranger_keys().attestation](SimulatedAuthority& a) { a.quote_signer = k; });
  b->Add("quote_attestation_key_swapped", "untrusted sgx.qe.binding",
         "an attacker's key would be taken for the platform's", {},
         [a = b->Authority(), k = b->stranger_keys().attestation](EvidenceCase& c) mutable {
           a.quoting_enclave.report_data = tee::QeReportData(a.attestation.public_key(), a.auth_data);
           a.attestation = a.quote_signer = k;
           RebuildQuote(&c, a, tee::PckChainPem(tee::IssueCertificates(a).value()));
         });
  b->Add("quote_auth_data_swapped", "untrusted sgx.qe.binding", "authentication data would be anyone's",
         [](SimulatedAuthority& a) {
           a.quoting_enclave.report_data = tee::QeReportData(a.attestation.public_key(), a.auth_data);
           a.auth_data[0] ^= 1;
         });
  b->Add("quote_binding_tail_not_zero", "untrusted sgx.qe.binding", "32 bytes of the binding would be free",
         [](SimulatedAuthority& a) {
           a.quoting_enclave.report_data = tee::QeReportData(a.attestation.public_key(), a.auth_data);
           a.quoting_enclave.report_data[63] = 1;
         });
  b->Add("quote_qe_report_signed_by_another_key", "untrusted sgx.qe.signature",
         "any enclave could pass for the quoting enclave",
         [k = b->stranger_keys().pck](SimulatedAuthority& a) { a.qe_signer = k; });
  b->Add("quote_qe_report_signed_by_its_ca", "untrusted sgx.qe.signature",
         "another key of the chain would stand in for the platform's",
         [k = b->keys().platform_ca](SimulatedAuthority& a) { a.qe_signer = k; });
  b->Add("quote_chain_of_another_platform", "untrusted sgx.qe.signature",
         "a platform would be judged by another's certificate", [](SimulatedAuthority& a) {
           const auto other = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
           a.pck.key = other;
         });
  b->Add("quote_qe_debug", "untrusted sgx.qe.identity", "a debug QE signs what its owner wants",
         [](SimulatedAuthority& a) { a.quoting_enclave.flags |= tee::kSgxFlagDebug; });
  b->Add("quote_qe_debug_under_lax_mask", "untrusted sgx.qe.identity",
         "a mask that forgets DEBUG would let a debug QE through", [](SimulatedAuthority& a) {
           a.quoting_enclave.flags |= tee::kSgxFlagDebug;
           tee::SgxQeIdentity identity = tee::SimulatedQeIdentity(kIssued);
           identity.attributes_mask[0] = 0xf9;
           a.qe_identity = tee::WriteQeIdentity(identity);
         });
  b->Add("quote_qe_attributes", "untrusted sgx.qe.identity", "an enclave without PROVISION_KEY is not the QE",
         [](SimulatedAuthority& a) { a.quoting_enclave.flags = tee::kSgxFlagInit | tee::kSgxFlagMode64Bit; });
  b->Add("quote_qe_miscselect", "untrusted sgx.qe.identity", "another enclave would pass for the QE",
         [](SimulatedAuthority& a) { a.quoting_enclave.miscselect = 1; });
  b->Add("quote_qe_mrsigner", "untrusted sgx.qe.identity", "any signer's enclave would pass for the QE",
         [](SimulatedAuthority& a) { a.quoting_enclave.mrsigner[31] ^= 1; });
  b->Add("quote_qe_product", "untrusted sgx.qe.identity", "another enclave of the signer would pass for the QE",
         [](SimulatedAuthority& a) { a.quoting_enclave.isvprodid = 2; });
  b->Add("quote_of_a_td_key", "untrusted sgx.qe_identity.id", "the TDX quoting enclave does not speak for SGX",
         [](SimulatedAuthority& a) {
           tee::SgxQeIdentity identity = tee::SimulatedQeIdentity(kIssued);
           identity.id = "TD_QE";
           a.qe_identity = tee::WriteQeIdentity(identity);
         });
  b->Add("quote_vendor", "malformed sgx.quote.qe_vendor", "another vendor's QE would be taken for Intel's",
         [](SimulatedAuthority& a) { a.header.qe_vendor[0] ^= 1; });
  b->Add("quote_version_4", "unsupported sgx.quote.qe_cert_type", "a v4 quote has another layout",
         [](SimulatedAuthority& a) { a.header.version = 4; });
  b->Add("quote_key_type_p384", "unsupported sgx.quote.key_type", "the key would be read as something else",
         [](SimulatedAuthority& a) { a.header.key_type = 3; });
  b->Add("quote_trailing_byte", "malformed sgx.quote.trailing", "bytes that nothing signs would travel along", {},
         [](EvidenceCase& c) { c.package.evidence.push_back(1); });
  b->Add("quote_truncated_by_one", "malformed sgx.quote.signature_size", "the last byte would be made up", {},
         [](EvidenceCase& c) { c.package.evidence.pop_back(); });
  b->Add("quote_empty", "malformed evidence.format", "nothing is not evidence", {},
         [](EvidenceCase& c) { c.package.evidence.clear(); });
}

}  // namespace attestml::vectorgen
