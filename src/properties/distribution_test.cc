#include "properties/distribution.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/json.h"
#include "properties/tables_for_test.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

using test::Find;
using test::MeasureError;
using test::MeasureOk;
using test::Number;
using test::SelectionOf;
using test::TableOf;
using test::TextMap;

constexpr std::string_view kNames = "sex age:number income";
constexpr std::string_view kRows = "F,20,lo\nF,30,hi\nM,40,hi\nM,,hi\n,50,lo\n";

data::Table Five() { return TableOf(kRows, SelectionOf(kNames, "income", "hi")); }

TEST(Distribution, Marginals) {
  const data::Table table = Five();
  const Measurement m = MeasureOk(Distribution(), {&table, nullptr, {}, nullptr});
  EXPECT_EQ(Number(m, {"records"}), 5);
  EXPECT_EQ(Number(m, {.metric = "proportion", .where = {{"sex", "F"}}}), 0.4);
  EXPECT_EQ(Find(m, {.metric = "proportion", .where = {{"sex", "F"}}}).count, 5U);
  EXPECT_EQ(Number(m, {.metric = "count", .where = {{"sex", "F"}}}), 2);
  EXPECT_EQ(Number(m, {.metric = "proportion", .where = {{"sex", ""}}}), 0.2);
  EXPECT_EQ(Number(m, {.metric = "missing-rate", .column = "sex"}), 0.2);
  EXPECT_EQ(Number(m, {.metric = "missing-count", .column = "age"}), 1);
  EXPECT_EQ(Number(m, {"class-balance"}), 2.0 / 3);
}

TEST(Distribution, NumbersLeaveOutTheMissing) {
  const data::Table table = Five();
  const Json parameters = test::Parameters(R"({"columns":"age","quantiles":["0.5","0.9"]})");
  const Measurement m = MeasureOk(Distribution(), {&table, nullptr, {}, &parameters});
  EXPECT_EQ(Number(m, {.metric = "mean", .column = "age"}), 35);
  EXPECT_EQ(Find(m, {.metric = "mean", .column = "age"}).count, 4U);
  EXPECT_DOUBLE_EQ(Number(m, {.metric = "sd", .column = "age"}), std::sqrt(500.0 / 3));
  EXPECT_EQ(Number(m, {.metric = "min", .column = "age"}), 20);
  EXPECT_EQ(Number(m, {.metric = "max", .column = "age"}), 50);
  EXPECT_EQ(Number(m, {.metric = "quantile", .column = "age", .at = "0.5"}), 35);
  EXPECT_DOUBLE_EQ(Number(m, {.metric = "quantile", .column = "age", .at = "0.9"}), 47);
}

TEST(Distribution, ConditionalIsNotJoint) {
  const data::Table table = Five();
  const Json parameters =
      test::Parameters(R"({"joint":[["sex","income"]],"conditional":[{"of":"income","given":["sex"]}]})");
  const Measurement m = MeasureOk(Distribution(), {&table, nullptr, {}, &parameters});
  EXPECT_EQ(Number(m, {.metric = "proportion", .where = {{"sex", "F"}, {"income", "hi"}}}), 0.2);
  EXPECT_EQ(Number(m, {.metric = "proportion", .where = {{"income", "hi"}}, .given = {{"sex", "F"}}}), 0.5);
  EXPECT_EQ(Find(m, {.metric = "proportion", .where = {{"income", "hi"}}, .given = {{"sex", "F"}}}).count, 2U);
  EXPECT_EQ(Number(m, {.metric = "proportion", .where = {{"income", "hi"}}}), 0.6);
}

TEST(Distribution, AConditionThatNobodyMeetsIsUndefined) {
  statement::Selection selection = SelectionOf(kNames, "income", "hi");
  selection.filter = {{"age", statement::Comparison::kLess, {"35"}}};
  const data::Table young = TableOf(kRows, selection);
  const Json parameters = test::Parameters(R"({"conditional":[{"of":"income","given":"sex"}]})");
  const Measurement m = MeasureOk(Distribution(), {&young, nullptr, {}, &parameters});
  const auto result = Find(m, {.metric = "proportion", .where = {{"income", "hi"}}, .given = {{"sex", "M"}}});
  EXPECT_EQ(result.value, "undefined");
  EXPECT_EQ(result.reason, reason::kNoRecords);
  EXPECT_EQ(result.count, 0U);
  EXPECT_EQ(Number(m, {.metric = "proportion", .where = {{"sex", "M"}}}), 0);
}

TEST(Distribution, ColumnsWithoutValues) {
  const data::Table table = TableOf("F,,lo\nF,,lo\n", SelectionOf(kNames, "income", "lo"));
  const Measurement m = MeasureOk(Distribution(), {&table, nullptr, {}, nullptr});
  for (const char* metric : {"mean", "min", "max"}) {
    EXPECT_EQ(Find(m, {.metric = metric, .column = "age"}).reason, reason::kNoValues) << metric;
  }
  EXPECT_EQ(Find(m, {.metric = "sd", .column = "age"}).reason, reason::kFewerThanTwo);
  EXPECT_EQ(Find(m, {.metric = "quantile", .column = "age", .at = "0.25"}).reason, reason::kNoValues);
  EXPECT_EQ(Number(m, {.metric = "missing-rate", .column = "age"}), 1);
  EXPECT_EQ(Number(m, {"class-balance"}), 1);
}

TEST(Distribution, DroppedColumnsOnlyWhenNamed) {
  statement::Selection selection = SelectionOf(kNames, "income", "hi");
  selection.columns[0].feature = false;
  const auto has_sex = [](const Measurement& m) {
    for (const auto& result : m.results) {
      if (result.column == "sex") return true;
    }
    return false;
  };
  const data::Table table = TableOf(kRows, selection);
  EXPECT_FALSE(has_sex(MeasureOk(Distribution(), {&table, nullptr, {}, nullptr})));
  const Json parameters = test::Parameters(R"({"columns":["sex"]})");
  EXPECT_TRUE(has_sex(MeasureOk(Distribution(), {&table, nullptr, {}, &parameters})));
  selection.sensitive = {"sex"};
  const data::Table sensitive = TableOf(kRows, selection);
  EXPECT_TRUE(has_sex(MeasureOk(Distribution(), {&sensitive, nullptr, {}, nullptr})));
}

TEST(Distribution, RepresentativenessOfItselfIsPerfect) {
  const data::Table table = Five();
  const data::Table* reference = &table;
  const Measurement m = MeasureOk(Distribution(), {&table, nullptr, {&reference, 1}, nullptr});
  for (const char* column : {"sex", "age", "income"}) {
    EXPECT_EQ(Number(m, {.metric = "total-variation", .column = column}), 0);
    EXPECT_NEAR(Number(m, {.metric = "jensen-shannon", .column = column}), 0, 1e-16);
    EXPECT_EQ(Number(m, {.metric = "population-stability-index", .column = column}), 0);
    EXPECT_NEAR(Number(m, {.metric = "chi-square", .column = column}), 0, 1e-15);
    EXPECT_NEAR(Number(m, {.metric = "chi-square-p-value", .column = column}), 1, 1e-12);
  }
  EXPECT_EQ(Number(m, {.metric = "chi-square-degrees", .column = "sex"}), 2);  // the missing are a category
}

TEST(Distribution, RepresentativenessCountsMissingAndAbsentValues) {
  const data::Table ours = TableOf("a\na\nb\n\"\"\n", SelectionOf("x"));
  const data::Table theirs = TableOf("a\nb\nb\nc\n", SelectionOf("x"));
  const data::Table* reference = &theirs;
  const Json parameters = test::Parameters(R"({"psi-floor":"0.001"})");
  const Measurement m = MeasureOk(Distribution(), {&ours, nullptr, {&reference, 1}, &parameters});
  EXPECT_EQ(Number(m, {.metric = "total-variation", .column = "x"}), 0.5);
  EXPECT_EQ(Find(m, {.metric = "population-stability-index", .column = "x"}).reason, reason::kOneSided);
  EXPECT_NEAR(Number(m, {.metric = "population-stability-index", .column = "x", .at = "floor=0.001"}),
              0.5 * std::log(2.0) + 2 * 0.249 * std::log(250.0), 1e-12);
  EXPECT_EQ(Number(m, {.metric = "chi-square-degrees", .column = "x"}), 3);
}

TEST(Distribution, BinsOfTheProversChoiceAreQualified) {
  const data::Table ours = TableOf("1\n2\n3\n4\n", SelectionOf("x:number"));
  const data::Table theirs = TableOf("1\n2\n3\n9\n", SelectionOf("x:number"));
  const data::Table* reference = &theirs;
  const Json parameters = test::Parameters(R"({"bins":{"x":["100"]}})");
  const Measurement m = MeasureOk(Distribution(), {&ours, nullptr, {&reference, 1}, &parameters});
  EXPECT_EQ(Number(m, {.metric = "total-variation", .column = "x", .at = "100"}), 0);
  for (const auto& result : m.results) EXPECT_FALSE(result.metric == "total-variation" && result.at.empty());
  EXPECT_EQ(Number(m, {.metric = "count", .where = {{"x", "(-inf,100)"}}}), 4);
  EXPECT_EQ(Find(m, {.metric = "chi-square", .column = "x", .at = "100"}).reason, reason::kOneCategory);
  // Without bins: the deciles of the reference.
  const Measurement d = MeasureOk(Distribution(), {&ours, nullptr, {&reference, 1}, nullptr});
  EXPECT_EQ(Number(d, {.metric = "total-variation", .column = "x"}), 0.25);
}

TEST(Distribution, EveryResultIsAnOwnQuestionInTheVocabulary) {
  const data::Table table = Five();
  const data::Table* reference = &table;
  const Json parameters = test::Parameters(
      R"({"joint":[["sex","income"],["age","sex"]],"bins":{"age":["25","35"]},"psi-floor":"0.01",
          "conditional":[{"of":"income","given":"sex"},{"of":["income","age"],"given":"sex"}]})");
  const Measurement m = MeasureOk(Distribution(), {&table, nullptr, {&reference, 1}, &parameters});
  std::set<std::string> seen;
  for (const auto& r : m.results) {
    EXPECT_NE(statement::FindMetric(*statement::FindProperty("distribution"), r.metric), nullptr) << r.metric;
    Json key = {{"m", r.metric}, {"w", r.where}, {"g", r.given}, {"c", r.column}, {"a", r.at}};
    EXPECT_TRUE(seen.insert(DumpJson(key)).second) << DumpJson(key);
    EXPECT_TRUE(r.value == "undefined" ? !r.reason.empty() : IsShortestDecimal(r.value)) << r.value;
  }
}

TEST(Distribution, WrongRequestsAreErrors) {
  const data::Table table = Five();
  const auto error = [&](const char* text, std::span<const data::Table* const> references = {}) {
    const Json parameters = test::Parameters(text);
    return MeasureError(Distribution(), {&table, nullptr, references, &parameters});
  };
  EXPECT_EQ(error(R"({"column":["sex"]})").message, "distribution: unknown parameter column (did you mean columns?)");
  EXPECT_EQ(error(R"({"columns":["sxe"]})").id, "property.column");
  EXPECT_EQ(error(R"({"joint":[["sex"]]})").id, "property.parameter");
  EXPECT_EQ(error(R"({"joint":[["sex","age"]]})").id, "property.bins");
  EXPECT_EQ(error(R"({"conditional":[{"of":"sex"}]})").id, "property.parameter");
  EXPECT_EQ(error(R"({"conditional":[{"of":"sex","given":"sex"}]})").id, "property.parameter");
  EXPECT_EQ(error(R"({"conditional":[{"of":"sex","given":"income","when":1}]})").id, "property.parameter");
  EXPECT_EQ(error(R"({"conditional":[{"of":"sex","given":"income"},{"of":["sex"],"given":"income"}]})").id,
            "property.parameter");
  EXPECT_EQ(error(R"({"quantiles":["1.5"]})").id, "property.parameter");
  EXPECT_EQ(error(R"({"quantiles":["0.5","0.50"]})").id, "property.parameter");
  EXPECT_EQ(error(R"({"psi-floor":"0"})").id, "property.parameter");
  const data::Table other = TableOf("1,2\n", SelectionOf("sex:number income"));
  const data::Table* references[] = {&other, &other};
  EXPECT_EQ(error("{}", {references, 1}).id, "property.reference");
  EXPECT_EQ(error("{}", references).id, "property.reference");
  std::string wide;
  for (int i = 0; i < 30000; ++i) wide += "v" + std::to_string(i) + "\n";
  const data::Table ids = TableOf(wide, SelectionOf("id"));
  EXPECT_EQ(MeasureError(Distribution(), {&ids, nullptr, {}, nullptr}).id, "property.size");
}

}  // namespace
}  // namespace attestml::properties
