// The published vectors, read from their files as any other implementation would, and the ids they share with the spec.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "base/base64.h"
#include "base/hex.h"
#include "base/json.h"
#include "vectorgen/evidence_cases.h"
#include "verify/evidence.h"

namespace attestml {
namespace {

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<evidence::CollateralItem> Items(const Json& list) {
  std::vector<evidence::CollateralItem> out;
  for (const Json& item : list) {
    auto bytes = Base64Decode(item["base64"].get<std::string>());
    EXPECT_TRUE(bytes.ok());
    out.push_back({item["label"].get<std::string>(), std::move(bytes).value()});
  }
  return out;
}

TEST(EvidenceVectors, EachEndsAsItsFileSays) {
  const std::string spec = ReadText(ATTESTML_SOURCE_DIR "/spec/evidence.md");
  std::map<std::string, int> refused;  // the index's row without its number → how many
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ATTESTML_SOURCE_DIR "/vectors/evidence")) {
    const auto json = ParseJson(ReadText(entry.path()));
    ASSERT_TRUE(json.ok()) << entry.path();
    evidence::EvidencePackage package;
    package.media_type = (*json)["mediaType"].get<std::string>();
    auto bytes = Base64Decode((*json)["evidence"].get<std::string>());
    ASSERT_TRUE(bytes.ok()) << entry.path();
    package.evidence = std::move(bytes).value();
    package.collateral = Items((*json)["collateral"]);
    std::vector<verify::TrustAnchor> anchors;
    for (const Json& anchor : (*json)["anchors"]) {
      verify::TrustAnchor one{anchor["name"].get<std::string>(), {}, anchor["simulated"].get<bool>()};
      ASSERT_TRUE(HexDecodeInto(anchor["keyId"].get<std::string>(), one.key_id));
      anchors.push_back(one);
    }
    const auto time = ParseTime((*json)["at"].get<std::string>());
    ASSERT_TRUE(time.ok());
    const auto outcome = verify::VerifyEvidence(package, Items((*json)["extraCollateral"]), anchors, *time);
    const std::string expect = (*json)["expect"].get<std::string>();
    EXPECT_EQ(vectorgen::Outcome(outcome.evidence), expect)
        << entry.path().filename() << ": " << (*json)["why"].get<std::string>();
    if (!expect.starts_with("verified")) {
      const std::string id = expect.substr(expect.find(' ') + 1);
      ++refused["| `" + id + "` | " + expect.substr(0, expect.find(' ')) + " | "];
    }
    ++count;
  }
  EXPECT_GE(count, 400);
  for (const auto& [row, number] : refused) {
    EXPECT_NE(spec.find(row + std::to_string(number) + " |"), std::string::npos)
        << row << number << " is not in the index of spec/evidence.md";
  }
}

}  // namespace
}  // namespace attestml
