// Appraise: VerifiedBundle × Policy × what the relying party holds → Report. Every check is run and reported.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"
#include "policy/policy.h"
#include "verify/bundle.h"

namespace attestml::policy {

// What the relying party holds and asks about. Each is optional; what is given must match.
struct Question {
  std::optional<crypto::Digest256> model;
  std::vector<crypto::Digest256> datasets;
  std::optional<crypto::Digest256> input, output;
  std::optional<Bytes> nonce;  // the answer must have been made for it
  std::string time_source;     // "the clock", "--at": by whose word the time is
  bool earlier_time = false;   // it is before now: needs policy.as_of
  bool later_time = false;     // it is after now: the word of who asks, and nothing can show it
  bool stamped_time = false;   // it was taken from the bundle's time stamps, and must be theirs
};

enum class Verdict : unsigned char { kAccepted, kRejected, kUntrusted, kMalformed, kUnsupported };
std::string_view VerdictName(Verdict verdict);

// One claim as a report shows it.
struct ReportClaim {
  std::size_t index = 0;                    // line of the statement, from 0
  std::string kind;                         // statement::ClaimKind
  std::string summary;                      // "accuracy 0.8473 on 15060 rows of adult.test"
  bool used = false;                        // a requirement or the sentence rests on it
  const statement::Claim* claim = nullptr;  // borrows from the VerifiedBundle
};

// One program in one TEE, as its evidence shows it.
struct Attester {
  std::string tee, format;
  std::string program;      // the policy's name for it; "" when the policy does not know it
  std::string measurement;  // hex
  std::string root;         // key id, hex
  std::string tcb_status;
  bool debug = false;
  bool simulated = false;
};

// As of when the bundle was judged, by whose word, and what is known to have changed since.
struct AsOfReport {
  bool earlier = false;                     // before now
  bool later = false;                       // after now
  std::optional<verify::BundleDate> dated;  // by when it existed, by the word of time-stamping authorities
  std::string undated;                      // else why not
  std::vector<std::string> since;           // one sentence each, of collateral issued later than the report's time
};

struct Report {
  Verdict verdict = Verdict::kRejected;
  std::optional<Error> error;  // when verification failed before appraisal
  std::string sentence;        // design.md section 1, every ancestor named; "" unless accepted
  std::vector<std::string> tees;
  bool simulated = false;
  std::vector<Attester> attesters;
  std::optional<crypto::Digest256> model;          // the model in question, when it is known which
  std::optional<crypto::Digest256> policy_digest;  // of the policy file, where one was asked
  Time time;
  std::string time_source;
  std::optional<AsOfReport> as_of;  // once it was appraised
  std::vector<ReportClaim> claims;
  verify::Checks checks;           // of verification and appraisal, in order
  std::vector<std::string> notes;  // what nobody asked about
};

// Appraise runs every check of the policy. Accepted if and only if there is at least one requirement and all required
// checks ran and passed.
Report Appraise(const verify::VerifiedBundle& bundle, const Policy& policy, const Question& question);

// Report of a bundle that did not verify: checks so far, and the error.
Report ReportFailure(const verify::Checks& checks, const Error& error, Time time);

// Exit code: 0 accepted, 6 rejected, else that of the error's kind.
int ReportExitCode(const Report& report);

// {"version":1,"verdict":…,"sentence":…,"tee":…,"simulated":…,"claims":[…],"checks":[…], …}; spec/report.md.
Json ReportToJson(const Report& report);
// EAT Attestation Results (draft-ietf-rats-ear-04) with an AR4SI trust vector for each attester: the claims set, not
// signed.
Json ReportToEar(const Report& report);
// For people. The first line warns when the evidence is simulated.
std::string ReportToText(const Report& report, bool color);

// StartingPolicy writes a policy from what a bundle claims, for the user to tighten: programs, roots, one requirement
// per headline result. Above each of `claimed_roots`, roots that only the bundle itself shows (policy/claimed_roots.h),
// it says so.
std::string StartingPolicy(const verify::VerifiedBundle& bundle, std::span<const crypto::Digest256> claimed_roots = {});

}  // namespace attestml::policy
