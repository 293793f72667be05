// Which parameters an architecture has, and how each one starts. spec/model.md section 4, spec/training.md section 2.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/model.h"

namespace attestml::model {

enum class Start : std::uint8_t {
  kUniform,  // in ±bound
  kNormal,   // standard normal
  kZero,
  kOne,
};

struct ParameterSpec {
  std::string name;
  std::vector<std::int64_t> shape;
  Start start = Start::kUniform;
  double bound = 0;
};

// In the order of PyTorch's state_dict, but for num_batches_tracked, which is no parameter and which load_state_dict
// does not miss.
std::vector<ParameterSpec> ParameterSpecs(const Architecture& architecture);

// VGG's convolutions: output channels in order, 0 for a pooling (K. Simonyan, A. Zisserman, arXiv:1409.1556, table 1).
// Empty for a depth that is none of 11, 13, 16, 19.
std::vector<std::int64_t> VggLayers(std::int64_t depth);

}  // namespace attestml::model
