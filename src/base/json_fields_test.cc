#include "base/json_fields.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace attestml {
namespace {

// The same questions to both readers give the same answers and the same errors.
TEST(JsonFieldsTest, AnswersAsJsonObjectDoes) {
  const std::string_view texts[] = {R"({"a":"x","b":5,"c":true,"d":{},"e":[]})",
                                    R"({"a":5,"b":"x","c":{},"d":[],"e":true})",
                                    R"({"b":-5,"c":null})",
                                    R"({"a":"x","b":5,"c":true,"d":{},"e":[],"f":1,"g":2})",
                                    R"({"0":1,"a":"x"})",
                                    R"({})",
                                    R"([])",
                                    R"("a")",
                                    R"({"b":-0})"};
  const auto same = [](const auto& ours, const auto& theirs) {
    ASSERT_EQ(ours.ok(), theirs.ok());
    if (ours.ok()) return;
    EXPECT_EQ(ours.error().id, theirs.error().id);
    EXPECT_EQ(ours.error().message, theirs.error().message);
  };
  for (const std::string_view text : texts) {
    std::string order = "abcde";
    do {
      const Json value = *ParseJson(text);
      const auto document = JsonDocument::Parse(text);
      JsonObject object(value, "id", "thing");
      JsonFields fields(document->root(), "id", "thing");
      for (const char c : order) {
        switch (c) {
          case 'a':
            same(fields.String("a"), object.String("a"));
            break;
          case 'b':
            same(fields.Unsigned("b"), object.Unsigned("b"));
            break;
          case 'c':
            same(fields.Bool("c"), object.Bool("c"));
            break;
          case 'd':
            same(fields.Object("d"), object.Object("d"));
            break;
          default:
            EXPECT_EQ(static_cast<bool>(fields.Optional("e")), object.Optional("e") != nullptr);
            same(fields.Array("e"), object.Array("e"));
        }
        same(fields.Finish(), object.Finish());
      }
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST(JsonFieldsTest, RefusesUnknownMembersWhereverTheyStand) {
  for (const std::size_t size : {1, 63, 64, 65, 66, 200}) {
    Json value = Json::object();
    for (std::size_t i = 0; i < size; ++i) value["m" + std::to_string(1000 + i)] = i;
    const std::string text = DumpJson(value);
    const auto document = JsonDocument::Parse(text);
    ASSERT_TRUE(document.ok());
    JsonFields none(document->root(), "id", "thing");
    EXPECT_NE(none.Finish().error().message.find("m1000"), std::string::npos);
    JsonFields last(document->root(), "id", "thing");
    const std::string name = "m" + std::to_string(1000 + size - 1);
    EXPECT_EQ(last.Unsigned(name).value(), size - 1);
    EXPECT_EQ(last.Finish().ok(), size == 1);
  }
}

}  // namespace
}  // namespace attestml
