// Words of a text, and bytes as the characters that stand for them: spec/encoding.md section 4.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace attestml::data {

inline constexpr std::size_t kMaxWord = 64;  // bytes

// Words cuts a text into its words, in order. Borrows the text.
class Words {
 public:
  explicit Words(std::string_view text) : rest_(text) {}
  // False at the end. The view is into the text, letters as they stand.
  bool Next(std::string_view* word);

 private:
  std::string_view rest_;
};

// A to Z as a to z, all other bytes as they are.
void LowerAscii(std::string* text);

// Tokens of byte pairs are written with one character a byte, the one of that number (ISO 8859-1), so that any bytes
// have a text in UTF-8.
void AppendByte(unsigned char byte, std::string* text);

}  // namespace attestml::data
