#include "properties/predictions.h"

#include <gtest/gtest.h>

#include <cmath>

#include "properties/accuracy.h"
#include "properties/tables_for_test.h"

namespace attestml::properties {
namespace {

using test::SelectionOf;
using test::TableOf;
using Codes = std::vector<std::int32_t>;

data::Table Scores() {
  return TableOf("high,8,1,yes\nlow,2,0,no\nmedium,5,1,no\nlow,3,0,yes\n",
                 SelectionOf("level score:number flag:number y", "y", "yes"));
}

TEST(PredictionColumn, Values) {
  const auto predictions = PredictionsFromColumn(Scores(), {"level", {"high", "medium"}, {}});
  ASSERT_TRUE(predictions.ok()) << predictions.error().message;
  EXPECT_EQ(predictions->classes, (std::vector<std::string>{"no", "yes"}));
  EXPECT_EQ(predictions->positive, 1);
  EXPECT_EQ(predictions->labels, (Codes{1, 0, 0, 1}));
  EXPECT_EQ(predictions->predicted, (Codes{1, 0, 1, 0}));
  EXPECT_TRUE(predictions->probabilities.empty());
  EXPECT_TRUE(predictions->scores.empty());
}

TEST(PredictionColumn, ThresholdIsInclusiveAndKeepsScores) {
  const auto predictions = PredictionsFromColumn(Scores(), {"score", {}, 5.0});
  ASSERT_TRUE(predictions.ok());
  EXPECT_EQ(predictions->predicted, (Codes{1, 0, 1, 0}));
  EXPECT_EQ(predictions->scores, (std::vector<double>{8, 2, 5, 3}));
  EXPECT_EQ(PredictionsFromColumn(Scores(), {"score", {}, std::nextafter(5.0, 6.0)})->predicted, (Codes{1, 0, 0, 0}));
  const data::Table table = Scores();
  const Measurement measured = test::MeasureOk(Accuracy(), {&table, &*predictions, {}, nullptr});
  EXPECT_EQ(test::Number(measured, {"roc-auc"}), 0.75);  // of 4 pairs 8>2 8>5 3>2 stand right
  EXPECT_EQ(test::Find(measured, {"log-loss"}).reason, reason::kNoProbabilities);
}

TEST(PredictionColumn, NumericValues) {
  EXPECT_EQ(PredictionsFromColumn(Scores(), {"flag", {"1"}, {}})->predicted, (Codes{1, 0, 1, 0}));
  EXPECT_EQ(PredictionsFromColumn(Scores(), {"flag", {"1.0"}, {}})->predicted, (Codes{1, 0, 1, 0}));
  EXPECT_EQ(PredictionsFromColumn(Scores(), {"flag", {"one"}, {}}).error().id, "property.predictions.positive");
}

TEST(PredictionColumn, MoreClassesThanTwoBecomeTwo) {
  const data::Table table = TableOf("a,1\nb,0\nc,1\n", SelectionOf("y p", "y", "b"));
  const auto predictions = PredictionsFromColumn(table, {"p", {"1"}, {}});
  ASSERT_TRUE(predictions.ok());
  EXPECT_EQ(predictions->classes, (std::vector<std::string>{"not b", "b"}));
  EXPECT_EQ(predictions->labels, (Codes{0, 1, 0}));
}

TEST(PredictionColumn, WhatMakesNoSenseIsRefused) {
  const auto id = [](const data::Table& table, const PredictionColumn& source) {
    const auto predictions = PredictionsFromColumn(table, source);
    return predictions.ok() ? "ok" : predictions.error().id;
  };
  EXPECT_EQ(id(Scores(), {"levle", {"high"}, {}}), "property.column");
  EXPECT_EQ(id(Scores(), {"y", {"yes"}, {}}), "property.predictions.column");
  EXPECT_EQ(id(Scores(), {"level", {}, {}}), "property.predictions.positive");
  EXPECT_EQ(id(Scores(), {"score", {"5"}, 5.0}), "property.predictions.positive");
  EXPECT_EQ(id(Scores(), {"level", {}, 5.0}), "property.predictions.positive");
  EXPECT_EQ(id(Scores(), {"level", {"hihg"}, {}}), "property.predictions.positive");
  const data::Table no_positive = TableOf("a,1\n", SelectionOf("y p", "y"));
  EXPECT_EQ(id(no_positive, {"p", {"1"}, {}}), "property.predictions.target");
  const data::Table wrong_positive = TableOf("a,1\n", SelectionOf("y p", "y", "b"));
  EXPECT_EQ(id(wrong_positive, {"p", {"1"}, {}}), "property.predictions.target");
  const data::Table missing = TableOf("a,1\na,\n", SelectionOf("y p", "y", "a"));
  EXPECT_EQ(id(missing, {"p", {"1"}, {}}), "property.predictions.missing");
  const data::Table missing_label = TableOf("a,1\n,1\n", SelectionOf("y p", "y", "a"));
  EXPECT_EQ(id(missing_label, {"p", {"1"}, {}}), "property.predictions.missing");
  const data::Table missing_score = TableOf("a,1\na,\n", SelectionOf("y p:number", "y", "a"));
  EXPECT_EQ(id(missing_score, {"p", {}, 0.5}), "property.predictions.missing");
}

TEST(Probabilities, ArgmaxIsTheLowestCodeOnTies) {
  const auto predictions =
      PredictionsFromProbabilities({"a", "b", "c"}, {0, 1, 2}, {0.4, 0.4, 0.2, 0.1, 0.45, 0.45, 0, 0, 1}, "");
  ASSERT_TRUE(predictions.ok()) << predictions.error().message;
  EXPECT_EQ(predictions->predicted, (Codes{0, 1, 2}));
  EXPECT_EQ(predictions->positive, -1);
  EXPECT_EQ(PredictionsFromProbabilities({"a", "b"}, {0}, {0.5, 0.5}, "b")->positive, 1);
}

TEST(Probabilities, WhatIsNoDistributionIsRefused) {
  const auto id = [](std::vector<double> probabilities, Codes labels = {0}, const std::string& positive = "") {
    const auto p = PredictionsFromProbabilities({"a", "b"}, std::move(labels), std::move(probabilities), positive);
    return p.ok() ? "ok" : p.error().id;
  };
  EXPECT_EQ(id({0.5, 0.5}), "ok");
  EXPECT_EQ(id({0.5, 0.5, 0.1}), "property.predictions.shape");
  EXPECT_EQ(id({0.5, 0.5, 0.5, 0.5}), "property.predictions.shape");
  EXPECT_EQ(id({0.5, 0.5}, {2}), "property.predictions.shape");
  EXPECT_EQ(id({0.5, 0.5}, {-1}), "property.predictions.shape");
  EXPECT_EQ(id({0.5, 0.5}, {0}, "c"), "property.predictions.shape");
  EXPECT_EQ(id({0.5, 0.6}), "property.predictions.probability");
  EXPECT_EQ(id({1.5, -0.5}), "property.predictions.probability");
  EXPECT_EQ(id({std::nan(""), 1}), "property.predictions.probability");
  EXPECT_EQ(id({INFINITY, 0}), "property.predictions.probability");
}

TEST(CheckPredictions, EveryPropertyRefusesOthersShapes) {
  const data::Table table = TableOf("F,y\nM,n\n", SelectionOf("sex y", "y", "y"));
  Predictions wrong{{"n", "y"}, {1}, {1}, {}, {}, 1};
  for (const char* name : {"accuracy", "fairness"}) {
    EXPECT_EQ(test::MeasureError(*FindProperty(name), {&table, &wrong, {}, nullptr}).id, "property.predictions.shape");
    EXPECT_EQ(test::MeasureError(*FindProperty(name), {&table, nullptr, {}, nullptr}).id, "property.inputs");
    const data::Table* reference = &table;
    EXPECT_EQ(test::MeasureError(*FindProperty(name), {&table, &wrong, {&reference, 1}, nullptr}).id,
              "property.reference");
  }
}

}  // namespace
}  // namespace attestml::properties
