#include "properties/representativeness.h"

#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "base/decimal.h"
#include "properties/divergence.h"
#include "properties/groups.h"
#include "properties/results.h"
#include "properties/summary.h"

namespace attestml::properties {
namespace {

using data::ColumnData;

std::vector<double> Deciles(const ColumnData& column) {
  std::vector<double> present, levels, edges;
  for (const double number : column.numbers) {
    if (!std::isnan(number)) present.push_back(number);
  }
  for (int tenth = 1; tenth <= 9; ++tenth) levels.push_back(tenth / 10.0);
  for (const Value& value : Quantiles(present, levels)) {
    if (value.defined() && (edges.empty() || edges.back() < value.number())) edges.push_back(value.number());
  }
  return edges;
}

// Category → records of each side, those empty on both left out; missing is the category "".
CategoryCounts CountNumeric(const ColumnData& ours, const ColumnData& theirs, const std::vector<double>& edges) {
  const std::size_t missing = edges.size() + 1;
  std::vector<std::pair<std::uint64_t, std::uint64_t>> counts(missing + 1);
  const auto bin = [&](double number) { return std::isnan(number) ? missing : BinOf(edges, number); };
  for (const double number : ours.numbers) counts[bin(number)].first += 1;
  for (const double number : theirs.numbers) counts[bin(number)].second += 1;
  CategoryCounts out;
  for (const auto& [a, b] : counts) {
    if (a + b == 0) continue;
    out.ours.push_back(a);
    out.theirs.push_back(b);
  }
  return out;
}

CategoryCounts CountCategorical(const ColumnData& ours, const ColumnData& theirs) {
  const auto tally = [](const ColumnData& column) {
    std::vector<std::uint64_t> counts(column.values.size() + 1);  // the last for missing
    for (const std::int32_t code : column.codes) {
      counts[code == data::kMissingCode ? column.values.size() : static_cast<std::size_t>(code)] += 1;
    }
    return counts;
  };
  const std::vector<std::uint64_t> our_counts = tally(ours), their_counts = tally(theirs);
  std::map<std::string_view, std::pair<std::uint64_t, std::uint64_t>> by_name;  // sorted bytewise
  for (std::size_t i = 0; i < ours.values.size(); ++i) by_name[ours.values[i]].first = our_counts[i];
  for (std::size_t i = 0; i < theirs.values.size(); ++i) by_name[theirs.values[i]].second = their_counts[i];
  CategoryCounts out;
  const auto add = [&](std::uint64_t a, std::uint64_t b) {
    if (a + b == 0) return;
    out.ours.push_back(a);
    out.theirs.push_back(b);
  };
  for (const auto& [value, counts] : by_name) add(counts.first, counts.second);
  add(our_counts.back(), their_counts.back());
  return out;
}

std::string EdgesText(const std::vector<double>& edges) {
  std::string text;
  for (const double edge : edges) text += (text.empty() ? "" : ",") + FormatDecimal(edge);
  return text;
}

}  // namespace

Status MeasureRepresentativeness(const data::Table& table, const data::Table& reference, const std::string& name,
                                 const Bins& bins, std::optional<double> psi_floor,
                                 std::vector<statement::MetricResult>* out) {
  ATTESTML_TRY(const ColumnData* ours, FindColumn(table, name));
  const ColumnData* theirs = reference.Find(name);
  if (theirs == nullptr || theirs->type != ours->type) {
    return Usage("property.reference", "reference " + reference.file().name() + " has no column " + name +
                                           (theirs == nullptr ? "" : " of the same type"));
  }
  CategoryCounts counts;
  std::string at;
  if (ours->type == statement::ColumnType::kNumeric) {
    const auto given = bins.find(name);
    counts = CountNumeric(*ours, *theirs, given == bins.end() ? Deciles(*theirs) : given->second);
    if (given != bins.end()) at = EdgesText(given->second);
  } else {
    counts = CountCategorical(*ours, *theirs);
  }
  const auto put = [&](std::string_view metric, const Value& value, const std::string& qualifier) {
    statement::MetricResult result = MakeResult(metric, value, table.rows());
    result.column = name;
    result.at = qualifier;
    out->push_back(std::move(result));
  };
  put("total-variation", TotalVariation(counts), at);
  put("jensen-shannon", JensenShannon(counts), at);
  put("population-stability-index", PopulationStability(counts, std::nullopt), at);
  if (psi_floor) {
    put("population-stability-index", PopulationStability(counts, psi_floor),
        at + (at.empty() ? "" : ";") + "floor=" + FormatDecimal(*psi_floor));
  }
  const Homogeneity test = TestHomogeneity(counts);
  put("chi-square", test.statistic, at);
  put("chi-square-degrees", test.degrees, at);
  put("chi-square-p-value", test.p_value, at);
  return {};
}

}  // namespace attestml::properties
