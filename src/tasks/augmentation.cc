#include "tasks/augmentation.h"

#include <algorithm>

namespace attestml::tasks {
namespace {

// The window of `plane` whose corner is (top, left) on the padded plane.
void Crop(std::span<float> plane, std::size_t width, std::int64_t top, std::int64_t left, float black,
          std::vector<float>* window) {
  const auto columns = static_cast<std::int64_t>(width);
  const auto rows = static_cast<std::int64_t>(plane.size()) / columns;
  window->assign(plane.size(), black);
  for (std::int64_t r = std::max<std::int64_t>(0, -top); r < rows && r + top < rows; ++r) {
    const std::int64_t first = std::max<std::int64_t>(0, -left);
    const std::int64_t last = std::min(columns, columns - left);
    if (first >= last) continue;
    std::copy(plane.begin() + (r + top) * columns + first + left, plane.begin() + (r + top) * columns + last + left,
              window->begin() + r * columns + first);
  }
  std::copy(window->begin(), window->end(), plane.begin());
}

}  // namespace

void Augment(const Augmentation& augmentation, const statement::EncodedColumn& image, std::size_t rows,
             std::span<float> x, Random* random) {
  const std::size_t channels = image.shape[0];
  const std::size_t width = image.shape[2];
  const std::size_t area = image.shape[1] * width;
  const auto padding = static_cast<std::int64_t>(augmentation.crop_padding);
  std::vector<float> window;
  for (std::size_t row = 0; row < rows; ++row) {
    std::int64_t top = 0;
    std::int64_t left = 0;
    if (padding > 0) {
      top = static_cast<std::int64_t>(random->Below(2 * augmentation.crop_padding + 1)) - padding;
      left = static_cast<std::int64_t>(random->Below(2 * augmentation.crop_padding + 1)) - padding;
    }
    const bool flip = augmentation.flip && random->Below(2) == 1;
    for (std::size_t channel = 0; channel < channels; ++channel) {
      const auto plane = x.subspan((row * channels + channel) * area, area);
      if (top != 0 || left != 0) {
        Crop(plane, width, top, left, static_cast<float>((0 - image.means[channel]) / image.scales[channel]), &window);
      }
      if (!flip) continue;
      for (std::size_t begin = 0; begin < area; begin += width) {
        std::reverse(plane.begin() + static_cast<std::ptrdiff_t>(begin),
                     plane.begin() + static_cast<std::ptrdiff_t>(begin + width));
      }
    }
  }
}

}  // namespace attestml::tasks
