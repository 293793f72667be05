// Lends OpenSSL's handle of a key to the other files of this folder.
#pragma once

#include <openssl/evp.h>

#include "crypto/key.h"

namespace attestml::crypto {

struct KeyAccess {
  static EVP_PKEY* Of(const PublicKey& key) { return key.handle_.get(); }
  static EVP_PKEY* Of(const PrivateKey& key) { return key.public_.handle_.get(); }
};

}  // namespace attestml::crypto
