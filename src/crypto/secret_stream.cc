#include "crypto/secret_stream.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <cmath>
#include <cstdlib>
#include <numbers>

namespace attestml::crypto {

struct SecretStream::Cipher {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  ~Cipher() { EVP_CIPHER_CTX_free(context); }
};

SecretStream::SecretStream() : cipher_(std::make_unique<Cipher>()) {
  std::array<std::uint8_t, 32> key{};
  const std::array<std::uint8_t, 16> counter{};
  // Without a working generator there is no secret, and nothing sensible to go on with.
  if (RAND_priv_bytes(key.data(), static_cast<int>(key.size())) != 1 || cipher_->context == nullptr ||
      EVP_EncryptInit_ex(cipher_->context, EVP_chacha20(), nullptr, key.data(), counter.data()) != 1) {
    std::abort();
  }
  commitment_ = Sha256(key);
  OPENSSL_cleanse(key.data(), key.size());
}

SecretStream::~SecretStream() { OPENSSL_cleanse(block_.data(), sizeof block_); }

void SecretStream::Refill() {
  block_.fill(0);
  auto* bytes = reinterpret_cast<unsigned char*>(block_.data());
  int written = 0;
  if (EVP_EncryptUpdate(cipher_->context, bytes, &written, bytes, static_cast<int>(sizeof block_)) != 1 ||
      written != static_cast<int>(sizeof block_)) {
    std::abort();
  }
  used_ = 0;
}

std::uint64_t SecretStream::Next() {
  if (used_ == block_.size()) Refill();
  return block_[used_++];
}

double SecretStream::Normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - Uniform()));
  const double angle = 2.0 * std::numbers::pi * Uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

}  // namespace attestml::crypto
