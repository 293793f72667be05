#include "statement/vocabulary.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace attestml::statement {
namespace {

bool IsName(std::string_view name) {
  if (name.empty() || name.front() < 'a' || name.front() > 'z') return false;
  return name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

TEST(Vocabulary, NamesAreDistinctAndPlain) {
  std::set<std::string_view> properties;
  for (const PropertyName& property : Vocabulary()) {
    EXPECT_TRUE(IsName(property.name)) << property.name;
    EXPECT_FALSE(property.title.empty());
    EXPECT_TRUE(properties.insert(property.name).second) << property.name;
    std::set<std::string_view> metrics;
    for (const MetricName& metric : property.metrics) {
      EXPECT_TRUE(IsName(metric.name)) << metric.name;
      EXPECT_FALSE(metric.title.empty()) << metric.name;
      EXPECT_TRUE(metrics.insert(metric.name).second) << metric.name;
    }
    std::set<std::string_view> parameters;
    for (const std::string_view parameter : property.parameters) {
      EXPECT_TRUE(IsName(parameter)) << parameter;
      EXPECT_TRUE(parameters.insert(parameter).second) << parameter;
    }
  }
  EXPECT_EQ(properties, (std::set<std::string_view>{"distribution", "accuracy", "fairness", "overlap", "regression",
                                                    "calibration", "membership-inference", "robustness", "compute",
                                                    "privacy", "duplicates", "label-noise"}));
}

TEST(Vocabulary, SaysWhatAPropertyIsAbout) {
  for (const PropertyName& property : Vocabulary()) {
    EXPECT_FALSE(property.model_alone && !property.of_model) << property.name;
    EXPECT_FALSE(property.of_numbers && property.model_alone) << property.name;
  }
  for (const char* name : {"accuracy", "fairness"}) EXPECT_FALSE(FindProperty(name)->class_neutral);
  EXPECT_TRUE(FindProperty("regression")->of_numbers);
  EXPECT_TRUE(FindProperty("privacy")->model_alone);
  EXPECT_FALSE(FindProperty("duplicates")->of_model);
}

TEST(Vocabulary, FindsWhatIsThereAndNothingElse) {
  const PropertyName* accuracy = FindProperty("accuracy");
  ASSERT_NE(accuracy, nullptr);
  EXPECT_TRUE(accuracy->of_model);
  ASSERT_NE(FindMetric(*accuracy, "balanced-accuracy"), nullptr);
  EXPECT_EQ(FindMetric(*accuracy, "balanced-accuracy")->unit, MetricUnit::kProportion);
  EXPECT_EQ(FindMetric(*accuracy, "balanced_accuracy"), nullptr);
  EXPECT_EQ(FindMetric(*accuracy, "with-label"), nullptr);
  EXPECT_EQ(FindProperty("acuracy"), nullptr);
  EXPECT_EQ(FindProperty(""), nullptr);
  ASSERT_NE(FindProperty("overlap"), nullptr);
  EXPECT_FALSE(FindProperty("overlap")->of_model);
  EXPECT_TRUE(FindProperty("overlap")->parameters.empty());
}

}  // namespace
}  // namespace attestml::statement
