// Attacks that follow the gradient of the loss: FGSM (I. Goodfellow et al., arXiv:1412.6572) and PGD (A. Madry et al.,
// arXiv:1706.06083). spec/properties.md, "robustness".
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"
#include "properties/input_space.h"
#include "properties/property.h"

namespace attestml::properties {

enum class AttackKind : std::uint8_t { kFgsm, kPgdLinf, kPgdL2 };

// "fgsm", "pgd-linf", "pgd-l2".
std::string AttackName(AttackKind kind);

struct AttackSettings {
  AttackKind kind = AttackKind::kFgsm;
  double strength = 0;       // how far an input may go, in units (L-infinity, or L2 of the whole record)
  std::uint64_t steps = 40;  // of PGD
  double step_factor = 2.5;  // a step is step_factor × strength / steps
  std::uint64_t restarts = 1;
};

// Records of one table and a model, for attacks and corruptions. Borrows everything.
class Prober {
 public:
  Prober(const ModelAccess& access, const InputSpace& space) : access_(access), space_(space) {}

  // Rows that are worked on together: always as many, the last ones filled up with copies, so that what becomes of a
  // record does not depend on the others.
  std::size_t batch_rows() const;

  // The records in units, row-major.
  Result<std::vector<double>> Units(std::span<const std::uint32_t> rows) const;
  // The class of highest logit of each of `count` records in units, the lowest code on ties; at most batch_rows() of
  // them. Error property.robustness.overflow (malformed) where a logit is not finite.
  Result<std::vector<std::int32_t>> Classify(std::span<const double> units, std::size_t count) const;
  // The derivative of the mean loss of the records by each input, in units; not free ones included.
  Result<std::vector<double>> Gradient(std::span<const double> units, std::span<const std::int32_t> labels) const;

  const InputSpace& space() const { return space_; }

 private:
  std::vector<float> Filled(std::span<const double> units, std::size_t count) const;

  const ModelAccess& access_;
  const InputSpace& space_;
};

// Where run `run` begins for a record that lies at `units`: run 0 at the record itself, others at a random point of the
// ball, drawn for (settings, run, row).
std::vector<double> StartingPoint(const InputSpace& space, const AttackSettings& settings,
                                  const crypto::Digest256& seed, std::uint64_t run, std::uint32_t row,
                                  std::span<const double> units);

// One run of the attack from `starts`, for at most batch_rows() records of numbers `rows` that lie at `units`: where
// they end. FGSM does not look at the starts.
Result<std::vector<double>> RunAttack(const Prober& prober, const AttackSettings& settings,
                                      std::span<const std::uint32_t> rows, std::span<const std::int32_t> labels,
                                      std::span<const double> units, std::vector<double> starts);

// Every run on every record whose `right` is 1; it becomes 0 where one run's end is predicted as another class.
Status Attack(const Prober& prober, const AttackSettings& settings, const crypto::Digest256& seed,
              std::span<const std::uint32_t> rows, std::span<const std::int32_t> labels,
              std::vector<std::uint8_t>* right);

}  // namespace attestml::properties
