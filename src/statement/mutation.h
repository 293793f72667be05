// Systematic damage to a JSON value, for tests: every member dropped, added to and retyped, wherever it stands.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/json.h"

namespace attestml::statement::sample {

struct Mutation {
  std::string what;  // "drop", "add", "retype", "repeat", "empty"
  std::string path;  // "/predicate/results/*/metric": positions in arrays are written *
  Json value;
};

namespace mutation_internal {

using Path = std::vector<std::string>;

inline std::string Text(const Path& path) {
  std::string out;
  for (const std::string& step : path) out += "/" + step;
  return out;
}

// `rebuild` gives the whole document with another value in this place.
inline void Visit(const Json& value, const Path& path, const std::function<Json(const Json&)>& rebuild,
                  std::vector<Mutation>* out) {
  const Json replacements[] = {Json(nullptr),          Json(true),    Json(std::uint64_t{7}), Json(-7),
                               Json("another string"), Json::array(), Json::object()};
  for (const Json& replacement : replacements) {
    if (replacement.type() != value.type()) out->push_back({"retype", Text(path), rebuild(replacement)});
  }
  if (value.is_object()) {
    Json added = value;
    added["zz"] = "1";
    out->push_back({"add", Text(path), rebuild(added)});
    for (const auto& member : value.items()) {
      Json dropped = value;
      dropped.erase(member.key());
      Path inner = path;
      inner.push_back(member.key());
      out->push_back({"drop", Text(inner), rebuild(dropped)});
      Visit(
          member.value(), inner,
          [&](const Json& other) {
            Json copy = value;
            copy[member.key()] = other;
            return rebuild(copy);
          },
          out);
    }
  }
  if (value.is_array() && !value.empty()) {
    Json repeated = value;
    repeated.push_back(value.back());
    out->push_back({"repeat", Text(path), rebuild(repeated)});
    out->push_back({"empty", Text(path), rebuild(Json::array())});
    for (std::size_t i = 0; i < value.size(); ++i) {
      Path inner = path;
      inner.push_back("*");
      Visit(
          value[i], inner,
          [&, i](const Json& other) {
            Json copy = value;
            copy[i] = other;
            return rebuild(copy);
          },
          out);
    }
  }
}

}  // namespace mutation_internal

inline std::vector<Mutation> Mutations(const Json& value) {
  std::vector<Mutation> out;
  mutation_internal::Visit(
      value, {}, [](const Json& other) { return other; }, &out);
  return out;
}

}  // namespace attestml::statement::sample
