#include "base/json.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace attestml {
namespace {

constexpr std::int64_t kMaxInteger = (std::int64_t{1} << 53) - 1;

// A SAX pass that refuses what the DOM parser would let pass, and builds the value as it goes.
class StrictSax final : public nlohmann::json_sax<Json> {
 public:
  StrictSax(Json* root, const JsonLimits& limits) : dom_(*root, false), limits_(limits) {}

  bool null() override { return Count() && dom_.null(); }
  bool boolean(bool v) override { return Count() && dom_.boolean(v); }
  bool number_integer(number_integer_t v) override {
    if (!Count()) return false;
    if (v < -kMaxInteger) return Fail("json.number", "an integer is smaller than -2^53+1");
    return dom_.number_integer(v);
  }
  bool number_unsigned(number_unsigned_t v) override {
    if (!Count()) return false;
    if (v > static_cast<std::uint64_t>(kMaxInteger)) return Fail("json.number", "an integer is larger than 2^53-1");
    return dom_.number_unsigned(v);
  }
  bool number_float(number_float_t v, const string_t& s) override {
    if (!Count()) return false;
    if (!limits_.allow_floats) return Fail("json.number", "number " + s.substr(0, 32) + " is not an integer");
    if (!std::isfinite(v)) return Fail("json.number", "a number is out of range");
    return dom_.number_float(v, s);
  }
  bool string(string_t& v) override { return Count() && dom_.string(v); }
  bool binary(binary_t&) override { return Fail("json.syntax", "a binary value"); }
  bool start_object(std::size_t n) override {
    if (!Enter()) return false;
    keys_.emplace_back();
    return dom_.start_object(n);
  }
  bool key(string_t& v) override {
    if (!keys_.back().insert(v).second)
      return Fail("json.duplicate_key", "member \"" + v.substr(0, 64) + "\" stands twice");
    return dom_.key(v);
  }
  bool end_object() override {
    --depth_;
    keys_.pop_back();
    return dom_.end_object();
  }
  bool start_array(std::size_t n) override { return Enter() && dom_.start_array(n); }
  bool end_array() override {
    --depth_;
    return dom_.end_array();
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return Fail("json.syntax", "not JSON at byte " + std::to_string(position));
  }

  const std::optional<Error>& error() const { return error_; }

 private:
  bool Count() {
    if (++values_ > limits_.max_values) {
      return Fail("json.size", "more than " + std::to_string(limits_.max_values) + " values");
    }
    return true;
  }
  bool Enter() {
    if (!Count()) return false;
    if (++depth_ > limits_.max_depth) {
      return Fail("json.depth", "nested deeper than " + std::to_string(limits_.max_depth));
    }
    return true;
  }
  bool Fail(std::string_view id, std::string message) {
    if (!error_) error_ = Malformed(id, std::move(message));
    return false;
  }

  nlohmann::detail::json_sax_dom_parser<Json> dom_;
  const JsonLimits& limits_;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
  std::vector<std::set<std::string>> keys_;
  std::optional<Error> error_;
};

std::string DumpByLibrary(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

template <typename Integer>
void AppendInteger(Integer value, std::string* out) {
  std::array<char, 20> digits;  // "-9223372036854775808"
  out->append(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr);
}

void AppendJson(const Json& value, std::string* out) {
  switch (value.type()) {
    case Json::value_t::object: {
      char before = '{';
      for (const auto& [name, member] : value.get_ref<const Json::object_t&>()) {
        *out += std::exchange(before, ',');
        AppendJsonString(name, out);
        *out += ':';
        AppendJson(member, out);
      }
      *out += value.empty() ? "{}" : "}";
      return;
    }
    case Json::value_t::array: {
      char before = '[';
      for (const Json& element : value) {
        *out += std::exchange(before, ',');
        AppendJson(element, out);
      }
      *out += value.empty() ? "[]" : "]";
      return;
    }
    case Json::value_t::string:
      return AppendJsonString(value.get_ref<const std::string&>(), out);
    case Json::value_t::number_integer:
      return AppendInteger(value.get<std::int64_t>(), out);
    case Json::value_t::number_unsigned:
      return AppendInteger(value.get<std::uint64_t>(), out);
    case Json::value_t::null:
    case Json::value_t::boolean:
    case Json::value_t::number_float:
    case Json::value_t::binary:
    case Json::value_t::discarded:
      *out += DumpByLibrary(value);
  }
}

}  // namespace

Result<Json> ParseJson(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) {
    return Malformed("json.size", "JSON of " + std::to_string(text.size()) + " bytes, want at most " +
                                      std::to_string(limits.max_bytes));
  }
  Json root;
  StrictSax sax(&root, limits);
  const bool parsed = Json::sax_parse(text, &sax);
  if (sax.error()) return *sax.error();
  if (!parsed) return Malformed("json.syntax", "not JSON");
  return root;
}

std::string DumpJson(const Json& value) {
  std::string out;
  AppendJson(value, &out);
  return out;
}

void AppendJsonString(std::string_view text, std::string* out) {
  // Most strings are plain; the rest is left to the one writer that knows about escapes and bad UTF-8.
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c != '"' && c != '\\'; });
  if (!plain) {
    *out += DumpByLibrary(Json(text));
    return;
  }
  *out += '"';
  *out += text;
  *out += '"';
}

std::string PrettyJson(const Json& value) { return value.dump(2, ' ', false, Json::error_handler_t::replace) + "\n"; }

JsonObject::JsonObject(const Json& value, std::string id, std::string what)
    : value_(&value), id_(std::move(id)), what_(std::move(what)) {}

Result<const Json*> JsonObject::Find(std::string_view name, Json::value_t type, std::string_view type_name) {
  if (!value_->is_object()) return Malformed(id_, what_ + " is not an object");
  asked_.emplace_back(name);
  const auto it = value_->find(name);
  if (it == value_->end()) return Malformed(id_, what_ + " has no member \"" + std::string(name) + "\"");
  if (it->type() != type) {
    return Malformed(id_, what_ + " member \"" + std::string(name) + "\" is not " + std::string(type_name));
  }
  return &*it;
}

Result<std::string> JsonObject::String(std::string_view name) {
  ATTESTML_TRY(const Json* member, Find(name, Json::value_t::string, "a string"));
  return member->get_ref<const std::string&>();
}

Result<std::uint64_t> JsonObject::Unsigned(std::string_view name) {
  ATTESTML_TRY(const Json* member, Find(name, Json::value_t::number_unsigned, "an unsigned integer"));
  return member->get<std::uint64_t>();
}

Result<bool> JsonObject::Bool(std::string_view name) {
  ATTESTML_TRY(const Json* member, Find(name, Json::value_t::boolean, "true or false"));
  return member->get<bool>();
}

Result<const Json*> JsonObject::Object(std::string_view name) { return Find(name, Json::value_t::object, "an object"); }

Result<const Json*> JsonObject::Array(std::string_view name) { return Find(name, Json::value_t::array, "an array"); }

const Json* JsonObject::Optional(std::string_view name) {
  if (!value_->is_object()) return nullptr;
  asked_.emplace_back(name);
  const auto it = value_->find(name);
  return it == value_->end() ? nullptr : &*it;
}

bool JsonObject::Has(std::string_view name) const { return value_->is_object() && value_->contains(name); }

Status JsonObject::Finish() const {
  if (!value_->is_object()) return Malformed(id_, what_ + " is not an object");
  for (const auto& member : value_->items()) {
    if (std::find(asked_.begin(), asked_.end(), member.key()) == asked_.end()) {
      return Malformed(id_, what_ + " has an unknown member \"" + member.key().substr(0, 64) + "\"");
    }
  }
  return {};
}

}  // namespace attestml
