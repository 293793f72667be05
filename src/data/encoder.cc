#include "data/encoder.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numeric>

#include "data/tokenizer.h"

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

// A target of one number alone says nothing that could be learnt.
Result<statement::NumericTarget> FitNumber(const Table& train, const ColumnData& column) {
  for (const double value : column.numbers) {
    if (std::isnan(value)) {
      return Malformed("encoding.target", train.file().name() + ": a training record misses its label");
    }
  }
  EncodedColumn fitted;
  ATTESTML_CHECK(FitNumeric(column, &fitted));
  if (std::all_of(column.numbers.begin(), column.numbers.end(), [&](double x) { return x == column.numbers[0]; })) {
    return Malformed("encoding.target",
                     train.file().name() + ": every training record has the same number as its label");
  }
  return statement::NumericTarget{fitted.mean, fitted.scale};
}

Result<std::vector<std::string>> FitClasses(const Table& train, const ColumnData& column) {
  const auto& target = train.selection().target;
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
  std::vector<std::int32_t> places;   // categorical
  std::vector<std::uint32_t> tokens;  // text: `length` ids a row of the table
};

bool EncodeNumeric(const Plan& plan, std::span<const std::uint32_t> rows, std::size_t width, float* out) {
  const double mean = plan.input->mean;
  const double scale = plan.input->scale;
  bool good = true;
  float* to = out + plan.offset;
  for (const std::uint32_t row : rows) {
    const double value = plan.data->numbers[row];
    if (std::isnan(value)) {
      if (plan.input->missing_input) to[1] = 1;
    } else {
      *to = static_cast<float>((value - mean) / scale);
      good = good && std::isfinite(*to);
    }
    to += width;
  }
  return good;
}

void EncodeCategorical(const Plan& plan, std::span<const std::uint32_t> rows, std::size_t width, float* out) {
  const std::size_t size = plan.input->vocabulary.size();
  float* to = out + plan.offset;
  for (const std::uint32_t row : rows) {
    const std::int32_t code = plan.data->codes[row];
    if (code == kMissingCode) {
      if (plan.input->missing_input) to[size] = 1;
    } else if (const std::int32_t place = plan.places[static_cast<std::size_t>(code)]; place >= 0) {
      to[place] = 1;
    }
    to += width;
  }
}

void EncodeImage(const Plan& plan, std::span<const std::uint32_t> rows, std::size_t width, float* out) {
  const EncodedColumn& input = *plan.input;
  const std::size_t area = std::size_t{input.shape[1]} * input.shape[2];
  // Every byte has one of 256 values, so each channel needs a table of as many, made in double.
  std::vector<float> table(256 * input.shape[0]);
  for (std::size_t channel = 0; channel < input.shape[0]; ++channel) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      table[256 * channel + byte] =
          static_cast<float>((static_cast<double>(byte) / 255 - input.means[channel]) / input.scales[channel]);
    }
  }
  float* to = out + plan.offset;
  for (const std::uint32_t row : rows) {
    const std::uint8_t* from = plan.data->cells[row].data();
    float* pixel = to;
    for (std::size_t channel = 0; channel < input.shape[0]; ++channel) {
      const float* value = table.data() + 256 * channel;
      for (std::size_t i = 0; i < area; ++i) *pixel++ = value[*from++];
    }
    to += width;
  }
}

bool EncodeTensor(const Plan& plan, std::span<const std::uint32_t> rows, std::size_t width, float* out) {
  const std::size_t size = plan.input->width();
  bool good = true;
  float* to = out + plan.offset;
  for (const std::uint32_t row : rows) {
    const std::uint8_t* from = plan.data->cells[row].data();
    for (std::size_t i = 0; i < size; ++i) {
      float value = 0;
      std::memcpy(&value, from + 4 * i, 4);
      to[i] = static_cast<float>((value - plan.input->mean) / plan.input->scale);
      good = good && std::isfinite(to[i]);
    }
    to += width;
  }
  return good;
}

void EncodeText(const Plan& plan, std::span<const std::uint32_t> rows, std::size_t width, float* out) {
  const std::size_t length = plan.input->length;
  float* to = out + plan.offset;
  for (const std::uint32_t row : rows) {
    for (std::size_t i = 0; i < length; ++i) to[i] = static_cast<float>(plan.tokens[row * length + i]);
    to += width;
  }
}

// Mean and population standard deviation of byte / 255 of each channel, from exact counts of each byte.
Status FitImage(const ColumnData& column, std::size_t rows, const EncodingConfig& config, EncodedColumn* out) {
  out->shape = column.shape;
  out->means.assign(column.shape[0], 0);
  out->scales.assign(column.shape[0], 1);
  if (!config.standardize) return {};
  const std::size_t area = std::size_t{column.shape[1]} * column.shape[2];
  std::vector<std::uint64_t> counts(256 * column.shape[0]);
  for (std::size_t row = 0; row < rows; ++row) {
    const std::uint8_t* from = column.cells[row].data();
    for (std::size_t channel = 0; channel < column.shape[0]; ++channel) {
      std::uint64_t* count = counts.data() + 256 * channel;
      for (std::size_t i = 0; i < area; ++i) ++count[*from++];
    }
  }
  const double n = static_cast<double>(rows) * static_cast<double>(area);
  for (std::size_t channel = 0; channel < column.shape[0]; ++channel) {
    const std::uint64_t* count = counts.data() + 256 * channel;
    std::uint64_t sum = 0;  // at most 2^24 · 2^32 · 255: fits
    for (std::size_t byte = 0; byte < 256; ++byte) sum += byte * count[byte];
    const double mean = static_cast<double>(sum) / n;
    double squares = 0;
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const double distance = static_cast<double>(byte) - mean;
      squares += distance * distance * static_cast<double>(count[byte]);
    }
    out->means[channel] = mean / 255;
    if (squares > 0) out->scales[channel] = std::sqrt(squares / n) / 255;
  }
  return {};
}

Status FitTensor(const ColumnData& column, std::size_t rows, const EncodingConfig& config, EncodedColumn* out) {
  out->shape = column.shape;
  const std::size_t size = out->width();
  double sum = 0;
  double squares = 0;
  const auto each = [&](const auto& take) {
    for (std::size_t row = 0; row < rows; ++row) {
      const std::uint8_t* from = column.cells[row].data();
      for (std::size_t i = 0; i < size; ++i) {
        float value = 0;
        std::memcpy(&value, from + 4 * i, 4);
        take(static_cast<double>(value));
      }
    }
  };
  if (!config.standardize) return {};
  const double n = static_cast<double>(rows) * static_cast<double>(size);
  each([&](double value) { sum += value; });
  out->mean = sum / n;
  each([&](double value) { squares += (value - out->mean) * (value - out->mean); });
  if (squares > 0) out->scale = std::sqrt(squares / n);
  if (!std::isfinite(out->mean) || !std::isfinite(out->scale) || out->scale == 0) {
    return Malformed("encoding.range", Name(column.name) + " holds numbers too large or too close to standardise");
  }
  return {};
}

Error OutOfRange(const std::string& file, const std::string& column) {
  return Malformed("encoding.range", file + ": " + Name(column) + " holds a number that is too large for the model");
}

}  // namespace

Result<Encoding> FitEncoding(const Table& train, const EncodingConfig& config) {
  Encoding encoding;
  const auto& target = train.selection().target;
  if (!target) return Usage("encoding.target", "the training selection has no target");
  encoding.target = target->column;
  const ColumnData& label = *train.Find(target->column);
  if (label.type == ColumnType::kNumeric) {
    ATTESTML_TRY(encoding.number, FitNumber(train, label));
  } else {
    ATTESTML_TRY(encoding.classes, FitClasses(train, label));
  }
  const auto& schema = train.selection().columns;
  for (std::size_t i = 0; i < schema.size(); ++i) {
    if (!schema[i].feature || schema[i].name == encoding.target) continue;
    const ColumnData& column = train.columns()[i];
    EncodedColumn input;
    input.column = column.name;
    input.type = column.type;
    for (std::size_t row = 0; row < train.rows() && !input.missing_input; ++row)
      input.missing_input = column.Missing(row);
    switch (column.type) {
      case ColumnType::kNumeric:
        ATTESTML_CHECK(FitNumeric(column, &input));
        break;
      case ColumnType::kCategorical:
        input.vocabulary = Occurring(column);
        break;
      case ColumnType::kImage:
        ATTESTML_CHECK(FitImage(column, train.rows(), config, &input));
        break;
      case ColumnType::kTensor:
        ATTESTML_CHECK(FitTensor(column, train.rows(), config, &input));
        break;
      case ColumnType::kText:
        ATTESTML_CHECK(FitTokenizer(column.texts, config, &input));
        break;
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

struct Encoder::Plans {
  Encoding encoding;  // the plans' inputs point into it
  std::string file;
  std::vector<Plan> plans;
  std::size_t width = 0;
};

Result<Encoder> Encoder::Make(const Table& table, const Encoding& encoding) {
  auto out = std::make_shared<Plans>();
  out->encoding = encoding;
  out->file = table.file().name();
  for (const EncodedColumn& input : out->encoding.inputs) {
    Plan plan{table.Find(input.column), &input, out->width, {}, {}};
    if (plan.data == nullptr || plan.data->type != input.type || plan.data->shape != input.shape) {
      return Malformed("encoding.columns", table.file().name() + " has no " +
                                               std::string(statement::ColumnTypeName(input.type)) + " " +
                                               Name(input.column) + " of that shape, which the model wants");
    }
    if (input.type == ColumnType::kCategorical) plan.places = Places(*plan.data, input);
    if (input.type == ColumnType::kText) {
      TextEncoder tokenizer(input);
      plan.tokens.resize(table.rows() * input.length);
      for (std::size_t row = 0; row < table.rows(); ++row) {
        tokenizer.Encode(plan.data->texts[row], plan.tokens.data() + row * input.length);
      }
    }
    out->width += input.width();
    out->plans.push_back(std::move(plan));
  }
  return Encoder(std::move(out));
}

std::size_t Encoder::width() const { return plans_->width; }

Status Encoder::Rows(std::span<const std::uint32_t> rows, float* out) const {
  std::fill_n(out, rows.size() * plans_->width, 0.0F);
  for (const Plan& plan : plans_->plans) {
    bool good = true;
    switch (plan.input->type) {
      case ColumnType::kNumeric:
        good = EncodeNumeric(plan, rows, plans_->width, out);
        break;
      case ColumnType::kCategorical:
        EncodeCategorical(plan, rows, plans_->width, out);
        break;
      case ColumnType::kImage:
        EncodeImage(plan, rows, plans_->width, out);
        break;
      case ColumnType::kTensor:
        good = EncodeTensor(plan, rows, plans_->width, out);
        break;
      case ColumnType::kText:
        EncodeText(plan, rows, plans_->width, out);
        break;
    }
    if (!good) return OutOfRange(plans_->file, plan.input->column);
  }
  return {};
}

Status Encode(const Table& table, const Encoding& encoding, std::vector<float>* out) {
  ATTESTML_TRY(const Encoder encoder, Encoder::Make(table, encoding));
  out->resize(table.rows() * encoder.width());
  // A block of rows stays in the cache while the columns are put into it one after the other.
  constexpr std::size_t kBlock = 256;
  std::vector<std::uint32_t> rows;
  for (std::size_t begin = 0; begin < table.rows(); begin += kBlock) {
    rows.resize(std::min(kBlock, table.rows() - begin));
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(begin));
    ATTESTML_CHECK(encoder.Rows(rows, out->data() + begin * encoder.width()));
  }
  return {};
}

}  // namespace attestml::data
