#include "statement/encoding.h"

#include <gtest/gtest.h>

#include <functional>

namespace attestml::statement {
namespace {

constexpr std::string_view kText =
    R"({"classes":["<=50K",">50K"],"inputs":[)"
    R"({"column":"age","mean":"38.5","missingInput":true,"scale":"13.25","type":"numeric"},)"
    R"({"column":"sex","missingInput":false,"type":"categorical","vocabulary":["Female","Male"]}],"target":"income"})";

Encoding Example() {
  Encoding encoding;
  encoding.inputs.push_back({"age", ColumnType::kNumeric, 38.5, 13.25, {}, true});
  encoding.inputs.push_back({"sex", ColumnType::kCategorical, 0, 1, {"Female", "Male"}, false});
  encoding.classes = {"<=50K", ">50K"};
  encoding.target = "income";
  return encoding;
}

TEST(EncodingTest, HasOneText) {
  EXPECT_EQ(DumpJson(EncodingToJson(Example())), kText);
  const auto parsed = ParseEncoding(*ParseJson(kText));
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(*parsed, Example());
  EXPECT_EQ(parsed->width(), 4U);
}

TEST(EncodingTest, ThePositiveClassOfTwoMayComeLast) {
  Encoding encoding = Example();
  encoding.classes = {"good", "bad"};
  EXPECT_TRUE(ParseEncoding(EncodingToJson(encoding)).ok());
}

TEST(EncodingTest, ParsesStrictly) {
  const std::function<void(Json&)> changes[] = {
      [](Json& j) { j = "x"; },
      [](Json& j) { j["version"] = 1; },
      [](Json& j) { j.erase("target"); },
      [](Json& j) { j["target"] = ""; },
      [](Json& j) { j["target"] = "sex"; },
      [](Json& j) { j["classes"] = Json::array({"one"}); },
      [](Json& j) {
        j["classes"] = Json::array({"a", "a"});
      },
      [](Json& j) {
        j["classes"] = Json::array({"b", "a", "c"});
      },
      [](Json& j) { j["classes"][0] = 1; },
      [](Json& j) { j["inputs"] = Json::array(); },
      [](Json& j) { j["inputs"][1] = j["inputs"][0]; },
      [](Json& j) { j["inputs"][0]["column"] = ""; },
      [](Json& j) { j["inputs"][0]["type"] = "ordinal"; },
      [](Json& j) { j["inputs"][0]["vocabulary"] = Json::array(); },
      [](Json& j) { j["inputs"][0]["mean"] = "38.50"; },
      [](Json& j) { j["inputs"][0]["mean"] = "nan"; },
      [](Json& j) { j["inputs"][0]["mean"] = 38; },
      [](Json& j) { j["inputs"][0]["scale"] = "0"; },
      [](Json& j) { j["inputs"][0]["scale"] = "-1"; },
      [](Json& j) { j["inputs"][0]["scale"] = "1e999"; },
      [](Json& j) { j["inputs"][1]["mean"] = "0"; },
      [](Json& j) {
        j["inputs"][1]["vocabulary"] = Json::array({"Male", "Female"});
      },
      [](Json& j) {
        j["inputs"][1]["vocabulary"] = Json::array({"Male", "Male"});
      },
      [](Json& j) { j["inputs"][1]["vocabulary"] = Json::array({""}); },
      [](Json& j) { j["inputs"][1]["missingInput"] = "no"; },
      [](Json& j) { j["inputs"][1].erase("missingInput"); },
      [](Json& j) {
        for (int i = 0; i < 5000; ++i) {
          Json input = j["inputs"][0];
          input["column"] = "c" + std::to_string(i);
          j["inputs"].push_back(input);
        }
      },
  };
  for (const auto& change : changes) {
    Json json = EncodingToJson(Example());
    change(json);
    const auto parsed = ParseEncoding(json);
    ASSERT_FALSE(parsed.ok()) << json.dump().substr(0, 300);
    EXPECT_EQ(parsed.error().id, "encoding");
    EXPECT_EQ(parsed.error().kind, ErrorKind::kMalformed);
  }
}

TEST(EncodingTest, OfANumberParsesStrictly) {
  Encoding number = Example();
  number.classes.clear();
  number.number = NumericTarget{-2.5, 0.75};
  EXPECT_EQ(number.outputs(), 1U);
  const auto good = ParseEncoding(EncodingToJson(number));
  ASSERT_TRUE(good.ok()) << good.error().message;
  EXPECT_EQ(*good, number);
  EXPECT_FALSE(EncodingToJson(number).contains("classes"));
  const std::function<void(Json&)> changes[] = {
      [](Json& j) { j["number"] = 1; },
      [](Json& j) { j["number"] = Json::object(); },
      [](Json& j) { j["number"].erase("mean"); },
      [](Json& j) { j["number"].erase("scale"); },
      [](Json& j) { j["number"]["more"] = "1"; },
      [](Json& j) { j["number"]["mean"] = 1; },
      [](Json& j) { j["number"]["mean"] = "1.0"; },
      [](Json& j) { j["number"]["mean"] = "nan"; },
      [](Json& j) { j["number"]["scale"] = "0"; },
      [](Json& j) { j["number"]["scale"] = "-1"; },
      [](Json& j) { j["number"]["scale"] = "1e999"; },
      [](Json& j) {
        j["classes"] = Json::array({"no", "yes"});
      },
      [](Json& j) { j["classes"] = Json::array(); },
      [](Json& j) { j.erase("number"); },
  };
  for (const auto& change : changes) {
    Json json = EncodingToJson(number);
    change(json);
    const auto parsed = ParseEncoding(json);
    ASSERT_FALSE(parsed.ok()) << json.dump().substr(0, 300);
    EXPECT_EQ(parsed.error().id, "encoding");
    EXPECT_EQ(parsed.error().kind, ErrorKind::kMalformed);
  }
}

Encoding ExampleOfTexts() {
  Encoding encoding;
  EncodedColumn input;
  input.column = "note";
  input.type = ColumnType::kText;
  input.tokenizer = Tokenizer::kBytePair;
  input.length = 3;
  input.vocabulary = {" ", "a", "\xc3\xa9", "a "};
  input.merges = {{"a", " "}};
  encoding.inputs = {input};
  encoding.classes = {"0", "1"};
  encoding.target = "y";
  return encoding;
}

TEST(EncodingTest, ParsesTextsStrictly) {
  const auto good = ParseEncoding(EncodingToJson(ExampleOfTexts()));
  ASSERT_TRUE(good.ok()) << good.error().message;
  EXPECT_EQ(*good, ExampleOfTexts());
  const std::function<void(Json&)> changes[] = {
      [](Json& j) { j["tokenizer"] = "letter"; },
      [](Json& j) { j["length"] = 0; },
      [](Json& j) { j["length"] = 65537; },
      [](Json& j) { j["missingInput"] = true; },
      [](Json& j) { j["vocabulary"] = Json::array(); },
      [](Json& j) { j["vocabulary"][1] = " "; },
      [](Json& j) { j["vocabulary"][2] = "\t"; },
      [](Json& j) { j["vocabulary"][2] = "\x7f"; },
      [](Json& j) { j["vocabulary"][2] = "\xc4\x80"; },
      [](Json& j) { j["merges"][0][0] = "b"; },
      [](Json& j) { j["merges"][0][1] = "b"; },
      [](Json& j) {
        j["merges"][0] = Json::array({"a", "a"});
      },
      [](Json& j) { j["merges"][0] = Json::array({"a"}); },
      [](Json& j) { j["merges"].push_back(j["merges"][0]); },
      [](Json& j) { j.erase("merges"); },
      [](Json& j) { j["tokenizer"] = "word"; },
  };
  for (const auto& change : changes) {
    Json json = EncodingToJson(ExampleOfTexts());
    change(json["inputs"][0]);
    const auto parsed = ParseEncoding(json);
    ASSERT_FALSE(parsed.ok()) << json.dump().substr(0, 300);
    EXPECT_EQ(parsed.error().id, "encoding");
  }
}

}  // namespace
}  // namespace attestml::statement
