#include "engine/torch/optimizer.h"

#include <cmath>

#include "engine/checks.h"

namespace attestml::engine {
namespace {

using at::Tensor;

// Float sums of millions lose digits: short ones, added up in double.
double Norm(const Tensor& gradients) {
  constexpr std::int64_t kPiece = 8192;
  double sum = 0;
  for (const Tensor& piece : gradients.split(kPiece)) sum += at::dot(piece, piece).item<double>();
  return std::sqrt(sum);
}

// torch.nn.utils.clip_grad_norm_.
void Clip(const Tensor& gradients, double most) {
  const double norm = Norm(gradients);
  const double scale = most / (norm + 1e-6);
  if (scale < 1) gradients.mul_(scale);
}

}  // namespace

void FlatOptimizer::Configure(const OptimizerConfig& config, const ParameterBlock& block) {
  config_ = config;
  steps_ = 0;
  first_ = at::zeros_like(block.values());
  second_ = at::zeros_like(block.values());
}

// Operator for operator what torch.optim's single-tensor functions do.
void FlatOptimizer::Update(const ParameterBlock& block, double rate) {
  const Tensor& values = block.values();
  const Tensor& gradients = block.gradients();
  ++steps_;
  const OptimizerConfig& c = config_;
  if (c.clip_norm > 0) Clip(gradients, c.clip_norm);
  if (c.weight_decay != 0) {
    if (c.kind == Optimizer::kAdamW) {
      values.mul_(1 - rate * c.weight_decay);
    } else {
      gradients.add_(values, c.weight_decay);
    }
  }
  if (c.kind == Optimizer::kSgd) {
    if (c.momentum != 0) {
      if (steps_ == 1) {
        first_.copy_(gradients);
      } else {
        first_.mul_(c.momentum).add_(gradients);
      }
      values.add_(first_, -rate);
    } else {
      values.add_(gradients, -rate);
    }
    return;
  }
  const auto t = static_cast<double>(steps_);
  first_.mul_(c.beta1).add_(gradients, 1 - c.beta1);
  second_.mul_(c.beta2).addcmul_(gradients, gradients, 1 - c.beta2);
  const double step_size = rate / (1 - std::pow(c.beta1, t));
  const Tensor denominator = second_.sqrt().div_(std::sqrt(1 - std::pow(c.beta2, t))).add_(c.epsilon);
  values.addcdiv_(first_, denominator, -step_size);
}

OptimizerState FlatOptimizer::Save(const ParameterLayout& layout) const {
  OptimizerState state;
  state.steps = steps_;
  if (has_first()) state.first = layout.Named(first_);
  if (has_second()) state.second = layout.Named(second_);
  return state;
}

Status FlatOptimizer::Restore(const OptimizerState& state, const ParameterLayout& layout) {
  if (state.first.empty() == has_first() || state.second.empty() == has_second()) {
    return BadArguments("the state is that of another optimiser");
  }
  // Into blocks of their own, so that a state that does not fit changes nothing.
  const Tensor first = at::zeros_like(first_);
  const Tensor second = at::zeros_like(second_);
  if (has_first()) ATTESTML_CHECK(layout.Fill(state.first, first));
  if (has_second()) ATTESTML_CHECK(layout.Fill(state.second, second));
  first_ = first;
  second_ = second;
  steps_ = state.steps;
  return {};
}

}  // namespace attestml::engine
