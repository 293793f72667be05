// The low-level calls are deprecated in favour of EVP, which costs several times the hash itself on the short inputs
// that record leaves are.
#define OPENSSL_SUPPRESS_DEPRECATED
#include "crypto/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace attestml::crypto {
namespace {

static_assert(sizeof(SHA256_CTX) <= 128 && alignof(SHA256_CTX) <= 8);

SHA256_CTX* Context(std::array<std::uint8_t, 128>& state) {
  return std::launder(reinterpret_cast<SHA256_CTX*>(state.data()));
}

// Verification looks at nothing but its arguments: neither openssl.cnf nor OPENSSL_CONF may change what it does. Runs
// before anything else here uses OpenSSL.
[[maybe_unused]] const int kNoConfiguration = OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, nullptr);

}  // namespace

Digest256 Sha256(BytesView bytes) {
  // Not SHA256(): since OpenSSL 3 that is EVP behind the old name.
  SHA256_CTX context;
  SHA256_Init(&context);
  SHA256_Update(&context, bytes.data(), bytes.size());
  Digest256 out;
  SHA256_Final(out.data(), &context);
  return out;
}

Digest384 Sha384(BytesView bytes) {
  Digest384 out;
  SHA384(bytes.data(), bytes.size(), out.data());
  return out;
}

Digest512 Sha512(BytesView bytes) {
  Digest512 out;
  SHA512(bytes.data(), bytes.size(), out.data());
  return out;
}

Digest256 Sha512_256(BytesView bytes) {
  Digest256 out{};
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, EVP_sha512_256(), nullptr) != 1) std::abort();
  return out;
}

Digest256 HmacSha256(BytesView key, BytesView message) {
  Digest256 out{};
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), message.data(), message.size(), out.data(),
           nullptr) == nullptr) {
    std::abort();
  }
  return out;
}

Digest256 Sha256State::ToDigest() const {
  Digest256 out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(words[i / 4] >> (24 - 8 * (i % 4)));
  return out;
}

Sha256Stream::Sha256Stream() {
  new (state_.data()) SHA256_CTX;
  SHA256_Init(Context(state_));
}

Sha256Stream::Sha256Stream(const Sha256State& state, std::uint64_t num_blocks) : Sha256Stream() {
  SHA256_CTX* context = Context(state_);
  std::copy(state.words.begin(), state.words.end(), context->h);
  const std::uint64_t num_bits = 512 * num_blocks;
  context->Nl = static_cast<SHA_LONG>(num_bits);
  context->Nh = static_cast<SHA_LONG>(num_bits >> 32U);
}

Sha256Stream& Sha256Stream::Update(BytesView bytes) {
  SHA256_Update(Context(state_), bytes.data(), bytes.size());
  return *this;
}

Digest256 Sha256Stream::Finish() {
  Digest256 out;
  SHA256_Final(out.data(), Context(state_));
  return out;
}

}  // namespace attestml::crypto
