#include <algorithm>
#include <set>

#include "base/decimal.h"
#include "base/hex.h"
#include "base/nearest_name.h"
#include "base/toml.h"
#include "statement/tee_names.h"
#include "statement/vocabulary.h"
#include "tasks/job.h"

namespace attestml::tasks {
namespace {

using statement::ColumnType;
using statement::Comparison;

constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;

// Reads a word that must be one of `words`; its index is the value of the enum.
Result<std::size_t> Word(TomlTable& table, std::string_view key, std::string_view fallback,
                         std::vector<std::string_view> words) {
  ATTESTML_TRY(const std::string text, table.String(key, fallback));
  const auto it = std::find(words.begin(), words.end(), text);
  if (it != words.end()) return static_cast<std::size_t>(it - words.begin());
  std::string list;
  for (const auto word : words) list += (list.empty() ? "\"" : ", \"") + std::string(word) + "\"";
  return table.At(key, "job.value", "is \"" + text + "\", want one of " + list);
}

Result<statement::Condition> ReadCondition(TomlTable& table) {
  statement::Condition condition;
  ATTESTML_TRY(condition.column, table.RequiredString("column"));
  static constexpr std::pair<std::string_view, Comparison> kLists[] = {{"in", Comparison::kIn},
                                                                       {"not-in", Comparison::kNotIn}};
  static constexpr std::pair<std::string_view, Comparison> kOrders[] = {{"less", Comparison::kLess},
                                                                        {"at-most", Comparison::kLessEqual},
                                                                        {"greater", Comparison::kGreater},
                                                                        {"at-least", Comparison::kGreaterEqual}};
  int found = 0;
  for (const auto& [key, comparison] : kLists) {
    ATTESTML_TRY(auto values, table.Strings(key));
    if (!table.Has(key)) continue;
    ++found;
    condition.comparison = comparison;
    condition.values = std::move(values);
  }
  for (const auto& [key, comparison] : kOrders) {
    ATTESTML_TRY(const auto number, table.Number(key));
    if (!number) continue;
    ++found;
    condition.comparison = comparison;
    condition.values = {FormatDecimal(*number)};
  }
  ATTESTML_CHECK(table.Finish());
  if (found != 1) {
    return table.At("column", "job.filter",
                    "want exactly one of in, not-in, less, at-most, greater, at-least beside it");
  }
  return condition;
}

Result<Schema> ReadSchema(TomlTable& table) {
  Schema schema;
  ATTESTML_TRY(auto columns, table.Tables("columns"));
  if (columns.empty()) return table.At("columns", "job.missing", "is not there, want an array of {name, type}");
  std::vector<std::string_view> names;
  for (TomlTable& entry : columns) {
    statement::Column column;
    ATTESTML_TRY(column.name, entry.RequiredString("name"));
    ATTESTML_TRY(const std::size_t type,
                 Word(entry, "type", "categorical", {"numeric", "categorical", "image", "text", "tensor"}));
    column.type = static_cast<ColumnType>(type);
    ATTESTML_TRY(const auto shape, entry.Integers("shape"));
    for (const std::int64_t size : shape) {
      if (size < 1 || size > 1 << 24) return entry.At("shape", "job.value", "want sizes of 1 to 16777216");
      column.shape.push_back(static_cast<std::uint32_t>(size));
    }
    ATTESTML_CHECK(entry.Finish());
    schema.columns.push_back(std::move(column));
  }
  for (const auto& column : schema.columns) names.push_back(column.name);
  const auto known = [&](TomlTable& at, std::string_view key, const std::string& name) -> Status {
    if (std::find(names.begin(), names.end(), name) != names.end()) return {};
    const std::string nearest = NearestName(name, names);
    return at.At(
        key, "job.column",
        "no column is called \"" + name + "\"" + (nearest.empty() ? "" : ", did you mean \"" + nearest + "\"?"));
  };
  ATTESTML_TRY(const auto drop, table.Strings("drop"));
  for (const auto& name : drop) {
    ATTESTML_CHECK(known(table, "drop", name));
    for (auto& column : schema.columns) {
      if (column.name == name) column.feature = false;
    }
  }
  ATTESTML_TRY(auto target, table.Table("target"));
  if (target) {
    schema.target.emplace();
    ATTESTML_TRY(schema.target->column, target->RequiredString("column"));
    ATTESTML_TRY(schema.target->positive, target->String("positive", ""));
    ATTESTML_TRY(schema.target->strip_suffix, target->String("strip-suffix", ""));
    ATTESTML_CHECK(target->Finish());
    ATTESTML_CHECK(known(*target, "column", schema.target->column));
  }
  ATTESTML_TRY(schema.sensitive, table.Strings("sensitive"));
  for (const auto& name : schema.sensitive) ATTESTML_CHECK(known(table, "sensitive", name));
  ATTESTML_TRY(const std::size_t missing, Word(table, "missing", "category", {"category", "drop"}));
  schema.missing = missing == 0 ? statement::MissingPolicy::kCategory : statement::MissingPolicy::kDrop;
  ATTESTML_TRY(auto filter, table.Tables("filter"));
  for (TomlTable& entry : filter) {
    ATTESTML_TRY(auto condition, ReadCondition(entry));
    ATTESTML_CHECK(known(entry, "column", condition.column));
    schema.filter.push_back(std::move(condition));
  }
  ATTESTML_CHECK(table.Finish());
  return schema;
}

Result<DatasetJob> ReadDataset(TomlTable& table, std::string name) {
  DatasetJob dataset;
  dataset.name = std::move(name);
  ATTESTML_TRY(dataset.path, table.String("path", ""));
  ATTESTML_TRY(const auto sha256, table.String("sha256"));
  if (sha256) {
    dataset.sha256.emplace();
    if (!HexDecodeInto(*sha256, *dataset.sha256)) {
      return table.At("sha256", "job.value", "want 64 hexadecimal digits");
    }
  }
  ATTESTML_TRY(dataset.files, table.Strings("files"));
  ATTESTML_TRY(
      const std::size_t format,
      Word(table, "format", "csv", {"csv", "idx", "cifar10", "cifar100", "image-folder", "npy", "safetensors"}));
  dataset.format.type = static_cast<statement::FileType>(format);
  if (!dataset.format.IsText()) {
    ATTESTML_TRY(auto own_schema, table.Table("schema"));
    if (own_schema) {
      ATTESTML_TRY(dataset.schema, ReadSchema(*own_schema));
    }
    ATTESTML_CHECK(table.Finish());
    return dataset;
  }
  if (!dataset.files.empty()) return table.At("files", "job.value", "a file of text is one file, want path alone");
  ATTESTML_TRY(const std::string delimiter, table.String("delimiter", ","));
  if (delimiter.size() != 1 || delimiter == "\"" || delimiter == "\n" || delimiter == "\r") {
    return table.At("delimiter", "job.value", "want one ASCII character that is not a quote or line end");
  }
  dataset.format.delimiter = delimiter[0];
  ATTESTML_TRY(dataset.format.header, table.Bool("header", true));
  ATTESTML_TRY(const auto skip, table.Integer("skip-lines", 0, 0, 1));
  dataset.format.skip_lines = static_cast<std::uint32_t>(skip);
  ATTESTML_TRY(dataset.format.trim, table.Bool("trim", false));
  ATTESTML_TRY(dataset.format.quote, table.Bool("quote", true));
  ATTESTML_TRY(dataset.format.missing, table.String("missing-mark", ""));
  ATTESTML_TRY(auto schema, table.Table("schema"));
  if (schema) {
    ATTESTML_TRY(dataset.schema, ReadSchema(*schema));
  }
  ATTESTML_CHECK(table.Finish());
  return dataset;
}

Result<std::uint64_t> ReadSeed(TomlTable& table) {
  ATTESTML_TRY(const auto seed, table.Integer("seed", 0, 0, kMaxInteger));
  return static_cast<std::uint64_t>(seed);
}

Status ReadSplit(TomlTable& table, Job* job) {
  ATTESTML_TRY(auto files, table.Table("files"));
  if (files) {
    for (const std::string& view : files->Keys()) {
      ATTESTML_TRY(const std::string dataset, files->RequiredString(view));
      job->views.push_back({view, dataset, std::nullopt});
    }
  }
  ATTESTML_TRY(auto cut, table.Table("cut"));
  if (cut) {
    statement::Split split;
    ATTESTML_TRY(const std::string dataset, cut->RequiredString("dataset"));
    ATTESTML_TRY(split.seed, ReadSeed(*cut));
    ATTESTML_TRY(split.stratify, cut->Bool("stratify", false));
    ATTESTML_TRY(auto fractions, cut->Table("fractions"));
    if (!fractions)
      return cut->At("fractions", "job.missing", "is not there, want a table like { train = 0.8, test = 0.2 }");
    double sum = 0;
    for (const std::string& view : fractions->Keys()) {
      ATTESTML_TRY(const double fraction, fractions->Number(view, 0, 0, 1));
      sum += fraction;
      split.parts.push_back({view, FormatDecimal(fraction)});
    }
    if (sum > 1 + 1e-9)
      return cut->At("fractions", "job.value", "add up to " + FormatDecimal(sum) + ", want at most 1");
    ATTESTML_CHECK(cut->Finish());
    for (const auto& part : split.parts) {
      if (job->FindView(part.name) != nullptr) {
        return cut->At("fractions", "job.value", "view \"" + part.name + "\" is defined twice");
      }
      split.part = part.name;
      job->views.push_back({part.name, dataset, split});
    }
  }
  return table.Finish();
}

Status ReadDigest(TomlTable& table, std::string_view key, std::optional<crypto::Digest256>* out) {
  ATTESTML_TRY(const auto text, table.String(key));
  if (!text) return {};
  out->emplace();
  if (!HexDecodeInto(*text, **out)) return table.At(key, "job.value", "want 64 hexadecimal digits");
  return {};
}

Result<std::vector<std::int64_t>> Sizes(TomlTable& table, std::string_view key) {
  ATTESTML_TRY(auto sizes, table.Integers(key));
  for (const std::int64_t size : sizes) {
    if (size < 1 || size > 65536) return table.At(key, "job.value", "want widths of 1 to 65536");
  }
  return sizes;
}

Result<ModelJob> ReadModel(TomlTable& table) {
  using model::Kind;
  ModelJob out;
  ATTESTML_TRY(const std::size_t kind,
               Word(table, "kind", "mlp",
                    {"mlp", "cnn", "vgg", "resnet", "lstm", "transformer", "torchscript", "logistic-regression"}));
  const bool logistic = kind == 7;
  out.kind = logistic ? Kind::kMlp : static_cast<Kind>(kind);
  if (out.kind == Kind::kMlp || out.kind == Kind::kCnn || out.kind == Kind::kVgg) {
    ATTESTML_TRY(out.hidden, Sizes(table, "hidden"));
    if (logistic && !out.hidden.empty()) {
      return table.At("hidden", "job.value", "logistic regression has no hidden layers");
    }
  }
  if (out.kind == Kind::kMlp || out.kind == Kind::kCnn) {
    ATTESTML_TRY(const std::size_t activation, Word(table, "activation", "relu", {"relu", "tanh"}));
    out.activation = static_cast<model::Activation>(activation);
  }
  if (out.kind == Kind::kCnn) {
    ATTESTML_TRY(out.channels, Sizes(table, "channels"));
    if (out.channels.empty()) out.channels = {32, 64, 128};
    ATTESTML_TRY(out.kernel, table.Integer("kernel", 3, 1, 7));
    if (out.kernel % 2 == 0) return table.At("kernel", "job.value", "want 1, 3, 5 or 7");
  }
  if (out.kind == Kind::kVgg) {
    ATTESTML_TRY(out.depth, table.Integer("depth", 11, 11, 19));
    if (out.depth != 11 && out.depth != 13 && out.depth != 16 && out.depth != 19) {
      return table.At("depth", "job.value", "want 11, 13, 16 or 19");
    }
  }
  if (out.kind == Kind::kResnet) {
    ATTESTML_TRY(out.depth, table.Integer("depth", 18, 18, 18));
  }
  if (out.kind == Kind::kLstm || out.kind == Kind::kTransformer) {
    ATTESTML_TRY(out.embedding, table.Integer("embedding", 64, 1, 16384));
    ATTESTML_TRY(out.layers, table.Integer("layers", out.kind == Kind::kLstm ? 1 : 2, 1, 64));
    ATTESTML_TRY(out.units, table.Integer("units", 128, 1, 65536));
  }
  if (out.kind == Kind::kTransformer) {
    ATTESTML_TRY(out.heads, table.Integer("heads", 4, 1, 1024));
    if (out.embedding % out.heads != 0) return table.At("heads", "job.value", "do not divide the embedding");
  }
  if (out.kind == Kind::kTorchScript) {
    ATTESTML_TRY(out.program, table.String("program", ""));
    ATTESTML_CHECK(ReadDigest(table, "program-sha256", &out.program_sha256));
  }
  ATTESTML_CHECK(table.Finish());
  return out;
}

Result<data::EncodingConfig> ReadEncoding(TomlTable& table) {
  data::EncodingConfig out;
  ATTESTML_TRY(out.standardize, table.Bool("standardize", true));
  ATTESTML_TRY(const std::size_t tokenizer, Word(table, "tokenizer", "word", {"word", "byte-pair"}));
  out.tokenizer = static_cast<statement::Tokenizer>(tokenizer);
  ATTESTML_TRY(const auto vocabulary, table.Integer("vocabulary", 10000, 1, 1000000));
  out.vocabulary = static_cast<std::uint32_t>(vocabulary);
  ATTESTML_TRY(const auto min_count, table.Integer("min-count", 1, 1, 1000000));
  out.min_count = static_cast<std::uint32_t>(min_count);
  ATTESTML_TRY(const auto length, table.Integer("length", 64, 1, 65536));
  out.length = static_cast<std::uint32_t>(length);
  ATTESTML_TRY(out.lowercase, table.Bool("lowercase", true));
  ATTESTML_CHECK(table.Finish());
  return out;
}

// What says how a step is made and what it may see.
Status ReadStep(TomlTable& table, TrainingConfig* config) {
  ATTESTML_TRY(config->optimizer.clip_norm, table.Number("clip-norm", 0, 0, 1e9));
  ATTESTML_TRY(config->optimizer.label_smoothing, table.Number("label-smoothing", 0, 0, 0.999));
  ATTESTML_TRY(const std::size_t precision, Word(table, "precision", "float32", {"float32", "bfloat16"}));
  config->optimizer.precision = static_cast<engine::Precision>(precision);
  ATTESTML_TRY(auto augment, table.Table("augment"));
  if (augment) {
    ATTESTML_TRY(const auto padding, augment->Integer("crop-padding", 0, 0, 1024));
    config->augmentation.crop_padding = static_cast<std::uint32_t>(padding);
    ATTESTML_TRY(config->augmentation.flip, augment->Bool("flip", false));
    ATTESTML_CHECK(augment->Finish());
  }
  ATTESTML_TRY(auto privacy, table.Table("privacy"));
  if (privacy) {
    config->privacy.emplace();
    ATTESTML_TRY(config->privacy->clip, privacy->Number("clip", 1, 1e-9, 1e9));
    ATTESTML_TRY(config->privacy->noise_multiplier, privacy->Number("noise-multiplier", 1, 1e-3, 1e6));
    ATTESTML_CHECK(privacy->Finish());
  }
  return {};
}

Result<TrainingJob> ReadTraining(TomlTable& table) {
  TrainingJob out;
  TrainingConfig& config = out.config;
  ATTESTML_TRY(out.view, table.String("on", "train"));
  ATTESTML_TRY(out.validation, table.String("validation", ""));
  ATTESTML_TRY(const std::size_t loss, Word(table, "loss", "cross-entropy", {"cross-entropy", "mse"}));
  config.loss = static_cast<Loss>(loss);
  ATTESTML_TRY(const std::size_t optimizer, Word(table, "optimizer", "adamw", {"sgd", "adam", "adamw"}));
  config.optimizer.kind = static_cast<engine::Optimizer>(optimizer);
  ATTESTML_TRY(config.learning_rate, table.Number("learning-rate", 0.001, 1e-12, 1e3));
  ATTESTML_TRY(config.optimizer.momentum, table.Number("momentum", 0, 0, 1));
  ATTESTML_TRY(config.optimizer.beta1, table.Number("beta1", 0.9, 0, 0.999999));
  ATTESTML_TRY(config.optimizer.beta2, table.Number("beta2", 0.999, 0, 0.999999));
  ATTESTML_TRY(config.optimizer.epsilon, table.Number("epsilon", 1e-8, 1e-30, 1));
  ATTESTML_TRY(config.optimizer.weight_decay, table.Number("weight-decay", 0, 0, 1e3));
  ATTESTML_TRY(const std::size_t schedule, Word(table, "schedule", "constant", {"constant", "step", "cosine"}));
  config.schedule = static_cast<Schedule>(schedule);
  ATTESTML_TRY(const auto warmup, table.Integer("warmup-epochs", 0, 0, 1000000));
  config.warmup_epochs = static_cast<std::uint32_t>(warmup);
  ATTESTML_CHECK(ReadStep(table, &config));
  ATTESTML_TRY(const auto checkpoint, table.Integer("checkpoint-epochs", 0, 0, 1000000));
  out.checkpoint_epochs = static_cast<std::uint32_t>(checkpoint);
  ATTESTML_TRY(auto initial, table.Table("initial"));
  if (initial) {
    out.from_model = true;
    ATTESTML_TRY(out.initial, initial->String("model", ""));
    ATTESTML_CHECK(ReadDigest(*initial, "sha256", &out.initial_sha256));
    ATTESTML_CHECK(initial->Finish());
  }
  ATTESTML_TRY(const auto step_epochs, table.Integer("step-epochs", 10, 1, 1000000));
  config.step_epochs = static_cast<std::uint32_t>(step_epochs);
  ATTESTML_TRY(config.step_factor, table.Number("step-factor", 0.1, 0, 1));
  ATTESTML_TRY(const auto batch_size, table.Integer("batch-size", 256, 1, 1 << 20));
  config.batch_size = static_cast<std::uint32_t>(batch_size);
  ATTESTML_TRY(const auto epochs, table.Integer("epochs", 10, 1, 1000000));
  config.epochs = static_cast<std::uint32_t>(epochs);
  ATTESTML_TRY(config.seed, ReadSeed(table));
  ATTESTML_TRY(const auto patience, table.Integer("patience"));
  if (patience) {
    if (*patience < 1 || *patience > 1000000) return table.At("patience", "job.value", "want 1 to 1000000");
    if (out.validation.empty()) {
      return table.At("patience", "job.value", "early stopping needs a validation view, set validation = \"…\"");
    }
    config.patience = static_cast<std::uint32_t>(*patience);
  }
  ATTESTML_TRY(const auto weights, table.Value("class-weights"));
  if (weights && weights->is_string()) {
    if (*weights != "balanced")
      return table.At("class-weights", "job.value", "want \"balanced\" or a table of weights");
    config.balanced_class_weights = true;
  } else if (weights) {
    ATTESTML_TRY(auto entries, table.Table("class-weights"));
    for (const std::string& name : entries->Keys()) {
      ATTESTML_TRY(const double weight, entries->Number(name, 1, 0, 1e6));
      config.class_weights.emplace_back(name, weight);
    }
  }
  ATTESTML_CHECK(table.Finish());
  return out;
}

// ">= 0.8", "<= 0.1", "interval.lower >= 0.8".
Result<BoundJob> ReadBound(const TomlTable& table, const std::string& metric, const Json& value) {
  std::string_view text = value.is_string() ? std::string_view(value.get_ref<const std::string&>()) : "";
  BoundJob bound;
  bound.metric = metric;
  for (const std::string_view end : {"interval.lower", "interval.upper"}) {
    if (!text.starts_with(end)) continue;
    bound.on = end;
    text.remove_prefix(end.size());
    if (text.starts_with(' ')) text.remove_prefix(1);
  }
  bound.lower = text.starts_with(">=");
  const bool known = bound.lower || text.starts_with("<=");
  std::string_view number = known ? text.substr(2) : "";
  if (number.starts_with(' ')) number.remove_prefix(1);
  const auto limit = ParseDecimal(number);
  if (!limit) {
    return table.At("bounds", "job.value",
                    "of " + metric + " is " + DumpJson(value) +
                        ", want \">= X\", \"<= X\", or one of them behind \"interval.lower\" or \"interval.upper\"");
  }
  bound.limit = *limit;
  return bound;
}

Status ReadBounds(TomlTable& table, std::vector<BoundJob>* bounds) {
  if (!table.Has("bounds")) return {};
  ATTESTML_TRY(const auto value, table.Value("bounds"));
  if (!value->is_object() || value->empty()) {
    return table.At("bounds", "job.type", "want metrics and bounds: { accuracy = \">= 0.8\" }");
  }
  for (const auto& member : value->items()) {
    ATTESTML_TRY(auto bound, ReadBound(table, member.key(), member.value()));
    bounds->push_back(std::move(bound));
  }
  return {};
}

Result<PropertyJob> ReadProperty(TomlTable& table) {
  PropertyJob property;
  ATTESTML_TRY(property.property, table.RequiredString("name"));
  const statement::PropertyName* known = statement::FindProperty(property.property);
  ATTESTML_TRY(property.view, table.RequiredString("on"));
  ATTESTML_TRY(property.against, table.Strings("against"));
  ATTESTML_TRY(auto predictions, table.Table("predictions"));
  if (predictions) {
    property.predictions.emplace();
    ATTESTML_TRY(property.predictions->column, predictions->RequiredString("column"));
    ATTESTML_TRY(property.predictions->positive, predictions->Strings("positive"));
    ATTESTML_TRY(property.predictions->threshold, predictions->Number("threshold"));
    ATTESTML_CHECK(predictions->Finish());
    const bool of_numbers = known != nullptr && known->of_numbers;
    if (of_numbers && (!property.predictions->positive.empty() || property.predictions->threshold)) {
      return predictions->At("column", "job.value", "predicts numbers, want neither positive nor threshold beside it");
    }
    if (!of_numbers && property.predictions->positive.empty() == !property.predictions->threshold.has_value()) {
      return predictions->At("column", "job.value", "want either positive = [\"…\"] or threshold = … beside it");
    }
  }
  ATTESTML_CHECK(ReadBounds(table, &property.bounds));
  ATTESTML_TRY(property.program, table.String("program", ""));
  ATTESTML_CHECK(ReadDigest(table, "program-sha256", &property.program_sha256));
  ATTESTML_TRY(property.custom, table.Bool("custom", table.Has("program")));
  if (property.custom && known != nullptr) {
    return table.At("name", "job.value", "is the name of a built-in property, want another for a program's");
  }
  // Whatever else stands here is a parameter: of a property of the vocabulary by one of its names, of a plug-in by any.
  if (known != nullptr) {
    for (const auto parameter : known->parameters) table.Allow(parameter);
  }
  for (const std::string& key : known != nullptr ? std::vector<std::string>() : table.Keys()) table.Allow(key);
  ATTESTML_CHECK(table.Finish());
  for (const std::string& key : table.Keys()) {
    static constexpr std::string_view kOwn[] = {"name",   "on",      "against",        "predictions",
                                                "custom", "program", "program-sha256", "bounds"};
    if (std::find(std::begin(kOwn), std::end(kOwn), key) != std::end(kOwn)) continue;
    ATTESTML_TRY(auto value, table.Value(key));
    property.parameters[key] = std::move(*value);
  }
  return property;
}

// References between the parts of a job must hold.
Status CheckReferences(TomlTable& root, const Job& job) {
  for (const ViewJob& view : job.views) {
    if (job.FindDataset(view.dataset) == nullptr) {
      return root.At("split", "job.dataset",
                     "view \"" + view.name + "\" names no dataset that is there: \"" + view.dataset + "\"");
    }
    if (!job.schema && !job.FindDataset(view.dataset)->schema) {
      return root.At("schema", "job.missing", "dataset \"" + view.dataset + "\" has no schema, and the job has none");
    }
  }
  std::vector<std::string_view> views;
  for (const ViewJob& view : job.views) views.push_back(view.name);
  const auto check = [&](std::string_view key, const std::string& name) -> Status {
    if (job.FindView(name) != nullptr) return {};
    const std::string nearest = NearestName(name, views);
    return root.At(
        key, "job.view",
        "no view is called \"" + name + "\"" + (nearest.empty() ? "" : ", did you mean \"" + nearest + "\"?"));
  };
  if (job.training) {
    if (!job.model) return root.At("train", "job.missing", "needs a [model]");
    ATTESTML_CHECK(check("train", job.training->view));
    if (!job.training->validation.empty()) ATTESTML_CHECK(check("train", job.training->validation));
  }
  for (const PropertyJob& property : job.properties) {
    ATTESTML_CHECK(check("property", property.view));
    for (const auto& view : property.against) ATTESTML_CHECK(check("property", view));
  }
  return {};
}

}  // namespace

Result<Job> ParseJob(std::string_view text, std::string_view file, const std::vector<std::string>& settings) {
  ATTESTML_TRY(TomlDocument document, TomlDocument::Parse(text, std::string(file), "job"));
  for (const std::string& setting : settings) {
    const std::size_t equals = setting.find('=');
    if (equals == std::string::npos) return Usage("job.set", "\"" + setting + "\" is not KEY=VALUE");
    ATTESTML_CHECK(
        document.Set(std::string_view(setting).substr(0, equals), std::string_view(setting).substr(equals + 1)));
  }
  TomlTable root(document);
  Job job;
  ATTESTML_TRY(const auto version, root.Integer("version", 1, 1, 1));
  static_cast<void>(version);
  ATTESTML_TRY(job.name, root.String("name", ""));
  ATTESTML_TRY(job.conceal, root.Bool("conceal", false));
  ATTESTML_TRY(auto schema, root.Table("schema"));
  if (schema) {
    ATTESTML_TRY(job.schema, ReadSchema(*schema));
  }
  ATTESTML_TRY(auto datasets, root.Table("dataset"));
  if (datasets) {
    for (const std::string& name : datasets->Keys()) {
      ATTESTML_TRY(auto table, datasets->Table(name));
      ATTESTML_TRY(auto dataset, ReadDataset(*table, name));
      job.datasets.push_back(std::move(dataset));
    }
  }
  if (job.datasets.empty()) return root.At("dataset", "job.missing", "is not there, want at least one [dataset.NAME]");
  ATTESTML_TRY(auto split, root.Table("split"));
  if (split) {
    ATTESTML_CHECK(ReadSplit(*split, &job));
  }
  for (const DatasetJob& dataset : job.datasets) {
    // A dataset is a view of its own under its name, unless the split took that name.
    if (job.FindView(dataset.name) == nullptr) job.views.push_back({dataset.name, dataset.name, std::nullopt});
  }
  ATTESTML_TRY(auto model, root.Table("model"));
  if (model) {
    ATTESTML_TRY(job.model, ReadModel(*model));
  }
  ATTESTML_TRY(auto encoding, root.Table("encoding"));
  if (encoding) {
    ATTESTML_TRY(job.encoding, ReadEncoding(*encoding));
  }
  ATTESTML_TRY(auto train, root.Table("train"));
  if (train) {
    ATTESTML_TRY(job.training, ReadTraining(*train));
  }
  ATTESTML_TRY(auto engine, root.Table("engine"));
  if (engine) {
    ATTESTML_TRY(job.engine, engine->String("name", "auto"));
    ATTESTML_CHECK(Word(*engine, "name", "auto", {"auto", "onednn", "torch"}));
    ATTESTML_TRY(const auto threads, engine->Integer("threads", 1, 1, 256));
    job.threads = static_cast<unsigned>(threads);
    ATTESTML_CHECK(engine->Finish());
  }
  ATTESTML_TRY(auto properties, root.Tables("property"));
  for (TomlTable& entry : properties) {
    ATTESTML_TRY(auto property, ReadProperty(entry));
    job.properties.push_back(std::move(property));
  }
  ATTESTML_TRY(auto tee, root.Table("tee"));
  if (tee) {
    ATTESTML_TRY(job.tee, tee->String("device", ""));
    if (job.tee == statement::kSimulatedSgx) {
      job.tee = statement::kSimulatedTees.front();
    } else if (!job.tee.empty()) {
      std::vector<std::string_view> names(statement::kSimulatedTees.begin(), statement::kSimulatedTees.end());
      names.insert(names.end(), statement::kHardwareTees.begin(), statement::kHardwareTees.end());
      names.push_back(statement::kAnyHardware);
      ATTESTML_CHECK(Word(*tee, "device", "", names));
    }
    ATTESTML_TRY(job.quote_each, tee->Bool("quote-each", false));
    ATTESTML_CHECK(tee->Finish());
  }
  ATTESTML_TRY(auto output, root.Table("output"));
  if (output) {
    ATTESTML_TRY(job.output, output->String("directory", ""));
    ATTESTML_CHECK(output->Finish());
  }
  ATTESTML_CHECK(root.Finish());
  ATTESTML_CHECK(CheckReferences(root, job));
  return job;
}

}  // namespace attestml::tasks
