// One valid claim of each kind, small and without meaning: for tests, and for the examples of the specification.
#pragma once

#include <string>

#include "base/base64.h"
#include "statement/claims.h"
#include "statement/rows.h"

namespace attestml::statement::sample {

inline crypto::Digest256 DigestOf(std::string_view text) { return crypto::Sha256(AsBytes(text)); }

inline ArtifactRef Artifact(std::string name) {
  const crypto::Digest256 digest = DigestOf(name);
  return {std::move(name), digest};
}

inline Run SampleRun() {
  Run out;
  out.program = "attestml-prover 0.1.0";
  out.job = Json::object({{"model", {{"hidden", Json::array({std::uint64_t{128}})}}},
                          {"train", {{"epochs", std::uint64_t{5}}, {"learning-rate", "0.001"}}}});
  out.engine = "torch";
  out.engine_details = Json::object({{"blas", "openblas 0.3.21 cooperlake"}, {"version", "1.13.1"}});
  out.libraries = {{"libtorch_cpu.so.1.13", "8f1c2d3e4f5061728394a5b6c7d8e9f001122334"}, {"libplain.so", ""}};
  out.threads = 2;
  out.seeds = {{"training", "7", "job"}, {"robustness", std::string(64, 'a'), "derived"}};
  out.nonce = "00112233445566778899aabbccddeeff";
  return out;
}

inline DatasetUse SampleDataset(std::string name, std::string role) {
  DatasetUse out;
  const ArtifactRef file = Artifact(std::move(name));
  out.file = {file.name, {file.sha256, false}};
  out.selection.emplace();
  out.selection->format.trim = true;
  out.selection->format.missing = "?";
  out.selection->columns = {{"age", ColumnType::kNumeric, true},
                            {"sex", ColumnType::kCategorical, true},
                            {"income", ColumnType::kCategorical, false}};
  out.selection->target = Target{"income", ">50K", "."};
  out.selection->sensitive = {"sex"};
  out.selection_id = {SelectionDigest(*out.selection), false};
  out.records = {15060, DigestOf("records")};
  out.role = std::move(role);
  return out;
}

inline TrainingClaim SampleTraining() {
  TrainingClaim out;
  out.model = Artifact("model.safetensors");
  out.run = SampleRun();
  out.datasets = {SampleDataset("adult.data", "train"), SampleDataset("adult.valid", "validation")};
  out.initial_model = Artifact("initial.safetensors");
  for (const char* name : {"training-log.csv", "notes.txt"}) out.byproducts.push_back({name, {DigestOf(name), false}});
  out.steps = 590;
  out.epochs = 5;
  return out;
}

inline PropertyClaim SampleProperty() {
  PropertyClaim out;
  out.property = "accuracy";
  out.parameters = Json::object({{"interval", "wilson"}});
  out.run = SampleRun();
  out.model = Artifact("model.safetensors");
  out.dataset = SampleDataset("adult.test", "");
  out.references = {SampleDataset("adult.data", "")};
  out.predictions = "model";
  MetricResult accuracy;
  accuracy.metric = "accuracy";
  accuracy.value = "0.8473";
  accuracy.count = 15060;
  accuracy.interval = Interval{"wilson", "0.95", "0.8415", "0.853"};
  MetricResult sliced = accuracy;
  sliced.value = "0.9241";
  sliced.count = 4913;
  sliced.interval.reset();
  sliced.slice = {{"sex", "Female"}};
  MetricResult other;
  other.metric = "proportion";
  other.value = "undefined";
  other.reason = "no records in the denominator";
  other.count = 0;
  other.where = {{"income", ">50K"}};
  other.given = {{"sex", "Other"}};
  other.across = {"sex", "race"};
  other.column = "age";
  other.label = ">50K";
  other.at = "0.5";
  out.results = {accuracy, sliced, other};
  out.series = {{"roc", {"0", "0.25", "1"}, {"0", "0.9", "1"}}};
  out.implementation = "accuracy/1";
  return out;
}

inline InferenceClaim SampleInference() {
  InferenceClaim out;
  out.output = Artifact("output.csv");
  out.model = Artifact("model.safetensors");
  out.input = Artifact("input.csv");
  out.rows.selection = RowsOf(*SampleDataset("adult.data", "").selection);
  out.rows.selection_id.digest = SelectionDigest(*out.rows.selection);
  out.parameters = Json::object({{"output", "probabilities"}});
  out.run = SampleRun();
  out.tree_size = 100;
  out.tree_root = DigestOf("tree");
  return out;
}

inline CertificationClaim SampleCertification(BytesView spki) {
  CertificationClaim out;
  out.subject = Artifact("model.safetensors");
  out.kind = "model";
  out.name = "Loan scoring, release 3";
  out.certifier_key = ToBytes(spki);
  return out;
}

// For a key, or for the statement with this SHA-256 of its PAE.
inline EvidenceClaim SampleEvidence(BytesView spki, std::string cmw, const crypto::Digest256* pae_sha256 = nullptr) {
  EvidenceClaim out;
  out.session_key = ToBytes(spki);
  out.for_statement = pae_sha256 != nullptr;
  out.target = pae_sha256 != nullptr ? *pae_sha256 : crypto::Sha256(spki);
  out.cmw = std::move(cmw);
  return out;
}

}  // namespace attestml::statement::sample
