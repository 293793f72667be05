// A document is exactly its parts: put together again they give the bytes that were read. What is in the payload comes
// back the same from a payload written anew.
#include <optional>

#include "evidence/nitro/cbor.h"
#include "evidence/nitro/document.h"
#include "fuzz.h"

namespace {

using namespace attestml;
using namespace attestml::evidence::nitro;

Bytes WritePayload(const Document& document) {
  CborWriter out;
  out.WriteMap(6 + document.public_key.has_value() + document.user_data.has_value() + document.nonce.has_value());
  out.WriteText("module_id");
  out.WriteText(document.module_id);
  out.WriteText("digest");
  out.WriteText("SHA384");
  out.WriteText("timestamp");
  out.WriteUnsigned(document.timestamp);
  out.WriteText("pcrs");
  out.WriteMap(document.pcrs.size());
  for (const auto& [index, value] : document.pcrs) {
    out.WriteUnsigned(index);
    out.WriteBytes(value);
  }
  out.WriteText("certificate");
  out.WriteBytes(document.certificate);
  out.WriteText("cabundle");
  out.WriteArray(document.cabundle.size());
  for (const Bytes& der : document.cabundle) out.WriteBytes(der);
  const auto optional = [&](std::string_view name, const std::optional<Bytes>& value) {
    if (!value) return;
    out.WriteText(name);
    out.WriteBytes(*value);
  };
  optional("public_key", document.public_key);
  optional("user_data", document.user_data);
  optional("nonce", document.nonce);
  return std::move(out).Take();
}

Bytes WriteDocument(const Document& document, const Bytes& payload) {
  CborWriter out;
  if (document.tagged) out.WriteTag(kCoseSign1Tag);
  out.WriteArray(4);
  out.WriteBytes(document.protected_header);
  out.WriteMap(0);
  out.WriteBytes(payload);
  out.WriteBytes(document.signature);
  return std::move(out).Take();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto document = ParseDocument(BytesView(data, size));
  if (!document.ok()) return 0;
  fuzz::Require(WriteDocument(*document, document->payload) == Bytes(data, data + size));
  const auto again = ParseDocument(WriteDocument(*document, WritePayload(*document)));
  fuzz::Require(again.ok());
  fuzz::Require(again->pcrs == document->pcrs && again->cabundle == document->cabundle &&
                again->certificate == document->certificate && again->module_id == document->module_id &&
                again->timestamp == document->timestamp && again->public_key == document->public_key &&
                again->user_data == document->user_data && again->nonce == document->nonce);
  return 0;
}
