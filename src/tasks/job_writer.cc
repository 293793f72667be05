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
    columns.push_back(toml::table{
        {"name", column.name},
        {"type", column.type == statement::ColumnType::kNumeric ? "numeric" : "categorical"},
    });
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
    } else {
      predictions.insert("positive", StringArray(property.predictions->positive));
    }
    out.insert("predictions", std::move(predictions));
  }
  for (const auto& member : property.parameters.items()) InsertJson(out, member.key(), member.value());
  return out;
}

toml::table Effective(const Job& job) {
  toml::table out{{"version", 1}, {"name", job.name}};
  toml::table datasets;
  for (const DatasetJob& dataset : job.datasets) {
    toml::table entry{{"format", "csv"},
                      {"delimiter", std::string(1, dataset.format.delimiter)},
                      {"header", dataset.format.header},
                      {"skip-lines", dataset.format.skip_lines},
                      {"trim", dataset.format.trim},
                      {"missing-mark", dataset.format.missing}};
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

  if (job.hidden) {
    toml::array hidden;
    for (const auto width : *job.hidden) hidden.push_back(width);
    out.insert("model", toml::table{{"kind", "mlp"},
                                    {"hidden", std::move(hidden)},
                                    {"activation", job.activation == model::Activation::kRelu ? "relu" : "tanh"}});
  }
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
