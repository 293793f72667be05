#include "properties/accuracy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "properties/predictions.h"
#include "properties/tables_for_test.h"

namespace attestml::properties {
namespace {

using test::Find;
using test::MeasureError;
using test::MeasureOk;
using test::Number;
using test::SelectionOf;
using test::TableOf;

// Six records, classes n and y; one false positive, one false negative.
data::Table Six() { return TableOf("F,y\nF,n\nM,y\nM,n\nM,n\nM,y\n", SelectionOf("sex y", "y", "y")); }
Predictions SixPredictions() {
  return PredictionsFromProbabilities({"n", "y"}, {1, 0, 1, 0, 0, 1},
                                      {0.1, 0.9, 0.8, 0.2, 0.6, 0.4, 0.3, 0.7, 0.9, 0.1, 0.2, 0.8}, "y")
      .value();
}

TEST(Accuracy, ByHand) {
  const data::Table table = Six();
  const Predictions predictions = SixPredictions();
  const Measurement m = MeasureOk(Accuracy(), {&table, &predictions, {}, nullptr});
  EXPECT_EQ(Number(m, {"accuracy"}), 4.0 / 6);
  EXPECT_EQ(Find(m, {"accuracy"}).count, 6U);
  ASSERT_TRUE(Find(m, {"accuracy"}).interval.has_value());
  EXPECT_EQ(Find(m, {"accuracy"}).interval->method, "wilson");
  EXPECT_EQ(Number(m, {.metric = "precision", .label = "y"}), 2.0 / 3);
  EXPECT_EQ(Number(m, {.metric = "recall", .label = "y"}), 2.0 / 3);
  EXPECT_EQ(Number(m, {.metric = "f1", .label = "n"}), 2.0 / 3);
  EXPECT_EQ(Number(m, {.metric = "support", .label = "n"}), 3);
  EXPECT_EQ(Number(m, {"balanced-accuracy"}), 2.0 / 3);
  EXPECT_EQ(Number(m, {.metric = "confusion", .where = {{"actual", "n"}, {"predicted", "y"}}}), 1);
  EXPECT_EQ(Number(m, {.metric = "confusion", .where = {{"actual", "n"}, {"predicted", "n"}}}), 2);
  EXPECT_EQ(Number(m, {"roc-auc"}), 8.0 / 9);  // of 9 pairs only .4 against .7 stands wrong
  EXPECT_NEAR(Number(m, {"pr-auc"}), (1.0 + 1.0 + 3.0 / 4) / 3, 1e-15);
  EXPECT_NEAR(Number(m, {"brier"}), (0.01 + 0.04 + 0.36 + 0.49 + 0.01 + 0.04) / 6, 1e-15);
  EXPECT_NEAR(Number(m, {"log-loss"}),
              -(std::log(0.9) + std::log(0.8) + std::log(0.4) + std::log(0.3) + std::log(0.9) + std::log(0.8)) / 6,
              1e-15);
}

TEST(Accuracy, SlicesNeverStandForTheWhole) {
  const data::Table table = Six();
  const Predictions predictions = SixPredictions();
  const Json parameters = test::Parameters(R"({"slices":["sex"]})");
  const Measurement m = MeasureOk(Accuracy(), {&table, &predictions, {}, &parameters});
  EXPECT_EQ(Number(m, {"accuracy"}), 4.0 / 6);
  EXPECT_EQ(Number(m, {.metric = "accuracy", .slice = {{"sex", "F"}}}), 1);
  EXPECT_EQ(Number(m, {.metric = "accuracy", .slice = {{"sex", "M"}}}), 0.5);
  EXPECT_EQ(Find(m, {.metric = "accuracy", .slice = {{"sex", "M"}}}).count, 4U);
}

TEST(Accuracy, SeriesAreShortAndStartAtTheOrigin) {
  const data::Table table = Six();
  const Predictions predictions = SixPredictions();
  const Measurement m = MeasureOk(Accuracy(), {&table, &predictions, {}, nullptr});
  ASSERT_EQ(m.series.size(), 3U);
  EXPECT_EQ(m.series[0].name, "roc");
  EXPECT_EQ(m.series[0].x.size(), 7U);
  EXPECT_EQ(m.series[0].x.front(), "0");
  EXPECT_EQ(m.series[0].y.front(), "0");
  EXPECT_EQ(m.series[0].x.back(), "1");
  EXPECT_EQ(m.series[0].y.back(), "1");
  EXPECT_EQ(m.series[1].name, "pr");
  EXPECT_EQ(m.series[1].x.back(), "1");
  EXPECT_EQ(m.series[1].y.back(), "0.5");
  EXPECT_EQ(m.series[2].name, "calibration");
}

TEST(Accuracy, ASingleClassHasNoAreas) {
  const data::Table table = TableOf("y\ny\n", SelectionOf("y", "y", "y"));
  const Predictions predictions = PredictionsFromProbabilities({"n", "y"}, {1, 1}, {0.4, 0.6, 0.1, 0.9}, "y").value();
  const Measurement m = MeasureOk(Accuracy(), {&table, &predictions, {}, nullptr});
  EXPECT_EQ(Number(m, {"accuracy"}), 1);
  EXPECT_EQ(Find(m, {"roc-auc"}).value, "undefined");
  EXPECT_EQ(Find(m, {"roc-auc"}).reason, reason::kNoNegatives);
  EXPECT_FALSE(Find(m, {"roc-auc"}).interval.has_value());
  EXPECT_EQ(Number(m, {"pr-auc"}), 1);
  EXPECT_EQ(Find(m, {.metric = "recall", .label = "n"}).reason, reason::kNoneOfClass);
  EXPECT_EQ(Find(m, {.metric = "precision", .label = "n"}).reason, reason::kNonePredicted);
  EXPECT_EQ(Find(m, {.metric = "f1", .label = "n"}).reason, reason::kClassAbsent);
  EXPECT_EQ(Find(m, {"balanced-accuracy"}).reason, reason::kUndefinedClass);
  EXPECT_EQ(Find(m, {"f1-macro"}).reason, reason::kUndefinedClass);
  EXPECT_EQ(Number(m, {"recall-weighted"}), 1);  // a class without records has no weight
  for (const statement::Series& series : m.series) EXPECT_NE(series.name, "roc");
}

TEST(Accuracy, AnUnpredictedClassMakesPrecisionUndefinedNotZero) {
  const data::Table table = TableOf("y\nn\n", SelectionOf("y", "y", "y"));
  const Predictions predictions{{"n", "y"}, {1, 0}, {0, 0}, {}, {}, 1};
  const Measurement m = MeasureOk(Accuracy(), {&table, &predictions, {}, nullptr});
  EXPECT_EQ(Find(m, {.metric = "precision", .label = "y"}).reason, reason::kNonePredicted);
  EXPECT_EQ(Find(m, {"precision-macro"}).reason, reason::kUndefinedClass);
  EXPECT_EQ(Find(m, {"precision-weighted"}).reason, reason::kUndefinedClass);
  EXPECT_EQ(Number(m, {.metric = "f1", .label = "y"}), 0);
  EXPECT_EQ(Number(m, {"recall-macro"}), 0.5);
  EXPECT_EQ(Find(m, {"roc-auc"}).reason, reason::kNoScores);
  EXPECT_EQ(Find(m, {"brier"}).reason, reason::kNoProbabilities);
  EXPECT_TRUE(m.series.empty());
}

TEST(Accuracy, AnEmptySliceIsUndefinedThroughout) {
  statement::Selection selection = SelectionOf("sex y", "y", "y");
  selection.filter = {{"y", statement::Comparison::kIn, {"y"}}};
  const data::Table table = TableOf("F,n\nM,y\n", selection);
  const Predictions predictions = PredictionsFromProbabilities({"n", "y"}, {1}, {0.3, 0.7}, "y").value();
  const Json parameters = test::Parameters(R"({"slices":["sex"]})");
  const Measurement m = MeasureOk(Accuracy(), {&table, &predictions, {}, &parameters});
  int empty = 0;
  for (const statement::MetricResult& result : m.results) {
    if (result.slice != test::TextMap{{"sex", "F"}}) continue;
    ++empty;
    if (result.metric == "confusion" || result.metric == "support") {
      EXPECT_EQ(result.value, "0");
      continue;
    }
    EXPECT_EQ(result.value, "undefined") << result.metric;
    EXPECT_FALSE(result.reason.empty()) << result.metric;
    EXPECT_FALSE(result.interval.has_value()) << result.metric;
  }
  EXPECT_EQ(empty, 25);
}

TEST(Accuracy, LogLossHasAFloor) {
  const data::Table table = TableOf("y\nn\n", SelectionOf("y", "y", "y"));
  const Predictions predictions = PredictionsFromProbabilities({"n", "y"}, {1, 0}, {1, 0, 1, 0}, "y").value();
  const Measurement m = MeasureOk(Accuracy(), {&table, &predictions, {}, nullptr});
  EXPECT_NEAR(Number(m, {"log-loss"}), -std::log(1e-15) / 2, 1e-12);
}

TEST(Accuracy, ManyClassesAreOneAgainstTheRest) {
  const data::Table table = TableOf("a\nb\nc\na\n", SelectionOf("y", "y"));
  const Predictions predictions =
      PredictionsFromProbabilities({"a", "b", "c"}, {0, 1, 2, 0},
                                   {0.6, 0.3, 0.1, 0.2, 0.5, 0.3, 0.1, 0.6, 0.3, 0.5, 0.2, 0.3}, "")
          .value();
  const Measurement m = MeasureOk(Accuracy(), {&table, &predictions, {}, nullptr});
  EXPECT_EQ(Number(m, {.metric = "roc-auc", .label = "a"}), 1);
  EXPECT_NEAR(Number(m, {.metric = "roc-auc", .label = "b"}), 2.0 / 3, 1e-15);
  EXPECT_NEAR(Number(m, {.metric = "roc-auc", .label = "c"}), 2.0 / 3, 1e-15);  // two ties, one win
  EXPECT_NEAR(Number(m, {"roc-auc"}), (1 + 4.0 / 3) / 3, 1e-15);
  EXPECT_NEAR(Number(m, {"brier"}),
              (0.16 + 0.09 + 0.01 + 0.04 + 0.25 + 0.09 + 0.01 + 0.36 + 0.49 + 0.25 + 0.04 + 0.09) / 4, 1e-15);
  for (const statement::Series& series : m.series) EXPECT_EQ(series.name, "calibration");
}

TEST(Accuracy, ResultsAreBounded) {
  std::string text;
  Predictions predictions;
  for (int i = 0; i < 300; ++i) {
    text += std::to_string(i) + "\n";
    predictions.classes.push_back(std::to_string(i));
    predictions.labels.push_back(i);
    predictions.predicted.push_back(i);
  }
  const data::Table table = TableOf(text, SelectionOf("y", "y"));
  EXPECT_EQ(MeasureError(Accuracy(), {&table, &predictions, {}, nullptr}).id, "property.size");
}

}  // namespace
}  // namespace attestml::properties
