// The floor of verifying evidence: raw OpenSSL and nlohmann-json doing only what cannot be left out for one item. It
// knows what the item is and believes that it is well-formed; it writes no report.
//
// Cold, for a quote (SGX version 3, TDX version 4):
//   - PEM decoded of the quote's chain and of the TCB signer's certificate (not of the root's again);
//   - d2i_X509, once each, of PCK certificate, its CA, the root and the TCB signer; d2i_X509_CRL, once each, of two
//   CRLs;
//   - their keys, straight from the point in the certificate (EC_KEY_oct2key), and the attestation key of the quote;
//   - nlohmann::json of TCB info and of QE identity, once each, without any check of what they say;
//   - SHA-256 of what is signed, and 9 P-256 verifications: PCK certificate, CA, TCB signer, 2 CRLs, TCB info, QE
//     identity, QE report, quote (the root is pinned: its SHA-256);
//   - validity of 4 certificates and 2 CRLs, and 3 serial numbers looked up in the CRLs.
// Cold, for an SEV-SNP report: PEM of ASK and ARK; d2i_X509 of VCEK, ASK and ARK; 2 RSA-4096-PSS and 1 P-384
//   verification with keys straight from the certificates; SHA-384 of what is signed; validity; SHA-256 of the ARK.
// Cold, for a Nitro document of 5 certificates: d2i_X509 of each; 5 P-384 verifications (leaf, 3 authorities,
//   document); SHA-384 of what is signed; validity; SHA-256 of the root. The document's CBOR is read beforehand.
// Warm: SHA-256 of each certificate, CRL and document as it came, which is how a cache finds that it knows them; then
//   only the evidence's own signatures, with the certified key at hand: 2 P-256 and the attestation key for a quote, 1
//   P-384 for a report or document.
//
// d2i_X509 builds a key through OpenSSL's decoders, which costs more than the rest of it and which nobody here uses.
// The floor gives it a library context without algorithms, so that it does not, as the verifier does: with plain
// d2i_X509 (`PlainD2i`) the floor is higher.
#pragma once

#include <ctime>
#include <string>
#include <vector>

#include "base/bytes.h"

namespace attestml::bench {

struct QuoteParts {
  Bytes quote;
  std::size_t report_size = 384;  // 584 for TD report 1.0
  std::string tcb_info, qe_identity, tcb_signer_pem;
  Bytes pck_crl, root_crl;
};

struct ReportParts {
  Bytes report, vcek;
  std::string chain_pem;  // ASK, ARK
};

struct DocumentParts {
  Bytes signed_bytes, signature;    // COSE's Sig_structure; r || s
  std::vector<Bytes> certificates;  // the root first, the leaf last
};

enum class Floor : unsigned char { kCold, kColdPlainD2i, kWarm };

// Certificates parsed, and keys made, by an earlier cold run; the warm run uses what it left. Each returns whether all
// signatures were good and all dates held.
class QuoteFloor {
 public:
  QuoteFloor(QuoteParts parts, std::time_t time);
  ~QuoteFloor();
  bool Run(Floor kind);

 private:
  struct Cache;
  bool RunCold(bool plain_d2i);
  bool RunQuote(const void* pck_key);
  QuoteParts parts_;
  std::time_t time_;
  Cache* cache_;
};

class ReportFloor {
 public:
  ReportFloor(ReportParts parts, std::time_t time);
  ~ReportFloor();
  bool Run(Floor kind);

 private:
  struct Cache;
  ReportParts parts_;
  std::time_t time_;
  Cache* cache_;
};

class DocumentFloor {
 public:
  DocumentFloor(DocumentParts parts, std::time_t time);
  ~DocumentFloor();
  bool Run(Floor kind);

 private:
  struct Cache;
  DocumentParts parts_;
  std::time_t time_;
  Cache* cache_;
};

}  // namespace attestml::bench
