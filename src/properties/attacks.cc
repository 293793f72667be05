#include "properties/attacks.h"

#include <algorithm>
#include <cmath>

#include "base/decimal.h"
#include "properties/seeded.h"
#include "properties/summation.h"

namespace attestml::properties {
namespace {

double Sign(double x) { return x > 0 ? 1 : x < 0 ? -1 : 0; }

// The L2 norm over the free inputs of a record.
template <typename At>
double Norm(const InputSpace& space, std::uint32_t row, At at) {
  Sum squares;
  for (std::size_t i = 0; i < space.width(); ++i) {
    if (space.Free(i, row)) squares.Add(at(i) * at(i));
  }
  return std::sqrt(squares.Total());
}

// One step of one record, and back into the ball around `units`.
void Step(const InputSpace& space, const AttackSettings& settings, std::uint32_t row, std::span<const double> units,
          std::span<const double> gradient, std::span<double> at) {
  const double eps = settings.strength;
  const double step = settings.step_factor * eps / static_cast<double>(settings.steps);
  if (settings.kind == AttackKind::kPgdLinf) {
    for (std::size_t i = 0; i < space.width(); ++i) {
      if (!space.Free(i, row)) continue;
      const double moved = std::clamp(at[i] + step * Sign(gradient[i]), units[i] - eps, units[i] + eps);
      at[i] = space.Clamp(i, moved);
    }
    return;
  }
  const double norm = Norm(space, row, [&](std::size_t i) { return gradient[i]; });
  for (std::size_t i = 0; i < space.width(); ++i) {
    if (space.Free(i, row) && norm > 0) at[i] += step * gradient[i] / norm;
  }
  const double away = Norm(space, row, [&](std::size_t i) { return at[i] - units[i]; });
  const double shrink = away > eps ? eps / away : 1;
  for (std::size_t i = 0; i < space.width(); ++i) {
    // Clamping comes last: the record lies in the range itself, so it only gets nearer.
    if (space.Free(i, row)) at[i] = space.Clamp(i, units[i] + shrink * (at[i] - units[i]));
  }
}

}  // namespace

std::string AttackName(AttackKind kind) {
  switch (kind) {
    case AttackKind::kFgsm:
      return "fgsm";
    case AttackKind::kPgdLinf:
      return "pgd-linf";
    case AttackKind::kPgdL2:
      return "pgd-l2";
  }
  return "";
}

std::size_t Prober::batch_rows() const {
  std::size_t rows = 256;
  while (rows > 16 && rows * space_.width() > (std::size_t{1} << 21U)) rows /= 2;
  return rows;
}

Result<std::vector<double>> Prober::Units(std::span<const std::uint32_t> rows) const {
  const std::size_t width = space_.width();
  std::vector<float> inputs(rows.size() * width);
  ATTESTML_CHECK(access_.encoder->Rows(rows, inputs.data()));
  std::vector<double> units(inputs.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    space_.FromModel(std::span<const float>(inputs).subspan(row * width, width), units.data() + row * width);
  }
  return units;
}

std::vector<float> Prober::Filled(std::span<const double> units, std::size_t count) const {
  const std::size_t width = space_.width();
  std::vector<float> inputs(batch_rows() * width);
  for (std::size_t row = 0; row < count; ++row) {
    space_.ToModel(units.subspan(row * width, width), inputs.data() + row * width);
  }
  for (std::size_t row = count; row < batch_rows(); ++row) {
    std::copy_n(inputs.begin(), width, inputs.begin() + static_cast<std::ptrdiff_t>(row * width));
  }
  return inputs;
}

Result<std::vector<std::int32_t>> Prober::Classify(std::span<const double> units, std::size_t count) const {
  const std::vector<float> inputs = Filled(units, count);
  const auto classes = static_cast<std::size_t>(access_.model->architecture.outputs);
  std::vector<float> logits(batch_rows() * classes);
  ATTESTML_CHECK(access_.network->Predict({inputs.data(), batch_rows(), space_.width()}, logits));
  std::vector<std::int32_t> predicted;
  for (std::size_t row = 0; row < count; ++row) {
    const auto begin = logits.begin() + static_cast<std::ptrdiff_t>(row * classes);
    const auto end = begin + static_cast<std::ptrdiff_t>(classes);
    if (!std::all_of(begin, end, [](float z) { return std::isfinite(z); })) {
      return Malformed("property.robustness.overflow", "the model's output for a changed record is not finite");
    }
    predicted.push_back(static_cast<std::int32_t>(std::max_element(begin, end) - begin));
  }
  return predicted;
}

Result<std::vector<double>> Prober::Gradient(std::span<const double> units,
                                             std::span<const std::int32_t> labels) const {
  const std::vector<float> inputs = Filled(units, labels.size());
  std::vector<std::int32_t> filled(labels.begin(), labels.end());
  filled.resize(batch_rows(), labels[0]);
  std::vector<float> derivative(inputs.size());
  ATTESTML_CHECK(access_.network->InputGradient({inputs.data(), batch_rows(), space_.width()}, filled, derivative));
  std::vector<double> gradient(labels.size() * space_.width());
  for (std::size_t k = 0; k < gradient.size(); ++k) {
    gradient[k] = static_cast<double>(derivative[k]) * space_.Slope(k % space_.width());
    if (!std::isfinite(gradient[k])) {
      return Malformed("property.robustness.overflow", "a derivative of the model's loss is not finite");
    }
  }
  return gradient;
}

std::vector<double> StartingPoint(const InputSpace& space, const AttackSettings& settings,
                                  const crypto::Digest256& seed, std::uint64_t run, std::uint32_t row,
                                  std::span<const double> units) {
  std::vector<double> start(units.begin(), units.end());
  if (run == 0) return start;
  const std::string purpose =
      AttackName(settings.kind) + "/" + FormatDecimal(settings.strength) + "/" + std::to_string(run);
  Random random = RecordRandom(seed, purpose, row);
  if (settings.kind == AttackKind::kPgdLinf) {
    for (std::size_t i = 0; i < space.width(); ++i) {
      if (!space.Free(i, row)) continue;
      start[i] = space.Clamp(i, units[i] + settings.strength * (2 * random.Uniform() - 1));
    }
    return start;
  }
  // Uniform in the ball: a normal direction, and the root of a uniform number as its length.
  std::vector<double> direction(space.width());
  NormalDraws normal(&random);
  std::size_t free = 0;
  for (std::size_t i = 0; i < space.width(); ++i) {
    if (!space.Free(i, row)) continue;
    direction[i] = normal.Next();
    ++free;
  }
  const double length = Norm(space, row, [&](std::size_t i) { return direction[i]; });
  if (length == 0) return start;
  const double radius = settings.strength * std::pow(random.Uniform(), 1 / static_cast<double>(free));
  for (std::size_t i = 0; i < space.width(); ++i) {
    if (space.Free(i, row)) start[i] = space.Clamp(i, units[i] + radius * direction[i] / length);
  }
  return start;
}

Result<std::vector<double>> RunAttack(const Prober& prober, const AttackSettings& settings,
                                      std::span<const std::uint32_t> rows, std::span<const std::int32_t> labels,
                                      std::span<const double> units, std::vector<double> starts) {
  const InputSpace& space = prober.space();
  const std::size_t width = space.width();
  std::vector<double> at = std::move(starts);
  if (settings.kind == AttackKind::kFgsm) {
    ATTESTML_TRY(const std::vector<double> gradient, prober.Gradient(units, labels));
    for (std::size_t k = 0; k < at.size(); ++k) {
      const bool free = space.Free(k % width, rows[k / width]);
      at[k] = free ? space.Clamp(k % width, units[k] + settings.strength * Sign(gradient[k])) : units[k];
    }
    return at;
  }
  for (std::uint64_t step = 0; step < settings.steps; ++step) {
    ATTESTML_TRY(const std::vector<double> gradient, prober.Gradient(at, labels));
    for (std::size_t row = 0; row < rows.size(); ++row) {
      Step(space, settings, rows[row], units.subspan(row * width, width),
           std::span<const double>(gradient).subspan(row * width, width),
           std::span<double>(at).subspan(row * width, width));
    }
  }
  return at;
}

Status Attack(const Prober& prober, const AttackSettings& settings, const crypto::Digest256& seed,
              std::span<const std::uint32_t> rows, std::span<const std::int32_t> labels,
              std::vector<std::uint8_t>* right) {
  const std::size_t width = prober.space().width();
  const std::uint64_t runs = settings.kind == AttackKind::kFgsm ? 1 : settings.restarts + 1;
  for (std::uint64_t run = 0; run < runs; ++run) {
    std::vector<std::size_t> open;  // a record that fell once needs no further run
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if ((*right)[i] != 0) open.push_back(i);
    }
    for (std::size_t from = 0; from < open.size(); from += prober.batch_rows()) {
      const std::size_t count = std::min(prober.batch_rows(), open.size() - from);
      std::vector<std::uint32_t> batch;
      std::vector<std::int32_t> truths;
      for (std::size_t i = from; i < from + count; ++i) {
        batch.push_back(rows[open[i]]);
        truths.push_back(labels[open[i]]);
      }
      ATTESTML_TRY(const std::vector<double> units, prober.Units(batch));
      std::vector<double> starts;
      starts.reserve(units.size());
      for (std::size_t i = 0; i < count; ++i) {
        const auto start = StartingPoint(prober.space(), settings, seed, run, batch[i],
                                         std::span<const double>(units).subspan(i * width, width));
        starts.insert(starts.end(), start.begin(), start.end());
      }
      ATTESTML_TRY(const std::vector<double> ends,
                   RunAttack(prober, settings, batch, truths, units, std::move(starts)));
      ATTESTML_TRY(const std::vector<std::int32_t> predicted, prober.Classify(ends, count));
      for (std::size_t i = 0; i < count; ++i) {
        if (predicted[i] != truths[i]) (*right)[open[from + i]] = 0;
      }
    }
  }
  return {};
}

}  // namespace attestml::properties
