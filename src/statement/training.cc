// SLSA provenance v1 about a model (spec/predicates.md 4).
#include "base/hex.h"
#include "statement/fields.h"
#include "statement/predicates.h"

namespace attestml::statement {
namespace {

constexpr std::size_t kMaxByproducts = 64;
constexpr std::string_view kInitialModelRole = "initial-model";
constexpr std::string_view kCheckpointRole = "checkpoint";

// A dependency is a dataset, the initial model or a checkpoint; its role says which.
std::string_view RoleOf(JsonView dependency) {
  const JsonView annotations = dependency.Find("annotations");
  if (!annotations || !annotations.is_object()) return "";
  const JsonView role = annotations.Find("role");
  return role && role.is_string() ? role.String() : "";
}

Result<ArtifactRef> ParseInitialModel(JsonView dependency) {
  ATTESTML_TRY(Annotated annotated, ParseAnnotated(dependency, "initial model"));
  JsonFields annotations(annotated.annotations, "claim.training", "annotations of initial model");
  ATTESTML_CHECK(annotations.String("role"));
  ATTESTML_CHECK(annotations.Finish());
  return std::move(annotated.artifact);
}

Status ParseCheckpoint(JsonView dependency, TrainingClaim* out) {
  if (out->checkpoint) return Malformed("claim.training.checkpoint", "two checkpoints, want at most one");
  ATTESTML_TRY(Annotated annotated, ParseAnnotated(dependency, "checkpoint"));
  JsonFields annotations(annotated.annotations, "claim.training", "annotations of checkpoint");
  ATTESTML_CHECK(annotations.String("role"));
  ATTESTML_TRY(out->checkpoint_steps, annotations.Unsigned("steps"));
  ATTESTML_CHECK(annotations.Finish());
  out->checkpoint = std::move(annotated.artifact);
  return {};
}

Status ParseDependencies(JsonView dependencies, TrainingClaim* out) {
  if (dependencies.size() > kMaxDatasets + 2) {
    return Malformed("claim.training.datasets", "more than " + std::to_string(kMaxDatasets) + " datasets");
  }
  bool trained_on_something = false;
  for (const JsonView dependency : dependencies) {
    if (!dependency.is_object()) return Malformed("claim.training", "a resolved dependency is not an object");
    if (RoleOf(dependency) == kCheckpointRole) {
      ATTESTML_CHECK(ParseCheckpoint(dependency, out));
      continue;
    }
    if (RoleOf(dependency) == kInitialModelRole) {
      if (out->initial_model) return Malformed("claim.training.initial_model", "two initial models, want at most one");
      ATTESTML_TRY(out->initial_model, ParseInitialModel(dependency));
      continue;
    }
    ATTESTML_TRY(DatasetUse dataset, ParseDataset(dependency, "dataset", true));
    trained_on_something = trained_on_something || dataset.role == "train";
    out->datasets.push_back(std::move(dataset));
  }
  if (out->datasets.size() > kMaxDatasets || !trained_on_something) {
    return Malformed("claim.training.datasets",
                     std::to_string(out->datasets.size()) + " datasets, want 1 to 64 and one of them with role train");
  }
  return {};
}

// The first byproduct is the training log; what was done stands in its annotations.
Status ParseByproducts(JsonView byproducts, TrainingClaim* out) {
  if (byproducts.empty() || byproducts.size() > kMaxByproducts) {
    return Malformed("claim.training.byproducts",
                     std::to_string(byproducts.size()) + " byproducts, want 1 to 64, the training log first");
  }
  ATTESTML_TRY(AnnotatedData log, ParseAnnotatedData(byproducts.Front(), "training log"));
  JsonFields annotations(log.annotations, "claim.training", "annotations of training log");
  ATTESTML_TRY(out->steps, annotations.Unsigned("steps"));
  ATTESTML_TRY(out->epochs, annotations.Unsigned("epochs"));
  ATTESTML_CHECK(annotations.Finish());
  out->byproducts.push_back(std::move(log.data));
  for (auto entry = ++byproducts.begin(); entry != byproducts.end(); ++entry) {
    ATTESTML_TRY(DataRef byproduct, ParseData(*entry, "byproduct"));
    out->byproducts.push_back(std::move(byproduct));
  }
  return {};
}

}  // namespace

StatementParts WriteTraining(const TrainingClaim& claim) {
  Json dependencies = Json::array();
  for (const DatasetUse& dataset : claim.datasets) dependencies.push_back(DatasetToJson(dataset, true));
  if (claim.initial_model) {
    Json initial = ArtifactToJson(*claim.initial_model);
    Json annotations = Json::object();
    annotations["role"] = kInitialModelRole;
    initial["annotations"] = std::move(annotations);
    dependencies.push_back(std::move(initial));
  }
  if (claim.checkpoint) {
    Json checkpoint = ArtifactToJson(*claim.checkpoint);
    checkpoint["annotations"] = {{"role", kCheckpointRole}, {"steps", claim.checkpoint_steps}};
    dependencies.push_back(std::move(checkpoint));
  }
  Json byproducts = Json::array();
  for (const DataRef& byproduct : claim.byproducts) byproducts.push_back(DataToJson(byproduct));
  if (!byproducts.empty()) {
    Json done = Json::object();
    done["steps"] = claim.steps;
    done["epochs"] = claim.epochs;
    byproducts[0]["annotations"] = std::move(done);
  }
  Json external = Json::object();
  if (claim.run.concealed_job) {
    external["jobCommitment"] = HexEncode(*claim.run.concealed_job);
  } else {
    external["job"] = claim.run.job;
  }
  Json definition = Json::object();
  definition["buildType"] = kTrainBuildType;
  definition["externalParameters"] = std::move(external);
  definition["internalParameters"] = RunWithoutJob(claim.run);
  definition["resolvedDependencies"] = std::move(dependencies);
  Json builder = Json::object();
  builder["id"] = kBuilderId;
  Json details = Json::object();
  details["builder"] = std::move(builder);
  details["byproducts"] = std::move(byproducts);
  Json predicate = Json::object();
  predicate["buildDefinition"] = std::move(definition);
  predicate["runDetails"] = std::move(details);
  return {ArtifactToJson(claim.model), std::move(predicate)};
}

bool IsOurTraining(JsonView predicate) {
  if (!predicate.is_object()) return true;
  const JsonView definition = predicate.Find("buildDefinition");
  if (!definition || !definition.is_object()) return true;
  const JsonView type = definition.Find("buildType");
  if (!type || !type.is_string()) return true;
  return type.String() == kTrainBuildType;
}

Result<TrainingClaim> ParseTraining(JsonView subject, JsonView predicate) {
  TrainingClaim out;
  ATTESTML_TRY(out.model, ParseArtifact(subject, "subject"));

  JsonFields object(predicate, "claim.training", "predicate");
  ATTESTML_TRY(const JsonView definition, object.Object("buildDefinition"));
  ATTESTML_TRY(const JsonView details, object.Object("runDetails"));
  ATTESTML_CHECK(object.Finish());

  JsonFields definition_object(definition, "claim.training", "buildDefinition");
  ATTESTML_TRY(const std::string_view build_type, definition_object.String("buildType"));
  ATTESTML_TRY(const JsonView external, definition_object.Object("externalParameters"));
  ATTESTML_TRY(const JsonView internal, definition_object.Object("internalParameters"));
  ATTESTML_TRY(const JsonView dependencies, definition_object.Array("resolvedDependencies"));
  ATTESTML_CHECK(definition_object.Finish());
  if (build_type != kTrainBuildType) {
    return Malformed("claim.training", "buildType is not \"" + std::string(kTrainBuildType) + "\"");
  }
  JsonFields external_object(external, "claim.training", "externalParameters");
  const JsonView commitment = external_object.Optional("jobCommitment");
  if (commitment) {
    ATTESTML_CHECK(external_object.Finish());
    ATTESTML_TRY(out.run, ParseRunOfConcealedJob(internal, commitment));
  } else {
    ATTESTML_TRY(const JsonView job, external_object.Object("job"));
    ATTESTML_CHECK(external_object.Finish());
    ATTESTML_TRY(out.run, ParseRunWithoutJob(internal, job));
  }
  ATTESTML_CHECK(ParseDependencies(dependencies, &out));

  JsonFields details_object(details, "claim.training", "runDetails");
  ATTESTML_TRY(const JsonView builder, details_object.Object("builder"));
  ATTESTML_TRY(const JsonView byproducts, details_object.Array("byproducts"));
  ATTESTML_CHECK(details_object.Finish());
  JsonFields builder_object(builder, "claim.training.builder", "builder");
  ATTESTML_TRY(const std::string_view builder_id, builder_object.String("id"));
  ATTESTML_CHECK(builder_object.Finish());
  if (builder_id != kBuilderId) {
    return Malformed("claim.training.builder",
                     "builder.id is \"" + Cut(builder_id, 128) + "\", want \"" + std::string(kBuilderId) + "\"");
  }
  ATTESTML_CHECK(ParseByproducts(byproducts, &out));

  if (out.steps == 0 || out.epochs == 0) {
    return Malformed("claim.training.no_steps", std::to_string(out.steps) + " optimiser steps in " +
                                                    std::to_string(out.epochs) + " epochs, want at least one of each");
  }
  if (out.checkpoint &&
      (out.checkpoint->sha256 == out.model.sha256 || out.checkpoint_steps == 0 || out.checkpoint_steps >= out.steps)) {
    return Malformed("claim.training.checkpoint", "went on from step " + std::to_string(out.checkpoint_steps) + " to " +
                                                      std::to_string(out.steps) +
                                                      ", want another file and steps on both sides");
  }
  if (out.initial_model && out.initial_model->sha256 == out.model.sha256) {
    return Malformed("claim.training.unchanged", "the model is its own initial model, want one that training changed");
  }
  return out;
}

}  // namespace attestml::statement
