// Evidence + collateral + trust anchors + time → VerifiedEvidence. A pure function: no clock, network or environment.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "evidence/package.h"
#include "verify/check.h"

namespace attestml::verify {

class Memo;  // verify/memo.h

// TrustAnchor: a root is a key, not a certificate. `simulated` marks every VerifiedEvidence that ends there.
struct TrustAnchor {
  std::string name;            // "Intel SGX Root CA", "simulated"
  crypto::Digest256 key_id{};  // SHA-256 of the root's SubjectPublicKeyInfo
  bool simulated = false;
};

// The pinned vendor roots that this build knows. Simulated roots are never among them.
std::span<const TrustAnchor> VendorAnchors();

// What vouched evidence says. Only VerifyEvidence makes one; holding it is the proof that signatures, chains,
// collateral windows and revocation held at `time` under one of the given anchors. It does NOT say that the TCB is
// acceptable, the measurement is known, or that debug is off: those are the policy's, and `tcb_status` and `debug` are
// here for it.
class VerifiedEvidence {
 public:
  const std::string& tee() const { return tee_; }        // "sgx"; "simulated" when the anchor is simulated
  const std::string& format() const { return format_; }  // "sgx-quote-v3"
  bool simulated() const { return simulated_; }
  const crypto::Digest256& root() const { return root_; }          // key id of the anchor it ended at
  const Bytes& measurement() const { return measurement_; }        // MRENCLAVE
  const Bytes& signer() const { return signer_; }                  // MRSIGNER
  unsigned product_id() const { return product_id_; }              // ISVPRODID
  unsigned security_version() const { return security_version_; }  // ISVSVN
  const std::array<std::uint8_t, 64>& report_data() const { return report_data_; }
  bool debug() const { return debug_; }
  // One of Intel's names, never "Revoked": that, and no matching level, is a refusal and stands in EvidenceFacts alone.
  const std::string& tcb_status() const { return tcb_status_; }
  const std::string& tcb_date() const { return tcb_date_; }
  const std::vector<std::string>& advisories() const { return advisories_; }
  const std::string& platform() const { return platform_; }  // FMSPC, hex
  const Bytes& platform_id() const { return platform_id_; }  // PPID, empty when there is none
  unsigned evaluation_number() const {
    return evaluation_number_;
  }                                                // the lower tcbEvaluationDataNumber of TCB info and QE identity
  Time valid_from() const { return valid_from_; }  // the intersection of every window used
  Time valid_until() const { return valid_until_; }
  // When the oldest of the documents used (TCB info, QE identity, both CRLs) was issued.
  Time collateral_issued() const { return collateral_issued_; }
  Time time() const { return time_; }  // as of when it was verified

 private:
  friend struct EvidenceFactory;  // defined in verify/sgx.cc only
  VerifiedEvidence() = default;
  std::string tee_, format_;
  bool simulated_ = false, debug_ = false;
  crypto::Digest256 root_{};
  Bytes measurement_, signer_, platform_id_;
  unsigned product_id_ = 0, security_version_ = 0, evaluation_number_ = 0;
  std::array<std::uint8_t, 64> report_data_{};
  std::string tcb_status_, tcb_date_, platform_;
  std::vector<std::string> advisories_;
  Time valid_from_, valid_until_, collateral_issued_, time_;
};

// EvidenceFacts is what evidence says of itself, for people who look at a failure. Nothing in it is verified: no
// decision may rest on it, and a report that prints it must say so.
struct EvidenceFacts {
  std::string format;  // "sgx-quote-v3"
  Bytes measurement, signer;
  unsigned product_id = 0, security_version = 0;
  std::array<std::uint8_t, 64> report_data{};
  bool debug = false;
  std::string platform;  // FMSPC, hex; "" while unknown
  std::string tcb_status,
      tcb_date;  // "" until collateral has been verified; then also "NoMatchingTcbLevel" and "Revoked"
  std::vector<std::string> advisories;
};

// The outcome: every check that this format has, in order, whether it passed, failed or was not reached; and either the
// evidence or the Error of the first failure (kinds malformed, unsupported, untrusted, unavailable for absent
// collateral).
struct EvidenceOutcome {
  Checks checks;
  Result<VerifiedEvidence> evidence;
  // Present whenever the evidence could be parsed, whether or not it verified.
  std::optional<EvidenceFacts> facts = std::nullopt;
};

// VerifyEvidence recognises the format by structure and verifies it against `anchors` at `time`, with the package's own
// collateral and `extra`, which the relying party brought. Of several valid documents of one kind the newest wins; a
// revocation in any CRL with a good signature counts, whatever `time` is, and bars the key of the certificate that it
// names. What the right key signed and we cannot read is a refusal, never passed over. `memo`, when given, saves the
// work that was done for the same bytes before; the outcome is the same without.
EvidenceOutcome VerifyEvidence(const evidence::EvidencePackage& package,
                               std::span<const evidence::CollateralItem> extra, std::span<const TrustAnchor> anchors,
                               Time time, Memo* memo = nullptr);

}  // namespace attestml::verify
