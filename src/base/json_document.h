// JSON that is only read: an index over its canonical text, with no copy of what the text already holds.
//
// Canonical text is what DumpJson writes: members sorted by name, no white space, one way to write a string or an
// integer. Statements come in that form, and then one pass checks and indexes them. Every other text, good or bad, goes
// to ParseJson, which refuses it or whose value is written canonically and indexed instead. So what is refused is
// refused by ParseJson, with its ids, and a value has one canonical text whatever text it came in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <forward_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace attestml {

// kInteger is one that has a sign: below zero, or "-0", which is no unsigned integer to JsonObject either.
enum class JsonKind : std::uint8_t { kNull, kBool, kUnsigned, kInteger, kString, kArray, kObject };

// One value of a document, or one member name.
struct JsonNode {
  const char* data = nullptr;  // a string: its bytes, unescaped; anything else: its canonical text
  std::uint32_t size = 0;
  std::uint32_t count = 0;  // members or entries
  std::uint32_t nodes = 1;  // this one and those within, member names included
  JsonKind kind = JsonKind::kNull;
};

// JsonView is one value of a JsonDocument, cheap to copy, borrowed from it; or no value at all.
class JsonView {
 public:
  JsonView() = default;
  explicit JsonView(const JsonNode* node) : node_(node) {}

  explicit operator bool() const { return node_ != nullptr; }  // whether there is a value
  // The rest is only for a value that is there, and of the kind that is asked for.
  JsonKind kind() const { return node_->kind; }
  bool is_object() const { return node_->kind == JsonKind::kObject; }
  bool is_array() const { return node_->kind == JsonKind::kArray; }
  bool is_string() const { return node_->kind == JsonKind::kString; }
  bool is_null() const { return node_->kind == JsonKind::kNull; }

  std::string_view String() const { return {node_->data, node_->size}; }
  std::uint64_t Unsigned() const;
  bool Bool() const { return *node_->data == 't'; }
  // The canonical text, DumpJson(ToJson()), of anything but a string.
  std::string_view Canonical() const { return {node_->data, node_->size}; }

  std::size_t size() const { return node_->count; }  // of members or entries
  bool empty() const { return node_->count == 0; }
  // Entries of an array, in order; of an object its values, in order of their names.
  class Iterator;
  Iterator begin() const;
  Iterator end() const;
  JsonView Front() const { return JsonView(node_ + 1); }  // of an array that is not empty
  JsonView Find(std::string_view name) const;             // of an object

  Json ToJson() const;

 private:
  friend class JsonFields;
  const JsonNode* node_ = nullptr;
};

class JsonView::Iterator {
 public:
  Iterator(const JsonNode* node, bool named) : node_(node), named_(named) {}
  JsonView operator*() const { return JsonView(node_ + (named_ ? 1 : 0)); }
  std::string_view name() const { return {node_->data, node_->size}; }  // of a member
  Iterator& operator++() {
    if (named_) ++node_;
    node_ += node_->nodes;
    return *this;
  }
  bool operator==(const Iterator& other) const { return node_ == other.node_; }

 private:
  const JsonNode* node_;
  bool named_;
};

inline JsonView::Iterator JsonView::begin() const { return {node_ + 1, is_object()}; }
inline JsonView::Iterator JsonView::end() const { return {node_ + node_->nodes, is_object()}; }

// The bytewise order of member names, below, at or above zero. Most neighbours differ in their first byte.
inline int CompareNames(std::string_view a, std::string_view b) {
  if (!a.empty() && !b.empty() && a[0] != b[0]) {
    return static_cast<unsigned char>(a[0]) - static_cast<unsigned char>(b[0]);
  }
  return a.compare(b);
}

class JsonDocument {
 public:
  // ParseJson with the same limits, the same errors and, value for value, the same answer. Borrows `text`.
  // Floating-point numbers are refused, whatever `limits` says of them.
  static Result<JsonDocument> Parse(std::string_view text, JsonLimits limits = {});
  // The document of a value already in memory; error ids as ParseJson's for its text.
  static Result<JsonDocument> Of(const Json& value, const JsonLimits& limits = {});

  JsonView root() const { return JsonView(nodes_.data()); }
  std::size_t LongestString() const;  // bytes of the longest string or member name

 private:
  friend class CanonicalReader;
  JsonDocument() = default;
  std::vector<JsonNode> nodes_;
  std::forward_list<std::string> unescaped_;  // strings that the text holds with escapes
  std::unique_ptr<const std::string> text_;   // the canonical text, when it is not the one given
};

}  // namespace attestml
