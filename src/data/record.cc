#include "data/record.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <utility>

#include "base/decimal.h"
#include "crypto/merkle.h"

namespace attestml::data {
namespace {

constexpr std::string_view kNull = ",null";
constexpr std::size_t kMaxNumber = 32;  // `,"-2.2250738585072014e-308"` has 26
// Short pieces are copied with one move of this fixed size; both ends have that much room to spare.
constexpr std::size_t kMove = 32;

void AppendEscaped(std::string_view text, std::string* out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (const char c : text) {
    switch (c) {
      case '"':
        *out += "\\\"";
        break;
      case '\\':
        *out += "\\\\";
        break;
      case '\b':
        *out += "\\b";
        break;
      case '\f':
        *out += "\\f";
        break;
      case '\n':
        *out += "\\n";
        break;
      case '\r':
        *out += "\\r";
        break;
      case '\t':
        *out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          *out += "\\u00";
          *out += kHex[static_cast<unsigned char>(c) >> 4U];
          *out += kHex[static_cast<unsigned char>(c) & 15U];
        } else {
          *out += c;
        }
    }
  }
}

char* Copy(const char* from, std::size_t size, char* to) {
  std::memcpy(to, from, kMove);
  if (size > kMove) std::memcpy(to + kMove, from + kMove, size - kMove);
  return to + size;
}

// What small whole numbers, which most are, look like in a record: `,"57"`.
class SmallNumbers {
 public:
  static constexpr std::int64_t kEnd = 1000;

  SmallNumbers() {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      const std::string text = ",\"" + std::to_string(i) + '"';
      std::copy(text.begin(), text.end(), entries_[i].text.begin());
      entries_[i].size = static_cast<std::uint8_t>(text.size());
    }
  }
  char* Write(std::int64_t value, char* to) const {
    const Entry& entry = entries_[static_cast<std::size_t>(value)];
    std::memcpy(to, entry.text.data(), entry.text.size());
    return to + entry.size;
  }

 private:
  struct Entry {
    std::array<char, 7> text{};
    std::uint8_t size = 0;
  };
  std::array<Entry, kEnd> entries_;
};

char* WriteNumber(double value, char* to) {
  static const SmallNumbers kSmallNumbers;
  if (value != value) return std::copy(kNull.begin(), kNull.end(), to);
  // Minus zero is written as zero, so it may go through here too.
  if (value >= 0 && value < static_cast<double>(SmallNumbers::kEnd)) {
    const auto small = static_cast<std::int64_t>(value);
    if (static_cast<double>(small) == value) return kSmallNumbers.Write(small, to);
  }
  *to++ = ',';
  *to++ = '"';
  // Digits are the shortest text of a whole number unless it ends in five zeros ("1e+05"), and exact below 2^53.
  constexpr double kExact = 1e15;
  const auto whole = static_cast<std::int64_t>(std::clamp(value, -kExact, kExact));
  const bool plain = (whole > -100000 && whole < 100000) || whole % 100000 != 0;
  if (plain && static_cast<double>(whole) == value) {
    to = std::to_chars(to, to + kMaxNumber, whole).ptr;
  } else {
    const std::string text = FormatDecimal(value);
    to = std::copy(text.begin(), text.end(), to);
  }
  *to++ = '"';
  return to;
}

std::uint64_t Prefix(const crypto::Digest256& digest) {
  std::uint64_t prefix = 0;
  for (std::size_t i = 0; i < 8; ++i) prefix = prefix << 8U | digest[i];
  return prefix;
}

}  // namespace

RecordWriter::RecordWriter(const std::vector<ColumnData>& columns, std::optional<std::size_t> omit) {
  std::size_t room = 3;  // the domain byte and the brackets
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (omit == i) continue;
    Column column{&columns[i], {}, {}};
    std::size_t longest = kMaxNumber;
    if (columns[i].type == statement::ColumnType::kImage || columns[i].type == statement::ColumnType::kTensor) {
      column.cells = true;
      column.pieces = ",\"" + std::string(statement::ColumnTypeName(columns[i].type));
      for (std::size_t k = 0; k < columns[i].shape.size(); ++k) {
        column.pieces += (k == 0 ? " " : "x") + std::to_string(columns[i].shape[k]);
      }
      column.pieces += '"';
      longest = column.pieces.size() + columns[i].cells.size;
    } else if (columns[i].type == statement::ColumnType::kText) {
      longest = 0;
      for (const std::string& text : columns[i].texts) longest = std::max(longest, text.size());
      longest = 6 * longest + 3;
    } else if (columns[i].type == statement::ColumnType::kCategorical) {
      column.ends.push_back(0);
      for (const std::string& value : columns[i].values) {
        column.pieces += ",\"";
        AppendEscaped(value, &column.pieces);
        column.pieces += '"';
        column.ends.push_back(column.pieces.size());
        longest = std::max(longest, column.ends.back() - column.ends[column.ends.size() - 2]);
      }
      column.pieces += kNull;
      column.ends.push_back(column.pieces.size());
      column.pieces.append(kMove, ' ');
    }
    room += longest;
    columns_.push_back(std::move(column));
  }
  buffer_.resize(room + kMove);
}

std::string_view RecordWriter::Write(std::size_t row) {
  char* const begin = reinterpret_cast<char*>(buffer_.data()) + 1;
  char* to = begin;
  for (const Column& column : columns_) {
    if (column.data->type == statement::ColumnType::kNumeric) {
      to = WriteNumber(column.data->numbers[row], to);
    } else if (column.cells) {
      to = std::copy(column.pieces.begin(), column.pieces.end(), to);
    } else if (column.data->type == statement::ColumnType::kText) {
      std::string escaped = ",\"";
      AppendEscaped(column.data->texts[row], &escaped);
      escaped += '"';
      to = std::copy(escaped.begin(), escaped.end(), to);
    } else {
      const std::int32_t code = column.data->codes[row];
      const std::size_t piece = code == kMissingCode ? column.data->values.size() : static_cast<std::size_t>(code);
      to = Copy(column.pieces.data() + column.ends[piece], column.ends[piece + 1] - column.ends[piece], to);
    }
  }
  if (to == begin) ++to;
  *begin = '[';  // where the first comma was
  *to++ = ']';
  for (const Column& column : columns_) {
    if (!column.cells) continue;
    const BytesView bytes = column.data->cells[row];
    std::memcpy(to, bytes.data(), bytes.size());
    to += bytes.size();
  }
  return {begin, static_cast<std::size_t>(to - begin)};
}

void RecordWriter::AddLeaf(std::size_t row, crypto::Sha256Batch* batch, crypto::Digest256* out) {
  const std::size_t size = Write(row).size();
  batch->Add(BytesView(buffer_).first(size + 1), out);
}

crypto::Digest256 SortedRoot(std::vector<crypto::Digest256> leaves) {
  // Leaves are hashes, so their first bytes spread them evenly over buckets of a few each. Buckets that somebody took
  // the trouble to fill are sorted like any other.
  const int bits = std::clamp(static_cast<int>(std::bit_width(leaves.size())) - 2, 1, 24);
  const auto bucket = [bits](const crypto::Digest256& leaf) { return Prefix(leaf) >> (64 - bits); };
  std::vector<std::size_t> ends(std::size_t{1} << bits, 0);
  for (const auto& leaf : leaves) ++ends[bucket(leaf)];
  std::size_t sum = 0;
  for (std::size_t& end : ends) end = std::exchange(sum, sum + end);
  std::vector<crypto::Digest256> sorted(leaves.size());
  for (const auto& leaf : leaves) sorted[ends[bucket(leaf)]++] = leaf;
  auto begin = sorted.begin();
  for (const std::size_t end : ends) {
    const auto stop = sorted.begin() + static_cast<std::ptrdiff_t>(end);
    std::sort(begin, stop, [](const auto& a, const auto& b) { return std::memcmp(a.data(), b.data(), a.size()) < 0; });
    begin = stop;
  }
  return crypto::MerkleRoot(sorted);
}

}  // namespace attestml::data
