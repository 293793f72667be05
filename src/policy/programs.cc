#include "policy/programs.h"

#include <algorithm>

#include "base/hex.h"
#include "policy/describe.h"

namespace attestml::policy {
namespace {

constexpr std::int64_t kDay = 86'400;

std::string ProgramText(const verify::VerifiedEvidence& evidence) {
  return evidence.tee() + " program " + HexEncode(evidence.measurement());
}

const verify::Register* FindRegister(const verify::VerifiedEvidence& evidence, std::string_view name) {
  for (const verify::Register& each : evidence.facts().registers) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

bool SameCode(const Program& program, const verify::VerifiedEvidence& evidence) {
  const auto holds = [&](const verify::Register& wanted) {
    const verify::Register* seen = FindRegister(evidence, wanted.name);
    return seen != nullptr && seen->value == wanted.value;
  };
  return program.tee == evidence.tee() && evidence.simulated() == program.tee.starts_with("simulated") &&
         program.measurement == evidence.measurement() &&
         std::all_of(program.registers.begin(), program.registers.end(), holds);
}

bool SameRoot(const Program& program, const verify::VerifiedEvidence& evidence) {
  if (program.root) return *program.root == evidence.root();
  // Without a root any vendor's will do, and a simulated one never.
  return !evidence.simulated();
}

std::string RootsWanted(const Policy& policy, const verify::VerifiedEvidence& evidence) {
  std::vector<std::string> roots;
  for (const Program& program : policy.programs) {
    if (SameCode(program, evidence)) roots.push_back(program.root ? DigestText(*program.root) : "a vendor's root");
  }
  return Join(roots, " or ");
}

bool CheckPlatform(const verify::VerifiedEvidence& evidence, const Policy& policy, CheckList* checks) {
  if (!policy.platforms && policy.banned_platforms.empty()) return true;
  const std::string id = HexEncode(evidence.platform_id());
  const auto in = [&](const std::vector<std::string>& list) {
    return std::any_of(list.begin(), list.end(), [&](const std::string& each) {
      return each == evidence.platform() || (!id.empty() && each == id);
    });
  };
  const bool pass = !in(policy.banned_platforms) && (!policy.platforms || in(*policy.platforms));
  return checks->Add("policy.platform", pass, evidence.platform() + (id.empty() ? "" : ", id " + id),
                     policy.platforms ? "a platform that is listed and not banned" : "a platform that is not banned");
}

bool CheckCertificates(const verify::VerifiedEvidence& evidence, const Policy& policy, CheckList* checks) {
  if (policy.banned_certificates.empty()) return true;
  for (const crypto::Digest256& each : evidence.certificates()) {
    if (std::find(policy.banned_certificates.begin(), policy.banned_certificates.end(), each) !=
        policy.banned_certificates.end()) {
      return checks->Add("policy.certificate", false, DigestText(each) + " is banned", "no banned certificate or key");
    }
  }
  return checks->Add("policy.certificate", true, std::to_string(evidence.certificates().size() / 2) + " certificates",
                     "no banned certificate or key");
}

bool Allows(const Program& program, std::string_view name) {
  return std::find(program.allowed.begin(), program.allowed.end(), name) != program.allowed.end();
}

bool CheckHazards(const verify::VerifiedEvidence& evidence, const Program& program, CheckList* checks) {
  bool good = true;
  for (const verify::Hazard& hazard : evidence.facts().hazards) {
    const bool allowed = Allows(program, hazard.name);
    good &= checks->Add("policy.hazard." + hazard.name, !hazard.present || allowed, hazard.seen,
                        allowed ? "either: the policy allows " + hazard.name : hazard.wanted);
  }
  if (evidence.facts().revocation == verify::Revocation::kNotChecked) {
    good &=
        checks->Add("policy.revocation", Allows(program, "no-revocation"), "the vendor's revocation list was not given",
                    "revocation checked, or allow = [\"no-revocation\"]");
  }
  return good;
}

bool CheckMinTcb(const verify::VerifiedEvidence& evidence, const Program& program, CheckList* checks) {
  bool good = true;
  for (const verify::SecurityVersion& seen : evidence.facts().security_versions) {
    const auto wanted = std::find_if(program.min_tcb.begin(), program.min_tcb.end(),
                                     [&](const auto& each) { return each.name == seen.name; });
    good &= checks->Add("policy.min_tcb." + seen.name, wanted != program.min_tcb.end() && seen.value >= wanted->value,
                        std::to_string(seen.value),
                        wanted == program.min_tcb.end() ? "a least version in the policy's min-tcb"
                                                        : "at least " + std::to_string(wanted->value));
  }
  return good;
}

bool CheckStatus(const verify::VerifiedEvidence& evidence, const Policy& policy, CheckList* checks) {
  if (evidence.tcb_status().empty()) {
    checks->NotChecked("policy.tcb_status", "the vendor publishes no TCB levels",
                       "what min-tcb and the measurement say");
    return true;
  }
  const bool listed =
      std::find(policy.tcb_status.begin(), policy.tcb_status.end(), evidence.tcb_status()) != policy.tcb_status.end();
  std::string status = evidence.tcb_status();
  if (!evidence.advisories().empty()) status += " (" + Printable(Join(evidence.advisories(), ", "), 400) + ")";
  return checks->Add(
      "policy.tcb_status", listed, status,
      policy.tcb_status.empty() ? "none is accepted: trust.tcb-status is empty" : Join(policy.tcb_status, " or "));
}

bool CheckCollateral(const verify::VerifiedEvidence& evidence, const Policy& policy, Time time, CheckList* checks) {
  bool good = true;
  if (policy.min_evaluation_number) {
    const std::string wanted = "at least " + std::to_string(*policy.min_evaluation_number);
    if (const auto& number = evidence.evaluation_number()) {
      good &= checks->Add("policy.evaluation_number", *number >= *policy.min_evaluation_number, std::to_string(*number),
                          wanted);
    } else {
      checks->NotChecked("policy.evaluation_number", "the vendor numbers no evaluations", wanted);
    }
  }
  if (policy.max_collateral_age_days) {
    const std::string wanted = "at most " + std::to_string(*policy.max_collateral_age_days) + " days old";
    if (const auto& issued = evidence.collateral_issued()) {
      const std::int64_t age = time.unix_seconds - issued->unix_seconds;
      good &= checks->Add("policy.collateral_age", age <= *policy.max_collateral_age_days * kDay,
                          "oldest of " + FormatTime(*issued) + ", used at " + FormatTime(time), wanted);
    } else {
      checks->NotChecked("policy.collateral_age", "nothing dated was used", wanted);
    }
  }
  return good;
}

// Every check is made, also after one has failed: a report tells all.
bool CheckState(const verify::VerifiedEvidence& evidence, const Program& program, const Policy& policy, Time time,
                CheckList* checks) {
  bool good = checks->Add("policy.debug", !evidence.debug() || program.allow_debug,
                          evidence.debug() ? "a debug enclave: its memory is open to the host" : "not a debug enclave",
                          program.allow_debug ? "debug allowed for this program" : "not a debug enclave");
  if (program.min_security_version) {
    good &= checks->Add("policy.security_version", evidence.security_version() >= *program.min_security_version,
                        std::to_string(evidence.security_version()),
                        "at least " + std::to_string(*program.min_security_version));
  }
  good &= CheckStatus(evidence, policy, checks);
  good &= CheckMinTcb(evidence, program, checks);
  good &= CheckHazards(evidence, program, checks);
  good &= CheckCollateral(evidence, policy, time, checks);
  good &= CheckCertificates(evidence, policy, checks);
  good &= CheckPlatform(evidence, policy, checks);
  return good;
}

}  // namespace

const Program* AppraiseProgram(const verify::VerifiedEvidence& evidence, const Policy& policy, Time time,
                               CheckList* checks) {
  const bool known = std::any_of(policy.programs.begin(), policy.programs.end(),
                                 [&](const Program& program) { return SameCode(program, evidence); });
  const std::string wanted = "one of " + std::to_string(policy.programs.size()) + " programs in the policy";
  if (!checks->Add("policy.program", known, ProgramText(evidence), wanted)) return nullptr;
  const Program* program = FindProgram(policy, evidence);
  if (!checks->Add("policy.root", program != nullptr, DigestText(evidence.root()), RootsWanted(policy, evidence))) {
    return nullptr;
  }
  return CheckState(evidence, *program, policy, time, checks) ? program : nullptr;
}

namespace {

bool MayState(const Program& program, std::string_view kind) {
  return std::find(program.may_state.begin(), program.may_state.end(), kind) != program.may_state.end();
}

}  // namespace

const Program* FindProgram(const Policy& policy, const verify::VerifiedEvidence& evidence) {
  for (const Program& program : policy.programs) {
    if (SameCode(program, evidence) && SameRoot(program, evidence)) return &program;
  }
  return nullptr;
}

std::vector<bool> EvidenceInUse(const verify::VerifiedBundle& bundle) {
  std::vector<bool> used(bundle.evidence().size(), false);
  for (const auto& statement : bundle.statements()) {
    const std::string_view kind = statement::ClaimKind(statement.claim);
    const bool counts = kind == "training" || kind == "property" || kind == "inference";
    if (counts && statement.evidence && *statement.evidence < used.size()) used[*statement.evidence] = true;
  }
  return used;
}

std::vector<bool> AppraisePrograms(const verify::VerifiedBundle& bundle, const Policy& policy, CheckList* checks) {
  const std::vector<bool> relied_on = EvidenceInUse(bundle);
  std::vector<const Program*> programs;
  for (std::size_t i = 0; i < bundle.evidence().size(); ++i) {
    const auto& evidence = bundle.evidence()[i];
    if (relied_on[i]) {
      programs.push_back(AppraiseProgram(evidence.evidence, policy, bundle.time(), checks));
      continue;
    }
    programs.push_back(nullptr);
    checks->NotChecked("policy.program",
                       ProgramText(evidence.evidence) + ", line " + std::to_string(evidence.index + 1),
                       "no statement rests on this evidence");
  }
  std::vector<bool> usable(bundle.statements().size(), false);
  for (std::size_t i = 0; i < usable.size(); ++i) {
    const auto& statement = bundle.statements()[i];
    const std::string kind(statement::ClaimKind(statement.claim));
    if (kind == "certification") {
      std::string why;
      const Certifier* certifier = FindCertifier(policy, statement, bundle.time(), &why);
      const std::string line = "line " + std::to_string(statement.index + 1) + ": ";
      if (certifier != nullptr) {
        usable[i] =
            checks->Add("policy.certifier", true, line + Printable(certifier->name), "a certifier in the policy");
      } else {
        // Anybody can sign a certification; one by a stranger is no reason to refuse, and none to accept.
        checks->NotChecked("policy.certifier", line + why, "a certifier in the policy; this certification is ignored");
      }
      continue;
    }
    if (kind != "training" && kind != "property" && kind != "inference") continue;
    const Program* program =
        statement.evidence && *statement.evidence < programs.size() ? programs[*statement.evidence] : nullptr;
    if (program == nullptr) {
      // Its evidence has already failed above; a statement without any must not pass by silence.
      if (!statement.evidence) {
        checks->Add("policy.program", false, "line " + std::to_string(statement.index + 1) + " without evidence",
                    "a program in the policy");
      }
      continue;
    }
    usable[i] =
        checks->Add("policy.may_state", MayState(*program, kind), kind + " by " + Printable(program->name),
                    program->may_state.empty() ? "nothing: may-state is empty" : Join(program->may_state, " or "));
  }
  return usable;
}

}  // namespace attestml::policy
