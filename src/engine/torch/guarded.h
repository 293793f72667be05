// What libtorch throws becomes an Error here.
#pragma once

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <exception>
#include <new>
#include <stdexcept>
#include <string>

#include "engine/engine.h"

namespace attestml::engine {

// Borrows; nobody writes through it.
inline at::Tensor Wrap(const float* data, at::IntArrayRef shape) {
  return at::from_blob(const_cast<float*>(data), shape, at::kFloat);  // NOLINT: only read
}

// The first line says what happened, the rest is libtorch's own stack.
inline std::string FirstLine(const std::exception& e) {
  const std::string text = e.what();
  return text.substr(0, text.find('\n'));
}

// What a TorchScript program threw while it ran.
class ProgramFailure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

template <typename F>
auto Guarded(F body) -> decltype(body()) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return Unavailable("engine.memory", "out of memory");
  } catch (const ProgramFailure& e) {
    return Malformed("program.run", std::string("the program failed: ") + e.what());
  } catch (const std::exception& e) {
    return Unavailable("engine.torch", "libtorch: " + FirstLine(e));
  }
}

// The same without any graph.
template <typename F>
auto GuardedInference(F body) -> decltype(body()) {
  return Guarded([&] {
    const c10::InferenceMode no_graph;
    return body();
  });
}

}  // namespace attestml::engine
