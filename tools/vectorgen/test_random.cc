#include "vectorgen/test_random.h"

// The one door that lets a whole process draw from another generator; the keys and signatures of src/crypto follow it.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rand.h>

#include <cstdlib>
#include <string>

#include "crypto/digest.h"

namespace attestml::vectorgen {
namespace {

struct Stream {
  crypto::Digest256 seed{};
  std::uint64_t block = 0;
};
Stream stream;

// SHA-256(seed || block number) after each other; what is left of a block at the end of a request is dropped.
int Draw(unsigned char* out, int size) {
  for (int at = 0; at < size;) {
    const crypto::Digest256 block =
        crypto::Sha256Stream().Update(stream.seed).Update(AsBytes(std::to_string(stream.block++))).Finish();
    for (const std::uint8_t byte : block) {
      if (at < size) out[at++] = byte;
    }
  }
  return 1;
}
int Status() { return 1; }

constexpr RAND_METHOD kMethod = {nullptr, Draw, nullptr, nullptr, Draw, Status};

}  // namespace

void SeedRandom(std::string_view seed) {
  if (RAND_get_rand_method() != &kMethod && RAND_set_rand_method(&kMethod) != 1) std::abort();
  stream = {crypto::Sha256(AsBytes(seed)), 0};
}

}  // namespace attestml::vectorgen
