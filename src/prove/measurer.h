// Measurer: the properties of a job, measured on its views with its model.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "artifact/measured_file.h"
#include "base/bytes.h"
#include "base/result.h"
#include "engine/engine.h"
#include "model/model.h"
#include "properties/property.h"
#include "prove/bounds.h"
#include "prove/workspace.h"
#include "tasks/job.h"

namespace attestml::prove {

struct Measured {
  const tasks::PropertyJob* wanted = nullptr;
  std::string name;  // as statements call it: a custom property's holds the digest of its code
  std::string implementation;
  properties::Measurement measurement;
  std::string predictions;  // "model", "column:NAME" or ""
  bool of_model = false;
  crypto::Digest256 seed{};  // the derived one, stated when the measurement used it
};

class Measurer {
 public:
  // All borrow, and outlive this. `nonce` is what the verifier sent, empty when nothing.
  Measurer(const Workspace& workspace, BytesView nonce);

  // What properties that look at a model work with. The network is built when the first of them wants it.
  void SetModel(const model::Model& model, const artifact::MeasuredFile& file, engine::Engine& engine,
                BytesView program);
  void SetTraining(properties::TrainingFacts facts) { training_ = facts; }
  // The code of a custom property, by its place in the job.
  void SetProgram(const tasks::PropertyJob* property, artifact::MeasuredFile program);

  Status Measure(const tasks::PropertyJob& wanted);
  const std::vector<Measured>& measured() const { return measured_; }
  // Of what was measured last, only the bounds that its job wants told. Error id prove.bound.
  Status KeepBounds() { return ApplyBounds(measured_.back().wanted->bounds, &measured_.back().measurement); }

  // What `property` needs, as properties::Needs. 0 for a name that is not known.
  static unsigned NeedsOf(const tasks::PropertyJob& property);

 private:
  Result<engine::Network*> Network();
  Result<const properties::Predictions*> ModelPredictions(const std::string& view);
  crypto::Digest256 SeedFor(const tasks::PropertyJob& wanted, const std::string& name) const;

  const Workspace& workspace_;
  BytesView nonce_;
  const model::Model* model_ = nullptr;
  const artifact::MeasuredFile* model_file_ = nullptr;
  engine::Engine* engine_ = nullptr;
  BytesView program_;
  std::optional<properties::TrainingFacts> training_;
  std::unique_ptr<engine::Network> network_;
  std::map<const tasks::PropertyJob*, artifact::MeasuredFile> programs_;
  std::map<std::string, properties::Predictions> predictions_;
  std::vector<Measured> measured_;
};

}  // namespace attestml::prove
