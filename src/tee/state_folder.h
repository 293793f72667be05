// A folder on disk that holds a simulated authority: made whole or not at all, and read with caps and errors. What is
// read from it is ours, but a disk may be full, a file gone.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"

namespace attestml::tee {

class StateFolder {
 public:
  explicit StateFolder(std::string directory);

  const std::string& directory() const { return directory_; }

  // Whether it is there, of a version that this build knows. Error ids tee.simulated.version (unsupported), .state.
  Result<bool> Exists() const;
  // Makes the folder with mode 0700: `fill` writes into a temporary folder beside it, which then gets its name by one
  // rename. Safe when several processes do it at once: one wins, and what the others made is removed. Error id
  // tee.simulated.write.
  Status Make(const std::function<Status(const StateFolder& temporary)>& fill) const;
  // Makes one folder in it.
  Status MakePart(std::string_view name) const;
  // Says that the folder is an authority with this root. Last of what `fill` writes.
  Status WriteAbout(const crypto::PublicKey& root) const;

  Status Write(std::string_view name, std::string_view text, unsigned mode = 0644) const;
  Result<Bytes> Read(std::string_view name) const;
  // keys/NAME.pem, mode 0600.
  Status WriteKey(std::string_view name, const crypto::PrivateKey& key) const;
  Result<crypto::PrivateKey> ReadKey(std::string_view name, crypto::KeyType type = crypto::KeyType::kEcdsaP256) const;

 private:
  std::string directory_;
};

}  // namespace attestml::tee
