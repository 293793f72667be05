// Issues certificates and CRLs: for the simulated TEE's authorities, for certifiers, and for test PKIs.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/key.h"

namespace attestml::crypto {

// What is to be certified. Names are given as attribute short name ("CN", "O", "L", "ST", "C") and value, in order.
struct CertificateTemplate {
  std::vector<std::pair<std::string, std::string>> subject;
  std::vector<std::pair<std::string, std::string>> issuer;
  Bytes serial;  // 1 to 20 bytes, big endian, not zero, top bit clear
  Time not_before;
  Time not_after;
  bool is_ca = false;
  std::optional<long> path_length;
  std::vector<std::string>
      key_usage;  // RFC 5280 names: "keyCertSign", "cRLSign", "digitalSignature"…; empty: no extension
  std::optional<std::string> crl_url;  // cRLDistributionPoints
  struct Extension {
    std::string oid;
    bool critical = false;
    Bytes value;  // DER, becomes the content of the OCTET STRING
  };
  std::vector<Extension> extensions;  // after the standard ones, in this order; also makes what no honest CA would
};

// IssueCertificate returns the DER certificate of `key`, signed by `issuer_key` with the algorithm of its type
// (crypto/key.h). Key identifiers (SHA-1 of the key, RFC 5280 4.2.1.2) and a critical basicConstraints are always
// there. What the template says about names, dates and roles is written as it stands: no rule ties a subject to its
// issuer here. Error id cert.template (usage).
Result<Bytes> IssueCertificate(const CertificateTemplate& certificate, const PublicKey& key,
                               const PrivateKey& issuer_key);

struct CrlTemplate {
  std::vector<std::pair<std::string, std::string>> issuer;
  Time this_update;
  Time next_update;
  std::uint64_t number = 1;
  std::vector<Bytes> revoked_serials;
  std::vector<CertificateTemplate::Extension> extensions;  // after cRLNumber and the issuer's key identifier
};

// IssueCrl returns the DER CRL signed by `issuer_key`; serials are revoked as of this_update, for a compromised key.
// Error id crl.template (usage).
Result<Bytes> IssueCrl(const CrlTemplate& crl, const PrivateKey& issuer_key);

}  // namespace attestml::crypto
