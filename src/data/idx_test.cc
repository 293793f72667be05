// IDX and CIFAR: genuine files, files made by hand, and broken ones.
#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "base/hex.h"
#include "data/file_reader.h"
#include "data/gunzip.h"
#include "data/test_files.h"

namespace attestml::data {
namespace {

using artifact::MeasuredFile;
using statement::ColumnType;
using statement::FileType;
using statement::Selection;

Selection IdxSelection(std::vector<std::uint32_t> shape) {
  Selection selection;
  selection.format.type = FileType::kIdx;
  selection.columns = {ImageColumn("image", std::move(shape)), {"label", ColumnType::kCategorical, true}};
  selection.target = {"label", "", ""};
  return selection;
}

MeasuredFile Dataset(const Bytes& images, const Bytes& labels) {
  return MeasuredFile::FromParts({FileOf(images, "images"), FileOf(labels, "labels")}, "set");
}

std::string IdOf(const Result<Table>& table) { return table.ok() ? "ok" : table.error().id; }

std::map<std::string, int> Counts(const ColumnData& column) {
  std::map<std::string, int> out;
  for (const std::int32_t code : column.codes) ++out[column.values[static_cast<std::size_t>(code)]];
  return out;
}

std::vector<std::string> FirstLabels(const ColumnData& column, std::size_t n) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i < n; ++i) out.push_back(column.values[static_cast<std::size_t>(column.codes[i])]);
  return out;
}

const Bytes kImages = IdxOf({3, 2, 2}, {0, 1, 2, 3, 10, 11, 12, 13, 255, 254, 253, 252});
const Bytes kLabels = IdxOf({3}, {7, 0, 7});

TEST(IdxTest, ReadsImagesAndLabels) {
  for (const bool packed : {false, true}) {
    const auto table = Table::Read(Dataset(packed ? GzipOf(kImages) : kImages, packed ? GzipOf(kLabels) : kLabels),
                                   IdxSelection({1, 2, 2}));
    ASSERT_TRUE(table.ok()) << table.error().message;
    ASSERT_EQ(table->rows(), 3U);
    const BytesView second = table->columns()[0].cells[1];
    EXPECT_EQ(Bytes(second.begin(), second.end()), (Bytes{10, 11, 12, 13}));
    EXPECT_EQ(CanonicalRecord(*table, 1, true), std::string("[\"image 1x2x2\",\"0\"]\x0a\x0b\x0c\x0d"));
    EXPECT_EQ(CanonicalRecord(*table, 0, false), std::string("[\"image 1x2x2\"]\x00\x01\x02\x03", 19));
    EXPECT_EQ(*table->Labels({"0", "7"}), (std::vector<std::int32_t>{1, 0, 1}));
  }
}

TEST(IdxTest, ASelectionKeepsTheRightImages) {
  Selection selection = IdxSelection({1, 2, 2});
  selection.filter = {{"label", statement::Comparison::kIn, {"7"}}};
  const auto table = Table::Read(Dataset(kImages, kLabels), selection);
  ASSERT_TRUE(table.ok()) << table.error().message;
  ASSERT_EQ(table->rows(), 2U);
  EXPECT_EQ(table->columns()[0].cells[1][0], 255);
  const auto all = Table::Read(Dataset(kImages, kLabels), IdxSelection({1, 2, 2}));
  EXPECT_EQ(table->Leaves(true)[1], all->Leaves(true)[2]);
}

TEST(IdxTest, NumbersAndOneFile) {
  Selection selection;
  selection.format.type = FileType::kIdx;
  selection.columns = {{"x", ColumnType::kNumeric, true}};
  const auto table = Table::Read(FileOf(kLabels, "x.idx"), selection);
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(table->columns()[0].numbers, (std::vector<double>{7, 0, 7}));
}

TEST(IdxTest, RefusesWhatItIsNot) {
  const auto read = [&](const Bytes& images, const Bytes& labels, std::vector<std::uint32_t> shape = {1, 2, 2}) {
    return IdOf(Table::Read(Dataset(images, labels), IdxSelection(std::move(shape))));
  };
  EXPECT_EQ(read(kImages, kLabels), "ok");
  EXPECT_EQ(read(kImages, kLabels, {1, 2, 3}), "idx.shape");
  EXPECT_EQ(read(kImages, kLabels, {2, 2, 1}), "idx.shape");
  EXPECT_EQ(read(kImages, IdxOf({2}, {7, 0})), "idx.rows");
  EXPECT_EQ(read(kImages, IdxOf({3, 1}, {7, 0, 1})), "idx.rank");
  EXPECT_EQ(read(kLabels, kLabels), "idx.shape");
  EXPECT_EQ(read(IdxOf({3, 2, 2}, Bytes(48), 0x0d), kLabels), "idx.type");
  EXPECT_EQ(read(IdxOf({}, {}), kLabels), "idx.rank");
  EXPECT_EQ(read(IdxOf({1, 1, 1, 1, 1}, {1}), kLabels), "idx.rank");
  EXPECT_EQ(read(IdxOf({0, 2, 2}, {}), kLabels), "idx.size");
  EXPECT_EQ(read(IdxOf({0xffffffffU, 0xffffffffU, 0xffffffffU}, {}), kLabels), "idx.size");
  EXPECT_EQ(read(IdxOf({0x80000000U}, {}), kLabels), "idx.size");
  Bytes wrong = kImages;
  wrong[0] = 1;
  EXPECT_EQ(read(wrong, kLabels), "idx.header");
  EXPECT_EQ(IdOf(Table::Read(FileOf(kImages, "x"), IdxSelection({1, 2, 2}))), "idx.files");
  // A size of one more, and of one less, than what follows.
  for (std::size_t i = 4; i < 16; ++i) {
    for (const int change : {1, -1, 64}) {
      Bytes lying = kImages;
      lying[i] = static_cast<std::uint8_t>(lying[i] + change);
      EXPECT_EQ(read(lying, kLabels), "idx.size") << i;
      EXPECT_NE(read(GzipOf(lying), kLabels), "ok") << i;
    }
  }
}

TEST(IdxTest, RefusesEveryTruncationAndAByteMore) {
  for (Bytes file : {kImages, GzipOf(kImages)}) {
    const auto read = [&](BytesView bytes) {
      return IdOf(Table::Read(Dataset(ToBytes(bytes), kLabels), IdxSelection({1, 2, 2})));
    };
    for (std::size_t size = 0; size < file.size(); ++size) EXPECT_NE(read(BytesView(file).first(size)), "ok") << size;
    EXPECT_EQ(read(file), "ok");
    file.push_back(0);
    EXPECT_NE(read(file), "ok");
  }
}

TEST(IdxTest, AGzipFileBrokenAnywhereIsRefusedOrSaysTheSame) {
  const Bytes good = GzipOf(kImages);
  const auto want = Table::Read(Dataset(kImages, kLabels), IdxSelection({1, 2, 2}))->Leaves(true);
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      Bytes bad = good;
      bad[i] = static_cast<std::uint8_t>(bad[i] ^ 1U << bit);
      const auto table = Table::Read(Dataset(bad, kLabels), IdxSelection({1, 2, 2}));
      // Header fields such as the time are not covered by the checksum; the elements are.
      if (table.ok()) {
        EXPECT_EQ(table->Leaves(true), want) << i;
      }
    }
  }
}

TEST(IdxTest, ColumnsOutliveThePartsTheyCameFrom) {
  const auto want = Table::Read(Dataset(kImages, kLabels), IdxSelection({1, 2, 2}))->Leaves(true);
  for (const bool packed : {false, true}) {
    auto file = Dataset(packed ? GzipOf(kImages) : kImages, packed ? GzipOf(kLabels) : kLabels);
    const auto digest = file.sha256();
    const auto table = Table::Read(file, IdxSelection({1, 2, 2}));
    file.ForgetParts();
    EXPECT_TRUE(table->file().parts().empty());
    EXPECT_EQ(table->Leaves(true), want);
    EXPECT_EQ(table->file().sha256(), digest);
  }
}

TEST(GunzipTest, StopsAtTheCap) {
  const Bytes zeros(50'000'000);
  const Bytes bomb = GzipOf(zeros);
  ASSERT_LT(bomb.size(), 60'000U);
  EXPECT_EQ(Gunzip(bomb, 1000).error().id, "gzip.size");
  EXPECT_EQ(Gunzip(bomb, zeros.size() - 1).error().id, "gzip.size");
  EXPECT_EQ(*Gunzip(bomb, zeros.size()), zeros);
  // Two members one after the other are not one file.
  Bytes two = GzipOf({1, 2});
  const Bytes more = GzipOf({3});
  two.insert(two.end(), more.begin(), more.end());
  EXPECT_EQ(Gunzip(two, 100).error().id, "gzip.data");
  // The sizes in the header say four bytes; a bomb behind them is not unpacked.
  Bytes bytes = IdxOf({1, 2, 2}, zeros);
  EXPECT_EQ(IdOf(Table::Read(Dataset(GzipOf(bytes), kLabels), IdxSelection({1, 2, 2}))), "gzip.size");
}

TEST(CifarTest, ReadsBothKinds) {
  Bytes file;
  for (const std::uint8_t label : Bytes{3, 9}) {
    file.push_back(label);
    for (unsigned i = 0; i < 3072; ++i) file.push_back(static_cast<std::uint8_t>(label + i));
  }
  Selection selection;
  selection.format.type = FileType::kCifar10;
  selection.columns = {{"label", ColumnType::kCategorical, true}, ImageColumn("image", {3, 32, 32})};
  selection.target = {"label", "", ""};
  const auto one = Table::Read(FileOf(file, "c.bin"), selection);
  ASSERT_TRUE(one.ok()) << one.error().message;
  EXPECT_EQ(one->rows(), 2U);
  EXPECT_EQ(one->columns()[1].cells[1][1], 10);
  EXPECT_EQ(FirstLabels(one->columns()[0], 2), (std::vector<std::string>{"3", "9"}));
  const auto two = Table::Read(MeasuredFile::FromParts({FileOf(file, "a"), FileOf(file, "b")}, "c"), selection);
  ASSERT_TRUE(two.ok());
  EXPECT_EQ(two->rows(), 4U);
  EXPECT_EQ(two->Leaves(true)[3], one->Leaves(true)[1]);

  for (std::size_t size = 0; size <= file.size(); size += size % 3073 < 3 || size % 3073 > 3070 ? 1 : 97) {
    const bool whole = size != 0 && size % 3073 == 0;
    EXPECT_EQ(IdOf(Table::Read(FileOf(ToBytes(BytesView(file).first(size)), "c.bin"), selection)),
              whole ? "ok" : "cifar.size")
        << size;
  }
  file[3073] = 10;
  const auto bad = Table::Read(FileOf(file, "c.bin"), selection);
  EXPECT_EQ(IdOf(bad), "cifar.label");
  EXPECT_NE(bad.error().message.find("record 2"), std::string::npos);

  Bytes fine = {19, 99};
  fine.resize(3074, 5);
  selection.format.type = FileType::kCifar100;
  selection.columns.insert(selection.columns.begin(), {"coarse", ColumnType::kCategorical, false});
  EXPECT_EQ(IdOf(Table::Read(FileOf(fine, "c.bin"), selection)), "ok");
  fine[0] = 20;
  EXPECT_EQ(IdOf(Table::Read(FileOf(fine, "c.bin"), selection)), "cifar.label");
  fine[0] = 0;
  fine[1] = 100;
  EXPECT_EQ(IdOf(Table::Read(FileOf(fine, "c.bin"), selection)), "cifar.label");
}

Result<Table> FashionMnist(const std::string& part, double* read_ms) {
  std::vector<MeasuredFile> parts;
  for (const char* kind : {"-images-idx3-ubyte.gz", "-labels-idx1-ubyte.gz"}) {
    const std::string path = SharedFile("fashion-mnist/" + part + kind);
    if (path.empty()) return Unavailable("test", "not there");
    ATTESTML_TRY(auto file, MeasuredFile::Read(path, part + kind));
    parts.push_back(std::move(file));
  }
  const auto file = MeasuredFile::FromParts(std::move(parts), part);
  const auto begin = std::chrono::steady_clock::now();
  auto table = Table::Read(file, IdxSelection({1, 28, 28}));
  *read_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  return table;
}

TEST(PublicImagesTest, FashionMnist) {
  double ms = 0;
  const auto train = FashionMnist("train", &ms);
  if (!train.ok() && train.error().id == "test") GTEST_SKIP() << "Fashion-MNIST is not there";
  ASSERT_TRUE(train.ok()) << train.error().message;
  ASSERT_EQ(train->rows(), 60000U);
  const auto begin = std::chrono::steady_clock::now();
  const auto leaves = train->Leaves(true);
  const double leaves_ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  std::printf("[ measured ] train: unpacked and read in %.0f ms, 60000 leaves of 47 MB in %.0f ms (%.2f GB/s)\n", ms,
              leaves_ms, 47.04e6 / leaves_ms / 1e6);
  EXPECT_EQ(FirstLabels(train->columns()[1], 5), (std::vector<std::string>{"9", "0", "0", "3", "0"}));
  for (const auto& [label, count] : Counts(train->columns()[1])) EXPECT_EQ(count, 6000) << label;
  EXPECT_EQ(Counts(train->columns()[1]).size(), 10U);
  // The elements are those that the publishers' digest of the unpacked file covers.
  Bytes raw = {0, 0, 8, 3};
  for (const std::uint32_t size : {60000U, 28U, 28U}) AppendU32Be(size, &raw);
  for (std::size_t row = 0; row < 60000; ++row) {
    const BytesView image = train->columns()[0].cells[row];
    raw.insert(raw.end(), image.begin(), image.end());
  }
  const auto hash_begin = std::chrono::steady_clock::now();
  const std::string digest = HexEncode(crypto::Sha256(raw));
  const double hash_ms =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - hash_begin).count();
  std::printf("[ measured ] one SHA-256 of the same bytes in %.0f ms\n", hash_ms);
  EXPECT_EQ(digest, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888");

  const auto test = FashionMnist("t10k", &ms);
  ASSERT_TRUE(test.ok()) << test.error().message;
  ASSERT_EQ(test->rows(), 10000U);
  for (const auto& [label, count] : Counts(test->columns()[1])) EXPECT_EQ(count, 1000) << label;
}

TEST(PublicImagesTest, CifarPart) {
  Selection selection;
  selection.format.type = FileType::kCifar10;
  selection.columns = {{"label", ColumnType::kCategorical, true}, ImageColumn("image", {3, 32, 32})};
  selection.target = {"label", "", ""};
  for (const auto& [name, rows] :
       std::map<std::string, std::size_t>{{"data_batch_1.first4000.bin", 4000}, {"test_batch.first1000.bin", 1000}}) {
    const std::string path = SharedFile("cifar-10/" + name);
    if (path.empty()) GTEST_SKIP() << "the part of CIFAR-10 is not there";
    const auto table = Table::Read(*MeasuredFile::Read(path, name), selection);
    ASSERT_TRUE(table.ok()) << table.error().message;
    EXPECT_EQ(table->rows(), rows);
    EXPECT_EQ(Counts(table->columns()[0]).size(), 10U);
    // The first images of the two files are a frog and a cat.
    EXPECT_EQ(FirstLabels(table->columns()[0], 1)[0], rows == 4000 ? "6" : "3");
  }
}

}  // namespace
}  // namespace attestml::data
