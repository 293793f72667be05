#include "policy/sentence.h"

#include <algorithm>
#include <set>

#include "base/decimal.h"
#include "base/hex.h"
#include "policy/comparison.h"
#include "policy/describe.h"
#include "policy/reading.h"
#include "policy/rows.h"
#include "policy/tee_vocabulary.h"
#include "policy/words.h"

namespace attestml::policy {
namespace {

using Answers = std::vector<std::pair<const Requirement*, const Outcome*>>;
using DataKey = std::pair<statement::DataId, statement::DataId>;

constexpr std::size_t kMaxNumbers = 12;

DataKey KeyOf(const statement::DatasetUse& use) { return {use.file.id, use.selection_id}; }

// Numbers about one model (or column of predictions, or nothing but the data) on one selection, in the order in which
// requirements ask for them.
struct Group {
  const statement::PropertyClaim* claim = nullptr;  // the first; it tells the subject and the data
  std::vector<std::string> numbers;
  bool told = false;

  bool Holds(const statement::PropertyClaim& other) const {
    const bool same_model =
        claim->model ? other.model && other.model->sha256 == claim->model->sha256 : !other.model.has_value();
    return same_model && claim->predictions == other.predictions && KeyOf(*claim->dataset) == KeyOf(*other.dataset);
  }
};

// How much of one test selection stands in one other: an overlap in words.
struct Shared {
  const statement::DatasetUse* test = nullptr;
  const statement::DatasetUse* reference = nullptr;  // null: everything the statement compares with
  const statement::MetricResult* result = nullptr;
  bool with_training = false;
};

class Writer {
 public:
  Writer(const Context& context, const Answers& answers) : context_(context), answers_(answers) { Collect(); }

  std::string Write(const std::vector<Attester>& attesters) {
    if (context_.inference) TellInference();
    if (context_.subject) TellLineage();
    for (Group& group : groups_) TellGroup(&group);
    TellShared();
    TellProgram(attesters);
    TellCertified();
    return Join(parts_, "; ") + ".";
  }

 private:
  void Collect() {
    for (const auto& [requirement, outcome] : answers_) {
      for (const Match& match : outcome->matches) {
        if (match.claim->property == kOverlap) {
          CollectShared(*requirement, match);
        } else {
          CollectNumber(match);
        }
      }
    }
    // A group that alone has too many must not leave no room for the others.
    std::size_t all = 0;
    for (const Group& group : groups_) all += group.numbers.size();
    limit_ = all <= kMaxNumbers ? all : std::max<std::size_t>(2, kMaxNumbers / groups_.size());
  }

  void CollectNumber(const Match& match) {
    auto it =
        std::find_if(groups_.begin(), groups_.end(), [&](const Group& group) { return group.Holds(*match.claim); });
    if (it == groups_.end()) {
      groups_.push_back({match.claim, {}, false});
      it = groups_.end() - 1;
    }
    std::string text = NumberText(*match.claim, *match.result);
    // Told here so that a reference met twice has its digest at its first place in the text, not in this list.
    for (const auto& reference : match.claim->references) {
      text += " against " + ArtifactText(reference.file);
    }
    if (std::find(it->numbers.begin(), it->numbers.end(), text) == it->numbers.end()) {
      it->numbers.push_back(std::move(text));
    }
  }

  void CollectShared(const Requirement& requirement, const Match& match) {
    Shared shared{&*match.claim->dataset, nullptr, match.result, !requirement.reference.has_value()};
    for (const auto& reference : match.claim->references) {
      if (HexEncode(reference.records.root) == match.result->at) shared.reference = &reference;
    }
    shared_.push_back(shared);
  }

  std::string Numbers(const Group& group) const {
    if (group.numbers.size() <= limit_) return List(group.numbers);
    const std::vector<std::string> shown(group.numbers.begin(),
                                         group.numbers.begin() + static_cast<std::ptrdiff_t>(limit_));
    return Join(shown, ", ") + " and " + std::to_string(group.numbers.size() - limit_) + " more (see the report)";
  }

  // "all 1500 records", "3200 records, part train of a seeded split"; the digest of a partial selection stands there
  // the first time it is met.
  std::string Records(const statement::DatasetUse& use, bool all) {
    const std::string count = std::to_string(use.records.count) + (use.records.count == 1 ? " record" : " records");
    if (!use.selection) return count;
    const statement::Selection& selection = *use.selection;
    std::string text = (selection.Whole() && all ? "all " : "") + count;
    if (const std::string reading = ReadingText(selection); !reading.empty()) text += " (" + reading + ")";
    if (selection.Whole()) return text;
    if (selection.split) text += ", part " + Quoted(selection.split->part) + " of a seeded split";
    if (!selection.filter.empty()) text += ", filtered";
    if (selection.missing == statement::MissingPolicy::kDrop) text += ", without missing values";
    if (selections_.insert(KeyOf(use)).second) text += ", selection " + ShortDigest(use.selection_id);
    return text;
  }

  // "all 1500 records of T (sha256:…)"
  std::string Data(const statement::DatasetUse& use) { return Records(use, true) + " of " + namer_.Name(use.file); }

  std::string ModelName(const crypto::Digest256& digest) {
    const ModelNode* node = context_.graph->FindModel(digest);
    return namer_.Name(statement::ArtifactRef{node == nullptr ? "model" : node->name, digest});
  }

  void TellInference() {
    const auto& claim = context_.graph->Get<statement::InferenceClaim>(*context_.inference);
    parts_.push_back("This output " + namer_.Name(claim.output) + " is the result of applying model " +
                     namer_.Name(claim.model) + " to input " + namer_.Name(claim.input) +
                     // Else the rows are read as the model's training data is.
                     (RowsObjection(*context_.graph, claim).empty()
                          ? ""
                          : ", its rows read as selection " + ShortDigest(claim.rows.selection_id)) +
                     (claim.run.nonce.empty() ? "" : " for nonce " + claim.run.nonce));
  }

  // "D (sha256:…; all 4000 records; as train and fit; 47.2 % sex=female)"
  std::string TrainedOn(const statement::DatasetUse& use, const std::vector<std::string>& roles) {
    std::string name = namer_.Name(use.file);
    const bool open = name.ends_with(')');
    if (open) name.pop_back();
    std::string text = name + (open ? "; " : " (") + Records(use, true) + "; as " + List(roles);
    for (Group& group : groups_) {
      const auto& claim = *group.claim;
      if (group.told || claim.model || !claim.predictions.empty() || KeyOf(*claim.dataset) != KeyOf(use)) continue;
      group.told = true;
      text += "; " + Numbers(group);
    }
    return text + ")";
  }

  void TellTraining(const std::string& name, const statement::TrainingClaim& claim) {
    std::vector<std::string> uses;
    std::set<DataKey> done;
    for (const auto& use : claim.datasets) {
      if (!done.insert(KeyOf(use)).second) continue;
      std::vector<std::string> roles;
      for (const auto& other : claim.datasets) {
        if (KeyOf(other) == KeyOf(use)) roles.push_back(Quoted(other.role));
      }
      uses.push_back(TrainedOn(use, roles));
    }
    const auto& selection = claim.datasets.front().selection;
    const auto target = selection ? selection->target : std::nullopt;
    std::string text = name + " was trained " + (target ? "to predict " + Quoted(target->column) + " " : "") + "on " +
                       List(uses) + " with recipe " + ShortJob(claim.run) + " (" + std::to_string(claim.epochs) +
                       " epochs, " + std::to_string(claim.steps) + " steps)";
    if (claim.checkpoint) text += ", resumed at step " + std::to_string(claim.checkpoint_steps);
    if (claim.initial_model) text += ", starting from " + namer_.Name(*claim.initial_model);
    parts_.push_back(std::move(text));
  }

  // The subject and each of its ancestors, nearest first.
  void TellLineage() {
    for (const auto& model : context_.lineage.models) {
      const ModelNode* node = context_.graph->FindModel(model);
      const std::string name = ModelName(model);
      if (node == nullptr || node->trainings.empty()) {
        parts_.push_back("how " + name + " was trained is not claimed");
      } else {
        TellTraining(name, context_.graph->Get<statement::TrainingClaim>(node->trainings.front()));
      }
    }
  }

  void TellGroup(Group* group) {
    if (group->told) return;
    group->told = true;
    const auto& claim = *group->claim;
    if (claim.model) {
      parts_.push_back(ModelName(claim.model->sha256) + " has, on " + Data(*claim.dataset) + ", " + Numbers(*group));
    } else if (!claim.predictions.empty()) {
      parts_.push_back("the predictions in " + Quoted(claim.predictions) + " have, on " + Data(*claim.dataset) + ", " +
                       Numbers(*group));
    } else {
      parts_.push_back(Data(*claim.dataset) + " have " + Numbers(*group));
    }
  }

  // What of the test records is counted, and how it is told.
  std::string SharedText(const Shared& shared, const std::string& where) {
    const auto& result = *shared.result;
    const auto value = ParseDecimal(result.value);
    std::string text = !result.bound.empty()                    ? ValueText(result)
                       : value && *value == 0                   ? "none"
                       : result.metric.ends_with("-proportion") ? PercentText(result.value)
                                                                : RoundedText(result.value);
    const bool known = namer_.Told(shared.test->file.id);
    text += " of " + std::string(known ? "" : "the ") + (known ? namer_.Name(shared.test->file) + "'s " : "");
    if (result.metric.ends_with("-distinct")) text += "distinct records among the ";
    text += Records(*shared.test, false);
    if (!known) text += " of " + namer_.Name(shared.test->file);
    text += result.metric.starts_with("without-label") ? " (label left out)" : " (label included)";
    return text + " stand in " + where;
  }

  // Overlaps of one test selection with each part of the training are one clause when all of them are zero.
  void TellShared() {
    std::set<std::string> said;
    const auto put = [&](std::string text) {
      if (said.insert(text).second) parts_.push_back(std::move(text));
    };
    for (std::size_t i = 0; i < shared_.size(); ++i) {
      const Shared& shared = shared_[i];
      const auto alike = [&](const Shared& other) {
        return other.with_training && KeyOf(*other.test) == KeyOf(*shared.test) &&
               other.result->metric == shared.result->metric;
      };
      const auto begin = shared_.begin() + static_cast<std::ptrdiff_t>(i);
      const bool none = shared.with_training && std::all_of(shared_.begin(), shared_.end(), [&](const Shared& other) {
                          return !alike(other) || ParseDecimal(other.result->value) == 0.0;
                        });
      if (none) {
        if (std::none_of(shared_.begin(), begin, alike)) put(SharedText(shared, "the training data"));
        continue;
      }
      const std::string where = shared.reference != nullptr
                                    ? namer_.Name(shared.reference->file) + ", " + Records(*shared.reference, true)
                                    : "what it was compared with";
      put(SharedText(shared, where));
    }
  }

  void TellProgram(const std::vector<Attester>& attesters) {
    std::vector<std::string> programs;
    bool simulated = false;
    for (const Attester& attester : attesters) {
      simulated |= attester.simulated;
      std::string text = Printable(attester.program) + " (" + attester.measurement.substr(0, 12) + "…) in TEE " +
                         (attester.simulated ? "simulated " : "") + std::string(TeeTitle(attester.tee));
      std::string state = attester.tcb_status.empty() ? "" : "TCB " + attester.tcb_status;
      if (attester.debug) state += (state.empty() ? "" : ", ") + std::string("debug enclave");
      if (!state.empty()) text += " (" + state + ")";
      if (std::find(programs.begin(), programs.end(), text) == programs.end()) programs.push_back(std::move(text));
    }
    if (programs.empty()) return;
    parts_.push_back("all of it was computed by program " + List(programs) +
                     (simulated ? ", SIMULATED: no hardware protection" : ""));
  }

  void TellCertified() {
    for (const auto& [requirement, outcome] : answers_) {
      if (requirement->claim != "certification") continue;
      for (const StatementId id : outcome->statements) {
        const auto& claim = context_.graph->Get<statement::CertificationClaim>(id);
        std::string name = Printable(claim.name);
        std::replace(name.begin(), name.end(), '"', '\'');
        const std::string text = Printable(requirement->certifier) + " certifies " + claim.kind + " " +
                                 namer_.Name(claim.subject) + " as \"" + name + "\"";
        if (std::find(parts_.begin(), parts_.end(), text) == parts_.end()) parts_.push_back(text);
      }
    }
  }

  const Context& context_;
  const Answers& answers_;
  std::vector<Group> groups_;
  std::vector<Shared> shared_;
  std::size_t limit_ = 0;
  Namer namer_;
  std::set<DataKey> selections_;
  std::vector<std::string> parts_;
};

}  // namespace

std::string WriteSentence(const Context& context, const Answers& answers, const std::vector<Attester>& attesters) {
  return Writer(context, answers).Write(attesters);
}

}  // namespace attestml::policy
