// Augmentation: random changes to training images that do not change what they show. spec/training.md section 8.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/random.h"
#include "statement/encoding.h"

namespace attestml::tasks {

struct Augmentation {
  std::uint32_t crop_padding = 0;  // pixels of black on each side, out of which a window of the old size is cut
  bool flip = false;               // left and right change places, every other time

  bool enabled() const { return crop_padding > 0 || flip; }
};

// Augments `rows` encoded images in place, each with draws of its own, in order: the crop's row and column, the flip.
void Augment(const Augmentation& augmentation, const statement::EncodedColumn& image, std::size_t rows,
             std::span<float> x, Random* random);

}  // namespace attestml::tasks
