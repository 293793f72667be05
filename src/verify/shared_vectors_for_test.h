// What the tests of each format's shared vectors have in common: the two lists, and times.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <utility>

#include "base/json.h"
#include "base/time.h"
#include "evidence/vectors_for_test.h"

namespace attestml::test {

// manifest.json or scenarios.json; an empty array, and a failed test, when it cannot be read.
inline Json SharedJson(const std::string& name) {
  auto json = ParseJson(ReadTextOf(SharedVectors() / name), {.allow_floats = true});
  EXPECT_TRUE(json.ok()) << name;
  return json.ok() ? *std::move(json) : Json::array();
}

inline Time At(const std::string& text) {
  auto time = ParseTime(text);
  EXPECT_TRUE(time.ok()) << text;
  return time.ok() ? *time : Time{};
}

class SharedVectorsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!HaveSharedVectors()) GTEST_SKIP() << "shared vectors are not here; set ATTESTML_SHARED";
    manifest_ = SharedJson("manifest.json");
    ASSERT_FALSE(manifest_.empty());
  }
  Json manifest_;
};

}  // namespace attestml::test
