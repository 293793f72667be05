// FitEncoding and Encode: spec/encoding.md.
#include <algorithm>
#include <cmath>

#include "data/table.h"

namespace attestml::data {
namespace {

using statement::ColumnType;
using statement::EncodedColumn;
using statement::Encoding;

constexpr std::size_t kMaxWidth = 1'000'000;

std::string Name(const std::string& column) { return "column \"" + column + "\""; }

// The values that occur in the table, sorted: a dictionary also holds those of other selections of the file.
std::vector<std::string> Occurring(const ColumnData& column) {
  std::vector<bool> seen(column.values.size());
  for (const std::int32_t code : column.codes) {
    if (code != kMissingCode) seen[static_cast<std::size_t>(code)] = true;
  }
  std::vector<std::string> out;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    if (seen[i]) out.push_back(column.values[i]);
  }
  std::sort(out.begin(), out.end());
  return out;
}

Status FitNumeric(const ColumnData& column, EncodedColumn* out) {
  double sum = 0;
  std::size_t n = 0;
  bool varies = false;
  double first = 0;
  for (const double value : column.numbers) {
    if (std::isnan(value)) continue;
    if (n == 0) first = value;
    varies = varies || value != first;
    sum += value;
    ++n;
  }
  // Rounding could leave equal values with a mean that is not theirs and a tiny scale.
  if (!varies) {
    out->mean = first;
    return {};
  }
  out->mean = sum / static_cast<double>(n);
  double squares = 0;
  for (const double value : column.numbers) {
    if (!std::isnan(value)) squares += (value - out->mean) * (value - out->mean);
  }
  out->scale = std::sqrt(squares / static_cast<double>(n));
  if (!std::isfinite(out->mean) || !std::isfinite(out->scale) || out->scale == 0) {
    return Malformed("encoding.range", Name(column.name) + " holds numbers too large or too close to standardise");
  }
  return {};
}

Result<std::vector<std::string>> FitClasses(const Table& train) {
  const auto& target = train.selection().target;
  if (!target) return Usage("encoding.target", "the training selection has no target");
  const ColumnData& column = *train.Find(target->column);
  if (std::find(column.codes.begin(), column.codes.end(), kMissingCode) != column.codes.end()) {
    return Malformed("encoding.target", train.file().name() + ": a training record misses its label");
  }
  std::vector<std::string> classes = Occurring(column);
  if (classes.size() < 2)
    return Malformed("encoding.classes", "the training records are of one class, want at least 2");
  if (!target->positive.empty()) {
    const auto positive = std::find(classes.begin(), classes.end(), target->positive);
    if (positive == classes.end()) {
      return Malformed("encoding.positive", "no training record is of the positive class \"" + target->positive + "\"");
    }
    if (classes.size() == 2 && positive == classes.begin()) std::swap(classes[0], classes[1]);
  }
  return classes;
}

// Where each value of a table's dictionary stands in the vocabulary; -1 for a value that was not in training.
std::vector<std::int32_t> Places(const ColumnData& column, const EncodedColumn& input) {
  std::vector<std::int32_t> places;
  places.reserve(column.values.size());
  for (const std::string& value : column.values) {
    const auto it = std::lower_bound(input.vocabulary.begin(), input.vocabulary.end(), value);
    const bool known = it != input.vocabulary.end() && *it == value;
    places.push_back(known ? static_cast<std::int32_t>(it - input.vocabulary.begin()) : -1);
  }
  return places;
}

struct Plan {
  const ColumnData* data = nullptr;
  const EncodedColumn* input = nullptr;
  std::size_t offset = 0;
  std::vector<std::int32_t> places;
};

bool EncodeNumeric(const Plan& plan, std::size_t begin, std::size_t end, std::size_t width, float* out) {
  const double mean = plan.input->mean;
  const double scale = plan.input->scale;
  bool good = true;
  float* to = out + begin * width + plan.offset;
  for (std::size_t row = begin; row < end; ++row, to += width) {
    const double value = plan.data->numbers[row];
    if (std::isnan(value)) {
      if (plan.input->missing_input) to[1] = 1;
      continue;
    }
    *to = static_cast<float>((value - mean) / scale);
    good = good && std::isfinite(*to);
  }
  return good;
}

void EncodeCategorical(const Plan& plan, std::size_t begin, std::size_t end, std::size_t width, float* out) {
  const std::size_t size = plan.input->vocabulary.size();
  float* to = out + begin * width + plan.offset;
  for (std::size_t row = begin; row < end; ++row, to += width) {
    const std::int32_t code = plan.data->codes[row];
    if (code == kMissingCode) {
      if (plan.input->missing_input) to[size] = 1;
    } else if (const std::int32_t place = plan.places[static_cast<std::size_t>(code)]; place >= 0) {
      to[place] = 1;
    }
  }
}

}  // namespace

Result<Encoding> FitEncoding(const Table& train) {
  Encoding encoding;
  ATTESTML_TRY(encoding.classes, FitClasses(train));
  encoding.target = train.selection().target->column;
  const auto& schema = train.selection().columns;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (!schema[i].feature || schema[i].name == encoding.target) continue;
    const ColumnData& column = train.columns()[i];
    EncodedColumn input;
    input.column = column.name;
    input.type = column.type;
    for (std::size_t row = 0; row < train.rows() && !input.missing_input; ++row)
      input.missing_input = column.Missing(row);
    if (column.type == ColumnType::kNumeric) {
      ATTESTML_CHECK(FitNumeric(column, &input));
    } else {
      input.vocabulary = Occurring(column);
    }
    encoding.inputs.push_back(std::move(input));
  }
  if (encoding.inputs.empty()) return Usage("encoding.features", "no column is a feature");
  if (encoding.width() > kMaxWidth) {
    return Malformed("encoding.width", "the inputs are " + std::to_string(encoding.width()) +
                                           " numbers wide, want at most " + std::to_string(kMaxWidth));
  }
  return encoding;
}

Status Encode(const Table& table, const Encoding& encoding, std::vector<float>* out) {
  std::vector<Plan> plans;
  std::size_t width = 0;
  for (const EncodedColumn& input : encoding.inputs) {
    Plan plan{table.Find(input.column), &input, width, {}};
    if (plan.data == nullptr || plan.data->type != input.type) {
      return Malformed("encoding.columns", table.file().name() + " has no " +
                                               (input.type == ColumnType::kNumeric ? "numeric " : "categorical ") +
                                               Name(input.column) + ", which the model wants");
    }
    if (input.type == ColumnType::kCategorical) plan.places = Places(*plan.data, input);
    width += input.width();
    plans.push_back(std::move(plan));
  }
  out->assign(table.rows() * width, 0.0F);
  // A block of rows stays in the cache while the columns are put into it one after the other.
  constexpr std::size_t kBlock = 256;
  for (std::size_t begin = 0; begin < table.rows(); begin += kBlock) {
    const std::size_t end = std::min(table.rows(), begin + kBlock);
    for (const Plan& plan : plans) {
      if (plan.input->type == ColumnType::kCategorical) {
        EncodeCategorical(plan, begin, end, width, out->data());
      } else if (!EncodeNumeric(plan, begin, end, width, out->data())) {
        return Malformed("encoding.range", table.file().name() + ": " + Name(plan.input->column) +
                                               " holds a number that is too large for the model");
      }
    }
  }
  return {};
}

}  // namespace attestml::data
