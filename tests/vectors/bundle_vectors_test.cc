// The published bundles: what a relying party's verification says of each, in the library and by the program; that each
// attack is there, with an honest twin; and that the generator still writes these very files.
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "base/hex.h"
#include "bundle_vector.h"
#include "policy/receipt.h"
#include "policy/report.h"
#include "statement/envelope.h"
#include "verify/bundle.h"

namespace attestml::vectors_test {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = ATTESTML_SOURCE_DIR;

const std::vector<BundleVector>& Vectors() {
  static const std::vector<BundleVector> vectors = ReadBundleVectors(kSource / "vectors/bundles");
  return vectors;
}

// What issue and specification list: each attack has refused cases and accepted ones.
constexpr const char* kAttacks[] = {
    "flipped byte",
    "truncation",
    "duplicate JSON keys",
    "depth and size bombs",
    "numbers as floats or out of range",
    "unknown fields in our predicates",
    "evidence of another bundle, key, statement or nonce",
    "statement signed by a key without evidence",
    "simulated evidence under a policy that names only sgx",
    "simulated evidence whose MRENCLAVE equals an sgx entry's",
    "another program's measurement",
    "program that may not state this predicate",
    "one key with two programs",
    "expired, future, revoked or mismatched collateral",
    "revocation in newer collateral under an old time",
    "an earlier time without the policy's leave",
    "model digest changed between training and evaluation",
    "test set swapped",
    "two conflicting properties",
    "one good result beside a bad one",
    "good slice or filtered selection offered for the whole",
    "distribution measured on another selection than the trained one",
    "early stopping on the test set",
    "overlap that shows nothing",
    "another inference with an equal output",
    "rows of an answer read in another way than in training",
    "two answers to one question",
    "fresh evidence for an old statement",
    "receipt of another row, run or answer",
    "certification by somebody else, or of something else",
    "time stamp that dates nothing",
    "root of somebody else",
    "policy with a typo",
    "empty policy",
};

std::string Ends(const Error& error) { return std::string(KindName(error.kind)) + " " + error.id; }

crypto::Digest256 DigestOf(const std::string& bytes) { return crypto::Sha256(AsBytes(bytes)); }

std::string Ends(const policy::Report& report) {
  if (report.verdict == policy::Verdict::kAccepted) return "accepted";
  std::string out(policy::VerdictName(report.verdict));
  std::set<std::string> failed;
  for (const auto& check : report.checks) {
    if (check.verdict == verify::CheckVerdict::kFail) failed.insert(check.id);
  }
  for (const auto& id : failed) out += " " + id;
  return out;
}

// What `attestml verify` does, in its order, without the files.
std::string Judge(const BundleVector& v) {
  const auto policy = policy::ParsePolicy(v.policy, v.name);
  if (!policy.ok()) return Ends(policy.error());
  policy::Question question;
  question.earlier_time = true;
  question.time_source = "the vector";
  if (v.model) question.model = DigestOf(*v.model);
  if (v.input) question.input = DigestOf(*v.input);
  if (v.output) question.output = DigestOf(*v.output);
  if (v.nonce) question.nonce = HexDecode(*v.nonce).value();
  for (const auto& dataset : v.datasets) question.datasets.push_back(DigestOf(dataset));
  std::optional<statement::Receipt> receipt;
  if (v.receipt) {
    auto read = policy::ReadReceiptFile(*v.receipt);
    if (!read.ok()) return Ends(read.error());
    receipt = std::move(read).value();
  }
  std::vector<statement::Envelope> envelopes;
  for (const auto& text : v.bundles) {
    const auto lines = statement::ParseBundle(text);
    if (!lines.ok()) return Ends(lines.error());
    envelopes.insert(envelopes.end(), lines->begin(), lines->end());
  }
  const auto outcome =
      verify::VerifyBundle(envelopes, v.collateral, policy->anchors, ParseTime(v.at).value(), policy->time_authorities);
  if (!outcome.bundle.ok()) return Ends(outcome.bundle.error());
  verify::Checks checks = outcome.checks;
  if (receipt) policy::CheckReceipt(*receipt, *outcome.bundle, &question, &checks);
  auto report = policy::Appraise(*outcome.bundle, *policy, question);
  policy::PrependChecks(std::move(checks), &report);
  return Ends(report);
}

TEST(BundleVectors, EachEndsAsItsFileSays) {
  ASSERT_GE(Vectors().size(), 150U);
  for (const auto& v : Vectors()) EXPECT_EQ(Judge(v), v.expect) << v.name << ": " << v.why;
}

TEST(BundleVectors, EveryAttackIsThereBesideAnHonestTwin) {
  std::map<std::string, std::pair<int, int>> found;  // attack → refused, accepted
  for (const auto& v : Vectors()) ++(v.expect == "accepted" ? found[v.attack].second : found[v.attack].first);
  for (const char* attack : kAttacks) {
    const auto [refused, accepted] = found[attack];
    std::printf("%3d refused, %d accepted: %s\n", refused, accepted, attack);
    EXPECT_GE(refused, 1) << attack;
    EXPECT_GE(accepted, 1) << attack;
  }
  EXPECT_EQ(found.size(), std::size(kAttacks)) << "an attack is not in the list, or misspelt";
}

// What stands between backquotes.
std::vector<std::string> QuotedIn(const std::string& line) {
  std::vector<std::string> out;
  for (std::size_t from = line.find('`'); from != std::string::npos; from = line.find('`', from)) {
    const std::size_t to = line.find('`', from + 1);
    if (to == std::string::npos) break;
    out.push_back(line.substr(from + 1, to - from - 1));
    from = to + 1;
  }
  return out;
}

bool IsCase(const std::string& name) { return fs::exists(kSource / "vectors/bundles" / (name + ".json")); }

// The lines of all pages of spec/: those of the tables that name vectors, or the others.
std::vector<std::string> LinesOfSpec(bool of_vectors) {
  std::vector<std::string> out;
  for (const auto& entry : fs::directory_iterator(kSource / "spec")) {
    std::istringstream page(ReadText(entry.path()));
    for (std::string line; std::getline(page, line);) {
      const auto quoted = QuotedIn(line);
      const bool row = line.starts_with("| `") && quoted.size() > 1 && IsCase(quoted[1]);
      if (row == of_vectors) out.push_back(line);
    }
  }
  return out;
}

// Ids in the rules of spec/, `a.{b,c}` written out.
std::set<std::string> IdsOfSpec() {
  std::set<std::string> out;
  std::string text;
  for (const auto& line : LinesOfSpec(false)) text += line + "\n";
  const auto part_of_id = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '{' || c == '}' || c == ',';
  };
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at;
    while (end < text.size() && part_of_id(text[end])) ++end;
    const std::string word = text.substr(at, end - at);
    at = end + 1;
    const std::size_t open = word.find('{'), close = word.find('}');
    if (open == std::string::npos || close == std::string::npos || close < open) {
      out.insert(word);
      continue;
    }
    for (std::size_t from = open + 1; from <= close;) {
      const std::size_t to = std::min(word.find(',', from), close);
      out.insert(word.substr(0, open) + word.substr(from, to - from) + word.substr(close + 1));
      from = to + 1;
    }
  }
  return out;
}

TEST(BundleVectors, EveryIdStandsInTheSpecification) {
  const auto spec = IdsOfSpec();
  for (const auto& v : Vectors()) {
    std::size_t at = v.expect.find(' ');
    while (at != std::string::npos) {
      const std::size_t end = v.expect.find(' ', at + 1);
      const std::string id = v.expect.substr(at + 1, end == std::string::npos ? end : end - at - 1);
      at = end;
      // The end of policy.require.ID is the policy's.
      EXPECT_TRUE(spec.contains(id) || id.starts_with("policy.require.")) << id << " of " << v.name;
    }
  }
}

// The tables at the end of the pages say which file each id has: no refused case may be missing there, or stand beside
// an id that it does not give.
TEST(BundleVectors, EachRefusalStandsInAPageBesideItsId) {
  std::map<std::string, std::string> rows;  // name of a case → the id beside it
  for (const auto& line : LinesOfSpec(true)) {
    const auto quoted = QuotedIn(line);
    for (std::size_t i = 1; i < quoted.size(); ++i) {
      EXPECT_TRUE(IsCase(quoted[i])) << quoted[i] << " stands in spec, and is no file";
      rows[quoted[i]] = quoted[0];
    }
  }
  for (const auto& v : Vectors()) {
    if (v.expect == "accepted") continue;
    std::string id = rows[v.name];
    if (id == "policy.require.ID") id = "policy.require.";
    EXPECT_TRUE(!id.empty() && v.expect.find(" " + id) != std::string::npos)
        << v.name << " ends as " << v.expect << ", and stands beside \"" << id << "\"";
  }
}

TEST(BundleVectors, TheExampleOfTheReadmeIsAFile) {
  const std::string page = ReadText(kSource / "vectors/README.md");
  const std::size_t from = page.find("```json\n") + 8;
  const auto example = ParseJson(page.substr(from, page.find("```\n", from) - from));
  ASSERT_TRUE(example.ok());
  const auto file =
      ParseJson(ReadText(kSource / "vectors/bundles" / ((*example)["name"].get<std::string>() + ".json")));
  ASSERT_TRUE(file.ok());
  EXPECT_EQ(*example, *file);
}

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "attestml-vectors-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }
  // Writes a file and gives its path, for a command line.
  std::string Write(const std::string& name, std::string_view bytes) const {
    const fs::path file = path_ / name;
    std::ofstream(file, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return " '" + file.string() + "'";
  }

 private:
  fs::path path_;
};

struct Ran {
  int exit = -1;
  std::string out;
};
Ran RunCommand(const std::string& command) {
  Ran ran;
  FILE* pipe = popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return ran;
  std::array<char, 65536> buffer{};
  for (std::size_t n = 0; (n = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) ran.out.append(buffer.data(), n);
  const int status = pclose(pipe);
  ran.exit = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return ran;
}

int ExitOf(const std::string& expect) {
  static const std::map<std::string, int> codes = {{"accepted", 0},
                                                   {"usage", ExitCode(ErrorKind::kUsage)},
                                                   {"malformed", ExitCode(ErrorKind::kMalformed)},
                                                   {"unsupported", ExitCode(ErrorKind::kUnsupported)},
                                                   {"untrusted", ExitCode(ErrorKind::kUntrusted)},
                                                   {"unavailable", ExitCode(ErrorKind::kUnavailable)},
                                                   {"rejected", ExitCode(ErrorKind::kRejected)}};
  const auto found = codes.find(expect.substr(0, expect.find(' ')));
  return found == codes.end() ? -1 : found->second;
}

// The same files through `attestml verify --json`, from disk to exit code: what users have.
TEST(BundleVectors, TheProgramSaysTheSame) {
  for (const auto& v : Vectors()) {
    const Folder folder;
    std::string command = std::string("'") + ATTESTML_PROGRAM + "' verify --json --at " + v.at;
    for (const auto& text : v.bundles) {
      command += folder.Write("bundle-" + std::to_string(&text - v.bundles.data()) + ".jsonl", text);
    }
    command += " --policy" + folder.Write("policy.toml", v.policy);
    const auto held = [&](const char* name, const std::optional<std::string>& bytes) {
      if (bytes) command += std::string(" --") + name + folder.Write(name, *bytes);
    };
    held("model", v.model);
    held("input", v.input);
    held("output", v.output);
    held("receipt", v.receipt);
    if (v.nonce) command += " --nonce " + *v.nonce;
    for (const auto& dataset : v.datasets) {
      command += " --dataset" + folder.Write("dataset-" + std::to_string(&dataset - v.datasets.data()), dataset);
    }
    for (const auto& item : v.collateral) command += " --collateral" + folder.Write(item.label, AsText(item.bytes));
    const Ran ran = RunCommand(command);
    if (ran.out.find("[file.size]") != std::string::npos) {
      // What is too large for its kind need not be read to be refused.
      EXPECT_TRUE(v.expect.ends_with(".size")) << v.name << ": " << ran.out;
      EXPECT_NE(ran.exit, 0) << v.name;
      continue;
    }
    EXPECT_EQ(ran.exit, ExitOf(v.expect)) << v.name << ": " << ran.out.substr(0, 2000);
    if (v.verdict == "none") {
      // What the user must mend is said on standard error, with its id.
      EXPECT_NE(ran.out.find("[" + v.expect.substr(v.expect.find(' ') + 1) + "]"), std::string::npos)
          << v.name << ": " << ran.out.substr(0, 2000);
      continue;
    }
    const auto json = ParseJson(ran.out);
    ASSERT_TRUE(json.ok()) << v.name << ": " << ran.out.substr(0, 2000);
    EXPECT_EQ((*json)["verdict"].get<std::string>(), v.verdict) << v.name;
    EXPECT_EQ((*json)["sentence"].get<std::string>().empty(), v.expect != "accepted") << v.name;
    std::string ends = v.verdict;
    if (v.verdict == "rejected") {
      std::set<std::string> failed;
      for (const Json& check : (*json)["checks"]) {
        if (check["verdict"] == "fail") failed.insert(check["id"].get<std::string>());
      }
      for (const auto& id : failed) ends += " " + id;
    } else if (json->contains("error")) {
      ends = (*json)["error"]["kind"].get<std::string>() + " " + (*json)["error"]["id"].get<std::string>();
    }
    EXPECT_EQ(ends, v.expect) << v.name;
  }
}

// By relative name.
std::map<std::string, std::string> FilesOf(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) out[fs::relative(entry.path(), folder).string()] = ReadText(entry.path());
  }
  return out;
}

TEST(BundleVectors, TheGeneratorWritesTheSameTwice) {
  const Folder one, two;
  for (const auto* folder : {&one, &two}) {
    const Ran ran = RunCommand(std::string("'") + ATTESTML_BUNDLE_VECTORS + "' '" + folder->path().string() + "'");
    ASSERT_EQ(ran.exit, 0) << ran.out;
  }
  EXPECT_TRUE(FilesOf(one.path()) == FilesOf(two.path()));
  // Another version of OpenSSL may draw its nonces in another way: then names and expectations are still the same.
  const auto made = ReadBundleVectors(one.path());
  ASSERT_EQ(made.size(), Vectors().size());
  for (std::size_t i = 0; i < made.size(); ++i) {
    EXPECT_EQ(made[i].name, Vectors()[i].name);
    EXPECT_EQ(made[i].attack, Vectors()[i].attack);
    EXPECT_EQ(made[i].why, Vectors()[i].why);
    EXPECT_EQ(made[i].verdict, Vectors()[i].verdict);
    EXPECT_EQ(made[i].expect, Vectors()[i].expect);
    EXPECT_EQ(Judge(made[i]), made[i].expect);
  }
}

}  // namespace
}  // namespace attestml::vectors_test
