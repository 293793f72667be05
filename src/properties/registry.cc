#include <vector>

#include "properties/accuracy.h"
#include "properties/distribution.h"
#include "properties/fairness.h"
#include "properties/overlap.h"
#include "properties/property.h"

namespace attestml::properties {
namespace {

std::vector<const Property*>& Properties() {
  static const Distribution distribution;
  static const Accuracy accuracy;
  static const Fairness fairness;
  static const Overlap overlap;
  static std::vector<const Property*> properties = {&distribution, &accuracy, &fairness, &overlap};
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
