// The certification authority behind the simulated TEE, in memory, with every field that it states open to change.
//
// The device uses it as Create makes it: an honest vendor and one up-to-date platform. Tests bend single fields to
// build what no honest vendor issues. Nothing here checks that what it issues makes sense.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate_builder.h"
#include "crypto/key.h"
#include "evidence/package.h"
#include "tee/sgx_platform.h"
#include "tee/sgx_quote.h"

namespace attestml::tee {

// How long TCB info, QE identity and CRLs are valid; the vendor's are, too. They are dated kClockSkew before now, so
// that a verifier whose clock is a little behind does not take them for documents of the future.
inline constexpr std::int64_t kCollateralSeconds = 30 * 86400;
inline constexpr std::int64_t kClockSkew = 3600;

struct SimulatedKeys {
  crypto::PrivateKey root;
  crypto::PrivateKey platform_ca;
  crypto::PrivateKey tcb_signer;
  crypto::PrivateKey pck;
  crypto::PrivateKey attestation;

  static SimulatedKeys Generate();
};

struct SimulatedAuthority {
  struct Certified {
    crypto::CertificateTemplate certificate;
    crypto::PrivateKey key;
    crypto::PrivateKey issuer;
  };
  struct RevocationList {
    crypto::CrlTemplate crl;
    crypto::PrivateKey issuer;
  };

  Certified root;
  Certified platform_ca;
  Certified tcb_signer;
  Certified pck;
  std::optional<SgxPlatform> platform;  // the PCK certificate's SGX extension; absent, there is none
  RevocationList root_crl;
  RevocationList pck_crl;
  std::string tcb_info;     // the body that is signed; see WriteTcbInfo
  std::string qe_identity;  // the body that is signed; see WriteQeIdentity
  crypto::PrivateKey document_key;

  SgxQuoteHeader header;
  SgxReportBody program;
  SgxReportBody quoting_enclave;  // its report data, when all zero, is made to vouch for the attestation key
  Bytes auth_data;
  crypto::PrivateKey attestation;   // named in the quote
  crypto::PrivateKey quote_signer;  // signs the quote; the attestation key
  crypto::PrivateKey qe_signer;     // signs the QE report; the PCK key

  // Everything but the keys follows from the keys and `now`. Certificates are valid from a day before `now` for 20
  // years.
  static SimulatedAuthority Create(const SimulatedKeys& keys, Time now);
};

// What quotes of the simulated platform say before the program adds its measurement and report data.
struct SimulatedPlatform {
  SgxQuoteHeader header;
  SgxReportBody program;
};
SimulatedPlatform DescribeSimulatedPlatform();

// The fields that Create writes into the bodies, for callers that change one and write the body again.
SgxTcbInfo SimulatedTcbInfo(Time now);
SgxQeIdentity SimulatedQeIdentity(Time now);

struct SimulatedCertificates {
  Bytes root, platform_ca, tcb_signer, pck;  // DER
};
Result<SimulatedCertificates> IssueCertificates(const SimulatedAuthority& authority);

// The PCK chain of a quote (leaf, intermediate, root) and the TCB signing chain (signer, root), PEM.
std::string PckChainPem(const SimulatedCertificates& certificates);
std::string TcbSigningChainPem(const SimulatedCertificates& certificates);

struct SimulatedCollateral {
  std::string tcb_info, qe_identity;  // signed documents
  Bytes root_crl, pck_crl;            // DER
};
Result<SimulatedCollateral> IssueCollateral(const SimulatedAuthority& authority);

// What follows the signature in each of this platform's quotes, with `data` as its certification data.
Bytes IssueCertification(const SimulatedAuthority& authority, std::string_view data);

// A quote over `report_data` with everything that a verifier needs, from one authority.
Result<evidence::EvidencePackage> IssueEvidence(const SimulatedAuthority& authority,
                                                const std::array<std::uint8_t, 64>& report_data);

// The package of a quote: labels "tcb-info", "qe-identity", "root-crl", "pck-crl", "tcb-signing-chain".
evidence::EvidencePackage MakePackage(Bytes quote, const SimulatedCollateral& collateral,
                                      std::string_view tcb_signing_chain);

}  // namespace attestml::tee
