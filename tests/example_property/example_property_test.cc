// Builds and runs the property of docs/add-a-property.md.
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>

#include "artifact/measured_file.h"
#include "properties/property.h"
#include "statement/vocabulary.h"

namespace attestml::properties {

const Property* SmallestGroupProperty();  // smallest_group.cc

namespace {

std::string ReadText(const std::string& path) {
  std::ifstream file(std::string(ATTESTML_SOURCE_DIR) + "/" + path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The first block of a language on the page.
std::string Shown(const std::string& language) {
  const std::string page = ReadText("docs/add-a-property.md");
  const std::string fence = "```" + language + "\n";
  const std::size_t begin = page.find(fence);
  const std::size_t end = page.find("```", begin + fence.size());
  if (begin == std::string::npos || end == std::string::npos) return "";
  return page.substr(begin + fence.size(), end - begin - fence.size());
}

TEST(ExampleProperty, ThePageShowsExactlyThisCode) {
  const std::string shown = Shown("cpp");
  EXPECT_EQ(shown, ReadText("tests/example_property/smallest_group.cc"));
  EXPECT_LE(std::count(shown.begin(), shown.end(), '\n'), 45);
  EXPECT_EQ(Shown("python"), ReadText("tests/example_property/accuracy_gap.py"));
}

TEST(ExampleProperty, IsFoundByNameAndMeasures) {
  ASSERT_TRUE(RegisterProperty(SmallestGroupProperty()));
  EXPECT_FALSE(RegisterProperty(SmallestGroupProperty()));  // the name is taken now
  const Property* property = FindProperty("smallest-group");
  ASSERT_EQ(property, SmallestGroupProperty());

  statement::Selection selection;
  selection.format.header = true;
  selection.columns = {{"sex", statement::ColumnType::kCategorical, true},
                       {"race", statement::ColumnType::kCategorical, true}};
  selection.sensitive = {"sex"};
  const std::string text = "sex,race\nF,a\nM,a\nM,b\nM,b\nM,a\n";
  const auto file = artifact::MeasuredFile::FromBytes(ToBytes(AsBytes(text)), "people.csv");
  const auto table = data::Table::Read(file, selection);
  ASSERT_TRUE(table.ok()) << table.error().message;

  const auto measured = property->Measure({&*table, nullptr, {}, nullptr});
  ASSERT_TRUE(measured.ok()) << measured.error().message;
  ASSERT_EQ(measured->results.size(), 1U);
  EXPECT_EQ(measured->results[0].value, "0.2");
  EXPECT_EQ(measured->results[0].count, 5U);
  EXPECT_EQ(measured->results[0].across, std::vector<std::string>{"sex"});

  // Nobody is F and b: the empty group is the smallest.
  const Json both = ParseJson(R"({"columns":["sex","race"]})").value();
  EXPECT_EQ(property->Measure({&*table, nullptr, {}, &both})->results[0].value, "0");

  const Json typo = ParseJson(R"({"colums":["sex"]})").value();
  const auto refused = property->Measure({&*table, nullptr, {}, &typo});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "smallest-group: unknown parameter colums (did you mean columns?)");
}

TEST(ExampleProperty, CannotTakeTheNameOfABuiltIn) {
  for (const auto& name : statement::Vocabulary()) {
    const Property* property = FindProperty(name.name);
    ASSERT_NE(property, nullptr);
    EXPECT_FALSE(RegisterProperty(property));
  }
}

}  // namespace
}  // namespace attestml::properties
