#include "engine/torch/parameter_block.h"

#include <utility>

#include "engine/checks.h"
#include "engine/torch/guarded.h"

namespace attestml::engine {
namespace {

at::Tensor ViewOf(const at::Tensor& piece, const std::vector<std::int64_t>& shape, bool channels_last) {
  if (!channels_last || shape.size() != 4) return piece.view(shape);
  return piece.view({shape[0], shape[2], shape[3], shape[1]}).permute({0, 3, 1, 2});
}

void CopyOut(const at::Tensor& view, std::vector<float>* out) {
  const at::Tensor plain = view.contiguous();
  const float* data = plain.data_ptr<float>();
  out->assign(data, data + plain.numel());
}

}  // namespace

ParameterLayout::ParameterLayout(std::vector<model::NamedTensor> shapes, std::vector<bool> trained, bool channels_last)
    : shapes_(std::move(shapes)), trained_(std::move(trained)), channels_last_(channels_last) {
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    (trained_[i] ? trained_count_ : buffer_count_) += ElementCount(shapes_[i]);
  }
}

std::vector<at::Tensor> ParameterLayout::Views(const at::Tensor& block, bool trained) const {
  std::vector<at::Tensor> views;
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    if (trained_[i] != trained) continue;
    const std::int64_t end = begin + ElementCount(shapes_[i]);
    views.push_back(ViewOf(block.slice(0, begin, end), shapes_[i].shape, channels_last_));
    begin = end;
  }
  return views;
}

std::vector<model::NamedTensor> ParameterLayout::Named(const at::Tensor& block) const {
  const auto views = Views(block, true);
  std::vector<model::NamedTensor> out;
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    if (!trained_[i]) continue;
    const at::Tensor& view = views[out.size()];
    out.push_back({shapes_[i].name, shapes_[i].shape, {}});
    CopyOut(view, &out.back().values);
  }
  return out;
}

Status ParameterLayout::Fill(std::span<const model::NamedTensor> from, const at::Tensor& block) const {
  std::vector<model::NamedTensor> wanted;
  for (std::size_t i = 0; i < shapes_.size(); ++i) {
    if (trained_[i]) wanted.push_back({shapes_[i].name, shapes_[i].shape, {}});
  }
  ATTESTML_CHECK(CheckParameters(wanted, from));
  const auto views = Views(block, true);
  for (std::size_t i = 0; i < views.size(); ++i) views[i].copy_(Wrap(from[i].values.data(), from[i].shape));
  return {};
}

void ParameterLayout::Fill(std::span<const float> from, const at::Tensor& block) const {
  const float* data = from.data();
  for (const at::Tensor& view : Views(block, true)) {
    view.copy_(Wrap(data, view.sizes()));
    data += view.numel();
  }
}

ParameterBlock::ParameterBlock(ParameterLayout layout)
    : layout_(std::move(layout)),
      values_(at::zeros({layout_.trained_count()})),
      gradients_(at::zeros({layout_.trained_count()})),
      buffers_(at::zeros({layout_.buffer_count()})),
      value_views_(layout_.Views(values_, true)),
      gradient_views_(layout_.Views(gradients_, true)),
      buffer_views_(layout_.Views(buffers_, false)) {}

Status ParameterBlock::Load(std::span<const model::NamedTensor> parameters) {
  ATTESTML_CHECK(CheckParameters(layout_.shapes(), parameters));
  auto value = value_views_.begin();
  auto buffer = buffer_views_.begin();
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    at::Tensor& to = layout_.trained(i) ? *value++ : *buffer++;
    to.copy_(Wrap(parameters[i].values.data(), parameters[i].shape));
  }
  return {};
}

std::vector<model::NamedTensor> ParameterBlock::Export() const {
  auto out = layout_.shapes();
  auto value = value_views_.begin();
  auto buffer = buffer_views_.begin();
  for (std::size_t i = 0; i < out.size(); ++i) CopyOut(layout_.trained(i) ? *value++ : *buffer++, &out[i].values);
  return out;
}

}  // namespace attestml::engine
