#include "properties/fairness.h"

#include <gtest/gtest.h>

#include "properties/tables_for_test.h"

namespace attestml::properties {
namespace {

using test::Find;
using test::MeasureError;
using test::MeasureOk;
using test::Number;
using test::TextMap;

// One line per record: "sex race actual predicted".
struct People {
  std::string csv;
  Predictions predictions{{"n", "y"}, {}, {}, {}, {}, 1};

  People& Add(const std::string& sex, const std::string& race, char actual, char predicted, int times = 1) {
    for (int i = 0; i < times; ++i) {
      csv.append(sex).append(",").append(race).append(",").append(1, actual).append("\n");
      predictions.labels.push_back(actual == 'y' ? 1 : 0);
      predictions.predicted.push_back(predicted == 'y' ? 1 : 0);
    }
    return *this;
  }
  data::Table Table() const {
    statement::Selection selection = test::SelectionOf("sex race y", "y", "y");
    selection.sensitive = {"sex"};
    return test::TableOf(csv, selection);
  }
};

// F: 10 records, TP 2 FN 2 FP 1 TN 5. M: 10 records, TP 4 FN 1 FP 2 TN 3.
People TwoGroups() {
  People people;
  people.Add("F", "a", 'y', 'y', 2).Add("F", "a", 'y', 'n', 2).Add("F", "b", 'n', 'y', 1).Add("F", "b", 'n', 'n', 5);
  people.Add("M", "a", 'y', 'y', 4).Add("M", "a", 'y', 'n', 1).Add("M", "b", 'n', 'y', 2).Add("M", "b", 'n', 'n', 3);
  return people;
}

TEST(Fairness, ByHand) {
  const People people = TwoGroups();
  const data::Table table = people.Table();
  const Measurement m = MeasureOk(Fairness(), {&table, &people.predictions, {}, nullptr});
  const TextMap f = {{"sex", "F"}}, men = {{"sex", "M"}};
  EXPECT_EQ(Number(m, {.metric = "count", .slice = f}), 10);
  EXPECT_EQ(Number(m, {.metric = "selection-rate", .slice = f}), 0.3);
  EXPECT_EQ(Number(m, {.metric = "selection-rate", .slice = men}), 0.6);
  EXPECT_EQ(Number(m, {.metric = "tpr", .slice = f}), 0.5);
  EXPECT_EQ(Find(m, {.metric = "tpr", .slice = f}).count, 4U);
  EXPECT_EQ(Number(m, {.metric = "fnr", .slice = men}), 0.2);
  EXPECT_EQ(Number(m, {.metric = "fpr", .slice = f}), 1.0 / 6);
  EXPECT_EQ(Number(m, {.metric = "ppv", .slice = men}), 4.0 / 6);
  EXPECT_EQ(Number(m, {.metric = "accuracy", .slice = f}), 0.7);
  EXPECT_EQ(Number(m, {"selection-rate"}), 0.45);

  const std::vector<std::string> sex = {"sex"};
  EXPECT_EQ(Number(m, {.metric = "demographic-parity-difference", .across = sex}), 0.6 - 0.3);
  EXPECT_EQ(Number(m, {.metric = "demographic-parity-ratio", .across = sex}), 0.5);
  EXPECT_EQ(Number(m, {.metric = "disparate-impact", .across = sex}), 0.5);
  EXPECT_EQ(Number(m, {.metric = "equal-opportunity-difference", .across = sex}), 0.8 - 0.5);
  EXPECT_EQ(Number(m, {.metric = "equalized-odds-difference", .across = sex}), 0.8 - 0.5);
  EXPECT_EQ(Number(m, {.metric = "equalized-odds-ratio", .across = sex}), 1.0 / 6 / 0.4);
  EXPECT_EQ(Number(m, {.metric = "accuracy-parity-difference", .across = sex}), 0);
  EXPECT_EQ(Number(m, {.metric = "predictive-parity-difference", .across = sex}), 0);
  EXPECT_EQ(Find(m, {.metric = "demographic-parity-ratio", .across = sex}).count, 20U);
}

TEST(Fairness, IntersectionsAreAskedForOrNot) {
  const People people = TwoGroups();
  const data::Table table = people.Table();
  const auto has = [&](const char* text, const std::vector<std::string>& across) {
    const Json parameters = test::Parameters(text);
    const Measurement m = MeasureOk(Fairness(), {&table, &people.predictions, {}, &parameters});
    for (const auto& result : m.results) {
      if (result.across == across) return true;
    }
    return false;
  };
  const std::vector<std::string> both = {"race", "sex"};
  EXPECT_TRUE(has(R"({"attributes":["sex","race"]})", both));
  EXPECT_TRUE(has(R"({"attributes":["sex","race"],"intersections":true})", both));
  EXPECT_FALSE(has(R"({"attributes":["sex","race"],"intersections":false})", both));
  EXPECT_TRUE(has(R"({"attributes":["sex","race"],"intersections":[["sex","race"]]})", both));
  EXPECT_TRUE(has(R"({"attributes":["sex","race"],"intersections":false})", {"race"}));
}

TEST(Fairness, AnUndefinedGroupIsNotSkipped) {
  // Group X has no positive record: no TPR, so no aggregate of it; its FPR and selection rate exist.
  People people = TwoGroups();
  people.Add("X", "a", 'n', 'n', 3);
  const data::Table table = people.Table();
  const Measurement m = MeasureOk(Fairness(), {&table, &people.predictions, {}, nullptr});
  const std::vector<std::string> sex = {"sex"};
  EXPECT_EQ(Find(m, {.metric = "tpr", .slice = {{"sex", "X"}}}).reason, reason::kNoPositives);
  EXPECT_EQ(Find(m, {.metric = "ppv", .slice = {{"sex", "X"}}}).reason, reason::kNonePredictedPositive);
  for (const char* metric : {"equal-opportunity-difference", "equalized-odds-difference", "equalized-odds-ratio",
                             "predictive-parity-difference"}) {
    EXPECT_EQ(Find(m, {.metric = metric, .across = sex}).value, "undefined") << metric;
    EXPECT_EQ(Find(m, {.metric = metric, .across = sex}).reason, reason::kUndefinedGroup) << metric;
  }
  EXPECT_EQ(Number(m, {.metric = "demographic-parity-difference", .across = sex}), 0.6);
  EXPECT_EQ(Number(m, {.metric = "demographic-parity-ratio", .across = sex}), 0);
}

TEST(Fairness, AnEmptyGroupMakesAllAggregatesUndefined) {
  // Every record of race b is filtered out by its label: the group b stays, without members.
  People people;
  people.Add("F", "a", 'y', 'y').Add("M", "a", 'y', 'n').Add("M", "b", 'n', 'n');
  statement::Selection selection = test::SelectionOf("sex race y", "y", "y");
  selection.sensitive = {"race"};
  selection.filter = {{"y", statement::Comparison::kIn, {"y"}}};
  const data::Table table = test::TableOf(people.csv, selection);
  const Predictions predictions{{"n", "y"}, {1, 1}, {1, 0}, {}, {}, 1};
  const Measurement m = MeasureOk(Fairness(), {&table, &predictions, {}, nullptr});
  EXPECT_EQ(Number(m, {.metric = "count", .slice = {{"race", "b"}}}), 0);
  EXPECT_EQ(Find(m, {.metric = "accuracy", .slice = {{"race", "b"}}}).reason, reason::kNoRecords);
  int aggregates = 0;
  for (const auto& result : m.results) {
    if (result.across.empty()) continue;
    ++aggregates;
    EXPECT_EQ(result.value, "undefined") << result.metric;
    EXPECT_EQ(result.reason, reason::kUndefinedGroup) << result.metric;
  }
  EXPECT_EQ(aggregates, 8);
}

TEST(Fairness, MissingAttributesAreAGroup) {
  People people = TwoGroups();
  people.Add("", "a", 'y', 'n', 4).Add("", "a", 'n', 'n', 4);
  const data::Table table = people.Table();
  const Measurement m = MeasureOk(Fairness(), {&table, &people.predictions, {}, nullptr});
  EXPECT_EQ(Number(m, {.metric = "selection-rate", .slice = {{"sex", ""}}}), 0);
  EXPECT_EQ(Number(m, {.metric = "demographic-parity-difference", .across = {"sex"}}), 0.6);
}

TEST(Fairness, NobodySelectedIsZeroOverZero) {
  People people;
  people.Add("F", "a", 'y', 'n').Add("F", "a", 'n', 'n').Add("M", "a", 'y', 'n').Add("M", "a", 'n', 'n');
  const data::Table table = people.Table();
  const Measurement m = MeasureOk(Fairness(), {&table, &people.predictions, {}, nullptr});
  const std::vector<std::string> sex = {"sex"};
  EXPECT_EQ(Number(m, {.metric = "demographic-parity-difference", .across = sex}), 0);
  EXPECT_EQ(Find(m, {.metric = "demographic-parity-ratio", .across = sex}).reason, reason::kZeroRate);
  EXPECT_EQ(Find(m, {.metric = "disparate-impact", .across = sex}).reason, reason::kZeroRate);
  EXPECT_EQ(Find(m, {.metric = "equalized-odds-ratio", .across = sex}).reason, reason::kZeroRate);
  EXPECT_EQ(Find(m, {.metric = "predictive-parity-difference", .across = sex}).reason, reason::kUndefinedGroup);
}

TEST(Fairness, APrivilegedGroupNeverAnswersForPlainDisparateImpact) {
  const People people = TwoGroups();
  const data::Table table = people.Table();
  const Json parameters = test::Parameters(R"({"privileged":{"sex":"F"}})");
  const Measurement m = MeasureOk(Fairness(), {&table, &people.predictions, {}, &parameters});
  EXPECT_EQ(Number(m, {.metric = "disparate-impact", .across = {"sex"}}), 0.5);
  EXPECT_EQ(Number(m, {.metric = "disparate-impact", .given = {{"sex", "F"}}, .across = {"sex"}}), 0.6 / 0.3);

  // Over an intersection the privileged are all groups with that value, taken together.
  const Json both = test::Parameters(R"({"attributes":["sex","race"],"privileged":{"sex":"M"}})");
  const Measurement n = MeasureOk(Fairness(), {&table, &people.predictions, {}, &both});
  EXPECT_EQ(Number(n, {.metric = "disparate-impact", .given = {{"sex", "M"}}, .across = {"race", "sex"}}),
            1.0 / 6 / 0.6);
  for (const auto& result : n.results) {
    if (result.across == std::vector<std::string>{"race"}) {
      EXPECT_TRUE(result.given.empty());
    }
  }
}

TEST(Fairness, BinnedAttributesSaySo) {
  const data::Table table = test::TableOf("20,y\n50,y\n60,n\n30,n\n", test::SelectionOf("age:number y", "y", "y"));
  const Predictions predictions{{"n", "y"}, {1, 1, 0, 0}, {1, 0, 0, 1}, {}, {}, 1};
  const Json parameters = test::Parameters(R"({"attributes":["age"],"bins":{"age":["40"]}})");
  const Measurement m = MeasureOk(Fairness(), {&table, &predictions, {}, &parameters});
  EXPECT_EQ(Number(m, {.metric = "selection-rate", .slice = {{"age", "(-inf,40)"}}}), 1);
  EXPECT_EQ(Number(m, {.metric = "demographic-parity-difference", .across = {"age"}, .at = "age=40"}), 1);
}

TEST(Fairness, WrongRequestsAreErrors) {
  const People people = TwoGroups();
  const data::Table table = people.Table();
  const auto error = [&](const char* text) {
    const Json parameters = test::Parameters(text);
    return MeasureError(Fairness(), {&table, &people.predictions, {}, &parameters});
  };
  EXPECT_EQ(error(R"({"atributes":["sex"]})").message,
            "fairness: unknown parameter atributes (did you mean attributes?)");
  EXPECT_EQ(error(R"({"attributes":["sxe"]})").message, "no column sxe in test.csv (did you mean sex?)");
  EXPECT_EQ(error(R"({"attributes":[]})").id, "property.parameter");
  EXPECT_EQ(error(R"({"intersections":[["sex","race"]]})").id, "property.parameter");  // race is no attribute
  EXPECT_EQ(error(R"({"attributes":["sex","race"],"intersections":["sex"]})").id, "property.parameter");
  EXPECT_EQ(error(R"({"intersections":"yes"})").id, "property.parameter");
  EXPECT_EQ(error(R"({"privileged":{"race":"a"}})").id, "property.parameter");
  EXPECT_EQ(error(R"({"privileged":{"sex":"W"}})").id, "property.parameter");

  Predictions no_positive = people.predictions;
  no_positive.positive = -1;
  EXPECT_EQ(MeasureError(Fairness(), {&table, &no_positive, {}, nullptr}).id, "property.fairness.positive");
  const data::Table insensitive = test::TableOf(people.csv, test::SelectionOf("sex race y", "y", "y"));
  EXPECT_EQ(MeasureError(Fairness(), {&insensitive, &people.predictions, {}, nullptr}).id,
            "property.fairness.attributes");
}

}  // namespace
}  // namespace attestml::properties
