// Every file of vectors/records: they come from tools/vectorgen/records.py, which shares no code with this folder.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <map>

#include "base/hex.h"
#include "data/test_tables.h"

namespace attestml::data {
namespace {

std::map<std::string, Json> Vectors() {
  std::map<std::string, Json> out;
  const auto folder = std::filesystem::path(ATTESTML_SOURCE_DIR) / "vectors" / "records";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto bytes = artifact::ReadFile(entry.path().string());
    EXPECT_TRUE(bytes.ok());
    const auto json = ParseJson(AsText(*bytes));
    EXPECT_TRUE(json.ok()) << entry.path() << json.error().message;
    if (json.ok()) out[entry.path().stem().string()] = *json;
  }
  return out;
}

Bytes FileBytes(const Json& vector) {
  if (vector.contains("csvHex")) return *HexDecode(vector["csvHex"].get<std::string>());
  return ToBytes(AsBytes(vector["csv"].get_ref<const std::string&>()));
}

artifact::MeasuredFile Dataset(const Json& vector, const std::string& name) {
  if (!vector.contains("files")) return artifact::MeasuredFile::FromBytes(FileBytes(vector), name + ".csv");
  std::vector<artifact::MeasuredFile> parts;
  for (const Json& file : vector["files"]) {
    parts.push_back(
        artifact::MeasuredFile::FromBytes(*HexDecode(file["hex"].get<std::string>()), file["name"].get<std::string>()));
  }
  if (parts.size() == 1) return parts[0];
  return artifact::MeasuredFile::FromParts(std::move(parts), name);
}

void ExpectRecords(const Table& table, const Json& want, bool with_label) {
  const auto leaves = table.Leaves(with_label);
  ASSERT_EQ(leaves.size(), want.size());
  for (std::size_t row = 0; row < want.size(); ++row) {
    std::string record = want[row]["text"].get<std::string>();
    if (want[row].contains("bytes")) record += AsText(*HexDecode(want[row]["bytes"].get<std::string>()));
    EXPECT_EQ(CanonicalRecord(table, row, with_label), record);
    EXPECT_EQ(HexEncode(leaves[row]), want[row]["leaf"].get<std::string>());
  }
}

TEST(RecordVectorsTest, ComeOut) {
  const auto vectors = Vectors();
  ASSERT_GE(vectors.size(), 41U);
  for (const auto& [name, vector] : vectors) {
    SCOPED_TRACE(name);
    const auto selection = statement::ParseSelection(vector["selection"]);
    ASSERT_TRUE(selection.ok()) << selection.error().message;
    const artifact::MeasuredFile file = Dataset(vector, name);
    if (vector.contains("dataset")) {
      EXPECT_EQ(HexEncode(file.sha256()), vector["dataset"].get<std::string>());
    }
    const auto table = Table::Read(file, *selection);
    if (vector["expect"] != "ok") {
      ASSERT_FALSE(table.ok());
      EXPECT_EQ(std::string(KindName(table.error().kind)), vector["expect"].get<std::string>());
      EXPECT_EQ(table.error().id, vector["reason"].get<std::string>());
      const std::string place = name + ".csv:" + vector["place"].get<std::string>() + ":";
      EXPECT_TRUE(table.error().message.starts_with(place)) << table.error().message;
      continue;
    }
    ASSERT_TRUE(table.ok()) << table.error().message;
    EXPECT_EQ(HexEncode(statement::SelectionDigest(*selection)), vector["selectionDigest"].get<std::string>());
    EXPECT_EQ(HexEncode(statement::LeafSchemaDigest(*selection)), vector["leafSchema"].get<std::string>());
    ExpectRecords(*table, vector["records"], true);
    ExpectRecords(*table, vector["withoutLabel"], false);
    EXPECT_EQ(table->Records().count, vector["count"].get<std::uint64_t>());
    EXPECT_EQ(HexEncode(table->Records().root), vector["root"].get<std::string>());
  }
}

TEST(RecordVectorsTest, AreWhatTheirGeneratorMakes) {
  if (std::system("python3 -c pass >/dev/null 2>&1") != 0) GTEST_SKIP() << "there is no python3";
  char name[] = "/tmp/attestml-records-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  const std::filesystem::path folder = name;
  const std::filesystem::path root = ATTESTML_SOURCE_DIR;
  const std::string command =
      "python3 '" + (root / "tools/vectorgen/records.py").string() + "' '" + folder.string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(root / "vectors/records")) {
    const auto made = artifact::ReadFile((folder / entry.path().filename()).string());
    ASSERT_TRUE(made.ok()) << entry.path();
    EXPECT_EQ(*made, *artifact::ReadFile(entry.path().string())) << entry.path();
    ++count;
  }
  const std::filesystem::directory_iterator made(folder);
  EXPECT_EQ(static_cast<std::size_t>(std::distance(begin(made), end(made))), count);
  std::filesystem::remove_all(folder);
}

TEST(RecordVectorsTest, OneRootForOneSetOfRecords) {
  const auto vectors = Vectors();
  EXPECT_EQ(vectors.at("plain")["root"], vectors.at("other-order-same-root")["root"]);
}

}  // namespace
}  // namespace attestml::data
