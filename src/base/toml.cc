#include "base/toml.h"

#include <algorithm>
#include <cmath>

#include "base/decimal.h"
#include "base/nearest_name.h"
#include "base/toml_library.h"

namespace attestml {
namespace {

constexpr std::size_t kMaxBytes = std::size_t{1} << 20;

std::string Place(const std::string& file, const toml::source_region& source) {
  if (source.begin.line == 0) return file;
  return file + ":" + std::to_string(source.begin.line);
}

// FindStrayByte returns where a byte stands that TOML allows only inside strings and comments (not ASCII) or nowhere
// (control characters), or npos. toml++ 3.3 leaves its defined behaviour on such bytes between tokens, so they must not
// reach it.
std::size_t FindStrayByte(std::string_view text) {
  enum class In { kPlain, kComment, kString };
  In in = In::kPlain;
  std::string_view quote;  // what ends the string: one quote, or three
  for (std::size_t at = text.starts_with("\xef\xbb\xbf") ? 3 : 0; at < text.size(); ++at) {
    const auto byte = static_cast<unsigned char>(text[at]);
    if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7f) return at;
    switch (in) {
      case In::kPlain:
        if (byte >= 0x80) return at;
        if (byte == '#') in = In::kComment;
        if (byte == '"' || byte == '\'') {
          const std::string_view rest = text.substr(at);
          const bool three = rest.starts_with(R"(""")") || rest.starts_with("'''");
          quote = rest.substr(0, three ? 3 : 1);
          at += quote.size() - 1;
          in = In::kString;
        }
        break;
      case In::kComment:
        if (byte == '\n') in = In::kPlain;
        break;
      case In::kString:
        if (byte == '\\' && quote[0] == '"') {
          ++at;
        } else if (text.substr(at).starts_with(quote)) {
          // A string of three quotes may end in up to two more, which are part of it.
          at += quote.size() - 1;
          while (quote.size() == 3 && at + 1 < text.size() && text[at + 1] == quote[0]) ++at;
          in = In::kPlain;
        } else if (byte == '\n' && quote.size() == 1) {
          in = In::kPlain;
        }
        break;
    }
  }
  return std::string_view::npos;
}

// A value of a --set argument: TOML when it parses as such, else a plain string.
void Assign(toml::table& into, std::string_view key, std::string_view value) {
  const std::string line = "v = " + std::string(value);
  if (FindStrayByte(line) != std::string_view::npos) {
    into.insert_or_assign(key, std::string(value));
    return;
  }
  const toml::parse_result parsed = toml::parse(line);
  if (parsed && parsed.table().size() == 1) {
    parsed.table().get("v")->visit([&](const auto& node) { into.insert_or_assign(key, node); });
    return;
  }
  into.insert_or_assign(key, std::string(value));
}

std::optional<Json> ToJson(const toml::node& node) {
  if (const auto* v = node.as_string()) return Json(v->get());
  if (const auto* v = node.as_integer()) return Json(v->get());
  if (const auto* v = node.as_boolean()) return Json(v->get());
  if (const auto* v = node.as_floating_point()) {
    if (!std::isfinite(v->get())) return std::nullopt;
    return Json(FormatDecimal(v->get()));
  }
  if (const auto* array = node.as_array()) {
    Json out = Json::array();
    for (const auto& element : *array) {
      auto value = ToJson(element);
      if (!value) return std::nullopt;
      out.push_back(std::move(*value));
    }
    return out;
  }
  if (const auto* table = node.as_table()) {
    Json out = Json::object();
    for (const auto& [key, element] : *table) {
      auto value = ToJson(element);
      if (!value) return std::nullopt;
      out[std::string(key.str())] = std::move(*value);
    }
    return out;
  }
  return std::nullopt;
}

}  // namespace

Json TomlToJson(const toml::table& table) { return ToJson(table).value_or(Json()); }

TomlDocument::TomlDocument(std::shared_ptr<toml::table> root, std::string file, std::string prefix)
    : root_(std::move(root)), file_(std::move(file)), prefix_(std::move(prefix)) {}

Result<TomlDocument> TomlDocument::Parse(std::string_view text, std::string file, std::string prefix) {
  if (text.size() > kMaxBytes) {
    return Usage(prefix + ".size", file + " has " + std::to_string(text.size()) + " bytes, want at most 1 MiB");
  }
  if (const std::size_t stray = FindStrayByte(text); stray != std::string_view::npos) {
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(stray), '\n');
    return Usage(prefix + ".syntax",
                 file + ":" + std::to_string(line) +
                     ": a control character, or one outside ASCII that is neither in a string nor in a comment");
  }
  toml::parse_result parsed = toml::parse(text, file);
  if (!parsed) {
    return Usage(prefix + ".syntax",
                 Place(file, parsed.error().source()) + ": not TOML: " + std::string(parsed.error().description()));
  }
  return TomlDocument(std::make_shared<toml::table>(std::move(parsed).table()), std::move(file), std::move(prefix));
}

Status TomlDocument::Set(std::string_view dotted_key, std::string_view value) {
  const auto bad = [&](std::string_view why) {
    return Usage(prefix_ + ".set", "cannot set " + std::string(dotted_key) + ": " + std::string(why));
  };
  toml::node* at = root_.get();
  while (true) {
    const std::size_t dot = dotted_key.find('.');
    const std::string_view key = dotted_key.substr(0, dot);
    if (key.empty()) return bad("a part of the key is empty");
    const bool last = dot == std::string_view::npos;
    if (auto* array = at->as_array()) {
      const auto index = ParseDecimal(key);
      if (!index || *index < 0 || *index != std::floor(*index) || *index >= static_cast<double>(array->size())) {
        return bad("\"" + std::string(key) + "\" is not one of its " + std::to_string(array->size()) + " elements");
      }
      if (last) return bad("an element of an array can only be changed by member");
      at = &(*array)[static_cast<std::size_t>(*index)];
    } else if (auto* table = at->as_table()) {
      if (last) {
        Assign(*table, key, value);
        return {};
      }
      if (!table->contains(key)) table->insert(key, toml::table{});
      at = table->get(key);
    } else {
      return bad("it runs through a plain value");
    }
    dotted_key.remove_prefix(dot + 1);
  }
}

TomlTable::TomlTable(const TomlDocument& document) : document_(&document), table_(&document.root()) {}

TomlTable::TomlTable(const TomlDocument& document, const toml::table& table, std::string path)
    : document_(&document), table_(&table), path_(std::move(path)) {}

const toml::node* TomlTable::Find(std::string_view key) {
  Allow(key);
  return table_->get(key);
}

void TomlTable::Allow(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
}

std::string TomlTable::Name(std::string_view key) const {
  return path_.empty() ? std::string(key) : path_ + "." + std::string(key);
}

Error TomlTable::At(std::string_view key, std::string_view id, std::string_view message) const {
  const toml::node* node = table_->get(key);
  const toml::source_region& source = node != nullptr ? node->source() : table_->source();
  return Usage(id, Place(document_->file(), source) + ": " + Name(key) + ": " + std::string(message));
}

Error TomlTable::WrongType(std::string_view key, std::string_view wanted) const {
  return At(key, document_->prefix() + ".type", "want " + std::string(wanted));
}

Result<std::optional<std::string>> TomlTable::String(std::string_view key) {
  const toml::node* node = Find(key);
  if (node == nullptr) return std::optional<std::string>();
  if (!node->is_string()) return WrongType(key, "a string");
  return std::optional(node->as_string()->get());
}

Result<std::string> TomlTable::String(std::string_view key, std::string_view fallback) {
  ATTESTML_TRY(auto value, String(key));
  return value ? *value : std::string(fallback);
}

Result<std::string> TomlTable::RequiredString(std::string_view key) {
  ATTESTML_TRY(auto value, String(key));
  if (!value) return At(key, document_->prefix() + ".missing", "is not there, want a string");
  return *value;
}

Result<std::optional<std::int64_t>> TomlTable::Integer(std::string_view key) {
  const toml::node* node = Find(key);
  if (node == nullptr) return std::optional<std::int64_t>();
  if (!node->is_integer()) return WrongType(key, "an integer");
  return std::optional(node->as_integer()->get());
}

Result<std::int64_t> TomlTable::Integer(std::string_view key, std::int64_t fallback, std::int64_t low,
                                        std::int64_t high) {
  ATTESTML_TRY(const auto value, Integer(key));
  if (!value) return fallback;
  if (*value < low || *value > high) {
    return At(key, document_->prefix() + ".value",
              "is " + std::to_string(*value) + ", want " + std::to_string(low) + " to " + std::to_string(high));
  }
  return *value;
}

Result<std::optional<double>> TomlTable::Number(std::string_view key) {
  const toml::node* node = Find(key);
  if (node == nullptr) return std::optional<double>();
  if (node->is_integer()) return std::optional(static_cast<double>(node->as_integer()->get()));
  if (!node->is_floating_point() || !std::isfinite(node->as_floating_point()->get())) {
    return WrongType(key, "a finite number");
  }
  return std::optional(node->as_floating_point()->get());
}

Result<double> TomlTable::Number(std::string_view key, double fallback, double low, double high) {
  ATTESTML_TRY(const auto value, Number(key));
  if (!value) return fallback;
  if (*value < low || *value > high) {
    return At(key, document_->prefix() + ".value",
              "is " + FormatDecimal(*value) + ", want " + FormatDecimal(low) + " to " + FormatDecimal(high));
  }
  return *value;
}

Result<bool> TomlTable::Bool(std::string_view key, bool fallback) {
  const toml::node* node = Find(key);
  if (node == nullptr) return fallback;
  if (!node->is_boolean()) return WrongType(key, "true or false");
  return node->as_boolean()->get();
}

Result<std::vector<std::string>> TomlTable::Strings(std::string_view key) {
  std::vector<std::string> out;
  const toml::node* node = Find(key);
  if (node == nullptr) return out;
  if (!node->is_array()) return WrongType(key, "an array of strings");
  for (const auto& element : *node->as_array()) {
    if (!element.is_string()) return WrongType(key, "an array of strings");
    out.push_back(element.as_string()->get());
  }
  return out;
}

Result<std::vector<std::int64_t>> TomlTable::Integers(std::string_view key) {
  std::vector<std::int64_t> out;
  const toml::node* node = Find(key);
  if (node == nullptr) return out;
  if (!node->is_array()) return WrongType(key, "an array of integers");
  for (const auto& element : *node->as_array()) {
    if (!element.is_integer()) return WrongType(key, "an array of integers");
    out.push_back(element.as_integer()->get());
  }
  return out;
}

Result<std::optional<TomlTable>> TomlTable::Table(std::string_view key) {
  const toml::node* node = Find(key);
  if (node == nullptr) return std::optional<TomlTable>();
  if (!node->is_table()) return WrongType(key, "a table");
  return std::optional(TomlTable(*document_, *node->as_table(), Name(key)));
}

Result<std::vector<TomlTable>> TomlTable::Tables(std::string_view key) {
  std::vector<TomlTable> out;
  const toml::node* node = Find(key);
  if (node == nullptr) return out;
  if (!node->is_array()) return WrongType(key, "an array of tables");
  std::size_t index = 0;
  for (const auto& element : *node->as_array()) {
    if (!element.is_table()) return WrongType(key, "an array of tables");
    out.push_back(TomlTable(*document_, *element.as_table(), Name(key) + "[" + std::to_string(index++) + "]"));
  }
  return out;
}

std::vector<std::string> TomlTable::Keys() {
  std::vector<std::string> out;
  for (const auto& [key, node] : *table_) {
    out.emplace_back(key.str());
    Allow(key.str());
  }
  return out;
}

bool TomlTable::Has(std::string_view key) const { return table_->contains(key); }

Result<std::optional<Json>> TomlTable::Value(std::string_view key) {
  const toml::node* node = Find(key);
  if (node == nullptr) return std::optional<Json>();
  auto value = ToJson(*node);
  if (!value) return WrongType(key, "strings, finite numbers, booleans, arrays or tables");
  return std::optional<Json>(std::move(*value));
}

Status TomlTable::Finish() const {
  for (const auto& [key, node] : *table_) {
    if (std::find(asked_.begin(), asked_.end(), key.str()) != asked_.end()) continue;
    std::vector<std::string_view> known(asked_.begin(), asked_.end());
    const std::string nearest = NearestName(key.str(), known);
    return At(key.str(), document_->prefix() + ".unknown_key",
              nearest.empty() ? "unknown key" : "unknown key, did you mean \"" + nearest + "\"?");
  }
  return {};
}

}  // namespace attestml
