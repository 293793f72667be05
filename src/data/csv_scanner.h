// CsvScanner cuts a text into records and fields: RFC 4180 with any delimiter and LF or CRLF, with or without quotes.
// spec/selection.md section 2.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "statement/selection.h"

namespace attestml::data {

inline constexpr std::size_t kMaxField = std::size_t{1} << 20U;  // bytes, as written

// Borrows the text, which is UTF-8 already (utf8.h). After kError nothing more is read.
class CsvScanner {
 public:
  CsvScanner(std::string_view text, const statement::FileFormat& format);

  // Skips the line at hand without looking at it.
  void SkipLine();

  // Whether a record follows. False at the end, which takes blank lines with it; a blank line before a record is an
  // error (then error_id() is set).
  bool More();

  enum class End : unsigned char { kDelimiter, kRecord, kError };
  // The next field of the record, unquoted and trimmed, and what ended it. The view holds until the next call.
  End Next(std::string_view* field) {
    start_ = at_;
    const char* from = at_;
    if (trim_) {
      while (from < end_ && kinds_[static_cast<unsigned char>(*from)] == kBlank) ++from;
    }
    if (from < end_ && kinds_[static_cast<unsigned char>(*from)] == kQuote) return NextQuoted(from, field);
    const char* to = from;
    while (to < end_ && kinds_[static_cast<unsigned char>(*to)] < kDelimiter) ++to;
    at_ = to;
    if (static_cast<std::size_t>(to - start_) > kMaxField) return TooLong();
    if (trim_) {
      while (to > from && kinds_[static_cast<unsigned char>(to[-1])] == kBlank) --to;
    }
    *field = {from, static_cast<std::size_t>(to - from)};
    return Finish();
  }

  std::size_t field_offset() const { return static_cast<std::size_t>(start_ - begin_); }
  // "" when there is no error; otherwise it is at field_offset().
  std::string_view error_id() const { return error_id_; }
  std::string_view error_text() const { return error_text_; }

 private:
  // Blanks stand below the delimiter so that one comparison ends a field.
  enum Kind : unsigned char { kText, kBlank, kDelimiter, kQuote, kReturn, kNewline };

  // Takes the delimiter or line end at at_.
  End Finish() {
    if (at_ == end_) return End::kRecord;
    const unsigned char kind = kinds_[static_cast<unsigned char>(*at_)];
    if (kind == kDelimiter || kind == kNewline) {
      ++at_;
      return kind == kDelimiter ? End::kDelimiter : End::kRecord;
    }
    return FinishRare(kind);
  }
  End FinishRare(unsigned char kind);
  End NextQuoted(const char* quote, std::string_view* field);
  End TooLong();
  End Fail(std::string_view id, std::string_view text);
  // The first character from `from` on that is no blank, where blanks are to be trimmed.
  const char* AfterBlanks(const char* from) const;

  const char* begin_;
  const char* end_;
  const char* at_;
  const char* start_;
  bool trim_;
  std::array<unsigned char, 256> kinds_{};
  std::string unescaped_;
  std::string_view error_id_;
  std::string_view error_text_;
};

}  // namespace attestml::data
