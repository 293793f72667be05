#include "data/csv_scanner.h"

#include <cstring>

namespace attestml::data {

CsvScanner::CsvScanner(std::string_view text, const statement::FileFormat& format)
    : begin_(text.data()), end_(begin_ + text.size()), at_(begin_), start_(begin_), trim_(format.trim) {
  if (trim_) kinds_[' '] = kinds_['\t'] = kBlank;
  if (format.quote) kinds_['"'] = kQuote;
  kinds_['\r'] = kReturn;
  kinds_['\n'] = kNewline;
  kinds_[static_cast<unsigned char>(format.delimiter)] = kDelimiter;
  // A byte order mark is no part of the first field. Its bytes stay counted in offsets.
  if (text.substr(0, 3) == "\xef\xbb\xbf") at_ += 3;
}

void CsvScanner::SkipLine() {
  const void* newline = at_ < end_ ? std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_)) : nullptr;
  at_ = newline != nullptr ? static_cast<const char*>(newline) + 1 : end_;
}

const char* CsvScanner::AfterBlanks(const char* from) const {
  while (trim_ && from < end_ && kinds_[static_cast<unsigned char>(*from)] == kBlank) ++from;
  return from;
}

bool CsvScanner::More() {
  start_ = at_;
  const char* first = AfterBlanks(at_);
  if (first < end_ && *first != '\n' && *first != '\r') return true;
  const char* rest = first;
  while (rest < end_ && (*rest == '\n' || (*rest == '\r' && rest + 1 < end_ && rest[1] == '\n'))) {
    rest = AfterBlanks(rest + 1);
  }
  if (rest < end_) {
    // A lone carriage return is for Next to refuse.
    if (*first == '\r' && (first + 1 == end_ || first[1] != '\n')) return true;
    Fail("csv.columns", "a blank line, which may stand only at the end of the file");
    return false;
  }
  at_ = end_;
  return false;
}

CsvScanner::End CsvScanner::FinishRare(unsigned char kind) {
  if (kind == kReturn) {
    if (at_ + 1 < end_ && at_[1] == '\n') {
      at_ += 2;
      return End::kRecord;
    }
    return Fail("csv.newline", "a carriage return without a line feed, want LF or CRLF");
  }
  return Fail("csv.quote", "a quote inside a field that does not start with one");
}

CsvScanner::End CsvScanner::NextQuoted(const char* quote, std::string_view* field) {
  const char* from = quote + 1;
  bool escaped = false;
  unescaped_.clear();
  const char* at = from;
  while (true) {
    const void* found = at < end_ ? std::memchr(at, '"', static_cast<std::size_t>(end_ - at)) : nullptr;
    if (found == nullptr) return Fail("csv.quote", "a quoted field that never ends");
    const char* close = static_cast<const char*>(found);
    if (static_cast<std::size_t>(close - start_) > kMaxField) return TooLong();
    if (close + 1 == end_ || close[1] != '"') {
      if (escaped) {
        unescaped_.append(from, close);
        *field = unescaped_;
      } else {
        *field = {from, static_cast<std::size_t>(close - from)};
      }
      at_ = AfterBlanks(close + 1);
      break;
    }
    unescaped_.append(from, close + 1);
    escaped = true;
    at = from = close + 2;
  }
  if (at_ < end_ && kinds_[static_cast<unsigned char>(*at_)] < kDelimiter) {
    return Fail("csv.quote", "text after the closing quote of a field");
  }
  return Finish();
}

CsvScanner::End CsvScanner::TooLong() { return Fail("csv.size", "a field of more than 1048576 bytes"); }

CsvScanner::End CsvScanner::Fail(std::string_view id, std::string_view text) {
  error_id_ = id;
  error_text_ = text;
  return End::kError;
}

}  // namespace attestml::data
