#include "policy/record_answer.h"

#include <algorithm>

#include "base/hex.h"
#include "crypto/merkle.h"
#include "policy/check_list.h"
#include "policy/comparison.h"
#include "policy/describe.h"
#include "policy/graph.h"
#include "policy/programs.h"
#include "policy/receipt.h"
#include "statement/canonical_record.h"

namespace attestml::policy {
namespace {

using statement::RecordTree;

const RecordTree* TreeOf(const statement::RecordProof& proof, const statement::DatasetUse& use) {
  const auto it = std::find_if(proof.trees.begin(), proof.trees.end(), [&](const RecordTree& tree) {
    if (tree.size != use.records.count) return false;
    // A salted leaf proves something in the salted tree alone, a plain one where the plain root is known.
    return tree.salt ? use.records.salted_root == tree.root : !use.records.concealed && tree.root == use.records.root;
  });
  return it == proof.trees.end() ? nullptr : &*it;
}

bool Asked(const RecordQuestion& question, const statement::DatasetUse& use) {
  // What is concealed may be what is asked about, and then it must be answered for.
  const auto named = [](const std::optional<crypto::Digest256>& wanted, const statement::DataId& id) {
    return !wanted || id.concealed || id.digest == *wanted;
  };
  return named(question.dataset, use.file.id) && named(question.selection, use.selection_id) &&
         (question.role.empty() || use.role == question.role);
}

std::string LineText(std::size_t line) { return "line " + std::to_string(line + 1); }

std::string UseText(const RecordUse& use) {
  return DatasetText(use.use) + ", role " + Printable(use.use.role) + ", " + LineText(use.line);
}

std::string TreeText(const RecordTree& tree) {
  return std::string(tree.present ? "present" : "absent") + " in " + std::to_string(tree.size) + " leaves under root " +
         HexEncode(tree.root).substr(0, 16) + "…";
}

// The weights that a TorchScript file brings come from nobody knows where; and a job that is not told may name one.
bool MayBringWeights(const statement::TrainingClaim& training) {
  const Json& job = training.run.job;
  if (!job.is_object()) return true;
  const auto model = job.find("model");
  return model == job.end() || !model->is_object() || !model->contains("kind") || BringsWeights(training);
}

class Appraiser {
 public:
  Appraiser(const statement::RecordProof& proof, const RecordQuestion& question, RecordReport* out)
      : proof_(proof), question_(question), out_(out) {}

  void Run(const ClaimGraph& graph) {
    record_ = question_.record.empty() ? proof_.record : question_.record;
    const bool given = !record_.empty() && (proof_.record.empty() || proof_.record == record_);
    checks_.Add("record.given", given, record_.empty() ? "no record, in the proof or beside it" : "a record",
                "the record asked about, the same in the proof when it shows one");
    if (const auto text = statement::RecordText(record_); text.ok()) out_->record = std::string(*text);
    if (!record_.empty()) out_->leaf = crypto::LeafHash(record_);
    const bool known = out_->report.model.has_value();
    checks_.Add("record.model", known, known ? DigestText(*out_->report.model) : "no model", "the model in question");
    if (!given || !known) return;
    lineage_ = graph.Walk(*out_->report.model);
    ListUses(graph);
    // Every check is made and listed, whatever the one before it said.
    const bool trees = CheckTrees();
    const bool canonical = CheckCanonical();
    if (trees && canonical) Answer(graph);
  }

  verify::Checks Take() && {
    if (question_.expected) {
      checks_.Add("record.expected", out_->answer == *question_.expected, std::string(RecordAnswerName(out_->answer)),
                  std::string(RecordAnswerName(*question_.expected)));
    }
    return checks_.checks();
  }

 private:
  void ListUses(const ClaimGraph& graph) {
    for (const TrainedUse& trained : lineage_.uses) {
      RecordUse use;
      use.use = *trained.use;
      use.model = trained.model;
      use.line = graph.statement(trained.training).index;
      use.asked = Asked(question_, use.use);
      out_->uses.push_back(std::move(use));
    }
  }

  // Every tree must be one of a training selection, and every proof must hold: who shows one false thing shows nothing.
  bool CheckTrees() {
    const crypto::Digest256 leaf = crypto::LeafHash(record_);
    bool sound = true;
    for (const RecordTree& tree : proof_.trees) {
      bool stated = false;
      const bool holds = statement::RecordTreeHolds(tree, leaf);
      for (RecordUse& use : out_->uses) {
        if (TreeOf(proof_, use.use) != &tree) continue;
        stated = true;
        if (!holds) continue;
        use.answer = tree.present ? RecordAnswer::kPresent : RecordAnswer::kAbsent;
        use.times = tree.present ? tree.times : std::optional<std::uint64_t>(0);
      }
      sound &= checks_.Add("record.tree", stated, TreeText(tree),
                           "root and count of a selection that the model or an ancestor was trained on");
      sound &= checks_.Add("record.proof", holds, TreeText(tree), "inclusion proofs that show it");
    }
    return sound;
  }

  bool AnyPresent() const {
    return std::any_of(out_->uses.begin(), out_->uses.end(),
                       [](const RecordUse& use) { return use.asked && use.answer == RecordAnswer::kPresent; });
  }

  // Of the selections that the answer rests on: elsewhere the record may well have another shape.
  bool CheckCanonical() {
    const RecordAnswer counts = AnyPresent() ? RecordAnswer::kPresent : RecordAnswer::kAbsent;
    bool good = true;
    for (const RecordUse& use : out_->uses) {
      if (!use.asked || use.answer != counts) continue;
      if (!use.use.selection) {
        // Its leaf is there, so the record is; what its columns are called is concealed.
        good &= counts == RecordAnswer::kPresent;
        checks_.NotChecked("record.canonical", "the selection is concealed",
                           "a record as " + UseText(use) + " writes them");
        continue;
      }
      Status status = statement::CheckRecord(record_, *use.use.selection);
      if (status.ok() && counts == RecordAnswer::kAbsent) {
        status = statement::CheckWithoutSuffix(record_, *use.use.selection);
      }
      good &=
          checks_.Add("record.canonical", status.ok(), status.ok() ? "canonical" : Printable(status.error().message),
                      "a record as " + UseText(use) + " writes them");
    }
    return good;
  }

  void Answer(const ClaimGraph& graph) {
    const auto asked =
        std::count_if(out_->uses.begin(), out_->uses.end(), [](const RecordUse& use) { return use.asked; });
    if (!checks_.Add("record.coverage", asked > 0, std::to_string(asked) + " selections asked about",
                     "at least one that the model was trained on")) {
      return;
    }
    if (AnyPresent()) {
      out_->answer = RecordAnswer::kPresent;
      return;
    }
    const bool covered = CheckCoverage();
    const bool comparable = CheckComparable();
    const bool lineage = CheckLineage(graph);
    if (covered && comparable && lineage) out_->answer = RecordAnswer::kAbsent;
  }

  bool CheckCoverage() {
    bool covered = true;
    for (const RecordUse& use : out_->uses) {
      if (!use.asked) continue;
      covered &= checks_.Add("record.coverage", use.answer != RecordAnswer::kUnknown,
                             use.answer != RecordAnswer::kUnknown ? "absent" : "no proof for " + UseText(use),
                             "a proof for every selection asked about");
    }
    return covered;
  }

  bool CheckComparable() {
    const RecordUse* first = nullptr;
    bool alike = true;
    for (const RecordUse& use : out_->uses) {
      if (!use.asked) continue;
      if (first == nullptr) first = &use;
      alike &= checks_.Add("record.comparable", ReadAlike(first->use, use.use),
                           use.use.file.name.empty() ? "" : UseText(use),
                           "records with the columns, target, trimming and marks of " + UseText(*first));
    }
    return alike;
  }

  bool CheckLineage(const ClaimGraph& graph) {
    const std::string wanted = "the training of every model of the lineage";
    bool whole = true;
    for (const auto& model : lineage_.missing) {
      whole &= checks_.Add("record.lineage", false, "no training is stated for " + DigestText(model), wanted);
    }
    for (const StatementId id : lineage_.trainings) {
      if (!MayBringWeights(graph.Get<statement::TrainingClaim>(id))) continue;
      whole &= checks_.Add("record.lineage", false,
                           LineText(graph.statement(id).index) + " trained a model whose file brings weights", wanted);
    }
    if (whole) {
      checks_.Add("record.lineage", true,
                  std::to_string(lineage_.models.size()) + (lineage_.models.size() == 1 ? " model" : " models"),
                  wanted);
    }
    return whole;
  }

  const statement::RecordProof& proof_;
  const RecordQuestion& question_;
  RecordReport* out_;
  Bytes record_;
  Lineage lineage_;
  CheckList checks_;
};

std::string Sentence(const RecordReport& report, const RecordQuestion& question) {
  // One place a selection, with the roles it had.
  std::vector<std::pair<std::string, std::vector<std::string>>> found;
  for (const RecordUse& use : report.uses) {
    if (!use.asked || use.answer != report.answer) continue;
    std::string place = DatasetText(use.use);
    if (report.answer == RecordAnswer::kPresent && use.times) {
      place += *use.times == 1 ? ", once" : ", " + std::to_string(*use.times) + " times";
    }
    const auto known =
        std::find_if(found.begin(), found.end(), [&](const auto& other) { return other.first == place; });
    auto& roles = known == found.end() ? found.emplace_back(place, std::vector<std::string>()).second : known->second;
    if (std::find(roles.begin(), roles.end(), use.use.role) == roles.end()) roles.push_back(use.use.role);
  }
  std::vector<std::string> places;
  for (const auto& [place, roles] : found) places.push_back(place + " (role " + Printable(Join(roles, ", ")) + ")");
  const std::string warning = report.report.simulated ? " SIMULATED: no hardware protection." : "";
  const std::string model = "model " + DigestText(*report.report.model);
  if (report.answer == RecordAnswer::kPresent) {
    return "The record was among the training records of " + model + ": in " + Join(places, "; in ") + "." + warning;
  }
  const bool all = !question.dataset && !question.selection && question.role.empty();
  return "The record was not among " +
         (all ? "the training data of " + model + ", nor of anything it came from: neither in "
              : "those training records of " + model + " that the question is about: not in ") +
         Join(places, all ? ", nor in " : ", not in ") + "." + warning;
}

}  // namespace

std::string_view RecordAnswerName(RecordAnswer answer) {
  switch (answer) {
    case RecordAnswer::kUnknown:
      return "unknown";
    case RecordAnswer::kPresent:
      return "present";
    case RecordAnswer::kAbsent:
      return "absent";
  }
  return "unknown";
}

RecordReport AppraiseRecord(const statement::RecordProof& proof, const RecordQuestion& record,
                            const verify::VerifiedBundle& bundle, const Policy& policy, const Question& question) {
  RecordReport out;
  out.report = Appraise(bundle, policy, question);
  CheckList programs;  // the report has them already
  const ClaimGraph graph(bundle, AppraisePrograms(bundle, policy, &programs));
  Appraiser appraiser(proof, record, &out);
  appraiser.Run(graph);
  PrependChecks(std::move(appraiser).Take(), &out.report);
  // Nothing that was not accepted in whole answers anything, and what answers nothing is not accepted.
  if (out.report.verdict != Verdict::kAccepted) out.answer = RecordAnswer::kUnknown;
  if (out.answer != RecordAnswer::kUnknown) {
    out.sentence = Sentence(out, record);
  } else if (out.report.verdict == Verdict::kAccepted) {
    out.report.verdict = Verdict::kRejected;
    out.report.error = Rejected("record.unknown", "where the record stands is not shown");
    out.report.sentence.clear();
  }
  return out;
}

std::string RecordReportToText(const RecordReport& report, bool color) {
  const std::string word(RecordAnswerName(report.answer));
  const bool known = report.answer != RecordAnswer::kUnknown;
  std::string out;
  if (report.report.simulated) out += "SIMULATED: no hardware protection\n";
  out += color ? "\x1b[" + std::string(known ? "32;1" : "31;1") + "m" + word + "\x1b[0m" : word;
  out += report.record.empty() ? "\n" : "  " + Printable(report.record, 2000) + "\n";
  out += known ? "  " + report.sentence + "\n" : "  whether the record was used for training is not shown\n";
  return out + "\n" + ReportToText(report.report, color);
}

Json RecordReportToJson(const RecordReport& report) {
  Json out = ReportToJson(report.report);
  Json uses = Json::array();
  for (const RecordUse& use : report.uses) {
    Json entry = {{"name", use.use.file.name},
                  {use.use.file.id.concealed ? "commitment" : "sha256", HexEncode(use.use.file.id.digest)},
                  {use.use.selection_id.concealed ? "selectionCommitment" : "selectionDigest",
                   HexEncode(use.use.selection_id.digest)},
                  {"records", {{"count", use.use.records.count}, {"root", HexEncode(use.use.records.root)}}},
                  {"role", use.use.role},
                  {"model", HexEncode(use.model)},
                  {"line", use.line + 1},
                  {"asked", use.asked},
                  {"answer", RecordAnswerName(report.answer == RecordAnswer::kUnknown ? report.answer : use.answer)}};
    if (use.times && report.answer != RecordAnswer::kUnknown) entry["times"] = *use.times;
    uses.push_back(std::move(entry));
  }
  out["record"] = {
      {"answer", RecordAnswerName(report.answer)}, {"sentence", report.sentence}, {"uses", std::move(uses)}};
  if (report.leaf) out["record"]["leaf"] = HexEncode(*report.leaf);
  return out;
}

}  // namespace attestml::policy
