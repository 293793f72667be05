#include "evidence/nitro/document.h"

#include <algorithm>
#include <string_view>

#include "base/hex.h"
#include "evidence/nitro/cbor.h"

namespace attestml::evidence::nitro {
namespace {

constexpr std::uint64_t kMaxTimestamp = 253402300799999;  // 9999-12-31T23:59:59.999Z
constexpr std::size_t kMaxModuleId = 256;
constexpr std::size_t kMaxCertificate = 1024;
constexpr std::size_t kMaxPublicKey = 1024;
constexpr std::size_t kMaxUserData = 512;
constexpr std::size_t kNumPcrs = 32;

enum Field : unsigned {
  kModuleId,
  kDigest,
  kTimestamp,
  kPcrs,
  kCertificate,
  kCabundle,
  kPublicKey,
  kUserData,
  kNonce,
  kNumFields
};
constexpr std::array<std::string_view, kNumFields> kNames = {
    "module_id", "digest", "timestamp", "pcrs", "certificate", "cabundle", "public_key", "user_data", "nonce"};
constexpr unsigned kNumMandatory = kPublicKey;

// Hexadecimal of at most 16 bytes, for messages.
std::string Beginning(BytesView bytes) {
  return bytes.size() <= 16 ? HexEncode(bytes) : HexEncode(bytes.first(16)) + "…";
}

Error Bad(std::string_view part, std::string message) {
  return Malformed("nitro.document." + std::string(part), std::move(message));
}

Result<Bytes> ReadSized(CborReader* in, std::string_view name, std::size_t least, std::size_t most) {
  BytesView bytes;
  if (!in->ReadBytes(&bytes)) return Bad(name, std::string(name) + " is not a byte string");
  if (bytes.size() < least || bytes.size() > most) {
    return Bad(name, std::string(name) + " has " + std::to_string(bytes.size()) + " bytes, want " +
                         std::to_string(least) + " to " + std::to_string(most));
  }
  return ToBytes(bytes);
}

Status ReadOptional(CborReader* in, std::string_view name, std::size_t least, std::size_t most,
                    std::optional<Bytes>* out) {
  if (in->ReadNull()) return {};
  ATTESTML_TRY(*out, ReadSized(in, name, least, most));
  return {};
}

Status ReadPcrs(CborReader* in, std::map<unsigned, Pcr>* out) {
  std::size_t pairs = 0;
  if (!in->ReadMap(&pairs)) return Bad("pcrs", "registers are not a map");
  for (std::size_t i = 0; i < pairs; ++i) {
    std::uint64_t index = 0;
    if (!in->ReadUnsigned(&index)) return Bad("pcrs", "the index of a register is not an unsigned integer");
    if (index >= kNumPcrs) return Bad("pcrs", "register " + std::to_string(index) + ", want 0 to 31");
    BytesView value;
    if (!in->ReadBytes(&value) || value.size() != sizeof(Pcr)) {
      return Bad("pcrs", "register " + std::to_string(index) + " is not a byte string of 48 bytes");
    }
    const auto [at, added] = out->try_emplace(static_cast<unsigned>(index));
    if (!added) return Bad("pcrs", "register " + std::to_string(index) + " stands twice");
    std::copy(value.begin(), value.end(), at->second.begin());
  }
  for (unsigned index = 0; index < 3; ++index) {
    if (!out->contains(index)) return Bad("pcrs", "no register " + std::to_string(index));
  }
  return {};
}

Status ReadCabundle(CborReader* in, std::vector<Bytes>* out) {
  std::size_t items = 0;
  if (!in->ReadArray(&items)) return Bad("cabundle", "cabundle is not an array");
  if (items == 0 || items > kMaxCabundle) {
    return Bad("cabundle", "cabundle of " + std::to_string(items) + " certificates, want 1 to 8");
  }
  for (std::size_t i = 0; i < items; ++i) {
    ATTESTML_TRY(Bytes certificate, ReadSized(in, "cabundle", 1, kMaxCertificate));
    out->push_back(std::move(certificate));
  }
  return {};
}

Status ReadField(Field field, CborReader* in, Document* out) {
  std::string_view text;
  switch (field) {
    case kModuleId:
      if (!in->ReadText(&text) || text.empty() || text.size() > kMaxModuleId) {
        return Bad("module_id", "module_id is not a text of 1 to 256 printable ASCII characters");
      }
      out->module_id = text;
      return {};
    case kDigest:
      if (!in->ReadText(&text)) return Bad("digest", "digest is not a text");
      if (text != "SHA384") return Bad("digest", "digest is \"" + std::string(text.substr(0, 32)) + "\", want SHA384");
      return {};
    case kTimestamp:
      if (!in->ReadUnsigned(&out->timestamp)) return Bad("timestamp", "timestamp is not an unsigned integer");
      if (out->timestamp == 0 || out->timestamp > kMaxTimestamp) {
        return Bad("timestamp",
                   "timestamp is " + std::to_string(out->timestamp) + ", want milliseconds from 1 to the year 9999");
      }
      return {};
    case kPcrs:
      return ReadPcrs(in, &out->pcrs);
    case kCertificate: {
      ATTESTML_TRY(out->certificate, ReadSized(in, "certificate", 1, kMaxCertificate));
      return {};
    }
    case kCabundle:
      return ReadCabundle(in, &out->cabundle);
    case kPublicKey:
      return ReadOptional(in, "public_key", 1, kMaxPublicKey, &out->public_key);
    case kUserData:
      return ReadOptional(in, "user_data", 0, kMaxUserData, &out->user_data);
    case kNonce:
      return ReadOptional(in, "nonce", 0, kMaxUserData, &out->nonce);
    case kNumFields:
      break;
  }
  return Bad("key", "unknown key");
}

Status ReadPayload(Document* out) {
  CborReader in(out->payload);
  std::optional<std::size_t> pairs;
  if (!in.ReadAnyMap(&pairs)) return Bad("map", "payload is not a CBOR map");
  unsigned seen = 0;
  for (std::size_t i = 0; pairs ? i < *pairs : !in.ReadBreak(); ++i) {
    std::string_view key;
    if (!in.ReadText(&key))
      return Bad("map", "payload ends inside its map, or a key is not a text in its shortest form");
    const auto* const at = std::find(kNames.begin(), kNames.end(), key);
    if (at == kNames.end()) return Bad("key", "unknown key \"" + std::string(key.substr(0, 32)) + "\"");
    const auto field = static_cast<Field>(at - kNames.begin());
    if ((seen >> field & 1U) != 0) return Bad("key", std::string(key) + " stands twice");
    seen |= 1U << field;
    ATTESTML_CHECK(ReadField(field, &in, out));
  }
  if (!in.empty()) return Bad("map", std::to_string(in.remaining()) + " bytes after the payload's map");
  for (unsigned field = 0; field < kNumMandatory; ++field) {
    if ((seen >> field & 1U) == 0) return Bad("missing", "no " + std::string(kNames[field]));
  }
  return {};
}

}  // namespace

bool Document::debug() const {
  for (unsigned index = 0; index < 3; ++index) {
    const auto at = pcrs.find(index);
    if (at == pcrs.end() || at->second == Pcr{}) return true;
  }
  return false;
}

Result<Document> ParseDocument(BytesView bytes) {
  if (bytes.size() > kMaxDocument) {
    return Bad("size",
               "document of " + std::to_string(bytes.size()) + " bytes, want at most " + std::to_string(kMaxDocument));
  }
  Document out;
  CborReader in(bytes);
  std::uint64_t tag = 0;
  out.tagged = in.ReadTag(&tag);
  if (out.tagged && tag != kCoseSign1Tag) return Bad("cose", "CBOR tag " + std::to_string(tag) + ", want 18 or none");
  std::size_t items = 0;
  if (!in.ReadArray(&items) || items != 4) return Bad("cose", "not a COSE_Sign1: a CBOR array of 4");

  BytesView protected_header;
  if (!in.ReadBytes(&protected_header)) return Bad("protected", "protected header is not a byte string");
  if (!std::equal(protected_header.begin(), protected_header.end(), kEs384Header.begin(), kEs384Header.end())) {
    return Bad("protected", "protected header is " + Beginning(protected_header) + ", want a1013822 (ES384, no more)");
  }
  out.protected_header = ToBytes(protected_header);

  // Nothing signs the unprotected header, so nothing may stand in it.
  std::size_t unprotected = 0;
  if (!in.ReadMap(&unprotected) || unprotected != 0)
    return Bad("unprotected", "unprotected header is not an empty map");

  BytesView payload;
  if (!in.ReadBytes(&payload)) return Bad("payload", "payload is not a byte string that ends inside the document");
  if (payload.empty() || payload.size() > kMaxPayload) {
    return Bad("payload", "payload of " + std::to_string(payload.size()) + " bytes, want 1 to 16384");
  }
  out.payload = ToBytes(payload);

  BytesView signature;
  if (!in.ReadBytes(&signature) || signature.size() != out.signature.size()) {
    return Bad("signature_size", "signature is not a byte string of 96 bytes");
  }
  std::copy(signature.begin(), signature.end(), out.signature.begin());
  if (!in.empty()) return Bad("trailing", std::to_string(in.remaining()) + " bytes after the document");

  ATTESTML_CHECK(ReadPayload(&out));
  return out;
}

Bytes SigStructure(BytesView protected_header, BytesView payload) {
  CborWriter out;
  out.WriteArray(4);
  out.WriteText("Signature1");
  out.WriteBytes(protected_header);
  out.WriteBytes({});
  out.WriteBytes(payload);
  return std::move(out).Take();
}

}  // namespace attestml::evidence::nitro
