// Session: states claims, binds them to a key that was born here, and has a device vouch for the key.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"
#include "statement/claims.h"
#include "tee/device.h"

namespace attestml::prove {

// Its key is made in memory, signs nothing but our statements, and is gone with the object.
class Session {
 public:
  // `nonce` is what the verifier sent (empty: none). With `quote_each`, evidence vouches for each statement on its own.
  Session(std::unique_ptr<tee::Device> device, Bytes nonce, bool quote_each);

  // Signs a claim. What is signed has been read back by the strict reader first; a claim that it refuses is our bug and
  // comes back as its error.
  Status State(const statement::Claim& claim);

  // The bundle: every statement and the evidence, one envelope a line.
  Result<std::string> Finish();

  std::size_t size() const { return lines_.size(); }

 private:
  Status AddEvidence(const crypto::Digest256& target, bool for_statement);

  std::unique_ptr<tee::Device> device_;
  Bytes nonce_;
  bool quote_each_;
  crypto::PrivateKey key_;
  std::vector<std::string> lines_;
};

}  // namespace attestml::prove
