#include "statement/receipt.h"

#include <gtest/gtest.h>

#include <cctype>
#include <fstream>
#include <sstream>

#include "base/json.h"

namespace attestml::statement {
namespace {

// The example of spec/receipt.md, as one line.
std::string Example() {
  std::ifstream file(std::string(ATTESTML_SOURCE_DIR) + "/spec/receipt.md");
  std::stringstream text;
  text << file.rdbuf();
  const std::string page = text.str();
  const std::size_t begin = page.find("```json\n");
  const std::size_t end = page.find("```", begin + 8);
  if (begin == std::string::npos || end == std::string::npos) return "";
  const auto json = ParseJson(page.substr(begin + 8, end - begin - 8), {.max_bytes = 64 * 1024, .max_depth = 4});
  return json.ok() ? DumpJson(*json) : "";
}

std::string IdOf(std::string_view json) {
  const auto receipt = ParseReceipt(json);
  return receipt.ok() ? "" : receipt.error().id;
}

TEST(Receipt, TheExampleReadsBackAndHolds) {
  const auto receipt = ParseReceipt(Example());
  ASSERT_TRUE(receipt.ok()) << receipt.error().message;
  EXPECT_EQ(WriteReceipt(*receipt), Example());
  EXPECT_TRUE(ReceiptHolds(*receipt));
}

TEST(Receipt, NoDigestHasASecondSpelling) {
  const std::string example = Example();
  ASSERT_FALSE(example.empty());
  std::size_t tried = 0;
  bool in_proof = false;
  // Every letter of every digest, in turn, as a capital.
  for (std::size_t i = 0; i + 1 < example.size(); ++i) {
    if (example.compare(i, 7, "\"proof\"") == 0) in_proof = true;
    if (example[i] == ']') in_proof = false;
    if (example[i] != '"' || example.size() < i + 66 || example[i + 65] != '"') continue;
    if (example.find_first_not_of("0123456789abcdef", i + 1) != i + 65) continue;
    for (std::size_t at = i + 1; at < i + 65; ++at) {
      if (example[at] < 'a') continue;
      std::string other = example;
      other[at] = static_cast<char>(std::toupper(static_cast<unsigned char>(other[at])));
      EXPECT_EQ(IdOf(other), in_proof ? "receipt.proof" : "receipt.digest") << other;
      ++tried;
    }
  }
  EXPECT_GT(tried, 100U);
}

TEST(Receipt, WhatIsNotAReceiptIsRefused) {
  const std::string example = Example();
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string other = example;
    other.replace(other.find(from), from.size(), to);
    return IdOf(other);
  };
  EXPECT_EQ(with("receipt/v1", "receipt/v2"), "receipt.type");
  EXPECT_EQ(with("\"index\":3,", ""), "receipt.member");
  EXPECT_EQ(with("\"index\":3", "\"index\":3,\"more\":1"), "receipt.member");
  EXPECT_EQ(with("\"index\":3", "\"index\":\"3\""), "receipt.member");
  EXPECT_EQ(with("[\"9a5b", "[1,\"9a5b"), "receipt.proof");
  EXPECT_EQ(with("[\"9a5b", "[\"\",\"9a5b"), "receipt.proof");
}

TEST(Receipt, AnotherRowHasAnotherProof) {
  const auto receipt = ParseReceipt(Example());
  ASSERT_TRUE(receipt.ok());
  auto other = *receipt;
  other.index = 2;
  EXPECT_FALSE(ReceiptHolds(other));
  other = *receipt;
  other.size = 3;  // sizes 5 to 8 have one shape of path here; which one it is the statement says
  EXPECT_FALSE(ReceiptHolds(other));
  other = *receipt;
  other.output[0] ^= 1;
  EXPECT_FALSE(ReceiptHolds(other));
  other = *receipt;
  other.proof.pop_back();
  EXPECT_FALSE(ReceiptHolds(other));
}

}  // namespace
}  // namespace attestml::statement
