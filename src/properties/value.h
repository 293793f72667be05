// Value: a number that may not exist. Nothing that leaves this folder is NaN or infinite; what has no value says why.
#pragma once

#include <cmath>
#include <string_view>

namespace attestml::properties {

// Reasons, as they stand in statements (spec/properties.md, "Undefined").
namespace reason {
inline constexpr std::string_view kNoRecords = "no records";
inline constexpr std::string_view kNoValues = "no values";
inline constexpr std::string_view kFewerThanTwo = "fewer than two values";
inline constexpr std::string_view kNotFinite = "not finite";
inline constexpr std::string_view kNoneOfClass = "no records of this class";
inline constexpr std::string_view kNonePredicted = "no records predicted as this class";
inline constexpr std::string_view kClassAbsent = "class neither occurs nor is predicted";
inline constexpr std::string_view kUndefinedClass = "undefined for a class";
inline constexpr std::string_view kNoPositives = "no positive records";
inline constexpr std::string_view kNoNegatives = "no negative records";
inline constexpr std::string_view kNonePredictedPositive = "no records predicted positive";
inline constexpr std::string_view kUndefinedGroup = "undefined in a group";
inline constexpr std::string_view kZeroRate = "the divisor is 0";
inline constexpr std::string_view kNoProbabilities = "no probabilities";
inline constexpr std::string_view kNoScores = "no scores";
inline constexpr std::string_view kOneSided = "a category occurs on one side only";
inline constexpr std::string_view kOneCategory = "one category only";
inline constexpr std::string_view kOneNumber = "one number only";
inline constexpr std::string_view kNoTarget = "no target";
inline constexpr std::string_view kNoneConfident = "no confident records of a class";
inline constexpr std::string_view kNotCounted = "not counted for this kind of model";
}  // namespace reason

class Value {
 public:
  // A number; undefined when it is not finite.
  Value(double number) {  // NOLINT(google-explicit-constructor)
    if (std::isfinite(number)) {
      number_ = number;
    } else {
      reason_ = reason::kNotFinite;
    }
  }
  // `reason` must be one of the constants above.
  static Value Undefined(std::string_view reason) {
    Value value(0);
    value.reason_ = reason;
    return value;
  }

  bool defined() const { return reason_.empty(); }
  double number() const { return number_; }  // 0 when undefined
  std::string_view reason() const { return reason_; }

 private:
  double number_ = 0;
  std::string_view reason_;
};

// Ratio is numerator / denominator, undefined for the given reason when the denominator is 0.
inline Value Ratio(double numerator, double denominator, std::string_view when_zero) {
  return denominator == 0 ? Value::Undefined(when_zero) : Value(numerator / denominator);
}

}  // namespace attestml::properties
