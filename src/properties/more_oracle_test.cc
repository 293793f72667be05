// The newer properties a second time, by tests/oracle/more_properties.py, which shares no code with this folder.
#include <gtest/gtest.h>

#include "base/random.h"
#include "properties/calibration.h"
#include "properties/duplicates.h"
#include "properties/label_noise.h"
#include "properties/membership_inference.h"
#include "properties/oracle_for_test.h"
#include "properties/predictions.h"
#include "properties/regression.h"

namespace attestml::properties {
namespace {

Json AskOracle(const Json& spec) { return test::RunOracle("more_properties.py", spec.dump()); }

TEST(Oracle, Regression) {
  for (const std::size_t rows : {1000U, 7U, 1U}) {
    Random random(rows, "regression");
    std::string text;
    Json all = Json::array();
    for (std::size_t row = 0; row < rows; ++row) {
      const double truth = std::round(1000 * random.Uniform()) / 8;
      const double predicted = truth + std::round(100 * (random.Uniform() - 0.4)) / 8;
      const std::string sex = random.Below(3) == 0 || row == 0 ? "F" : "M";
      text += FormatDecimal(truth) + "," + FormatDecimal(predicted) + "," + sex + "\n";
      all.push_back({truth, predicted, sex});
    }
    const data::Table table = test::TableOf(text, test::SelectionOf("pay:number score:number sex", "pay"));
    const auto predictions = PredictionsFromColumn(table, {"score", {}, {}});
    ASSERT_TRUE(predictions.ok()) << predictions.error().message;
    const Json parameters = test::Parameters(R"({"slices":["sex"],"quantiles":["0","0.1","0.5","0.99"]})");
    const Measurement m = test::MeasureOk(Regression(), {&table, &*predictions, {}, &parameters});
    test::ExpectSame(m,
                     AskOracle({{"property", "regression"},
                                {"rows", all},
                                {"groups", rows == 1 ? Json::array({"F"}) : Json::array({"F", "M"})},
                                {"quantiles", {"0", "0.1", "0.5", "0.99"}}}),
                     20);
  }
}

// Coarse probabilities of three classes, so that many are tied.
struct Scored {
  Predictions predictions;
  std::string csv;
  Json rows = Json::array();

  Scored(std::size_t count, std::size_t classes, std::uint64_t seed, bool uneven = false) {
    Random random(seed, "scored");
    std::vector<std::string> names;
    for (std::size_t c = 0; c < classes; ++c) names.push_back(std::string(1, static_cast<char>('a' + c)));
    std::vector<std::int32_t> labels;
    std::vector<double> probabilities;
    for (std::size_t row = 0; row < count; ++row) {
      const std::size_t label = random.Below(uneven ? classes - 1 : classes);
      std::vector<double> weights;
      double total = 0;
      for (std::size_t c = 0; c < classes; ++c) {
        weights.push_back(static_cast<double>(random.Below(8)) + (c == label ? 5 : 0) + 0.125);
        total += weights.back();
      }
      for (double& weight : weights) weight /= total;
      probabilities.insert(probabilities.end(), weights.begin(), weights.end());
      labels.push_back(static_cast<std::int32_t>(label));
      const std::string sex = random.Below(4) == 0 || row == 1 ? "F" : "M";
      csv += sex + "," + names[label] + "\n";
      rows.push_back({label, weights, sex});
    }
    predictions = *PredictionsFromProbabilities(names, labels, probabilities, "");
  }
};

TEST(Oracle, Calibration) {
  for (const std::size_t rows : {900U, 5U}) {
    const Scored scored(rows, 3, rows);
    const data::Table table = test::TableOf(scored.csv, test::SelectionOf("sex y", "y"));
    const Json parameters = test::Parameters(R"({"slices":["sex"],"bin-counts":[1,10,15]})");
    const Measurement m = test::MeasureOk(Calibration(), {&table, &scored.predictions, {}, &parameters});
    test::ExpectSame(m,
                     AskOracle({{"property", "calibration"},
                                {"classes", {"a", "b", "c"}},
                                {"rows", scored.rows},
                                {"groups", {"F", "M"}},
                                {"bins", {1, 10, 15}}}),
                     3 * 4 * 3 * 8);
    EXPECT_EQ(m.series.size(), 6U);
  }
}

TEST(Oracle, MembershipInference) {
  const auto of_label = [](const Predictions& p) {
    std::vector<double> out;
    for (std::size_t row = 0; row < p.labels.size(); ++row) {
      out.push_back(p.probabilities[row * p.classes.size() + static_cast<std::size_t>(p.labels[row])]);
    }
    return out;
  };
  for (const std::size_t rows : {400U, 3U}) {
    const Scored members(rows, 3, 5), others(rows + 50, 3, 6);
    const data::Table on = test::TableOf(members.csv, test::SelectionOf("sex y", "y"));
    const data::Table against = test::TableOf(others.csv, test::SelectionOf("sex y", "y"), "others.csv");
    const data::Table* reference = &against;
    const Predictions* theirs = &others.predictions;
    Inputs inputs{&on, &members.predictions, {&reference, 1}, nullptr};
    inputs.reference_predictions = {&theirs, 1};
    const Json parameters = test::Parameters(R"({"rates":["0","0.001","0.01","0.5"]})");
    inputs.parameters = &parameters;
    const Measurement m = test::MeasureOk(MembershipInference(), inputs);
    test::ExpectSame(m,
                     AskOracle({{"property", "membership-inference"},
                                {"members", of_label(members.predictions)},
                                {"others", of_label(others.predictions)},
                                {"rates", {"0", "0.001", "0.01", "0.5"}}}),
                     9);
  }
}

TEST(Oracle, Duplicates) {
  Random random(3, "duplicates");
  std::string text;
  Json rows = Json::array();
  for (int row = 0; row < 500; ++row) {
    const std::string features = std::to_string(random.Below(30)) + "," + (random.Below(9) == 0 ? "x" : "y");
    const std::string label = random.Below(3) == 0 ? "no" : "yes";
    text += features + "," + label + "\n";
    rows.push_back({features, label});
  }
  const data::Table table = test::TableOf(text, test::SelectionOf("n:number kind y", "y"));
  test::ExpectSame(test::MeasureOk(Duplicates(), {&table, nullptr, {}, nullptr}),
                   AskOracle({{"property", "duplicates"}, {"rows", rows}}), 11);
}

TEST(Oracle, LabelNoise) {
  for (const std::uint64_t seed : {1U, 2U, 3U}) {
    const Scored scored(seed == 3 ? 4 : 600, 4, seed, seed == 2);
    const data::Table table = test::TableOf(scored.csv, test::SelectionOf("sex y", "y"));
    Json rows = Json::array();
    for (const Json& row : scored.rows) rows.push_back({row[0], row[1]});
    test::ExpectSame(test::MeasureOk(LabelNoise(), {&table, &scored.predictions, {}, nullptr}),
                     AskOracle({{"property", "label-noise"}, {"classes", {"a", "b", "c", "d"}}, {"rows", rows}}),
                     3 + 4 * 8);
  }
}

}  // namespace
}  // namespace attestml::properties
