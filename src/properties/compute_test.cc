#include "properties/compute.h"

#include <gtest/gtest.h>

#include "properties/flops.h"
#include "properties/tables_for_test.h"

namespace attestml::properties {
namespace {

using model::Architecture;
using model::Kind;
using test::Number;

Measurement Measure(const Architecture& architecture, const TrainingFacts* facts = nullptr) {
  model::Model model;
  model.architecture = architecture;
  const ModelAccess access{&model, nullptr, nullptr, nullptr};
  Inputs inputs;
  inputs.model = &access;
  inputs.training = facts;
  return test::MeasureOk(Compute(), inputs);
}

// torchvision's documentation gives multiply-adds in units of 10^9 (two decimals) and parameters of its models for 224
// × 224 pixels and 1000 classes: torchvision.models, table of classification weights.
TEST(Compute, AgreesWithWhatTorchvisionPublishes) {
  struct Published {
    Kind kind;
    std::int64_t depth;
    double multiply_adds;
    double parameters;
  };
  for (const Published& published : {Published{Kind::kResnet, 18, 1.81, 11689512},
                                     {Kind::kVgg, 11, 7.61, 132868840},
                                     {Kind::kVgg, 13, 11.31, 133053736},
                                     {Kind::kVgg, 16, 15.47, 138365992},
                                     {Kind::kVgg, 19, 19.63, 143678248}}) {
    Architecture a;
    a.kind = published.kind;
    a.depth = published.depth;
    a.image = {3, 224, 224};
    a.inputs = 3 * 224 * 224;
    a.outputs = 1000;
    if (a.kind == Kind::kVgg) a.hidden = {4096, 4096};
    const Measurement m = Measure(a);
    EXPECT_EQ(Number(m, {"trainable-parameters"}), published.parameters) << published.depth;
    EXPECT_NEAR(Number(m, {"forward-flops"}) / 2e9, published.multiply_adds, 0.0051) << published.depth;
    EXPECT_GT(Number(m, {"parameters"}), published.parameters);  // running means and variances
    EXPECT_EQ(Number(m, {"parameter-bytes"}), 4 * Number(m, {"parameters"}));
  }
}

TEST(Compute, CountsByHand) {
  Architecture mlp;
  mlp.inputs = 10;
  mlp.hidden = {20, 5};
  mlp.outputs = 3;
  EXPECT_EQ(ForwardFlops(mlp).number(), 2 * (10 * 20 + 20 * 5 + 5 * 3));
  EXPECT_EQ(Number(Measure(mlp), {"parameters"}), 220 + 105 + 18);

  Architecture cnn;
  cnn.kind = Kind::kCnn;
  cnn.image = {1, 28, 28};
  cnn.inputs = 784;
  cnn.channels = {32, 64, 128};
  cnn.kernel = 3;
  cnn.hidden = {100};
  cnn.outputs = 10;
  EXPECT_EQ(ForwardFlops(cnn).number(),
            2 * (9.0 * 32 * 784 + 9.0 * 32 * 64 * 196 + 9.0 * 64 * 128 * 49 + 128.0 * 9 * 100 + 1000));

  Architecture lstm;
  lstm.kind = Kind::kLstm;
  lstm.inputs = 7;
  lstm.tokens = 50;
  lstm.embedding = 6;
  lstm.units = 4;
  lstm.layers = 2;
  lstm.outputs = 2;
  EXPECT_EQ(ForwardFlops(lstm).number(), 2 * (7 * 16 * (6 + 4) + 7 * 16 * (4 + 4) + 4 * 2));

  Architecture transformer = lstm;
  transformer.kind = Kind::kTransformer;
  transformer.heads = 2;
  transformer.layers = 1;
  EXPECT_EQ(ForwardFlops(transformer).number(), 2 * (7 * 6 * 18 + 2 * 7 * 7 * 6 + 7 * 6 * 6 + 2 * 7 * 6 * 4 + 6 * 2));
}

TEST(Compute, ProgramsAreNotCounted) {
  Architecture program;
  program.kind = Kind::kTorchScript;
  program.inputs = 4;
  program.outputs = 2;
  program.state = {{"w", {2, 4}}, {"bn.running_mean", {2}}};
  TrainingFacts facts;
  facts.examples = 10;
  const Measurement m = Measure(program, &facts);
  EXPECT_EQ(test::Find(m, {"forward-flops"}).reason, reason::kNotCounted);
  EXPECT_EQ(test::Find(m, {"training-flops"}).value, "undefined");
  EXPECT_EQ(Number(m, {"parameters"}), 10);
  EXPECT_EQ(Number(m, {"trainable-parameters"}), 8);
}

TEST(Compute, FrozenProgramsAreNotSmall) {
  Architecture program;
  program.kind = Kind::kTorchScript;
  program.inputs = 4;
  program.outputs = 2;
  const Measurement m = Measure(program, nullptr);
  for (const std::string metric : {"parameters", "trainable-parameters", "parameter-bytes"}) {
    EXPECT_EQ(test::Find(m, {metric}).reason, reason::kNotCounted) << metric;
  }
}

TEST(Compute, TrainingIsThreeTimesAsMuchAnExample) {
  Architecture mlp;
  mlp.inputs = 10;
  mlp.outputs = 2;
  TrainingFacts facts;
  facts.records = 100;
  facts.steps = 20;
  facts.epochs = 2;
  facts.examples = 200;
  facts.cpu_seconds = 1.5;
  const Measurement m = Measure(mlp, &facts);
  EXPECT_EQ(Number(m, {"training-flops"}), 3 * 40 * 200);
  EXPECT_EQ(Number(m, {"examples"}), 200);
  EXPECT_EQ(Number(m, {"steps"}), 20);
  EXPECT_EQ(Number(m, {"epochs"}), 2);
  EXPECT_EQ(Number(m, {"training-records"}), 100);
  EXPECT_EQ(Number(m, {"cpu-seconds"}), 1.5);
  EXPECT_EQ(test::MeasureError(Compute(), {}).id, "property.inputs");
}

}  // namespace
}  // namespace attestml::properties
