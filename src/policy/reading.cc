#include "policy/reading.h"

#include <algorithm>
#include <array>

#include "policy/describe.h"
#include "policy/toml_text.h"

namespace attestml::policy {
namespace {

using statement::ColumnType;

// What people write for a value that is not known. Anything else is told wherever records are.
constexpr std::array<std::string_view, 14> kMissingMarks = {"",    "?",    "NA",   "N/A",  "n/a",  "na", "NaN",
                                                            "nan", "NULL", "null", "None", "none", "-",  "."};

// Whether the file says which of its columns is which: by a header, by its tensors' names, or because no two could be
// taken for each other.
bool NamesItsColumns(const statement::Selection& selection) {
  if (selection.format.IsText()) return selection.format.header;
  if (selection.format.type == statement::FileType::kSafetensors) return true;
  const auto plain = std::count_if(selection.columns.begin(), selection.columns.end(), [](const auto& column) {
    return column.type == ColumnType::kNumeric || column.type == ColumnType::kCategorical;
  });
  return plain <= 1 && static_cast<std::size_t>(plain) + 1 >= selection.columns.size();
}

std::string Word(const std::string& text) { return TomlString(Printable(text)); }
std::string Word(bool on) { return on ? "true" : "false"; }

}  // namespace

Reading ReadingOf(const statement::Selection& selection) {
  Reading out;
  if (selection.target) out.strip_suffix = selection.target->strip_suffix;
  out.missing_mark = selection.format.missing;
  out.trim = selection.format.trim;
  out.quote = selection.format.quote;
  return out;
}

std::string ReadingObjection(const Reading& wanted, const statement::Selection& selection) {
  const Reading seen = ReadingOf(selection);
  const std::string toml = ReadingToml(seen);
  const auto differ = [&](std::string_view key, const std::string& is, const std::string& want) {
    return "reads the file with " + std::string(key) + " = " + is + ", the policy has " + want + ": want " +
           (toml.empty() ? "no reading" : "reading = " + Printable(toml)) + ", or selection";
  };
  const auto check = [&](std::string_view key, const auto& is, const auto& want) {
    return is == want ? std::string() : differ(key, Word(is), Word(want));
  };
  for (const std::string& why : {check("strip-suffix", seen.strip_suffix, wanted.strip_suffix),
                                 check("missing-mark", seen.missing_mark, wanted.missing_mark),
                                 check("trim", seen.trim, wanted.trim), check("quote", seen.quote, wanted.quote)}) {
    if (!why.empty()) return why;
  }
  return "";
}

std::string ReadingToml(const Reading& reading) {
  std::vector<std::string> parts;
  if (!reading.strip_suffix.empty()) parts.push_back("strip-suffix = " + TomlString(reading.strip_suffix));
  if (!reading.missing_mark.empty()) parts.push_back("missing-mark = " + TomlString(reading.missing_mark));
  if (reading.trim) parts.emplace_back("trim = true");
  if (!reading.quote) parts.emplace_back("quote = false");
  return parts.empty() ? "" : "{ " + Join(parts, ", ") + " }";
}

std::string WholeFileObjection(const Reading& wanted, const statement::Selection& selection) {
  if (!selection.Whole()) return "is about another selection";
  if (!NamesItsColumns(selection)) {
    return selection.format.IsText() ? "names the columns of a file without a header: want selection"
                                     : "names the columns of a file that does not: want selection";
  }
  // With the spaces around fields gone, tabs and spaces could each be taken for the delimiter.
  if (selection.format.trim && selection.format.delimiter == ' ')
    return "cuts fields at spaces and trims them: want selection";
  return ReadingObjection(wanted, selection);
}

std::string ReadingText(const statement::Selection& selection) {
  std::vector<std::string> parts;
  if (selection.target && !selection.target->strip_suffix.empty()) {
    parts.push_back("labels without " + Word(selection.target->strip_suffix) + " at their end");
  }
  const std::string& mark = selection.format.missing;
  if (std::find(kMissingMarks.begin(), kMissingMarks.end(), mark) == kMissingMarks.end()) {
    parts.push_back(Word(mark) + " read as missing");
  }
  return Join(parts, ", ");
}

}  // namespace attestml::policy
