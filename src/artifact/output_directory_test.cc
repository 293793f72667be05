#include "artifact/output_directory.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

namespace attestml::artifact {
namespace {

namespace fs = std::filesystem;

// A process that has ended, so that nobody has its number now.
pid_t EndedProcess() {
  const pid_t child = fork();
  if (child == 0) _exit(0);
  waitpid(child, nullptr, 0);
  return child;
}

TEST(OutputDirectoryTest, RemovesWhatAKilledProcessLeft) {
  const fs::path folder = fs::path(::testing::TempDir()) / ("parts-" + std::to_string(getpid()));
  fs::create_directories(folder / "out");
  const std::string dead = std::to_string(EndedProcess());
  const auto touch = [&](const std::string& name) { std::ofstream(folder / "out" / name) << "x"; };
  touch("a.part-" + dead);
  // Not of this name, of a process that lives, or not of our form: none of our business.
  const std::set<std::string> kept = {"b.part-" + dead,  "a.part-" + std::to_string(getppid()),
                                      "a.part-0" + dead, "a.part-" + dead + "x",
                                      "a.part-",         "a.part--1",
                                      "aa.part-" + dead};
  for (const std::string& name : kept) touch(name);
  fs::create_symlink("b", folder / "out" / ("a.part-" + std::to_string(EndedProcess())));
  {
    auto out = OutputDirectory::Create((folder / "out").string());
    ASSERT_TRUE(out.ok());
    ASSERT_TRUE(out->Write("a", Bytes(3, 1)).ok());
    ASSERT_TRUE(out->Commit().ok());
  }
  EXPECT_FALSE(fs::exists(folder / "out" / ("a.part-" + dead)));
  EXPECT_EQ(fs::file_size(folder / "out/a"), 3U);
  for (const std::string& name : kept) EXPECT_TRUE(fs::exists(folder / "out" / name)) << name;
  touch("b.part-" + dead);
  ASSERT_TRUE(WriteFileAtomically((folder / "out/b").string(), Bytes(1, 1)).ok());
  EXPECT_FALSE(fs::exists(folder / "out" / ("b.part-" + dead)));
  fs::remove_all(folder);
}

}  // namespace
}  // namespace attestml::artifact
