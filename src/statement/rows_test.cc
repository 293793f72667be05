#include "statement/rows.h"

#include <gtest/gtest.h>

namespace attestml::statement {
namespace {

Selection Trained() {
  Selection out;
  out.columns = {{"a", ColumnType::kNumeric}, {"b", ColumnType::kNumeric}, {"y", ColumnType::kCategorical}};
  out.target = Target{"y", "1", "."};
  out.sensitive = {"a"};
  out.filter = {{"a", Comparison::kGreater, {"0"}}};
  out.split = Split{1, false, {{"train", "1"}}, "train"};
  out.missing = MissingPolicy::kDrop;
  return out;
}

template <typename Change>
std::string Objection(Change change, Selection trained = Trained()) {
  Selection rows = RowsOf(trained);
  change(rows);
  return RowsObjection(rows, trained);
}

TEST(Rows, LeaveNoneOut) {
  EXPECT_FALSE(CheckRows(Trained()).ok());
  EXPECT_TRUE(CheckRows(RowsOf(Trained())).ok());
  Selection grouped = RowsOf(Trained());
  grouped.sensitive = {"a"};
  EXPECT_EQ(CheckRows(grouped).error().id, "claim.inference.rows");
}

TEST(Rows, AreReadAsInTraining) {
  EXPECT_EQ(Objection([](Selection&) {}), "");
  EXPECT_EQ(Objection([](Selection& s) { s.format.skip_lines = 1; }), "");
  EXPECT_EQ(Objection([](Selection& s) { s.columns[0].feature = false; }), "");
  EXPECT_EQ(Objection([](Selection& s) { s.target->strip_suffix = ""; }), "");
  EXPECT_EQ(Objection([](Selection& s) { s.target.reset(); }), "");
  EXPECT_EQ(Objection([](Selection& s) {
              s.target.reset();
              s.columns.pop_back();
            }),
            "");
  EXPECT_EQ(Objection([](Selection& s) { std::swap(s.columns[0], s.columns[1]); }),
            "column 1 is \"b\", numeric, in training \"a\", numeric");
  EXPECT_EQ(Objection([](Selection& s) { s.columns.pop_back(); }), "there are 2 columns, in training 3");
  EXPECT_EQ(Objection([](Selection& s) { s.format.missing = "0.5"; }),
            "the mark for missing is \"0.5\", in training \"\"");
  EXPECT_EQ(Objection([](Selection& s) { s.format.delimiter = ';'; }), "the delimiter is \";\", in training \",\"");
  EXPECT_EQ(Objection([](Selection& s) { s.format.trim = true; }), "trimming is on, in training off");
  EXPECT_EQ(Objection([](Selection& s) { s.format.quote = false; }), "quoting is off, in training on");
  EXPECT_EQ(Objection([](Selection& s) { s.format.header = false; }),
            "the rows have no header, in training there was one");
  EXPECT_EQ(Objection([](Selection& s) { s.format.type = FileType::kNpy; }),
            "the kind of file is npy, in training csv");
  EXPECT_EQ(Objection([](Selection& s) { s.target->column = "a"; }),
            "\"a\" may be left out, and it is not what the model predicts");
}

TEST(Rows, PicturesTextsAndArrays) {
  Selection pictures;
  pictures.format.type = FileType::kIdx;
  pictures.columns = {{"image", ColumnType::kImage, true, {1, 28, 28}}, {"y", ColumnType::kCategorical}};
  pictures.target = Target{"y", "", ""};
  EXPECT_EQ(Objection([](Selection&) {}, pictures), "");
  EXPECT_EQ(Objection(
                [](Selection& s) {
                  s.columns[0].shape = {1, 14, 56};
                },
                pictures),
            "column 1 is \"image\", image 1 14 56, in training \"image\", image 1 28 28");
  EXPECT_NE(Objection([](Selection& s) { s.columns[0].type = ColumnType::kTensor; }, pictures), "");
  Selection texts;
  texts.columns = {{"title", ColumnType::kText}, {"body", ColumnType::kText}, {"y", ColumnType::kCategorical}};
  texts.target = Target{"y", "", ""};
  EXPECT_NE(Objection([](Selection& s) { std::swap(s.columns[0], s.columns[1]); }, texts), "");
  EXPECT_NE(Objection([](Selection& s) { s.format.quote = false; }, texts), "");
  // Without a header in training, the order is its order, and rows may bring their names.
  texts.format.header = false;
  EXPECT_EQ(Objection([](Selection&) {}, texts), "");
  EXPECT_EQ(Objection([](Selection& s) { s.format.header = true; }, texts), "");
}

}  // namespace
}  // namespace attestml::statement
