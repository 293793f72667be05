#include "policy/toml_text.h"

namespace attestml::policy {

std::string TomlString(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

std::string TomlStrings(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (std::size_t i = 0; i < texts.size(); ++i) out += (i > 0 ? ", " : "") + TomlString(texts[i]);
  return out + "]";
}

std::string TomlValue(const Json& value) {
  if (value.is_string()) return TomlString(value.get_ref<const std::string&>());
  if (value.is_array()) {
    std::string out = "[";
    for (const Json& element : value) out += (out.size() > 1 ? ", " : "") + TomlValue(element);
    return out + "]";
  }
  if (value.is_object()) {
    std::string out = "{ ";
    for (const auto& member : value.items()) {
      out += (out.size() > 2 ? ", " : "") + TomlString(member.key()) + " = " + TomlValue(member.value());
    }
    return out + " }";
  }
  return value.is_null() ? "" : DumpJson(value);
}

std::string TomlPairs(const std::map<std::string, std::string>& pairs) {
  std::vector<std::string> parts;
  for (const auto& [column, value] : pairs) {
    parts.push_back("{ column = " + TomlString(column) + ", value = " + TomlString(value) + " }");
  }
  if (parts.size() == 1) return parts.front();
  std::string out = "[";
  for (std::size_t i = 0; i < parts.size(); ++i) out += (i > 0 ? ", " : "") + parts[i];
  return out + "]";
}

}  // namespace attestml::policy
