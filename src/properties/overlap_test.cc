#include "properties/overlap.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "properties/tables_for_test.h"

namespace attestml::properties {
namespace {

using test::Find;
using test::MeasureError;
using test::MeasureOk;
using test::Number;
using test::SelectionOf;
using test::TableOf;

data::Table Labelled(std::string_view rows, std::string name = "test.csv") {
  return TableOf(rows, SelectionOf("a b:number y", "y", "p"), std::move(name));
}

TEST(Overlap, CountsRecordsOfThisSelection) {
  // Record (x,1,p) stands twice here, once there; (x,2) stands there with another label.
  const data::Table test = Labelled("x,1,p\nx,1,p\nx,2,q\nz,3,p\n");
  const data::Table train = Labelled("x,1.0,p\nx,2,p\nx,2,p\nw,9,p\n");
  const data::Table* reference = &train;
  const Measurement m = MeasureOk(Overlap(), {&test, nullptr, {&reference, 1}, nullptr});
  EXPECT_EQ(Number(m, {"with-label"}), 2);
  EXPECT_EQ(Number(m, {"with-label-distinct"}), 1);
  EXPECT_EQ(Number(m, {"with-label-proportion"}), 0.5);
  EXPECT_EQ(Number(m, {"without-label"}), 3);
  EXPECT_EQ(Number(m, {"without-label-distinct"}), 2);
  EXPECT_EQ(Number(m, {"without-label-proportion"}), 0.75);
  EXPECT_EQ(Find(m, {"with-label"}).count, 4U);
  EXPECT_EQ(Number(m, {.metric = "with-label", .at = HexEncode(train.Records().root)}), 2);
}

TEST(Overlap, SeveralReferencesAreTheirUnion) {
  const data::Table test = Labelled("x,1,p\ny,2,q\nz,3,p\n");
  const data::Table train = Labelled("x,1,p\n", "train.csv");
  const data::Table validation = Labelled("y,2,q\nx,1,p\n", "validation.csv");
  const data::Table* references[] = {&train, &validation, &train};
  const Measurement m = MeasureOk(Overlap(), {&test, nullptr, references, nullptr});
  EXPECT_EQ(Number(m, {"with-label"}), 2);
  EXPECT_EQ(Number(m, {.metric = "with-label", .at = HexEncode(train.Records().root)}), 1);
  EXPECT_EQ(Number(m, {.metric = "with-label", .at = HexEncode(validation.Records().root)}), 2);
  EXPECT_EQ(m.results.size(), 18U);  // the reference given twice answers once
}

TEST(Overlap, DisjointIsZeroAndItselfIsAll) {
  const data::Table test = Labelled("x,1,p\ny,2,q\n");
  const data::Table other = Labelled("x,1.5,p\n");
  const data::Table* reference = &other;
  EXPECT_EQ(Find(MeasureOk(Overlap(), {&test, nullptr, {&reference, 1}, nullptr}), {"without-label"}).value, "0");
  reference = &test;
  EXPECT_EQ(Number(MeasureOk(Overlap(), {&test, nullptr, {&reference, 1}, nullptr}), {"with-label"}), 2);
}

TEST(Overlap, OnlyBetweenTheSameLeafSchemas) {
  const data::Table test = Labelled("x,1,p\n");
  const auto error = [&](const data::Table& other) {
    const data::Table* reference = &other;
    return MeasureError(Overlap(), {&test, nullptr, {&reference, 1}, nullptr});
  };
  const char* rows = "x,1,p\n";
  EXPECT_EQ(error(TableOf(rows, SelectionOf("a b y", "y", "p"))).id, "property.overlap.schema");
  EXPECT_EQ(error(TableOf(rows, SelectionOf("a c:number y", "y", "p"))).id, "property.overlap.schema");
  EXPECT_EQ(error(TableOf(rows, SelectionOf("a b:number y", "a", "x"))).id, "property.overlap.schema");
  EXPECT_EQ(error(TableOf(rows, SelectionOf("a b:number y"))).id, "property.overlap.schema");
  EXPECT_EQ(MeasureError(Overlap(), {&test, nullptr, {}, nullptr}).id, "property.reference");
  // What is no part of a leaf may differ: filters, positive class, which columns are inputs.
  statement::Selection selection = SelectionOf("a b:number y", "y", "q");
  selection.columns[0].feature = false;
  selection.filter = {{"b", statement::Comparison::kGreater, {"0"}}};
  const data::Table compatible = TableOf(rows, selection);
  const data::Table* reference = &compatible;
  EXPECT_EQ(Number(MeasureOk(Overlap(), {&test, nullptr, {&reference, 1}, nullptr}), {"with-label"}), 1);
}

}  // namespace
}  // namespace attestml::properties
