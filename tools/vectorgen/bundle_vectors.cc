// Writes the table of bundle cases as language-neutral files, one case each (vectors/README.md).
//
// usage: bundle_vectors DIRECTORY
//
// DIRECTORY/shared gets what several cases hold: lines of bundles, policies, collateral.
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "artifact/output_directory.h"
#include "base/base64.h"
#include "base/hex.h"
#include "base/json.h"
#include "statement/envelope.h"
#include "vectorgen/bundle_cases.h"

namespace {

using namespace attestml;
using vectorgen::BundleCase;

// Below this a text stands in the case itself.
constexpr std::size_t kWorthSharing = 400;
// A text that differs from a shared one in few places is written as slices of it when that saves as much.
constexpr std::size_t kWorthSlicing = 1'500;

// The pieces into which bundles are cut for sharing: lines with their newline.
std::vector<std::string> LinesOf(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
    out.push_back(text.substr(at, end - at));
    at = end;
  }
  return out;
}

class Shared {
 public:
  void Count(const std::string& text) { ++uses_[text]; }

  // Names follow from the bytes, so that a new case renames nothing.
  void Settle() {
    for (const auto& [text, uses] : uses_) {
      if (uses < 2 || text.size() < kWorthSharing) continue;
      names_.emplace(text, "shared/" + KindOf(text) + "-" + HexEncode(crypto::Sha256(AsBytes(text))).substr(0, 12));
    }
  }

  // The text as the parts of a case: a whole shared file, or itself.
  bool WriteWhole(const std::string& text, Json* out) const {
    const auto found = names_.find(text);
    if (found == names_.end()) return false;
    out->push_back({{"file", found->second}});
    return true;
  }

  // Or slices of the shared file that it differs from in few places.
  void Write(const std::string& text, Json* out) const {
    if (WriteWhole(text, out)) return;
    const std::string* base = nullptr;
    std::size_t head = 0, tail = 0;
    for (const auto& [shared, name] : names_) {
      const std::size_t most = std::min(shared.size(), text.size());
      const auto same = std::mismatch(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(most), shared.begin());
      const auto h = static_cast<std::size_t>(same.first - text.begin());
      std::size_t t = 0;
      while (t < most - h && text[text.size() - 1 - t] == shared[shared.size() - 1 - t]) ++t;
      if (h + t > head + tail) {
        base = &shared;
        head = h;
        tail = t;
      }
    }
    if (base == nullptr || head + tail < kWorthSlicing) return Literal(text, out);
    const std::string& file = names_.at(*base);
    if (head > 0) out->push_back({{"file", file}, {"to", head}});
    Literal(text.substr(head, text.size() - head - tail), out);
    if (tail > 0) out->push_back({{"file", file}, {"from", base->size() - tail}});
  }

  const std::map<std::string, std::string>& names() const { return names_; }

 private:
  static void Literal(const std::string& text, Json* out) {
    if (text.empty()) return;
    const bool ascii =
        std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); });
    if (ascii) {
      out->push_back(text);
    } else {
      out->push_back({{"base64", Base64Encode(AsBytes(text))}});
    }
  }

  static std::string KindOf(const std::string& text) {
    if (text.empty()) return "line";
    const auto envelope = statement::ParseEnvelope(std::string_view(text).substr(0, text.size() - 1));
    if (envelope.ok()) {
      const auto claim = statement::ParseStatement(envelope->payload);
      return claim.ok() ? std::string(statement::ClaimKind(*claim)) : "line";
    }
    return text.find("[trust") == 0 || text.find("\n[[program]]") == 0 ? "policy" : "collateral";
  }

  std::map<std::string, int> uses_;
  std::map<std::string, std::string> names_;
};

Json TextJson(const vectorgen::Text& text, const Shared& shared, bool lines) {
  Json out = Json::array();
  for (const auto& [piece, times] : text) {
    if (times > 1) {
      Json parts = Json::array();
      shared.Write(piece, &parts);
      out.push_back({{"repeat", std::move(parts)}, {"times", times}});
    } else if (lines) {
      for (const std::string& line : LinesOf(piece)) shared.Write(line, &out);
    } else if (!shared.WriteWhole(piece, &out)) {
      // A policy is for people: no slices.
      out.push_back(piece);
    }
  }
  return out;
}

Json HeldJson(const vectorgen::Held& held) {
  Json out = Json::object();
  const auto add = [&](const char* name, const std::optional<std::string>& value) {
    if (value) out[name] = *value;
  };
  add("model", held.model);
  add("input", held.input);
  add("output", held.output);
  add("receipt", held.receipt);
  add("nonce", held.nonce);
  if (!held.datasets.empty()) out["datasets"] = held.datasets;
  return out;
}

// From the text of BundleCase::expect.
Json ExpectJson(const std::string& expect) {
  std::vector<std::string> words;
  for (std::size_t at = 0; at <= expect.size();) {
    const std::size_t end = std::min(expect.find(' ', at), expect.size());
    words.push_back(expect.substr(at, end - at));
    at = end + 1;
  }
  std::vector<std::string> ids(words.begin() + 1, words.end());
  if (words[0] == "accepted") return {{"verdict", "accepted"}};
  if (words[0] == "rejected") {
    std::sort(ids.begin(), ids.end());
    return {{"verdict", "rejected"}, {"failed", ids}};
  }
  if (words[0] == "none") return {{"verdict", "none"}, {"kind", ids.at(0)}, {"error", ids.at(1)}};
  // What could not be looked up could not be trusted (spec/report.md).
  const std::string verdict = words[0] == "unavailable" ? "untrusted" : words[0];
  return {{"verdict", verdict}, {"kind", words[0]}, {"error", ids.at(0)}};
}

Json CaseJson(const BundleCase& c, const Shared& shared) {
  Json bundles = Json::array(), collateral = Json::array();
  for (const auto& text : c.bundles) bundles.push_back(TextJson(text, shared, true));
  for (const auto& item : c.collateral) {
    Json parts = Json::array();
    shared.Write(std::string(AsText(item.bytes)), &parts);
    collateral.push_back({{"label", item.label}, {"content", std::move(parts)}});
  }
  return {{"name", c.name},
          {"attack", c.attack},
          {"why", c.why},
          {"at", FormatTime(c.at)},
          {"bundles", std::move(bundles)},
          {"policy", TextJson(c.policy, shared, false)},
          {"collateral", std::move(collateral)},
          {"held", HeldJson(c.held)},
          {"expect", ExpectJson(c.expect)}};
}

bool WriteText(const std::filesystem::path& path, const std::string& text) {
  const Status status = artifact::WriteFileAtomically(path.string(), AsBytes(text));
  if (!status.ok()) std::fprintf(stderr, "%s\n", status.error().message.c_str());
  return status.ok();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: bundle_vectors DIRECTORY\n", stderr);
    return 2;
  }
  const auto cases = vectorgen::MakeBundleCases();
  Shared shared;
  std::set<std::string> names;
  for (const auto& c : cases) {
    if (!names.insert(c.name).second) {
      std::fprintf(stderr, "two cases are called %s\n", c.name.c_str());
      return 1;
    }
    for (const auto& text : c.bundles) {
      for (const auto& [piece, times] : text) {
        for (const std::string& line : LinesOf(times > 1 ? std::string() : piece)) shared.Count(line);
      }
    }
    for (const auto& [piece, times] : c.policy) shared.Count(piece);
    for (const auto& item : c.collateral) shared.Count(std::string(AsText(item.bytes)));
  }
  shared.Settle();

  const std::filesystem::path directory(argv[1]);
  std::error_code error;
  std::filesystem::create_directories(directory / "shared", error);
  // What an earlier generator wrote and this one does not must not stay.
  for (const auto& old : {directory, directory / "shared"}) {
    for (const auto& entry : std::filesystem::directory_iterator(old, error)) {
      if (entry.is_regular_file()) std::filesystem::remove(entry.path(), error);
    }
  }
  for (const auto& [text, name] : shared.names()) {
    if (!WriteText(directory / name, text)) return 1;
  }
  for (const auto& c : cases) {
    if (!WriteText(directory / (c.name + ".json"), PrettyJson(CaseJson(c, shared)))) return 1;
  }
  std::printf("%zu vectors and %zu shared files written\n", cases.size(), shared.names().size());
}
