// Whether a TorchScript file is the one that an architecture names.
#pragma once

#include "base/hex.h"
#include "crypto/digest.h"
#include "engine/engine.h"

namespace attestml::engine {

inline Status CheckProgramDigest(const model::Architecture& architecture, BytesView program) {
  if (HexEncode(crypto::Sha256(program)) == architecture.program) return {};
  return Malformed("program.digest", "the program is not the one that the architecture names");
}

}  // namespace attestml::engine
