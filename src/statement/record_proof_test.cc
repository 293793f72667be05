// Every file of vectors/record-proofs, which tools/vectorgen/record_proofs.py makes and which shares no code with this
// folder; and what a small honest proof turns into when anything of it is changed.
#include "statement/record_proof.h"

#include <gtest/gtest.h>

#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>

#include "artifact/measured_file.h"
#include "base/base64.h"
#include "base/hex.h"
#include "base/json.h"
#include "crypto/merkle.h"
#include "statement/canonical_record.h"

namespace attestml::statement {
namespace {

std::filesystem::path Folder() { return std::filesystem::path(ATTESTML_SOURCE_DIR) / "vectors" / "record-proofs"; }

std::map<std::string, Json> Vectors() {
  std::map<std::string, Json> out;
  for (const auto& entry : std::filesystem::directory_iterator(Folder())) {
    const auto bytes = artifact::ReadFile(entry.path().string());
    EXPECT_TRUE(bytes.ok());
    const auto json = ParseJson(AsText(*bytes));
    EXPECT_TRUE(json.ok()) << entry.path() << json.error().message;
    if (json.ok()) out[entry.path().stem().string()] = *json;
  }
  return out;
}

Bytes Shown(const Json& value) {
  Bytes record = ToBytes(AsBytes(value["record"].get_ref<const std::string&>()));
  if (value.contains("cells")) {
    const auto cells = Base64Decode(value["cells"].get<std::string>());
    record.insert(record.end(), cells->begin(), cells->end());
  }
  return record;
}

void ExpectProof(const Json& vector) {
  const std::string text = DumpJson(vector["proof"]);
  const auto proof = ParseRecordProof(text);
  const std::string expect = vector["expect"].get<std::string>();
  if (expect != "ok" && expect != "false") {
    ASSERT_FALSE(proof.ok());
    EXPECT_EQ(proof.error().id, vector["reason"].get<std::string>());
    EXPECT_EQ(std::string(KindName(proof.error().kind)), expect);
    return;
  }
  ASSERT_TRUE(proof.ok()) << proof.error().id << proof.error().message;
  EXPECT_EQ(WriteRecordProof(*proof), text);
  const Bytes record = Shown(vector["record"]);
  if (!proof->record.empty()) {
    EXPECT_EQ(proof->record, record);
  }
  for (const RecordTree& tree : proof->trees) {
    EXPECT_EQ(RecordTreeHolds(tree, crypto::LeafHash(record)), expect == "ok");
  }
}

void ExpectRecord(const Json& vector) {
  const auto selection = ParseSelection(vector["selection"]);
  ASSERT_TRUE(selection.ok()) << selection.error().message;
  Bytes record = ToBytes(AsBytes(vector["record"]["text"].get_ref<const std::string&>()));
  const auto cells = HexDecode(vector["record"]["bytes"].get<std::string>());
  ASSERT_TRUE(cells.ok());
  record.insert(record.end(), cells->begin(), cells->end());
  const Status status = CheckRecord(record, *selection);
  EXPECT_EQ(status.ok() ? "" : status.error().id, vector.value("reason", ""))
      << (status.ok() ? "" : status.error().message);
}

TEST(CheckRecordTest, ANumberWrittenInAnotherWayIsShownAsRecordsWriteIt) {
  Selection selection;
  Column column;
  column.name = "age";
  column.type = ColumnType::kNumeric;
  selection.columns.push_back(column);
  const auto message = [&](const std::string& text) {
    const Status status = CheckRecord(AsBytes(DumpJson(Json::array({text}))), selection);
    EXPECT_EQ(status.ok() ? "" : status.error().id, "record.value") << text;
    return status.ok() ? std::string() : status.error().message;
  };
  for (const auto& [text, wanted] : std::map<std::string, std::string>{
           {"1e3", "1000"}, {"007", "7"}, {"39.0", "39"}, {"+5", "5"}, {"100000", "1e+05"}, {"1E-3", "0.001"}}) {
    const std::string seen = message(text);
    EXPECT_NE(seen.find("is \"" + text + "\", want"), std::string::npos) << seen;
    EXPECT_TRUE(seen.ends_with("\"" + wanted + "\"")) << seen;
  }
  for (const char* text : {"seven", "", "0x10", "1e999"}) {
    EXPECT_NE(message(text).find("is no number"), std::string::npos) << text;
  }
}

TEST(RecordProofVectors, ComeOut) {
  const auto vectors = Vectors();
  ASSERT_GE(vectors.size(), 140U);
  std::map<std::string, int> kinds;
  for (const auto& [name, vector] : vectors) {
    SCOPED_TRACE(name);
    ++kinds[vector["kind"].get<std::string>() + " " + vector["expect"].get<std::string>()];
    if (vector["kind"] == "proof") {
      ExpectProof(vector);
    } else {
      ASSERT_EQ(vector["kind"], "record");
      ExpectRecord(vector);
    }
  }
  EXPECT_EQ(kinds.size(), 6U);
}

// What files give is a record; without its label it is none.
TEST(RecordVectors, EveryRecordOfThemMayBeOne) {
  std::size_t records = 0;
  const auto folder = std::filesystem::path(ATTESTML_SOURCE_DIR) / "vectors" / "records";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(entry.path().stem().string());
    const auto bytes = artifact::ReadFile(entry.path().string());
    ASSERT_TRUE(bytes.ok());
    const auto vector = ParseJson(AsText(*bytes));
    ASSERT_TRUE(vector.ok());
    if ((*vector)["expect"] != "ok") continue;
    const auto selection = ParseSelection((*vector)["selection"]);
    ASSERT_TRUE(selection.ok()) << selection.error().message;
    const auto check = [&](const Json& shown) {
      Bytes record = ToBytes(AsBytes(shown["text"].get_ref<const std::string&>()));
      const auto cells = HexDecode(shown.value("bytes", ""));
      if (cells.ok()) record.insert(record.end(), cells->begin(), cells->end());
      EXPECT_EQ(HexEncode(crypto::LeafHash(record)), shown["leaf"].get<std::string>());
      return CheckRecord(record, *selection);
    };
    for (const Json& shown : (*vector)["records"]) {
      const Status status = check(shown);
      EXPECT_TRUE(status.ok()) << shown["text"] << status.error().message;
      ++records;
    }
    for (const Json& shown : (*vector)["withoutLabel"]) {
      EXPECT_EQ(check(shown).ok(), !selection->target) << shown["text"];
    }
  }
  EXPECT_GT(records, 50U);
}

TEST(RecordProofVectors, AreWhatTheirGeneratorMakes) {
  if (std::system("python3 -c pass >/dev/null 2>&1") != 0) GTEST_SKIP() << "there is no python3";
  char name[] = "/tmp/attestml-proofs-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  const std::filesystem::path folder = name;
  const auto generator = std::filesystem::path(ATTESTML_SOURCE_DIR) / "tools/vectorgen/record_proofs.py";
  EXPECT_EQ(std::system(("python3 '" + generator.string() + "' '" + folder.string() + "'").c_str()), 0);
  std::ptrdiff_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(Folder())) {
    const auto made = artifact::ReadFile((folder / entry.path().filename()).string());
    ASSERT_TRUE(made.ok()) << entry.path();
    EXPECT_EQ(*made, *artifact::ReadFile(entry.path().string())) << entry.path();
    ++count;
  }
  const std::filesystem::directory_iterator made(folder);
  EXPECT_EQ(std::distance(begin(made), end(made)), count);
  std::filesystem::remove_all(folder);
}

// Proofs that the product makes, for every place of every small tree with repeated leaves, hold; and hold for no other
// leaf.
TEST(RecordProof, EveryPlaceOfEverySmallTree) {
  const auto leaf = [](std::size_t i) { return crypto::LeafHash(AsBytes("record " + std::to_string(i))); };
  for (std::size_t size = 1; size <= 17; ++size) {
    std::vector<crypto::Digest256> leaves;
    for (std::size_t i = 0; i < size; ++i) leaves.push_back(leaf(i % 7));
    for (std::size_t i = 0; i < 14; ++i) {
      for (const bool count : {false, true}) {
        const RecordTree tree = ProveLeaf(leaves, leaf(i), count);
        const std::size_t times = i < 7 ? size / 7 + (i < size % 7 ? 1 : 0) : 0;
        EXPECT_EQ(tree.present, times > 0);
        EXPECT_EQ(tree.times, times > 0 && count ? std::optional<std::uint64_t>(times) : std::nullopt);
        EXPECT_TRUE(RecordTreeHolds(tree, leaf(i))) << size << " " << i;
        const auto again = ParseRecordProof(WriteRecordProof({{}, {tree}}));
        ASSERT_TRUE(again.ok()) << again.error().message;
        EXPECT_TRUE(RecordTreeHolds(again->trees[0], leaf(i)));
        for (std::size_t other = 0; tree.present && other < 14; ++other) {
          EXPECT_TRUE(other == i || !RecordTreeHolds(tree, leaf(other)));
        }
      }
    }
  }
}

// Each digest of a proof, and each number, is load-bearing; but for the size, since trees of several sizes share a
// shape of path. Which size it is, the statement says.
TEST(RecordProof, NothingInItCanBeChanged) {
  for (const char* name : {"present-11-05", "absent-between", "absent-first", "count-middle-5", "count-all"}) {
    const Json vector = Vectors().at(name);
    const crypto::Digest256 leaf = crypto::LeafHash(Shown(vector["record"]));
    const std::string text = DumpJson(vector["proof"]["trees"]);
    const std::size_t sized = text.find("\"size\":");
    ASSERT_NE(sized, std::string::npos);
    std::size_t tried = 0;
    for (std::size_t at = 0; at < sized; ++at) {
      if (std::isxdigit(static_cast<unsigned char>(text[at])) == 0) continue;
      std::string other = text;
      other[at] = text[at] == '1' ? '2' : '1';
      const auto proof = ParseRecordProof("{\"trees\":" + other + ",\"type\":\"attestml/record-proof/v1\"}");
      EXPECT_FALSE(proof.ok() && RecordTreeHolds(proof->trees[0], leaf)) << name << " at " << at;
      ++tried;
    }
    EXPECT_GT(tried, 64U);
  }
}

TEST(RecordProof, TruncatedAtEveryLengthIsRefused) {
  const std::string text = DumpJson(Vectors().at("count-middle-5")["proof"]);
  ASSERT_TRUE(ParseRecordProof(text).ok());
  for (std::size_t size = 0; size < text.size(); ++size) {
    EXPECT_FALSE(ParseRecordProof(std::string_view(text).substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(ParseRecordProof(text + "x").ok());
}

TEST(RecordProof, SizeIsCappedFirst) {
  EXPECT_EQ(ParseRecordProof(std::string(kMaxRecordProof + 1, ' ')).error().id, "record-proof.size");
  EXPECT_EQ(RecordText(Bytes(kMaxRecord + 1, '[')).error().id, "record.size");
}

// The format is a value like any other: who builds one by hand is not believed either.
TEST(RecordProof, ValuesThatNoParserLetsThrough) {
  const crypto::Digest256 leaf = crypto::LeafHash(AsBytes("a"));
  RecordTree tree = ProveLeaf({leaf}, leaf, true);
  ASSERT_TRUE(RecordTreeHolds(tree, leaf));
  RecordTree other = tree;
  other.times = 0;
  EXPECT_FALSE(RecordTreeHolds(other, leaf));
  other = tree;
  other.size = 0;
  EXPECT_FALSE(RecordTreeHolds(other, leaf));
  other = tree;
  other.times = UINT64_MAX;
  EXPECT_FALSE(RecordTreeHolds(other, leaf));
  other = tree;
  other.index = UINT64_MAX;
  EXPECT_FALSE(RecordTreeHolds(other, leaf));
  other = tree;
  other.present = false;
  EXPECT_FALSE(RecordTreeHolds(other, leaf));
  EXPECT_FALSE(RecordTreeHolds(RecordTree{}, leaf));
}

// What a file of text cannot hold, or not without quotes, is absent from everything.
TEST(Record, OnlyWhatAFileCouldHoldMayBeOne) {
  Selection selection;
  selection.columns = {{"name", ColumnType::kCategorical}, {"label", ColumnType::kCategorical}};
  selection.target = Target{"label", "", ""};
  const auto may_be = [&](const std::string& name, const std::string& label) {
    return CheckRecord(AsBytes(DumpJson(Json::array({name, label}))), selection).ok();
  };
  EXPECT_TRUE(may_be("a", "b"));
  EXPECT_FALSE(may_be(std::string("a\0b", 3), "b"));
  EXPECT_TRUE(may_be("a\rb ", "b"));
  selection.format.quote = false;
  EXPECT_FALSE(may_be("a\rb", "b"));
  EXPECT_TRUE(may_be("a ", "b"));
  selection.format.trim = true;
  EXPECT_FALSE(may_be("a ", "b"));
  EXPECT_FALSE(may_be("a", "b "));
  selection.target->strip_suffix = ".";
  EXPECT_TRUE(may_be("a", "b "));
  EXPECT_FALSE(may_be("a\t", "b"));
}

}  // namespace
}  // namespace attestml::statement
