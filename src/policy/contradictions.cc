#include "policy/contradictions.h"

#include <algorithm>

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
  std::vector<Contradiction>* out_;
};

Json DataKey(const statement::DatasetUse& use) {
  return Json::array({HexEncode(use.file.sha256), HexEncode(use.selection_digest)});
}

Json DerivedSeeds(const statement::Run& run) {
  Json seeds = Json::array();
  for (const auto& seed : run.seeds) {
    if (seed.chosen_by == "derived") seeds.push_back(Json::array({seed.of, seed.value}));
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

Json ResultKey(const statement::MetricResult& result) {
  std::vector<std::string> across = result.across;
  std::sort(across.begin(), across.end());
  return Json::array({result.metric, Json(result.slice), Json(result.where), Json(result.given), Json(across),
                      result.column, result.label, result.at});
}

std::string ResultAnswer(const statement::MetricResult& result) {
  Json answer = Json::array({result.value});
  answer.push_back(result.count ? Json(*result.count) : Json());
  if (result.interval) {
    answer.push_back(
        Json::array({result.interval->method, result.interval->level, result.interval->lower, result.interval->upper}));
  }
  return DumpJson(answer);
}

// What a column's predictions mean stands in the job alone, so there it is part of the question.
Json PositivesOf(const statement::PropertyClaim& claim) {
  return claim.predictions.starts_with("column:") ? Json(HexEncode(statement::JobDigest(claim.run.job))) : Json();
}

void EnterRecords(const statement::DatasetUse& use, std::size_t line, Ledger* ledger) {
  const std::string answer = std::to_string(use.records.count) + " records, root " + HexEncode(use.records.root);
  ledger->Enter(
      "records" + DumpJson(DataKey(use)), answer, line, [&] { return "records of " + DatasetText(use); },
      [&] { return answer; });
}

void EnterProperty(const statement::PropertyClaim& claim, std::size_t line, Ledger* ledger) {
  if (claim.dataset) EnterRecords(*claim.dataset, line, ledger);
  for (const auto& reference : claim.references) EnterRecords(reference, line, ledger);
  const std::string key = "property" + DumpJson(Json::array({PropertyKey(claim), PositivesOf(claim)}));
  for (const auto& result : claim.results) {
    const auto about = [&] {
      return Printable(claim.property) + ": " + ResultText(result) +
             (claim.dataset ? " on " + DatasetText(*claim.dataset) : "");
    };
    ledger->Enter(key + DumpJson(ResultKey(result)), ResultAnswer(result), line, about, [&] { return result.value; });
  }
}

void EnterTraining(const statement::TrainingClaim& claim, std::size_t line, Ledger* ledger) {
  std::vector<std::string> uses;
  for (const auto& use : claim.datasets) {
    EnterRecords(use, line, ledger);
    uses.push_back(DumpJson(Json::array({use.role, DataKey(use)})));
  }
  std::sort(uses.begin(), uses.end());
  const std::string job = HexEncode(statement::JobDigest(claim.run.job));
  const Json answer = Json::array({Json(uses), job, claim.steps, claim.epochs,
                                   claim.initial_model ? Json(HexEncode(claim.initial_model->sha256)) : Json(),
                                   claim.checkpoint ? Json(HexEncode(claim.checkpoint->sha256)) : Json()});
  ledger->Enter(
      "training" + HexEncode(claim.model.sha256), DumpJson(answer), line,
      [&] { return "training of " + ArtifactText(claim.model); },
      [&] { return "job sha256:" + job + ", " + std::to_string(claim.steps) + " steps"; });
}

}  // namespace

std::vector<Contradiction> FindContradictions(const ClaimGraph& graph) {
  std::vector<Contradiction> found;
  Ledger ledger(&found);
  for (const StatementId id : graph.properties()) {
    EnterProperty(graph.Get<statement::PropertyClaim>(id), graph.statement(id).index, &ledger);
  }
  for (const auto& [digest, node] : graph.models()) {
    for (const StatementId id : node.trainings) {
      EnterTraining(graph.Get<statement::TrainingClaim>(id), graph.statement(id).index, &ledger);
    }
  }
  return found;
}

}  // namespace attestml::policy
