#include "evidence/snp/certificate_table.h"

#include <array>
#include <string>

#include "base/byte_reader.h"
#include "base/hex.h"

namespace attestml::evidence::snp {
namespace {

using Guid = std::array<std::uint8_t, 16>;

struct Entry {
  Guid guid{};
  std::uint32_t offset = 0, length = 0;
};

// As the specification spells them: "63da758d-e664-4564-adc5-f4b93be8accd" is the VCEK.
std::string Spelled(const Guid& guid) {
  std::string text = HexEncode(guid);
  for (const std::size_t at : {8, 13, 18, 23}) text.insert(at, "-");
  return text;
}

}  // namespace

Result<std::vector<CollateralItem>> ParseCertificateTable(BytesView bytes) {
  if (bytes.size() > kMaxCertificateTable) {
    return Malformed("snp.certificate_table.size", "a certificate table of " + std::to_string(bytes.size()) +
                                                       " bytes, want at most " + std::to_string(kMaxCertificateTable));
  }
  std::vector<CollateralItem> out;
  if (AllZero(bytes)) return out;
  std::vector<Entry> entries;
  ByteReader in(bytes);
  for (;;) {
    Entry entry;
    if (!in.ReadArray(&entry.guid) || !in.ReadU32Le(&entry.offset) || !in.ReadU32Le(&entry.length)) {
      return Malformed("snp.certificate_table.truncated", "a certificate table that no entry of zeros ends");
    }
    if (AllZero(entry.guid)) break;
    if (entries.size() == kMaxTableCertificates) {
      return Malformed("snp.certificate_table.count",
                       "a certificate table of more than " + std::to_string(kMaxTableCertificates) + " certificates");
    }
    entries.push_back(entry);
  }
  const std::size_t list = bytes.size() - in.remaining();
  for (const Entry& entry : entries) {
    ByteReader table(bytes);
    BytesView before;
    BytesView content;
    const bool fits = table.ReadBytes(entry.offset, &before) && table.ReadBytes(entry.length, &content);
    if (!fits || entry.offset < list || entry.length == 0) {
      return Malformed("snp.certificate_table.entry",
                       "certificate " + Spelled(entry.guid) + " lies at " + std::to_string(entry.offset) + " with " +
                           std::to_string(entry.length) + " bytes, want a place within the table's " +
                           std::to_string(bytes.size()) + " and behind its list of " + std::to_string(list));
    }
    out.push_back({Spelled(entry.guid), ToBytes(content)});
  }
  return out;
}

}  // namespace attestml::evidence::snp
