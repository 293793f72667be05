#include "properties/custom_property.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/hex.h"
#include "properties/predictions.h"
#include "properties/tables_for_test.h"

namespace attestml::properties {
namespace {

// An engine that answers with what the test wants and keeps what it was asked.
class Answering final : public engine::Engine {
 public:
  std::string name() const override { return "answering"; }
  std::map<std::string, std::string> Details() const override { return {}; }
  using engine::Engine::Build;
  Result<std::unique_ptr<engine::Network>> Build(const model::Architecture&, BytesView) override {
    return Unsupported("engine.architecture", "none");
  }
  Result<std::map<std::string, double>> RunProperty(BytesView program, const engine::PropertyCall& call) override {
    seen_program = ToBytes(program);
    probabilities.assign(call.probabilities.data,
                         call.probabilities.data + call.probabilities.rows * call.probabilities.columns);
    labels.assign(call.labels.begin(), call.labels.end());
    groups = call.groups;
    return answer;
  }

  std::map<std::string, double> answer = {{"gap", 0.5}};
  Bytes seen_program;
  std::vector<float> probabilities;
  std::vector<std::int32_t> labels;
  std::vector<std::pair<std::string, std::vector<std::int32_t>>> groups;
};

class CustomPropertyTest : public testing::Test {
 protected:
  CustomPropertyTest()
      : table_(test::TableOf("M,30,no\nF,50,yes\n,20,no\n", Selection())),
        predictions_(*PredictionsFromProbabilities({"no", "yes"}, {0, 1, 0}, {0.75, 0.25, 0.5, 0.5, 1, 0}, "yes")),
        property_(*CustomProperty::Make(AsBytes("a program"), "largest-gap")) {
    access_.engine = &engine_;
    inputs_.table = &table_;
    inputs_.predictions = &predictions_;
    inputs_.model = &access_;
  }

  static statement::Selection Selection() {
    statement::Selection selection = test::SelectionOf("sex age:number y", "y", "yes");
    selection.sensitive = {"sex"};
    return selection;
  }

  data::Table table_;
  Predictions predictions_;
  CustomProperty property_;
  Answering engine_;
  ModelAccess access_;
  Inputs inputs_;
};

TEST_F(CustomPropertyTest, IsNamedByItsBytes) {
  const std::string digest = HexEncode(crypto::Sha256(AsBytes("a program")));
  EXPECT_EQ(property_.name(), "custom:" + digest + "/largest-gap");
  EXPECT_EQ(property_.implementation(), "largest-gap/1");
  EXPECT_FALSE(RegisterProperty(&property_));  // it can never be mistaken for a built-in
  for (const char* bad : {"", "Gap", "a_b", "1a", "a/b", "custom:x"}) {
    EXPECT_EQ(CustomProperty::Make(AsBytes("x"), bad).error().id, "property.custom.name") << bad;
  }
  EXPECT_FALSE(CustomProperty::Make(AsBytes("x"), std::string(65, 'a')).ok());
}

TEST_F(CustomPropertyTest, SeesPredictionsLabelsAndGroups) {
  engine_.answer = {{"gap", 0.25}, {"largest", 3}};
  const Json parameters = test::Parameters(R"({"groups":["sex","age"],"bins":{"age":["25"]}})");
  inputs_.parameters = &parameters;
  const Measurement m = test::MeasureOk(property_, inputs_);
  ASSERT_EQ(m.results.size(), 2U);
  EXPECT_EQ(test::Number(m, {"gap"}), 0.25);
  EXPECT_EQ(test::Find(m, {"largest"}).count, 3U);
  EXPECT_EQ(engine_.seen_program, ToBytes(AsBytes("a program")));
  EXPECT_EQ(engine_.probabilities, (std::vector<float>{0.75F, 0.25F, 0.5F, 0.5F, 1, 0}));
  EXPECT_EQ(engine_.labels, (std::vector<std::int32_t>{0, 1, 0}));
  ASSERT_EQ(engine_.groups.size(), 2U);
  EXPECT_EQ(engine_.groups[0].first, "sex");
  EXPECT_EQ(engine_.groups[0].second, (std::vector<std::int32_t>{1, 0, 2}));  // F, M, then missing
  EXPECT_EQ(engine_.groups[1].second, (std::vector<std::int32_t>{1, 1, 0}));
  inputs_.parameters = nullptr;
  test::MeasureOk(property_, inputs_);
  EXPECT_EQ(engine_.groups.size(), 1U);  // the sensitive attributes
}

TEST_F(CustomPropertyTest, WhatIsNoNumberIsUndefined) {
  engine_.answer = {{"a", std::nan("")}, {"b", std::numeric_limits<double>::infinity()}, {"c", 1}};
  const Measurement m = test::MeasureOk(property_, inputs_);
  EXPECT_EQ(test::Find(m, {"a"}).value, "undefined");
  EXPECT_EQ(test::Find(m, {"b"}).reason, reason::kNotFinite);
  EXPECT_EQ(test::Number(m, {"c"}), 1);
}

TEST_F(CustomPropertyTest, RefusesWhatMakesNoSense) {
  engine_.answer = {};
  EXPECT_EQ(test::MeasureError(property_, inputs_).id, "property.custom.result");
  engine_.answer = {{"Not a name", 1}};
  EXPECT_EQ(test::MeasureError(property_, inputs_).id, "property.custom.result");
  engine_.answer = {{"gap", 1}};
  const Json typo = test::Parameters(R"({"group":["sex"]})");
  inputs_.parameters = &typo;
  EXPECT_EQ(test::MeasureError(property_, inputs_).id, "property.parameter");
  inputs_.parameters = nullptr;
  const Predictions without{{"no", "yes"}, {0, 1, 0}, {0, 1, 0}, {}, {}, 1};
  inputs_.predictions = &without;
  EXPECT_EQ(test::MeasureError(property_, inputs_).id, "property.inputs");
  inputs_.predictions = &predictions_;
  access_.engine = nullptr;
  EXPECT_EQ(test::MeasureError(property_, inputs_).id, "property.inputs");
}

}  // namespace
}  // namespace attestml::properties
