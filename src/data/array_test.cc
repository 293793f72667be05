// npy and safetensors datasets: what is read, and what is refused.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "data/encoder.h"
#include "data/file_reader.h"
#include "data/npy.h"
#include "data/test_files.h"

namespace attestml::data {
namespace {

using artifact::MeasuredFile;
using statement::ColumnType;
using statement::FileType;
using statement::Selection;

const Bytes kTensor = NpyOf(NpyHeader("<f4", "(3, 2)"), LittleBytes<float>({1, 2, 3, 4, 5, 6}));
const Bytes kLabels = NpyOf(NpyHeader("<i8", "(3,)"), LittleBytes<std::int64_t>({-1, 7, -1}));

Selection ArraySelection(FileType type) {
  Selection selection;
  selection.format.type = type;
  selection.columns = {{"x", ColumnType::kTensor, true, {2}}, {"y", ColumnType::kCategorical, true}};
  selection.target = {"y", "", ""};
  return selection;
}

std::string IdOf(const Result<Table>& table) { return table.ok() ? "ok" : table.error().id; }

// One file of one column of this type and shape.
std::string ReadOne(const Bytes& file, ColumnType type, std::vector<std::uint32_t> shape = {}) {
  Selection selection;
  selection.format.type = FileType::kNpy;
  selection.columns = {{"x", type, true, std::move(shape)}};
  return IdOf(Table::Read(FileOf(file, "x.npy"), selection));
}

std::string HeaderId(const std::string& header, std::size_t bytes = 8) {
  const Bytes file = NpyOf(header, Bytes(bytes));
  const auto array = ReadNpyArray(file, "x.npy");
  return array.ok() ? "ok" : array.error().id;
}

TEST(NpyTest, ReadsTensorsAndLabels) {
  const auto file = MeasuredFile::FromParts({FileOf(kTensor, "x.npy"), FileOf(kLabels, "y.npy")}, "set");
  const auto table = Table::Read(file, ArraySelection(FileType::kNpy));
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(table->rows(), 3U);
  EXPECT_EQ(CanonicalRecord(*table, 1, true), std::string("[\"tensor 2\",\"7\"]\x00\x00\x40\x40\x00\x00\x80\x40", 24));
  EncodingConfig config;
  config.standardize = false;
  const auto encoding = FitEncoding(*table, config);
  ASSERT_TRUE(encoding.ok()) << encoding.error().message;
  std::vector<float> out;
  ASSERT_TRUE(Encode(*table, *encoding, &out).ok());
  EXPECT_EQ(out, (std::vector<float>{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(encoding->classes, (std::vector<std::string>{"-1", "7"}));
}

TEST(NpyTest, ColumnTypes) {
  const Bytes bytes = NpyOf(NpyHeader("|u1", "(2, 1, 2)"), {1, 2, 3, 4}, 2);
  EXPECT_EQ(ReadOne(bytes, ColumnType::kImage, {1, 1, 2}), "ok");
  EXPECT_EQ(ReadOne(bytes, ColumnType::kImage, {1, 2, 1}), "npy.shape");
  EXPECT_EQ(ReadOne(bytes, ColumnType::kTensor, {1, 2}), "npy.type");
  EXPECT_EQ(ReadOne(bytes, ColumnType::kNumeric), "npy.shape");
  EXPECT_EQ(ReadOne(kTensor, ColumnType::kImage, {1, 1, 2}), "npy.type");
  EXPECT_EQ(ReadOne(kTensor, ColumnType::kTensor, {3}), "npy.shape");
  EXPECT_EQ(ReadOne(kLabels, ColumnType::kNumeric), "ok");
  const std::string numbers = "(2,)";
  EXPECT_EQ(ReadOne(NpyOf(NpyHeader("<f8", numbers), LittleBytes<double>({1, -2.5})), ColumnType::kNumeric), "ok");
  EXPECT_EQ(ReadOne(NpyOf(NpyHeader("<f4", numbers), LittleBytes<float>({1, 2})), ColumnType::kCategorical),
            "npy.type");
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(ReadOne(NpyOf(NpyHeader("<f4", numbers), LittleBytes<float>({1, nan})), ColumnType::kNumeric), "npy.value");
  EXPECT_EQ(ReadOne(NpyOf(NpyHeader("<f4", "(1, 2)"), LittleBytes<float>({1, nan})), ColumnType::kTensor, {2}),
            "npy.value");
  EXPECT_EQ(ReadOne(NpyOf(NpyHeader("<i8", numbers), LittleBytes<std::int64_t>({1, (std::int64_t{1} << 53) + 1})),
                    ColumnType::kNumeric),
            "npy.value");
  EXPECT_EQ(ReadOne(NpyOf(NpyHeader("<i4", "()"), LittleBytes<std::int32_t>({1})), ColumnType::kNumeric), "npy.rows");
}

TEST(NpyTest, HeadersAreReadStrictly) {
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }          \n"), "ok");
  EXPECT_EQ(HeaderId("{\"shape\":(2,),\"fortran_order\":False,\"descr\":\"<f4\"}"), "ok");
  EXPECT_EQ(HeaderId("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }"), "npy.dtype");
  EXPECT_EQ(HeaderId("{'descr': '>f4', 'fortran_order': False, 'shape': (2,), }"), "npy.dtype");
  EXPECT_EQ(HeaderId("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }"), "npy.dtype");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': True, 'shape': (2,), }"), "npy.order");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }"), "npy.header");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': False, 'shape': (2), }"), "npy.header");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': False, 'shape': [2], }"), "npy.header");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': False, 'shape': (2 2), }"), "npy.header");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': False, 'shape': (-2,), }"), "npy.shape");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': False, 'shape': (02,), }"), "npy.shape");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", 0), "npy.shape");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,1,2), }"), "npy.shape");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': False, 'shape': (999999999999999, 999999999999999), }"),
            "npy.shape");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }"), "npy.shape");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"), "npy.header");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'shape': (2,), }"), "npy.header");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'x': 1}"), "npy.header");
  EXPECT_EQ(HeaderId("{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} or exit()"), "npy.header");
  EXPECT_EQ(HeaderId("{'descr': '<\\x664', 'fortran_order': False, 'shape': (2,)}"), "npy.dtype");
  EXPECT_EQ(HeaderId(""), "npy.header");
  EXPECT_EQ(HeaderId(NpyHeader("<f4", "(3,)")), "npy.size");
  EXPECT_EQ(HeaderId(NpyHeader("<f4", "(1,)")), "npy.size");
}

TEST(NpyTest, RefusesPicklesArchivesAndOtherVersions) {
  const auto id = [](const Bytes& file) { return ReadNpyArray(file, "x").error().id; };
  EXPECT_EQ(id({0x80, 0x04, 0x95, 1, 0, 0, 0, 0, 0, 0, 0, '.'}), "npy.magic");
  EXPECT_EQ(id({'P', 'K', 3, 4, 0, 0, 0, 0, 0, 0, 0, 0}), "npy.magic");
  EXPECT_EQ(id(NpyOf(NpyHeader("<f4", "(1,)"), Bytes(4), 3)), "npy.version");
  Bytes minor = kTensor;
  minor[7] = 1;
  EXPECT_EQ(id(minor), "npy.version");
  for (std::size_t size = 0; size < kTensor.size(); ++size) {
    EXPECT_FALSE(ReadNpyArray(BytesView(kTensor).first(size), "x").ok()) << size;
  }
  // Nothing that a byte is changed to crashes it, and what is read is of the size that was there.
  for (std::size_t i = 0; i < kTensor.size(); ++i) {
    for (unsigned value = 0; value < 256; ++value) {
      Bytes bad = kTensor;
      bad[i] = static_cast<std::uint8_t>(value);
      const auto array = ReadNpyArray(bad, "x");
      if (array.ok()) {
        EXPECT_EQ(array->data.size(), 24U);
      }
    }
  }
}

TEST(NpyTest, FilesAreOneAColumnAndOfOneLength) {
  const auto read = [](std::vector<MeasuredFile> parts) {
    return IdOf(Table::Read(MeasuredFile::FromParts(std::move(parts), "set"), ArraySelection(FileType::kNpy)));
  };
  EXPECT_EQ(read({FileOf(kTensor, "x")}), "npy.files");
  EXPECT_EQ(read({FileOf(kTensor, "x"), FileOf(kLabels, "y"), FileOf(kLabels, "z")}), "npy.files");
  EXPECT_EQ(read({FileOf(kTensor, "x"), FileOf(NpyOf(NpyHeader("|u1", "(2,)"), {1, 2}), "y")}), "npy.rows");
}

Bytes Container(const std::string& header, const Bytes& data) {
  Bytes out;
  for (unsigned i = 0; i < 8; ++i) out.push_back(static_cast<std::uint8_t>(header.size() >> (8 * i)));
  out.insert(out.end(), header.begin(), header.end());
  out.insert(out.end(), data.begin(), data.end());
  return out;
}

TEST(TensorsTest, OneTensorAColumn) {
  Bytes data = LittleBytes<float>({1, 2, 3, 4, 5, 6});
  data.insert(data.end(), {0, 9, 0});
  const std::string x = R"("x":{"dtype":"F32","shape":[3,2],"data_offsets":[0,24]})";
  const std::string y = R"("y":{"dtype":"U8","shape":[3],"data_offsets":[24,27]})";
  const auto read = [](const Bytes& file) {
    return Table::Read(FileOf(file, "d.safetensors"), ArraySelection(FileType::kSafetensors));
  };
  const auto table = read(Container("{" + x + "," + y + "}", data));
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(table->rows(), 3U);
  EXPECT_EQ(*table->Labels({"0", "9"}), (std::vector<std::int32_t>{0, 1, 0}));
  EXPECT_EQ(table->columns()[0].cells[2].size(), 8U);

  const auto other = [&](const std::string& tensor, std::size_t size) {
    Bytes some = data;
    some.resize(24 + size);
    return IdOf(read(Container("{" + x + "," + tensor + "}", some)));
  };
  EXPECT_EQ(other(R"("y":{"dtype":"BOOL","shape":[3],"data_offsets":[24,27]})", 3), "safetensors.dtype");
  EXPECT_EQ(other(R"("y":{"dtype":"U8","shape":[2],"data_offsets":[24,26]})", 2), "safetensors.rows");
  EXPECT_EQ(other(R"("y":{"dtype":"U8","shape":[3],"data_offsets":[24,26]})", 2), "safetensors.offsets");
  EXPECT_EQ(other(R"("y":{"dtype":"F32","shape":[3],"data_offsets":[24,36]})", 12), "safetensors.type");
  EXPECT_EQ(other(R"("z":{"dtype":"U8","shape":[3],"data_offsets":[24,27]})", 3), "safetensors.columns");
  EXPECT_EQ(IdOf(read(Container("{" + x + "}", LittleBytes<float>({1, 2, 3, 4, 5, 6})))), "safetensors.columns");
  EXPECT_EQ(
      IdOf(Table::Read(MeasuredFile::FromParts({FileOf(data, "x")}, "d"), ArraySelection(FileType::kSafetensors))),
      "safetensors.files");
  const Bytes good = Container("{" + x + "," + y + "}", data);
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_NE(IdOf(read(ToBytes(BytesView(good).first(size)))), "ok") << size;
  }
}

}  // namespace
}  // namespace attestml::data
