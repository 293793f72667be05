#include "card/card_model.h"

#include <algorithm>
#include <set>

#include "base/hex.h"
#include "policy/as_of.h"
#include "policy/describe.h"
#include "statement/vocabulary.h"

namespace attestml::card {
namespace {

using policy::DigestText;
using policy::Join;
using statement::CertificationClaim;
using statement::InferenceClaim;
using statement::PropertyClaim;
using statement::TrainingClaim;

std::string Names(const std::vector<std::string>& names) { return names.empty() ? "none" : Join(names, ", "); }

std::string JobText(const Json& value) {
  return value.is_string() ? value.get_ref<const std::string&>() : DumpJson(value);
}

const Json* FindMember(const Json& job, std::string_view name) {
  if (!job.is_object()) return nullptr;
  const auto it = job.find(name);
  return it == job.end() ? nullptr : &*it;
}

// The members of one table of the job, as the recipe that it is.
void AddRecipe(const Json& job, std::string_view table, std::size_t index, CardSection* section) {
  const Json* found = FindMember(job, table);
  if (found == nullptr || !found->is_object()) return;
  for (const auto& member : found->items()) {
    section->rows.push_back({std::string(table) + "." + member.key(), JobText(member.value()), index});
  }
}

std::string MetricLabel(const PropertyClaim& claim, const statement::MetricResult& result) {
  statement::MetricResult titled = result;
  const auto* property = statement::FindProperty(claim.property);
  const auto* metric = property == nullptr ? nullptr : statement::FindMetric(*property, result.metric);
  if (metric != nullptr && (result.metric != "proportion" || result.where.empty())) titled.metric = metric->title;
  return policy::ResultText(titled);
}

void AddNumbers(const PropertyClaim& claim, std::size_t index, CardSection* section) {
  for (const auto& result : claim.results) {
    CardNumber number{
        MetricLabel(claim, result), policy::ValueText(result), result.reason, "", "", "", result.count, index};
    if (result.interval) {
      number.lower = result.interval->lower;
      number.upper = result.interval->upper;
      number.level = result.interval->level;
    }
    section->numbers.push_back(std::move(number));
  }
}

class Builder {
 public:
  Builder(const policy::Report& report, const verify::VerifiedBundle& bundle) : report_(report), bundle_(bundle) {
    for (const auto& claim : report.claims) {
      if (claim.used) used_.insert(claim.index);
    }
  }

  CardModel Build() {
    card_.simulated = report_.simulated;
    card_.sentence = report_.sentence;
    Identify();
    Each<CertificationClaim>([&](const auto& claim, std::size_t index) { AddCertification(claim, index); });
    Each<InferenceClaim>([&](const auto& claim, std::size_t index) { AddInference(claim, index); });
    Each<TrainingClaim>([&](const auto& claim, std::size_t index) { AddTraining(claim, index); });
    AddDatasets();
    AddProperties(true);
    AddProperties(false);
    AddTrust();
    AddMissing();
    AddStatements();
    return std::move(card_);
  }

 private:
  template <typename T, typename Visit>
  void Each(Visit visit) const {
    for (const auto& each : bundle_.statements()) {
      const auto* claim = std::get_if<T>(&each.claim);
      if (claim != nullptr && Shown(each)) visit(*claim, each.index);
    }
  }

  // Anybody may certify: only what the policy's own certifiers said is shown. Everything else here is by its programs.
  bool Shown(const verify::VerifiedStatement& each) const {
    if (std::holds_alternative<statement::UnknownClaim>(each.claim)) return false;
    return !std::holds_alternative<CertificationClaim>(each.claim) || used_.contains(each.index);
  }

  void Identify() {
    bool trained = false, answered = false, judged = false;
    std::string model, dataset, output;
    Each<TrainingClaim>([&](const auto& claim, std::size_t) {
      if (!trained || (report_.model && claim.model.sha256 == *report_.model)) model = claim.model.name;
      trained = true;
    });
    Each<InferenceClaim>([&](const auto& claim, std::size_t) {
      answered = true;
      output = claim.output.name;
    });
    Each<PropertyClaim>([&](const auto& claim, std::size_t) {
      judged |= claim.model.has_value();
      if (claim.model && model.empty()) model = claim.model->name;
      if (claim.dataset && dataset.empty()) dataset = claim.dataset->file.name;
    });
    if (trained || judged) {
      card_.kind = "model card";
      card_.title = model;
    } else if (answered) {
      card_.kind = "inference card";
      card_.title = output;
    } else {
      card_.kind = "datasheet";
      card_.title = dataset;
    }
  }

  void AddCertification(const CertificationClaim& claim, std::size_t index) {
    CardSection& section = Section("Certification");
    section.rows.push_back({"Certified " + claim.kind, claim.subject.name + " is \"" + claim.name + "\"", index});
    section.rows.push_back({"Digest", DigestText(claim.subject.sha256), index});
    section.rows.push_back({"Certifier's key", DigestText(crypto::Sha256(claim.certifier_key)), index});
  }

  void AddInference(const InferenceClaim& claim, std::size_t index) {
    CardSection& section = Section("Inference");
    section.rows.push_back({"Output", claim.output.name + ", " + DigestText(claim.output.sha256), index});
    section.rows.push_back({"Input", claim.input.name + ", " + DigestText(claim.input.sha256), index});
    section.rows.push_back({"Model", claim.model.name + ", " + DigestText(claim.model.sha256), index});
    section.rows.push_back({"Rows read as selection", DigestText(claim.rows.selection_id), index});
    section.rows.push_back({"Nonce", claim.run.nonce.empty() ? "none" : claim.run.nonce, index});
    if (claim.tree_size) section.rows.push_back({"Rows with receipts", std::to_string(*claim.tree_size), index});
  }

  void AddTraining(const TrainingClaim& claim, std::size_t index) {
    CardSection& section = Section("Training of " + claim.model.name);
    section.rows.push_back({"Model", claim.model.name + ", " + DigestText(claim.model.sha256), index});
    section.rows.push_back({"Starting from",
                            claim.initial_model
                                ? claim.initial_model->name + ", " + DigestText(claim.initial_model->sha256)
                                : "nothing: trained from random weights",
                            index});
    for (const auto& use : claim.datasets) {
      section.rows.push_back({"Data in role " + use.role, policy::DatasetText(use), index});
    }
    section.rows.push_back({"Epochs", std::to_string(claim.epochs), index});
    section.rows.push_back({"Optimiser steps", std::to_string(claim.steps), index});
    section.rows.push_back({"Recipe (digest of the job)", policy::JobText(claim.run), index});
    AddRecipe(claim.run.job, "model", index, &section);
    AddRecipe(claim.run.job, "train", index, &section);
    section.rows.push_back(
        {"Engine", claim.run.engine + " with " + std::to_string(claim.run.threads) + " threads", index});
    for (const auto& seed : claim.run.seeds) {
      section.rows.push_back({"Seed of " + seed.of, seed.value + ", chosen by " + seed.chosen_by, index});
    }
  }

  // Each selection of each dataset once, from the first statement that uses it: the datasheet's part of the card.
  void AddDatasets() {
    std::set<std::pair<statement::DataId, statement::DataId>> told;
    const auto tell = [&](const statement::DatasetUse& use, std::size_t index) {
      if (!told.insert({use.file.id, use.selection_id}).second) return;
      CardSection& section = Section("Dataset " + use.file.name);
      std::vector<std::string> columns;
      const statement::Selection concealed;
      const statement::Selection& selection = use.selection ? *use.selection : concealed;
      for (const auto& column : selection.columns) {
        columns.push_back(column.name + " (" + std::string(statement::ColumnTypeName(column.type)) +
                          (column.feature ? ")" : ", not an input)"));
      }
      section.rows.push_back({"File", DigestText(use.file.id), index});
      section.rows.push_back({"Records", policy::DatasetText(use), index});
      section.rows.push_back({"Selection", DigestText(use.selection_id), index});
      section.rows.push_back({use.records.concealed ? "Root of the salted records" : "Root of the records",
                              DigestText(use.records.root), index});
      if (!use.selection) return;
      section.rows.push_back({"Columns", Names(columns), index});
      const auto& target = selection.target;
      section.rows.push_back(
          {"Target",
           target ? target->column + (target->positive.empty() ? "" : ", positive is " + target->positive) : "none",
           index});
      section.rows.push_back({"Sensitive attributes", Names(selection.sensitive), index});
    };
    Each<TrainingClaim>([&](const auto& claim, std::size_t index) {
      for (const auto& use : claim.datasets) tell(use, index);
    });
    Each<PropertyClaim>([&](const auto& claim, std::size_t index) {
      if (claim.dataset) tell(*claim.dataset, index);
      for (const auto& use : claim.references) tell(use, index);
    });
  }

  void AddProperties(bool of_model) {
    Each<PropertyClaim>([&](const PropertyClaim& claim, std::size_t index) {
      if (claim.model.has_value() != of_model) return;
      const auto* known = statement::FindProperty(claim.property);
      std::string title = known == nullptr ? claim.property : std::string(known->title);
      if (claim.model) title += " of " + claim.model->name;
      if (claim.dataset) title += (of_model ? " on " : " of ") + claim.dataset->file.name;
      CardSection& section = Section(title);
      if (claim.dataset) section.rows.push_back({"On", policy::DatasetText(*claim.dataset), index});
      for (const auto& use : claim.references) section.rows.push_back({"Against", policy::DatasetText(use), index});
      if (claim.predictions.starts_with("column:")) section.rows.push_back({"Predictions", claim.predictions, index});
      section.rows.push_back({"Measured by", claim.implementation, index});
      if (claim.parameters.is_object() && !claim.parameters.empty()) {
        section.rows.push_back({"Parameters", DumpJson(claim.parameters), index});
      }
      AddNumbers(claim, index, &section);
    });
  }

  void AddTrust() {
    CardSection& section = Section("Who computed it");
    for (const auto& attester : report_.attesters) {
      section.rows.push_back({"Program", attester.program, std::nullopt});
      section.rows.push_back({"Measurement", attester.measurement, std::nullopt});
      section.rows.push_back(
          {"TEE", attester.simulated ? "simulated: no hardware protection" : attester.tee, std::nullopt});
      section.rows.push_back({"Root key", "sha256:" + attester.root, std::nullopt});
      section.rows.push_back(
          {"TCB status", attester.tcb_status + (attester.debug ? ", debug enclave" : ""), std::nullopt});
    }
    const std::string by = report_.time_source.empty() ? "" : " by " + report_.time_source;
    section.rows.push_back({"Verified at", FormatTime(report_.time) + by, std::nullopt});
    for (const std::string& line : policy::AsOfLines(report_)) {
      section.rows.push_back({"As of", line, std::nullopt});
    }
    if (report_.policy_digest) section.rows.push_back({"Policy", DigestText(*report_.policy_digest), std::nullopt});
  }

  bool HasProperty(std::string_view name) const {
    bool found = false;
    Each<PropertyClaim>([&](const auto& claim, std::size_t) { found |= claim.property == name; });
    return found;
  }

  void AddMissing() {
    bool trained = false, certified = false;
    Each<TrainingClaim>([&](const auto&, std::size_t) { trained = true; });
    Each<CertificationClaim>([&](const auto&, std::size_t) { certified = true; });
    if (card_.kind == "model card") {
      if (!trained) card_.missing.push_back("How and on what this model was trained.");
      if (!HasProperty("accuracy")) card_.missing.push_back("How accurate it is.");
      if (!HasProperty("fairness")) card_.missing.push_back("How equally it serves groups of people.");
      if (!HasProperty("overlap"))
        card_.missing.push_back("Whether its test data was independent of its training data.");
    }
    if (!HasProperty("distribution")) card_.missing.push_back("How the data is distributed.");
    if (!certified)
      card_.missing.push_back("Who stands behind it: no organisation that the policy names certified it.");
    card_.missing.push_back("Intended use, collection process, consent and licence: nothing measured can say these.");
  }

  void AddStatements() {
    for (const auto& each : bundle_.statements()) {
      if (!Shown(each)) continue;
      std::string by = "key " + HexEncode(each.key_id).substr(0, 16) + "…";
      if (each.evidence && *each.evidence < bundle_.evidence().size()) {
        const auto& evidence = bundle_.evidence()[*each.evidence].evidence;
        by = evidence.tee() + " program " + HexEncode(evidence.measurement()).substr(0, 16) + "…";
      }
      card_.statements.push_back({each.index, std::string(statement::ClaimKind(each.claim)),
                                  policy::ClaimText(each.claim), by, used_.contains(each.index)});
    }
  }

  // Statements with one title share a section, so that nothing is told twice.
  CardSection& Section(const std::string& title) {
    for (auto& section : card_.sections) {
      if (section.title == title) return section;
    }
    return card_.sections.emplace_back(CardSection{title, {}, {}});
  }

  const policy::Report& report_;
  const verify::VerifiedBundle& bundle_;
  std::set<std::size_t> used_;
  CardModel card_;
};

}  // namespace

Result<CardModel> BuildCard(const policy::Report& report, const verify::VerifiedBundle& bundle) {
  if (report.verdict != policy::Verdict::kAccepted || report.error) {
    return Rejected("card.not_accepted", "the report says " + std::string(policy::VerdictName(report.verdict)) +
                                             ", want accepted: a card shows only what a policy accepts");
  }
  return Builder(report, bundle).Build();
}

}  // namespace attestml::card
