// All parameters of a network in one block, so that an optimiser walks it once.
#pragma once

#include <ATen/ATen.h>

#include <span>
#include <vector>

#include "engine/engine.h"

namespace attestml::engine {

// Which state_dict tensor lies where. With `channels_last` the weights of convolutions (rank 4) lie channels-last, as
// oneDNN wants them; Export gives PyTorch's own order. Trained values and the running statistics of batch norm are two
// blocks.
class ParameterLayout {
 public:
  // `trained[i]` says which of `shapes` the optimiser changes.
  ParameterLayout(std::vector<model::NamedTensor> shapes, std::vector<bool> trained, bool channels_last);

  const std::vector<model::NamedTensor>& shapes() const { return shapes_; }
  bool trained(std::size_t index) const { return trained_[index]; }
  std::int64_t trained_count() const { return trained_count_; }
  std::int64_t buffer_count() const { return buffer_count_; }

  // One view for each trained tensor (or each buffer) of a block that has their size, in order.
  std::vector<at::Tensor> Views(const at::Tensor& block, bool trained) const;

  // Copies between a block and named tensors in PyTorch's order. `from` and the result hold trained tensors only.
  std::vector<model::NamedTensor> Named(const at::Tensor& block) const;
  Status Fill(std::span<const model::NamedTensor> from, const at::Tensor& block) const;
  // The same from numbers alone, in the order of Export.
  void Fill(std::span<const float> from, const at::Tensor& block) const;

 private:
  std::vector<model::NamedTensor> shapes_;
  std::vector<bool> trained_;
  bool channels_last_ = false;
  std::int64_t trained_count_ = 0;
  std::int64_t buffer_count_ = 0;
};

class ParameterBlock {
 public:
  explicit ParameterBlock(ParameterLayout layout);

  Status Load(std::span<const model::NamedTensor> parameters);
  std::vector<model::NamedTensor> Export() const;

  const ParameterLayout& layout() const { return layout_; }
  const at::Tensor& values() const { return values_; }
  const at::Tensor& gradients() const { return gradients_; }
  const std::vector<at::Tensor>& value_views() const { return value_views_; }
  const std::vector<at::Tensor>& gradient_views() const { return gradient_views_; }
  const std::vector<at::Tensor>& buffers() const { return buffer_views_; }

 private:
  ParameterLayout layout_;
  at::Tensor values_, gradients_, buffers_;
  std::vector<at::Tensor> value_views_, gradient_views_, buffer_views_;
};

}  // namespace attestml::engine
