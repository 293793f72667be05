#include "policy/evidence_report.h"

#include <algorithm>

#include "base/hex.h"
#include "policy/check_list.h"
#include "policy/programs.h"

namespace attestml::policy {
namespace {

Json FactsJson(const verify::EvidenceFacts& facts) {
  Json registers = Json::object();
  for (const verify::Register& each : facts.registers) registers[each.name] = HexEncode(each.value);
  Json versions = Json::object();
  for (const verify::SecurityVersion& each : facts.security_versions) versions[each.name] = each.value;
  Json hazards = Json::array();
  for (const verify::Hazard& each : facts.hazards) {
    if (each.present) hazards.push_back(each.name);
  }
  Json out = {{"tee", facts.tee},
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
              {"report_data", facts.has_report_data ? Json(HexEncode(facts.report_data)) : Json(nullptr)},
              {"platform", facts.platform},
              {"registers", std::move(registers)},
              {"security_versions", std::move(versions)},
              {"hazards", std::move(hazards)}};
  if (facts.nonce) out["nonce"] = HexEncode(*facts.nonce);
  if (facts.made_at) out["made_at"] = FormatTime(*facts.made_at);
  return out;
}

Json VerifiedFacts(const verify::VerifiedEvidence& evidence) {
  Json out = FactsJson(evidence.facts());
  out["tee"] = evidence.tee();
  out["simulated"] = evidence.simulated();
  out["platform_id"] = HexEncode(evidence.platform_id());
  if (evidence.evaluation_number()) out["evaluation_number"] = *evidence.evaluation_number();
  out["root"] = "sha256:" + HexEncode(evidence.root());
  out["valid_from"] = FormatTime(evidence.valid_from());
  out["valid_until"] = FormatTime(evidence.valid_until());
  if (const auto& since = evidence.since()) {
    out["since"] = {{"issued", FormatTime(since->issued)}, {"text", since->text}};
    if (!since->tcb_status.empty()) {
      out["since"]["tcb_status"] = since->tcb_status;
      out["since"]["advisories"] = since->advisories;
    }
  }
  return out;
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

bool Allows(const EvidenceQuestion& question, std::string_view name) {
  return std::find(question.allowed.begin(), question.allowed.end(), name) != question.allowed.end();
}

void CheckState(const verify::VerifiedEvidence& evidence, const EvidenceQuestion& question, CheckList* checks) {
  const auto& accepted = question.tcb_status;
  std::string seen = evidence.tcb_status();
  if (seen.empty()) {
    checks->NotChecked("evidence.tcb_status", "the vendor publishes no TCB levels", "what --min-tcb asks for");
  } else {
    const bool listed = std::find(accepted.begin(), accepted.end(), seen) != accepted.end();
    if (!evidence.advisories().empty()) seen += " (" + Join(evidence.advisories()) + ")";
    checks->Add("evidence.tcb_status", listed, std::move(seen), Join(accepted));
  }
  checks->Add("evidence.debug", question.allow_debug || !evidence.debug(), evidence.debug() ? "debug" : "not debug",
              question.allow_debug ? "either (--allow-debug)" : "not debug");
  for (const verify::Hazard& hazard : evidence.facts().hazards) {
    const bool allowed = Allows(question, hazard.name);
    checks->Add("evidence.hazard." + hazard.name, allowed || !hazard.present, hazard.seen,
                allowed ? "either (--allow " + hazard.name + ")" : hazard.wanted);
  }
  for (const verify::SecurityVersion& wanted : question.min_tcb) {
    const auto& versions = evidence.facts().security_versions;
    const auto it =
        std::find_if(versions.begin(), versions.end(), [&](const auto& each) { return each.name == wanted.name; });
    checks->Add("evidence.min_tcb." + wanted.name, it != versions.end() && it->value >= wanted.value,
                it == versions.end() ? "there is no such version" : std::to_string(it->value),
                "at least " + std::to_string(wanted.value));
  }
  if (evidence.facts().revocation == verify::Revocation::kNotChecked) {
    checks->NotChecked("evidence.revocation", "no revocation list was given", "the vendor's revocation list");
  }
}

void CheckExpected(const verify::VerifiedEvidence& evidence, const EvidenceQuestion& question, CheckList* checks) {
  for (const verify::Register& wanted : question.expected) {
    const auto& registers = evidence.facts().registers;
    const auto it =
        std::find_if(registers.begin(), registers.end(), [&](const auto& each) { return each.name == wanted.name; });
    const bool main = wanted.name == "measurement";
    const bool there = main || it != registers.end();
    const Bytes seen = main ? evidence.measurement() : there ? it->value : Bytes();
    checks->Add("evidence.expect." + wanted.name, there && seen == wanted.value,
                there ? HexEncode(seen) : "there is no such register", HexEncode(wanted.value));
  }
}

void CheckBound(const verify::VerifiedEvidence& evidence, const EvidenceQuestion& question, CheckList* checks) {
  const verify::EvidenceFacts& facts = evidence.facts();
  const std::string data = facts.has_report_data ? HexEncode(facts.report_data) : "none";
  if (!question.report_data) {
    checks->NotChecked("evidence.report_data", data, "nothing was asked for");
  } else {
    const Bytes wanted = Padded(*question.report_data);
    const bool fits = !question.report_data->empty() && question.report_data->size() <= wanted.size();
    checks->Add("evidence.report_data",
                fits && facts.has_report_data && std::equal(wanted.begin(), wanted.end(), facts.report_data.begin()),
                data, fits ? HexEncode(wanted) : "1 to 64 bytes");
  }
  if (question.nonce) {
    checks->Add("evidence.nonce", !question.nonce->empty() && facts.nonce && *facts.nonce == *question.nonce,
                facts.nonce ? HexEncode(*facts.nonce) : "none", HexEncode(*question.nonce));
  }
}

void CheckVerified(const verify::VerifiedEvidence& evidence, const EvidenceQuestion& question, Time time,
                   CheckList* checks) {
  if (question.policy == nullptr) {
    CheckState(evidence, question, checks);
  } else {
    if (question.earlier_time || question.later_time) {
      // Evidence on its own carries no time stamp.
      const AsOf as_of = question.policy->as_of;
      checks->Add("policy.as_of", as_of == AsOf::kAsked, FormatTime(time) + ", by --at",
                  as_of == AsOf::kAsked     ? "another time than now (trust.as-of)"
                  : as_of == AsOf::kStamped ? "now: trust.as-of wants a time stamp, and evidence alone has none"
                                            : "now: the policy does not say as-of = true");
    }
    AppraiseProgram(evidence, *question.policy, time, checks);
  }
  CheckExpected(evidence, question, checks);
  CheckBound(evidence, question, checks);
}

Attester AttesterOf(const verify::VerifiedEvidence& evidence, const EvidenceQuestion& question) {
  const Program* program = question.policy == nullptr ? nullptr : FindProgram(*question.policy, evidence);
  return {.tee = evidence.tee(),
          .format = evidence.format(),
          .program = program == nullptr ? "" : program->name,
          .measurement = HexEncode(evidence.measurement()),
          .root = HexEncode(evidence.root()),
          .tcb_status = evidence.tcb_status(),
          .debug = evidence.debug(),
          .simulated = evidence.simulated()};
}

std::string TcbText(const verify::VerifiedEvidence& evidence) {
  if (!evidence.tcb_status().empty()) return "whose TCB is " + evidence.tcb_status();
  std::string versions;
  for (const verify::SecurityVersion& each : evidence.facts().security_versions) {
    versions += (versions.empty() ? "" : ", ") + each.name + " " + std::to_string(each.value);
  }
  return versions.empty() ? "of " + evidence.platform() : evidence.platform() + " at " + versions;
}

}  // namespace

EvidenceReport AppraiseEvidence(const verify::EvidenceOutcome& outcome, const EvidenceQuestion& question, Time time) {
  EvidenceReport out;
  CheckList own;
  if (!outcome.evidence.ok()) {
    out.report = ReportFailure(outcome.checks, outcome.evidence.error(), time);
    if (outcome.facts) {
      out.facts = FactsJson(*outcome.facts);
      out.report.tees = {outcome.facts->tee};
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
    out.report.attesters = {AttesterOf(evidence, question)};
    CheckVerified(evidence, question, time, &own);
    if (question.policy != nullptr) out.report.policy_digest = question.policy->digest;
    out.report.verdict = own.AnyFailed() ? Verdict::kRejected : Verdict::kAccepted;
    if (!own.AnyFailed()) {
      out.report.sentence = "This " + evidence.format() + " was made by the program measured " +
                            HexEncode(evidence.measurement()) + " on a platform " + TcbText(evidence) +
                            ", under the root " + HexEncode(evidence.root()).substr(0, 16) + "….";
      // Of an Azure VM the hardware vouches for the paravisor alone.
      if (evidence.format().starts_with("azure-")) {
        out.report.sentence += " What runs above it was NOT checked: only the vTPM's quote says that.";
      }
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
  if (!report.collateral.empty()) out["collateral"] = report.collateral;
  return out;
}

std::string EvidenceReportToText(const EvidenceReport& report, bool color) {
  std::string out = ReportToText(report.report, color);
  if (!report.collateral.empty()) out += "\ncollateral given\n";
  for (const Json& each : report.collateral) {
    out += "  " + each.value("type", "") + "  sha256:" + each.value("sha256", "").substr(0, 16) + "…";
    if (each.contains("issued")) {
      out += "  " + each.value("issued", "").substr(0, 10) + " to " + each.value("valid_until", "").substr(0, 10);
    }
    out += "  " + each.value("path", "") + "\n";
  }
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
