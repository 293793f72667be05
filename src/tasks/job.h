// The job: one file that says what to run. What it means and what statements say of it are the same thing, because both
// are made from the typed Job below. spec/job.md leads with an example.
//
// Where bytes lie (dataset paths, the output directory) is not part of a job: it changes nothing in a result.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "data/encoder.h"
#include "model/model.h"
#include "statement/selection.h"
#include "tasks/training.h"

namespace attestml::tasks {

struct Schema {
  std::vector<statement::Column> columns;
  std::optional<statement::Target> target;
  std::vector<std::string> sensitive;
  statement::MissingPolicy missing = statement::MissingPolicy::kCategory;
  std::vector<statement::Condition> filter;
};

struct DatasetJob {
  std::string name;                         // the key under [dataset.NAME]; statements use it
  std::string path;                         // where the bytes are: not part of the job
  std::optional<crypto::Digest256> sha256;  // when given, other bytes are refused
  // A dataset of several files (IDX: one a column, in their order; CIFAR: batches). `path` is then their folder.
  std::vector<std::string> files;
  statement::FileFormat format;
  std::optional<Schema> schema;  // instead of the job's [schema]
};

// A view names the selection that a task sees: a whole dataset (under the schema's filter), or a part of a seeded cut.
struct ViewJob {
  std::string name;  // "train", "validation", "test", …
  std::string dataset;
  std::optional<statement::Split> split;
};

// What kind of model: the numbers that do not follow from the data.
struct ModelJob {
  model::Kind kind = model::Kind::kMlp;
  std::vector<std::int64_t> hidden;
  model::Activation activation = model::Activation::kRelu;
  std::vector<std::int64_t> channels;
  std::int64_t kernel = 3;
  std::int64_t depth = 0;
  std::int64_t embedding = 0;
  std::int64_t layers = 0;
  std::int64_t units = 0;
  std::int64_t heads = 0;
  std::string program;                              // torchscript: where the file is; not part of the job
  std::optional<crypto::Digest256> program_sha256;  // torchscript: what it must be
};

// The architecture that a model of this kind has over data encoded like this. Errors: model.architecture, and
// job.model (usage) where the kind does not fit the data (a cnn without an image). A torchscript architecture still
// lacks its `program` and `state`.
Result<model::Architecture> ArchitectureFor(const ModelJob& model, const statement::Encoding& encoding);

struct TrainingJob {
  std::string view = "train";
  std::string validation;  // "" when there is none
  TrainingConfig config;
  std::uint32_t checkpoint_epochs = 0;
  // Fine-tuning: the model file to start from. Its digest, when given, must be that.
  bool from_model = false;
  std::string initial;  // where it is; not part of the job
  std::optional<crypto::Digest256> initial_sha256;
};

// A prediction column already in the dataset: somebody else's scores.
struct PredictionColumn {
  std::string column;
  std::vector<std::string> positive;  // values that count as positive, or
  std::optional<double> threshold;    // numbers at least this count as positive
};

// What is told of a number in its place: the metric over the whole selection, or an end of its interval, is at least,
// or at most, this.
struct BoundJob {
  std::string metric;
  std::string on = "value";  // "value", "interval.lower", "interval.upper"
  bool lower = true;         // at least; else at most
  double limit = 0;
};

struct PropertyJob {
  std::string property;
  std::string view;
  std::vector<std::string> against;             // views it compares with
  std::optional<PredictionColumn> predictions;  // instead of the model's
  // A property written in TorchScript: `property` is then its plain name. Where the file is, is not part of the job.
  bool custom = false;
  std::string program;
  std::optional<crypto::Digest256> program_sha256;
  Json parameters = Json::object();
  std::vector<BoundJob> bounds;  // where there are any, nothing else of the property is stated
};

struct Job {
  std::string name;
  std::vector<DatasetJob> datasets;
  std::optional<Schema> schema;
  std::vector<ViewJob> views;
  std::optional<ModelJob> model;
  data::EncodingConfig encoding;
  std::optional<TrainingJob> training;
  std::string engine = "auto";  // "auto", "onednn", "torch"
  unsigned threads = 1;
  std::vector<PropertyJob> properties;
  std::string tee;  // of statement/tee_names.h; "" when the job does not say
  bool quote_each = false;
  bool conceal = false;  // state commitments instead of digests (spec/concealment.md)
  std::string output;    // directory: not part of the job

  const DatasetJob* FindDataset(std::string_view dataset) const;
  const ViewJob* FindView(std::string_view view) const;
  // The selection of a view; the view must exist.
  statement::Selection SelectionOf(const ViewJob& view) const;
};

// ParseJob reads a job file after `settings` (KEY=VALUE, dotted keys) have been applied to it. Errors are of kind
// usage, ids job.*, and name file, line, key and the nearest known name.
Result<Job> ParseJob(std::string_view toml, std::string_view file, const std::vector<std::string>& settings = {});

// The effective job: every default written out, nothing that is not part of it. JobToToml gives the text of job.toml,
// and ParseJob of that text gives the same JobToJson (but for paths, which it cannot know).
Json JobToJson(const Job& job);
std::string JobToToml(const Job& job);

}  // namespace attestml::tasks
