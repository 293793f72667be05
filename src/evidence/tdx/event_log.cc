#include "evidence/tdx/event_log.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "crypto/digest.h"

namespace attestml::evidence::tdx {
namespace {

constexpr std::size_t kMaxLog = std::size_t{1} << 20;
constexpr std::uint32_t kNoAction = 3;
constexpr std::uint16_t kSha384 = 0x000c;
constexpr std::uint32_t kMaxAlgorithms = 8;
constexpr std::size_t kMaxDigest = 64;
constexpr std::string_view kSignature{"Spec ID Event03\0", 16};
constexpr std::size_t kEventOfHeader = 32;  // where the first event's data starts: index 4, type 4, SHA-1 20, size 4

using DigestSizes = std::map<std::uint16_t, std::uint16_t>;

Error BadHeader(std::string message) { return Malformed("tdx.event_log.header", std::move(message)); }

// The first event, in the old format, tells which digests the others have.
Result<DigestSizes> ReadHeader(ByteReader* in) {
  BytesView fixed;
  ByteReader event;
  if (!in->ReadBytes(28, &fixed) || !in->ReadU32LePrefixed(&event)) return BadHeader("the log ends inside its header");
  BytesView signature;
  BytesView platform;
  std::uint32_t count = 0;
  if (!event.ReadBytes(kSignature.size(), &signature) || AsText(signature) != kSignature ||
      !event.ReadBytes(8, &platform) || !event.ReadU32Le(&count)) {
    return BadHeader("the first event does not describe a crypto-agile log");
  }
  if (count == 0 || count > kMaxAlgorithms) {
    return BadHeader(std::to_string(count) + " digest algorithms, want 1 to 8");
  }
  DigestSizes sizes;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint16_t algorithm = 0;
    std::uint16_t size = 0;
    if (!event.ReadU16Le(&algorithm) || !event.ReadU16Le(&size)) return BadHeader("the list of digests is cut short");
    if (size == 0 || size > kMaxDigest || !sizes.emplace(algorithm, size).second) {
      return BadHeader("digest algorithm " + std::to_string(algorithm) + " of " + std::to_string(size) +
                       " bytes, or twice");
    }
  }
  std::uint8_t vendor_size = 0;
  BytesView vendor;
  if (!event.ReadU8(&vendor_size) || !event.ReadBytes(vendor_size, &vendor) || !event.empty()) {
    return BadHeader("vendor information does not end where the first event does");
  }
  if (sizes[kSha384] != 48) return BadHeader("the log has no SHA-384 digests");  // 0 when it is not among them
  return sizes;
}

// The SHA-384 digest of the event at hand.
Result<Measurement> ReadDigests(ByteReader* in, const DigestSizes& sizes) {
  const auto bad = [](std::string message) { return Malformed("tdx.event_log.digest", std::move(message)); };
  std::uint32_t count = 0;
  if (!in->ReadU32Le(&count) || count == 0 || count > kMaxAlgorithms)
    return bad("an event has no digests, or too many");
  Measurement out{};
  bool found = false;
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint16_t algorithm = 0;
    if (!in->ReadU16Le(&algorithm)) return bad("an event's digests are cut short");
    const auto size = sizes.find(algorithm);
    BytesView digest;
    if (size == sizes.end()) {
      return bad("digest algorithm " + std::to_string(algorithm) + " is not among those of the header");
    }
    if (!in->ReadBytes(size->second, &digest)) return bad("an event's digests are cut short");
    if (algorithm != kSha384) continue;
    if (found) return bad("an event has two SHA-384 digests");
    found = true;
    std::copy(digest.begin(), digest.end(), out.begin());
  }
  if (!found) return bad("an event has no SHA-384 digest");
  return out;
}

bool AllOf(BytesView bytes, std::uint8_t value) {
  return std::all_of(bytes.begin(), bytes.end(), [&](std::uint8_t byte) { return byte == value; });
}

void Extend(Measurement* rtmr, const Measurement& digest) {
  Bytes both(rtmr->begin(), rtmr->end());
  both.insert(both.end(), digest.begin(), digest.end());
  *rtmr = crypto::Sha384(both);
}

}  // namespace

bool LooksLikeEventLog(BytesView bytes) {
  return bytes.size() >= kEventOfHeader + kSignature.size() &&
         AsText(bytes.subspan(kEventOfHeader, kSignature.size())) == kSignature;
}

Result<ReplayedLog> ReplayEventLog(BytesView bytes) {
  if (bytes.size() > kMaxLog) {
    return Malformed("tdx.event_log.size", "event log of " + std::to_string(bytes.size()) + " bytes, want at most " +
                                               std::to_string(kMaxLog));
  }
  ByteReader in(bytes);
  ATTESTML_TRY(const DigestSizes sizes, ReadHeader(&in));
  ReplayedLog out;
  while (!in.empty()) {
    ByteReader ahead = in;
    std::uint32_t index = 0;
    std::uint32_t type = 0;
    if (!ahead.ReadU32Le(&index) || index == 0xffffffff || !ahead.ReadU32Le(&type) || (index == 0 && type == 0)) break;
    in = ahead;
    ATTESTML_TRY(const Measurement digest, ReadDigests(&in, sizes));
    ByteReader event;
    if (!in.ReadU32LePrefixed(&event)) return Malformed("tdx.event_log.event", "an event runs past the end of the log");
    ++out.num_events;
    if (type == kNoAction) continue;
    if (index == 0 || index > out.rtmr.size()) {
      return Malformed("tdx.event_log.register",
                       "an event extends register " + std::to_string(index) + ", want 1 to 4 (RTMR0 to RTMR3)");
    }
    Extend(&out.rtmr[index - 1], digest);
  }
  if (!AllOf(in.rest(), 0xff) && !AllOf(in.rest(), 0)) {
    return Malformed("tdx.event_log.trailing", std::to_string(in.remaining()) + " bytes after the last event");
  }
  return out;
}

}  // namespace attestml::evidence::tdx
