// How files become records: RFC 4180, its options, and each way to fail. spec/selection.md section 2.
#include <gtest/gtest.h>

#include "data/test_tables.h"
#include "data/utf8.h"

namespace attestml::data {
namespace {

using Texts = std::vector<std::string>;

statement::Selection Plain(std::string_view columns) {
  statement::Selection selection = SelectionOf(columns);
  selection.format.header = false;
  return selection;
}

TEST(CsvTest, ReadsQuotesLineEndsAndTheLastLine) {
  const auto two = Plain("a:c b:c");
  const Texts want = {R"(["x","y"])", R"(["z","w"])"};
  EXPECT_EQ(RecordsOf(ReadText("x,y\nz,w\n", two)), want);
  EXPECT_EQ(RecordsOf(ReadText("x,y\nz,w", two)), want);
  EXPECT_EQ(RecordsOf(ReadText("x,y\r\nz,w\r\n", two)), want);
  EXPECT_EQ(RecordsOf(ReadText("x,y\r\nz,w", two)), want);
  EXPECT_EQ(RecordsOf(ReadText("\"x\",y\n\"z\",\"w\"", two)), want);
  EXPECT_EQ(RecordsOf(ReadText("x,y\nz,w\n\n", two)), want);
  EXPECT_EQ(RecordsOf(ReadText("x,y\r\nz,w\r\n\r\n\n\r\n", two)), want);
  EXPECT_EQ(RecordsOf(ReadText("\xef\xbb\xbfx,y\nz,w\n", two)), want);
  EXPECT_EQ(RecordsOf(ReadText("\"a,b\",\"c\nd\"\n\"e\"\"f\",\"\"\"\"\"\"\n", two)),
            (Texts{R"(["a,b","c\nd"])", R"(["e\"f","\"\""])"}));
  EXPECT_EQ(RecordsOf(ReadText("\"a\"\"b\"\"c\",\"\"\"x\"\n", two)), (Texts{R"(["a\"b\"c","\"x"])"}));
  EXPECT_EQ(RecordsOf(ReadText("\"\r\n\",x\n", two)), (Texts{R"(["\r\n","x"])"}));
}

TEST(CsvTest, EmptyFieldsAreMissing) {
  const auto three = Plain("a:c b:n c:c");
  EXPECT_EQ(RecordsOf(ReadText(",,\n,1,\n\"\",\"\",\"\"\n", three)),
            (Texts{"[null,null,null]", R"([null,"1",null])", "[null,null,null]"}));
  auto marked = three;
  marked.format.missing = "NA";
  EXPECT_EQ(RecordsOf(ReadText("NA,NA,na\n,\"NA\",NAN\n", marked)),
            (Texts{R"([null,null,"na"])", R"([null,null,"NAN"])"}));
  EXPECT_EQ(RecordsOf(ReadText("a\n\"\"\nb\n", Plain("a:c"))), (Texts{R"(["a"])", "[null]", R"(["b"])"}));
}

TEST(CsvTest, TrimsOnlyWhenTold) {
  auto two = Plain("a:c b:n");
  EXPECT_EQ(RecordsOf(ReadText(" x\t,1\n", two)), (Texts{R"([" x\t","1"])"}));
  two.format.trim = true;
  two.format.missing = "?";
  EXPECT_EQ(RecordsOf(ReadText(" x y\t, 1 \n", two)), (Texts{R"(["x y","1"])"}));
  EXPECT_EQ(RecordsOf(ReadText(" \" x \" , \"1\"\t\r\n", two)), (Texts{R"([" x ","1"])"}));
  EXPECT_EQ(RecordsOf(ReadText(" ? , ?\n  ,\n \t \n  ", two)), (Texts{"[null,null]", "[null,null]"}));
}

TEST(CsvTest, TakesOtherDelimiters) {
  for (const char delimiter : {';', '\t', ' ', '|', '#'}) {
    auto two = Plain("a:c b:n");
    two.format.delimiter = delimiter;
    EXPECT_EQ(RecordsOf(ReadText("x,y" + std::string(1, delimiter) + "7\n", two)), (Texts{R"(["x,y","7"])"}));
    two.format.trim = true;
    EXPECT_EQ(RecordsOf(ReadText("x,y" + std::string(1, delimiter) + "7\n", two)), (Texts{R"(["x,y","7"])"}));
  }
}

TEST(CsvTest, ChecksTheHeader) {
  auto two = SelectionOf("age:n sex:c");
  EXPECT_EQ(RecordsOf(ReadText("age,sex\n1,f\n", two)), (Texts{R"(["1","f"])"}));
  EXPECT_EQ(RecordsOf(ReadText("\xef\xbb\xbf\"age\",sex\r\n1,f\r\n", two)), (Texts{R"(["1","f"])"}));
  two.format.skip_lines = 1;
  EXPECT_EQ(RecordsOf(ReadText("a comment with a \" in it\nage,sex\n1,f\n", two)), (Texts{R"(["1","f"])"}));
  EXPECT_EQ(RecordsOf(ReadText("\nage,sex\n1,f\n", two)), (Texts{R"(["1","f"])"}));
}

TEST(CsvTest, StripsTheSuffixOfLabelsOnly) {
  auto selection = Plain("note:c label:c");
  selection.target = statement::Target{"label", "", "."};
  EXPECT_EQ(RecordsOf(ReadText("a.,yes.\nb.,no\nc.,no..\n", selection)),
            (Texts{R"(["a.","yes"])", R"(["b.","no"])", R"(["c.","no."])"}));
  EXPECT_EQ(RecordsOf(ReadText("a,.\n", selection)), (Texts{R"(["a",null])"}));
}

TEST(CsvTest, ReadsPlainDecimalsOnly) {
  const auto one = Plain("x:n");
  const std::pair<std::string_view, std::string_view> good[] = {
      {"0", "0"},
      {"-0", "0"},
      {"007", "7"},
      {"-12", "-12"},
      {"99999", "99999"},
      {"100000", "1e+05"},
      {"-100000", "-1e+05"},
      {"120000", "120000"},
      {"123456789012345", "123456789012345"},
      {"9007199254740993", "9007199254740992"},
      {"0.10", "0.1"},
      {"1e3", "1000"},
      {"1E-9", "1e-09"},
      {"2.5e+02", "250"},
      {"0.1e1", "1"},
      {"1.7976931348623157e308", "1.7976931348623157e+308"},
      {"5e-324", "5e-324"},
      {"123456.5", "123456.5"},
  };
  for (const auto& [text, want] : good) {
    EXPECT_EQ(RecordsOf(ReadText(std::string(text) + "\n", one)), (Texts{"[\"" + std::string(want) + "\"]"})) << text;
  }
  for (const std::string_view bad : {"x",   "+1",  ".5",    "5.", "1,", "0x10",  "inf",      "nan", "-",
                                     "--1", "1e",  "1e999", "1 ", " 1", "1_000", "\xd9\xa1", "1-",  "123456789012345x",
                                     "NaN", "-inf"}) {
    const auto table = ReadText(std::string(bad) + "\n", one);
    ASSERT_FALSE(table.ok()) << bad;
    EXPECT_EQ(table.error().id, bad == "1," ? "csv.columns" : "csv.number") << bad;
  }
}

// Every error with its place. The message may change; the id and the place may not.
TEST(CsvTest, NamesFileLineAndColumn) {
  struct Case {
    std::string_view text;
    std::string_view id;
    std::string_view place;
  };
  const Case cases[] = {
      {"a,b\n1,x\ny,z\n", "csv.number", "t.csv:3:1: column \"a\""},
      {"a,b\n1,x\n2,z,q\n", "csv.columns", "t.csv:3:3: fields follow column \"b\""},
      {"a,b\n1,x\n2\n3,z\n", "csv.columns", "t.csv:3:1: the record ends at column \"a\""},
      {"a,b\n1,x\nq\n3,z\n", "csv.columns", "t.csv:3:1: the record ends at column \"a\""},
      {"a,b\n1,x\n\n3,z\n", "csv.columns", "t.csv:3:1: a blank line"},
      {"a,b\n1,x\n\r\n3,z\n", "csv.columns", "t.csv:3:1: a blank line"},
      {"a,b\n\n1,x\n", "csv.columns", "t.csv:2:1: a blank line"},
      {"\na,b\n1,x\n", "csv.columns", "t.csv:1:1: a blank line"},
      {"a,b\n1,\"x\n2,y\n", "csv.quote", "t.csv:2:3: a quoted field that never ends, in column \"b\""},
      {"a,b\n1,\"", "csv.quote", "t.csv:2:3: a quoted field that never ends"},
      {"a,b\n1,\"x\"y\n", "csv.quote", "t.csv:2:3: text after the closing quote"},
      {"a,b\n1,\"x\" \n", "csv.quote", "t.csv:2:3: text after the closing quote"},
      {"a,b\n1,x\"y\n", "csv.quote", "t.csv:2:3: a quote inside a field"},
      {"a,b\n1, \"y\"\n", "csv.quote", "t.csv:2:3: a quote inside a field"},
      {"a,b\n1,\"x\"\"\n", "csv.quote", "t.csv:2:3: a quoted field that never ends"},
      {"a,b\n1,x\r2,y\n", "csv.newline", "t.csv:2:3: a carriage return"},
      {"a,b\n1,x\r", "csv.newline", "t.csv:2:3: a carriage return"},
      {"a,b\n1,x\n\r", "csv.newline", "t.csv:3:1: a carriage return"},
      {"a,b\n1,\"x\"\r2,y\n", "csv.newline", "t.csv:2:3: a carriage return"},
      {"a,b\n1,\"x\ny\"\n2,\"z\nw\"\nq,v\n", "csv.number", "t.csv:6:1: column \"a\""},
      {"a,b\n1,x\n2,\xc3\xa9\xc3\xa9\xff\n", "csv.encoding", "t.csv:3:5: bytes that are not UTF-8"},
      {std::string_view("a,b\n1,x\n2,q\0r\n", 14), "csv.encoding", "t.csv:3:4: a NUL byte"},
      {"\xff\xfe"
       "a",
       "csv.encoding", "t.csv:1:1: bytes that are not UTF-8"},
      {"a,c\n1,x\n", "csv.header", "t.csv:1:3: another name than column \"b\""},
      {"\xef\xbb\xbf"
       "a,c\n1,x\n",
       "csv.header", "t.csv:1:3: another name than column \"b\""},
      {"1,x\n", "csv.header", "t.csv:1:1: another name than column \"a\""},
      {"a\n1,x\n", "csv.header", "t.csv:1:1: the header ends at column \"a\""},
      {"a,b,c\n1,x\n", "csv.header", "t.csv:1:3: names follow column \"b\""},
      {" a,b\n1,x\n", "csv.header", "t.csv:1:1: another name than column \"a\""},
      {"", "csv.header", "t.csv:1:1: the file ends before its header"},
      {"\n\n", "csv.header", ""},
      {"a,b\n", "selection.empty", "t.csv: none of 0 records"},
      {"a,b\n\n\n", "selection.empty", "t.csv: none of 0 records"},
  };
  for (const Case& c : cases) {
    const auto table = ReadText(c.text, SelectionOf("a:n b:c"));
    ASSERT_FALSE(table.ok()) << c.text;
    EXPECT_EQ(table.error().id, c.id) << c.text << " → " << table.error().message;
    EXPECT_EQ(table.error().kind, ErrorKind::kMalformed);
    EXPECT_NE(table.error().message.find(c.place), std::string::npos) << c.text << " → " << table.error().message;
  }
}

TEST(CsvTest, CountsCharactersNotBytes) {
  const auto table = ReadText("a,b\né,x\n\"ü\",y\n", SelectionOf("a:c b:n"));
  ASSERT_FALSE(table.ok());
  EXPECT_NE(table.error().message.find("t.csv:2:3:"), std::string::npos) << table.error().message;
}

TEST(CsvTest, ErrorsHoldNoData) {
  const auto table = ReadText("a,b\nsecret,x\n", SelectionOf("a:n b:c"));
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().message.find("secret"), std::string::npos);
}

TEST(CsvTest, TheSkippedLineMustNotBeARecord) {
  auto two = Plain("a:n b:c");
  two.format.skip_lines = 1;
  for (const std::string_view text : {"1,x\n2,y\n", "x,1\n2,y\n", "\"1\",\"x\"\n2,y\n", "1,x\r\n2,y\n", ",\n2,y\n"}) {
    const auto table = ReadText(text, two);
    ASSERT_FALSE(table.ok()) << text;
    EXPECT_EQ(table.error().id, "csv.skip");
  }
  EXPECT_EQ(RecordsOf(ReadText("|1x3 Cross validator\n2,y\n", two)), (Texts{R"(["2","y"])"}));
  EXPECT_EQ(RecordsOf(ReadText("1,x,3\n2,y\n", two)), (Texts{R"(["2","y"])"}));
}

TEST(CsvTest, RefusesTheSelectionFirst) {
  auto selection = SelectionOf("a:n b:c");
  selection.sensitive = {"c"};
  const auto table = ReadText("a,b\n1,x\n", selection);
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().id, "selection.sensitive");
}

TEST(Utf8Test, FindsTheFirstBadByte) {
  EXPECT_EQ(FirstBadByte(""), std::nullopt);
  EXPECT_EQ(FirstBadByte("plain"), std::nullopt);
  EXPECT_EQ(FirstBadByte("\xc2\x80 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80 \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"),
            std::nullopt);
  for (const std::string_view bad :
       {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\x80", "\xe1\x80", "\xe1\x80\x41",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\x80\x80", "\xf1\x80\x80", "\xf1\x80\x80\x41", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xff", "\xfe"}) {
    EXPECT_EQ(FirstBadByte("ab" + std::string(bad)), 2U) << bad;
    EXPECT_EQ(FirstBadByte("é" + std::string(bad) + "xyz"), 2U) << bad;
  }
  EXPECT_EQ(FirstBadByte(std::string_view("a\0b", 3)), 1U);
  // Across the blocks in which it works: at every place around a boundary.
  for (std::size_t at = 4090; at < 4100; ++at) {
    const std::string text = std::string(at, 'x') + "\xe2\x82\xac" + std::string(5000, 'y');
    EXPECT_EQ(FirstBadByte(text), std::nullopt) << at;
    std::string bad = text;
    bad[at + 2] = 'z';
    EXPECT_EQ(FirstBadByte(bad), at);
    bad = text;
    bad[9000] = '\0';
    EXPECT_EQ(FirstBadByte(bad), 9000U);
  }
}

}  // namespace
}  // namespace attestml::data
