// The loader: only the bytes that were built, in an environment of its own making.
#include "engine/module.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "artifact/measured_file.h"
#include "base/hex.h"
#include "engine/address_space.h"
#include "engine/builtin/unused_libraries.h"
#include "engine/libraries.h"
#include "engine/processor.h"
#include "engine/test_engines.h"

namespace attestml::engine {
namespace {

class ScratchFile {
 public:
  explicit ScratchFile(const Bytes& bytes)
      : path_((std::filesystem::temp_directory_path() / ("attestml-module-" + std::to_string(getpid()))).string()) {
    std::ofstream(path_, std::ios::binary)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  }
  ~ScratchFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::string IdOf(const Module& module, unsigned threads = 1) {
  const auto engine = LoadModule(module, threads);
  return engine.ok() ? "ok" : engine.error().id;
}

TEST(LoadModule, TheDigestIsThatOfTheFile) {
  if (BuiltinModules().empty()) GTEST_SKIP() << "no engine was built";
  for (const Module& module : BuiltinModules()) {
    const auto file = artifact::MeasuredFile::Read(module.path, module.name);
    ASSERT_TRUE(file.ok()) << module.path;
    EXPECT_EQ(HexEncode(file->sha256()), module.sha256);
  }
}

TEST(LoadModule, RefusesOtherBytes) {
  if (BuiltinModules().empty()) GTEST_SKIP() << "no engine was built";
  Module module = BuiltinModules().front();
  Bytes bytes = ToBytes(artifact::MeasuredFile::Read(module.path, module.name)->bytes());
  bytes[bytes.size() / 2] ^= 1U;
  const ScratchFile file(bytes);
  module.path = file.path();
  // The digest of the good file, which may be loaded already, must not vouch for another: a name of its own forces a
  // read.
  module.sha256[0] = module.sha256[0] == '0' ? '1' : '0';
  EXPECT_EQ(IdOf(module), "engine.digest");
}

TEST(LoadModule, RefusesWhatIsNoEngine) {
  const Bytes text = ToBytes(AsBytes("this is no shared object"));
  const ScratchFile file(text);
  EXPECT_EQ(IdOf({"text", file.path(), HexEncode(crypto::Sha256(text))}), "engine.load");
  EXPECT_EQ(IdOf({"absent", file.path() + ".absent", std::string(64, '0')}), "engine.module");
}

TEST(LoadModule, RefusesSharedObjectsWithoutTheEntry) {
  const std::string libm = "/lib/x86_64-linux-gnu/libm.so.6";
  const auto file = artifact::MeasuredFile::Read(libm, "libm");
  if (!file.ok()) GTEST_SKIP() << "no " << libm;
  EXPECT_EQ(IdOf({"libm", libm, HexEncode(file->sha256())}), "engine.load");
}

TEST(LoadModule, RefusesThreadCountsOutOfRange) {
  EXPECT_EQ(IdOf({"any", "/nowhere", ""}, 0), "engine.threads");
  EXPECT_EQ(IdOf({"any", "/nowhere", ""}, 257), "engine.threads");
}

TEST(LoadModule, MayBeCalledFromSeveralThreads) {
  if (BuiltinModules().empty()) GTEST_SKIP() << "no engine was built";
  std::vector<std::string> ids(4);
  {
    std::vector<std::jthread> threads;
    for (auto& id : ids) threads.emplace_back([&id] { id = IdOf(BuiltinModules().front()); });
  }
  EXPECT_EQ(ids, std::vector<std::string>(4, "ok"));
}

TEST(FindModule, NamesWhatThereIs) {
  if (BuiltinModules().empty()) GTEST_SKIP() << "no engine was built";
  EXPECT_EQ(FindModule("auto")->name, BuiltinModules().front().name);
  const auto typo = FindModule("onedn");
  ASSERT_FALSE(typo.ok());
  EXPECT_EQ(typo.error().id, "engine.name");
  EXPECT_NE(typo.error().message.find(BuiltinModules().front().name), std::string::npos);
}

TEST(MappedLibraries, ListsModulesByTheirOwnNames) {
  if (TestEngine("onednn") == nullptr) GTEST_SKIP() << "engine onednn was not built";
  const auto libraries = MappedLibraries();
  const auto find = [&](std::string_view prefix) {
    return std::find_if(libraries.begin(), libraries.end(),
                        [&](const statement::Library& library) { return library.name.starts_with(prefix); });
  };
  ASSERT_NE(find("attestml_engine_onednn.so"), libraries.end());
  ASSERT_NE(find("libcrypto.so"), libraries.end());
  ASSERT_NE(find("libc.so"), libraries.end());
  EXPECT_GE(find("libc.so")->build_id.size(), 16U);
  EXPECT_TRUE(std::none_of(libraries.begin(), libraries.end(), [](const statement::Library& library) {
    return library.name.empty() || library.name.find('/') != std::string::npos;
  }));
}

// Of Debian's libtorch: OpenCV, ffmpeg and what they bring. A symbol that were missing would have kept it from loading,
// for it binds all of them at once.
TEST(MappedLibraries, EmptyOnesStandForThoseThatNothingUses) {
  if (TestEngine("torch") == nullptr) GTEST_SKIP() << "engine torch was not built";
  const auto unused = UnusedLibraries("torch");
  if (unused.empty()) GTEST_SKIP() << "the build could not tell which libraries are not used";
  const auto libraries = MappedLibraries();
  for (const std::string_view name : unused) {
    const auto called = [&](const std::string& wanted) {
      return std::count_if(libraries.begin(), libraries.end(), [&](const auto& each) { return each.name == wanted; });
    };
    EXPECT_EQ(called(std::string(name) + " (empty)"), 1) << name;
    EXPECT_EQ(called(std::string(name)), 0) << name;
  }
  EXPECT_LT(libraries.size() - unused.size(), 60U);
}

TEST(Environment, HostileValuesAreOverridden) {
  setenv("ONEDNN_MAX_CPU_ISA", "SSE41", 1);
  setenv("ONEDNN_DEFAULT_FPMATH_MODE", "BF16", 1);
  setenv("OPENBLAS_CORETYPE", "Prescott", 1);
  setenv("OMP_NUM_THREADS", "64", 1);
  setenv("ATEN_CPU_CAPABILITY", "default", 1);
  setenv("OPENBLAS_VERBOSE", "2", 1);
  setenv("ATTESTML_TEST_BYSTANDER", "stays", 1);
  PrepareEnvironment(1);
  for (const auto& [name, value] : EngineEnvironment(1)) EXPECT_EQ(std::getenv(name.c_str()), value) << name;
  EXPECT_EQ(std::getenv("ATEN_CPU_CAPABILITY"), nullptr);
  EXPECT_EQ(std::getenv("OPENBLAS_VERBOSE"), nullptr);
  EXPECT_STREQ(std::getenv("ATTESTML_TEST_BYSTANDER"), "stays");
  EXPECT_EQ(EngineEnvironment(1).at("ONEDNN_DEFAULT_FPMATH_MODE"), "STRICT");
  EXPECT_EQ(EngineEnvironment(2).at("OMP_NUM_THREADS"), "2");
}

TEST(AddressSpace, IsAskedForBeforeAnEngineLoads) {
  EXPECT_TRUE(CheckAddressSpace("torch", 1).ok());
  EXPECT_GE(AddressSpaceFor("torch", 2) - AddressSpaceFor("torch", 1), 2 * kBlasBuffer);
  EXPECT_LT(AddressSpaceFor("onednn", 2), kBlasBuffer);
  // More than any process has: 2^47 bytes.
  const Status none = CheckAddressSpace("torch", 1U << 20U);
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().id, "engine.memory");
  EXPECT_EQ(none.error().kind, ErrorKind::kUnavailable);
}

TEST(Processor, PicksFollowWhatItCanDo) {
  Processor processor;
  EXPECT_EQ(OpenblasCore(processor), "Prescott");
  processor.sse42 = true;
  EXPECT_EQ(OpenblasCore(processor), "Nehalem");
  processor.avx2 = true;
  EXPECT_EQ(OpenblasCore(processor), "Haswell");
  processor.avx512 = true;
  EXPECT_EQ(OpenblasCore(processor), "SkylakeX");
  EXPECT_EQ(OnednnMaxIsa(processor), "ALL");
  processor.avx512_bf16 = true;
  EXPECT_EQ(OpenblasCore(processor), "Cooperlake");
  processor.amx = true;
  EXPECT_EQ(OnednnMaxIsa(processor), "AVX512_CORE_BF16");
}

}  // namespace
}  // namespace attestml::engine
