// Image folders: what is decoded, what is refused, and that nothing broken crashes.
#include <gtest/gtest.h>

#include <functional>

#include "data/image_decoder.h"
#include "data/image_folder.h"
#include "data/test_files.h"

namespace attestml::data {
namespace {

using artifact::MeasuredFile;
using statement::ColumnType;
using statement::FileType;
using statement::Selection;

Bytes Gradient(std::uint32_t channels, std::uint32_t height, std::uint32_t width) {
  Bytes out;
  for (std::uint32_t y = 0; y < height; ++y) {
    for (std::uint32_t x = 0; x < width; ++x) {
      for (std::uint32_t c = 0; c < channels; ++c)
        out.push_back(static_cast<std::uint8_t>(10 + 9 * y + 5 * x + 40 * c));
    }
  }
  return out;
}

Bytes Planar(const Bytes& samples, std::uint32_t channels) {
  Bytes out;
  for (std::uint32_t c = 0; c < channels; ++c) {
    for (std::size_t i = c; i < samples.size(); i += channels) out.push_back(samples[i]);
  }
  return out;
}

std::string IdOf(const Bytes& file, const ImageShape& shape, Bytes* out = nullptr) {
  Bytes pixels(shape.size(), 0xee);
  const auto status = DecodeImage(file, shape, pixels.data());
  // What is refused leaves nothing behind.
  if (!status.ok()) {
    EXPECT_EQ(pixels, Bytes(shape.size(), 0xee));
  }
  if (out != nullptr) *out = pixels;
  return status.ok() ? "ok" : status.error().id;
}

void AppendChunk(const std::string& type, const Bytes& body, Bytes* out) {
  AppendU32Be(static_cast<std::uint32_t>(body.size()), out);
  Bytes summed(type.begin(), type.end());
  summed.insert(summed.end(), body.begin(), body.end());
  out->insert(out->end(), summed.begin(), summed.end());
  AppendU32Be(static_cast<std::uint32_t>(crc32_z(0, summed.data(), summed.size())), out);
}

Bytes PngHeader(std::uint32_t width, std::uint32_t height, std::uint8_t depth, std::uint8_t type,
                std::uint8_t interlace = 0) {
  Bytes body;
  AppendU32Be(width, &body);
  AppendU32Be(height, &body);
  body.insert(body.end(), {depth, type, 0, 0, interlace});
  return body;
}

Bytes Deflated(const Bytes& bytes) {
  uLongf size = compressBound(static_cast<uLong>(bytes.size()));
  Bytes out(size);
  EXPECT_EQ(compress2(out.data(), &size, bytes.data(), static_cast<uLong>(bytes.size()), 9), Z_OK);
  out.resize(size);
  return out;
}

// A 2 × 2 grey PNG of 1 2 / 3 4; `more` adds chunks between header and pixels.
Bytes SmallPng(const std::function<void(Bytes*)>& more = {}, const std::function<void(Bytes*)>& after = {}) {
  Bytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  AppendChunk("IHDR", PngHeader(2, 2, 8, 0), &out);
  if (more) more(&out);
  AppendChunk("IDAT", Deflated({0, 1, 2, 0, 3, 4}), &out);
  if (after) after(&out);
  AppendChunk("IEND", {}, &out);
  return out;
}

TEST(ImageDecoderTest, PngToTheByte) {
  for (const std::uint32_t channels : {1U, 3U}) {
    const Bytes samples = Gradient(channels, 5, 7);
    Bytes out;
    EXPECT_EQ(IdOf(PngOf(samples, channels, 5, 7), {channels, 5, 7}, &out), "ok");
    EXPECT_EQ(out, Planar(samples, channels));
  }
  Bytes out;
  EXPECT_EQ(IdOf(SmallPng(), {1, 2, 2}, &out), "ok");
  EXPECT_EQ(out, (Bytes{1, 2, 3, 4}));
}

TEST(ImageDecoderTest, JpegWithinTheCodec) {
  for (const bool progressive : {false, true}) {
    for (const std::uint32_t channels : {1U, 3U}) {
      const Bytes samples = Gradient(channels, 9, 11);
      Bytes out;
      EXPECT_EQ(IdOf(JpegOf(samples, channels, 9, 11, progressive), {channels, 9, 11}, &out), "ok");
      const Bytes want = Planar(samples, channels);
      for (std::size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(out[i], want[i], 3) << i;
    }
  }
  Bytes out;
  EXPECT_EQ(IdOf(JpegOf(Bytes(64, 77), 1, 8, 8), {1, 8, 8}, &out), "ok");
  EXPECT_EQ(out, Bytes(64, 77));
}

TEST(ImageDecoderTest, OnlyTheShapeThatIsWanted) {
  const Bytes png = PngOf(Gradient(3, 4, 6), 3, 4, 6);
  const Bytes jpeg = JpegOf(Gradient(3, 4, 6), 3, 4, 6);
  for (const Bytes& file : {png, jpeg}) {
    EXPECT_EQ(IdOf(file, {3, 4, 6}), "ok");
    EXPECT_EQ(IdOf(file, {3, 6, 4}), "image.shape");
    EXPECT_EQ(IdOf(file, {1, 4, 6}), "image.shape");
    EXPECT_EQ(IdOf(file, {2, 4, 6}), "image.shape");
    EXPECT_EQ(IdOf(file, {3, 4, 5}), "image.shape");
  }
  EXPECT_EQ(IdOf(Bytes(), {1, 2, 2}), "image.type");
  EXPECT_EQ(IdOf(ToBytes(AsBytes(std::string("GIF89a"))), {1, 2, 2}), "image.type");
  EXPECT_EQ(IdOf(PngOf(Gradient(4, 4, 6), 4, 4, 6), {3, 4, 6}), "image.type");
  EXPECT_EQ(IdOf(JpegOf(Gradient(4, 4, 6), 4, 4, 6), {3, 4, 6}), "image.type");
}

TEST(ImageDecoderTest, PngChunks) {
  const ImageShape shape{1, 2, 2};
  const auto with = [](const std::string& type, const Bytes& body) {
    return SmallPng([&](Bytes* out) { AppendChunk(type, body, out); });
  };
  EXPECT_EQ(IdOf(with("tEXt", {'a', 0, 'b'}), shape), "ok");
  EXPECT_EQ(IdOf(with("gAMA", {0, 0, 1, 1}), shape), "ok");
  EXPECT_EQ(IdOf(with("gAMA", {}), shape), "ok");  // no say in the pixels, whatever it holds
  EXPECT_EQ(IdOf(with("PLTE", {1, 2, 3}), shape), "ok");
  // A profile or a text of 1 MiB at most; what says more is refused before it is read, or even there.
  EXPECT_EQ(IdOf(with("iCCP", Bytes(1 << 20)), shape), "ok");
  EXPECT_EQ(IdOf(with("iCCP", Bytes((1 << 20) + 1)), shape), "image.chunk");
  EXPECT_EQ(IdOf(SmallPng([](Bytes* out) {
                   out->insert(out->end(), {0x0b, 0xeb, 0xc2, 0, 't', 'E', 'X', 't'});
                 }),
                 shape),
            "image.chunk");
  EXPECT_EQ(IdOf(with("tRNS", {0, 1}), shape), "image.type");
  EXPECT_EQ(IdOf(with("acTL", Bytes(8)), shape), "image.type");
  EXPECT_EQ(IdOf(with("ABCD", {}), shape), "image.type");
  EXPECT_EQ(IdOf(with("IHDR", PngHeader(2, 2, 8, 0)), shape), "image.png");
  EXPECT_EQ(IdOf(with("a1cd", {}), shape), "image.png");
  EXPECT_EQ(IdOf(with("IDAT", {}), shape), "ok");
  EXPECT_EQ(IdOf(SmallPng({}, [](Bytes* out) { AppendChunk("tEXt", {'a', 0}, out); }), shape), "ok");
  EXPECT_EQ(IdOf(SmallPng({},
                          [](Bytes* out) {
                            AppendChunk("tEXt", {'a', 0}, out);
                            AppendChunk("IDAT", {}, out);
                          }),
                 shape),
            "image.png");
  EXPECT_EQ(IdOf(SmallPng({}, [](Bytes* out) { AppendChunk("IDAT", {1, 2, 3}, out); }), shape), "image.png");
  Bytes trailing = SmallPng();
  trailing.push_back(0);
  EXPECT_EQ(IdOf(trailing, shape), "image.trailing");

  const auto header = [&](const Bytes& body, const Bytes& pixels) {
    Bytes out = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    AppendChunk("IHDR", body, &out);
    AppendChunk("IDAT", Deflated(pixels), &out);
    AppendChunk("IEND", {}, &out);
    return IdOf(out, shape);
  };
  const Bytes pixels = {0, 1, 2, 0, 3, 4};
  EXPECT_EQ(header(PngHeader(2, 2, 8, 0), pixels), "ok");
  EXPECT_EQ(header(PngHeader(2, 2, 16, 0), pixels), "image.type");
  EXPECT_EQ(header(PngHeader(2, 2, 4, 0), pixels), "image.type");
  EXPECT_EQ(header(PngHeader(2, 2, 8, 3), pixels), "image.type");
  EXPECT_EQ(header(PngHeader(2, 2, 8, 6), pixels), "image.type");
  EXPECT_EQ(header(PngHeader(0x7fffffff, 0x7fffffff, 8, 0), pixels), "image.shape");
  EXPECT_EQ(header(PngHeader(2, 2, 8, 0, 9), pixels), "image.png");
  EXPECT_EQ(header(PngHeader(2, 2, 8, 0, 1), {0, 1, 0, 2, 0, 3, 4}), "ok");  // interlaced
  EXPECT_EQ(header(PngHeader(2, 2, 8, 0), {0, 1, 2, 0, 3}), "image.png");
  EXPECT_EQ(header(PngHeader(2, 2, 8, 0), {0, 1, 2, 0, 3, 4, 5}), "image.png");
  EXPECT_EQ(header(PngHeader(2, 2, 8, 0), {0, 1, 2, 9, 3, 4}), "image.png");
  EXPECT_EQ(header(PngHeader(2, 2, 8, 0), Bytes(10'000'000)), "image.png");  // far more pixels than the header says
  EXPECT_EQ(header(Bytes(12), pixels), "image.png");
}

TEST(ImageDecoderTest, EveryTruncationAndEveryByteBroken) {
  const Bytes samples = Gradient(3, 6, 5);
  const Bytes files[] = {PngOf(samples, 3, 6, 5), JpegOf(samples, 3, 6, 5), JpegOf(samples, 3, 6, 5, true)};
  const ImageShape shape{3, 6, 5};
  for (const Bytes& file : files) {
    ASSERT_EQ(IdOf(file, shape), "ok");
    for (std::size_t size = 0; size < file.size(); ++size) {
      EXPECT_NE(IdOf(ToBytes(BytesView(file).first(size)), shape), "ok") << size;
    }
    for (const std::uint8_t more : Bytes{0x00, 0xff, 0xd9}) {
      Bytes longer = file;
      longer.push_back(more);
      EXPECT_EQ(IdOf(longer, shape), "image.trailing");
    }
    for (std::size_t i = 0; i < file.size(); ++i) {
      for (const unsigned change : {0x01U, 0x80U, 0xffU}) {
        Bytes bad = file;
        bad[i] = static_cast<std::uint8_t>(bad[i] ^ change);
        const std::string id = IdOf(bad, shape);
        // PNG has checksums all over; JPEG has none.
        if (file == files[0]) {
          EXPECT_NE(id, "ok") << i;
        } else {
          EXPECT_TRUE(id == "ok" || id.starts_with("image.")) << id;
        }
      }
    }
  }
}

Selection FolderSelection(std::vector<std::uint32_t> shape) {
  Selection selection;
  selection.format.type = FileType::kImageFolder;
  selection.columns = {{"label", ColumnType::kCategorical, true},
                       ImageColumn("picture", std::move(shape)),
                       {"age", ColumnType::kNumeric, false}};
  selection.target = {"label", "", ""};
  return selection;
}

MeasuredFile Folder(const std::string& csv, const std::vector<std::pair<std::string, Bytes>>& images) {
  std::vector<MeasuredFile> parts = {FileOf(csv, "labels.csv")};
  for (const auto& [name, bytes] : images) parts.push_back(FileOf(bytes, name));
  return MeasuredFile::FromParts(std::move(parts), "faces");
}

TEST(ImageFolderTest, ReadsLabelsAttributesAndPixels) {
  const Selection selection = FolderSelection({1, 2, 2});
  const std::string csv = "label,picture,age\ncat,a/1.png,3\ndog,2.jpg,\ncat,a/1.png,5\n";
  const auto names = ImageNames(FileOf(csv, "labels.csv"), selection);
  ASSERT_TRUE(names.ok()) << names.error().message;
  EXPECT_EQ(*names, (std::vector<std::string>{"a/1.png", "2.jpg"}));
  const std::vector<std::pair<std::string, Bytes>> images = {{"a/1.png", SmallPng()},
                                                             {"2.jpg", JpegOf(Bytes(4, 65), 1, 2, 2)}};
  const auto table = Table::Read(Folder(csv, images), selection);
  ASSERT_TRUE(table.ok()) << table.error().message;
  EXPECT_EQ(RecordsOf(table), (std::vector<std::string>{"[\"cat\",\"image 1x2x2\",\"3\"]\x01\x02\x03\x04",
                                                        "[\"dog\",\"image 1x2x2\",null]AAAA",
                                                        "[\"cat\",\"image 1x2x2\",\"5\"]\x01\x02\x03\x04"}));
  // A selection of records whose files are shared.
  Selection old = selection;
  old.filter = {{"age", statement::Comparison::kGreaterEqual, {"4"}}};
  EXPECT_EQ(RecordsOf(Table::Read(Folder(csv, images), old)),
            (std::vector<std::string>{"[\"cat\",\"image 1x2x2\",\"5\"]\x01\x02\x03\x04"}));

  const auto id = [&](const std::vector<std::pair<std::string, Bytes>>& some) {
    const auto read = Table::Read(Folder(csv, some), selection);
    return read.ok() ? "ok" : read.error().id;
  };
  EXPECT_EQ(id({images[1], images[0]}), "image.files");
  EXPECT_EQ(id({images[0]}), "image.files");
  EXPECT_EQ(id({images[0], images[1], images[1]}), "image.files");
  EXPECT_EQ(id({}), "image.files");
  const auto alone = Table::Read(FileOf(csv, "labels.csv"), selection);
  EXPECT_EQ(alone.error().id, "image.files");
  const auto broken = Table::Read(Folder(csv, {images[0], {"2.jpg", {0xff, 0xd8, 0xff}}}), selection);
  ASSERT_FALSE(broken.ok());
  EXPECT_EQ(broken.error().id, "image.jpeg");
  EXPECT_EQ(broken.error().message.substr(0, 47), "faces: record 2, column \"picture\", file 2.jpg: ");
}

TEST(ImageFolderTest, NamesStayWithinTheFolder) {
  const auto id = [](const std::string& name) {
    const auto names =
        ImageNames(FileOf("label,picture,age\nx,\"" + name + "\",1\n", "l.csv"), FolderSelection({1, 2, 2}));
    return names.ok() ? "ok" : names.error().id;
  };
  for (const char* good : {"a.png", "a/b/c.png", "..a", "a..", ".hidden", "a b", "\xc3\xa9.png"}) {
    EXPECT_EQ(id(good), "ok") << good;
  }
  for (const char* bad : {"", "/etc/passwd", "..", "../a", "a/../b", "a/..", ".", "./a", "a/./b", "a//b", "a/", "/",
                          "a\\b", "a\nb", "a\tb", "a\x7f"}) {
    EXPECT_EQ(id(bad), "image.name") << bad;
  }
  EXPECT_EQ(id(std::string("a\0b", 3)), "csv.encoding");
  EXPECT_EQ(id(std::string(1024, 'a')), "ok");
  EXPECT_EQ(id(std::string(1025, 'a')), "image.name");
}

TEST(ImageFolderTest, TheNumberOfThreadsDoesNotShow) {
  std::string csv = "label,picture,age\n";
  std::vector<std::pair<std::string, Bytes>> images;
  for (int i = 0; i < 300; ++i) {
    const std::string name = std::to_string(i) + ".png";
    csv += std::to_string(i % 3) + "," + name + ",1\n";
    images.emplace_back(name, PngOf(Bytes(4, static_cast<std::uint8_t>(i)), 1, 2, 2));
  }
  const Selection selection = FolderSelection({1, 2, 2});
  for (const unsigned threads : {0U, 1U, 3U, 8U}) {
    const auto content = ReadImageFolder(Folder(csv, images), selection, threads);
    ASSERT_TRUE(content.ok()) << content.error().message;
    for (std::size_t row = 0; row < 300; ++row) {
      ASSERT_EQ(content->columns[1].cells[row][3], static_cast<std::uint8_t>(row));
    }
  }
  // The first broken file is told, whoever finds it.
  images[250].second = {1};
  images[97].second.pop_back();
  for (const unsigned threads : {1U, 3U, 8U}) {
    const auto content = ReadImageFolder(Folder(csv, images), selection, threads);
    ASSERT_FALSE(content.ok());
    EXPECT_EQ(content.error().id, "image.png");
    EXPECT_NE(content.error().message.find("record 98,"), std::string::npos) << content.error().message;
  }
}

}  // namespace
}  // namespace attestml::data
