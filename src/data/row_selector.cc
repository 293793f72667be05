#include "data/row_selector.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <span>

#include "base/decimal.h"
#include "base/random.h"

namespace attestml::data {
namespace {

using statement::Comparison;
using statement::Condition;
using statement::Selection;
using statement::Split;

constexpr std::uint64_t kWhole = 1'000'000'000;

const ColumnData& ColumnOf(const std::vector<ColumnData>& columns, const std::string& name) {
  return *std::find_if(columns.begin(), columns.end(), [&](const ColumnData& column) { return column.name == name; });
}

// A missing value is NaN, so that it satisfies no ordering; In asks for it.
bool Holds(double value, Comparison comparison, const std::vector<double>& wanted) {
  const bool in = std::find(wanted.begin(), wanted.end(), value) != wanted.end();
  switch (comparison) {
    case Comparison::kIn:
      return in;
    case Comparison::kNotIn:
      return !in && value == value;
    case Comparison::kLess:
      return value < wanted[0];
    case Comparison::kLessEqual:
      return value <= wanted[0];
    case Comparison::kGreater:
      return value > wanted[0];
    case Comparison::kGreaterEqual:
      return value >= wanted[0];
  }
  return false;
}

void Apply(const ColumnData& column, const Condition& condition, std::vector<std::uint32_t>* rows) {
  std::function<bool(std::uint32_t)> keep;
  if (column.type == statement::ColumnType::kNumeric) {
    std::vector<double> wanted;
    for (const std::string& text : condition.values) wanted.push_back(*ParseDecimal(text));
    std::sort(wanted.begin(), wanted.end());
    keep = [&column, &condition, wanted](std::uint32_t row) {
      return Holds(column.numbers[row], condition.comparison, wanted);
    };
  } else {
    std::vector<std::string> wanted = condition.values;
    std::sort(wanted.begin(), wanted.end());
    std::vector<bool> good;
    for (const std::string& value : column.values) {
      const bool in = std::binary_search(wanted.begin(), wanted.end(), value);
      good.push_back(in == (condition.comparison == Comparison::kIn));
    }
    keep = [&column, good](std::uint32_t row) {
      const std::int32_t code = column.codes[row];
      return code != kMissingCode && good[static_cast<std::size_t>(code)];
    };
  }
  std::erase_if(*rows, [&](std::uint32_t row) { return !keep(row); });
}

// Classes in bytewise order of their text; records without a label last.
std::vector<std::vector<std::uint32_t>> ByClass(const ColumnData& target, const std::vector<std::uint32_t>& rows) {
  std::vector<std::size_t> order(target.values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return target.values[a] < target.values[b]; });
  std::vector<std::size_t> place(order.size() + 1, order.size());
  for (std::size_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<std::vector<std::uint32_t>> groups(order.size() + 1);
  for (const std::uint32_t row : rows) {
    const std::int32_t code = target.codes[row];
    groups[place[code == kMissingCode ? order.size() : static_cast<std::size_t>(code)]].push_back(row);
  }
  return groups;
}

// The cut after fractions that add up to `sum` billionths: exact, so that parts neither share a record nor lose one.
std::size_t Cut(std::size_t n, std::uint64_t sum) { return static_cast<std::size_t>(n * sum / kWhole); }

Result<std::vector<std::uint32_t>> SelectPart(const std::vector<ColumnData>& columns, const Selection& selection,
                                              std::vector<std::uint32_t> rows) {
  const Split& split = *selection.split;
  std::uint64_t before = 0;
  std::uint64_t after = 0;
  for (const Split::Part& part : split.parts) {
    ATTESTML_TRY(const std::uint64_t fraction, statement::FractionBillionths(part.fraction));
    after = before + fraction;
    if (part.name == split.part) break;
    before = after;
  }
  std::vector<std::vector<std::uint32_t>> groups;
  if (split.stratify) {
    groups = ByClass(ColumnOf(columns, selection.target->column), rows);
  } else {
    groups.push_back(std::move(rows));
  }
  Random random(split.seed, "split");
  std::vector<std::uint32_t> chosen;
  for (std::vector<std::uint32_t>& group : groups) {
    random.Shuffle(std::span(group));
    const auto begin = group.begin();
    chosen.insert(chosen.end(), begin + static_cast<std::ptrdiff_t>(Cut(group.size(), before)),
                  begin + static_cast<std::ptrdiff_t>(Cut(group.size(), after)));
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace

Result<std::vector<std::uint32_t>> SelectRows(const std::vector<ColumnData>& columns, std::size_t num_rows,
                                              const Selection& selection) {
  std::vector<std::uint32_t> rows(num_rows);
  std::iota(rows.begin(), rows.end(), 0U);
  if (selection.missing == statement::MissingPolicy::kDrop) {
    std::vector<std::uint8_t> misses(num_rows, 0);
    for (const ColumnData& column : columns) {
      for (std::size_t row = 0; row < num_rows; ++row) misses[row] |= static_cast<std::uint8_t>(column.Missing(row));
    }
    std::erase_if(rows, [&](std::uint32_t row) { return misses[row] != 0; });
  }
  for (const Condition& condition : selection.filter) Apply(ColumnOf(columns, condition.column), condition, &rows);
  if (selection.split) return SelectPart(columns, selection, std::move(rows));
  return rows;
}

}  // namespace attestml::data
