#include "base/toml.h"

#include <gtest/gtest.h>

namespace attestml {
namespace {

// Found by fuzzing: no string begins there for toml++, which then meets the letter between tokens.
TEST(Toml, AQuoteInsideAWordOpensNoString) {
  for (const char* text : {"a = 1'-:\xc6\xbf:", "a = 1\"\xc6\xbf\"", "a_'\xc6\xbf' = 1", "a = +'\xc6\xbf'"}) {
    EXPECT_FALSE(TomlDocument::Parse(text, "f", "x").ok()) << text;
  }
  EXPECT_TRUE(TomlDocument::Parse("a.\"\xc6\xbf\" = ['\xc6\xbf',\"b\"]", "f", "x").ok());
}

}  // namespace
}  // namespace attestml
