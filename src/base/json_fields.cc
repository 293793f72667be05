#include "base/json_fields.h"

#include <string>

namespace attestml {

JsonFields::JsonFields(JsonView value, std::string_view id, std::string_view what)
    : value_(value), id_(id), what_(what) {
  if (value_.is_object()) at_ = value_.node_ + 1;
}

JsonView JsonFields::Optional(std::string_view name) {
  if (!value_.is_object()) return {};
  const JsonNode* const first = value_.node_ + 1;
  const JsonNode* const end = value_.node_ + value_.node_->nodes;
  const auto text = [](const JsonNode* node) { return std::string_view(node->data, node->size); };
  // Everything before at_ is smaller than the last name asked for: only a smaller one needs the start again.
  if (last_.data() != nullptr && CompareNames(name, last_) < 0) {
    at_ = first;
    index_ = 0;
  }
  last_ = name;
  for (;; ++index_, at_ += 1 + at_[1].nodes) {
    if (at_ == end) return {};
    const int order = CompareNames(text(at_), name);
    if (order == 0) break;
    if (order > 0) return {};
  }
  if (index_ < 64) asked_ |= std::uint64_t{1} << index_;
  return JsonView(at_ + 1);
}

Error JsonFields::NotA(std::string_view name, std::string_view kind_name) const {
  return Malformed(id_, std::string(what_) + " member \"" + std::string(name) + "\" is not " + std::string(kind_name));
}

Result<JsonView> JsonFields::Find(std::string_view name, JsonKind kind, std::string_view kind_name) {
  if (!value_.is_object()) return Malformed(id_, std::string(what_) + " is not an object");
  const JsonView member = Optional(name);
  if (!member) return Malformed(id_, std::string(what_) + " has no member \"" + std::string(name) + "\"");
  if (member.kind() != kind) return NotA(name, kind_name);
  return member;
}

Result<std::string_view> JsonFields::String(std::string_view name) {
  ATTESTML_TRY(const JsonView member, Find(name, JsonKind::kString, "a string"));
  return member.String();
}

Result<std::uint64_t> JsonFields::Unsigned(std::string_view name) {
  ATTESTML_TRY(const JsonView member, Find(name, JsonKind::kUnsigned, "an unsigned integer"));
  return member.Unsigned();
}

Result<bool> JsonFields::Bool(std::string_view name) {
  ATTESTML_TRY(const JsonView member, Find(name, JsonKind::kBool, "true or false"));
  return member.Bool();
}

Result<JsonView> JsonFields::Object(std::string_view name) { return Find(name, JsonKind::kObject, "an object"); }

Result<JsonView> JsonFields::Array(std::string_view name) { return Find(name, JsonKind::kArray, "an array"); }

Status JsonFields::Finish() const {
  if (!value_.is_object()) return Malformed(id_, std::string(what_) + " is not an object");
  std::size_t index = 0;
  for (auto member = value_.begin(); member != value_.end(); ++member, ++index) {
    // Fewer than 64 names are ever asked for, so among more members than that one of the first 64 is unknown.
    if (index >= 64 || (asked_ >> index & 1) == 0) {
      return Malformed(
          id_, std::string(what_) + " has an unknown member \"" + std::string(member.name().substr(0, 64)) + "\"");
    }
  }
  return {};
}

}  // namespace attestml
