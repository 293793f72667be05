// Makes the program of docs/add-a-property.md, section 4, with PyTorch and runs it behind the torch engine.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "artifact/measured_file.h"
#include "base/decimal.h"
#include "base/hex.h"
#include "engine/test_engines.h"
#include "properties/custom_property.h"
#include "properties/predictions.h"

namespace attestml::properties {
namespace {

TEST(ExampleProgram, IsWrittenSavedAndRun) {
  engine::Engine* torch = engine::TestEngine("torch");
  if (torch == nullptr) GTEST_SKIP() << "this build has no torch engine";
  if (std::system("/usr/bin/python3 -c 'import torch' >/dev/null 2>&1") != 0) {  // NOLINT: a fixed command
    GTEST_SKIP() << "python3 with torch is not there";
  }
  const auto path =
      std::filesystem::temp_directory_path() / ("attestml-accuracy-gap-" + std::to_string(::getpid()) + ".pt");
  const std::string command = std::string("/usr/bin/python3 \"") + ATTESTML_SOURCE_DIR +
                              "/tests/example_property/accuracy_gap.py\" \"" + path.string() + "\"";
  ASSERT_EQ(std::system(command.c_str()), 0);  // NOLINT: our own words
  const auto file = artifact::MeasuredFile::Read(path.string(), "accuracy_gap.pt");
  std::filesystem::remove(path);
  ASSERT_TRUE(file.ok()) << file.error().message;
  const auto property = CustomProperty::Make(file->bytes(), "accuracy-gap");
  ASSERT_TRUE(property.ok()) << property.error().message;
  EXPECT_EQ(property->name(), "custom:" + HexEncode(file->sha256()) + "/accuracy-gap");

  statement::Selection selection;
  selection.format.header = false;
  selection.columns = {{"sex", statement::ColumnType::kCategorical, true},
                       {"race", statement::ColumnType::kCategorical, true},
                       {"y", statement::ColumnType::kCategorical, true}};
  selection.target = statement::Target{"y", "", ""};
  selection.sensitive = {"sex", "race"};
  const std::string text = "M,a,no\nM,b,no\nF,a,yes\nF,b,yes\nF,b,no\n";
  const auto table = data::Table::Read(artifact::MeasuredFile::FromBytes(ToBytes(AsBytes(text)), "t.csv"), selection);
  ASSERT_TRUE(table.ok()) << table.error().message;
  // Right are M M, and of F the first only.
  const auto predictions =
      PredictionsFromProbabilities({"no", "yes"}, {0, 0, 1, 1, 0}, {1, 0, 0.75, 0.25, 0.25, 0.75, 1, 0, 0, 1}, "");
  ASSERT_TRUE(predictions.ok());
  ModelAccess access;
  access.engine = torch;
  Inputs inputs;
  inputs.table = &*table;
  inputs.predictions = &*predictions;
  inputs.model = &access;
  const auto measured = property->Measure(inputs);
  ASSERT_TRUE(measured.ok()) << measured.error().id << ": " << measured.error().message;
  ASSERT_EQ(measured->results.size(), 2U);
  EXPECT_EQ(measured->results[0].metric, "gap-race");
  EXPECT_EQ(measured->results[0].value, FormatDecimal(1.0 - 1.0 / 3));
  EXPECT_EQ(measured->results[1].metric, "gap-sex");
  EXPECT_EQ(measured->results[1].value, FormatDecimal(1.0 - 1.0 / 3));
  EXPECT_EQ(measured->results[1].count, 5U);
}

}  // namespace
}  // namespace attestml::properties
