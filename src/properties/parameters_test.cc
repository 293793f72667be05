#include "properties/parameters.h"

#include <gtest/gtest.h>

#include "properties/groups.h"
#include "properties/tables_for_test.h"
#include "statement/vocabulary.h"

namespace attestml::properties {
namespace {

using test::MeasureError;
using test::SelectionOf;
using test::TableOf;

constexpr std::string_view kKnown[] = {"slices", "bins", "columns"};

TEST(Parameters, AbsentIsEmpty) {
  const auto parameters = properties::Parameters::Read("p", nullptr, kKnown);
  ASSERT_TRUE(parameters.ok());
  EXPECT_FALSE(parameters->Has("slices"));
  EXPECT_EQ(parameters->Names("columns", {"x"}).value(), NameList{"x"});
  EXPECT_TRUE(parameters->NameLists("slices").value().empty());
  EXPECT_TRUE(parameters->Bool("bins", true).value());
}

TEST(Parameters, TyposNameTheNearest) {
  const Json json = test::Parameters(R"({"slice":["sex"]})");
  const auto parameters = properties::Parameters::Read("accuracy", &json, kKnown);
  ASSERT_FALSE(parameters.ok());
  EXPECT_EQ(parameters.error().kind, ErrorKind::kUsage);
  EXPECT_EQ(parameters.error().id, "property.parameter");
  EXPECT_EQ(parameters.error().message, "accuracy: unknown parameter slice (did you mean slices?)");
  const Json list = test::Parameters("[]");
  EXPECT_FALSE(properties::Parameters::Read("accuracy", &list, kKnown).ok());
}

TEST(Parameters, WrongTypesAreErrors) {
  for (const char* text :
       {R"({"slices":"sex"})", R"({"slices":[1]})", R"({"slices":[[]]})", R"({"slices":[["a","a"]]})",
        R"({"slices":["a","a"]})", R"({"slices":[["a","b"],["b","a"]]})", R"({"slices":[["a",["b"]]]})"}) {
    const Json json = test::Parameters(text);
    const auto parameters = properties::Parameters::Read("p", &json, kKnown);
    ASSERT_TRUE(parameters.ok());
    const auto lists = parameters->NameLists("slices");
    ASSERT_FALSE(lists.ok()) << text;
    EXPECT_EQ(lists.error().id, "property.parameter") << text;
  }
  const Json json = test::Parameters(R"({"columns":{}, "slices":"x", "bins":["0.5","nan"]})");
  const auto parameters = properties::Parameters::Read("p", &json, kKnown);
  EXPECT_FALSE(parameters->Names("columns", {}).ok());
  EXPECT_FALSE(parameters->Bool("slices", true).ok());
  EXPECT_FALSE(parameters->Decimals("bins", {}).ok());
  EXPECT_FALSE(parameters->Decimal("columns").ok());
  EXPECT_FALSE(parameters->TextMap("slices").ok());
}

TEST(Parameters, BinsAreAscendingAndOfNumericColumns) {
  const data::Table table = TableOf("20,F\n40,M\n", SelectionOf("age:number sex"));
  const auto read = [&](const char* text) {
    const Json json = test::Parameters(text);
    return properties::Parameters::Read("p", &json, kKnown)->ReadBins(table);
  };
  EXPECT_EQ(read(R"({"bins":{"age":["25.5",30]}})").value().at("age"), (std::vector<double>{25.5, 30}));
  EXPECT_EQ(read(R"({"bins":{"age":["30","25"]}})").error().id, "property.bins");
  EXPECT_EQ(read(R"({"bins":{"age":["30","30"]}})").error().id, "property.bins");
  EXPECT_EQ(read(R"({"bins":{"age":[]}})").error().id, "property.bins");
  EXPECT_EQ(read(R"({"bins":{"sex":["1"]}})").error().id, "property.bins");
  EXPECT_EQ(read(R"({"bins":{"aeg":["1"]}})").error().message, "no column aeg in test.csv (did you mean age?)");
  EXPECT_EQ(read(R"({"bins":{"age":"30"}})").error().id, "property.parameter");
}

TEST(Groups, AllValuesOfTheFileAndTheMissing) {
  statement::Selection selection = SelectionOf("sex region");
  const data::Table whole = TableOf("M,n\nF,s\n,n\nM,\nX,n\n", selection);
  const Grouping all = MakeGrouping(whole, {"sex"}, {}).value();
  ASSERT_EQ(all.groups.size(), 4U);  // F M X and missing
  EXPECT_EQ(all.groups[0].key, (test::TextMap{{"sex", "F"}}));
  EXPECT_EQ(all.groups[1].rows, (std::vector<std::uint32_t>{0, 3}));
  EXPECT_EQ(all.groups[3].key, (test::TextMap{{"sex", ""}}));

  // A condition on another column leaves groups empty, not out.
  selection.filter = {{"region", statement::Comparison::kIn, {"s"}}};
  const data::Table south = TableOf("M,n\nF,s\n,n\nM,\nX,n\n", selection);
  const Grouping empty = MakeGrouping(south, {"sex"}, {}).value();
  ASSERT_EQ(empty.groups.size(), 3U);
  EXPECT_EQ(empty.groups[0].rows.size(), 1U);
  EXPECT_TRUE(empty.groups[1].rows.empty());
  EXPECT_TRUE(empty.groups[2].rows.empty());

  // A condition on the column itself says which groups there are.
  selection.filter = {{"sex", statement::Comparison::kNotIn, {"X"}}};
  const data::Table two = TableOf("M,n\nF,s\n,n\nM,\nX,n\n", selection);
  EXPECT_EQ(MakeGrouping(two, {"sex"}, {})->groups.size(), 2U);
}

TEST(Groups, ProductsAndBins) {
  const data::Table table = TableOf("20,F\n40,M\n25,M\n,F\n", SelectionOf("age:number sex"));
  const Grouping grouping = MakeGrouping(table, {"sex", "age"}, {{"age", {25, 45}}}).value();
  EXPECT_EQ(grouping.columns, (std::vector<std::string>{"age", "sex"}));
  EXPECT_EQ(grouping.bins, "age=25,45");
  ASSERT_EQ(grouping.groups.size(), 8U);
  EXPECT_EQ(grouping.groups[0].key, (test::TextMap{{"age", "(-inf,25)"}, {"sex", "F"}}));
  EXPECT_EQ(grouping.groups[0].rows, std::vector<std::uint32_t>{0});
  EXPECT_EQ(grouping.groups[3].key, (test::TextMap{{"age", "[25,45)"}, {"sex", "M"}}));
  EXPECT_EQ(grouping.groups[3].rows, (std::vector<std::uint32_t>{1, 2}));  // an edge belongs to the bin above it
  EXPECT_EQ(grouping.groups[5].key, (test::TextMap{{"age", "[45,inf)"}, {"sex", "M"}}));
  EXPECT_EQ(grouping.groups[6].key, (test::TextMap{{"age", ""}, {"sex", "F"}}));
  EXPECT_EQ(MakeGrouping(table, {"age"}, {}).error().id, "property.bins");
  EXPECT_EQ(MakeGrouping(table, {"sexx"}, {}).error().id, "property.column");
}

TEST(Groups, AreBounded) {
  std::string text;
  for (int i = 0; i < 200; ++i) {
    const std::string n = std::to_string(i);
    text.append(n).append(",").append(n).append("\n");
  }
  const data::Table table = TableOf(text, SelectionOf("a b"));
  EXPECT_EQ(MakeGrouping(table, {"a", "b"}, {}).error().id, "property.groups");
}

TEST(Registry, KnowsTheVocabularyAndRefusesItsNames) {
  for (const statement::PropertyName& name : statement::Vocabulary()) {
    const Property* property = FindProperty(name.name);
    ASSERT_NE(property, nullptr) << name.name;
    EXPECT_EQ(property->implementation(), std::string(name.name) + "/1");
    EXPECT_EQ(property->needs_predictions(), (property->needs() & kPredictions) != 0);
    EXPECT_EQ((property->needs() & (kPredictions | kModel | kTraining)) != 0, name.of_model) << name.name;
  }
  EXPECT_EQ(FindProperty("acuracy"), nullptr);

  class Impostor final : public Property {
   public:
    explicit Impostor(std::string_view name) : name_(name) {}
    std::string_view name() const override { return name_; }
    std::string_view implementation() const override { return "accuracy/1"; }
    bool needs_predictions() const override { return false; }
    Result<Measurement> Measure(const Inputs&) const override { return Measurement{}; }

   private:
    std::string_view name_;
  };
  const std::size_t before = Registry().size();
  static const Impostor accuracy("accuracy"), custom("custom:00/x"), nameless(""), upper("Accuracy");
  for (const Property* property : {&accuracy, &custom, &nameless, &upper}) EXPECT_FALSE(RegisterProperty(property));
  EXPECT_FALSE(RegisterProperty(nullptr));
  EXPECT_EQ(Registry().size(), before);
}

TEST(Registry, UnknownParametersAreErrorsEverywhere) {
  const data::Table table = TableOf("F,y\nM,n\n", SelectionOf("sex y", "y", "y"));
  const Predictions predictions{{"n", "y"}, {1, 0}, {1, 0}, {}, {}, 1};
  const Json json = test::Parameters(R"({"colums":["sex"]})");
  const data::Table* reference = &table;
  for (const statement::PropertyName& name : statement::Vocabulary()) {
    const std::span<const data::Table* const> references(&reference, name.of_model ? 0U : 1U);
    const Error error = MeasureError(*FindProperty(name.name), {&table, &predictions, references, &json});
    EXPECT_EQ(error.id, "property.parameter") << name.name;
    EXPECT_EQ(error.kind, ErrorKind::kUsage) << name.name;
  }
}

}  // namespace
}  // namespace attestml::properties
