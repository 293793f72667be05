#include "policy/as_of.h"

#include "policy/describe.h"
#include "policy/programs.h"

namespace attestml::policy {
namespace {

std::string DateText(const verify::BundleDate& date) {
  return "every line existed by " + FormatTime(date.by) + ", by the word of " +
         Printable(Join(date.authorities, ", ")) + " (" + Printable(date.signer) + ")";
}

}  // namespace

AsOfReport CheckTime(const verify::VerifiedBundle& bundle, const Policy& policy, const Question& question,
                     CheckList* checks) {
  AsOfReport out;
  out.earlier = question.earlier_time;
  out.later = question.later_time;
  if (auto date = verify::DateOf(bundle.dates(), policy.banned_certificates); date.ok()) {
    out.dated = std::move(date).value();
  } else {
    out.undated = date.error().message;
  }
  const std::vector<bool> used = EvidenceInUse(bundle);
  for (std::size_t i = 0; i < used.size(); ++i) {
    const auto& item = bundle.evidence()[i];
    const auto& since = item.evidence.since();
    if (!used[i] || !since) continue;
    const std::string was = item.evidence.tcb_status();
    out.since.push_back("line " + std::to_string(item.index + 1) + ": " + since->text +
                        (since->tcb_status.empty() ? "" : "; it was " + was + " then"));
  }
  const std::string by = question.time_source.empty() ? "" : " by " + Printable(question.time_source);
  std::string seen = FormatTime(bundle.time()) + by;
  if (question.later_time) {
    checks->Add("policy.as_of", policy.as_of == AsOf::kAsked, std::move(seen) + ", a later time",
                policy.as_of == AsOf::kAsked ? "a later time is accepted, by the word of who asks"
                                             : "now: trust.as-of is not true");
    return out;
  }
  if (!question.earlier_time) {
    checks->Add("policy.as_of", true, std::move(seen), "now");
    return out;
  }
  seen += ", an earlier time";
  const bool stamped = out.dated && out.dated->by <= bundle.time();
  if (out.dated) seen += "; " + DateText(*out.dated);
  const bool needs_stamp = question.stamped_time || policy.as_of == AsOf::kStamped;
  if (needs_stamp && !out.dated) seen += "; " + out.undated;
  switch (policy.as_of) {
    case AsOf::kNever:
      checks->Add("policy.as_of", false, std::move(seen), "now: trust.as-of is not true");
      break;
    case AsOf::kAsked:
      checks->Add("policy.as_of", stamped || !question.stamped_time, std::move(seen), "an earlier time is accepted");
      break;
    case AsOf::kStamped:
      checks->Add("policy.as_of", stamped, std::move(seen),
                  "an earlier time by which time stamps of named authorities show every line");
      break;
  }
  return out;
}

std::vector<std::string> AsOfLines(const Report& report) {
  std::vector<std::string> out;
  if (!report.as_of) return out;
  const AsOfReport& as_of = *report.as_of;
  if (as_of.earlier || as_of.later) {
    out.push_back("judged as of " + FormatTime(report.time) +
                  (as_of.later ? ", which is still to come," : ", not as of now,") + " by the word of " +
                  (report.time_source == "--at" ? "who asked (--at)" : Printable(report.time_source)));
  }
  if (as_of.dated) {
    out.push_back(DateText(*as_of.dated));
  } else if (as_of.earlier) {
    out.push_back("that it existed then, no time stamp shows");
  }
  for (const std::string& each : as_of.since) out.push_back("since then: " + Printable(each, 2000));
  if (as_of.earlier && as_of.since.empty()) {
    out.push_back("since then: the collateral at hand says nothing newer");
  }
  return out;
}

Json AsOfToJson(const Report& report) {
  const AsOfReport& as_of = *report.as_of;
  const bool asked = report.time_source == "--at";
  Json out{{"earlier", as_of.earlier},
           {"later", as_of.later},
           {"word", !as_of.earlier && !asked ? "clock"
                    : asked                  ? "caller"
                                             : "time stamp"},
           {"since", as_of.since}};
  if (as_of.dated) {
    out["existedBy"] = FormatTime(as_of.dated->by);
    out["authorities"] = as_of.dated->authorities;
    out["signer"] = as_of.dated->signer;
  }
  return out;
}

}  // namespace attestml::policy
