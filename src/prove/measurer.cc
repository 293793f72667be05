#include "prove/measurer.h"

#include "properties/custom_property.h"
#include "properties/predictions.h"
#include "tasks/training.h"

namespace attestml::prove {

Measurer::Measurer(const Workspace& workspace, BytesView nonce) : workspace_(workspace), nonce_(nonce) {}

void Measurer::SetModel(const model::Model& model, const artifact::MeasuredFile& file, engine::Engine& engine,
                        BytesView program) {
  model_ = &model;
  model_file_ = &file;
  engine_ = &engine;
  program_ = program;
}

void Measurer::SetProgram(const tasks::PropertyJob* property, artifact::MeasuredFile program) {
  programs_.emplace(property, std::move(program));
}

unsigned Measurer::NeedsOf(const tasks::PropertyJob& property) {
  if (property.custom) return properties::kPredictions | properties::kModel;
  const properties::Property* known = properties::FindProperty(property.property);
  return known == nullptr ? 0U : known->needs();
}

Result<engine::Network*> Measurer::Network() {
  if (network_ == nullptr) {
    ATTESTML_TRY(network_, tasks::LoadNetwork(*model_, *engine_, program_));
  }
  return network_.get();
}

// The model's predictions on a view, computed once.
Result<const properties::Predictions*> Measurer::ModelPredictions(const std::string& view) {
  if (const auto it = predictions_.find(view); it != predictions_.end()) return &it->second;
  const data::Table& table = workspace_.table(view);
  const auto& target = table.selection().target;
  if (!target || target->column != model_->encoding.target) {
    return Usage("prove.target", "view \"" + view + "\" has target \"" + (target ? target->column : "") +
                                     "\", the model predicts \"" + model_->encoding.target + "\"");
  }
  if (model_->encoding.number) {
    ATTESTML_TRY(auto truths, table.Numbers());
    ATTESTML_TRY(engine::Network * network, Network());
    ATTESTML_TRY(auto prediction, tasks::Predict(*model_, table, *network));
    ATTESTML_TRY(auto judged, properties::PredictionsFromNumbers(std::move(truths), std::move(prediction.numbers)));
    return &predictions_.emplace(view, std::move(judged)).first->second;
  }
  ATTESTML_TRY(auto labels, table.Labels(model_->encoding.classes));
  ATTESTML_TRY(engine::Network * network, Network());
  ATTESTML_TRY(auto prediction, tasks::Predict(*model_, table, *network));
  ATTESTML_TRY(auto judged,
               properties::PredictionsFromProbabilities(model_->encoding.classes, std::move(labels),
                                                        std::move(prediction.probabilities), target->positive));
  return &predictions_.emplace(view, std::move(judged)).first->second;
}

// design.md section 6; spec/properties.md, "Randomness".
crypto::Digest256 Measurer::SeedFor(const tasks::PropertyJob& wanted, const std::string& name) const {
  const data::Table& table = workspace_.table(wanted.view);
  const Json what = {{"property", name},
                     {"parameters", wanted.parameters},
                     {"selection", statement::SelectionToJson(table.selection())}};
  std::string text("attestml/seed/v1");
  text += '\0';
  const auto append = [&text](BytesView bytes) { text += AsText(bytes); };
  append(model_file_ != nullptr ? model_file_->sha256() : crypto::Digest256{});
  append(table.file().sha256());
  append(crypto::Sha256(AsBytes(DumpJson(what))));
  append(nonce_);
  return crypto::Sha256(AsBytes(text));
}

Status Measurer::Measure(const tasks::PropertyJob& wanted) {
  std::optional<properties::CustomProperty> custom;
  const properties::Property* property = properties::FindProperty(wanted.property);
  if (wanted.custom) {
    ATTESTML_TRY(custom, properties::CustomProperty::Make(programs_.at(&wanted).bytes(), wanted.property));
    property = &*custom;
  }
  Measured measured;
  measured.wanted = &wanted;
  measured.name = property->name();
  measured.implementation = property->implementation();
  const unsigned needs = property->needs();
  const data::Table& table = workspace_.table(wanted.view);

  properties::Inputs inputs;
  inputs.table = &table;
  inputs.parameters = &wanted.parameters;
  if ((needs & properties::kSeed) != 0) inputs.seed = SeedFor(wanted, measured.name);
  std::vector<const data::Table*> references;
  for (const std::string& view : wanted.against) references.push_back(&workspace_.table(view));
  inputs.references = references;

  properties::Predictions from_column;
  if ((needs & properties::kPredictions) != 0 && wanted.predictions) {
    ATTESTML_TRY(from_column,
                 properties::PredictionsFromColumn(
                     table, {wanted.predictions->column, wanted.predictions->positive, wanted.predictions->threshold}));
    inputs.predictions = &from_column;
    measured.predictions = "column:" + wanted.predictions->column;
  } else if ((needs & properties::kPredictions) != 0) {
    ATTESTML_TRY(inputs.predictions, ModelPredictions(wanted.view));
    measured.predictions = "model";
  }
  std::vector<const properties::Predictions*> reference_predictions;
  if ((needs & properties::kReferencePredictions) != 0) {
    for (const std::string& view : wanted.against) {
      ATTESTML_TRY(const auto* predictions, ModelPredictions(view));
      reference_predictions.push_back(predictions);
    }
    inputs.reference_predictions = reference_predictions;
  }
  properties::ModelAccess access;
  std::optional<data::Encoder> encoder;
  if ((needs & properties::kModel) != 0 && !wanted.predictions) {
    ATTESTML_TRY(encoder, data::Encoder::Make(table, model_->encoding));
    ATTESTML_TRY(access.network, Network());
    access.model = model_;
    access.engine = engine_;
    access.encoder = &*encoder;
    inputs.model = &access;
  }
  if (training_) inputs.training = &*training_;
  measured.of_model = (needs & ~properties::kSeed) != 0 && !wanted.predictions;
  // Also where the model is asked in another way, or only its training is: whose numbers they are.
  if (measured.of_model) measured.predictions = "model";
  ATTESTML_TRY(measured.measurement, property->Measure(inputs));
  if (!measured.measurement.seeds.empty() && (needs & properties::kSeed) == 0) {
    return Unavailable("prove.seed", "property " + measured.name + " drew at random without saying that it would");
  }
  measured.seed = inputs.seed;
  measured_.push_back(std::move(measured));
  return {};
}

}  // namespace attestml::prove
