#include <algorithm>
#include <sstream>

#include "base/decimal.h"
#include "base/hex.h"
#include "base/toml.h"
#include "base/toml_library.h"
#include "tasks/job.h"

namespace attestml::tasks {
namespace {

toml::array StringArray(const std::vector<std::string>& values) {
  toml::array out;
  for (const auto& value : values) out.push_back(value);
  return out;
}

toml::table SchemaTable(const Schema& schema) {
  toml::table out;
  toml::array columns;
  std::vector<std::string> drop;
  for (const auto& column : schema.columns) {
    toml::table entry{{"name", column.name}, {"type", std::string(statement::ColumnTypeName(column.type))}};
    if (!column.shape.empty()) {
      toml::array shape;
      for (const auto size : column.shape) shape.push_back(static_cast<std::int64_t>(size));
      entry.insert("shape", std::move(shape));
    }
    columns.push_back(std::move(entry));
    if (!column.feature) drop.push_back(column.name);
  }
  out.insert("columns", std::move(columns));
  out.insert("drop", StringArray(drop));
  if (schema.target) {
    out.insert("target", toml::table{{"column", schema.target->column},
                                     {"positive", schema.target->positive},
                                     {"strip-suffix", schema.target->strip_suffix}});
  }
  out.insert("sensitive", StringArray(schema.sensitive));
  out.insert("missing", schema.missing == statement::MissingPolicy::kDrop ? "drop" : "category");
  toml::array filter;
  for (const auto& condition : schema.filter) {
    toml::table entry{{"column", condition.column}};
    static constexpr const char* kNames[] = {"in", "not-in", "less", "at-most", "greater", "at-least"};
    const char* name = kNames[static_cast<std::size_t>(condition.comparison)];
    if (condition.comparison == statement::Comparison::kIn || condition.comparison == statement::Comparison::kNotIn) {
      entry.insert(name, StringArray(condition.values));
    } else {
      entry.insert(name, ParseDecimal(condition.values.front()).value_or(0));
    }
    filter.push_back(std::move(entry));
  }
  out.insert("filter", std::move(filter));
  return out;
}

using Columns = std::vector<statement::Column>;

toml::array IntegerArray(const std::vector<std::int64_t>& values) {
  toml::array out;
  for (const auto value : values) out.push_back(value);
  return out;
}

toml::table ModelTable(const ModelJob& job) {
  using model::Kind;
  toml::table out{{"kind", std::string(model::KindName(job.kind))}};
  if (job.kind == Kind::kMlp || job.kind == Kind::kCnn || job.kind == Kind::kVgg) {
    out.insert("hidden", IntegerArray(job.hidden));
  }
  if (job.kind == Kind::kMlp || job.kind == Kind::kCnn) {
    out.insert("activation", job.activation == model::Activation::kRelu ? "relu" : "tanh");
  }
  if (job.kind == Kind::kCnn) {
    out.insert("channels", IntegerArray(job.channels));
    out.insert("kernel", job.kernel);
  }
  if (job.kind == Kind::kVgg || job.kind == Kind::kResnet) out.insert("depth", job.depth);
  if (job.kind == Kind::kLstm || job.kind == Kind::kTransformer) {
    out.insert("embedding", job.embedding);
    out.insert("layers", job.layers);
    out.insert("units", job.units);
  }
  if (job.kind == Kind::kTransformer) out.insert("heads", job.heads);
  if (job.kind == Kind::kTorchScript && job.program_sha256) {
    out.insert("program-sha256", HexEncode(*job.program_sha256));
  }
  return out;
}

toml::table EncodingTable(const data::EncodingConfig& config) {
  return toml::table{{"standardize", config.standardize},
                     {"tokenizer", config.tokenizer == statement::Tokenizer::kWord ? "word" : "byte-pair"},
                     {"vocabulary", config.vocabulary},
                     {"min-count", config.min_count},
                     {"length", config.length},
                     {"lowercase", config.lowercase}};
}

toml::table TrainingTable(const TrainingJob& training) {
  const TrainingConfig& config = training.config;
  static constexpr const char* kOptimizers[] = {"sgd", "adam", "adamw"};
  static constexpr const char* kSchedules[] = {"constant", "step", "cosine"};
  toml::table out{{"on", training.view},
                  {"validation", training.validation},
                  {"optimizer", kOptimizers[static_cast<std::size_t>(config.optimizer.kind)]},
                  {"learning-rate", config.learning_rate},
                  {"momentum", config.optimizer.momentum},
                  {"beta1", config.optimizer.beta1},
                  {"beta2", config.optimizer.beta2},
                  {"epsilon", config.optimizer.epsilon},
                  {"weight-decay", config.optimizer.weight_decay},
                  {"schedule", kSchedules[static_cast<std::size_t>(config.schedule)]},
                  {"step-epochs", config.step_epochs},
                  {"step-factor", config.step_factor},
                  {"batch-size", config.batch_size},
                  {"epochs", config.epochs},
                  {"seed", static_cast<std::int64_t>(config.seed)}};
  // What an older job did not know of is left out where it changes nothing, so that its digest stays.
  if (config.loss == Loss::kMeanSquaredError) out.insert("loss", "mse");
  if (config.warmup_epochs > 0) out.insert("warmup-epochs", config.warmup_epochs);
  if (config.optimizer.clip_norm > 0) out.insert("clip-norm", config.optimizer.clip_norm);
  if (config.optimizer.label_smoothing > 0) out.insert("label-smoothing", config.optimizer.label_smoothing);
  if (config.optimizer.precision == engine::Precision::kBfloat16) out.insert("precision", "bfloat16");
  if (config.augmentation.enabled()) {
    out.insert("augment",
               toml::table{{"crop-padding", config.augmentation.crop_padding}, {"flip", config.augmentation.flip}});
  }
  if (config.privacy) {
    out.insert("privacy",
               toml::table{{"clip", config.privacy->clip}, {"noise-multiplier", config.privacy->noise_multiplier}});
  }
  if (training.checkpoint_epochs > 0) out.insert("checkpoint-epochs", training.checkpoint_epochs);
  if (training.from_model) {
    toml::table initial;
    if (training.initial_sha256) initial.insert("sha256", HexEncode(*training.initial_sha256));
    out.insert("initial", std::move(initial));
  }
  if (config.patience) out.insert("patience", *config.patience);
  if (config.balanced_class_weights) out.insert("class-weights", "balanced");
  if (!config.class_weights.empty()) {
    toml::table weights;
    for (const auto& [name, weight] : config.class_weights) weights.insert(name, weight);
    out.insert("class-weights", std::move(weights));
  }
  return out;
}

// Parameters came from TOML through JSON, where numbers with a fraction are decimal strings; properties read both
// forms.
void InsertJson(toml::table& into, const std::string& key, const Json& value);

toml::array JsonArray(const Json& value) {
  toml::array out;
  for (const Json& element : value) {
    toml::table one;
    InsertJson(one, "v", element);
    if (toml::node* node = one.get("v")) node->visit([&](auto& typed) { out.push_back(typed); });
  }
  return out;
}

void InsertJson(toml::table& into, const std::string& key, const Json& value) {
  if (value.is_string()) into.insert(key, value.get<std::string>());
  if (value.is_number_integer()) into.insert(key, value.get<std::int64_t>());
  if (value.is_boolean()) into.insert(key, value.get<bool>());
  if (value.is_array()) into.insert(key, JsonArray(value));
  if (value.is_object()) {
    toml::table table;
    for (const auto& member : value.items()) InsertJson(table, member.key(), member.value());
    into.insert(key, std::move(table));
  }
}

toml::table PropertyTable(const PropertyJob& property) {
  toml::table out{{"name", property.property}, {"on", property.view}, {"against", StringArray(property.against)}};
  if (property.predictions) {
    toml::table predictions{{"column", property.predictions->column}};
    if (property.predictions->threshold) {
      predictions.insert("threshold", *property.predictions->threshold);
    } else if (!property.predictions->positive.empty()) {
      predictions.insert("positive", StringArray(property.predictions->positive));
    }
    out.insert("predictions", std::move(predictions));
  }
  if (property.custom) {
    out.insert("custom", true);
    if (property.program_sha256) out.insert("program-sha256", HexEncode(*property.program_sha256));
  }
  for (const auto& member : property.parameters.items()) InsertJson(out, member.key(), member.value());
  toml::table bounds;
  for (const BoundJob& bound : property.bounds) {
    bounds.insert(bound.metric, (bound.on == "value" ? "" : bound.on + " ") + (bound.lower ? ">= " : "<= ") +
                                    FormatDecimal(bound.limit));
  }
  if (!bounds.empty()) out.insert("bounds", std::move(bounds));
  return out;
}

toml::table Effective(const Job& job) {
  toml::table out{{"version", 1}, {"name", job.name}};
  if (job.conceal) out.insert("conceal", true);
  toml::table datasets;
  for (const DatasetJob& dataset : job.datasets) {
    toml::table entry{{"format", std::string(statement::FileTypeName(dataset.format.type))}};
    if (dataset.format.IsText()) {
      entry.insert("delimiter", std::string(1, dataset.format.delimiter));
      entry.insert("header", dataset.format.header);
      entry.insert("skip-lines", dataset.format.skip_lines);
      entry.insert("trim", dataset.format.trim);
      entry.insert("missing-mark", dataset.format.missing);
      if (!dataset.format.quote) entry.insert("quote", false);
    }
    if (!dataset.files.empty()) entry.insert("files", StringArray(dataset.files));
    if (dataset.sha256) entry.insert("sha256", HexEncode(*dataset.sha256));
    if (dataset.schema) entry.insert("schema", SchemaTable(*dataset.schema));
    datasets.insert(dataset.name, std::move(entry));
  }
  out.insert("dataset", std::move(datasets));
  if (job.schema) out.insert("schema", SchemaTable(*job.schema));

  toml::table files;
  toml::table cut;
  for (const ViewJob& view : job.views) {
    if (!view.split) {
      if (view.name != view.dataset) files.insert(view.name, view.dataset);
      continue;
    }
    if (!cut.empty()) continue;
    toml::table fractions;
    for (const auto& part : view.split->parts) fractions.insert(part.name, ParseDecimal(part.fraction).value_or(0));
    cut = toml::table{{"dataset", view.dataset},
                      {"seed", static_cast<std::int64_t>(view.split->seed)},
                      {"stratify", view.split->stratify},
                      {"fractions", std::move(fractions)}};
  }
  toml::table split;
  if (!files.empty()) split.insert("files", std::move(files));
  if (!cut.empty()) split.insert("cut", std::move(cut));
  if (!split.empty()) out.insert("split", std::move(split));

  if (job.model) out.insert("model", ModelTable(*job.model));
  const bool encodes = std::any_of(job.datasets.begin(), job.datasets.end(), [&](const DatasetJob& dataset) {
    const auto& columns = dataset.schema ? dataset.schema->columns : job.schema ? job.schema->columns : Columns();
    return std::any_of(columns.begin(), columns.end(), [](const statement::Column& column) {
      return column.type != statement::ColumnType::kNumeric && column.type != statement::ColumnType::kCategorical;
    });
  });
  if (encodes) out.insert("encoding", EncodingTable(job.encoding));
  if (job.training) out.insert("train", TrainingTable(*job.training));
  out.insert("engine", toml::table{{"name", job.engine}, {"threads", job.threads}});
  toml::array properties;
  for (const PropertyJob& property : job.properties) properties.push_back(PropertyTable(property));
  if (!properties.empty()) out.insert("property", std::move(properties));
  out.insert("tee", toml::table{{"device", job.tee}, {"quote-each", job.quote_each}});
  return out;
}

}  // namespace

Json JobToJson(const Job& job) { return TomlToJson(Effective(job)); }

std::string JobToToml(const Job& job) {
  std::ostringstream out;
  out << "# The job as it was measured: every default written out.\n"
      << toml::toml_formatter(Effective(job),
                              toml::toml_formatter::default_flags & ~toml::format_flags::allow_literal_strings)
      << "\n";
  return out.str();
}

const DatasetJob* Job::FindDataset(std::string_view dataset) const {
  for (const auto& entry : datasets) {
    if (entry.name == dataset) return &entry;
  }
  return nullptr;
}

const ViewJob* Job::FindView(std::string_view view) const {
  for (const auto& entry : views) {
    if (entry.name == view) return &entry;
  }
  return nullptr;
}

statement::Selection Job::SelectionOf(const ViewJob& view) const {
  const DatasetJob* dataset = FindDataset(view.dataset);
  const Schema& from = dataset->schema ? *dataset->schema : *schema;
  statement::Selection selection;
  selection.format = dataset->format;
  selection.columns = from.columns;
  selection.target = from.target;
  selection.sensitive = from.sensitive;
  selection.missing = from.missing;
  selection.filter = from.filter;
  selection.split = view.split;
  return selection;
}

}  // namespace attestml::tasks
