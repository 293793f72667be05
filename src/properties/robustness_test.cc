#include "properties/robustness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/hex.h"
#include "properties/accuracy.h"
#include "properties/binomial.h"
#include "properties/seeded.h"
#include "properties/smoothing.h"
#include "properties/subject_for_test.h"

namespace attestml::properties {
namespace {

using test::Find;
using test::Number;
using test::Subject;

constexpr const char* kEverything =
    R"({"fgsm":["0.1"],"pgd-linf":["0.1"],"pgd-l2":["0.1"],"steps":5,"gaussian-noise":["0.5"],
        "smoothing":["0.5"],"samples":200,"selection-samples":20,"radii":["0","0.1"],"slices":["sex"]})";

TEST(Robustness, SameSeedSameNumbersAndAnotherSeedOthers) {
  Subject subject(test::People(120, 1), {6}, 2, 4);
  const Json parameters = test::Parameters(kEverything);
  Inputs inputs = subject.With(&parameters);
  const auto text = [&] {
    const Measurement m = test::MeasureOk(Robustness(), inputs);
    std::string out;
    for (const auto& r : m.results) out += r.metric + r.label + r.at + "=" + r.value + ";";
    return out;
  };
  const std::string first = text();
  EXPECT_EQ(text(), first);
  inputs.seed = crypto::Sha256(AsBytes("another seed"));
  EXPECT_NE(text(), first);
}

TEST(Robustness, EveryResultHasItsQuestionAndSlicesAddUp) {
  Subject subject(test::People(120, 1), {6}, 2, 4);
  const Json parameters = test::Parameters(kEverything);
  const Measurement m = test::MeasureOk(Robustness(), subject.With(&parameters));
  std::set<std::string> questions;
  std::map<std::string, std::pair<double, double>> whole, parts;  // hits and records
  for (const auto& r : m.results) {
    std::string question = r.metric + "|" + r.label + "|" + r.at;
    for (const auto& [key, value] : r.given) question += "|" + key + "=" + value;
    EXPECT_TRUE(questions.insert(question + (r.slice.empty() ? "" : "|" + r.slice.at("sex"))).second) << question;
    auto& [hits, records] = (r.slice.empty() ? whole : parts)[question];
    hits += test::NumberOf(r) * static_cast<double>(*r.count);
    records += static_cast<double>(*r.count);
  }
  EXPECT_EQ(whole.size(), 9U);
  for (const auto& [question, sums] : whole) {
    EXPECT_NEAR(sums.first, parts[question].first, 1e-9) << question;
    EXPECT_EQ(sums.second, parts[question].second) << question;
    EXPECT_EQ(sums.second, 120) << question;
  }
  const Measurement plain = test::MeasureOk(Accuracy(), {&subject.table, &subject.predictions, {}, nullptr});
  EXPECT_EQ(Number(m, {"accuracy"}), Number(plain, {"accuracy"}));
  ASSERT_EQ(m.series.size(), 5U);
  for (const auto& series : m.series) {
    EXPECT_EQ(series.x.size(), 2U) << series.name;
    EXPECT_EQ(series.x[0], "0") << series.name;
  }
  EXPECT_EQ(m.series[0].name, "robustness/fgsm");
  EXPECT_EQ(m.series[4].name, "robustness/certified/0.5");
}

TEST(Robustness, MoreRestartsAreNeverBetterForTheModel) {
  Subject subject(test::People(200, 5), {10}, 6, 6);
  double before = 1;
  for (const char* restarts : {"0", "1", "4"}) {
    const Json parameters =
        test::Parameters(std::string(R"({"pgd-linf":["0.2"],"steps":4,"restarts":")") + restarts + R"("})");
    const Measurement m = test::MeasureOk(Robustness(), subject.With(&parameters));
    const test::TextMap given = {{"steps", "4"}, {"step-factor", "2.5"}, {"restarts", restarts}};
    const double now = Number(m, {.metric = "adversarial-accuracy", .given = given, .label = "pgd-linf", .at = "0.2"});
    EXPECT_LE(now, before);
    before = now;
    EXPECT_EQ(m.seeds.empty(), std::string(restarts) == "0");
  }
}

TEST(Robustness, ADrawOfRecordsIsSaidAndIsTheSeeds) {
  Subject subject(test::People(120, 1), {}, 2, 4);
  const Json parameters = test::Parameters(R"({"fgsm":["0.1"],"records":50})");
  Inputs inputs = subject.With(&parameters);
  const Measurement m = test::MeasureOk(Robustness(), inputs);
  const test::TextMap given = {{"records", "50"}};
  EXPECT_EQ(Find(m, {.metric = "accuracy", .given = given}).count, 50U);
  EXPECT_EQ(Find(m, {.metric = "adversarial-accuracy", .given = given, .label = "fgsm", .at = "0.1"}).count, 50U);
  const auto drawn = DrawRecords(inputs.seed, 120, 50);
  EXPECT_EQ(drawn.size(), 50U);
  EXPECT_TRUE(std::is_sorted(drawn.begin(), drawn.end()));
  double right = 0;
  for (const auto row : drawn) right += subject.predictions.predicted[row] == subject.predictions.labels[row] ? 1 : 0;
  EXPECT_EQ(Number(m, {.metric = "accuracy", .given = given}), right / 50);
  EXPECT_NE(DrawRecords(crypto::Sha256(AsBytes("z")), 120, 50), drawn);
  // As many as there are is all of them, and no draw.
  const Json all = test::Parameters(R"({"fgsm":["0.1"],"records":500})");
  inputs.parameters = &all;
  EXPECT_EQ(Find(test::MeasureOk(Robustness(), inputs), {"accuracy"}).count, 120U);
}

TEST(Robustness, OfASuppliedSet) {
  Subject subject(test::Images(20, 1), {}, 2, 1);
  const data::Table changed = test::Images(20, 2);  // the same labels
  const Predictions theirs = subject.PredictionsOn(changed);
  const data::Table* reference = &changed;
  const Predictions* supplied = &theirs;
  Inputs inputs = subject.With(nullptr);
  inputs.references = {&reference, 1};
  inputs.reference_predictions = {&supplied, 1};
  const Measurement m = test::MeasureOk(Robustness(), inputs);
  double right = 0;
  for (std::size_t i = 0; i < 20; ++i) right += theirs.predicted[i] == theirs.labels[i] ? 1 : 0;
  EXPECT_EQ(Number(m, {.metric = "adversarial-accuracy", .label = "supplied", .at = HexEncode(changed.Records().root)}),
            right / 20);
  EXPECT_TRUE(m.seeds.empty());

  const data::Table other = test::Images(19, 2);
  const Predictions fewer = subject.PredictionsOn(other);
  reference = &other;
  supplied = &fewer;
  EXPECT_EQ(test::MeasureError(Robustness(), inputs).id, "property.reference");
  inputs.reference_predictions = {};
  EXPECT_EQ(test::MeasureError(Robustness(), inputs).id, "property.inputs");
}

// Of a linear model the smoothed classifier is the model itself, right up to its distance from the boundary, and the
// chance of its class under noise is known.
TEST(Smoothing, OfALinearModel) {
  Subject subject(test::People(60, 4), {}, 7, 5);
  const InputSpace space = *InputSpace::Make(subject.model, subject.table);
  const Prober prober(subject.access, space);
  SmoothingSettings settings;
  settings.sigma = 0.4;
  settings.samples = 4000;
  std::vector<std::uint32_t> rows(60);
  for (std::uint32_t i = 0; i < 60; ++i) rows[i] = i;
  const auto certificates = *Certify(prober, settings, crypto::Sha256(AsBytes("s")), rows);
  const auto& weight = subject.model.parameters[0].values;
  const auto width = static_cast<std::size_t>(subject.model.architecture.inputs);
  std::size_t certified = 0;
  for (const std::uint32_t row : rows) {
    double squares = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const double w = static_cast<double>(weight[i] - weight[width + i]);
      if (space.Free(i, row)) squares += w * w;
    }
    const auto& p = subject.predictions.probabilities;
    const double distance = std::fabs(std::log(p[2 * row]) - std::log(p[2 * row + 1])) / std::sqrt(squares);
    if (certificates[row].predicted < 0) {
      EXPECT_LT(distance, 0.1 * settings.sigma) << "an abstention far from the boundary";
      continue;
    }
    ++certified;
    EXPECT_EQ(certificates[row].predicted, subject.predictions.predicted[row]);
    EXPECT_LE(certificates[row].radius, distance);
    // What 4000 samples can show at most, and little less than the truth below it.
    const double most = settings.sigma * NormalQuantile(ClopperPearsonLower(4000, 4000, settings.alpha));
    EXPECT_GE(certificates[row].radius, std::min(0.75 * distance - 0.05, 0.8 * most));
  }
  EXPECT_GT(certified, 50U);
}

// J. Cohen et al.: with n = 100000 and alpha = 0.001 no radius is above 3.8 sigma.
TEST(Smoothing, Radii) {
  SmoothingSettings settings;
  settings.sigma = 0.5;
  settings.samples = 100000;
  EXPECT_NEAR(CertifiedRadius(settings, 100000) / 0.5, 3.81, 0.01);
  EXPECT_EQ(CertifiedRadius(settings, 50000), 0);
  EXPECT_EQ(CertifiedRadius(settings, 50400), 0);  // more than half, but not surely
  EXPECT_GT(CertifiedRadius(settings, 51000), 0);
}

TEST(Robustness, RefusesWhatMakesNoSense) {
  Subject subject(test::People(30, 1), {}, 2);
  for (const char* bad :
       {R"({"fgsm":["0"]})", R"({"fgsm":[]})", R"({"fgsm":["0.1","0.1"]})", R"({"fgsm":"0.1"})", R"({"fgm":["0.1"]})",
        R"({"pgd-linf":["0.1"],"steps":0})", R"({"pgd-linf":["0.1"],"steps":"1.5"})",
        R"({"pgd-linf":["0.1"],"restarts":1001})", R"({"pgd-linf":["0.1"],"step-factor":"0"})",
        R"({"smoothing":["0.1"],"alpha":"0.5"})", R"({"smoothing":["-1"]})", R"({"smoothing":["0.1"],"samples":0})",
        R"({"smoothing":["0.1"],"radii":["-1"]})", R"({"fgsm":["0.1"],"records":0})", R"({"steps":5})", R"({})"}) {
    const Json parameters = test::Parameters(bad);
    EXPECT_EQ(test::MeasureError(Robustness(), subject.With(&parameters)).id, "property.parameter") << bad;
  }
  const Json blur = test::Parameters(R"({"box-blur":[1]})");  // there are no images
  EXPECT_EQ(test::MeasureError(Robustness(), subject.With(&blur)).id, "property.robustness.inputs");
  const Json many = test::Parameters(R"({"smoothing":["0.1"],"samples":"1e7","selection-samples":"1e7"})");
  EXPECT_TRUE(test::MeasureError(Robustness(),
                                 [&] {
                                   Inputs inputs = subject.With(&many);
                                   inputs.model = nullptr;
                                   return inputs;
                                 }())
                  .id == "property.inputs");
}

// A model that overflows on what an attack makes of a record says so; no class follows.
TEST(Robustness, OverflowIsAnError) {
  Subject subject(test::People(30, 1), {}, 2);
  for (float& value : subject.model.parameters[0].values) value = 3e38F;
  const Json parameters = test::Parameters(R"({"gaussian-noise":["1000"]})");
  const Error error = test::MeasureError(Robustness(), subject.With(&parameters));
  EXPECT_EQ(error.id, "property.robustness.overflow");
  EXPECT_EQ(error.kind, ErrorKind::kMalformed);
}

}  // namespace
}  // namespace attestml::properties
