#include <vector>

#include "properties/accuracy.h"
#include "properties/calibration.h"
#include "properties/compute.h"
#include "properties/distribution.h"
#include "properties/duplicates.h"
#include "properties/fairness.h"
#include "properties/label_noise.h"
#include "properties/membership_inference.h"
#include "properties/overlap.h"
#include "properties/privacy.h"
#include "properties/property.h"
#include "properties/regression.h"
#include "properties/robustness.h"

namespace attestml::properties {
namespace {

std::vector<const Property*>& Properties() {
  static const Distribution distribution;
  static const Accuracy accuracy;
  static const Fairness fairness;
  static const Overlap overlap;
  static const Regression regression;
  static const Calibration calibration;
  static const MembershipInference membership_inference;
  static const Robustness robustness;
  static const Compute compute;
  static const Privacy privacy;
  static const Duplicates duplicates;
  static const LabelNoise label_noise;
  static std::vector<const Property*> properties = {
      &distribution,         &accuracy,   &fairness, &overlap, &regression, &calibration,
      &membership_inference, &robustness, &compute,  &privacy, &duplicates, &label_noise};
  return properties;
}

bool IsPlainName(std::string_view name) {
  return !name.empty() && name.front() >= 'a' && name.front() <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

}  // namespace

std::span<const Property* const> Registry() { return Properties(); }

const Property* FindProperty(std::string_view name) {
  for (const Property* property : Properties()) {
    if (property->name() == name) return property;
  }
  return nullptr;
}

bool RegisterProperty(const Property* property) {
  if (property == nullptr || !IsPlainName(property->name()) || FindProperty(property->name()) != nullptr) return false;
  Properties().push_back(property);
  return true;
}

}  // namespace attestml::properties
