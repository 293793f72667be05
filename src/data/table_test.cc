// Which records a selection names, and what a table says of them. spec/selection.md section 3.
#include "data/table.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "base/decimal.h"
#include "base/random.h"
#include "crypto/merkle.h"
#include "data/test_tables.h"

namespace attestml::data {
namespace {

using statement::Comparison;
using statement::Condition;
using statement::MissingPolicy;
using statement::Selection;
using Rows = std::vector<std::uint32_t>;

constexpr std::string_view kText =
    "age,sex,note,label\n"
    "30,f,x,yes\n"
    "41,m,,no\n"
    ",f,y,yes\n"
    "17,,z,no\n"
    "30,m,x,no\n"
    "55,d,x,\n";

Selection Example() {
  Selection selection = SelectionOf("age:n sex:c note:c label:c");
  selection.target = statement::Target{"label", "yes", ""};
  selection.sensitive = {"sex"};
  return selection;
}

Rows RowsOf(const Selection& selection, std::string_view text = kText) {
  const auto table = ReadText(text, selection);
  EXPECT_TRUE(table.ok()) << table.error().message;
  return table.ok() ? table->file_rows() : Rows{};
}

TEST(TableTest, HoldsPlainArrays) {
  const auto table = ReadText(kText, Example());
  ASSERT_TRUE(table.ok()) << table.error().message;
  ASSERT_EQ(table->rows(), 6U);
  ASSERT_EQ(table->columns().size(), 4U);
  const ColumnData& age = *table->Find("age");
  EXPECT_EQ(age.numbers[1], 41);
  EXPECT_TRUE(std::isnan(age.numbers[2]));
  EXPECT_TRUE(age.codes.empty());
  const ColumnData& sex = *table->Find("sex");
  EXPECT_EQ(sex.values, (std::vector<std::string>{"f", "m", "d"}));
  EXPECT_EQ(sex.codes, (std::vector<std::int32_t>{0, 1, 0, kMissingCode, 1, 2}));
  EXPECT_TRUE(sex.numbers.empty());
  EXPECT_EQ(table->Find("wage"), nullptr);
}

TEST(TableTest, DropsRecordsThatMissAnything) {
  Selection selection = Example();
  EXPECT_EQ(RowsOf(selection), (Rows{0, 1, 2, 3, 4, 5}));
  selection.missing = MissingPolicy::kDrop;
  EXPECT_EQ(RowsOf(selection), (Rows{0, 4}));
  // A column that is no feature counts too.
  selection.columns[2].feature = false;
  EXPECT_EQ(RowsOf(selection), (Rows{0, 4}));
}

TEST(TableTest, Filters) {
  struct Case {
    std::vector<Condition> filter;
    Rows want;
  };
  const Case cases[] = {
      {{{"sex", Comparison::kIn, {"m", "d"}}}, {1, 4, 5}},
      {{{"sex", Comparison::kIn, {"M", "d"}}}, {5}},
      // A missing value satisfies nothing, not even "not in".
      {{{"sex", Comparison::kNotIn, {"m", "d"}}}, {0, 2}},
      {{{"sex", Comparison::kNotIn, {"q"}}}, {0, 1, 2, 4, 5}},
      {{{"age", Comparison::kIn, {"30.0", "5.5e1"}}}, {0, 4, 5}},
      {{{"age", Comparison::kNotIn, {"30"}}}, {1, 3, 5}},
      {{{"age", Comparison::kLess, {"30"}}}, {3}},
      {{{"age", Comparison::kLessEqual, {"30"}}}, {0, 3, 4}},
      {{{"age", Comparison::kGreater, {"30"}}}, {1, 5}},
      {{{"age", Comparison::kGreaterEqual, {"30"}}}, {0, 1, 4, 5}},
      {{{"age", Comparison::kGreaterEqual, {"18"}}, {"label", Comparison::kIn, {"no"}}}, {1, 4}},
      {{}, {0, 1, 2, 3, 4, 5}},
  };
  for (const Case& c : cases) {
    Selection selection = Example();
    selection.filter = c.filter;
    EXPECT_EQ(RowsOf(selection), c.want) << &c - cases;
  }
}

TEST(TableTest, AnEmptySelectionIsAnError) {
  Selection selection = Example();
  selection.filter = {{"age", Comparison::kGreater, {"1000"}}};
  const auto table = ReadText(kText, selection);
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().id, "selection.empty");
}

// 20 records; label b for every fourth, a for the others.
std::string Twenty(bool with_missing) {
  std::string text = "id,label\n";
  for (int i = 0; i < 20; ++i) {
    const std::string label = with_missing && i % 5 == 4 ? "" : i % 4 == 0 ? "b" : "a";
    text += std::to_string(i) + "," + label + "\n";
  }
  return text;
}

Selection SplitOf(bool stratify, std::string part) {
  Selection selection = SelectionOf("id:n label:c");
  selection.target = statement::Target{"label", "", ""};
  selection.split = statement::Split{1, stratify, {{"train", "0.7"}, {"validation", "0.1"}, {"test", "0.2"}}, part};
  return selection;
}

// The vectors of spec/selection.md section 3, computed there by an independent program.
TEST(TableTest, SplitsFollowTheVectors) {
  EXPECT_EQ(RowsOf(SplitOf(false, "train"), Twenty(false)), (Rows{0, 2, 4, 6, 7, 8, 9, 10, 12, 13, 14, 17, 18, 19}));
  EXPECT_EQ(RowsOf(SplitOf(false, "validation"), Twenty(false)), (Rows{1, 16}));
  EXPECT_EQ(RowsOf(SplitOf(false, "test"), Twenty(false)), (Rows{3, 5, 11, 15}));
  EXPECT_EQ(RowsOf(SplitOf(true, "train"), Twenty(false)), (Rows{3, 4, 5, 6, 8, 9, 11, 12, 13, 14, 15, 18, 19}));
  EXPECT_EQ(RowsOf(SplitOf(true, "validation"), Twenty(false)), (Rows{0, 7, 17}));
  EXPECT_EQ(RowsOf(SplitOf(true, "test"), Twenty(false)), (Rows{1, 2, 10, 16}));
  EXPECT_EQ(RowsOf(SplitOf(true, "train"), Twenty(true)), (Rows{0, 1, 3, 4, 6, 10, 11, 12, 13, 15, 17, 19}));
  EXPECT_EQ(RowsOf(SplitOf(true, "validation"), Twenty(true)), (Rows{2, 8, 9}));
  EXPECT_EQ(RowsOf(SplitOf(true, "test"), Twenty(true)), (Rows{5, 7, 14, 16, 18}));
}

TEST(TableTest, SplitsComeAfterTheFilterAndCoverIt) {
  std::string text = "id,label\n";
  for (int i = 0; i < 1000; ++i) text += std::to_string(i) + "," + (i % 10 == 0 ? "rare" : "common") + "\n";
  for (const bool stratify : {false, true}) {
    std::set<std::uint32_t> seen;
    std::size_t sum = 0;
    for (const std::string part : {"train", "validation", "test"}) {
      Selection selection = SplitOf(stratify, part);
      selection.filter = {{"id", Comparison::kLess, {"500"}}};
      const auto table = ReadText(text, selection);
      ASSERT_TRUE(table.ok());
      const double share = part == "train" ? 0.7 : part == "test" ? 0.2 : 0.1;
      EXPECT_EQ(table->rows(), static_cast<std::size_t>(std::lround(500 * share)));
      if (stratify) {
        const auto labels = table->Labels({"rare", "common"});
        ASSERT_TRUE(labels.ok());
        EXPECT_EQ(std::count(labels->begin(), labels->end(), 0), std::lround(50 * share));
      }
      EXPECT_TRUE(std::is_sorted(table->file_rows().begin(), table->file_rows().end()));
      seen.insert(table->file_rows().begin(), table->file_rows().end());
      sum += table->rows();
    }
    EXPECT_EQ(sum, 500U);
    EXPECT_EQ(seen.size(), 500U);
    EXPECT_EQ(*seen.rbegin(), 499U);
  }
}

TEST(TableTest, LabelsFollowTheClasses) {
  Selection selection = Example();
  selection.filter = {{"age", Comparison::kLess, {"50"}}};
  const auto table = ReadText(kText, selection);
  ASSERT_TRUE(table.ok());
  const auto labels = table->Labels({"no", "yes"});
  ASSERT_TRUE(labels.ok());
  EXPECT_EQ(*labels, (std::vector<std::int32_t>{1, 0, 0, 0}));
  const auto unknown = table->Labels({"yes", "maybe"});
  ASSERT_FALSE(unknown.ok());
  EXPECT_EQ(unknown.error().id, "data.label");
  EXPECT_NE(unknown.error().message.find("record 2 "), std::string::npos) << unknown.error().message;
  const auto missing = ReadText(kText, Example())->Labels({"no", "yes"});
  ASSERT_FALSE(missing.ok());
  EXPECT_EQ(missing.error().id, "data.label");
  EXPECT_NE(missing.error().message.find("record 6 is missing"), std::string::npos) << missing.error().message;
  selection.target.reset();
  EXPECT_EQ(ReadText(kText, selection)->Labels({"no", "yes"}).error().id, "data.label");
}

TEST(TableTest, LeavesAreThoseOfTheCanonicalRecords) {
  const auto table = ReadText(kText, Example());
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(CanonicalRecord(*table, 1, true), R"(["41","m",null,"no"])");
  EXPECT_EQ(CanonicalRecord(*table, 1, false), R"(["41","m",null])");
  std::vector<crypto::Digest256> sorted;
  for (const bool with_label : {false, true}) {
    const auto leaves = table->Leaves(with_label);
    ASSERT_EQ(leaves.size(), 6U);
    for (std::size_t row = 0; row < 6; ++row) {
      EXPECT_EQ(leaves[row], crypto::LeafHash(AsBytes(CanonicalRecord(*table, row, with_label))));
    }
    sorted = leaves;
  }
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(table->Records().count, 6U);
  EXPECT_EQ(table->Records().root, crypto::MerkleRoot(sorted));
}

// Whole numbers have a short cut on their way into a record; it must not show.
TEST(TableTest, NumbersInRecordsAreShortestDecimals) {
  std::vector<double> values = {0,    1e5, 1e6, 1.1e6, 1e15, 1e15 + 1, 1e15 - 1, 123456700000, 9007199254740992,
                                1e22, 0.5};
  Random random(3, "numbers");
  for (int i = 0; i < 3000; ++i) {
    double scale = 1;
    for (std::uint64_t n = random.Below(17); n > 0; --n) scale *= 10;
    const auto digits = static_cast<double>(random.Below(100000));
    values.insert(values.end(), {digits * scale, -digits * scale, digits * scale + 1, digits / scale});
  }
  std::string text = "x\n";
  for (const double value : values) text += FormatDecimal(value) + "\n";
  const auto table = ReadText(text, SelectionOf("x:n"));
  ASSERT_TRUE(table.ok()) << table.error().message;
  for (std::size_t row = 0; row < values.size(); ++row) {
    ASSERT_EQ(CanonicalRecord(*table, row, true), "[\"" + FormatDecimal(values[row]) + "\"]");
  }
}

TEST(TableTest, TheRootDoesNotDependOnTheOrder) {
  const Selection selection = SelectionOf("a:n b:c");
  const auto one = ReadText("a,b\n1,x\n2,y\n2,y\n3,z\n", selection);
  const auto other = ReadText("a,b\r\n3,z\r\n\"2\",y\r\n1.0,x\r\n2,\"y\"\r\n", selection);
  ASSERT_TRUE(one.ok() && other.ok());
  EXPECT_EQ(one->Records().root, other->Records().root);
  const auto less = ReadText("a,b\n1,x\n2,y\n3,z\n", selection);
  EXPECT_NE(one->Records().root, less->Records().root);
}

TEST(TableTest, LeavesOfTheTargetOnly) {
  Selection selection = SelectionOf("label:c");
  selection.target = statement::Target{"label", "", ""};
  const auto table = ReadText("label\na\n\"\"\n", selection);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(CanonicalRecord(*table, 0, false), "[]");
  EXPECT_EQ(CanonicalRecord(*table, 1, true), "[null]");
  EXPECT_EQ(table->Leaves(false)[1], crypto::LeafHash(AsBytes("[]")));
}

TEST(TableTest, SelectionsOfOneFileShareWhatWasParsed) {
  const auto file = FileOf(kText);
  ParsedFiles parsed;
  Selection half = Example();
  half.filter = {{"sex", Comparison::kIn, {"m"}}};
  const auto whole = Table::Read(file, Example(), &parsed);
  const auto part = Table::Read(file, half, &parsed);
  ASSERT_TRUE(whole.ok() && part.ok());
  EXPECT_EQ(whole->file_rows(), (Rows{0, 1, 2, 3, 4, 5}));
  EXPECT_EQ(part->file_rows(), (Rows{1, 4}));
  // The dictionary is the file's, so that codes mean the same in both.
  EXPECT_EQ(part->Find("sex")->values, whole->Find("sex")->values);
  EXPECT_EQ(part->Leaves(true), (std::vector{whole->Leaves(true)[1], whole->Leaves(true)[4]}));
  EXPECT_EQ(part->Leaves(false), (std::vector{whole->Leaves(false)[1], whole->Leaves(false)[4]}));
  // Read alone, it is the same table.
  const auto alone = Table::Read(file, half);
  ASSERT_TRUE(alone.ok());
  EXPECT_EQ(alone->Records().root, part->Records().root);

  EXPECT_EQ(parsed.Get(file, Example())->get(), parsed.Get(file, half)->get());
  Selection other = Example();
  other.columns[0].type = statement::ColumnType::kCategorical;
  EXPECT_NE(parsed.Get(file, Example())->get(), parsed.Get(file, other)->get());
  other = Example();
  other.format.missing = "x";
  EXPECT_NE(parsed.Get(file, Example())->get(), parsed.Get(file, other)->get());
  other = Example();
  other.target->strip_suffix = "s";
  EXPECT_NE(parsed.Get(file, Example())->get(), parsed.Get(file, other)->get());
  other = Example();
  other.target->column = "note";
  EXPECT_NE(parsed.Get(file, Example())->get(), parsed.Get(file, other)->get());
  // Equal bytes read twice are two files.
  EXPECT_NE(parsed.Get(file, Example())->get(), parsed.Get(FileOf(kText), Example())->get());
  other = Example();
  other.sensitive = {"race"};
  EXPECT_EQ(Table::Read(file, other, &parsed).error().id, "selection.sensitive");
}

TEST(TableTest, SaysHowItWasUsed) {
  const auto table = ReadText(kText, Example());
  ASSERT_TRUE(table.ok());
  const statement::DatasetUse use = table->Use("train");
  EXPECT_EQ(use.file.name, "t.csv");
  EXPECT_EQ(use.file.id.digest, crypto::Sha256(AsBytes(kText)));
  EXPECT_EQ(use.selection, Example());
  EXPECT_EQ(use.selection_id.digest, statement::SelectionDigest(Example()));
  EXPECT_EQ(use.records.count, 6U);
  EXPECT_EQ(use.role, "train");
}

}  // namespace
}  // namespace attestml::data
