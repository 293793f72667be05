// Running the programs of tests/oracle, which compute the same numbers and share no code with this folder.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "base/json.h"

namespace attestml::properties::test {

// A file of this process that the test removes.
inline std::string WriteScratch(const std::string& name, const std::string& text) {
  const std::string path = testing::TempDir() + "attestml_oracle_" + std::to_string(::getpid()) + "_" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

// What `program` of tests/oracle prints when it is given a file that holds `spec`. JSON text, so that numbers may have
// fractions, which our own reader refuses.
inline Json RunOracle(const std::string& program, const std::string& spec, const std::string& python = "python3") {
  const std::string path = WriteScratch(program + ".json", spec);
  const std::string command = python + " \"" + ATTESTML_SOURCE_DIR + "/tests/oracle/" + program + "\" \"" + path + "\"";
  std::string output;
  FILE* pipe = ::popen(command.c_str(), "r");  // NOLINT: our own words
  if (pipe == nullptr) return nullptr;
  char buffer[65536];
  while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, pipe)) output.append(buffer, n);
  EXPECT_EQ(::pclose(pipe), 0) << program;
  std::filesystem::remove(path);
  Json answer = Json::parse(output, nullptr, false);
  EXPECT_FALSE(answer.is_discarded()) << output.substr(0, 200);
  return answer;
}

inline bool HasTorch() {
  return std::system("/usr/bin/python3 -c 'import torch' >/dev/null 2>&1") == 0;  // NOLINT: a fixed command
}

}  // namespace attestml::properties::test
