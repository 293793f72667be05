#include "properties/robustness_request.h"

#include <algorithm>
#include <cmath>
#include <string>

namespace attestml::properties {
namespace {

constexpr std::size_t kMaxStrengths = 64;
constexpr double kMostSteps = 10000;
constexpr double kMostRestarts = 1000;
constexpr double kMostSamples = 1e7;
constexpr double kMostRecords = 2147483647;

// Distinct numbers, put in order. `objection` says why one is none.
template <typename Objection>
Result<std::vector<double>> ReadStrengths(const Parameters& parameters, std::string_view name, Objection objection) {
  ATTESTML_TRY(std::vector<double> strengths, parameters.Decimals(name, {}));
  std::sort(strengths.begin(), strengths.end());
  if (strengths.size() > kMaxStrengths || std::adjacent_find(strengths.begin(), strengths.end()) != strengths.end() ||
      (parameters.Has(name) && strengths.empty())) {
    return parameters.Wrong(name, "is not a list of 1 to 64 distinct decimals");
  }
  for (const double strength : strengths) {
    const std::string_view why = objection(strength);
    if (!why.empty()) return parameters.Wrong(name, why);
  }
  // Curves go outwards from no change, on either side of it.
  std::stable_sort(strengths.begin(), strengths.end(), [](double a, double b) { return std::fabs(a) < std::fabs(b); });
  return strengths;
}

Result<std::uint64_t> ReadWhole(const Parameters& parameters, std::string_view name, double otherwise, double low,
                                double high) {
  ATTESTML_TRY(const std::optional<double> number, parameters.Decimal(name));
  const double value = number.value_or(otherwise);
  if (!(value >= low && value <= high && value == std::floor(value))) {
    return parameters.Wrong(name, "is not a whole number from " + std::to_string(static_cast<std::uint64_t>(low)) +
                                      " to " + std::to_string(static_cast<std::uint64_t>(high)));
  }
  return static_cast<std::uint64_t>(value);
}

Status ReadAttacks(const Parameters& parameters, RobustnessRequest* request) {
  AttackSettings settings;
  ATTESTML_TRY(settings.steps, ReadWhole(parameters, "steps", 40, 1, kMostSteps));
  ATTESTML_TRY(settings.restarts, ReadWhole(parameters, "restarts", 1, 0, kMostRestarts));
  ATTESTML_TRY(const std::optional<double> factor, parameters.Decimal("step-factor"));
  if (factor && !(*factor > 0 && *factor <= 1e6)) return parameters.Wrong("step-factor", "is not above 0");
  settings.step_factor = factor.value_or(2.5);
  for (const AttackKind kind : {AttackKind::kFgsm, AttackKind::kPgdLinf, AttackKind::kPgdL2}) {
    ATTESTML_TRY(const std::vector<double> strengths, ReadStrengths(parameters, AttackName(kind), [](double eps) {
                   return eps > 0 && eps <= 1e6 ? std::string_view() : "wants distances above 0";
                 }));
    settings.kind = kind;
    for (const double strength : strengths) {
      settings.strength = strength;
      request->attacks.push_back(settings);
    }
  }
  return {};
}

Status ReadSmoothing(const Parameters& parameters, RobustnessRequest* request) {
  ATTESTML_TRY(const std::vector<double> sigmas, ReadStrengths(parameters, "smoothing", [](double sigma) {
                 return sigma > 0 && sigma <= 1e6 ? std::string_view() : "wants standard deviations above 0";
               }));
  SmoothingSettings settings;
  ATTESTML_TRY(settings.selection_samples, ReadWhole(parameters, "selection-samples", 100, 1, kMostSamples));
  ATTESTML_TRY(settings.samples, ReadWhole(parameters, "samples", 1000, 1, kMostSamples));
  ATTESTML_TRY(const std::optional<double> alpha, parameters.Decimal("alpha"));
  if (alpha && !(*alpha > 0 && *alpha < 0.5)) return parameters.Wrong("alpha", "is not above 0 and below 0.5");
  settings.alpha = alpha.value_or(0.001);
  for (const double sigma : sigmas) {
    settings.sigma = sigma;
    request->smoothings.push_back(settings);
  }
  ATTESTML_TRY(request->radii, ReadStrengths(parameters, "radii", [](double radius) {
                 return radius >= 0 && radius <= 1e6 ? std::string_view() : "wants radii of at least 0";
               }));
  if (!parameters.Has("radii")) request->radii = {0, 0.25, 0.5, 0.75, 1};
  return {};
}

}  // namespace

bool RobustnessRequest::DrawsAtRandom() const {
  const auto restarts = [](const AttackSettings& attack) {
    return attack.kind != AttackKind::kFgsm && attack.restarts > 0;
  };
  const auto random = [](const Corruption& corruption) { return properties::DrawsAtRandom(corruption.kind); };
  return records.has_value() || !smoothings.empty() || std::any_of(attacks.begin(), attacks.end(), restarts) ||
         std::any_of(corruptions.begin(), corruptions.end(), random);
}

Result<RobustnessRequest> ReadRobustness(const Parameters& parameters) {
  RobustnessRequest request;
  ATTESTML_CHECK(ReadAttacks(parameters, &request));
  for (const CorruptionKind kind : kCorruptions) {
    ATTESTML_TRY(const std::vector<double> strengths,
                 ReadStrengths(parameters, CorruptionName(kind),
                               [&](double strength) { return StrengthObjection(kind, strength); }));
    for (const double strength : strengths) request.corruptions.push_back({kind, strength});
  }
  ATTESTML_CHECK(ReadSmoothing(parameters, &request));
  if (parameters.Has("records")) {
    ATTESTML_TRY(request.records, ReadWhole(parameters, "records", 0, 1, kMostRecords));
  }
  return request;
}

}  // namespace attestml::properties
