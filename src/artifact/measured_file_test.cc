#include "artifact/measured_file.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace attestml::artifact {
namespace {

TEST(MeasuredFileTest, HashedTogetherIsHashedAlone) {
  std::vector<MeasuredFile> files;
  for (const std::size_t size : {0, 1, 64, 1000, 5000}) {
    files.push_back(MeasuredFile::FromBytes(Bytes(size, 7), std::to_string(size)));
  }
  files.push_back(files.back());
  static_cast<void>(files[1].sha256());
  MeasuredFile::HashTogether(files);
  for (const MeasuredFile& file : files) EXPECT_EQ(file.sha256(), crypto::Sha256(file.bytes())) << file.name();
  MeasuredFile::HashTogether(files);
  MeasuredFile::HashTogether({});
}

TEST(MeasuredFileTest, ThisProgramIsItsFile) {
  std::ifstream in("/proc/self/exe", std::ios::binary);
  const Bytes bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const auto program = MeasuredFile::OfThisProgram();
  ASSERT_TRUE(program.ok());
  EXPECT_EQ(program->bytes().size(), bytes.size());
  EXPECT_EQ(program->sha256(), crypto::Sha256(bytes));
}

}  // namespace
}  // namespace attestml::artifact
