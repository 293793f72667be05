// Closed forms and edges of regression, calibration, membership-inference, duplicates and label-noise.
#include <gtest/gtest.h>

#include <cmath>

#include "properties/accuracy.h"
#include "properties/calibration.h"
#include "properties/distribution.h"
#include "properties/duplicates.h"
#include "properties/label_noise.h"
#include "properties/membership_inference.h"
#include "properties/predictions.h"
#include "properties/regression.h"
#include "properties/reliability.h"
#include "properties/tables_for_test.h"

namespace attestml::properties {
namespace {

using test::Find;
using test::Number;
using test::SelectionOf;
using test::TableOf;

TEST(Regression, ByHand) {
  // scikit-learn's documentation of r2_score: 3, -0.5, 2, 7 predicted as 2.5, 0, 2, 8 have R² 0.9486…, mean squared
  // error 0.375, mean absolute error 0.5.
  const data::Table table = TableOf("3,2.5\n-0.5,0\n2,2\n7,8\n", SelectionOf("y:number p:number", "y"));
  const auto predictions = PredictionsFromColumn(table, {"p", {}, {}});
  ASSERT_TRUE(predictions.ok());
  EXPECT_TRUE(predictions->numeric());
  const Measurement m = test::MeasureOk(Regression(), {&table, &*predictions, {}, nullptr});
  EXPECT_EQ(Number(m, {"mean-squared-error"}), 0.375);
  EXPECT_EQ(Number(m, {"root-mean-squared-error"}), std::sqrt(0.375));
  EXPECT_EQ(Number(m, {"mean-absolute-error"}), 0.5);
  EXPECT_EQ(Number(m, {"largest-absolute-error"}), 1);
  EXPECT_NEAR(Number(m, {"r-squared"}), 0.948608137044968, 1e-14);
  EXPECT_EQ(Number(m, {"residual-mean"}), 0.25);
  EXPECT_EQ(Number(m, {.metric = "residual-quantile", .at = "0.5"}), 0.25);
}

TEST(Regression, EqualTruthsHaveNoRSquared) {
  const data::Table table = TableOf("0.1,1\n0.1,2\n0.1,3\n", SelectionOf("y:number p:number", "y"));
  const auto predictions = PredictionsFromColumn(table, {"p", {}, {}});
  const Measurement m = test::MeasureOk(Regression(), {&table, &*predictions, {}, nullptr});
  EXPECT_EQ(Find(m, {"r-squared"}).reason, reason::kOneNumber);
  const data::Table huge = TableOf("-1e308,1e308\n1e308,1\n", SelectionOf("y:number p:number", "y"));
  const auto wide = PredictionsFromColumn(huge, {"p", {}, {}});
  const Measurement overflow = test::MeasureOk(Regression(), {&huge, &*wide, {}, nullptr});
  for (const auto& result : overflow.results) {
    EXPECT_TRUE(result.value != "undefined" || result.reason == reason::kNotFinite) << result.metric;
  }
  EXPECT_EQ(Find(overflow, {"mean-squared-error"}).value, "undefined");
}

TEST(NumericTarget, IsForRegressionAlone) {
  const data::Table table = TableOf("1,2,F\n2,3,M\n", SelectionOf("y:number p:number sex", "y"));
  const auto numbers = PredictionsFromColumn(table, {"p", {}, {}});
  ASSERT_TRUE(numbers.ok());
  EXPECT_EQ(test::MeasureError(Accuracy(), {&table, &*numbers, {}, nullptr}).id, "property.predictions.target");
  EXPECT_EQ(test::MeasureError(Calibration(), {&table, &*numbers, {}, nullptr}).id, "property.predictions.target");
  const Predictions classes{{"a", "b"}, {0, 1}, {0, 1}, {}, {}, -1};
  EXPECT_EQ(test::MeasureError(Regression(), {&table, &classes, {}, nullptr}).id, "property.predictions.target");
  const auto id = [&](const PredictionColumn& source) { return PredictionsFromColumn(table, source).error().id; };
  EXPECT_EQ(id({"p", {}, 0.5}), "property.predictions.positive");
  EXPECT_EQ(id({"p", {"1"}, {}}), "property.predictions.positive");
  EXPECT_EQ(id({"sex", {}, {}}), "property.predictions.column");
  EXPECT_EQ(id({"y", {}, {}}), "property.predictions.column");
  const data::Table missing = TableOf("1,\n2,3\n", SelectionOf("y:number p:number", "y"));
  EXPECT_EQ(PredictionsFromColumn(missing, {"p", {}, {}}).error().id, "property.predictions.missing");
  // What asks for classes says that there are none; what does not, goes on.
  EXPECT_EQ(table.Labels({"1", "2"}).error().id, "data.label");
  const auto encoding = data::FitEncoding(table);
  ASSERT_TRUE(encoding.ok());
  EXPECT_TRUE(encoding->number.has_value());
  // A model's numbers are judged as a column's are.
  const auto given = PredictionsFromNumbers(*table.Numbers(), {2, 3});
  ASSERT_TRUE(given.ok());
  EXPECT_EQ(given->numbers, numbers->numbers);
  EXPECT_EQ(given->scores, numbers->scores);
  EXPECT_EQ(test::MeasureError(Accuracy(), {&table, &*given, {}, nullptr}).id, "property.predictions.target");
  EXPECT_EQ(PredictionsFromNumbers({1, 2}, {1}).error().id, "property.predictions.shape");
  EXPECT_EQ(PredictionsFromNumbers({1, 2}, {1, NAN}).error().id, "property.predictions.shape");
  EXPECT_EQ(Number(test::MeasureOk(Distribution(), {&table, nullptr, {}, nullptr}), {"records"}), 2);
  EXPECT_EQ(Number(test::MeasureOk(Duplicates(), {&table, nullptr, {}, nullptr}), {"label-conflicts"}), 0);
}

TEST(Calibration, OfAForecasterWhoKnows) {
  // Says 0.25 and 0.75, and is right as often: no gap, no reliability term.
  std::vector<double> forecasts;
  std::vector<std::uint8_t> events;
  for (int i = 0; i < 8; ++i) {
    forecasts.push_back(i < 4 ? 0.25 : 0.75);
    events.push_back(i == 0 || i >= 5 ? 1 : 0);
  }
  for (const auto& bins : {EqualWidthBins(forecasts, events, 4), EqualMassBins(forecasts, events, 2)}) {
    EXPECT_EQ(bins.size(), 2U);
    EXPECT_EQ(MeanGap(bins).number(), 0);
    EXPECT_EQ(LargestGap(bins).number(), 0);
    const BrierParts parts = Decompose(forecasts, events, bins);
    EXPECT_EQ(parts.reliability, 0);
    EXPECT_EQ(parts.resolution, 0.0625);
    EXPECT_EQ(parts.uncertainty, 0.25);
    EXPECT_EQ(parts.within, 0);
    EXPECT_EQ(parts.score, 0.1875);
  }
  EXPECT_FALSE(MeanGap({}).defined());
  EXPECT_FALSE(LargestGap({}).defined());
}

TEST(Calibration, FifteenBinsAreThoseOfAccuracy) {
  const data::Table table = TableOf("a\nb\na\n", SelectionOf("y", "y"));
  const auto p = PredictionsFromProbabilities({"a", "b"}, {0, 1, 0}, {0.7, 0.3, 0.6, 0.4, 0.2, 0.8}, "");
  const Measurement ours = test::MeasureOk(Calibration(), {&table, &*p, {}, nullptr});
  const Measurement plain = test::MeasureOk(Accuracy(), {&table, &*p, {}, nullptr});
  EXPECT_EQ(Number(ours, {.metric = "expected-calibration-error", .at = "15"}),
            Number(plain, {"expected-calibration-error"}));
  const Json wrong = test::Parameters(R"({"bin-counts":[0]})");
  EXPECT_EQ(test::MeasureError(Calibration(), {&table, &*p, {}, &wrong}).id, "property.parameter");
}

// Members are always sure, others never: the attack tells all of them apart. Then the two are alike: none.
TEST(MembershipInference, FromNothingToEverything) {
  const data::Table table = TableOf("a\na\n", SelectionOf("y", "y"));
  const data::Table other = TableOf("a\na\na\n", SelectionOf("y", "y"), "other.csv");
  const data::Table* reference = &other;
  const auto members = *PredictionsFromProbabilities({"a", "b"}, {0, 0}, {1, 0, 1, 0}, "");
  const auto others = *PredictionsFromProbabilities({"a", "b"}, {0, 0, 0}, {0.5, 0.5, 0.5, 0.5, 0, 1}, "");
  const auto alike = *PredictionsFromProbabilities({"a", "b"}, {0, 0, 0}, {1, 0, 1, 0, 1, 0}, "");
  const Predictions* theirs = &others;
  Inputs inputs{&table, &members, {&reference, 1}, nullptr};
  inputs.reference_predictions = {&theirs, 1};
  const Measurement all = test::MeasureOk(MembershipInference(), inputs);
  for (const char* metric : {"advantage", "mean-loss-advantage", "roc-auc"}) EXPECT_EQ(Number(all, {metric}), 1);
  EXPECT_EQ(Number(all, {.metric = "tpr-at-fpr", .at = "0.001"}), 1);
  EXPECT_EQ(Number(all, {"member-loss"}), 0);
  EXPECT_NEAR(Number(all, {"non-member-loss"}), (2 * std::log(2) + 15 * std::log(10)) / 3, 1e-12);
  theirs = &alike;
  const Measurement none = test::MeasureOk(MembershipInference(), inputs);
  for (const char* metric : {"advantage", "mean-loss-advantage"}) EXPECT_EQ(Number(none, {metric}), 0);
  EXPECT_EQ(Number(none, {"roc-auc"}), 0.5);
  EXPECT_EQ(Number(none, {.metric = "tpr-at-fpr", .at = "0.01"}), 0);
  inputs.references = {};
  EXPECT_EQ(test::MeasureError(MembershipInference(), inputs).id, "property.reference");
}

TEST(Duplicates, ByHand) {
  const data::Table table =
      TableOf("1,x,no\n1.0,x,no\n1,x,yes\n2,x,no\n2,,no\n2,,no\n", SelectionOf("n:number kind y", "y"));
  const Measurement m = test::MeasureOk(Duplicates(), {&table, nullptr, {}, nullptr});
  EXPECT_EQ(Number(m, {"records"}), 6);
  EXPECT_EQ(Number(m, {"with-label-distinct"}), 4);
  EXPECT_EQ(Number(m, {"with-label-repeated"}), 4);
  EXPECT_EQ(Number(m, {"with-label-largest"}), 2);
  EXPECT_EQ(Number(m, {"without-label-distinct"}), 3);
  EXPECT_EQ(Number(m, {"without-label-repeated"}), 5);
  EXPECT_EQ(Number(m, {"without-label-largest"}), 3);
  EXPECT_EQ(Number(m, {"label-conflicts"}), 3);
  EXPECT_EQ(Number(m, {"label-conflicts-proportion"}), 0.5);
  const data::Table without = TableOf("1\n1\n", SelectionOf("n:number"));
  EXPECT_EQ(Find(test::MeasureOk(Duplicates(), {&without, nullptr, {}, nullptr}), {"label-conflicts"}).reason,
            reason::kNoTarget);
}

// Labels that were flipped are found, and no others, where the model is sure and right.
TEST(LabelNoise, FindsFlippedLabels) {
  std::string text;
  std::vector<std::int32_t> labels;
  std::vector<double> probabilities;
  for (int i = 0; i < 100; ++i) {
    const int truth = i % 2;
    const int label = i < 10 ? 1 - truth : truth;  // five flipped of each
    labels.push_back(label);
    text += label == 0 ? "a\n" : "b\n";
    probabilities.push_back(truth == 0 ? 0.96875 : 0.03125);
    probabilities.push_back(truth == 0 ? 0.03125 : 0.96875);
  }
  const data::Table table = TableOf(text, SelectionOf("y", "y"));
  const auto p = *PredictionsFromProbabilities({"a", "b"}, labels, probabilities, "");
  const Measurement m = test::MeasureOk(LabelNoise(), {&table, &p, {}, nullptr});
  EXPECT_EQ(Number(m, {"confident-errors"}), 10);
  EXPECT_EQ(Number(m, {"noise-rate"}), 0.1);
  EXPECT_EQ(Number(m, {.metric = "noise-rate", .label = "a"}), 0.1);
  EXPECT_EQ(Number(m, {.metric = "confident-joint", .where = {{"label", "a"}, {"likely", "b"}}}), 5);
  EXPECT_EQ(Number(m, {.metric = "confident-joint", .where = {{"label", "b"}, {"likely", "b"}}}), 45);
}

TEST(LabelNoise, AClassWithoutRecordsIsUndefined) {
  const data::Table table = TableOf("a\nb\n", SelectionOf("y", "y"));
  const auto p = *PredictionsFromProbabilities({"a", "b", "c"}, {0, 1}, {0.5, 0.25, 0.25, 0.25, 0.5, 0.25}, "");
  const Measurement m = test::MeasureOk(LabelNoise(), {&table, &p, {}, nullptr});
  EXPECT_EQ(Find(m, {.metric = "noise-rate", .label = "c"}).reason, reason::kNoneOfClass);
  EXPECT_EQ(Find(m, {.metric = "threshold", .label = "c"}).reason, reason::kNoneOfClass);
  EXPECT_EQ(Number(m, {"noise-rate"}), 0);
}

}  // namespace
}  // namespace attestml::properties
