#include "statement/receipt.h"

#include <algorithm>

#include "base/hex.h"
#include "base/json.h"
#include "crypto/merkle.h"

namespace attestml::statement {
namespace {

constexpr std::string_view kTag = "attestml/receipt/v1";
constexpr std::size_t kMaxProof = 64;

// One digest has one text: 64 lower-case digits.
bool DigestFromText(std::string_view text, crypto::Digest256* digest) {
  return HexDecodeInto(text, *digest) && HexEncode(*digest) == text;
}

Result<crypto::Digest256> ReadDigest(JsonObject& object, std::string_view name) {
  ATTESTML_TRY(const std::string text, object.String(name));
  crypto::Digest256 digest;
  if (!DigestFromText(text, &digest)) {
    return Malformed("receipt.digest",
                     "receipt member \"" + std::string(name) + "\" is not 64 lower-case hexadecimal digits");
  }
  return digest;
}

}  // namespace

crypto::Digest256 ReceiptLeaf(const crypto::Digest256& input, const crypto::Digest256& output,
                              const crypto::Digest256& nonce) {
  std::array<std::uint8_t, kTag.size() + 1 + 3 * 32> data;
  auto at = std::copy(kTag.begin(), kTag.end(), data.begin());
  *at++ = 0;
  for (const auto* part : {&input, &output, &nonce}) at = std::copy(part->begin(), part->end(), at);
  return crypto::LeafHash(data);
}

std::string WriteReceipt(const Receipt& receipt) {
  // Written by hand in canonical member order: a bulk run writes one of these per row.
  std::string out = "{\"index\":" + std::to_string(receipt.index) + ",\"input\":\"" + HexEncode(receipt.input) +
                    "\",\"nonce\":\"" + HexEncode(receipt.nonce) + "\",\"output\":\"" + HexEncode(receipt.output) +
                    "\",\"proof\":[";
  for (std::size_t i = 0; i < receipt.proof.size(); ++i) {
    out += (i == 0 ? "\"" : ",\"") + HexEncode(receipt.proof[i]) + "\"";
  }
  return out + "],\"root\":\"" + HexEncode(receipt.root) + "\",\"size\":" + std::to_string(receipt.size) +
         ",\"type\":\"attestml/receipt/v1\"}";
}

Result<Receipt> ParseReceipt(std::string_view json) {
  ATTESTML_TRY(const Json value, ParseJson(json, {.max_bytes = 64 * 1024, .max_depth = 4}));
  JsonObject object(value, "receipt.member", "receipt");
  ATTESTML_TRY(const std::string type, object.String("type"));
  if (type != kTag) return Unsupported("receipt.type", "receipt type is not " + std::string(kTag));
  Receipt receipt;
  ATTESTML_TRY(receipt.index, object.Unsigned("index"));
  ATTESTML_TRY(receipt.size, object.Unsigned("size"));
  ATTESTML_TRY(receipt.root, ReadDigest(object, "root"));
  ATTESTML_TRY(receipt.input, ReadDigest(object, "input"));
  ATTESTML_TRY(receipt.output, ReadDigest(object, "output"));
  ATTESTML_TRY(receipt.nonce, ReadDigest(object, "nonce"));
  ATTESTML_TRY(const Json* proof, object.Array("proof"));
  ATTESTML_CHECK(object.Finish());
  if (proof->size() > kMaxProof) return Malformed("receipt.proof", "receipt proof is longer than 64 digests");
  for (const Json& element : *proof) {
    crypto::Digest256 digest;
    if (!element.is_string() || !DigestFromText(element.get_ref<const std::string&>(), &digest)) {
      return Malformed("receipt.proof", "receipt proof holds something that is not 64 lower-case hexadecimal digits");
    }
    receipt.proof.push_back(digest);
  }
  return receipt;
}

bool ReceiptHolds(const Receipt& receipt) {
  return crypto::VerifyInclusion(ReceiptLeaf(receipt.input, receipt.output, receipt.nonce), receipt.index, receipt.size,
                                 receipt.proof, receipt.root);
}

}  // namespace attestml::statement
