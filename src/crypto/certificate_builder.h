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
  Bytes serial;  // 1 to 20 bytes, big endian, top bit clear
  Time not_before;
  Time not_after;
  bool is_ca = false;
  std::optional<long> path_length;
  std::vector<std::string> key_usage;  // OpenSSL names: "keyCertSign", "cRLSign", "digitalSignature"; empty: no extension
  std::optional<std::string> crl_url;  // cRLDistributionPoints
  struct Extension {
    std::string oid;
    bool critical = false;
    Bytes value;  // DER, becomes the content of the OCTET STRING
  };
  std::vector<Extension> extensions;
};

// IssueCertificate returns the DER certificate of `key`, signed by `issuer_key` (ECDSA P-256 or Ed25519).
Result<Bytes> IssueCertificate(const CertificateTemplate& certificate, const PublicKey& key, const PrivateKey& issuer_key);

struct CrlTemplate {
  std::vector<std::pair<std::string, std::string>> issuer;
  Time this_update;
  Time next_update;
  std::uint64_t number = 1;
  std::vector<Bytes> revoked_serials;
};

// IssueCrl returns the DER CRL signed by `issuer_key`.
Result<Bytes> IssueCrl(const CrlTemplate& crl, const PrivateKey& issuer_key);

std::string DerToPem(std::string_view label, BytesView der);  // label: "CERTIFICATE", "X509 CRL"

}  // namespace attestml::crypto
