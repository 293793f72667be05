#include "properties/attacks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "properties/oracle_for_test.h"
#include "properties/robustness.h"
#include "properties/subject_for_test.h"

namespace attestml::properties {
namespace {

using test::Number;
using test::Subject;

// Of a linear model of two classes: how much input i adds to the true class's lead, in units.
double Lead(const Subject& subject, std::size_t row, std::size_t input, const InputSpace& space) {
  const auto& weight = subject.model.parameters[0].values;
  const auto width = static_cast<std::size_t>(subject.model.architecture.inputs);
  const auto label = static_cast<std::size_t>(subject.predictions.labels[row]);
  return static_cast<double>(weight[label * width + input] - weight[(1 - label) * width + input]) * space.Slope(input);
}

// The lead itself, from the probabilities.
double Margin(const Subject& subject, std::size_t row) {
  const auto label = static_cast<std::size_t>(subject.predictions.labels[row]);
  const auto& p = subject.predictions.probabilities;
  return std::log(p[row * 2 + label]) - std::log(p[row * 2 + 1 - label]);
}

// Accuracy under an attack that no linear model can do better against: right where the lead survives its worst loss.
double ClosedForm(const Subject& subject, double eps, bool l2) {
  const InputSpace space = *InputSpace::Make(subject.model, subject.table);
  double right = 0;
  for (std::size_t row = 0; row < subject.table.rows(); ++row) {
    double sum = 0, squares = 0;
    for (std::size_t i = 0; i < space.width(); ++i) {
      if (!space.Free(i, static_cast<std::uint32_t>(row))) continue;
      const double lead = Lead(subject, row, i, space);
      sum += std::fabs(lead);
      squares += lead * lead;
    }
    right += Margin(subject, row) - eps * (l2 ? std::sqrt(squares) : sum) > 0 ? 1 : 0;
  }
  return right / static_cast<double>(subject.table.rows());
}

TEST(Attacks, OfALinearModelAreItsClosedForms) {
  Subject subject(test::People(600, 1), {}, 3, 4);
  const Json parameters = test::Parameters(
      R"({"fgsm":["0.05","0.2","1"],"pgd-linf":["0.05","0.2","1"],"pgd-l2":["0.05","0.2","1"],"steps":20})");
  const Measurement m = test::MeasureOk(Robustness(), subject.With(&parameters));
  EXPECT_EQ(Number(m, {"accuracy"}), ClosedForm(subject, 0, false));
  const test::TextMap given = {{"steps", "20"}, {"step-factor", "2.5"}, {"restarts", "1"}};
  std::set<double> seen;
  for (const double eps : {0.05, 0.2, 1.0}) {
    const std::string at = FormatDecimal(eps);
    EXPECT_EQ(Number(m, {.metric = "adversarial-accuracy", .label = "fgsm", .at = at}),
              ClosedForm(subject, eps, false));
    EXPECT_EQ(Number(m, {.metric = "adversarial-accuracy", .given = given, .label = "pgd-linf", .at = at}),
              ClosedForm(subject, eps, false));
    EXPECT_EQ(Number(m, {.metric = "adversarial-accuracy", .given = given, .label = "pgd-l2", .at = at}),
              ClosedForm(subject, eps, true));
    seen.insert(ClosedForm(subject, eps, false));
    seen.insert(ClosedForm(subject, eps, true));
  }
  EXPECT_GE(seen.size(), 5U);  // the strengths tell something
  EXPECT_EQ(m.seeds, std::vector<std::string>{"robustness"});
}

// Pixels stop at 0 and 1, and a strength means the same in every channel, whatever its scale.
TEST(Attacks, OfImagesStayInRange) {
  Subject subject(test::Images(12, 1), {}, 5, 0.3);
  const InputSpace space = *InputSpace::Make(subject.model, subject.table);
  const Prober prober(subject.access, space);
  std::vector<std::uint32_t> rows(12);
  std::iota(rows.begin(), rows.end(), 0U);
  const auto units = *prober.Units(rows);
  for (const double u : units) ASSERT_TRUE(u > -1e-6 && u < 1 + 1e-6);
  AttackSettings settings;
  settings.strength = 0.1;
  const auto ends = *RunAttack(prober, settings, rows, subject.predictions.labels, units, units);
  std::size_t moved = 0;
  for (std::size_t k = 0; k < ends.size(); ++k) {
    ASSERT_TRUE(ends[k] >= 0 && ends[k] <= 1);
    const double away = std::fabs(ends[k] - units[k]);
    ASSERT_LE(away, 0.1 + 1e-9);
    if (ends[k] > 0 && ends[k] < 1) {
      ASSERT_NEAR(away, 0.1, 1e-9);
      ++moved;
    }
  }
  EXPECT_GT(moved, ends.size() / 2);
  settings.kind = AttackKind::kPgdL2;
  settings.strength = 1.5;
  settings.steps = 10;
  const auto round = *RunAttack(prober, settings, rows, subject.predictions.labels, units, units);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    double squares = 0;
    for (std::size_t i = 0; i < space.width(); ++i) {
      const std::size_t k = row * space.width() + i;
      ASSERT_TRUE(round[k] >= 0 && round[k] <= 1);
      squares += (round[k] - units[k]) * (round[k] - units[k]);
    }
    EXPECT_LE(std::sqrt(squares), 1.5 + 1e-6);
    EXPECT_GT(std::sqrt(squares), 1.0);
  }
}

TEST(Attacks, WhatBecomesOfARecordDependsOnNoOther) {
  Subject subject(test::People(300, 2), {8}, 4, 3);
  const InputSpace space = *InputSpace::Make(subject.model, subject.table);
  const Prober prober(subject.access, space);
  std::vector<std::uint32_t> rows(200);
  std::iota(rows.begin(), rows.end(), 50U);
  const std::span<const std::int32_t> labels = std::span(subject.predictions.labels).subspan(50, 200);
  for (const AttackKind kind : {AttackKind::kFgsm, AttackKind::kPgdLinf, AttackKind::kPgdL2}) {
    AttackSettings settings{kind, 0.3, 7, 2.5, 1};
    const auto units = *prober.Units(rows);
    const auto all = *RunAttack(prober, settings, rows, labels, units, units);
    for (const std::size_t one : {std::size_t{0}, std::size_t{77}, std::size_t{199}}) {
      const auto row = std::span<const std::uint32_t>(rows).subspan(one, 1);
      const auto alone = *prober.Units(row);
      const auto end = *RunAttack(prober, settings, row, labels.subspan(one, 1), alone, alone);
      for (std::size_t i = 0; i < space.width(); ++i) EXPECT_EQ(end[i], all[one * space.width() + i]);
    }
  }
}

TEST(Attacks, StartWithinTheBallAndOnlyFromTheSeed) {
  Subject subject(test::People(50, 3), {}, 4);
  const InputSpace space = *InputSpace::Make(subject.model, subject.table);
  const Prober prober(subject.access, space);
  const crypto::Digest256 seed = crypto::Sha256(AsBytes("x")), other = crypto::Sha256(AsBytes("y"));
  for (const AttackKind kind : {AttackKind::kPgdLinf, AttackKind::kPgdL2}) {
    const AttackSettings settings{kind, 0.5, 10, 2.5, 2};
    std::set<std::vector<double>> starts;
    for (std::uint32_t row = 0; row < 50; ++row) {
      const auto units = *prober.Units(std::span<const std::uint32_t>(&row, 1));
      EXPECT_EQ(StartingPoint(space, settings, seed, 0, row, units), units);
      for (std::uint64_t run = 1; run <= 2; ++run) {
        const auto start = StartingPoint(space, settings, seed, run, row, units);
        EXPECT_EQ(start, StartingPoint(space, settings, seed, run, row, units));
        EXPECT_NE(start, StartingPoint(space, settings, other, run, row, units));
        double largest = 0, squares = 0;
        for (std::size_t i = 0; i < space.width(); ++i) {
          const double away = std::fabs(start[i] - units[i]);
          EXPECT_TRUE(away == 0 || space.Free(i, row));
          largest = std::max(largest, away);
          squares += away * away;
        }
        EXPECT_LE(kind == AttackKind::kPgdLinf ? largest : std::sqrt(squares), 0.5 + 1e-12);
        EXPECT_TRUE(starts.insert(start).second);
      }
    }
  }
}

TEST(Attacks, TextsAndCategoriesCannotBeAttacked) {
  const data::Table table = test::TableOf("a,F,y\nb,M,n\na,M,n\n", test::SelectionOf("kind sex y", "y"));
  Subject subject(table, {}, 1);
  const Json parameters = test::Parameters(R"({"fgsm":["0.1"]})");
  const Error error = test::MeasureError(Robustness(), subject.With(&parameters));
  EXPECT_EQ(error.id, "property.robustness.inputs");
  EXPECT_EQ(error.kind, ErrorKind::kUsage);
}

// The same attacks in PyTorch (tests/oracle/robustness_torch.py), from the same starting points.
TEST(Attacks, AgreeWithPyTorch) {
  if (!test::HasTorch()) GTEST_SKIP() << "python3 with torch is not there";
  for (const bool images : {false, true}) {
    Subject subject(images ? test::Images(10, 9) : test::People(200, 7), {12, 6}, 8, images ? 1 : 5);
    // Away from what the model says itself, so that there is something to lose.
    const std::vector<std::int32_t>& labels = subject.predictions.predicted;
    const InputSpace space = *InputSpace::Make(subject.model, subject.table);
    const Prober prober(subject.access, space);
    std::vector<std::uint32_t> rows(subject.table.rows());
    std::iota(rows.begin(), rows.end(), 0U);
    const auto units = *prober.Units(rows);
    const std::size_t width = space.width();
    Json runs = Json::array();
    std::vector<std::vector<double>> wanted;
    std::vector<double> accuracies;
    for (const AttackKind kind : {AttackKind::kFgsm, AttackKind::kPgdLinf, AttackKind::kPgdL2}) {
      AttackSettings settings{kind, kind == AttackKind::kPgdL2 || !images ? 0.6 : 0.05, 8, 2.5, 1};
      const crypto::Digest256 seed = crypto::Sha256(AsBytes("torch"));
      std::vector<double> starts;
      for (const std::uint32_t row : rows) {
        const auto start = StartingPoint(space, settings, seed, kind == AttackKind::kFgsm ? 0 : 1, row,
                                         std::span<const double>(units).subspan(row * width, width));
        starts.insert(starts.end(), start.begin(), start.end());
      }
      wanted.push_back(*RunAttack(prober, settings, rows, labels, units, starts));
      const auto predicted = *prober.Classify(wanted.back(), rows.size());
      double right = 0;
      for (std::size_t i = 0; i < rows.size(); ++i) right += predicted[i] == labels[i] ? 1 : 0;
      accuracies.push_back(right / static_cast<double>(rows.size()));
      runs.push_back({{"kind", AttackName(kind)},
                      {"strength", settings.strength},
                      {"steps", settings.steps},
                      {"step_factor", settings.step_factor},
                      {"starts", starts}});
    }
    Json spec = {{"width", width}, {"units", units}, {"labels", labels}, {"runs", runs}};
    Json free = Json::array(), means = Json::array(), scales = Json::array();
    for (std::size_t k = 0; k < units.size(); ++k) {
      free.push_back(space.Free(k % width, rows[k / width]) ? 1 : 0);
    }
    std::vector<double> zeros(width, 0), ones(width, 1);
    std::vector<float> at_zero(width), at_one(width);
    space.ToModel(zeros, at_zero.data());
    space.ToModel(ones, at_one.data());
    spec["free"] = free;
    spec["at_zero"] = at_zero;
    spec["at_one"] = at_one;
    spec["bounded"] = images;
    Json layers = Json::array();
    for (const auto& tensor : subject.model.parameters)
      layers.push_back({{"shape", tensor.shape}, {"values", tensor.values}});
    spec["parameters"] = layers;
    const Json answer = test::RunOracle("robustness_torch.py", spec.dump(), "/usr/bin/python3");
    ASSERT_EQ(answer.size(), 3U);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(answer[i]["accuracy"].get<double>(), accuracies[i]) << i;
      ASSERT_EQ(answer[i]["ends"].size(), wanted[i].size());
      double largest = 0;
      for (std::size_t k = 0; k < wanted[i].size(); ++k) {
        largest = std::max(largest, std::fabs(answer[i]["ends"][k].get<double>() - wanted[i][k]));
      }
      EXPECT_LE(largest, 1e-5) << AttackName(static_cast<AttackKind>(i)) << " " << images;
    }
    EXPECT_LT(accuracies[1], 1);
  }
}

}  // namespace
}  // namespace attestml::properties
