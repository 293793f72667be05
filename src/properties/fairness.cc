#include "properties/fairness.h"

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

#include "properties/confusion.h"
#include "properties/groups.h"
#include "properties/parameters.h"
#include "properties/predictions.h"
#include "properties/results.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

using statement::MetricResult;
using Rows = std::span<const std::uint32_t>;

// A rate as the two counts it is the quotient of.
struct Rate {
  std::uint64_t numerator = 0;
  std::uint64_t denominator = 0;
  Value value(std::string_view when_zero) const {
    return Ratio(static_cast<double>(numerator), static_cast<double>(denominator), when_zero);
  }
};

struct GroupRates {
  Rate accuracy, selection, tpr, fpr, fnr, ppv;
};

GroupRates RatesOf(const Predictions& predictions, Rows rows) {
  const BinaryCounts c = CountBinary(predictions, rows);
  std::uint64_t correct = 0;
  for (const std::uint32_t row : rows) correct += predictions.labels[row] == predictions.predicted[row] ? 1 : 0;
  const std::uint64_t positives = c.true_positives + c.false_negatives;
  const std::uint64_t negatives = c.false_positives + c.true_negatives;
  const std::uint64_t selected = c.true_positives + c.false_positives;
  return {{correct, rows.size()},         {selected, rows.size()},        {c.true_positives, positives},
          {c.false_positives, negatives}, {c.false_negatives, positives}, {c.true_positives, selected}};
}

void PutGroup(const GroupRates& rates, std::size_t members, const std::map<std::string, std::string>& slice,
              std::vector<MetricResult>* out) {
  const auto put = [&](MetricResult result) {
    result.slice = slice;
    out->push_back(std::move(result));
  };
  const auto rate = [&](std::string_view metric, const Rate& r, std::string_view when_zero) {
    put(MakeProportion(metric, r.numerator, r.denominator, when_zero));
  };
  put(MakeCount("count", members, members));
  rate("accuracy", rates.accuracy, reason::kNoRecords);
  rate("selection-rate", rates.selection, reason::kNoRecords);
  rate("tpr", rates.tpr, reason::kNoPositives);
  rate("fpr", rates.fpr, reason::kNoNegatives);
  rate("fnr", rates.fnr, reason::kNoPositives);
  rate("ppv", rates.ppv, reason::kNonePredictedPositive);
}

// The smallest and largest of one rate over all groups; undefined as soon as it is in one of them.
struct Extremes {
  Value difference = Value::Undefined(reason::kNoRecords);
  Value ratio = Value::Undefined(reason::kNoRecords);
};

Extremes ExtremesOf(const std::vector<GroupRates>& groups, Rate GroupRates::*member) {
  if (groups.empty()) return {};
  double low = 2, high = -1;
  for (const GroupRates& group : groups) {
    const Value value = (group.*member).value(reason::kUndefinedGroup);
    if (!value.defined()) return {value, value};
    low = std::min(low, value.number());
    high = std::max(high, value.number());
  }
  return {Value(high - low), Ratio(low, high, reason::kZeroRate)};
}

Value Worse(const Value& a, const Value& b, bool larger) {
  if (!a.defined()) return a;
  if (!b.defined()) return b;
  return larger ? std::max(a.number(), b.number()) : std::min(a.number(), b.number());
}

// The lowest selection rate of the other groups over that of the privileged ones, taken together.
Value DisparateImpact(const Predictions& predictions, const Grouping& grouping,
                      const std::map<std::string, std::string>& privileged) {
  std::vector<std::uint32_t> rows;
  std::vector<GroupRates> others;
  for (const Group& group : grouping.groups) {
    const bool inside = std::all_of(privileged.begin(), privileged.end(),
                                    [&](const auto& entry) { return group.key.at(entry.first) == entry.second; });
    if (inside) {
      rows.insert(rows.end(), group.rows.begin(), group.rows.end());
    } else {
      others.push_back(RatesOf(predictions, group.rows));
    }
  }
  const Value reference = RatesOf(predictions, rows).selection.value(reason::kUndefinedGroup);
  if (!reference.defined()) return reference;
  double low = 2;
  for (const GroupRates& other : others) {
    const Value rate = other.selection.value(reason::kUndefinedGroup);
    if (!rate.defined()) return rate;
    low = std::min(low, rate.number());
  }
  if (others.empty()) return Value::Undefined(reason::kNoRecords);
  return Ratio(low, reference.number(), reason::kZeroRate);
}

void MeasureAttributes(const Predictions& predictions, const Grouping& grouping, std::size_t records,
                       const std::map<std::string, std::string>& privileged, std::vector<MetricResult>* out) {
  std::vector<GroupRates> groups;
  for (const Group& group : grouping.groups) {
    groups.push_back(RatesOf(predictions, group.rows));
    PutGroup(groups.back(), group.rows.size(), group.key, out);
  }
  const auto put = [&](std::string_view metric, const Value& value) -> MetricResult& {
    MetricResult result = MakeResult(metric, value, records);
    result.across = grouping.columns;
    result.at = grouping.bins;
    out->push_back(std::move(result));
    return out->back();
  };
  const Extremes selection = ExtremesOf(groups, &GroupRates::selection);
  const Extremes tpr = ExtremesOf(groups, &GroupRates::tpr);
  const Extremes fpr = ExtremesOf(groups, &GroupRates::fpr);
  put("demographic-parity-difference", selection.difference);
  put("demographic-parity-ratio", selection.ratio);
  put("equal-opportunity-difference", tpr.difference);
  put("equalized-odds-difference", Worse(tpr.difference, fpr.difference, true));
  put("equalized-odds-ratio", Worse(tpr.ratio, fpr.ratio, false));
  put("accuracy-parity-difference", ExtremesOf(groups, &GroupRates::accuracy).difference);
  put("predictive-parity-difference", ExtremesOf(groups, &GroupRates::ppv).difference);
  put("disparate-impact", selection.ratio);

  std::map<std::string, std::string> here;
  for (const auto& [column, value] : privileged) {
    if (std::find(grouping.columns.begin(), grouping.columns.end(), column) != grouping.columns.end()) {
      here.emplace(column, value);
    }
  }
  // Its own qualifier, so that nobody who asks for plain disparate impact is answered with a group of the prover's
  // choice.
  if (!here.empty()) put("disparate-impact", DisparateImpact(predictions, grouping, here)).given = here;
}

// The attribute sets to measure: each attribute, then the intersections asked for.
Result<std::vector<NameList>> AttributeSets(const Parameters& parameters, const NameList& attributes) {
  std::vector<NameList> sets;
  for (const std::string& attribute : attributes) sets.push_back({attribute});
  const Json* value = parameters.Find("intersections");
  if (value == nullptr || value->is_boolean()) {
    if ((value == nullptr || value->get<bool>()) && attributes.size() > 1) sets.push_back(attributes);
    return sets;
  }
  ATTESTML_TRY(const std::vector<NameList> lists, parameters.NameLists("intersections"));
  for (const NameList& list : lists) {
    if (list.size() < 2) return parameters.Wrong("intersections", "has an element of one attribute");
    for (const std::string& name : list) {
      if (std::find(attributes.begin(), attributes.end(), name) != attributes.end()) continue;
      const std::vector<std::string_view> options(attributes.begin(), attributes.end());
      return parameters.Wrong("intersections",
                              "names " + name + ", which is none of the attributes" + Suggestion(name, options));
    }
    sets.push_back(list);
  }
  return sets;
}

Status CheckPrivileged(const data::Table& table, const Parameters& parameters, const NameList& attributes,
                       const Bins& bins, const std::map<std::string, std::string>& privileged) {
  for (const auto& [column, value] : privileged) {
    if (std::find(attributes.begin(), attributes.end(), column) == attributes.end()) {
      const std::vector<std::string_view> options(attributes.begin(), attributes.end());
      return parameters.Wrong("privileged",
                              "names " + column + ", which is none of the attributes" + Suggestion(column, options));
    }
    ATTESTML_TRY(const Categories categories, MakeCategories(table, column, bins));
    if (std::find(categories.names.begin(), categories.names.end(), value) == categories.names.end()) {
      const std::vector<std::string_view> options(categories.names.begin(), categories.names.end());
      return parameters.Wrong("privileged",
                              "names " + value + ", which is no group of " + column + Suggestion(value, options));
    }
  }
  return {};
}

}  // namespace

Result<Measurement> Fairness::Measure(const Inputs& inputs) const {
  if (inputs.table == nullptr || inputs.predictions == nullptr) {
    return Usage("property.inputs", "fairness: want a table and predictions");
  }
  if (!inputs.references.empty()) return Usage("property.reference", "fairness: references, want none");
  const data::Table& table = *inputs.table;
  const Predictions& predictions = *inputs.predictions;
  ATTESTML_CHECK(CheckPredictions(predictions, table.rows()));
  if (predictions.positive < 0) {
    return Usage("property.fairness.positive", "fairness: the target has no positive class");
  }
  ATTESTML_TRY(const Parameters parameters,
               Parameters::Read(name(), inputs.parameters, statement::FindProperty(name())->parameters));
  ATTESTML_TRY(const Bins bins, parameters.ReadBins(table));
  ATTESTML_TRY(const NameList attributes, parameters.Names("attributes", table.selection().sensitive));
  if (attributes.empty()) {
    return Usage("property.fairness.attributes", "fairness: no sensitive attributes in the schema or in attributes");
  }
  ATTESTML_TRY(const std::vector<NameList> sets, AttributeSets(parameters, attributes));
  ATTESTML_TRY(const auto privileged, parameters.TextMap("privileged"));
  ATTESTML_CHECK(CheckPrivileged(table, parameters, attributes, bins, privileged));

  Measurement measurement;
  std::vector<std::uint32_t> all(table.rows());
  std::iota(all.begin(), all.end(), 0U);
  PutGroup(RatesOf(predictions, all), all.size(), {}, &measurement.results);
  std::size_t groups = 0;
  for (const NameList& set : sets) {
    ATTESTML_TRY(const Grouping grouping, MakeGrouping(table, set, bins));
    groups += grouping.groups.size();
    if (groups > kMaxGroups)
      return Usage("property.groups", "fairness: more than " + std::to_string(kMaxGroups) + " groups");
    MeasureAttributes(predictions, grouping, table.rows(), privileged, &measurement.results);
  }
  return measurement;
}

}  // namespace attestml::properties
