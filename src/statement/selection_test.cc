#include "statement/selection.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/hex.h"

namespace attestml::statement {
namespace {

Selection Example() {
  Selection selection;
  selection.format = {.delimiter = ';', .header = true, .skip_lines = 1, .trim = true, .missing = "?"};
  selection.columns = {{"age", ColumnType::kNumeric, true},
                       {"sex", ColumnType::kCategorical, true},
                       {"note", ColumnType::kCategorical, false},
                       {"income", ColumnType::kCategorical, true}};
  selection.target = Target{"income", ">50K", "."};
  selection.sensitive = {"sex"};
  selection.missing = MissingPolicy::kDrop;
  selection.filter = {{"sex", Comparison::kIn, {"Female", "Male"}}, {"age", Comparison::kGreaterEqual, {"18"}}};
  selection.split = Split{18446744073709551615U, true, {{"train", "0.75"}, {"test", "0.25"}}, "test"};
  return selection;
}

constexpr std::string_view kExampleText =
    R"({"columns":[{"feature":true,"name":"age","type":"numeric"},{"feature":true,"name":"sex","type":"categorical"},)"
    R"({"feature":false,"name":"note","type":"categorical"},{"feature":true,"name":"income","type":"categorical"}],)"
    R"("filter":[{"column":"sex","comparison":"in","values":["Female","Male"]},)"
    R"({"column":"age","comparison":">=","values":["18"]}],)"
    R"("format":{"delimiter":";","header":true,"missing":"?","skipLines":1,"trim":true,"type":"csv"},"missing":"drop",)"
    R"("sensitive":["sex"],"split":{"part":"test","parts":[{"fraction":"0.75","name":"train"},)"
    R"({"fraction":"0.25","name":"test"}],"seed":"18446744073709551615","stratify":true},)"
    R"("target":{"column":"income","positive":">50K","stripSuffix":"."}})";

TEST(SelectionTest, HasOneText) {
  EXPECT_EQ(DumpJson(SelectionToJson(Example())), kExampleText);
  const auto json = ParseJson(kExampleText);
  ASSERT_TRUE(json.ok());
  const auto parsed = ParseSelection(*json);
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(*parsed, Example());
  EXPECT_EQ(HexEncode(SelectionDigest(Example())), HexEncode(crypto::Sha256(AsBytes(kExampleText))));
}

TEST(SelectionTest, WritesEveryMemberOfTheSmallestSelection) {
  Selection selection;
  selection.columns = {{"text", ColumnType::kCategorical, true}};
  const std::string text = DumpJson(SelectionToJson(selection));
  EXPECT_EQ(text, R"({"columns":[{"feature":true,"name":"text","type":"categorical"}],"filter":[],)"
                  R"("format":{"delimiter":",","header":true,"missing":"","skipLines":0,"trim":false,"type":"csv"},)"
                  R"("missing":"category","sensitive":[],"split":null,"target":null})");
  const auto parsed = ParseSelection(*ParseJson(text));
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(*parsed, selection);
  EXPECT_TRUE(parsed->Whole());
}

TEST(SelectionTest, TextIsThatOfTheJson) {
  const auto expect_same = [](const Selection& selection) {
    EXPECT_EQ(SelectionText(selection), DumpJson(SelectionToJson(selection)));
  };
  expect_same({});
  expect_same(Example());
  Selection plain = Example();
  plain.format.quote = false;
  expect_same(plain);
  const std::string strings[] = {"", "\"", "\\", "\n\x01\x1f", "\x7f", "é€", std::string("a\0b", 3), "\xff\xc3"};
  for (const std::string& text : strings) {
    Selection selection = Example();
    selection.columns.push_back({text, ColumnType::kNumeric, false});
    selection.format.missing = text;
    selection.target = Target{text, text, text};
    selection.sensitive.push_back(text);
    selection.filter.push_back({text, Comparison::kNotIn, {text, "x"}});
    selection.split->parts.push_back({text, text});
    selection.split->part = text;
    expect_same(selection);
  }
  for (const auto comparison : {Comparison::kIn, Comparison::kNotIn, Comparison::kLess, Comparison::kLessEqual,
                                Comparison::kGreater, Comparison::kGreaterEqual}) {
    Selection selection = Example();
    selection.filter[0].comparison = comparison;
    expect_same(selection);
  }
  for (const char delimiter : {'\t', '"', '\\', '|'}) {
    Selection selection = Example();
    selection.format = {.delimiter = delimiter, .header = false, .skip_lines = 0, .trim = false, .missing = ""};
    selection.missing = MissingPolicy::kCategory;
    selection.filter.clear();
    selection.split.reset();
    expect_same(selection);
  }
}

TEST(SelectionTest, WholeMeansEveryRecord) {
  Selection selection = Example();
  EXPECT_FALSE(selection.Whole());
  selection.filter.clear();
  EXPECT_FALSE(selection.Whole());
  selection.split.reset();
  EXPECT_FALSE(selection.Whole());
  selection.missing = MissingPolicy::kCategory;
  EXPECT_TRUE(selection.Whole());
}

TEST(SelectionTest, LeafSchemaIgnoresWhatDoesNotChangeRecords) {
  const auto digest = LeafSchemaDigest(Example());
  Selection other = Example();
  other.filter.clear();
  other.split.reset();
  other.sensitive.clear();
  other.columns[0].feature = false;
  other.format.delimiter = ',';
  other.target->positive = "";
  EXPECT_EQ(LeafSchemaDigest(other), digest);
  const std::function<void(Selection&)> changes[] = {
      [](Selection& s) { s.columns[0].name = "years"; },
      [](Selection& s) { s.columns[0].type = ColumnType::kCategorical; },
      [](Selection& s) { std::swap(s.columns[1], s.columns[2]); },
      [](Selection& s) { s.columns.pop_back(); },
      [](Selection& s) { s.target->column = "note"; },
      [](Selection& s) { s.target.reset(); },
  };
  for (const auto& change : changes) {
    other = Example();
    change(other);
    EXPECT_NE(LeafSchemaDigest(other), digest);
  }
}

TEST(SelectionTest, ANumberCanBeTheTarget) {
  Selection selection = Example();
  selection.target = Target{"age", "", ""};
  selection.split->stratify = false;
  EXPECT_TRUE(CheckSelection(selection).ok());
  const auto read = ParseSelection(SelectionToJson(selection));
  ASSERT_TRUE(read.ok()) << read.error().message;
  EXPECT_EQ(*read, selection);
}

// Each change to the selection must come back with its id, from ParseSelection and from CheckSelection.
TEST(SelectionTest, RefusesWhatMakesNoSense) {
  struct Case {
    std::string_view id;
    std::function<void(Selection&)> change;
  };
  const Case cases[] = {
      {"selection.format", [](Selection& s) { s.format.delimiter = '"'; }},
      {"selection.format", [](Selection& s) { s.format.delimiter = '\n'; }},
      {"selection.format", [](Selection& s) { s.format.delimiter = 'a'; }},
      {"selection.format", [](Selection& s) { s.format.delimiter = '.'; }},
      {"selection.format", [](Selection& s) { s.format.skip_lines = 2; }},
      {"selection.format", [](Selection& s) { s.format.missing = "a\tb"; }},
      {"selection.columns", [](Selection& s) { s.columns = {}; }},
      {"selection.columns", [](Selection& s) { s.columns[0].name = ""; }},
      {"selection.columns", [](Selection& s) { s.columns[0].name = "a\nb"; }},
      {"selection.columns", [](Selection& s) { s.columns[0].name = "sex"; }},
      {"selection.columns", [](Selection& s) { s.columns[0].name = std::string(5000, 'x'); }},
      {"selection.columns",
       [](Selection& s) {
         for (int i = 0; i < 4096; ++i) s.columns.push_back({"c" + std::to_string(i), ColumnType::kNumeric, true});
       }},
      {"selection.target", [](Selection& s) { s.target->column = "wage"; }},
      {"selection.target", [](Selection& s) { s.target->column = "age"; }},
      {"selection.target",
       [](Selection& s) {
         *s.target = {"age", ">50K", ""};
       }},
      {"selection.target",
       [](Selection& s) {
         *s.target = {"age", "", "."};
       }},
      {"selection.split",
       [](Selection& s) {
         *s.target = {"age", "", ""};
         s.split->stratify = true;
       }},
      {"selection.sensitive", [](Selection& s) { s.sensitive = {"race"}; }},
      {"selection.sensitive", [](Selection& s) { s.sensitive = {"income"}; }},
      {"selection.sensitive",
       [](Selection& s) {
         s.sensitive = {"sex", "sex"};
       }},
      {"selection.filter", [](Selection& s) { s.filter[0].column = "gender"; }},
      {"selection.filter", [](Selection& s) { s.filter[0].values = {}; }},
      {"selection.filter",
       [](Selection& s) {
         s.filter[1].values = {"18", "19"};
       }},
      {"selection.filter", [](Selection& s) { s.filter[1].values = {"eighteen"}; }},
      {"selection.filter", [](Selection& s) { s.filter[0].comparison = Comparison::kLess; }},
      {"selection.split", [](Selection& s) { s.target.reset(); }},
      {"selection.split", [](Selection& s) { s.split->parts = {}; }},
      {"selection.split", [](Selection& s) { s.split->part = "validation"; }},
      {"selection.split", [](Selection& s) { s.split->parts[1].name = "train"; }},
      {"selection.split", [](Selection& s) { s.split->parts[1].fraction = "0.250000001"; }},
      {"selection.split", [](Selection& s) { s.split->parts[1].fraction = "0"; }},
      {"selection.split", [](Selection& s) { s.split->parts[1].fraction = "0.0"; }},
      {"selection.split", [](Selection& s) { s.split->parts[1].fraction = "-0.1"; }},
      {"selection.split", [](Selection& s) { s.split->parts[1].fraction = "1e-05"; }},
      {"selection.split", [](Selection& s) { s.split->parts[1].fraction = "0.2500000000"; }},
  };
  for (const Case& c : cases) {
    Selection selection = Example();
    c.change(selection);
    const Status checked = CheckSelection(selection);
    ASSERT_FALSE(checked.ok()) << c.id << " case " << &c - cases;
    EXPECT_EQ(checked.error().id, c.id) << checked.error().message;
    const auto parsed = ParseSelection(SelectionToJson(selection));
    ASSERT_FALSE(parsed.ok()) << c.id << " case " << &c - cases;
    EXPECT_EQ(parsed.error().id, c.id) << parsed.error().message;
  }
}

TEST(SelectionTest, ParsesStrictly) {
  struct Case {
    std::string_view id;
    std::function<void(Json&)> change;
  };
  const Case cases[] = {
      {"selection.member", [](Json& j) { j = Json::array(); }},
      {"selection.member", [](Json& j) { j["extra"] = 1; }},
      {"selection.member", [](Json& j) { j.erase("target"); }},
      {"selection.member", [](Json& j) { j.erase("split"); }},
      {"selection.member", [](Json& j) { j.erase("filter"); }},
      {"selection.missing", [](Json& j) { j["missing"] = "mean"; }},
      {"selection.format", [](Json& j) { j["format"]["type"] = "parquet"; }},
      {"selection.format", [](Json& j) { j["format"]["delimiter"] = ",,"; }},
      {"selection.format", [](Json& j) { j["format"]["delimiter"] = ""; }},
      {"selection.format", [](Json& j) { j["format"]["header"] = 1; }},
      {"selection.format", [](Json& j) { j["format"]["skipLines"] = 4294967296; }},
      {"selection.format", [](Json& j) { j["format"]["quote"] = "'"; }},
      {"selection.columns", [](Json& j) { j["columns"][0]["type"] = "date"; }},
      {"selection.columns", [](Json& j) { j["columns"][0]["unit"] = "years"; }},
      {"selection.columns", [](Json& j) { j["columns"][0] = "age"; }},
      {"selection.target", [](Json& j) { j["target"]["negative"] = "x"; }},
      {"selection.target", [](Json& j) { j["target"] = "income"; }},
      {"selection.sensitive", [](Json& j) { j["sensitive"][0] = 1; }},
      {"selection.filter", [](Json& j) { j["filter"][0]["comparison"] = "=="; }},
      {"selection.filter", [](Json& j) { j["filter"][0]["values"][0] = nullptr; }},
      {"selection.split", [](Json& j) { j["split"]["seed"] = 7; }},
      {"selection.split", [](Json& j) { j["split"]["seed"] = "18446744073709551616"; }},
      {"selection.split", [](Json& j) { j["split"]["seed"] = "07"; }},
      {"selection.split", [](Json& j) { j["split"]["seed"] = ""; }},
      {"selection.split", [](Json& j) { j["split"]["seed"] = "-1"; }},
      {"selection.split", [](Json& j) { j["split"]["parts"][0]["count"] = 3; }},
  };
  for (const Case& c : cases) {
    Json json = SelectionToJson(Example());
    c.change(json);
    const auto parsed = ParseSelection(json);
    ASSERT_FALSE(parsed.ok()) << json.dump();
    EXPECT_EQ(parsed.error().id, c.id) << parsed.error().message;
  }
}

TEST(SelectionTest, FractionsAreExact) {
  EXPECT_EQ(*FractionBillionths("1"), 1'000'000'000U);
  EXPECT_EQ(*FractionBillionths("0.8"), 800'000'000U);
  EXPECT_EQ(*FractionBillionths("0.80"), 800'000'000U);
  EXPECT_EQ(*FractionBillionths("0.123456789"), 123'456'789U);
  EXPECT_EQ(*FractionBillionths("0.000000001"), 1U);
  Selection tenths = Example();
  tenths.split->parts.clear();
  for (int i = 0; i < 10; ++i) tenths.split->parts.push_back({"p" + std::to_string(i), "0.1"});
  tenths.split->part = "p9";
  EXPECT_TRUE(CheckSelection(tenths).ok());
}

}  // namespace
}  // namespace attestml::statement
