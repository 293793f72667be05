// Networks of images and texts, in evaluation mode alone: what an enclave that serves needs, without libtorch.
#pragma once

#include <memory>

#include "engine/engine.h"
#include "engine/onednn/kernels.h"

namespace attestml::engine::onednn {

bool CanPredictWith(model::Kind kind);

// Of a cnn, vgg, resnet or lstm: Load, Export and Predict. Each row is computed on its own, its sums in the one order
// of `kernels`: neither other rows nor threads change a bit. Steps and derivatives are refused: engine.architecture,
// engine.gradient (unsupported).
std::unique_ptr<Network> MakePredictingNetwork(const model::Architecture& architecture, unsigned threads,
                                               const Kernels& kernels);

}  // namespace attestml::engine::onednn
