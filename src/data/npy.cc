#include "data/npy.h"

#include <array>
#include <limits>
#include <utility>

#include "base/byte_reader.h"

namespace attestml::data {
namespace {

using artifact::ElementType;

constexpr std::size_t kMaxHeader = 65536;
constexpr std::size_t kMaxRank = 9;  // a count of records and the rank of one
constexpr std::array<std::uint8_t, 6> kMagic = {0x93, 'N', 'U', 'M', 'P', 'Y'};
constexpr std::pair<std::string_view, ElementType> kTypes[] = {{"|u1", ElementType::kU8},
                                                               {"<i4", ElementType::kI32},
                                                               {"<i8", ElementType::kI64},
                                                               {"<f4", ElementType::kF32},
                                                               {"<f8", ElementType::kF64}};

// The header is a Python dictionary literal. This reads the ones that NumPy writes: three keys in any order, strings
// without escapes, True or False, a tuple of whole numbers; spaces between.
class HeaderReader {
 public:
  HeaderReader(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  Result<Array> Read() {
    Array array;
    bool seen[3] = {};
    if (!Take('{')) return Syntax("does not begin with {");
    while (!Take('}')) {
      std::string_view key;
      if (!String(&key) || !Take(':')) return Syntax("has no key where one is wanted");
      const int which = key == "descr" ? 0 : key == "fortran_order" ? 1 : key == "shape" ? 2 : -1;
      if (which < 0) return Syntax("has a key that is none of descr, fortran_order and shape");
      if (std::exchange(seen[which], true)) return Syntax("has a key twice");
      if (which == 0) ATTESTML_CHECK(Type(&array.type));
      if (which == 1) ATTESTML_CHECK(Order());
      if (which == 2) ATTESTML_CHECK(Shape(&array.shape));
      if (!Take(',')) {
        if (!Take('}')) return Syntax("has neither a comma nor its end behind a value");
        break;
      }
    }
    if (!seen[0] || !seen[1] || !seen[2]) return Syntax("lacks descr, fortran_order or shape");
    // NumPy fills up with spaces and ends with a line feed.
    Spaces();
    if (text_ == "\n") text_ = {};
    if (!text_.empty()) return Syntax("goes on behind its end");
    return array;
  }

 private:
  Error Syntax(const std::string& message) const { return Malformed("npy.header", where_ + ": the header " + message); }

  void Spaces() {
    while (!text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
  }
  bool Take(char c) {
    Spaces();
    if (text_.empty() || text_.front() != c) return false;
    text_.remove_prefix(1);
    return true;
  }
  bool TakeWord(std::string_view word) {
    Spaces();
    if (!text_.starts_with(word)) return false;
    text_.remove_prefix(word.size());
    return true;
  }
  bool String(std::string_view* out) {
    Spaces();
    if (text_.empty() || (text_.front() != '\'' && text_.front() != '"')) return false;
    const std::size_t end = text_.find(text_.front(), 1);
    if (end == std::string_view::npos) return false;
    *out = text_.substr(1, end - 1);
    text_.remove_prefix(end + 1);
    return out->find('\\') == std::string_view::npos;
  }

  Status Type(ElementType* out) {
    std::string_view name;
    // A list of fields is a record type.
    if (!String(&name)) return Malformed("npy.dtype", where_ + ": the elements are of no plain type");
    for (const auto& [known, type] : kTypes) {
      if (known == name) {
        *out = type;
        return {};
      }
    }
    return Malformed("npy.dtype", where_ + ": elements of type \"" + std::string(name.substr(0, 16)) +
                                      "\", want |u1, <i4, <i8, <f4 or <f8");
  }

  Status Order() {
    if (TakeWord("False")) return {};
    if (TakeWord("True")) return Malformed("npy.order", where_ + ": the array is in Fortran order, want C order");
    return Syntax("has a fortran_order that is neither True nor False");
  }

  Status Shape(std::vector<std::int64_t>* out) {
    if (!Take('(')) return Syntax("has a shape that is not a tuple");
    bool comma = true;
    while (!Take(')')) {
      if (!comma) return Syntax("has a shape that is not a tuple");
      Spaces();
      std::int64_t size = 0;
      std::size_t digits = 0;
      for (; digits < text_.size() && text_[digits] >= '0' && text_[digits] <= '9' && digits < 16; ++digits) {
        size = size * 10 + (text_[digits] - '0');
      }
      if (digits == 0 || digits == 16 || (digits > 1 && text_[0] == '0')) {
        return Malformed("npy.shape", where_ + ": the shape holds something that is not a whole number below 10^15");
      }
      text_.remove_prefix(digits);
      if (out->size() == kMaxRank) return Malformed("npy.shape", where_ + ": more than 9 dimensions");
      out->push_back(size);
      comma = Take(',');
    }
    // "(3)" is a number in Python, no tuple.
    if (out->size() == 1 && !comma) return Syntax("has a shape that is not a tuple");
    return {};
  }

  std::string_view text_;
  const std::string& where_;
};

}  // namespace

Result<Array> ReadNpyArray(BytesView bytes, const std::string& where) {
  ByteReader in(bytes);
  std::array<std::uint8_t, 6> magic{};
  std::uint8_t major = 0;
  std::uint8_t minor = 0;
  if (!in.ReadArray(&magic) || magic != kMagic || !in.ReadU8(&major) || !in.ReadU8(&minor)) {
    return Malformed("npy.magic", where + ": not a NumPy array file (archives and pickles are not read)");
  }
  if ((major != 1 && major != 2) || minor != 0) {
    return Malformed("npy.version", where + ": format version " + std::to_string(major) + "." + std::to_string(minor) +
                                        ", want 1.0 or 2.0");
  }
  std::uint16_t short_size = 0;
  std::uint32_t size = 0;
  const bool sized = major == 1 ? in.ReadU16Le(&short_size) : in.ReadU32Le(&size);
  if (major == 1) size = short_size;
  BytesView header;
  if (!sized || size > kMaxHeader || !in.ReadBytes(size, &header)) {
    return Malformed("npy.header", where + ": the header runs past the end, or is longer than 65536 bytes");
  }
  ATTESTML_TRY(Array array, HeaderReader(AsText(header), where).Read());
  std::uint64_t want = artifact::ElementSize(array.type);
  for (const std::int64_t dimension : array.shape) {
    const auto n = static_cast<std::uint64_t>(dimension);
    if (n == 0 || want > std::numeric_limits<std::uint64_t>::max() / n) {
      return Malformed("npy.shape", where + ": a size of 0, or more elements than can be counted");
    }
    want *= n;
  }
  if (in.remaining() != want) {
    return Malformed("npy.size", where + ": " + std::to_string(in.remaining()) +
                                     " bytes of elements, the header says " + std::to_string(want));
  }
  array.data = in.rest();
  return array;
}

}  // namespace attestml::data
