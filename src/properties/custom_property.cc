#include "properties/custom_property.h"

#include <algorithm>
#include <map>
#include <utility>

#include "base/hex.h"
#include "crypto/digest.h"
#include "properties/groups.h"
#include "properties/parameters.h"
#include "properties/predictions.h"
#include "properties/results.h"

namespace attestml::properties {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxNumbers = 1000;

bool IsPlainName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && name.front() >= 'a' && name.front() <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace

Result<CustomProperty> CustomProperty::Make(BytesView program, std::string_view name) {
  if (!IsPlainName(name)) {
    return Usage("property.custom.name", "a property is called \"" + std::string(name.substr(0, kMaxName)) +
                                             "\", want lower-case words joined by hyphens, at most 64 characters");
  }
  CustomProperty property;
  property.program_ = ToBytes(program);
  property.name_ = "custom:" + HexEncode(crypto::Sha256(program)) + "/" + std::string(name);
  property.implementation_ = std::string(name) + "/1";
  return property;
}

Result<Measurement> CustomProperty::Measure(const Inputs& inputs) const {
  static constexpr std::string_view kParameters[] = {"groups", "bins"};
  if (inputs.table == nullptr || inputs.predictions == nullptr || inputs.model == nullptr ||
      inputs.model->engine == nullptr) {
    return Usage("property.inputs", name_ + ": want a table, a model's predictions and an engine");
  }
  if (!inputs.references.empty()) return Usage("property.reference", name_ + ": references, want none");
  const data::Table& table = *inputs.table;
  const Predictions& predictions = *inputs.predictions;
  ATTESTML_CHECK(CheckPredictions(predictions, table.rows()));
  if (predictions.probabilities.empty()) {
    return Usage("property.inputs", name_ + ": want predictions with probabilities, those of a model");
  }
  ATTESTML_TRY(const Parameters parameters, Parameters::Read(name_, inputs.parameters, kParameters));
  ATTESTML_TRY(const Bins bins, parameters.ReadBins(table));
  NameList columns;
  if (parameters.Has("groups") || !table.selection().sensitive.empty()) {
    ATTESTML_TRY(columns, parameters.Names("groups", table.selection().sensitive));
  }

  const std::vector<float> probabilities(predictions.probabilities.begin(), predictions.probabilities.end());
  engine::PropertyCall call;
  call.probabilities = {probabilities.data(), table.rows(), predictions.classes.size()};
  call.labels = predictions.labels;
  for (const std::string& column : columns) {
    ATTESTML_TRY(Categories categories, MakeCategories(table, column, bins));
    call.groups.emplace_back(column, std::move(categories.codes));
  }
  ATTESTML_TRY(const auto numbers, inputs.model->engine->RunProperty(program_, call));
  if (numbers.empty() || numbers.size() > kMaxNumbers) {
    return Malformed("property.custom.result",
                     name_ + ": the program gave " + std::to_string(numbers.size()) + " numbers, want 1 to 1000");
  }
  Measurement measurement;
  for (const auto& [metric, number] : numbers) {
    if (!IsPlainName(metric)) {
      return Malformed("property.custom.result", name_ +
                                                     ": the program calls a number something other than lower-case "
                                                     "words joined by hyphens, at most 64 characters");
    }
    measurement.results.push_back(MakeResult(metric, number, table.rows()));
  }
  return measurement;
}

}  // namespace attestml::properties
