// From file names to a report: what `verify`, `verify-record` and `card` share.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "policy/policy.h"
#include "policy/report.h"
#include "verify/bundle.h"

namespace attestml::cli {

struct AppraisalOptions {
  std::vector<std::string> bundles;
  std::string policy;
  std::string model;
  std::vector<std::string> datasets;
  std::string input;
  std::string output;
  std::string receipt;
  std::string nonce;
  std::vector<std::string> collateral;
  bool cached = false;
  std::vector<std::string> openings;
  std::vector<std::string> tsa_roots;
  std::string at;
};

void AddAppraisalOptions(CLI::App& command, AppraisalOptions* options);
// Those of them that are not about what the relying party holds but the model: bundles, policy, model, collateral,
// time.
void AddVerificationOptions(CLI::App& command, AppraisalOptions* options);

// Everything an appraisal starts from.
struct Verified {
  policy::Policy policy;
  policy::Question question;
  Time time;
  verify::Checks checks;                         // of verification
  std::optional<verify::VerifiedBundle> bundle;  // nothing when verification failed, and then
  policy::Report failure;                        // says why
};

// Reads and verifies. Errors only for what the user must mend (usage, unreadable files).
Result<Verified> VerifyFiles(const AppraisalOptions& options);

struct Appraisal {
  policy::Report report;
  std::optional<verify::VerifiedBundle> bundle;  // nothing when verification failed; the report borrows from it
};

// Errors only for what the user must mend (usage, unreadable files); what is wrong with the bundle is in the report.
Result<Appraisal> AppraiseFiles(const AppraisalOptions& options);

}  // namespace attestml::cli
