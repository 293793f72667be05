#include "properties/corruptions.h"

#include <algorithm>
#include <cmath>

#include "base/decimal.h"
#include "properties/seeded.h"
#include "properties/summation.h"

namespace attestml::properties {
namespace {

constexpr double kLargestRadius = 64;
constexpr double kLargestBlock = 1024;

bool IsWhole(double x, double low, double high) { return x >= low && x <= high && x == std::floor(x); }

// One channel of an image, as a plane.
struct Plane {
  double* data;
  std::size_t height, width;
  double& At(std::size_t y, std::size_t x) const { return data[y * width + x]; }
};

// The mean of the pixels in rows y0 … y1 - 1 and columns x0 … x1 - 1, row by row.
double MeanOf(const Plane& plane, std::size_t y0, std::size_t y1, std::size_t x0, std::size_t x1) {
  Sum sum;
  for (std::size_t y = y0; y < y1; ++y) {
    for (std::size_t x = x0; x < x1; ++x) sum.Add(plane.At(y, x));
  }
  return sum.Total() / static_cast<double>((y1 - y0) * (x1 - x0));
}

void Contrast(const Plane& plane, double strength) {
  const double mean = MeanOf(plane, 0, plane.height, 0, plane.width);
  for (std::size_t k = 0; k < plane.height * plane.width; ++k) {
    plane.data[k] = (1 - strength) * (plane.data[k] - mean) + mean;
  }
}

void BoxBlur(const Plane& plane, std::size_t radius) {
  std::vector<double> before(plane.data, plane.data + plane.height * plane.width);
  const Plane from{before.data(), plane.height, plane.width};
  for (std::size_t y = 0; y < plane.height; ++y) {
    for (std::size_t x = 0; x < plane.width; ++x) {
      plane.At(y, x) = MeanOf(from, y < radius ? 0 : y - radius, std::min(plane.height, y + radius + 1),
                              x < radius ? 0 : x - radius, std::min(plane.width, x + radius + 1));
    }
  }
}

void Pixelate(const Plane& plane, std::size_t block) {
  for (std::size_t y = 0; y < plane.height; y += block) {
    for (std::size_t x = 0; x < plane.width; x += block) {
      const std::size_t y1 = std::min(plane.height, y + block);
      const std::size_t x1 = std::min(plane.width, x + block);
      const double mean = MeanOf(plane, y, y1, x, x1);
      for (std::size_t j = y; j < y1; ++j) std::fill(&plane.At(j, x), &plane.At(j, x) + (x1 - x), mean);
    }
  }
}

// A place of the image turns black or white in all channels at once.
void SaltAndPepper(const InputSpace::Image& image, double strength, Random* random, double* first) {
  const std::size_t pixels = image.height * image.width;
  for (std::size_t k = 0; k < pixels; ++k) {
    const double u = random->Uniform();
    if (u >= strength) continue;
    for (std::size_t channel = 0; channel < image.channels; ++channel) {
      first[channel * pixels + k] = u < strength / 2 ? 0 : 1;
    }
  }
}

}  // namespace

std::string_view CorruptionName(CorruptionKind kind) {
  switch (kind) {
    case CorruptionKind::kGaussianNoise:
      return "gaussian-noise";
    case CorruptionKind::kBrightness:
      return "brightness";
    case CorruptionKind::kContrast:
      return "contrast";
    case CorruptionKind::kBoxBlur:
      return "box-blur";
    case CorruptionKind::kPixelate:
      return "pixelate";
    case CorruptionKind::kSaltAndPepper:
      return "salt-and-pepper";
  }
  return "";
}

std::string_view StrengthObjection(CorruptionKind kind, double strength) {
  switch (kind) {
    case CorruptionKind::kGaussianNoise:
      return strength > 0 && strength <= 1e6 ? "" : "want standard deviations above 0";
    case CorruptionKind::kBrightness:
      return strength != 0 && strength >= -1 && strength <= 1 ? "" : "want numbers from -1 to 1, but not 0";
    case CorruptionKind::kContrast:
      return strength > 0 && strength <= 1 ? "" : "want numbers above 0 and at most 1";
    case CorruptionKind::kBoxBlur:
      return IsWhole(strength, 1, kLargestRadius) ? "" : "want whole radii from 1 to 64";
    case CorruptionKind::kPixelate:
      return IsWhole(strength, 2, kLargestBlock) ? "" : "want whole sizes of blocks from 2 to 1024";
    case CorruptionKind::kSaltAndPepper:
      return strength > 0 && strength <= 1 ? "" : "want chances above 0 and at most 1";
  }
  return "";
}

bool DrawsAtRandom(CorruptionKind kind) {
  return kind == CorruptionKind::kGaussianNoise || kind == CorruptionKind::kSaltAndPepper;
}

void Corrupt(const InputSpace& space, const Corruption& corruption, const crypto::Digest256& seed, std::uint32_t row,
             std::span<double> units) {
  Random random =
      RecordRandom(seed, std::string(CorruptionName(corruption.kind)) + "/" + FormatDecimal(corruption.strength), row);
  if (corruption.kind == CorruptionKind::kGaussianNoise) {
    NormalDraws normal(&random);
    for (std::size_t i = 0; i < space.width(); ++i) {
      if (space.Free(i, row)) units[i] = space.Clamp(i, units[i] + corruption.strength * normal.Next());
    }
    return;
  }
  for (const InputSpace::Image& image : space.images()) {
    double* first = units.data() + image.offset;
    if (corruption.kind == CorruptionKind::kSaltAndPepper) SaltAndPepper(image, corruption.strength, &random, first);
    const std::size_t pixels = image.height * image.width;
    for (std::size_t channel = 0; channel < image.channels; ++channel) {
      const Plane plane{first + channel * pixels, image.height, image.width};
      switch (corruption.kind) {
        case CorruptionKind::kBrightness:
          for (std::size_t k = 0; k < pixels; ++k) plane.data[k] += corruption.strength;
          break;
        case CorruptionKind::kContrast:
          Contrast(plane, corruption.strength);
          break;
        case CorruptionKind::kBoxBlur:
          BoxBlur(plane, static_cast<std::size_t>(corruption.strength));
          break;
        case CorruptionKind::kPixelate:
          Pixelate(plane, static_cast<std::size_t>(corruption.strength));
          break;
        case CorruptionKind::kGaussianNoise:
        case CorruptionKind::kSaltAndPepper:
          break;
      }
    }
    for (std::size_t k = 0; k < image.channels * pixels; ++k) {
      first[k] = space.Clamp(image.offset + k, first[k]);
    }
  }
}

}  // namespace attestml::properties
