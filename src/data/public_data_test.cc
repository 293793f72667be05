// What is known of public datasets, read from the original files.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "data/encoder.h"
#include "data/test_tables.h"

namespace attestml::data {
namespace {

using statement::Comparison;
using statement::MissingPolicy;
using statement::Selection;

Selection Adult(bool test_file) {
  Selection selection = SelectionOf(
      "age:n workclass:c fnlwgt:n education:c education-num:n marital-status:c occupation:c relationship:c race:c "
      "sex:c "
      "capital-gain:n capital-loss:n hours-per-week:n native-country:c income:c");
  selection.format.header = false;
  selection.format.trim = true;
  selection.format.missing = "?";
  selection.format.skip_lines = test_file ? 1 : 0;
  selection.target = statement::Target{"income", ">50K", test_file ? "." : ""};
  selection.sensitive = {"sex", "race"};
  return selection;
}

std::size_t Count(const artifact::MeasuredFile& file, Selection selection, ParsedFiles* parsed,
                  std::vector<statement::Condition> filter, MissingPolicy missing = MissingPolicy::kCategory) {
  selection.filter = std::move(filter);
  selection.missing = missing;
  const auto table = Table::Read(file, selection, parsed);
  EXPECT_TRUE(table.ok()) << table.error().message;
  return table.ok() ? table->rows() : 0;
}

// Records of the second table that are in the first too.
std::size_t Overlap(const Table& first, const Table& second, bool with_label) {
  const auto of_first = first.Leaves(with_label);
  const std::set<crypto::Digest256> known(of_first.begin(), of_first.end());
  const auto of_second = second.Leaves(with_label);
  return static_cast<std::size_t>(
      std::count_if(of_second.begin(), of_second.end(), [&](const auto& leaf) { return known.contains(leaf); }));
}

class AdultTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string train = SharedFile("adult/adult.data");
    const std::string test = SharedFile("adult/adult.test");
    if (train.empty() || test.empty()) GTEST_SKIP() << "UCI Adult is not in the shared folder";
    files_.push_back(*artifact::MeasuredFile::Read(train, "adult.data"));
    files_.push_back(*artifact::MeasuredFile::Read(test, "adult.test"));
  }

  std::vector<artifact::MeasuredFile> files_;
  ParsedFiles parsed_;
};

TEST_F(AdultTest, HasTheKnownCounts) {
  const artifact::MeasuredFile& train = files_[0];
  const artifact::MeasuredFile& test = files_[1];
  EXPECT_EQ(Count(train, Adult(false), &parsed_, {}), 32561U);
  EXPECT_EQ(Count(test, Adult(true), &parsed_, {}), 16281U);
  EXPECT_EQ(Count(train, Adult(false), &parsed_, {}, MissingPolicy::kDrop), 30162U);
  EXPECT_EQ(Count(test, Adult(true), &parsed_, {}, MissingPolicy::kDrop), 15060U);
  EXPECT_EQ(Count(train, Adult(false), &parsed_, {{"sex", Comparison::kIn, {"Male"}}}), 21790U);
  EXPECT_EQ(Count(train, Adult(false), &parsed_, {{"income", Comparison::kIn, {">50K"}}}), 7841U);
  EXPECT_EQ(Count(train, Adult(false), &parsed_,
                  {{"income", Comparison::kIn, {">50K"}}, {"sex", Comparison::kIn, {"Female"}}}),
            1179U);  // of 10771: 0.109461
  EXPECT_EQ(Count(test, Adult(true), &parsed_, {{"income", Comparison::kIn, {"<=50K", ">50K"}}}), 16281U);
}

TEST_F(AdultTest, HasTheKnownOverlap) {
  for (const bool drop : {false, true}) {
    Selection first = Adult(false);
    Selection second = Adult(true);
    first.missing = second.missing = drop ? MissingPolicy::kDrop : MissingPolicy::kCategory;
    ASSERT_EQ(statement::LeafSchemaDigest(first), statement::LeafSchemaDigest(second));
    const auto train = Table::Read(files_[0], first, &parsed_);
    const auto test = Table::Read(files_[1], second, &parsed_);
    ASSERT_TRUE(train.ok() && test.ok());
    EXPECT_EQ(Overlap(*train, *test, true), drop ? 19U : 23U);
    EXPECT_EQ(Overlap(*train, *test, false), drop ? 22U : 26U);
  }
}

TEST_F(AdultTest, Encodes) {
  Selection selection = Adult(false);
  selection.missing = MissingPolicy::kDrop;
  const auto train = Table::Read(files_[0], selection, &parsed_);
  ASSERT_TRUE(train.ok());
  const auto encoding = FitEncoding(*train);
  ASSERT_TRUE(encoding.ok());
  EXPECT_EQ(encoding->width(), 104U);
  EXPECT_EQ(encoding->classes, (std::vector<std::string>{"<=50K", ">50K"}));
  std::vector<float> out;
  ASSERT_TRUE(Encode(*train, *encoding, &out).ok());
  ASSERT_EQ(out.size(), 30162U * 104U);
  // Each record sets one input of each of 8 categorical columns.
  for (std::size_t row = 0; row < 100; ++row) {
    EXPECT_GE(std::count(out.begin() + static_cast<std::ptrdiff_t>(row * 104),
                         out.begin() + static_cast<std::ptrdiff_t>(row * 104 + 104), 1.0F),
              8);
  }
}

TEST(GermanCreditTest, HasTheKnownCounts) {
  const std::string path = SharedFile("german-credit/german.data");
  if (path.empty()) GTEST_SKIP() << "German credit is not in the shared folder";
  const auto file = artifact::MeasuredFile::Read(path, "german.data");
  ASSERT_TRUE(file.ok());
  Selection selection = SelectionOf(
      "status:c duration:n history:c purpose:c amount:n savings:c employment:c rate:n personal:c debtors:c "
      "residence:n property:c age:n plans:c housing:c credits:n job:c people:n telephone:c foreign:c class:c");
  selection.format.delimiter = ' ';
  selection.format.header = false;
  selection.target = statement::Target{"class", "2", ""};
  ParsedFiles parsed;
  EXPECT_EQ(Count(*file, selection, &parsed, {}, MissingPolicy::kDrop), 1000U);
  EXPECT_EQ(Count(*file, selection, &parsed, {{"class", Comparison::kIn, {"1"}}}), 700U);
  EXPECT_EQ(Count(*file, selection, &parsed, {{"class", Comparison::kIn, {"2"}}}), 300U);
  const statement::Condition bad{"class", Comparison::kIn, {"2"}};
  EXPECT_EQ(Count(*file, selection, &parsed, {{"personal", Comparison::kIn, {"A92", "A95"}}}), 310U);
  EXPECT_EQ(Count(*file, selection, &parsed, {{"personal", Comparison::kIn, {"A92", "A95"}}, bad}), 109U);
  EXPECT_EQ(Count(*file, selection, &parsed, {{"personal", Comparison::kIn, {"A91", "A93", "A94"}}}), 690U);
  EXPECT_EQ(Count(*file, selection, &parsed, {{"personal", Comparison::kIn, {"A91", "A93", "A94"}}, bad}), 191U);
  // A seeded, stratified split keeps the proportions and is the same whoever repeats it.
  selection.split = statement::Split{7, true, {{"train", "0.8"}, {"test", "0.2"}}, "test"};
  const auto test = Table::Read(*file, selection, &parsed);
  ASSERT_TRUE(test.ok());
  const auto labels = test->Labels({"1", "2"});
  ASSERT_TRUE(labels.ok());
  EXPECT_EQ(std::count(labels->begin(), labels->end(), 0), 140);
  EXPECT_EQ(std::count(labels->begin(), labels->end(), 1), 60);
}

}  // namespace
}  // namespace attestml::data
