#include "prove/stage_plan.h"

#include <string_view>

#include "base/nearest_name.h"
#include "properties/property.h"
#include "prove/measurer.h"
#include "tee/simulated.h"

namespace attestml::prove {
namespace {

bool NeedsTraining(const tasks::PropertyJob& property) {
  return (Measurer::NeedsOf(property) & properties::kTraining) != 0;
}

bool NeedsModel(const tasks::PropertyJob& property) {
  return (Measurer::NeedsOf(property) & ~properties::kSeed) != 0 && !property.predictions;
}

}  // namespace

bool StagePlan::Does(Stage stage) const { return request_.stage == stage || request_.stage == Stage::kRun; }

bool StagePlan::UsesEngine() const {
  const Stage stage = request_.stage;
  if (stage == Stage::kInfer || stage == Stage::kTrain || stage == Stage::kAdopt) return true;
  if (request_.stage == Stage::kMeasure) return false;
  return job_.training.has_value() || !ModelProperties().empty();
}

std::vector<const tasks::PropertyJob*> StagePlan::ModelProperties() const {
  std::vector<const tasks::PropertyJob*> out;
  for (const auto& property : job_.properties) {
    if (NeedsModel(property)) out.push_back(&property);
  }
  return out;
}

// The properties that this stage states, in the job's order.
std::vector<const tasks::PropertyJob*> StagePlan::StageProperties() const {
  std::vector<const tasks::PropertyJob*> out;
  for (const auto& property : job_.properties) {
    const Stage stage = NeedsTraining(property) ? Stage::kTrain
                        : NeedsModel(property)  ? Stage::kEvaluate
                                                : Stage::kMeasure;
    if (Does(stage)) out.push_back(&property);
  }
  return out;
}

Status StagePlan::Check() const {
  std::vector<std::string_view> names;
  for (const auto* property : properties::Registry()) names.push_back(property->name());
  for (const auto& property : job_.properties) {
    if (property.custom || properties::FindProperty(property.property) != nullptr) continue;
    const std::string nearest = NearestName(property.property, names);
    return Usage("prove.property", "no property is called \"" + property.property + "\"" +
                                       (nearest.empty() ? "" : ", did you mean \"" + nearest + "\"?"));
  }
  if (request_.stage == Stage::kTrain && !job_.training) return Usage("prove.train", "the job has no [train]");
  if (request_.stage == Stage::kEvaluate && ModelProperties().empty()) {
    return Usage("prove.evaluate", "the job has no [[property]] that needs a model");
  }
  if (request_.stage == Stage::kMeasure && StageProperties().empty()) {
    return Usage("prove.measure", "the job has no [[property]] that needs no model");
  }
  if (request_.stage == Stage::kRun && !job_.training && !ModelProperties().empty()) {
    return Usage("prove.run", "the job has properties of a model but no [train]: use `attestml evaluate --model FILE`");
  }
  if (request_.stage == Stage::kAdopt) return CheckAdoption();
  if (request_.attest && job_.conceal && !request_.owner_secret) {
    return Usage("prove.owner_secret", "the job conceals, and there is no secret to do it with: want --owner-secret");
  }
  if (job_.conceal && job_.model && job_.model->kind == model::Kind::kTorchScript) {
    return Usage("prove.conceal", "a concealed job must not hide that its weights came out of a TorchScript file");
  }
  if (job_.conceal && (!request_.resume_path.empty() || (job_.training && job_.training->checkpoint_epochs > 0))) {
    return Usage("prove.conceal",
                 "checkpoints of a concealed job are not there yet: want train.checkpoint-epochs = 0 and no "
                 "--resume");
  }
  if (request_.attest && job_.tee.empty()) {
    return Usage("prove.tee",
                 "no TEE is named: say tee.device = \"auto\" in the job or --tee auto to use the one that this machine "
                 "is in, or \"simulated\" where there is none (attestml tee status tells)");
  }
  if (request_.attest && !request_.resume_path.empty() && !tee::FindSimulatedTee(job_.tee)) {
    return Unsupported("prove.resume",
                       "checkpoints are resumed in simulated TEEs only so far: a genuine one's evidence needs its "
                       "vendor's collateral to be believed");
  }
  return {};
}

Status StagePlan::CheckAdoption() const {
  if (!job_.model || job_.model->kind != model::Kind::kTorchScript) {
    return Usage("prove.adopt", "adopting takes a TorchScript program: want model.kind = \"torchscript\"");
  }
  if (!request_.encoding_path.empty()) {
    if (request_.fit_view.empty()) return {};
    return Usage("prove.adopt", "an encoding is given and to be fitted at the same time");
  }
  if (job_.FindView(FitView()) != nullptr) return {};
  return Usage("prove.adopt",
               "no view is called \"" + FitView() + "\" to fit the encoding on: want --fit VIEW or --encoding FILE");
}

// The view that an adopted program's encoding is fitted on.
std::string StagePlan::FitView() const {
  if (!request_.fit_view.empty()) return request_.fit_view;
  return job_.training ? job_.training->view : "train";
}

std::vector<std::string> StagePlan::NeededViews() const {
  std::vector<std::string> views;
  if (request_.stage == Stage::kAdopt && request_.encoding_path.empty()) views.push_back(FitView());
  if (Does(Stage::kTrain) && job_.training) {
    views.push_back(job_.training->view);
    if (!job_.training->validation.empty()) views.push_back(job_.training->validation);
  }
  for (const auto* property : StageProperties()) {
    views.push_back(property->view);
    views.insert(views.end(), property->against.begin(), property->against.end());
  }
  return views;
}

// What the small engine for tabular networks does not do. A model read from a file is not known yet: a job that
// evaluates something else than an mlp says so in its [model], or names the engine.
bool StagePlan::WantsTorch() const {
  if (job_.model && job_.model->kind != model::Kind::kMlp) return true;
  for (const auto& property : job_.properties) {
    if (property.custom) return true;
  }
  if (!job_.training || !Does(Stage::kTrain)) return false;
  // With checkpoint-epochs: so that those which there are go on with the engine that made them.
  const auto& config = job_.training->config;
  return config.privacy || config.optimizer.clip_norm > 0 || config.optimizer.label_smoothing > 0 ||
         config.optimizer.precision != engine::Precision::kFloat32 || job_.training->checkpoint_epochs > 0;
}

std::string StagePlan::BundleName() const {
  switch (request_.stage) {
    case Stage::kMeasure:
      return "measure.intoto.jsonl";
    case Stage::kTrain:
      return "train.intoto.jsonl";
    case Stage::kEvaluate:
      return "evaluate.intoto.jsonl";
    case Stage::kInfer:
      return "infer.intoto.jsonl";
    case Stage::kAdopt:  // states nothing
    case Stage::kRun:
      return "claims.intoto.jsonl";
  }
  return "claims.intoto.jsonl";
}

}  // namespace attestml::prove
