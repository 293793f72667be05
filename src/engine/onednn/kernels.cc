#include "engine/onednn/kernels.h"

#include <algorithm>
#include <vector>

#include "engine/processor.h"

namespace attestml::engine::onednn {

std::span<const Kernels* const> UsableKernels() {
  static const std::vector<const Kernels*> usable = [] {
    const Processor processor = DetectProcessor();
    std::vector<const Kernels*> kernels;
    if (processor.avx512) kernels.push_back(&kAvx512Kernels);
    if (processor.avx2) kernels.push_back(&kAvx2Kernels);
    kernels.push_back(&kBaselineKernels);
    return kernels;
  }();
  return usable;
}

std::size_t PanelFloats(std::size_t outputs, std::size_t inputs) {
  const std::size_t rest = outputs % kPanel;
  return inputs * (outputs - rest + (rest + kNarrow - 1) / kNarrow * kNarrow);
}

void PackPanels(const float* weight, std::size_t outputs, std::size_t inputs, float* panels) {
  std::size_t begin = 0;
  while (begin < outputs) {
    const std::size_t width = outputs - begin >= kPanel ? kPanel : kNarrow;
    const std::size_t used = std::min(width, outputs - begin);
    for (std::size_t j = 0; j < width; ++j) {
      for (std::size_t k = 0; k < inputs; ++k) {
        panels[k * width + j] = j < used ? weight[(begin + j) * inputs + k] : 0.0F;
      }
    }
    panels += inputs * width;
    begin += used;
  }
}

}  // namespace attestml::engine::onednn
