// Summation as spec/properties.md pins it: Neumaier's compensated sum, terms in the order they are added.
#pragma once

#include <cmath>

namespace attestml::properties {

class Sum {
 public:
  void Add(double term) {
    const double next = sum_ + term;
    if (std::fabs(sum_) >= std::fabs(term)) {
      correction_ += (sum_ - next) + term;
    } else {
      correction_ += (term - next) + sum_;
    }
    sum_ = next;
  }
  double Total() const { return sum_ + correction_; }

 private:
  double sum_ = 0;
  double correction_ = 0;
};

}  // namespace attestml::properties
