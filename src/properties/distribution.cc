#include "properties/distribution.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/decimal.h"
#include "properties/groups.h"
#include "properties/parameters.h"
#include "properties/representativeness.h"
#include "properties/results.h"
#include "properties/summary.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

using statement::ColumnType;
using statement::MetricResult;

constexpr std::size_t kMaxResults = 50000;

struct Conditional {
  NameList of;
  NameList given;
};

struct Request {
  NameList columns;
  std::vector<NameList> joint;
  std::vector<Conditional> conditional;
  std::vector<double> quantiles;
  Bins bins;
  std::optional<double> psi_floor;
};

// Inputs of models, the target and the sensitive attributes; what the schema drops only when it is named. Images, texts
// and tensors have no values to count.
NameList DefaultColumns(const statement::Selection& selection) {
  NameList names;
  for (const statement::Column& column : selection.columns) {
    if (column.type != statement::ColumnType::kNumeric && column.type != statement::ColumnType::kCategorical) continue;
    const bool target = selection.target && selection.target->column == column.name;
    const bool sensitive =
        std::find(selection.sensitive.begin(), selection.sensitive.end(), column.name) != selection.sensitive.end();
    if (column.feature || target || sensitive) names.push_back(column.name);
  }
  return names;
}

Result<std::vector<Conditional>> ReadConditional(const Parameters& parameters) {
  std::vector<Conditional> list;
  const Json* value = parameters.Find("conditional");
  if (value == nullptr) return list;
  if (!value->is_array()) return parameters.Wrong("conditional", "is not a list of {of, given}");
  static constexpr std::string_view kMembers[] = {"of", "given"};
  std::set<std::pair<std::set<std::string>, std::set<std::string>>> seen;
  for (const Json& element : *value) {
    if (!element.is_object()) return parameters.Wrong("conditional", "has an element that is not {of, given}");
    for (const auto& [name, member] : element.items()) {
      if (std::find(std::begin(kMembers), std::end(kMembers), name) != std::end(kMembers)) continue;
      return parameters.Wrong("conditional", "has an unknown member " + name + Suggestion(name, kMembers));
    }
    const auto of = element.find("of"), given = element.find("given");
    const auto names = [&](const auto& member) { return member == element.end() ? std::nullopt : ReadNames(*member); };
    std::optional<NameList> ofs = names(of), givens = names(given);
    if (!ofs || !givens) return parameters.Wrong("conditional", "wants distinct names in of and in given");
    for (const std::string& name : *ofs) {
      if (std::find(givens->begin(), givens->end(), name) != givens->end()) {
        return parameters.Wrong("conditional", "has " + name + " in of and in given");
      }
    }
    if (!seen.insert({{ofs->begin(), ofs->end()}, {givens->begin(), givens->end()}}).second) {
      return parameters.Wrong("conditional", "asks for the same twice");
    }
    list.push_back({*std::move(ofs), *std::move(givens)});
  }
  return list;
}

Result<Request> ReadRequest(const Parameters& parameters, const data::Table& table) {
  Request request;
  ATTESTML_TRY(request.columns, parameters.Names("columns", DefaultColumns(table.selection())));
  ATTESTML_TRY(request.bins, parameters.ReadBins(table));
  ATTESTML_TRY(request.joint, parameters.NameLists("joint"));
  for (const NameList& names : request.joint) {
    if (names.size() < 2) return parameters.Wrong("joint", "has an element of one column, want two or more");
  }
  ATTESTML_TRY(request.conditional, ReadConditional(parameters));
  ATTESTML_TRY(request.quantiles, parameters.Decimals("quantiles", {0.25, 0.5, 0.75}));
  std::set<double> levels;
  for (const double level : request.quantiles) {
    if (!(level >= 0 && level <= 1) || !levels.insert(level).second) {
      return parameters.Wrong("quantiles", "has " + FormatDecimal(level) + ", want distinct levels from 0 to 1");
    }
  }
  ATTESTML_TRY(request.psi_floor, parameters.Decimal("psi-floor"));
  if (request.psi_floor && !(*request.psi_floor > 0 && *request.psi_floor < 1)) {
    return parameters.Wrong("psi-floor", "is not between 0 and 1");
  }
  return request;
}

// Collects results and refuses to collect without bound.
class Collector {
 public:
  explicit Collector(const data::Table& table, std::vector<MetricResult>* out) : table_(table), out_(out) {}

  Status Reserve(std::size_t more, const std::string& what) const {
    if (more <= kMaxResults && out_->size() + more <= kMaxResults) return {};
    return Usage("property.size", "distribution: " + what + " gives too many results, want fewer columns or bins");
  }

  void PutColumn(const std::string& column, MetricResult result) {
    result.column = column;
    out_->push_back(std::move(result));
  }

  // The event's count and proportion. Denominators are whole groups, records with missing values among them.
  void PutEvent(const std::map<std::string, std::string>& where, const std::map<std::string, std::string>& given,
                std::uint64_t members, std::uint64_t of) {
    MetricResult proportion =
        MakeResult("proportion", Ratio(static_cast<double>(members), static_cast<double>(of), reason::kNoRecords), of);
    for (MetricResult result : {MakeCount("count", members, of), std::move(proportion)}) {
      result.where = where;
      result.given = given;
      out_->push_back(std::move(result));
    }
  }

  Status MeasureNumeric(const data::ColumnData& column, const std::vector<double>& levels) {
    ATTESTML_CHECK(Reserve(levels.size() + 6, "column " + column.name));
    std::vector<double> present;
    present.reserve(column.numbers.size());
    for (const double number : column.numbers) {
      if (!std::isnan(number)) present.push_back(number);
    }
    const auto put = [&](std::string_view metric, const Value& value) {
      PutColumn(column.name, MakeResult(metric, value, present.size()));
    };
    const Value none = Value::Undefined(reason::kNoValues);
    put("mean", Mean(present));
    put("sd", SampleDeviation(present));
    put("min", present.empty() ? none : Value(*std::min_element(present.begin(), present.end())));
    put("max", present.empty() ? none : Value(*std::max_element(present.begin(), present.end())));
    const std::vector<Value> quantiles = Quantiles(present, levels);
    for (std::size_t i = 0; i < levels.size(); ++i) {
      put("quantile", quantiles[i]);
      out_->back().at = FormatDecimal(levels[i]);
    }
    return {};
  }

  Status MeasureMarginal(const std::string& column, const Bins& bins) {
    ATTESTML_TRY(const Categories categories, MakeCategories(table_, column, bins));
    ATTESTML_CHECK(Reserve(2 * categories.names.size(), "column " + column));
    std::vector<std::uint64_t> counts(categories.names.size());
    for (const std::int32_t code : categories.codes) counts[static_cast<std::size_t>(code)] += 1;
    for (std::size_t i = 0; i < counts.size(); ++i) {
      PutEvent({{column, categories.names[i]}}, {}, counts[i], table_.rows());
    }
    return {};
  }

  Status MeasureColumn(const std::string& name, const Request& request) {
    ATTESTML_TRY(const data::ColumnData* column, FindColumn(table_, name));
    const bool numeric = column->type == ColumnType::kNumeric;
    const auto missing = static_cast<std::uint64_t>(
        numeric ? std::count_if(column->numbers.begin(), column->numbers.end(), [](double x) { return std::isnan(x); })
                : std::count(column->codes.begin(), column->codes.end(), data::kMissingCode));
    ATTESTML_CHECK(Reserve(2, "column " + name));
    PutColumn(name, MakeCount("missing-count", missing, table_.rows()));
    PutColumn(name,
              MakeResult("missing-rate",
                         Ratio(static_cast<double>(missing), static_cast<double>(table_.rows()), reason::kNoRecords),
                         table_.rows()));
    if (numeric) ATTESTML_CHECK(MeasureNumeric(*column, request.quantiles));
    if (!numeric || request.bins.contains(name)) ATTESTML_CHECK(MeasureMarginal(name, request.bins));
    return {};
  }

  Status MeasureJoint(const NameList& columns, const Bins& bins) {
    ATTESTML_TRY(const Grouping grouping, MakeGrouping(table_, columns, bins));
    ATTESTML_CHECK(Reserve(2 * grouping.groups.size(), "joint"));
    for (const Group& group : grouping.groups) PutEvent(group.key, {}, group.rows.size(), table_.rows());
    return {};
  }

  Status MeasureConditional(const Conditional& conditional, const Bins& bins) {
    ATTESTML_TRY(const Grouping given, MakeGrouping(table_, conditional.given, bins));
    ATTESTML_TRY(const Grouping of, MakeGrouping(table_, conditional.of, bins));
    ATTESTML_CHECK(Reserve(2 * given.groups.size() * of.groups.size(), "conditional"));
    std::vector<std::size_t> event(table_.rows());
    for (std::size_t i = 0; i < of.groups.size(); ++i) {
      for (const std::uint32_t row : of.groups[i].rows) event[row] = i;
    }
    for (const Group& condition : given.groups) {
      std::vector<std::uint64_t> counts(of.groups.size());
      for (const std::uint32_t row : condition.rows) counts[event[row]] += 1;
      for (std::size_t i = 0; i < counts.size(); ++i) {
        PutEvent(of.groups[i].key, condition.key, counts[i], condition.rows.size());
      }
    }
    return {};
  }

  // Smallest class / largest class; records without a label are in none.
  Status MeasureClassBalance(const Bins& bins) {
    const auto& target = table_.selection().target;
    if (!target) return {};
    ATTESTML_TRY(const data::ColumnData* column, FindColumn(table_, target->column));
    if (column->type == ColumnType::kNumeric) return {};
    ATTESTML_TRY(const Categories categories, MakeCategories(table_, target->column, bins));
    std::vector<std::uint64_t> counts(categories.names.size());
    for (const std::int32_t code : categories.codes) counts[static_cast<std::size_t>(code)] += 1;
    if (!categories.names.empty() && categories.names.back().empty()) counts.pop_back();
    std::uint64_t labelled = 0;
    for (const std::uint64_t count : counts) labelled += count;
    const auto low = std::min_element(counts.begin(), counts.end());
    const auto high = std::max_element(counts.begin(), counts.end());
    const Value none = Value::Undefined(reason::kNoValues);
    out_->push_back(MakeResult(
        "class-balance",
        counts.empty() ? none : Ratio(static_cast<double>(*low), static_cast<double>(*high), reason::kNoValues),
        labelled));
    return {};
  }

 private:
  const data::Table& table_;
  std::vector<MetricResult>* out_;
};

}  // namespace

Result<Measurement> Distribution::Measure(const Inputs& inputs) const {
  if (inputs.table == nullptr) return Usage("property.inputs", "distribution: want a table");
  const data::Table& table = *inputs.table;
  ATTESTML_TRY(const Parameters parameters,
               Parameters::Read(name(), inputs.parameters, statement::FindProperty(name())->parameters));
  ATTESTML_TRY(const Request request, ReadRequest(parameters, table));
  if (inputs.references.size() > 1) {
    return Usage("property.reference",
                 "distribution: " + std::to_string(inputs.references.size()) + " references, want at most one");
  }
  Measurement measurement;
  Collector collector(table, &measurement.results);
  measurement.results.push_back(MakeCount("records", table.rows(), table.rows()));
  ATTESTML_CHECK(collector.MeasureClassBalance(request.bins));
  for (const std::string& column : request.columns) ATTESTML_CHECK(collector.MeasureColumn(column, request));
  for (const NameList& columns : request.joint) ATTESTML_CHECK(collector.MeasureJoint(columns, request.bins));
  for (const Conditional& conditional : request.conditional) {
    ATTESTML_CHECK(collector.MeasureConditional(conditional, request.bins));
  }
  for (const data::Table* reference : inputs.references) {
    if (reference == nullptr) return Usage("property.reference", "distribution: a reference is not there");
    ATTESTML_CHECK(collector.Reserve(7 * request.columns.size(), "representativeness"));
    for (const std::string& column : request.columns) {
      ATTESTML_CHECK(
          MeasureRepresentativeness(table, *reference, column, request.bins, request.psi_floor, &measurement.results));
    }
  }
  return measurement;
}

}  // namespace attestml::properties
