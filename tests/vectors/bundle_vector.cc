#include "bundle_vector.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>
#include <sstream>

#include "base/base64.h"

namespace attestml::vectors_test {
namespace {

[[noreturn]] void Die(const std::filesystem::path& file, std::string_view what) {
  std::fprintf(stderr, "%s: %.*s\n", file.c_str(), static_cast<int>(what.size()), what.data());
  std::abort();
}

// A text is a list of parts, put after each other.
std::string TextOf(const Json& parts, const std::filesystem::path& file) {
  if (!parts.is_array()) Die(file, "a text is no array");
  std::string out;
  for (const Json& part : parts) {
    if (part.is_string()) {
      out += part.get<std::string>();
    } else if (part.contains("base64")) {
      const auto bytes = Base64Decode(part["base64"].get<std::string>());
      if (!bytes.ok()) Die(file, "not base64");
      out += AsText(*bytes);
    } else if (part.contains("repeat")) {
      const std::string once = TextOf(part["repeat"], file);
      for (auto n = part["times"].get<std::size_t>(); n > 0; --n) out += once;
    } else if (part.contains("file")) {
      const std::string all = ReadText(file.parent_path() / part["file"].get<std::string>());
      const std::size_t from = part.value("from", std::size_t{0});
      const std::size_t to = part.value("to", all.size());
      if (from > to || to > all.size()) Die(file, "a slice outside its file");
      out += all.substr(from, to - from);
    } else {
      Die(file, "a part of unknown kind");
    }
  }
  return out;
}

}  // namespace

std::string ReadText(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) Die(file, "cannot be read");
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

BundleVector ReadBundleVector(const std::filesystem::path& file) {
  const auto parsed = ParseJson(ReadText(file));
  if (!parsed.ok()) Die(file, parsed.error().message);
  const Json& json = *parsed;
  static const std::set<std::string> kMembers = {"name",   "attack", "why",        "at",    "bundles",
                                                 "policy", "held",   "collateral", "expect"};
  for (const auto& member : json.items()) {
    if (!kMembers.contains(member.key())) Die(file, "unknown member " + member.key());
  }
  for (const auto& name : kMembers) {
    if (!json.contains(name)) Die(file, "no member " + name);
  }
  BundleVector out;
  out.name = json["name"].get<std::string>();
  if (out.name != file.stem()) Die(file, "is called " + out.name);
  out.attack = json["attack"].get<std::string>();
  out.why = json["why"].get<std::string>();
  out.at = json["at"].get<std::string>();
  for (const Json& text : json["bundles"]) out.bundles.push_back(TextOf(text, file));
  out.policy = TextOf(json["policy"], file);
  for (const Json& item : json["collateral"]) {
    const std::string content = TextOf(item["content"], file);
    out.collateral.push_back({item["label"].get<std::string>(), ToBytes(AsBytes(content))});
  }
  const Json& held = json["held"];
  const auto take = [&](const char* name, std::optional<std::string>* into) {
    if (held.contains(name)) *into = held[name].get<std::string>();
  };
  take("model", &out.model);
  take("input", &out.input);
  take("output", &out.output);
  take("receipt", &out.receipt);
  take("nonce", &out.nonce);
  if (held.contains("datasets")) out.datasets = held["datasets"].get<std::vector<std::string>>();
  const Json& expect = json["expect"];
  out.verdict = expect["verdict"].get<std::string>();
  if (expect.contains("kind")) {
    out.expect = expect["kind"].get<std::string>() + " " + expect["error"].get<std::string>();
  } else {
    out.expect = out.verdict;
    if (expect.contains("failed")) {
      for (const Json& id : expect["failed"]) out.expect += " " + id.get<std::string>();
    }
  }
  return out;
}

std::vector<BundleVector> ReadBundleVectors(const std::filesystem::path& folder) {
  std::vector<BundleVector> out;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.path().extension() == ".json") out.push_back(ReadBundleVector(entry.path()));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return out;
}

}  // namespace attestml::vectors_test
