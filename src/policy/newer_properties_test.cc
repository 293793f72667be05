// What a policy may ask of properties that are about numbers, or about a model and never a column.
#include <gtest/gtest.h>

#include "policy/comparison.h"
#include "policy/policy.h"
#include "statement/vocabulary.h"

namespace attestml::policy {
namespace {

const std::string kSha = "\"sha256:" + std::string(64, 'a') + "\"";

std::string Require(const std::string& property, const std::string& metric, const std::string& more = "") {
  return "[trust]\ntcb-status = [\"UpToDate\"]\n[[program]]\nname = \"p\"\ntee = \"sgx\"\nmrenclave = \"" +
         std::string(64, '1') + "\"\nmay-state = [\"property\"]\n[[require]]\nclaim = \"property\"\nproperty = \"" +
         property + "\"\nmetric = \"" + metric + "\"\ndataset = " + kSha + "\ntarget = \"y\"\nvalue = \">= 0\"\n" +
         more;
}

std::string IdOf(const std::string& text) {
  const auto policy = ParsePolicy(text, "p.toml");
  return policy.ok() ? "" : policy.error().id + ": " + policy.error().message;
}

TEST(NewerProperties, RegressionIsOfAModelOrAColumnWithoutAPositiveValue) {
  const std::string column = "predictions = \"column:score\"\n";
  for (const std::string& good : {std::string(), std::string("predictions = \"model\"\n"), column}) {
    EXPECT_EQ(IdOf(Require("regression", "r-squared", good)), "") << good;
  }
  for (const std::string& bad : {std::string("predictions = \"score\"\n"), std::string("threshold = 0.5\n"),
                                 column + "threshold = 0.5\n", column + "positive-values = [\"1\"]\n"}) {
    EXPECT_TRUE(IdOf(Require("regression", "r-squared", bad)).starts_with("policy.value")) << bad;
  }
  // Of classes a column still says which of it is positive.
  EXPECT_TRUE(IdOf(Require("accuracy", "accuracy", column)).starts_with("policy.value"));
}

TEST(NewerProperties, OthersAreOfAModel) {
  const std::string reference = "reference = " + kSha + "\n";
  for (const auto& [property, metric] : {std::pair{"robustness", "adversarial-accuracy"},
                                         {"privacy", "epsilon"},
                                         {"compute", "parameters"},
                                         {"calibration", "brier"},
                                         {"label-noise", "noise-rate"},
                                         {"membership-inference", "advantage"}}) {
    const std::string more = std::string(property) == "membership-inference" ? reference : "";
    EXPECT_EQ(IdOf(Require(property, metric, more)), "");
    const std::string column = more + "predictions = \"column:score\"\nthreshold = 0.5\n";
    EXPECT_TRUE(IdOf(Require(property, metric, column)).starts_with("policy.value")) << property;
  }
  // Without the records it is told apart from, an advantage says nothing.
  EXPECT_TRUE(IdOf(Require("membership-inference", "advantage")).starts_with("policy.value"));
}

TEST(NewerProperties, NoneDependsOnThePositiveClass) {
  for (const auto& property : statement::Vocabulary()) {
    Requirement requirement;
    requirement.property = property.name;
    requirement.metric = property.metrics[0].name;
    EXPECT_FALSE(property.class_neutral && DependsOnPositive(requirement)) << property.name;
  }
  Requirement fairness;
  fairness.property = "fairness";
  fairness.metric = "tpr";
  EXPECT_TRUE(DependsOnPositive(fairness));
}

}  // namespace
}  // namespace attestml::policy
