#include "policy/named_property.h"

#include <algorithm>

namespace attestml::policy {
namespace {

constexpr std::string_view kPrefix = "custom:";
constexpr std::size_t kDigits = 64;
constexpr std::size_t kMaxName = 64;

constexpr std::string_view kCustomParameters[] = {"groups", "bins"};
constexpr statement::PropertyName kCustom = {.name = "custom",
                                             .title = "Custom property",
                                             .of_model = true,
                                             .metrics = {},
                                             .parameters = kCustomParameters,
                                             .model_alone = true,
                                             .class_neutral = true};

}  // namespace

bool IsPlainName(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && name.front() >= 'a' && name.front() <= 'z' &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") == std::string_view::npos;
}

bool IsCustomProperty(std::string_view name) {
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  if (name.size() <= kDigits || name[kDigits] != '/') return false;
  const std::string_view digest = name.substr(0, kDigits);
  return digest.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         IsPlainName(name.substr(kDigits + 1));
}

const statement::PropertyName* FindNamedProperty(std::string_view name) {
  return IsCustomProperty(name) ? &kCustom : statement::FindProperty(name);
}

std::string ImplementationName(std::string_view property) {
  if (IsCustomProperty(property)) property.remove_prefix(kPrefix.size() + kDigits + 1);
  return std::string(property);
}

}  // namespace attestml::policy
