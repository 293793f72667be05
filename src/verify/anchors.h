// What this build knows of the vendors' roots beyond the id of their key.
#pragma once

#include "base/bytes.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "crypto/key.h"

namespace attestml::verify {

// KnownRoot lets a chain end at a pinned key although its root certificate was left out, which many quotes do.
struct KnownRoot {
  crypto::PublicKey key;
  Bytes name;  // the root's subject, DER
  Time not_before, not_after;
};

// FindKnownRoot returns the vendor root with this key id, or null. Knowing a root does not make it trusted: the caller
// asks only for keys of its anchors.
const KnownRoot* FindKnownRoot(const crypto::Digest256& key_id);

// Whether this is the SHA-256 of a root certificate as the vendor published it, whose own signature is known to be
// good.
bool IsPublishedRoot(const crypto::Digest256& certificate_sha256);

}  // namespace attestml::verify
