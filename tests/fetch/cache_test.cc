// The directory on its own: ages, several writers, what is for whom.
#include "fetch/cache.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <filesystem>
#include <thread>

#include "fetch/services_for_test.h"

namespace attestml::fetch {
namespace {

namespace fs = std::filesystem;

struct CacheDirectory : ::testing::Test {
  CacheDirectory() : directory(fs::temp_directory_path() / ("attestml-cache-" + std::to_string(getpid()))) {
    fs::remove_all(directory);
  }
  ~CacheDirectory() override { fs::remove_all(directory); }

  // A document whose first byte is its age.
  static CacheEntry Entry(std::string name, std::uint8_t age) {
    CacheEntry out;
    out.name = std::move(name);
    out.bytes = {age, 1, 2, 3};
    out.age = {0, Time{age}, Time{1000}};
    out.age_of = [](BytesView old) -> std::optional<Age> {
      if (old.size() != 4) return std::nullopt;
      return Age{0, Time{old[0]}, Time{1000}};
    };
    return out;
  }
  std::string Commit(std::vector<CacheEntry> entries, bool allow_older = false) const {
    const Status status = Cache(directory.string()).Commit(&entries, allow_older);
    return status.ok() ? "" : status.error().id;
  }
  std::uint8_t AgeThere(const std::string& name) const {
    const auto bytes = Cache(directory.string()).Read(name);
    return bytes && !bytes->empty() ? bytes->front() : 0;
  }

  fs::path directory;
};

TEST_F(CacheDirectory, OneThatIsOlderKeepsAllOut) {
  EXPECT_EQ(Commit({Entry("a/x", 5), Entry("a/y", 5)}), "");
  EXPECT_EQ(Commit({Entry("a/x", 9), Entry("a/y", 4)}), "fetch.older");
  EXPECT_EQ(AgeThere("a/x"), 5);
  EXPECT_EQ(Commit({Entry("a/x", 9), Entry("a/y", 4)}, true), "");
  EXPECT_EQ(AgeThere("a/x"), 9);
  EXPECT_EQ(AgeThere("a/y"), 4);
}

TEST_F(CacheDirectory, TheEvaluationNumberComesBeforeTheDate) {
  const Age newer{17, Time{1}, Time{9}}, older{16, Time{5}, Time{9}};
  EXPECT_TRUE(older.OlderThan(newer));
  EXPECT_FALSE(newer.OlderThan(older));
  EXPECT_FALSE(newer.OlderThan(newer));
  EXPECT_TRUE((Age{16, Time{4}, Time{9}}).OlderThan(older));
}

TEST_F(CacheDirectory, ManyWritersLeaveTheNewest) {
  std::vector<std::thread> writers;
  std::atomic<int> wrong = 0;
  for (int writer = 0; writer < 8; ++writer) {
    writers.emplace_back([&, writer] {
      for (int round = 0; round < 20; ++round) {
        const auto age = static_cast<std::uint8_t>(1 + (round * 37 + writer * 11) % 200);
        const std::string id = Commit({Entry("a/b/x", age), Entry("a/b/y", age)});
        if (id != "" && id != "fetch.older") ++wrong;
      }
    });
  }
  for (std::thread& each : writers) each.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(AgeThere("a/b/x"), AgeThere("a/b/y"));
  std::uint8_t newest = 0;
  for (int i = 0; i < 160; ++i) {
    newest = std::max(newest, static_cast<std::uint8_t>(1 + (i % 20 * 37 + i / 20 * 11) % 200));
  }
  EXPECT_EQ(AgeThere("a/b/x"), newest);
}

TEST_F(CacheDirectory, ALockThatIsNotLetGo) {
  ASSERT_EQ(Commit({Entry("a/x", 1)}), "");
  const int fd = open((directory / kCacheMark).c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(flock(fd, LOCK_EX), 0);
  test::FakeClock clock;
  std::vector<CacheEntry> entries = {Entry("a/x", 2)};
  const Status status = Cache(directory.string(), clock).Commit(&entries, false);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().id, "fetch.lock");
  EXPECT_GE(clock.now, 1010);
  EXPECT_EQ(AgeThere("a/x"), 1);
  close(fd);
  EXPECT_EQ(Commit({Entry("a/x", 2)}), "");
}

// A limit on the size of files stands for a full disk: the first fits, the second does not.
TEST_F(CacheDirectory, AFullDiskLeavesWhatWasThere) {
  ASSERT_EQ(Commit({Entry("a/x", 1), Entry("b/y", 1)}), "");
  CacheEntry large = Entry("b/y", 2);
  large.bytes.resize(5000);
  large.age_of = nullptr;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string id = Commit({Entry("a/x", 2), Entry("c/z", 2), large});
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(id, "file.write");
  EXPECT_EQ(AgeThere("a/x"), 1);
  EXPECT_EQ(AgeThere("b/y"), 1);
  EXPECT_FALSE(fs::exists(directory / "c/z"));
  for (const auto& entry : fs::recursive_directory_iterator(directory)) {
    EXPECT_EQ(entry.path().filename().string().find(".part-"), std::string::npos) << entry.path();
  }
}

TEST_F(CacheDirectory, SomethingElseInItsPlace) {
  fs::create_directories(directory.parent_path());
  fs::create_symlink("/nowhere/at/all", directory);
  EXPECT_EQ(Commit({Entry("a/x", 1)}), "fetch.directory");
  EXPECT_EQ(AgeThere("a/x"), 0);
}

TEST(CacheNames, ForAnotherPlatform) {
  Platform intel{"sgx-quote-v3", IntelPlatform{}, std::nullopt};
  intel.intel->pck.fmspc = {0, 0x60, 0x6a, 0, 0, 0};
  EXPECT_FALSE(IsForAnotherPlatform("intel/sgx-tcb-info-00606a000000.json", intel));
  EXPECT_TRUE(IsForAnotherPlatform("intel/sgx-tcb-info-00606a000001.json", intel));
  EXPECT_TRUE(IsForAnotherPlatform("intel/tdx-tcb-info-00606a000000.json", intel));
  EXPECT_TRUE(IsForAnotherPlatform("amd/milan/vcek-00-00.der", intel));
  for (const char* name :
       {"intel/root.crl", "intel/pck-processor.crl", "intel/tdx-qe-identity.json", "my-tcb-info.json",
        "amd/milan/vcek.crl", "amd/milan/vcek-chain.pem", "intel/tcb-signing-00.pem"}) {
    EXPECT_FALSE(IsForAnotherPlatform(name, intel)) << name;
  }
  Platform amd{"snp-report-v3", std::nullopt, AmdPlatform{}};
  amd.amd->lines = {evidence::snp::ProductLine::kMilan};
  EXPECT_FALSE(IsForAnotherPlatform("vcek-ffff-00.der", amd));  // hidden chip: any could be
  amd.amd->chip_id = Bytes(64, 0xab);
  std::string id;
  for (int i = 0; i < 64; ++i) id += "ab";
  EXPECT_FALSE(IsForAnotherPlatform("vcek-" + id + "-0000000000000000.der", amd));
  EXPECT_TRUE(IsForAnotherPlatform("vcek-ab" + id + "-0000000000000000.der", amd));
  EXPECT_TRUE(IsForAnotherPlatform("sgx-tcb-info-00606a000000.json", amd));
}

}  // namespace
}  // namespace attestml::fetch
