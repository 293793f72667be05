// torch.optim's arithmetic on one flat block.
#pragma once

#include <ATen/ATen.h>

#include "engine/torch/parameter_block.h"

namespace attestml::engine {

class FlatOptimizer {
 public:
  void Configure(const OptimizerConfig& config, const ParameterBlock& block);
  bool configured() const { return first_.defined(); }
  const OptimizerConfig& config() const { return config_; }
  std::uint64_t steps() const { return steps_; }

  // Moves the values of `block` by its gradients, which it may change.
  void Update(const ParameterBlock& block, double rate);

  OptimizerState Save(const ParameterLayout& layout) const;
  Status Restore(const OptimizerState& state, const ParameterLayout& layout);

 private:
  bool has_first() const { return config_.kind != Optimizer::kSgd || config_.momentum != 0; }
  bool has_second() const { return config_.kind != Optimizer::kSgd; }

  OptimizerConfig config_;
  at::Tensor first_, second_;  // momentum, or the two moments
  std::uint64_t steps_ = 0;
};

}  // namespace attestml::engine
