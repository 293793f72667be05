#include "evidence/snp/certificate_table.h"

#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "base/hex.h"

namespace attestml::evidence::snp {
namespace {

constexpr const char* kVcek = "63da758de6644564adc5f4b93be8accd";
constexpr const char* kAsk = "4ab7b379bbac4fe4a02f05aef327c782";

void Append(Bytes* out, const char* guid, std::uint32_t offset, std::uint32_t length) {
  const Bytes id = *HexDecode(guid);
  out->insert(out->end(), id.begin(), id.end());
  for (const std::uint32_t value : {offset, length}) {
    for (unsigned i = 0; i < 4; ++i) out->push_back(static_cast<std::uint8_t>(value >> (8 * i)));
  }
}

Bytes Table(std::uint32_t first_offset = 72, std::uint32_t first_length = 3, std::uint32_t second_offset = 75,
            std::uint32_t second_length = 2) {
  Bytes out;
  Append(&out, kVcek, first_offset, first_length);
  Append(&out, kAsk, second_offset, second_length);
  out.resize(72);
  for (const char c : {'v', 'e', 'k', 'c', 'a'}) out.push_back(static_cast<std::uint8_t>(c));
  return out;
}

std::string IdOf(BytesView table) {
  const auto parsed = ParseCertificateTable(table);
  return parsed.ok() ? "" : parsed.error().id;
}

TEST(CertificateTable, GivesWhatIsInIt) {
  Bytes table = Table();
  table.resize(4096);
  const auto parsed = ParseCertificateTable(table);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  ASSERT_EQ(parsed->size(), 2U);
  EXPECT_EQ((*parsed)[0].label, "63da758d-e664-4564-adc5-f4b93be8accd");
  EXPECT_EQ(AsText((*parsed)[0].bytes), "vek");
  EXPECT_EQ((*parsed)[1].label, "4ab7b379-bbac-4fe4-a02f-05aef327c782");
  EXPECT_EQ(AsText((*parsed)[1].bytes), "ca");
}

TEST(CertificateTable, NothingAndZerosHaveNone) {
  for (const std::size_t size : {0, 1, 24, 4096}) {
    const auto parsed = ParseCertificateTable(Bytes(size));
    ASSERT_TRUE(parsed.ok()) << size;
    EXPECT_TRUE(parsed->empty());
  }
}

TEST(CertificateTable, EntriesLieWithinTheTable) {
  EXPECT_EQ(IdOf(Table()), "");
  for (const std::uint32_t offset : {0U, 71U, 75U + 1U, 77U, 0x80000000U, 0xffffffffU}) {
    EXPECT_EQ(IdOf(Table(72, 3, offset, 2)), "snp.certificate_table.entry") << offset;
  }
  for (const std::uint32_t length : {0U, 3U, 0x7fffffffU, 0xffffffffU}) {
    EXPECT_EQ(IdOf(Table(72, 3, 75, length)), "snp.certificate_table.entry") << length;
  }
}

TEST(CertificateTable, TheListMustEnd) {
  const Bytes table = Table();
  for (std::size_t size = 1; size < 72; ++size) {
    const std::string id = IdOf(BytesView(table).first(size));
    EXPECT_EQ(id, "snp.certificate_table.truncated") << size;
  }
}

TEST(CertificateTable, IsOfBoundedSize) {
  Bytes many;
  for (std::size_t i = 0; i <= kMaxTableCertificates; ++i) Append(&many, kVcek, 1000, 1);
  many.resize(2000);
  EXPECT_EQ(IdOf(many), "snp.certificate_table.count");
  many.clear();
  for (std::size_t i = 0; i < kMaxTableCertificates; ++i) Append(&many, kVcek, 1000, 1);
  many.resize(2000);
  EXPECT_EQ(IdOf(many), "");
  EXPECT_EQ(IdOf(Bytes(kMaxCertificateTable + 1)), "snp.certificate_table.size");
}

}  // namespace
}  // namespace attestml::evidence::snp
