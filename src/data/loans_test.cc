// The dataset of examples/loans: what its README says, and that its generator still makes it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "data/test_tables.h"

namespace attestml::data {
namespace {

using statement::Comparison;
using statement::MissingPolicy;

const std::filesystem::path kFolder = std::filesystem::path(ATTESTML_SOURCE_DIR) / "examples" / "loans";

statement::Selection Loans() {
  statement::Selection selection = SelectionOf(
      "age:n sex:c group:c region:c education:c employment:c employed_years:n income:n existing_debt:n "
      "credit_history:c "
      "loan_amount:n purpose:c term_months:n account_years:n outcome:c");
  selection.format.missing = "?";
  selection.target = statement::Target{"outcome", "approved", ""};
  selection.sensitive = {"sex", "group"};
  return selection;
}

artifact::MeasuredFile FileAt(const std::filesystem::path& path) {
  auto file = artifact::MeasuredFile::Read(path.string(), path.filename().string());
  EXPECT_TRUE(file.ok()) << file.error().message;
  return std::move(file).value();
}

std::size_t Count(const artifact::MeasuredFile& file, std::vector<statement::Condition> filter,
                  MissingPolicy missing = MissingPolicy::kCategory) {
  statement::Selection selection = Loans();
  selection.filter = std::move(filter);
  selection.missing = missing;
  const auto table = Table::Read(file, selection);
  EXPECT_TRUE(table.ok()) << table.error().message;
  return table.ok() ? table->rows() : 0;
}

TEST(LoansTest, IsWhatItsReadmeSays) {
  const auto train = FileAt(kFolder / "loans-train.csv");
  const auto test = FileAt(kFolder / "loans-test.csv");
  EXPECT_EQ(Count(train, {}), 4000U);
  EXPECT_EQ(Count(test, {}), 1500U);
  EXPECT_EQ(Count(train, {}, MissingPolicy::kDrop), 4000U - 319U);
  EXPECT_EQ(Count(test, {}, MissingPolicy::kDrop), 1500U - 106U);
  const statement::Condition approved{"outcome", Comparison::kIn, {"approved"}};
  const statement::Condition female{"sex", Comparison::kIn, {"female"}};
  const statement::Condition cedar{"group", Comparison::kIn, {"cedar"}};
  EXPECT_EQ(Count(train, {approved}), 2168U);
  EXPECT_EQ(Count(train, {female}), 1889U);
  EXPECT_EQ(Count(train, {female, cedar}), 290U);
  EXPECT_EQ(Count(train, {female, cedar, approved}), 98U);  // 0.338
}

TEST(LoansTest, HoldsNoRecordTwice) {
  std::vector<crypto::Digest256> leaves;
  for (const char* name : {"loans-train.csv", "loans-test.csv"}) {
    const auto table = Table::Read(FileAt(kFolder / name), Loans());
    ASSERT_TRUE(table.ok());
    const auto more = table->Leaves(true);
    leaves.insert(leaves.end(), more.begin(), more.end());
  }
  std::sort(leaves.begin(), leaves.end());
  EXPECT_EQ(std::adjacent_find(leaves.begin(), leaves.end()), leaves.end());
}

TEST(LoansTest, TheGeneratorMakesTheSameBytes) {
  if (std::system("python3 -c pass >/dev/null 2>&1") != 0) GTEST_SKIP() << "there is no python3";
  char name[] = "/tmp/attestml-loans-XXXXXX";
  ASSERT_NE(mkdtemp(name), nullptr);
  const std::filesystem::path folder = name;
  const std::string command = "python3 '" + (kFolder / "generate.py").string() + "' '" + folder.string() + "'";
  EXPECT_EQ(std::system(command.c_str()), 0);
  for (const char* file : {"loans-train.csv", "loans-test.csv"}) {
    EXPECT_EQ(FileAt(folder / file).sha256(), FileAt(kFolder / file).sha256()) << file;
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace attestml::data
