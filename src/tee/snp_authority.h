// The certification authority behind simulated SEV-SNP evidence, in memory, with every field that it states open to
// change.
//
// As Create makes it, it is an honest vendor and one up-to-date platform. Tests bend single fields to build what no
// honest vendor issues. Nothing here checks that what it issues makes sense.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate_builder.h"
#include "crypto/key.h"
#include "evidence/package.h"
#include "tee/snp_report.h"

namespace attestml::tee {

enum class SnpProduct : std::uint8_t { kMilan, kGenoa, kTurin };
enum class SnpEndorsement : std::uint8_t { kVcek, kVlek };

// RSA of 4096 bits for ARK and ASK (or ASVK), P-384 for the endorsement key.
struct SnpKeys {
  crypto::PrivateKey ark;
  crypto::PrivateKey ask;
  crypto::PrivateKey vek;

  static SnpKeys Generate();
};

struct SnpAuthority {
  struct Certified {
    crypto::CertificateTemplate certificate;
    crypto::PrivateKey key;
    crypto::PrivateKey issuer;
  };

  Certified ark;
  Certified ask;  // or ASVK
  Certified vek;  // VCEK or VLEK, with AMD's extensions
  crypto::CrlTemplate crl;
  crypto::PrivateKey crl_issuer;
  bool with_crl = true;
  SnpReportBody report;  // version 3 of Milan and Genoa, 5 of Turin
  crypto::PrivateKey report_signer;

  // Everything but the keys follows from the keys and `now`. Certificates are valid from a day before `now`: the
  // authorities' for 20 years, the endorsement key's for 7.
  static SnpAuthority Create(const SnpKeys& keys, SnpProduct product, SnpEndorsement endorsement, Time now);
};

// The extension of AMD's with this suffix to 1.3.6.1.4.1.3704.1 ("3.8"), in the endorsement key's template; null when
// there is none.
crypto::CertificateTemplate::Extension* FindSnpExtension(SnpAuthority* authority, std::string_view suffix);

// DER of a number of one byte, and of text (IA5String), as these extensions hold them.
Bytes SnpNumber(std::uint8_t value);
Bytes SnpText(std::string_view text);

struct SnpCertificates {
  Bytes ark, ask, vek;  // DER
};
Result<SnpCertificates> IssueSnpCertificates(const SnpAuthority& authority);

// The package of a report: labels "vek", "cert-chain" (ASK and ARK, PEM, as AMD's service gives them) and, unless it is
// empty, "crl".
evidence::EvidencePackage MakeSnpPackage(Bytes report, const SnpCertificates& certificates, Bytes crl);

// A report over `report_data` with everything that a verifier needs.
Result<evidence::EvidencePackage> IssueSnpEvidence(const SnpAuthority& authority,
                                                   const std::array<std::uint8_t, 64>& report_data);

}  // namespace attestml::tee
