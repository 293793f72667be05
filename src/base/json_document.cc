#include "base/json_document.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>
#include <utility>

namespace attestml {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Whether a byte stands for itself in a string: ASCII but for controls, quote and backslash.
constexpr auto kPlain = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = 0x20; c < 0x80; ++c) table[c] = c != '"' && c != '\\';
  return table;
}();

constexpr std::uint64_t Repeat(std::uint8_t byte) { return byte * std::uint64_t{0x0101010101010101}; }

// Whether all eight bytes stand for themselves; for each test, the high bit of some byte is set when one does not.
bool AllPlain(const char* at) {
  std::uint64_t x = 0;
  std::memcpy(&x, at, sizeof x);
  const auto zero = [](std::uint64_t y) { return (y - Repeat(1)) & ~y; };
  const std::uint64_t special = x | ((x - Repeat(0x20)) & ~x) | zero(x ^ Repeat('"')) | zero(x ^ Repeat('\\'));
  return (special & Repeat(0x80)) == 0;
}

// A signed integer that is not below zero has the same text as an unsigned one. Only the value knows.
void MarkIntegers(const Json& value, JsonNode* node) {
  if (value.type() == Json::value_t::number_integer) node->kind = JsonKind::kInteger;
  JsonNode* within = node + 1;
  if (value.is_array()) {
    for (const Json& entry : value) {
      MarkIntegers(entry, within);
      within += within->nodes;
    }
  }
  if (value.is_object()) {
    for (const auto& member : value.items()) {
      MarkIntegers(member.value(), ++within);
      within += within->nodes;
    }
  }
}

}  // namespace

// Reads canonical text and indexes it. Says no to everything else, without saying why.
class CanonicalReader {
 public:
  CanonicalReader(std::string_view text, const JsonLimits& limits, JsonDocument* out)
      : at_(text.data()), end_(text.data() + text.size()), limits_(limits), out_(out) {}

  bool Read() {
    out_->nodes_.reserve(static_cast<std::size_t>(end_ - at_) / 10 + 1);
    return Value(0) && at_ == end_;
  }

 private:
  bool Skip(char c) {
    if (at_ == end_ || *at_ != c) return false;
    ++at_;
    return true;
  }

  std::size_t Add(JsonKind kind) {
    out_->nodes_.push_back({at_, 0, 0, 1, kind});
    return out_->nodes_.size() - 1;
  }

  // The node's text ends here.
  void Close(std::size_t index, std::uint32_t count) {
    JsonNode& node = out_->nodes_[index];
    node.size = static_cast<std::uint32_t>(at_ - node.data);
    node.count = count;
    node.nodes = static_cast<std::uint32_t>(out_->nodes_.size() - index);
  }

  bool Value(std::size_t depth) {
    if (at_ == end_ || ++values_ > limits_.max_values) return false;
    switch (*at_) {
      case '{':
        return depth < limits_.max_depth && Object(depth + 1);
      case '[':
        return depth < limits_.max_depth && Array(depth + 1);
      case '"':
        return String();
      case 't':
        return Word("true", JsonKind::kBool);
      case 'f':
        return Word("false", JsonKind::kBool);
      case 'n':
        return Word("null", JsonKind::kNull);
      default:
        return Integer();
    }
  }

  bool Object(std::size_t depth) {
    const std::size_t index = Add(JsonKind::kObject);
    ++at_;
    std::uint32_t count = 0;
    std::size_t last = 0;
    if (!Skip('}')) {
      do {
        const std::size_t name = out_->nodes_.size();
        if (at_ == end_ || *at_ != '"' || !String() || !Skip(':')) return false;
        // Ascending names are sorted and distinct.
        if (count > 0 && CompareNames(Text(last), Text(name)) >= 0) return false;
        if (!Value(depth)) return false;
        last = name;
        ++count;
      } while (Skip(','));
      if (!Skip('}')) return false;
    }
    Close(index, count);
    return true;
  }

  bool Array(std::size_t depth) {
    const std::size_t index = Add(JsonKind::kArray);
    ++at_;
    std::uint32_t count = 0;
    if (!Skip(']')) {
      do {
        if (!Value(depth)) return false;
        ++count;
      } while (Skip(','));
      if (!Skip(']')) return false;
    }
    Close(index, count);
    return true;
  }

  bool Word(std::string_view word, JsonKind kind) {
    if (!std::string_view(at_, static_cast<std::size_t>(end_ - at_)).starts_with(word)) return false;
    const std::size_t index = Add(kind);
    at_ += word.size();
    Close(index, 0);
    return true;
  }

  // "0", or [-]digits of at most 53 bits without leading zeros; what follows is the caller's to judge, so that a
  // fraction or an exponent is refused there.
  bool Integer() {
    constexpr std::uint64_t kMaxInteger = (std::uint64_t{1} << 53) - 1;
    const bool negative = *at_ == '-';
    const std::size_t index = Add(negative ? JsonKind::kInteger : JsonKind::kUnsigned);
    if (negative) ++at_;
    const char* const first = at_;
    std::uint64_t value = 0;
    while (at_ != end_ && IsDigit(*at_) && at_ - first <= 16)
      value = value * 10 + static_cast<std::uint64_t>(*at_++ - '0');
    if (at_ == first || value > kMaxInteger || (*first == '0' && (negative || at_ - first > 1))) return false;
    Close(index, 0);
    return true;
  }

  std::string_view Text(std::size_t index) const { return JsonView(&out_->nodes_[index]).String(); }

  bool String() {
    const std::size_t index = Add(JsonKind::kString);
    const char* const first = ++at_;
    while (end_ - at_ >= 8 && AllPlain(at_)) at_ += 8;
    while (at_ != end_ && *at_ != '"') {
      if (kPlain[static_cast<unsigned char>(*at_)]) {
        ++at_;
      } else if (static_cast<unsigned char>(*at_) >= 0x80) {
        if (!Utf8()) return false;
      } else if (*at_ == '\\') {
        return Escaped(index, first);
      } else {
        return false;
      }
    }
    out_->nodes_[index].data = first;
    out_->nodes_[index].size = static_cast<std::uint32_t>(at_ - first);
    return Skip('"');
  }

  // The rest of a string, from its first escape.
  bool Escaped(std::size_t index, const char* first) {
    std::string& text = out_->unescaped_.emplace_front(first, at_);
    while (at_ != end_ && *at_ != '"') {
      const auto c = static_cast<unsigned char>(*at_);
      if (c == '\\') {
        ++at_;
        if (!Escape(&text)) return false;
        continue;
      }
      const char* const from = at_;
      if (kPlain[c]) {
        ++at_;
      } else if (c < 0x80 || !Utf8()) {
        return false;
      }
      text.append(from, at_);
    }
    out_->nodes_[index].data = text.data();
    out_->nodes_[index].size = static_cast<std::uint32_t>(text.size());
    return Skip('"');
  }

  // The one way to write each character that needs an escape.
  bool Escape(std::string* text) {
    constexpr std::string_view kLetters = "\"\\bfnrt";
    constexpr std::string_view kMeant = "\"\\\b\f\n\r\t";
    constexpr std::string_view kHex = "0123456789abcdef";
    if (at_ == end_) return false;
    if (const std::size_t letter = kLetters.find(*at_); letter != std::string_view::npos) {
      ++at_;
      text->push_back(kMeant[letter]);
      return true;
    }
    if (end_ - at_ < 5 || std::string_view(at_, 3) != "u00" || (at_[3] != '0' && at_[3] != '1')) return false;
    const std::size_t low = kHex.find(at_[4]);
    if (low == std::string_view::npos) return false;
    const auto c = static_cast<char>((at_[3] - '0') * 16 + static_cast<int>(low));
    if (kMeant.find(c) != std::string_view::npos) return false;
    at_ += 5;
    text->push_back(c);
    return true;
  }

  // One character of two to four bytes, RFC 3629: nothing overlong, no surrogate, nothing above U+10FFFF.
  bool Utf8() {
    const auto byte = [this](std::ptrdiff_t i) { return static_cast<unsigned char>(at_[i]); };
    const unsigned char lead = byte(0);
    const std::ptrdiff_t size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (lead < 0xc2 || lead > 0xf4 || end_ - at_ < size) return false;
    const unsigned char low = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
    if (byte(1) < low || byte(1) > high) return false;
    for (std::ptrdiff_t i = 2; i < size; ++i) {
      if (byte(i) < 0x80 || byte(i) > 0xbf) return false;
    }
    at_ += size;
    return true;
  }

  const char* at_;
  const char* const end_;
  const JsonLimits& limits_;
  JsonDocument* out_;
  std::size_t values_ = 0;
};

Result<JsonDocument> JsonDocument::Parse(std::string_view text, JsonLimits limits) {
  limits.allow_floats = false;
  // Sizes within a document are 32 bits wide.
  limits.max_bytes = std::min<std::size_t>(limits.max_bytes, std::numeric_limits<std::uint32_t>::max() / 8);
  JsonDocument out;
  if (text.size() <= limits.max_bytes && CanonicalReader(text, limits, &out).Read()) return out;
  ATTESTML_TRY(const Json value, ParseJson(text, limits));
  return Of(value, limits);
}

Result<JsonDocument> JsonDocument::Of(const Json& value, const JsonLimits& limits) {
  JsonDocument out;
  out.text_ = std::make_unique<const std::string>(DumpJson(value));
  // Escapes make a text up to six times as long as one that was within the limit.
  JsonLimits wide = limits;
  wide.max_bytes = std::numeric_limits<std::uint32_t>::max();
  if (out.text_->size() <= wide.max_bytes && CanonicalReader(*out.text_, wide, &out).Read()) {
    MarkIntegers(value, out.nodes_.data());
    return out;
  }
  ATTESTML_CHECK(ParseJson(*out.text_, limits));
  return Malformed("json.syntax", "not JSON that has a canonical text");
}

std::size_t JsonDocument::LongestString() const {
  std::size_t longest = 0;
  for (const JsonNode& node : nodes_) {
    if (node.kind == JsonKind::kString) longest = std::max<std::size_t>(longest, node.size);
  }
  return longest;
}

std::uint64_t JsonView::Unsigned() const {
  std::uint64_t value = 0;
  for (const char c : Canonical()) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

JsonView JsonView::Find(std::string_view name) const {
  for (auto member = begin(); member != end(); ++member) {
    if (member.name() == name) return *member;
  }
  return {};
}

Json JsonView::ToJson() const {
  switch (kind()) {
    case JsonKind::kNull:
      return nullptr;
    case JsonKind::kBool:
      return Bool();
    case JsonKind::kUnsigned:
      return Unsigned();
    case JsonKind::kInteger: {
      std::int64_t value = 0;
      for (const char c : Canonical()) value = c == '-' ? value : value * 10 - (c - '0');
      return Canonical().front() == '-' ? value : -value;
    }
    case JsonKind::kString:
      return std::string(String());
    case JsonKind::kArray: {
      Json out = Json::array();
      for (const JsonView entry : *this) out.push_back(entry.ToJson());
      return out;
    }
    case JsonKind::kObject:
      break;
  }
  Json out = Json::object();
  auto& members = out.get_ref<Json::object_t&>();
  for (auto member = begin(); member != end(); ++member) {
    members.emplace_hint(members.end(), std::string(member.name()), (*member).ToJson());
  }
  return out;
}

}  // namespace attestml
