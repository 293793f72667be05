#include "cli/owner_secret.h"

#include "artifact/measured_file.h"
#include "base/hex.h"

namespace attestml::cli {

Result<crypto::Digest256> ReadOwnerSecret(const std::string& path) {
  ATTESTML_TRY(const Bytes bytes, artifact::ReadFile(path, 4096));
  std::string_view text = AsText(bytes);
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  crypto::Digest256 secret{};
  if (!HexDecodeInto(text, secret)) {
    return Usage("cli.owner_secret", path +
                                         " is not an owner's secret, want 64 hexadecimal digits: `attestml keygen "
                                         "FILE --type owner-secret` makes one");
  }
  return secret;
}

}  // namespace attestml::cli
