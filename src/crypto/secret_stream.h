// SecretStream: random numbers that nobody can predict or repeat, for noise that hides records. Everything else that is
// random takes base/random.h and a seed that is stated.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "crypto/digest.h"

namespace attestml::crypto {

// The ChaCha20 key stream (RFC 8439) under a fresh key of the system's generator, which is wiped with the object.
class SecretStream {
 public:
  SecretStream();
  SecretStream(const SecretStream&) = delete;
  SecretStream& operator=(const SecretStream&) = delete;
  ~SecretStream();

  std::uint64_t Next();
  // Uniform on the multiples of 2^-53 in [0, 1).
  double Uniform() { return static_cast<double>(Next() >> 11U) * 0x1p-53; }
  // Standard normal, by Box and Muller in double.
  double Normal();
  // SHA-256 of the key: says which stream it was, and nothing about it.
  const Digest256& commitment() const { return commitment_; }

 private:
  struct Cipher;
  void Refill();

  std::unique_ptr<Cipher> cipher_;
  Digest256 commitment_{};
  std::array<std::uint64_t, 512> block_{};
  std::size_t used_ = 512;
  bool has_spare_ = false;
  double spare_ = 0;
};

}  // namespace attestml::crypto
