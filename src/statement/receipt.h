// Receipts: proof for one row of a bulk inference (spec/receipt.md). A statement holds root and size of an RFC 9162
// tree with one leaf a row; a receipt shows that a row's input, output and nonce are one of its leaves.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace attestml::statement {

struct Receipt {
  std::uint64_t index = 0;
  std::uint64_t size = 0;
  crypto::Digest256 root{};
  crypto::Digest256 input{};   // SHA-256 of the row's bytes, without its line end
  crypto::Digest256 output{};  // SHA-256 of the output line's bytes, without its line end
  crypto::Digest256 nonce{};   // NonceDigest of the inference's nonce
  std::vector<crypto::Digest256> proof;
};

// The leaf data is fixed in length and tagged: "attestml/receipt/v1" || 0x00 || input[32] || output[32] || nonce[32].
crypto::Digest256 ReceiptLeaf(const crypto::Digest256& input, const crypto::Digest256& output,
                              const crypto::Digest256& nonce);

// One line of JSON, canonical; ParseReceipt is strict. Error ids receipt.*.
std::string WriteReceipt(const Receipt& receipt);
Result<Receipt> ParseReceipt(std::string_view json);

// Whether the proof leads from the receipt's own leaf to its own root. That the root is the one of a verified inference
// statement is for the caller to compare.
[[nodiscard]] bool ReceiptHolds(const Receipt& receipt);

}  // namespace attestml::statement
