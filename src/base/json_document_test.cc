#include "base/json_document.h"

#include <gtest/gtest.h>

#include <limits>
#include <random>

namespace attestml {
namespace {

// What both readers say of a text, which must be the same.
void ExpectAgreement(std::string_view text, const JsonLimits& limits = {}) {
  const auto value = ParseJson(text, limits);
  const auto document = JsonDocument::Parse(text, limits);
  ASSERT_EQ(value.ok(), document.ok()) << text.substr(0, 200);
  if (!value.ok()) {
    EXPECT_EQ(document.error().id, value.error().id) << text.substr(0, 200);
    EXPECT_EQ(document.error().message, value.error().message);
    return;
  }
  const Json back = document->root().ToJson();
  EXPECT_EQ(back, *value) << text.substr(0, 200);
  EXPECT_EQ(back.type(), value->type());
  EXPECT_EQ(DumpJson(back), DumpJson(*value));
  if (value->is_string()) return;
  EXPECT_EQ(document->root().Canonical(), DumpJson(*value));
}

const std::string_view kTexts[] = {
    R"({})",
    R"([])",
    R"([[],{},[{}]])",
    R"("")",
    R"("text")",
    R"({"a":1,"b":[true,false,null],"c":{"d":"e"}})",
    // Not canonical, and the same.
    R"( {"b" : [ 1 , 2 ] , "a" : "x" } )",
    "\n\t[1,\r2]",
    R"("\u0041\/\u00e9")",
    // Every escape that canonical text has, and other ways to write the same.
    R"("a\"b\\c\bd\fe\nf\rg\th\u0000i\u001fj")",
    R"("\u001F")",
    R"("\u0008")",
    R"("\u0022")",
    R"(["\"","x\"","\"x","",""])",
    R"({"\"":1,"a":2})",
    R"({"a":1,"a\"":2,"b":3})",
    // Names out of order, twice, twice by escape.
    R"({"b":1,"a":2})",
    R"({"a":1,"a":2})",
    R"({"a":1,"\u0061":2})",
    R"({"a":1,"b":2,"a":3})",
    R"({"":1,"":2})",
    R"({"":1,"a":2})",
    // Numbers.
    "0",
    "-0",
    "-1",
    "[-0,-1,0]",
    "00",
    "01",
    "-01",
    "-",
    "+1",
    "1.0",
    "1.5",
    "1e3",
    "1E3",
    "1.",
    ".5",
    "0x10",
    "9007199254740991",
    "9007199254740992",
    "-9007199254740991",
    "-9007199254740992",
    "18446744073709551615",
    "18446744073709551616",
    "99999999999999999",
    "123456789012345678901234567890",
    "1e400",
    "[1.0]",
    "NaN",
    "Infinity",
    // Not JSON.
    "",
    " ",
    "{",
    "[",
    "\"",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,}",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{a:1}",
    "{1:2}",
    "{'a':1}",
    "tru",
    "truex",
    "nul",
    "nulll",
    "falsee",
    "[] []",
    "{}x",
    "1 2",
    "/* c */1",
    "\xef\xbb\xbf[]",
    "\"\\\"",
    "\"\\x\"",
    "\"\\u00\"",
    "\"\\u00g0\"",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800\\u0041\"",
    "\"\\ud83d\\ude00\"",
    "\"tab\there\"",
    "\"line\nhere\"",
    "\"\x7f\"",
    // UTF-8, good and bad.
    "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"",
    "{\"\xc3\xa9\":1,\"a\":2}",
    "{\"a\":2,\"\xc3\xa9\":1}",
    "\"\x80\"",
    "\"\xc0\x80\"",
    "\"\xc1\xbf\"",
    "\"\xc2\"",
    "\"\xc2\xc0\"",
    "\"\xe0\x9f\xbf\"",
    "\"\xe0\xa0\x80\"",
    "\"\xed\x9f\xbf\"",
    "\"\xed\xa0\x80\"",
    "\"\xee\x80\x80\"",
    "\"\xf0\x8f\xbf\xbf\"",
    "\"\xf0\x90\x80\x80\"",
    "\"\xf4\x8f\xbf\xbf\"",
    "\"\xf4\x90\x80\x80\"",
    "\"\xf5\x80\x80\x80\"",
    "\"\xff\"",
    "\"\xe2\x82\"",
    "\"\xf0\x9f\x98\"",
    "\xc3\xa9",
};

TEST(JsonDocumentTest, SaysWhatParseJsonSays) {
  for (const std::string_view text : kTexts) {
    ExpectAgreement(text);
    ExpectAgreement("[" + std::string(text) + "]");
    ExpectAgreement("{\"m\":" + std::string(text) + ",\"n\":1}");
    ExpectAgreement("[\"padding of many bytes\"," + std::string(text) + "]");
    ExpectAgreement(std::string(text) + "\n");
  }
  ExpectAgreement(std::string_view("[1]\0", 4));
  ExpectAgreement(std::string_view("\"a\0b\"", 5));
  for (int c = 0; c < 256; ++c) {
    // Each byte at each place of eight, which are looked at together.
    for (std::size_t at = 0; at < 10; ++at) {
      std::string text = "\"0123456789abcdef\"";
      text[at] = static_cast<char>(c);
      ExpectAgreement(text);
    }
  }
}

TEST(JsonDocumentTest, KeepsTheLimits) {
  for (const std::size_t depth : {31, 32, 33, 40}) {
    ExpectAgreement(std::string(depth, '[') + std::string(depth, ']'));
    std::string objects;
    for (std::size_t i = 0; i < depth; ++i) objects += "{\"a\":";
    ExpectAgreement(objects + "1" + std::string(depth, '}'));
  }
  ExpectAgreement("[1,2,3]", {.max_values = 4});
  ExpectAgreement("[1,2,3]", {.max_values = 3});
  ExpectAgreement("{\"a\":[],\"b\":{}}", {.max_values = 3});
  ExpectAgreement("{\"a\":[],\"b\":{}}", {.max_values = 2});
  ExpectAgreement("[1,2,3]", {.max_bytes = 7});
  ExpectAgreement("[1,2,3]", {.max_bytes = 6});
  ExpectAgreement("[[1]]", {.max_depth = 1});
  EXPECT_EQ(JsonDocument::Parse("[1.5]", {.allow_floats = true}).error().id, "json.number");
  // Six bytes for one: within the limits when it came, whatever its canonical text has.
  const std::string controls = "[\"" + std::string(2000, '\x7f') + "\",\"\\n\\n\\n\\n\"]";
  ExpectAgreement(controls, {.max_bytes = controls.size()});
}

TEST(JsonDocumentTest, SaysTheSameOfDamagedTexts) {
  const std::string start =
      R"({"_type":"x","list":[{"a":"0.5","b":12,"c":{"k":"v"}},{"a":"\n","b":-3}],"n":null,"t":"é","u":true})";
  ExpectAgreement(start);
  for (std::size_t at = 0; at < start.size(); ++at) {
    ExpectAgreement(start.substr(0, at));
    ExpectAgreement(start.substr(at));
    ExpectAgreement(start.substr(0, at) + start.substr(at + 1));
    for (const char c : std::string_view("\"\\{}[],:0-.e \n\x01\x80\xc3u", 17)) {
      std::string text = start;
      text[at] = c;
      ExpectAgreement(text);
      text = start;
      text.insert(at, 1, c);
      ExpectAgreement(text);
    }
  }
  std::mt19937 random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text = start;
    for (int k = 0; k < 3; ++k) {
      const std::size_t from = random() % text.size();
      const std::size_t size = std::min<std::size_t>(random() % 12, text.size() - from);
      text.insert(random() % text.size(), text.substr(from, size));
      text.erase(random() % text.size(), random() % 6);
    }
    ExpectAgreement(text);
  }
}

TEST(JsonDocumentTest, KnowsTheLongestString) {
  EXPECT_EQ(JsonDocument::Parse("[1,true,[]]")->LongestString(), 0U);
  EXPECT_EQ(JsonDocument::Parse(R"({"a":["\n\n"],"bcd":"","c":12345})")->LongestString(), 3U);
  EXPECT_EQ(JsonDocument::Parse(R"(["abcde",{"a":"\n"}])")->LongestString(), 5U);
}

TEST(JsonDocumentTest, OutlivesMoves) {
  // Short enough to be kept inside a string object, with and without escapes, canonical and not.
  for (const std::string_view text : {R"(["\n"])", R"([ "a" ])", R"([ "\n" ])", R"("\t")", R"( 1)"}) {
    auto document = JsonDocument::Parse(text);
    ASSERT_TRUE(document.ok());
    const JsonDocument moved = std::move(document).value();
    EXPECT_EQ(moved.root().ToJson(), *ParseJson(text));
  }
}

TEST(JsonDocumentTest, TakesValuesInMemory) {
  const Json value = {{"b", {1, -2, 0}}, {"a", "x\n"}, {"c", nullptr}, {"d", true}};
  const auto document = JsonDocument::Of(value);
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->root().ToJson(), value);
  EXPECT_EQ(document->root().Canonical(), DumpJson(value));
  // Made as signed, they are not unsigned integers for JsonObject either.
  for (const JsonView entry : document->root().Find("b")) EXPECT_EQ(entry.kind(), JsonKind::kInteger);
  EXPECT_EQ(JsonDocument::Of({{"x", 1.5}}).error().id, "json.number");
  Json deep = 1;
  for (int i = 0; i < 33; ++i) deep = Json::array({deep});
  EXPECT_EQ(JsonDocument::Of(deep).error().id, "json.depth");
}

// The writer is ours; what it writes is what the library would.
TEST(DumpJsonTest, WritesWhatTheLibraryWrites) {
  const auto library = [](const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); };
  for (const std::string_view text : kTexts) {
    const Json value = Json::parse(text, nullptr, false);
    if (value.is_discarded()) continue;
    EXPECT_EQ(DumpJson(value), library(value)) << text;
  }
  const Json odd = {{"\xff\"\n", "\x80z"},
                    {"float", 0.1},
                    {"low", std::numeric_limits<std::int64_t>::min()},
                    {"high", std::numeric_limits<std::uint64_t>::max()},
                    {"empty", {Json::object(), Json::array(), nullptr, "", true}},
                    {"control", std::string("\x01\x7f\x1f\0", 4)}};
  EXPECT_EQ(DumpJson(odd), library(odd));
  EXPECT_EQ(DumpJson(Json()), "null");
}

}  // namespace
}  // namespace attestml
