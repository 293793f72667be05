// Figures that others have published about UCI Adult and German credit.
#include <gtest/gtest.h>

#include <algorithm>

#include "properties/distribution.h"
#include "properties/overlap.h"
#include "properties/tables_for_test.h"

namespace attestml::properties {
namespace {

using test::Find;
using test::MeasureOk;
using test::Number;

statement::Selection Adult(bool test_file, bool drop_missing) {
  statement::Selection selection = test::SelectionOf(
      "age:number workclass fnlwgt:number education education-num:number marital-status occupation relationship race "
      "sex capital-gain:number capital-loss:number hours-per-week:number native-country income",
      "income", ">50K");
  selection.format.trim = true;
  selection.format.missing = "?";
  selection.format.skip_lines = test_file ? 1 : 0;
  if (test_file) selection.target->strip_suffix = ".";
  selection.sensitive = {"sex", "race"};
  selection.missing = drop_missing ? statement::MissingPolicy::kDrop : statement::MissingPolicy::kCategory;
  return selection;
}

data::Table ReadTable(const std::string& path, const statement::Selection& selection) {
  auto file = artifact::MeasuredFile::Read(path, path.substr(path.rfind('/') + 1));
  EXPECT_TRUE(file.ok());
  auto table = data::Table::Read(*file, selection);
  if (!table.ok()) {
    ADD_FAILURE() << table.error().message;
    std::abort();
  }
  return std::move(table).value();
}

#define SKIP_WITHOUT(variable, path)                                  \
  const std::optional<std::string> variable = test::SharedFile(path); \
  if (!variable) GTEST_SKIP() << path << " is not there: set ATTESTML_SHARED to the folder of shared data"

TEST(Published, AdultDistribution) {
  SKIP_WITHOUT(path, "datasets/adult/adult.data");
  const data::Table table = ReadTable(*path, Adult(false, false));
  const Json parameters =
      test::Parameters(R"({"conditional":[{"of":"income","given":"sex"}],"joint":[["sex","income"]]})");
  const Measurement m = MeasureOk(Distribution(), {&table, nullptr, {}, &parameters});
  EXPECT_EQ(Number(m, {"records"}), 32561);
  EXPECT_EQ(Number(m, {.metric = "count", .where = {{"sex", "Male"}}}), 21790);
  EXPECT_EQ(Number(m, {.metric = "proportion", .where = {{"sex", "Male"}}}), 21790.0 / 32561);
  EXPECT_EQ(Number(m, {.metric = "count", .where = {{"income", ">50K"}}}), 7841);
  EXPECT_NEAR(Number(m, {.metric = "proportion", .where = {{"income", ">50K"}}, .given = {{"sex", "Female"}}}),
              0.109461, 5e-7);
  EXPECT_NEAR(Number(m, {.metric = "proportion", .where = {{"income", ">50K"}}, .given = {{"sex", "Male"}}}), 0.305737,
              5e-7);
  EXPECT_EQ(Find(m, {.metric = "proportion", .where = {{"income", ">50K"}}, .given = {{"sex", "Male"}}}).count, 21790U);
  EXPECT_EQ(Number(m, {"class-balance"}), 7841.0 / (32561 - 7841));
  EXPECT_EQ(Number(m, {.metric = "min", .column = "age"}), 17);
  EXPECT_EQ(Number(m, {.metric = "max", .column = "age"}), 90);
  EXPECT_NEAR(Number(m, {.metric = "mean", .column = "age"}), 38.581647, 5e-7);
  EXPECT_NEAR(Number(m, {.metric = "sd", .column = "age"}), 13.640433, 5e-7);
  EXPECT_EQ(Number(m, {.metric = "quantile", .column = "age", .at = "0.25"}), 28);
  EXPECT_EQ(Number(m, {.metric = "quantile", .column = "age", .at = "0.5"}), 37);
  EXPECT_EQ(Number(m, {.metric = "missing-count", .column = "workclass"}), 1836);
  EXPECT_EQ(Number(m, {.metric = "missing-count", .column = "occupation"}), 1843);
  EXPECT_EQ(Number(m, {.metric = "missing-count", .column = "native-country"}), 583);
}

TEST(Published, AdultOverlap) {
  SKIP_WITHOUT(train, "datasets/adult/adult.data");
  SKIP_WITHOUT(test_path, "datasets/adult/adult.test");
  const auto overlap = [&](bool drop_missing) {
    const data::Table table = ReadTable(*test_path, Adult(true, drop_missing));
    const data::Table other = ReadTable(*train, Adult(false, drop_missing));
    EXPECT_EQ(table.rows(), drop_missing ? 15060U : 16281U);
    EXPECT_EQ(other.rows(), drop_missing ? 30162U : 32561U);
    const data::Table* reference = &other;
    return MeasureOk(Overlap(), {&table, nullptr, {&reference, 1}, nullptr});
  };
  const Measurement all = overlap(false);
  EXPECT_EQ(Number(all, {"with-label"}), 23);
  EXPECT_EQ(Number(all, {"without-label"}), 26);
  EXPECT_EQ(Find(all, {"with-label"}).count, 16281U);
  const Measurement known = overlap(true);
  EXPECT_EQ(Number(known, {"with-label"}), 19);
  EXPECT_EQ(Number(known, {"without-label"}), 22);
}

TEST(Published, GermanCredit) {
  SKIP_WITHOUT(path, "datasets/german-credit/german.data");
  std::string names;
  for (int i = 1; i <= 20; ++i) {
    const bool number = i == 2 || i == 5 || i == 8 || i == 11 || i == 13 || i == 16 || i == 18;
    names += "a" + std::to_string(i) + (number ? ":number " : " ");
  }
  statement::Selection selection = test::SelectionOf(names + "class", "class", "2");
  selection.format.delimiter = ' ';
  const data::Table table = ReadTable(*path, selection);
  const Json parameters = test::Parameters(R"({"joint":[["a9","class"]],"columns":["a9","class"]})");
  const Measurement m = MeasureOk(Distribution(), {&table, nullptr, {}, &parameters});
  EXPECT_EQ(Number(m, {.metric = "count", .where = {{"class", "1"}}}), 700);
  EXPECT_EQ(Number(m, {.metric = "count", .where = {{"class", "2"}}}), 300);
  // german.doc.txt: A92 and A95 are female, A91, A93 and A94 male.
  std::map<bool, std::pair<double, double>> bad_of;
  for (const auto& value : table.Find("a9")->values) {
    auto& [bad, all] = bad_of[value == "A92" || value == "A95"];
    bad += Number(m, {.metric = "count", .where = {{"a9", value}, {"class", "2"}}});
    all += Number(m, {.metric = "count", .where = {{"a9", value}}});
  }
  EXPECT_EQ(bad_of[true], (std::pair<double, double>{109, 310}));
  EXPECT_EQ(bad_of[false], (std::pair<double, double>{191, 690}));
}

}  // namespace
}  // namespace attestml::properties
