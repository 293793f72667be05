// Manifests against what Model Signing's own rules give for the same files, worked out here from the parts.
#include "artifact/manifest.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>

#include "base/hex.h"
#include "base/json.h"

namespace attestml::artifact {
namespace {

namespace fs = std::filesystem;

class ManifestTest : public testing::Test {
 protected:
  ManifestTest() {
    std::string name = (fs::temp_directory_path() / "attestml-manifest-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~ManifestTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  void Write(const std::string& name, const std::string& text) {
    fs::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  std::string IdOf(const ManifestOptions& options = {}) {
    const auto manifest = MeasureTree(folder_.string(), options);
    return manifest.ok() ? "" : manifest.error().id;
  }
  fs::path folder_;
};

std::string Sha(std::string_view text) { return HexEncode(crypto::Sha256(AsBytes(text))); }

TEST_F(ManifestTest, ShardsInTheOrderOfPaths) {
  Write("a/b", "0123456789");
  Write("a.b", "abcd");
  Write("empty", "");
  const auto manifest = MeasureTree(folder_.string(), {.shard_size = 4});
  ASSERT_TRUE(manifest.ok()) << manifest.error().message;
  const auto resource = [](const std::string& name, std::string_view bytes) {
    return R"({"algorithm":"sha256-sharded-4","digest":")" + Sha(bytes) + R"(","name":")" + name + R"("})";
  };
  EXPECT_EQ(manifest->text,
            R"({"resources":[)" + resource("a/b:0:4", "0123") + "," + resource("a/b:4:8", "4567") + "," +
                resource("a/b:8:10", "89") + "," + resource("a.b:0:4", "abcd") + "," + resource("empty:0:0", "") +
                R"(],"serialization":{"allow_symlinks":false,"hash_type":"sha256","method":"shards","shard_size":4}})");
  EXPECT_EQ(HexEncode(manifest->root), Sha(manifest->text));
  std::string digests;
  for (const char* bytes : {"0123", "4567", "89", "abcd", ""}) digests += AsText(crypto::Sha256(AsBytes(bytes)));
  EXPECT_EQ(HexEncode(manifest->model), Sha(digests));
  EXPECT_EQ(manifest->files, 3U);
  EXPECT_EQ(manifest->shards, 5U);
  EXPECT_EQ(manifest->bytes, 14U);
  const auto parsed = ParseJson(manifest->text);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(DumpJson(*parsed), manifest->text);
}

TEST_F(ManifestTest, OneFile) {
  Write("model", "0123456789");
  const auto manifest = MeasureTree((folder_ / "model").string(), {.shard_size = 8});
  ASSERT_TRUE(manifest.ok());
  EXPECT_NE(manifest->text.find("\"name\":\".:0:8\""), std::string::npos);
  EXPECT_NE(manifest->text.find("\"name\":\".:8:10\""), std::string::npos);
}

TEST_F(ManifestTest, SameForAnyNumberOfThreads) {
  for (int i = 0; i < 40; ++i) Write("part-" + std::to_string(i), std::string(static_cast<std::size_t>(i * 1000), 'x'));
  const auto one = MeasureTree(folder_.string(), {.shard_size = 512, .threads = 1});
  const auto eight = MeasureTree(folder_.string(), {.shard_size = 512, .threads = 8});
  ASSERT_TRUE(one.ok() && eight.ok());
  EXPECT_EQ(one->text, eight->text);
}

TEST_F(ManifestTest, EverythingCounts) {
  Write("a", "1");
  Write("b", "2");
  const auto root = MeasureTree(folder_.string())->root;
  EXPECT_EQ(MeasureTree(folder_.string())->root, root);
  EXPECT_NE(MeasureTree(folder_.string(), {.shard_size = 1024})->root, root);
  fs::rename(folder_ / "a", folder_ / "A");  // same order, same bytes: Model Signing's own digest does not see it
  EXPECT_NE(MeasureTree(folder_.string())->root, root);
  fs::rename(folder_ / "A", folder_ / "a");
  EXPECT_EQ(MeasureTree(folder_.string())->root, root);
  Write("c", "");
  EXPECT_NE(MeasureTree(folder_.string())->root, root);
  fs::remove(folder_ / "c");
  Write("b", "3");
  EXPECT_NE(MeasureTree(folder_.string())->root, root);
}

TEST_F(ManifestTest, WhatIsNoFileIsRefused) {
  EXPECT_EQ(IdOf(), "manifest.empty");
  Write("a", "1");
  fs::create_symlink("/etc/passwd", folder_ / "link");
  EXPECT_EQ(IdOf(), "manifest.type");
  fs::remove(folder_ / "link");
  fs::create_symlink("a", folder_ / "link");
  EXPECT_EQ(IdOf(), "manifest.type");
  fs::remove(folder_ / "link");
  fs::create_directory_symlink("/tmp", folder_ / "link");
  EXPECT_EQ(IdOf(), "manifest.type");
  fs::remove(folder_ / "link");
  ASSERT_EQ(mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  EXPECT_EQ(IdOf(), "manifest.type");
  fs::remove(folder_ / "pipe");
  for (const char* name : {"a:b", "a\nb", "\xff"}) {
    Write(name, "1");
    EXPECT_EQ(IdOf(), "manifest.name");
    fs::remove(folder_ / name);
  }
  EXPECT_EQ(IdOf(), "");
  EXPECT_EQ(IdOf({.shard_size = 0}), "manifest.shard_size");
  EXPECT_EQ(MeasureTree((folder_ / "none").string()).error().id, "manifest.path");
  EXPECT_EQ(MeasureTree("/dev/null").error().id, "manifest.type");
  fs::resize_file(folder_ / "a", kMaxShards + 1);
  EXPECT_EQ(IdOf({.shard_size = 1}), "manifest.size");
}

TEST_F(ManifestTest, FoldersAreNotEndless) {
  fs::path deep = folder_;
  for (std::size_t i = 0; i < kMaxTreeDepth; ++i) deep /= "d";
  fs::create_directories(deep);
  EXPECT_EQ(IdOf(), "manifest.depth");
}

// A file that grows while it is read is never measured as something that it never was.
TEST_F(ManifestTest, AFileThatChangesIsRefused) {
  Write("a", std::string(std::size_t{64} << 20, 'x'));
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    std::ofstream out(folder_ / "a", std::ios::binary | std::ios::app);
    while (!stop) out << 'y' << std::flush;
  });
  std::string id;
  for (int i = 0; i < 20 && id.empty(); ++i) id = IdOf({.shard_size = 1 << 20});
  stop = true;
  writer.join();
  EXPECT_EQ(id, "manifest.changed");
}

}  // namespace
}  // namespace attestml::artifact
