// FitEncoding and Encode against values worked out by hand. spec/encoding.md.
#include "data/encoder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "data/test_tables.h"

namespace attestml::data {
namespace {

using statement::Comparison;
using statement::Encoding;
using statement::Selection;

Selection Example() {
  Selection selection = SelectionOf("age:n color:c id:c flat:n label:c");
  selection.columns[2].feature = false;
  selection.target = statement::Target{"label", "bad", ""};
  return selection;
}

constexpr std::string_view kTrain =
    "age,color,id,flat,label\n"
    "2,red,1,0.1,good\n"
    "4,blue,2,0.1,bad\n"
    ",red,3,0.1,good\n"
    "6,,4,0.1,bad\n";

TEST(EncoderTest, FitsOnTheTrainingViewOnly) {
  // The dictionary of the file holds green too; the view does not.
  Selection selection = Example();
  selection.filter = {{"id", Comparison::kNotIn, {"9"}}};
  const auto train = ReadText(std::string(kTrain) + "99,green,9,7,ugly\n", selection);
  ASSERT_TRUE(train.ok()) << train.error().message;
  const auto encoding = FitEncoding(*train);
  ASSERT_TRUE(encoding.ok()) << encoding.error().message;
  ASSERT_EQ(encoding->inputs.size(), 3U);
  EXPECT_EQ(encoding->inputs[0].column, "age");
  EXPECT_EQ(encoding->inputs[0].mean, 4);
  EXPECT_EQ(encoding->inputs[0].scale, std::sqrt(8.0 / 3.0));  // population: ((2-4)² + 0 + (6-4)²) / 3
  EXPECT_TRUE(encoding->inputs[0].missing_input);
  EXPECT_EQ(encoding->inputs[1].column, "color");
  EXPECT_EQ(encoding->inputs[1].vocabulary, (std::vector<std::string>{"blue", "red"}));
  EXPECT_TRUE(encoding->inputs[1].missing_input);
  EXPECT_EQ(encoding->inputs[2].column, "flat");
  EXPECT_EQ(encoding->inputs[2].mean, 0.1);
  EXPECT_EQ(encoding->inputs[2].scale, 1);
  EXPECT_FALSE(encoding->inputs[2].missing_input);
  EXPECT_EQ(encoding->classes, (std::vector<std::string>{"good", "bad"}));  // the positive one last
  EXPECT_EQ(encoding->target, "label");
  EXPECT_EQ(encoding->width(), 6U);
  const auto again = statement::ParseEncoding(statement::EncodingToJson(*encoding));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(*again, *encoding);
}

TEST(EncoderTest, FitsANumberAsTheTarget) {
  Selection selection = SelectionOf("x:n price:n");
  selection.target = statement::Target{"price", "", ""};
  const auto train = ReadText("x,price\n1,10\n2,20\n3,60\n", selection);
  ASSERT_TRUE(train.ok()) << train.error().message;
  const auto encoding = FitEncoding(*train);
  ASSERT_TRUE(encoding.ok()) << encoding.error().message;
  ASSERT_TRUE(encoding->number);
  EXPECT_TRUE(encoding->classes.empty());
  EXPECT_EQ(encoding->number->mean, 30);
  EXPECT_EQ(encoding->number->scale, std::sqrt((400.0 + 100.0 + 900.0) / 3.0));
  ASSERT_EQ(encoding->inputs.size(), 1U);
  EXPECT_EQ(encoding->inputs[0].column, "x");
  EXPECT_EQ(*train->Numbers(), (std::vector<double>{10, 20, 60}));
  EXPECT_EQ(train->Labels({"10", "20"}).error().id, "data.label");
  const auto id = [&](std::string_view text) {
    const auto table = ReadText(text, selection);
    EXPECT_TRUE(table.ok());
    const auto fitted = FitEncoding(*table);
    return fitted.ok() ? std::string("ok") : fitted.error().id;
  };
  EXPECT_EQ(id("x,price\n1,10\n2,\n3,60\n"), "encoding.target");
  EXPECT_EQ(id("x,price\n1,10\n2,10\n"), "encoding.target");
  EXPECT_EQ(id("x,price\n1,1e308\n2,-1e308\n"), "encoding.range");
  const auto missing = ReadText("x,price\n1,10\n2,\n", selection);
  EXPECT_EQ(missing->Numbers().error().id, "data.label");
  Selection classes = SelectionOf("x:n price:c");
  classes.target = statement::Target{"price", "", ""};
  EXPECT_EQ(ReadText("x,price\n1,10\n", classes)->Numbers().error().id, "data.label");
}

TEST(EncoderTest, EncodesByHand) {
  const auto train = ReadText(kTrain, Example());
  ASSERT_TRUE(train.ok());
  const auto encoding = FitEncoding(*train);
  ASSERT_TRUE(encoding.ok());
  std::vector<float> out;
  ASSERT_TRUE(Encode(*train, *encoding, &out).ok());
  const auto z = static_cast<float>(-2 / std::sqrt(8.0 / 3.0));
  // age, age missing, blue, red, color missing, flat
  EXPECT_EQ(out, (std::vector<float>{z,  0, 0, 1, 0, 0,  //
                                     0,  0, 1, 0, 0, 0,  //
                                     0,  1, 0, 1, 0, 0,  //
                                     -z, 0, 0, 0, 1, 0}));
  // Another file: an unknown value sets nothing, a missing one its indicator, a constant column its difference.
  const auto test = ReadText("age,color,id,flat,label\n4,green,7,1.1,bad\n,,8,,good\n", Example());
  ASSERT_TRUE(test.ok());
  ASSERT_TRUE(Encode(*test, *encoding, &out).ok());
  EXPECT_EQ(out, (std::vector<float>{0, 0, 0, 0, 0, 1,  //
                                     0, 1, 0, 0, 1, 0}));
  // A file without the target and with its columns in another order will do for inference.
  const auto rows = ReadText("color,flat,age\nblue,0.1,6\n", SelectionOf("color:c flat:n age:n"));
  ASSERT_TRUE(rows.ok());
  ASSERT_TRUE(Encode(*rows, *encoding, &out).ok());
  EXPECT_EQ(out, (std::vector<float>{-z, 0, 1, 0, 0, 0}));
}

TEST(EncoderTest, EncodesManyBlocks) {
  std::string text = "x,c,label\n";
  for (int i = 0; i < 1000; ++i) {
    text += std::to_string(i) + "," + std::string(1, static_cast<char>('a' + i % 26)) + (i % 2 ? ",y\n" : ",n\n");
  }
  Selection selection = SelectionOf("x:n c:c label:c");
  selection.target = statement::Target{"label", "y", ""};
  const auto table = ReadText(text, selection);
  ASSERT_TRUE(table.ok());
  const auto encoding = FitEncoding(*table);
  ASSERT_TRUE(encoding.ok());
  EXPECT_EQ(encoding->inputs[0].mean, 499.5);
  EXPECT_NEAR(encoding->inputs[0].scale, std::sqrt((1000.0 * 1000 - 1) / 12), 1e-10);
  std::vector<float> out;
  ASSERT_TRUE(Encode(*table, *encoding, &out).ok());
  ASSERT_EQ(out.size(), 27000U);
  for (std::size_t row = 0; row < 1000; ++row) {
    for (std::size_t i = 0; i < 26; ++i) ASSERT_EQ(out[row * 27 + 1 + i], row % 26 == i ? 1.0F : 0.0F);
    const double z = (static_cast<double>(row) - encoding->inputs[0].mean) / encoding->inputs[0].scale;
    ASSERT_EQ(out[row * 27], static_cast<float>(z));
  }
}

TEST(EncoderTest, ManyClassesAreSorted) {
  Selection selection = SelectionOf("x:n label:c");
  selection.target = statement::Target{"label", "a", ""};
  const auto table = ReadText("x,label\n1,c\n2,a\n3,b\n", selection);
  ASSERT_TRUE(table.ok());
  EXPECT_EQ(FitEncoding(*table)->classes, (std::vector<std::string>{"a", "b", "c"}));
}

TEST(EncoderTest, RefusesWhatCannotBeFitted) {
  struct Case {
    std::string_view id;
    std::string_view text;
    bool target;
    bool feature;
  };
  const Case cases[] = {
      {"encoding.target", "x,label\n1,a\n2,b\n", false, true},
      {"encoding.target", "x,label\n1,a\n2,\n3,b\n", true, true},
      {"encoding.classes", "x,label\n1,a\n2,a\n", true, true},
      {"encoding.positive", "x,label\n1,b\n2,c\n", true, true},
      {"encoding.features", "x,label\n1,a\n2,b\n", true, false},
      {"encoding.range", "x,label\n1e308,a\n1.5e308,b\n", true, true},
      {"encoding.range", "x,label\n1e200,a\n-1e200,b\n", true, true},
      {"encoding.range", "x,label\n5e-324,a\n0,b\n", true, true},
  };
  for (const Case& c : cases) {
    Selection selection = SelectionOf("x:n label:c");
    selection.columns[0].feature = c.feature;
    if (c.target) selection.target = statement::Target{"label", "a", ""};
    const auto table = ReadText(c.text, selection);
    ASSERT_TRUE(table.ok()) << table.error().message;
    const auto encoding = FitEncoding(*table);
    ASSERT_FALSE(encoding.ok()) << c.text;
    EXPECT_EQ(encoding.error().id, c.id) << encoding.error().message;
  }
}

TEST(EncoderTest, RefusesTablesThatDoNotFit) {
  const auto train = ReadText(kTrain, Example());
  const auto encoding = FitEncoding(*train);
  std::vector<float> out;
  const auto without = ReadText("color,flat\nblue,0.1\n", SelectionOf("color:c flat:n"));
  EXPECT_EQ(Encode(*without, *encoding, &out).error().id, "encoding.columns");
  const auto typed = ReadText("age,color,flat\n1,blue,0.1\n", SelectionOf("age:c color:c flat:n"));
  EXPECT_EQ(Encode(*typed, *encoding, &out).error().id, "encoding.columns");
  const auto huge = ReadText("age,color,flat\n1e300,blue,0.1\n", SelectionOf("age:n color:c flat:n"));
  EXPECT_EQ(Encode(*huge, *encoding, &out).error().id, "encoding.range");
}

TEST(EncoderTest, AColumnThatIsAlwaysMissing) {
  Selection selection = SelectionOf("x:n c:c label:c");
  selection.target = statement::Target{"label", "", ""};
  const auto table = ReadText("x,c,label\n,,a\n,,b\n", selection);
  const auto encoding = FitEncoding(*table);
  ASSERT_TRUE(encoding.ok()) << encoding.error().message;
  EXPECT_EQ(encoding->inputs[0].mean, 0);
  EXPECT_EQ(encoding->inputs[0].scale, 1);
  EXPECT_TRUE(encoding->inputs[1].vocabulary.empty());
  std::vector<float> out;
  ASSERT_TRUE(Encode(*table, *encoding, &out).ok());
  EXPECT_EQ(out, (std::vector<float>{0, 1, 1, 0, 1, 1}));
}

}  // namespace
}  // namespace attestml::data
