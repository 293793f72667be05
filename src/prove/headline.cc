#include "prove/headline.h"

#include <algorithm>
#include <iterator>
#include <string>
#include <string_view>

namespace attestml::prove {

std::optional<Headline> HeadlineOf(const tasks::PropertyJob& wanted, const statement::MetricResult& result) {
  // What a person looks for first: property, metric, and whether it carries what says at which strength or level.
  struct Wanted {
    std::string_view property, metric;
    bool qualified;
  };
  static constexpr Wanted kHeadlines[] = {
      {"accuracy", "accuracy", false},
      {"accuracy", "roc-auc", false},
      {"fairness", "demographic-parity-difference", false},
      {"fairness", "equalized-odds-difference", false},
      {"overlap", "with-label", false},
      {"privacy", "epsilon", true},
      {"robustness", "adversarial-accuracy", true},
      {"membership-inference", "advantage", false},
      {"regression", "root-mean-squared-error", false},
      {"calibration", "expected-calibration-error", false},
  };
  const bool slice = !result.slice.empty() || !result.where.empty() || !result.column.empty();
  const bool plain = result.given.empty() && result.label.empty() && result.at.empty();
  const bool told = !slice && std::any_of(std::begin(kHeadlines), std::end(kHeadlines), [&](const Wanted& wanted_one) {
    return (wanted.custom || wanted_one.property == wanted.property) && wanted_one.metric == result.metric &&
           (plain || wanted_one.qualified);
  });
  if (!told && !(wanted.custom && plain && !slice)) return std::nullopt;
  std::string name = result.metric == "with-label" ? "overlap" : result.metric;
  for (const auto& attribute : result.across) name += " " + attribute;
  if (!result.label.empty()) name += " " + result.label;
  if (!result.at.empty()) name += " at " + result.at;
  return Headline{name + " on " + wanted.view, result.value};
}

}  // namespace attestml::prove
