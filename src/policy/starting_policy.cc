// A policy that a bundle meets, for a user to read, cut down and tighten.
#include <algorithm>
#include <map>
#include <set>
#include <span>

#include "base/hex.h"
#include "crypto/certificate.h"
#include "policy/describe.h"
#include "policy/headlines.h"
#include "policy/report.h"
#include "policy/rows.h"
#include "policy/tee_vocabulary.h"
#include "policy/toml_text.h"

namespace attestml::policy {
namespace {

struct KnownProgram {
  const verify::VerifiedEvidence* evidence = nullptr;
  std::string name;
  std::set<std::string> states;
};

const std::string* ProgramName(const statement::Claim& claim) {
  if (const auto* training = std::get_if<statement::TrainingClaim>(&claim)) return &training->run.program;
  if (const auto* property = std::get_if<statement::PropertyClaim>(&claim)) return &property->run.program;
  if (const auto* inference = std::get_if<statement::InferenceClaim>(&claim)) return &inference->run.program;
  return nullptr;
}

std::string Header(const verify::VerifiedBundle& bundle) {
  std::string out =
      "# A starting policy, made from what one bundle claims. It accepts that bundle: it says what was claimed, not "
      "what\n"
      "# should be. Before you rely on it: compare each program's measurement with one you trust, take out what you "
      "do\n"
      "# not need, and set the bounds that you want. What is not named here is refused.\n";
  for (const auto& each : bundle.evidence()) {
    if (!each.evidence.simulated()) continue;
    out += "#\n# SIMULATED: no hardware protection. The evidence is of a simulated TEE, for development only.\n";
    break;
  }
  return out + "\n";
}

std::string TrustTable(const verify::VerifiedBundle& bundle) {
  std::set<std::string> statuses;
  for (const auto& each : bundle.evidence()) {
    // These no policy can accept.
    const std::string& status = each.evidence.tcb_status();
    if (!status.empty() && status != "Revoked" && status != "NoMatchingTcbLevel") statuses.insert(status);
  }
  return "[trust]\ntcb-status = " + TomlStrings({statuses.begin(), statuses.end()}) +
         "  # \"UpToDate\" is the one without known weaknesses\n"
         "# as-of = true               # accept at an earlier time than now (verify --at)\n"
         "# max-collateral-age-days = 400  # a root issues its CRL once a year\n# allow-unrequired = false    # refuse "
         "statements that nothing below asks "
         "about\n";
}

// Above a root that nobody but the bundle vouches for.
constexpr std::string_view kClaimedRoot =
    "# ATTENTION: this root was taken from the bundle itself, and so it vouches for nothing yet: whoever made the "
    "bundle\n"
    "# chose it. Compare it with the one that `attestml tee status` prints where the simulated TEE runs.\n";

// The measurement, the registers that a policy must name, and the least security versions.
std::string MeasurementKeys(const verify::VerifiedEvidence& e) {
  const TeeVocabulary* tee = FindTee(e.tee());
  if (tee == nullptr) return "";
  std::string out = std::string(tee->measurement) + " = " + TomlString(HexEncode(e.measurement())) + "\n";
  for (std::string_view name : tee->required) {
    for (const verify::Register& each : e.facts().registers) {
      if (each.name == name) out += std::string(name) + " = " + TomlString(HexEncode(each.value)) + "\n";
    }
  }
  std::string versions;
  for (const verify::SecurityVersion& each : e.facts().security_versions) {
    versions += (versions.empty() ? "" : ", ") + each.name + " = " + std::to_string(each.value);
  }
  if (!versions.empty()) out += "min-tcb = { " + versions + " }  # what it has now\n";
  std::set<std::string> allowed;
  for (const verify::Hazard& hazard : e.facts().hazards) {
    if (hazard.present) allowed.insert(hazard.name);
  }
  if (e.facts().revocation == verify::Revocation::kNotChecked) allowed.insert("no-revocation");
  if (!allowed.empty()) out += "allow = " + TomlStrings({allowed.begin(), allowed.end()}) + "  # look these up first\n";
  return out;
}

std::string ProgramTables(const verify::VerifiedBundle& bundle, std::span<const crypto::Digest256> claimed_roots) {
  std::map<std::string, KnownProgram> programs;
  std::vector<std::string> keys;
  for (const auto& each : bundle.evidence()) {
    const auto& e = each.evidence;
    keys.push_back(e.tee() + MeasurementKeys(e) + HexEncode(e.root()));
    KnownProgram& program = programs[keys.back()];
    if (program.evidence == nullptr || e.debug()) program.evidence = &e;
  }
  for (const auto& statement : bundle.statements()) {
    if (!statement.evidence || *statement.evidence >= keys.size()) continue;
    KnownProgram& program = programs[keys[*statement.evidence]];
    if (const std::string* name = ProgramName(statement.claim)) {
      program.name = *name;
      program.states.insert(std::string(statement::ClaimKind(statement.claim)));
    }
  }
  std::string out;
  for (const auto& [key, program] : programs) {
    const auto& e = *program.evidence;
    const bool claimed = std::find(claimed_roots.begin(), claimed_roots.end(), e.root()) != claimed_roots.end();
    out += "\n[[program]]\nname = " + TomlString(program.name.empty() ? "unnamed" : program.name) +
           "\ntee = " + TomlString(e.tee()) + "\n" + MeasurementKeys(e) + std::string(claimed ? kClaimedRoot : "") +
           "root = " + TomlString(DigestText(e.root())) +
           (e.simulated() ? "  # the simulated authority" : "  # the vendor's root key") +
           "\nmay-state = " + TomlStrings({program.states.begin(), program.states.end()}) + "\n";
    if (e.debug()) out += "allow-debug = true  # a debug enclave: its memory is open to the host\n";
  }
  return out;
}

struct CertifierEntry {
  std::string name, keys;
  std::set<std::string> kinds;
};

// A chain is named by its root and leaf, so that the certifier may change its key.
std::string CertifierKeys(const statement::CertificationClaim& claim, const crypto::Digest256& key_id) {
  if (claim.certifier_chain.size() > 1) {
    const auto leaf = crypto::Certificate::FromDer(claim.certifier_chain.front());
    const auto root = crypto::Certificate::FromDer(claim.certifier_chain.back());
    if (leaf.ok() && root.ok() && !leaf->common_name().empty() && root->SignedBy(*root)) {
      return "root = " + TomlString(DigestText(root->key_id())) + "\nsubject = " + TomlString(leaf->common_name()) +
             "\n";
    }
  }
  return "key = " + TomlString(DigestText(key_id)) + "\n";
}

std::string CertifierTables(const verify::VerifiedBundle& bundle, const std::optional<crypto::Digest256>& subject,
                            const Lineage& lineage, std::vector<Proposal>* proposals) {
  std::vector<CertifierEntry> entries;
  std::size_t number = 0;
  for (const auto& statement : bundle.statements()) {
    const auto* claim = std::get_if<statement::CertificationClaim>(&statement.claim);
    if (claim == nullptr) continue;
    const std::string keys = CertifierKeys(*claim, statement.key_id);
    auto entry = std::find_if(entries.begin(), entries.end(), [&](const auto& each) { return each.keys == keys; });
    if (entry == entries.end()) {
      entries.push_back({"certifier-" + std::to_string(entries.size() + 1), keys, {}});
      entry = entries.end() - 1;
    }
    entry->kinds.insert(claim->kind);
    const bool model = claim->kind == "model";
    if (model && (!subject || !lineage.Contains(claim->subject.sha256))) continue;
    const std::string id = "certification-" + std::to_string(++number);
    proposals->push_back({"# " + Printable(claim->kind) + " " + ArtifactText(claim->subject) +
                              "\n[[require]]\nid = " + TomlString(id) +
                              "\nclaim = \"certification\"\ncertifier = " + TomlString(entry->name) + "\n" +
                              (model ? "model = " : "dataset = ") + TomlString(DigestText(claim->subject.sha256)) +
                              "\nas = " + TomlString(claim->name) + "\n",
                          id, false});
  }
  std::string out;
  for (const CertifierEntry& entry : entries) {
    out += "\n[[certifier]]  # whose key is this? rename it when you know\nname = " + TomlString(entry.name) + "\n" +
           entry.keys + "may-certify = " + TomlStrings({entry.kinds.begin(), entry.kinds.end()}) + "\n";
  }
  return out;
}

// The head that most is said about; of equals the first by digest.
std::optional<crypto::Digest256> MainModel(const ClaimGraph& graph) {
  std::optional<crypto::Digest256> best;
  std::size_t most = 0;
  for (const auto& head : graph.Heads()) {
    const ModelNode* node = graph.FindModel(head);
    const std::size_t said = 1 + node->properties.size() + 100 * node->trainings.size();
    if (said <= most) continue;
    most = said;
    best = head;
  }
  return best;
}

std::string Compose(const std::string& base, const std::vector<Proposal>& proposals) {
  std::string text = base;
  for (const Proposal& proposal : proposals) text += "\n" + proposal.text;
  return text;
}

// Drops what the bundle itself does not meet; what is left still holds when something else is dropped, or is dropped in
// the next turn.
std::vector<Proposal> KeepWhatHolds(const verify::VerifiedBundle& bundle, const std::string& base,
                                    std::vector<Proposal> proposals) {
  while (!proposals.empty()) {
    const auto policy = ParsePolicy(Compose(base, proposals), "starting policy");
    if (!policy.ok()) return {};
    std::set<std::string> failed;
    for (const auto& check : Appraise(bundle, *policy, {}).checks) {
      if (check.verdict == verify::CheckVerdict::kFail) failed.insert(check.id);
    }
    const std::size_t before = proposals.size();
    std::erase_if(proposals, [&](const Proposal& each) { return failed.contains("policy.require." + each.id); });
    if (proposals.size() == before) break;
  }
  return proposals;
}

// How the rows of answers are read, where no training of the model shows it. Of several readings the first is asked
// for.
std::string RowsLines(const ClaimGraph& graph, const std::string& off) {
  std::string out;
  bool shown = false, written = false;
  std::set<statement::DataId> readings;
  for (const StatementId id : graph.inferences()) {
    const auto& claim = graph.Get<statement::InferenceClaim>(id);
    const std::string why = RowsObjection(graph, claim);
    shown |= why.empty();
    if (why.empty() || !readings.insert(claim.rows.selection_id).second) continue;
    out += "# ATTENTION: " + Printable(why, 240) +
           ".\n# Compare this reading with the model's before you rely on it.\n" + (shown || written ? "# " : off) +
           "selection = " + TomlString(DigestText(claim.rows.selection_id)) + "\n";
    written = true;
  }
  return out;
}

}  // namespace

std::string StartingPolicy(const verify::VerifiedBundle& bundle, std::span<const crypto::Digest256> claimed_roots) {
  const ClaimGraph graph(bundle, std::vector<bool>(bundle.statements().size(), true));
  const auto subject = MainModel(graph);
  std::vector<Proposal> proposals = ProposeRequirements(graph, subject);
  const std::string base = Header(bundle) + TrustTable(bundle) + ProgramTables(bundle, claimed_roots) +
                           CertifierTables(bundle, subject, subject ? graph.Walk(*subject) : Lineage(), &proposals);

  std::vector<Proposal> first = proposals;
  std::erase_if(first, [](const Proposal& each) { return each.fallback; });
  std::vector<Proposal> kept = KeepWhatHolds(bundle, base, first);
  const bool overlaps =
      std::any_of(kept.begin(), kept.end(), [](const Proposal& each) { return each.id.starts_with("overlap"); });
  if (!overlaps) {
    for (const Proposal& each : proposals) {
      if (each.fallback) kept.push_back(each);
    }
    kept = KeepWhatHolds(bundle, base, std::move(kept));
  }
  std::string text = Compose(base, kept);
  if (!graph.inferences().empty()) {
    // With nothing else to ask, the answers are what the bundle is for; else they would make --input and --output
    // needed where somebody only wants to know of the model.
    const std::string off = kept.empty() ? "" : "# ";
    text += "\n# Answers: verify --input F --output F (and --nonce) is then needed every time.\n" + off +
            "[[require]]\n" + off + "id = \"answer\"\n" + off + "claim = \"inference\"\n" + RowsLines(graph, off);
  } else if (kept.empty()) {
    text += "\n# Nothing in this bundle can be required on its own, so this policy accepts nothing yet.\n";
  }
  return text;
}

}  // namespace attestml::policy
