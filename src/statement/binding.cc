#include "statement/binding.h"

#include "base/byte_writer.h"

namespace attestml::statement {

std::array<std::uint8_t, 64> ReportData(const crypto::Digest256& key_id, const crypto::Digest256& target,
                                        const crypto::Digest256& nonce) {
  // spec/binding.md 2: the tag ends in a zero byte and every other part has a fixed length, so no two inputs share
  // bytes.
  ByteWriter out;
  out.WriteText("attestml/report-data/v1");
  out.WriteU8(0);
  out.WriteBytes(key_id);
  out.WriteBytes(target);
  out.WriteBytes(nonce);
  return crypto::Sha512(out.view());
}

crypto::Digest256 NonceDigest(BytesView nonce) { return nonce.empty() ? crypto::Digest256{} : crypto::Sha256(nonce); }

}  // namespace attestml::statement
