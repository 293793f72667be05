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

// Whose evidence a root may vouch for: one vendor's root never ends another vendor's chain.
enum class Vendor : std::uint8_t { kIntel, kAmd, kAws };

// TrustAnchor: a root is a key, not a certificate. `simulated` marks every VerifiedEvidence that ends there. A
// simulated root, and one that a policy adds, may be of any vendor's kind of evidence unless it says which.
struct TrustAnchor {
  std::string name;            // "Intel SGX Root CA", "AMD ARK-Milan", "simulated"
  crypto::Digest256 key_id{};  // SHA-256 of the root's SubjectPublicKeyInfo
  bool simulated = false;
  std::optional<Vendor> vendor = std::nullopt;
};

// The pinned vendor roots that this build knows. Simulated roots are never among them.
std::span<const TrustAnchor> VendorAnchors();

// A value that evidence carries besides its measurement, by the name it has in the vendor's specification, lower case:
// "mrsigner", "rtmr0", "mrconfigid", "host_data", "pcr4". Policies pin them by these names.
struct Register {
  std::string name;
  Bytes value;
};

// A security version number of the platform, where the vendor publishes no levels and the policy sets a minimum: AMD's
// "bootloader", "tee", "snp", "microcode", "fmc".
struct SecurityVersion {
  std::string name;
  unsigned value = 0;
};

// Something that genuine evidence can show and that nobody should accept unasked: "migratable", "smt". Each format
// lists all of its own, present or not, so that a report shows what was looked at. A policy names the ones it accepts.
struct Hazard {
  std::string name;  // "migratable"; the check is <format's TEE>.hazard.<name>
  bool present = false;
  std::string seen, wanted;
};

// Whether the vendor's revocation lists were looked at. kNotChecked: the vendor has them and none was given. kNone: the
// vendor publishes none for such evidence.
enum class Revocation : std::uint8_t { kChecked, kNotChecked, kNone };

// EvidenceFacts is what evidence says of itself, for people who look at a failure. On its own nothing in it is
// verified: no decision may rest on it, and a report that prints it must say so. VerifiedEvidence holds facts that are.
struct EvidenceFacts {
  std::string tee;                                // what kind of evidence it is: "sgx", "tdx", "snp", "nitro"
  std::string format;                             // "sgx-quote-v3", "tdx-quote-v5", "snp-report-v3", "nitro-document"
  Bytes measurement;                              // MRENCLAVE, MRTD, SNP's MEASUREMENT, PCR0
  Bytes signer;                                   // MRSIGNER; empty where there is none
  unsigned product_id = 0, security_version = 0;  // ISVPRODID, ISVSVN; GUEST_SVN
  // What the program asked the hardware to sign. Of Nitro user_data, zeros after it; where there is none, or more than
  // 64 bytes, `has_report_data` is false and nothing is bound to the evidence.
  std::array<std::uint8_t, 64> report_data{};
  bool has_report_data = true;
  bool debug = false;
  std::string platform;  // FMSPC, hex; the product line ("Milan"); "" while unknown
  // One of Intel's names; "" until collateral has been verified, and for vendors who publish no levels. "Revoked" and
  // "NoMatchingTcbLevel" stand only in facts of evidence that was refused.
  std::string tcb_status, tcb_date;
  std::vector<std::string> advisories;
  std::vector<Register> registers;
  std::vector<SecurityVersion> security_versions;
  std::vector<Hazard> hazards;
  std::optional<Bytes> nonce;   // where the format has a field for it (Nitro)
  std::optional<Time> made_at;  // where the hardware dates its evidence (Nitro)
  Revocation revocation = Revocation::kChecked;
};

// Since is what collateral that was issued after the time of verification says of the same platform, as far as it is at
// hand. It changes no verdict but by a revocation, which is a refusal: it is for reports.
struct Since {
  Time issued;             // of the newest document of these
  std::string tcb_status;  // what it makes of the platform; "" where it says nothing of that
  std::vector<std::string> advisories;
  std::string text;  // one sentence
};

// What vouched evidence says. Only VerifyEvidence makes one; holding it is the proof that signatures, chains,
// collateral windows and revocation held at `time` under one of the given anchors. It does NOT say that the TCB is
// acceptable, the measurement is known, or that debug and other hazards are absent: those are the policy's.
class VerifiedEvidence {
 public:
  const EvidenceFacts& facts() const { return facts_; }
  // "sgx", "tdx", "snp", "nitro"; where the anchor is simulated "simulated" for SGX, else "simulated-tdx" and so on.
  const std::string& tee() const { return tee_; }
  const std::string& format() const { return facts_.format; }
  bool simulated() const { return simulated_; }
  const crypto::Digest256& root() const { return root_; }  // key id of the anchor it ended at
  const Bytes& measurement() const { return facts_.measurement; }
  const Bytes& signer() const { return facts_.signer; }
  unsigned product_id() const { return facts_.product_id; }
  unsigned security_version() const { return facts_.security_version; }
  const std::array<std::uint8_t, 64>& report_data() const { return facts_.report_data; }
  bool debug() const { return facts_.debug; }
  const std::string& tcb_status() const { return facts_.tcb_status; }  // never "Revoked"
  const std::string& tcb_date() const { return facts_.tcb_date; }
  const std::vector<std::string>& advisories() const { return facts_.advisories; }
  const std::string& platform() const { return facts_.platform; }
  const Bytes& platform_id() const { return platform_id_; }  // PPID, CHIP_ID; empty when there is none
  // The lower tcbEvaluationDataNumber of Intel's documents; nothing for vendors without.
  const std::optional<unsigned>& evaluation_number() const { return evaluation_number_; }
  Time valid_from() const { return valid_from_; }  // the intersection of every window used
  Time valid_until() const { return valid_until_; }
  // When the oldest of the documents used (TCB info, QE identity, CRLs) was issued; nothing where none was.
  const std::optional<Time>& collateral_issued() const { return collateral_issued_; }
  // Key ids of every certificate and SHA-256 of every certificate that the chains used, for policies that ban some.
  const std::vector<crypto::Digest256>& certificates() const { return certificates_; }
  Time time() const { return time_; }  // as of when it was verified
  const std::optional<Since>& since() const { return since_; }

 private:
  friend struct EvidenceFactory;  // defined in verify/evidence.cc only
  VerifiedEvidence() = default;
  EvidenceFacts facts_;
  std::string tee_;
  bool simulated_ = false;
  crypto::Digest256 root_{};
  Bytes platform_id_;
  std::optional<unsigned> evaluation_number_;
  Time valid_from_, valid_until_, time_;
  std::optional<Time> collateral_issued_;
  std::vector<crypto::Digest256> certificates_;
  std::optional<Since> since_;
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
