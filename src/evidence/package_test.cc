#include "evidence/package.h"

#include <gtest/gtest.h>

#include <set>

#include "base/base64.h"

namespace attestml::evidence {
namespace {

EvidencePackage Sample() {
  return {.media_type = std::string(kSgxQuoteMediaType),
          .evidence = {1, 2, 3, 250},
          .collateral = {{"a", {0x30, 1}}, {"b.json", ToBytes(AsBytes("{}"))}}};
}

TEST(Cmw, RoundTrip) {
  const std::string text = EncodeCmw(Sample());
  EXPECT_EQ(text, R"({"__cmwc_t":"urn:attestml:evidence:v1","collateral":{"__cmwc_t":"urn:attestml:evidence:v1",)"
                  R"("a":["application/octet-stream","MAE"],"b.json":["application/json","e30"]},)"
                  R"("evidence":["application/vnd.intel.sgx-quote","AQID-g"]})");
  const auto back = DecodeCmw(text);
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(back->evidence, Sample().evidence);
  EXPECT_EQ(back->media_type, kSgxQuoteMediaType);
  ASSERT_EQ(back->collateral.size(), 2U);
  EXPECT_EQ(back->collateral[1].label, "b.json");
  EXPECT_EQ(EncodeCmw(*back), text);
}

TEST(Cmw, LabelsThatClashAreKeptApart) {
  EvidencePackage package = Sample();
  package.collateral = {{"x", {1}}, {"x", {2}}, {"", {3}}, {"__cmwc_t", {4}}};
  const auto back = DecodeCmw(EncodeCmw(package));
  ASSERT_TRUE(back.ok()) << back.error().message;
  std::set<int> bytes;
  for (const auto& item : back->collateral) bytes.insert(item.bytes.at(0));
  EXPECT_EQ(bytes, (std::set<int>{1, 2, 3, 4}));
}

TEST(Cmw, Refused) {
  const std::string type = R"("__cmwc_t":"urn:attestml:evidence:v1")";
  const std::string good_evidence = R"("evidence":["t","AQID"])";
  const std::string good_collateral = R"("collateral":{)" + type + "}";
  ASSERT_TRUE(DecodeCmw("{" + type + "," + good_evidence + "," + good_collateral + "}").ok());
  ASSERT_TRUE(DecodeCmw("{" + type + R"(,"evidence":["t","AQID",4],)" + good_collateral + "}").ok());
  const std::pair<std::string, std::string> cases[] = {
      {"", "cmw.json"},
      {"{", "cmw.json"},
      {"[]", "cmw.collection"},
      {"{}", "cmw.collection"},
      {"{" + type + "," + good_evidence + "}", "cmw.collection"},
      {"{" + type + "," + good_collateral + "}", "cmw.collection"},
      {"{" + good_evidence + "," + good_collateral + "}", "cmw.collection"},
      {"{" + type + "," + good_evidence + "," + good_collateral + R"(,"more":1})", "cmw.collection"},
      {"{" + type + "," + good_evidence + "," + good_evidence + "," + good_collateral + "}", "cmw.json"},
      {"{" + type + "," + good_evidence + "," + good_collateral + "} ", ""},
      {"{" + type + "," + good_evidence + "," + good_collateral + "}x", "cmw.json"},
      {R"({"__cmwc_t":"urn:x",)" + good_evidence + "," + good_collateral + "}", "cmw.type"},
      {"{" + type + R"(,"evidence":["t"],)" + good_collateral + "}", "cmw.record"},
      {"{" + type + R"(,"evidence":["t","AQID","x"],)" + good_collateral + "}", "cmw.record"},
      {"{" + type + R"(,"evidence":["t","AQ=="],)" + good_collateral + "}", "cmw.record"},
      {"{" + type + R"(,"evidence":["t",""],)" + good_collateral + "}", "cmw.record"},
      {"{" + type + R"(,"evidence":["","AQID"],)" + good_collateral + "}", "cmw.record"},
      {"{" + type + "," + good_evidence + R"(,"collateral":{"a":["t","AQID"]}})", "cmw.collection"},
      {"{" + type + "," + good_evidence + R"(,"collateral":{)" + type + R"(,"a":[1,"AQID"]}})", "cmw.record"},
      {"{" + type + "," + good_evidence + R"(,"collateral":{)" + type + R"(,"":["t","AQID"]}})", "cmw.collection"},
  };
  for (const auto& [text, id] : cases) {
    const auto result = DecodeCmw(text);
    ASSERT_EQ(result.ok(), id.empty()) << text;
    if (!id.empty()) {
      EXPECT_EQ(result.error().id, id) << text;
    }
  }
  ASSERT_TRUE(
      DecodeCmw("{" + type + R"(,"evidence":[")" + std::string(128, 't') + R"(","AQID"],)" + good_collateral + "}")
          .ok());
  const auto refusal = [](const std::string& text) {
    const auto result = DecodeCmw(text);
    return result.ok() ? "" : result.error().id + ": " + result.error().message;
  };
  EXPECT_EQ(refusal("{" + type + R"(,"evidence":[")" + std::string(129, 't') + R"(","AQID"],)" + good_collateral + "}"),
            "cmw.record: record \"evidence\" has no media type");
  const auto labelled = [&](std::size_t size) {
    return refusal("{" + type + "," + good_evidence + R"(,"collateral":{)" + type + ",\"" + std::string(size, 'l') +
                   R"(":["t","AQID"]}})");
  };
  EXPECT_EQ(labelled(128), "");
  EXPECT_EQ(labelled(129), "cmw.collection: a collateral label is empty or too long");
  std::string many = "{" + type + "," + good_evidence + R"(,"collateral":{)" + type;
  for (int i = 0; i < 65; ++i) many += ",\"i" + std::to_string(i) + R"(":["t","AQID"])";
  const auto result = DecodeCmw(many + "}}");
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().id, "cmw.size");
}

// 4 MiB an item, 16 MiB in all, 24 MiB of text.
TEST(Cmw, Sizes) {
  constexpr std::size_t kMiB = std::size_t{1} << 20;
  const auto refusal = [](const std::string& text) {
    const auto result = DecodeCmw(text);
    return result.ok() ? "" : result.error().id + ": " + result.error().message;
  };
  const auto with = [&](std::size_t evidence, std::vector<std::size_t> items) {
    EvidencePackage package = Sample();
    package.evidence = Bytes(evidence);
    package.collateral.clear();
    for (const std::size_t size : items) package.collateral.push_back({"x", Bytes(size)});
    return refusal(EncodeCmw(package));
  };
  EXPECT_EQ(with(4 * kMiB, {4 * kMiB, 4 * kMiB, 4 * kMiB}), "");
  EXPECT_EQ(with(4 * kMiB + 1, {}), "cmw.size: record \"evidence\" is larger than 4 MiB");
  EXPECT_EQ(with(6 * kMiB, {}), "cmw.size: record \"evidence\" is larger than 4 MiB");
  EXPECT_EQ(with(1, {4 * kMiB + 1}), "cmw.size: record \"x\" is larger than 4 MiB");
  EXPECT_EQ(with(4 * kMiB, {4 * kMiB, 4 * kMiB, 4 * kMiB, 1}),
            "cmw.size: evidence and collateral are larger than 16 MiB");
  EXPECT_EQ(refusal(std::string(24 * kMiB + 1, ' ')), "cmw.size: collection of 25165825 bytes, want at most 24 MiB");
}

}  // namespace
}  // namespace attestml::evidence
