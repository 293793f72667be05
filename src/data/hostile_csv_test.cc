// Files made to hurt: each is refused, or read, in time and memory in proportion to its size.
#include <gtest/gtest.h>

#include <set>

#include "base/random.h"
#include "data/csv_scanner.h"
#include "data/dictionary.h"
#include "data/test_tables.h"

namespace attestml::data {
namespace {

statement::Selection Plain(std::string_view columns) {
  statement::Selection selection = SelectionOf(columns);
  selection.format.header = false;
  return selection;
}

std::string IdOf(std::string_view text, const statement::Selection& selection) {
  const auto table = ReadText(text, selection);
  return table.ok() ? "" : table.error().id;
}

TEST(HostileCsvTest, FieldsHaveACap) {
  const auto one = Plain("a:c");
  const std::string most(kMaxField, 'x');
  EXPECT_EQ(IdOf(most, one), "");
  EXPECT_EQ(IdOf(most + "x", one), "csv.size");
  EXPECT_EQ(IdOf("\"" + most.substr(2) + "\"", one), "");
  EXPECT_EQ(IdOf("\"" + most + "x\"", one), "csv.size");
  EXPECT_EQ(IdOf(std::string(10'000'000, 'x'), one), "csv.size");
  EXPECT_EQ(IdOf(std::string(10'000'000, '"'), one), "csv.size");
  EXPECT_EQ(IdOf("\"" + std::string(10'000'000, 'x'), one), "csv.quote");
  EXPECT_EQ(IdOf(std::string(10'000'000, '9'), Plain("a:n")), "csv.size");
  EXPECT_EQ(IdOf(std::string(1'000'000, '9'), Plain("a:n")), "csv.number");
}

TEST(HostileCsvTest, ManyColumnsAndLines) {
  EXPECT_EQ(IdOf(std::string(1'000'000, ','), Plain("a:c b:n")), "csv.columns");
  EXPECT_EQ(IdOf("a,b\n" + std::string(1'000'000, '\n') + "1,2\n", Plain("a:c b:c")), "csv.columns");
  EXPECT_EQ(IdOf("a,b\n" + std::string(1'000'000, '\n'), Plain("a:c b:c")), "");
  std::string columns;
  for (int i = 0; i < 4096; ++i) columns += "c" + std::to_string(i) + ":n ";
  columns.pop_back();
  // A million lines and 4096 columns: arrays for both would take 32 GB.
  EXPECT_EQ(IdOf(std::string(1'000'000, '\n') + "1", Plain(columns)), "csv.columns");
  EXPECT_EQ(IdOf(std::string(4095, ',') + "\n" + std::string(4095, ',') + "\n", Plain(columns)), "");
}

TEST(HostileCsvTest, NulsAreRefusedWhereverTheyStand) {
  const std::string good = "x,y\nz,\"w\"\n";
  for (std::size_t at = 0; at <= good.size(); ++at) {
    std::string bad = good;
    bad.insert(at, 1, '\0');
    EXPECT_EQ(IdOf(bad, Plain("a:c b:c")), "csv.encoding") << at;
  }
}

// Every prefix of a file either is a file or is refused; none reads beyond its end (run under ASan).
TEST(HostileCsvTest, TruncatedAtEveryLength) {
  const std::string text =
      "\xef\xbb\xbf"
      "name,n\r\n \"a\"\"b\" , 1\r\n\"c\r\nd\",\t-2.5e3\r\n\xc3\xa9,\r\n";
  auto selection = SelectionOf("name:c n:n");
  selection.format.trim = true;
  const std::set<std::string> known = {
      "", "csv.header", "csv.columns", "csv.quote", "csv.newline", "csv.encoding", "csv.number", "selection.empty"};
  for (std::size_t size = 0; size <= text.size(); ++size) {
    // A copy of the exact size: the file's memory ends where the text does.
    const std::string part(text.substr(0, size));
    EXPECT_TRUE(known.contains(IdOf(part, selection))) << size << " " << IdOf(part, selection);
  }
  EXPECT_EQ(IdOf(text, selection), "");
}

// Any bytes at all: an answer comes back, and records that are read have one canonical text a row.
TEST(HostileCsvTest, RandomBytes) {
  Random random(1, "hostile csv");
  constexpr std::string_view kAlphabet = "ab1-., \t\"\"\n\n\r?";
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (std::uint64_t i = random.Below(24); i > 0; --i) text += kAlphabet[random.Below(kAlphabet.size())];
    auto selection = Plain("a:c b:n");
    selection.format.trim = random.Below(2) != 0;
    selection.format.missing = random.Below(2) != 0 ? "?" : "";
    const auto table = ReadText(text, selection);
    if (!table.ok()) {
      EXPECT_FALSE(table.error().id.empty());
      continue;
    }
    for (std::size_t row = 0; row < table->rows(); ++row) {
      const auto json = ParseJson(CanonicalRecord(*table, row, true));
      ASSERT_TRUE(json.ok()) << text;
      EXPECT_EQ(DumpJson(*json), CanonicalRecord(*table, row, true));
      EXPECT_EQ(json->size(), 2U);
    }
  }
}

TEST(HostileCsvTest, DictionariesGrow) {
  Dictionary dictionary;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 50000; ++i) ASSERT_EQ(dictionary.Code("value " + std::to_string(i)), i);
  }
  EXPECT_EQ(dictionary.Code(""), 50000);
  for (std::size_t n = 1; n < 40; ++n) {
    const auto code = static_cast<std::int32_t>(50000 + n);
    EXPECT_EQ(dictionary.Code(std::string(n, 'z')), code);
    EXPECT_EQ(dictionary.Code(std::string(n, 'z')), code);
  }
  const auto values = std::move(dictionary).Take();
  EXPECT_EQ(values.size(), 50040U);
  EXPECT_EQ(values[49999], "value 49999");
}

}  // namespace
}  // namespace attestml::data
