// Signatures over a message whose SHA-256 is at hand already.
#pragma once

#include "base/bytes.h"
#include "crypto/digest.h"
#include "crypto/key.h"

namespace attestml::crypto {

// What key.Verify(message, signature) gives, for a key on P-256 and the SHA-256 of the message, which the caller has
// computed itself. False for keys of other types: they sign messages, not digests.
[[nodiscard]] bool VerifyDigest(const PublicKey& key, const Digest256& sha256, BytesView signature);

}  // namespace attestml::crypto
