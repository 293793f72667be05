#include "policy/contradictions.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/hex.h"
#include "policy/describe.h"

namespace attestml::policy {
namespace {

struct Answer {
  std::string text;
  std::size_t line = 0;
};

// Collects answers by question and remembers each question that got two.
class Ledger {
 public:
  explicit Ledger(std::vector<Contradiction>* out) : out_(out) {}

  // A short name for a long text: the same number for the same text.
  std::size_t NumberOf(const std::string& text) { return numbers_.try_emplace(text, numbers_.size()).first->second; }

  // `about` and `shown` say in words what is asked and answered; they are made only when they are needed.
  template <typename About, typename Shown>
  void Enter(const std::string& question, const std::string& answer, std::size_t line, About about, Shown shown) {
    const auto [it, fresh] = answers_.try_emplace(question, Answer{answer, line});
    if (fresh || it->second.text == answer) return;
    out_->push_back({about(), "line " + std::to_string(it->second.line + 1) + " and line " + std::to_string(line + 1) +
                                  " differ, the latter says " + shown()});
  }

 private:
  std::map<std::string, Answer> answers_;
  std::map<std::string, std::size_t> numbers_;
  std::vector<Contradiction>* out_;
};

Json DataKey(const statement::DatasetUse& use) {
  return Json::array({DigestText(use.file.id), DigestText(use.selection_id)});
}

Json DerivedSeeds(const statement::Run& run) {
  Json seeds = Json::array();
  for (const auto& seed : run.seeds) {
    if (seed.chosen_by == "derived" || seed.chosen_by == "concealed")
      seeds.push_back(Json::array({seed.of, seed.value}));
  }
  return seeds;
}

Json PropertyKey(const statement::PropertyClaim& claim) {
  Json references = Json::array();
  for (const auto& reference : claim.references) references.push_back(DataKey(reference));
  return Json::array({claim.property, claim.parameters, claim.model ? Json(HexEncode(claim.model->sha256)) : Json(),
                      claim.predictions, claim.dataset ? DataKey(*claim.dataset) : Json(), references,
                      DerivedSeeds(claim.run)});
}

// A part of a key, behind its length, so that no two lists of parts run together into one.
void Put(std::string_view part, std::string* key) {
  *key += std::to_string(part.size());
  *key += ':';
  *key += part;
}

void Put(const std::map<std::string, std::string>& map, std::string* key) {
  *key += std::to_string(map.size());
  *key += ';';
  for (const auto& [name, value] : map) {
    Put(name, key);
    Put(value, key);
  }
}

// Text and not Json: a bundle has hundreds of results.
void PutResultKey(const statement::MetricResult& result, std::string* key) {
  Put(result.metric, key);
  for (const auto* map : {&result.slice, &result.where, &result.given}) Put(*map, key);
  std::vector<std::string_view> across(result.across.begin(), result.across.end());
  std::sort(across.begin(), across.end());
  *key += std::to_string(across.size());
  *key += ';';
  for (const std::string_view column : across) Put(column, key);
  // A number and a bound on it are no two answers to one question; nor are two bounds.
  for (const auto* text : {&result.column, &result.label, &result.at, &result.bound, &result.bound_on}) Put(*text, key);
}

std::string ResultAnswer(const statement::MetricResult& result) {
  std::string answer;
  Put(result.value, &answer);
  answer += result.count ? std::to_string(*result.count) : "-";
  if (result.interval) {
    const auto& [method, level, lower, upper] = *result.interval;
    for (const auto* text : {&method, &level, &lower, &upper}) Put(*text, &(answer += ','));
  }
  return answer;
}

// What a column's predictions mean stands in the job alone, so there it is part of the question.
Json PositivesOf(const statement::PropertyClaim& claim) {
  return claim.predictions.starts_with("column:") ? Json(JobText(claim.run)) : Json();
}

void EnterRecords(const statement::DatasetUse& use, std::size_t line, Ledger* ledger) {
  const std::string answer = std::to_string(use.records.count) + " records, root " + HexEncode(use.records.root);
  const std::string under = use.records.concealed ? "salted records" : "records";
  ledger->Enter(
      under + DumpJson(DataKey(use)), answer, line, [&] { return "records of " + DatasetText(use); },
      [&] { return answer; });
}

void EnterProperty(const statement::PropertyClaim& claim, std::size_t line, Ledger* ledger) {
  if (claim.dataset) EnterRecords(*claim.dataset, line, ledger);
  for (const auto& reference : claim.references) EnterRecords(reference, line, ledger);
  const std::string property = DumpJson(Json::array({PropertyKey(claim), PositivesOf(claim)}));
  const std::string key = "property " + std::to_string(ledger->NumberOf(property)) + " ";
  std::string question;
  for (const auto& result : claim.results) {
    const auto about = [&] {
      return Printable(claim.property) + ": " + ResultText(result) +
             (claim.dataset ? " on " + DatasetText(*claim.dataset) : "");
    };
    question = key;
    PutResultKey(result, &question);
    ledger->Enter(question, ResultAnswer(result), line, about, [&] { return ValueText(result); });
  }
}

void EnterTraining(const statement::TrainingClaim& claim, std::size_t line, Ledger* ledger) {
  std::vector<std::string> uses;
  for (const auto& use : claim.datasets) {
    EnterRecords(use, line, ledger);
    uses.push_back(DumpJson(Json::array({use.role, DataKey(use)})));
  }
  std::sort(uses.begin(), uses.end());
  const std::string job = JobText(claim.run);
  const Json answer = Json::array({Json(uses), job, claim.steps, claim.epochs,
                                   claim.initial_model ? Json(HexEncode(claim.initial_model->sha256)) : Json(),
                                   claim.checkpoint ? Json(HexEncode(claim.checkpoint->sha256)) : Json()});
  ledger->Enter(
      "training" + HexEncode(claim.model.sha256), DumpJson(answer), line,
      [&] { return "training of " + ArtifactText(claim.model); },
      [&] { return "job " + job + ", " + std::to_string(claim.steps) + " steps"; });
}

// One model's answer to one input that is read in one way. Engines may differ in the last digit; a TorchScript program
// may draw random numbers, and nothing else that answers does.
void EnterInference(const statement::InferenceClaim& claim, std::size_t line, Ledger* ledger) {
  if (RunsProgram(claim.run)) return;
  const Json question = Json::array({HexEncode(claim.model.sha256), HexEncode(claim.input.sha256), claim.parameters,
                                     DigestText(claim.rows.selection_id), claim.run.engine, claim.run.engine_details});
  ledger->Enter(
      "inference" + DumpJson(question), HexEncode(claim.output.sha256), line,
      [&] { return "answer of " + ArtifactText(claim.model) + " to " + ArtifactText(claim.input); },
      [&] { return ArtifactText(claim.output); });
}

}  // namespace

std::vector<Contradiction> FindContradictions(const ClaimGraph& graph) {
  std::vector<Contradiction> found;
  Ledger ledger(&found);
  for (const StatementId id : graph.properties()) {
    EnterProperty(graph.Get<statement::PropertyClaim>(id), graph.statement(id).index, &ledger);
  }
  for (const StatementId id : graph.inferences()) {
    EnterInference(graph.Get<statement::InferenceClaim>(id), graph.statement(id).index, &ledger);
  }
  for (const auto& [digest, node] : graph.models()) {
    for (const StatementId id : node.trainings) {
      EnterTraining(graph.Get<statement::TrainingClaim>(id), graph.statement(id).index, &ledger);
    }
  }
  return found;
}

}  // namespace attestml::policy
