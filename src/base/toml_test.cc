#include "base/toml.h"

#include <gtest/gtest.h>

namespace attestml {
namespace {

// toml++ reads on behind a value that it cannot read, into what is a string for nobody but us. Found by fuzzing; the
// sanitizers see what it did there.
TEST(Toml, LettersBehindAValueThatIsNone) {
  for (const char* text :
       {"a = 1'-:\xc6\xbf:", "a = 1\"\xc6\xbf\"", "a_'\xc6\xbf' = 1", "a = +'\xc6\xbf'", "a = 1.'\xc3\xa9'",
        "a = 1:'\xc3\xa9'", "a = [1.'\xd2\x99', 2]", "a = {b = 1.'\xc2\xa1'}", "a = true'\xc3\xa9'"}) {
    const auto document = TomlDocument::Parse(text, "f", "x");
    ASSERT_FALSE(document.ok()) << text;
    EXPECT_EQ(document.error().id, "x.syntax") << text;
  }
  EXPECT_TRUE(TomlDocument::Parse("a.\"\xc6\xbf\" = ['\xc6\xbf',\"b\"]", "f", "x").ok());
}

}  // namespace
}  // namespace attestml
