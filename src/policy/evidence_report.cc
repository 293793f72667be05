#include "policy/evidence_report.h"

#include <algorithm>

#include "base/hex.h"
#include "policy/check_list.h"

namespace attestml::policy {
namespace {

Json UnverifiedFacts(const verify::EvidenceFacts& facts) {
  return Json{{"tee", "sgx"},
              {"simulated", false},
              {"format", facts.format},
              {"tcb_status", facts.tcb_status},
              {"tcb_date", facts.tcb_date},
              {"advisories", facts.advisories},
              {"debug", facts.debug},
              {"measurement", HexEncode(facts.measurement)},
              {"signer", HexEncode(facts.signer)},
              {"product_id", facts.product_id},
              {"security_version", facts.security_version},
              {"report_data", HexEncode(facts.report_data)},
              {"platform", facts.platform}};
}

Json VerifiedFacts(const verify::VerifiedEvidence& evidence) {
  return Json{{"tee", evidence.tee()},
              {"simulated", evidence.simulated()},
              {"format", evidence.format()},
              {"tcb_status", evidence.tcb_status()},
              {"tcb_date", evidence.tcb_date()},
              {"advisories", evidence.advisories()},
              {"debug", evidence.debug()},
              {"measurement", HexEncode(evidence.measurement())},
              {"signer", HexEncode(evidence.signer())},
              {"product_id", evidence.product_id()},
              {"security_version", evidence.security_version()},
              {"report_data", HexEncode(evidence.report_data())},
              {"platform", evidence.platform()},
              {"platform_id", HexEncode(evidence.platform_id())},
              {"evaluation_number", evidence.evaluation_number()},
              {"root", "sha256:" + HexEncode(evidence.root())},
              {"valid_from", FormatTime(evidence.valid_from())},
              {"valid_until", FormatTime(evidence.valid_until())}};
}

std::string Join(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : ", ") + word;
  return out.empty() ? "none" : out;
}

// Short report data is what people hash into its front; what follows must be zero, so this is no comparison of
// prefixes.
Bytes Padded(Bytes data) {
  data.resize(64);
  return data;
}

void CheckVerified(const verify::VerifiedEvidence& evidence, const EvidenceQuestion& question, CheckList* checks) {
  const auto& accepted = question.tcb_status;
  std::string seen = evidence.tcb_status();
  if (!evidence.advisories().empty()) seen += " (" + Join(evidence.advisories()) + ")";
  checks->Add("evidence.tcb_status",
              std::find(accepted.begin(), accepted.end(), evidence.tcb_status()) != accepted.end(), std::move(seen),
              Join(accepted));
  checks->Add("evidence.debug", question.allow_debug || !evidence.debug(), evidence.debug() ? "debug" : "not debug",
              question.allow_debug ? "either (--allow-debug)" : "not debug");
  if (!question.report_data) {
    checks->NotChecked("evidence.report_data", HexEncode(evidence.report_data()), "nothing was asked for");
    return;
  }
  const Bytes wanted = Padded(*question.report_data);
  const bool fits = !question.report_data->empty() && question.report_data->size() <= wanted.size();
  checks->Add("evidence.report_data", fits && std::equal(wanted.begin(), wanted.end(), evidence.report_data().begin()),
              HexEncode(evidence.report_data()), fits ? HexEncode(wanted) : "1 to 64 bytes");
}

}  // namespace

EvidenceReport AppraiseEvidence(const verify::EvidenceOutcome& outcome, const EvidenceQuestion& question, Time time) {
  EvidenceReport out;
  CheckList own;
  if (!outcome.evidence.ok()) {
    out.report = ReportFailure(outcome.checks, outcome.evidence.error(), time);
    if (outcome.facts) {
      out.facts = UnverifiedFacts(*outcome.facts);
      out.report.tees = {"sgx"};
    }
    own.NotChecked("evidence.tcb_status", "", Join(question.tcb_status));
    own.NotChecked("evidence.debug", "", question.allow_debug ? "either (--allow-debug)" : "not debug");
    own.NotChecked("evidence.report_data", "",
                   question.report_data ? HexEncode(Padded(*question.report_data)) : "nothing was asked for");
  } else {
    const verify::VerifiedEvidence& evidence = *outcome.evidence;
    out.verified = true;
    out.facts = VerifiedFacts(evidence);
    out.report.time = time;
    out.report.checks = outcome.checks;
    out.report.tees = {evidence.tee()};
    out.report.simulated = evidence.simulated();
    CheckVerified(evidence, question, &own);
    out.report.verdict = own.AnyFailed() ? Verdict::kRejected : Verdict::kAccepted;
    if (!own.AnyFailed()) {
      out.report.sentence = "This " + evidence.format() + " was made by the program measured " +
                            HexEncode(evidence.measurement()) + " on a platform whose TCB is " + evidence.tcb_status() +
                            ", under the root " + HexEncode(evidence.root()).substr(0, 16) + "….";
    }
  }
  out.report.checks.insert(out.report.checks.end(), own.checks().begin(), own.checks().end());
  if (out.report.verdict == Verdict::kRejected && !out.report.error) {
    for (const verify::Check& check : own.checks()) {
      if (check.verdict != verify::CheckVerdict::kFail) continue;
      out.report.error = Rejected(check.id, "seen " + check.seen + ", want " + check.wanted);
      break;
    }
  }
  return out;
}

Json EvidenceReportToJson(const EvidenceReport& report) {
  Json out = ReportToJson(report.report);
  for (const char* name : {"claims", "attesters", "notes", "policy", "timeSource"}) out.erase(name);
  for (const auto& member : report.facts.items()) out[member.key()] = member.value();
  out["verified"] = report.verified;
  return out;
}

std::string EvidenceReportToText(const EvidenceReport& report, bool color) {
  std::string out = ReportToText(report.report, color);
  if (report.facts.empty()) return out;
  out += report.verified ? "\nwhat it says\n" : "\nwhat it says of itself (NOT verified)\n";
  for (const auto& member : report.facts.items()) {
    std::string value = member.value().is_string() ? member.value().get<std::string>() : DumpJson(member.value());
    if (value.empty()) continue;
    std::string name = member.key();
    name.resize(18, ' ');
    out += "  " + name + value + "\n";
  }
  return out;
}

}  // namespace attestml::policy
