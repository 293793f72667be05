#include "properties/privacy.h"

#include <gtest/gtest.h>

#include "properties/tables_for_test.h"

namespace attestml::properties {
namespace {

using test::Find;
using test::Number;

TrainingFacts Facts() {
  TrainingFacts facts;
  facts.records = 60000;
  facts.steps = 6000;
  facts.privacy = {150.0 / 60000, 1.3, 0.7};
  return facts;
}

// The figure of TensorFlow Privacy's own test (rdp_accountant_test.cc), through the property.
TEST(Privacy, SaysWhatTheAccountantSays) {
  const TrainingFacts facts = Facts();
  Inputs inputs;
  inputs.training = &facts;
  const Json parameters = test::Parameters(R"({"delta":["1e-5","1e-6"],"epsilon":1})");
  inputs.parameters = &parameters;
  const Measurement m = test::MeasureOk(Privacy(), inputs);
  EXPECT_NEAR(Number(m, {.metric = "epsilon", .at = "1e-05"}), 0.7242234026109595, 0.01 * 0.7242234026109595);
  EXPECT_GT(Number(m, {.metric = "epsilon", .at = "1e-06"}), Number(m, {.metric = "epsilon", .at = "1e-05"}));
  EXPECT_NEAR(Number(m, {.metric = "order", .at = "delta=1e-05"}), 19, 2);
  EXPECT_LT(Number(m, {.metric = "delta", .at = "1"}), 1e-5);  // epsilon 1 is more than 0.72
  EXPECT_EQ(Number(m, {"noise-multiplier"}), 1.3);
  EXPECT_EQ(Number(m, {"sample-rate"}), 0.0025);
  EXPECT_EQ(Number(m, {"clip"}), 0.7);
  EXPECT_EQ(Number(m, {"steps"}), 6000);
  EXPECT_EQ(Number(m, {"records"}), 60000);
  EXPECT_EQ(Find(m, {"steps"}).count, 60000U);
  const Json one = test::Parameters(R"({"delta":"1e-5"})");
  inputs.parameters = &one;
  EXPECT_EQ(test::MeasureOk(Privacy(), inputs).results[0].value, m.results[0].value);
}

TEST(Privacy, RefusesWhatWasNotPrivate) {
  TrainingFacts facts = Facts();
  Inputs inputs;
  EXPECT_EQ(test::MeasureError(Privacy(), inputs).id, "property.inputs");
  inputs.training = &facts;
  EXPECT_EQ(test::MeasureError(Privacy(), inputs).id, "property.parameter");  // neither delta nor epsilon
  for (const auto& [bad, id] :
       std::vector<std::pair<const char*, const char*>>{{R"({"delta":"0"})", "property.privacy.delta"},
                                                        {R"({"delta":"1"})", "property.privacy.delta"},
                                                        {R"({"delta":["1e-5","0.00001"]})", "property.parameter"},
                                                        {R"({"delta":true})", "property.parameter"},
                                                        {R"({"epsilon":"-1"})", "property.privacy.epsilon"},
                                                        {R"({"deltas":"1e-5"})", "property.parameter"}}) {
    const Json parameters = test::Parameters(bad);
    inputs.parameters = &parameters;
    EXPECT_EQ(test::MeasureError(Privacy(), inputs).id, id) << bad;
  }
  const Json parameters = test::Parameters(R"({"delta":"1e-5"})");
  inputs.parameters = &parameters;
  facts.privacy->noise_multiplier = 0;
  EXPECT_EQ(test::MeasureError(Privacy(), inputs).id, "property.privacy.mechanism");
  facts.privacy.reset();
  EXPECT_EQ(test::MeasureError(Privacy(), inputs).id, "property.privacy.training");
}

}  // namespace
}  // namespace attestml::properties
