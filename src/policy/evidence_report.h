// Appraisal of one piece of evidence on its own, for people who never use the ML part: is this quote genuine, is its
// platform up to date, is it not a debug one, does it hold the report data expected?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "policy/report.h"
#include "verify/evidence.h"

namespace attestml::policy {

// What is accepted. The defaults accept up-to-date, non-debug evidence.
struct EvidenceQuestion {
  std::vector<std::string> tcb_status = {"UpToDate"};
  bool allow_debug = false;
  std::vector<std::string> allowed;  // hazards by name
  std::vector<verify::SecurityVersion> min_tcb;
  std::vector<verify::Register> expected;  // "measurement" or a register, by name, with its value
  std::optional<Bytes> report_data;        // 1 to 64 bytes; shorter ones are followed by zeros up to 64
  std::optional<Bytes> nonce;              // of formats that have a field for it
  // Instead of the first four: an entry of the policy must have this program, in a state that it accepts.
  const Policy* policy = nullptr;
  bool earlier_time = false;  // the time of verification lies before now: needs policy->as_of
  bool later_time = false;    // after now: likewise
};

// A Report about evidence alone, and what the evidence says.
struct EvidenceReport {
  Report report;
  // tee, format, tcb_status, tcb_date, advisories, debug, measurement, signer, product_id, security_version,
  // report_data, platform, registers, security_versions, hazards, nonce, made_at. Not verified unless `verified`; empty
  // when the bytes could not be parsed.
  Json facts = Json::object();
  bool verified = false;
  // One object for each document that the relying party brought: path, sha256, type, and where known issued and
  // valid_until as the document states them. For people; filled by who read the files.
  Json collateral = Json::array();
};

// Adds the checks evidence.tcb_status, .debug, .hazard.*, .min_tcb.*, .revocation, .expect.*, .report_data and .nonce
// to those of verification; with a policy, policy.as_of and those of AppraiseProgram (policy/programs.h) in place of
// the first five. Each is listed, also when it was not reached or not asked for. Accepted if and only if verification
// passed and none of them failed.
EvidenceReport AppraiseEvidence(const verify::EvidenceOutcome& outcome, const EvidenceQuestion& question, Time time);

Json EvidenceReportToJson(const EvidenceReport& report);
std::string EvidenceReportToText(const EvidenceReport& report, bool color);

}  // namespace attestml::policy
