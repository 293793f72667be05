// Running the programs of tests/oracle, which compute the same numbers and share no code with this folder.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "base/json.h"
#include "properties/tables_for_test.h"

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

inline std::string OracleKey(const Json& qualifiers) { return DumpJson(qualifiers); }

inline std::string OracleKey(const statement::MetricResult& r) {
  Json key = {{"metric", r.metric}};
  if (!r.slice.empty()) key["slice"] = r.slice;
  if (!r.where.empty()) key["where"] = r.where;
  if (!r.given.empty()) key["given"] = r.given;
  if (!r.across.empty()) key["across"] = r.across;
  if (!r.column.empty()) key["column"] = r.column;
  if (!r.label.empty()) key["label"] = r.label;
  if (!r.at.empty()) key["at"] = r.at;
  return OracleKey(key);
}

// The same questions, and the same answers to 1e-12 of their size.
inline void ExpectSame(const Measurement& measurement, const Json& oracle, std::size_t at_least) {
  ASSERT_TRUE(oracle.is_array());
  std::map<std::string, std::string> expected;
  for (Json entry : oracle) {
    const std::string value = entry["value"];
    entry.erase("value");
    EXPECT_TRUE(expected.emplace(OracleKey(entry), value).second) << entry.dump();
  }
  EXPECT_EQ(measurement.results.size(), expected.size());
  EXPECT_GE(expected.size(), at_least);
  for (const statement::MetricResult& result : measurement.results) {
    const auto found = expected.find(OracleKey(result));
    if (found == expected.end()) {
      ADD_FAILURE() << "the oracle does not know " << OracleKey(result);
      continue;
    }
    if (result.value == "undefined" || found->second == "undefined") {
      EXPECT_EQ(result.value, found->second) << OracleKey(result);
      continue;
    }
    const double ours = NumberOf(result);
    const double theirs = ParseDecimal(found->second).value_or(std::nan(""));
    EXPECT_NEAR(ours, theirs, 1e-12 * std::max(1.0, std::fabs(theirs))) << OracleKey(result);
  }
}

inline bool HasTorch() {
  return std::system("/usr/bin/python3 -c 'import torch' >/dev/null 2>&1") == 0;  // NOLINT: a fixed command
}

}  // namespace attestml::properties::test
