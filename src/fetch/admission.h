// What must hold of an answer before it may enter the cache. Nothing that a service says is believed: each document is
// held against the pinned roots, the platform that was asked about, and the time.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "fetch/platform.h"
#include "verify/chain.h"
#include "verify/crl_set.h"
#include "verify/evidence.h"

namespace attestml::fetch {

// Age orders the issues of one document: first by tcbEvaluationDataNumber, where it has one, then by date.
struct Age {
  unsigned evaluation_number = 0;
  Time issued{}, until{};
  bool OlderThan(const Age& other) const;
};

// A document as it may be stored: CRLs in DER, whatever encoding they came in; the rest as it came.
struct Admitted {
  Bytes bytes;
  Age age;
  // Of TCB info and QE identity: when its signer is valid, and who that is, PEM: the signer's certificate and, where it
  // came, the root's.
  Age signer;
  std::string chain;
};

// For one SGX platform. Error ids are those of verification (spec/evidence.md): sgx.crl.root.*, sgx.crl.pck.*,
// sgx.tcb_signer.*, sgx.revocation.tcb_signer, sgx.tcb_info.*, sgx.qe_identity.*, crl.*; fetch.document (malformed) for
// something else altogether.
class IntelAdmission {
 public:
  IntelAdmission(const IntelPlatform& platform, Time time) : platform_(platform), time_(time) {}

  // The CRL admitted is remembered: it may have revoked the signer of what follows.
  Result<Admitted> RootCrl(BytesView body);
  Result<Admitted> PckCrl(BytesView body);
  // `chain_pem`: certificates of the signer, in any order.
  Result<Admitted> TcbInfo(BytesView body, std::span<const std::string> chain_pem);
  Result<Admitted> QeIdentity(BytesView body, std::span<const std::string> chain_pem);

 private:
  struct Signers;
  Status FindSigners(std::span<const std::string> chain_pem, Signers* out) const;

  const IntelPlatform& platform_;
  Time time_;
  std::optional<verify::CrlSet> root_crls_;
};

// For one product line of AMD's. Error ids snp.vek.*, snp.crl.*, crl.*; fetch.document, fetch.chain.
class AmdAdmission {
 public:
  AmdAdmission(const AmdPlatform& platform, evidence::snp::ProductLine line,
               std::span<const verify::TrustAnchor> anchors, Time time)
      : platform_(platform), line_(line), anchors_(anchors), time_(time) {}

  // ASK (or ASVK) and ARK, and nothing else: both AMD's by key, or of a simulated root. Before the others.
  Result<Admitted> Chain(BytesView body);
  Result<Admitted> Crl(BytesView body);
  // Of this chip, at the reported TCB, by that authority.
  Result<Admitted> Vcek(BytesView body);
  const std::optional<verify::TrustAnchor>& anchor() const { return anchor_; }

 private:
  const AmdPlatform& platform_;
  evidence::snp::ProductLine line_;
  std::span<const verify::TrustAnchor> anchors_;
  Time time_;
  std::string chain_;
  std::optional<verify::TrustAnchor> anchor_;
  Bytes root_subject_;
  std::optional<crypto::PublicKey> root_key_;
};

}  // namespace attestml::fetch
