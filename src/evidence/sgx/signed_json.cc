#include "evidence/sgx/signed_json.h"

#include <algorithm>

#include "base/hex.h"

namespace attestml::evidence::sgx {
namespace {

constexpr std::size_t kMaxDepth = 32;

class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void SkipSpace() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) ++at_;
  }
  bool Take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  // A string without escapes: names and hexadecimal digits need none, and a name has one spelling.
  bool TakePlainString(std::string_view* out) {
    if (!Take('"')) return false;
    const std::size_t start = at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      if (text_[at_] == '\\' || static_cast<unsigned char>(text_[at_]) < 0x20) return false;
      ++at_;
    }
    *out = text_.substr(start, at_ - start);
    return Take('"');
  }
  // An object, by its brackets and strings alone; what is inside is parsed once its signature is known to be good.
  bool TakeObject(std::string_view* out) {
    const std::size_t start = at_;
    std::string open;
    if (at_ >= text_.size() || text_[at_] != '{') return false;
    for (; at_ < text_.size(); ++at_) {
      const char c = text_[at_];
      if (c == '"') {
        if (!SkipString()) return false;
      } else if (c == '{' || c == '[') {
        if (open.size() == kMaxDepth) return false;
        open.push_back(c);
      } else if (c == '}' || c == ']') {
        if (open.back() != (c == '}' ? '{' : '[')) return false;
        open.pop_back();
        if (open.empty()) {
          ++at_;
          *out = text_.substr(start, at_ - start);
          return true;
        }
      }
    }
    return false;
  }
  bool AtEnd() const { return at_ == text_.size(); }

 private:
  // From the opening quote to the closing one, which is left for the caller's loop to step over.
  bool SkipString() {
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] == '\\') {
        ++at_;
      } else if (text_[at_] == '"') {
        return true;
      }
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

Result<SignedJson> SplitSignedJson(std::string_view text, std::string_view member, const std::string& id) {
  if (text.size() > kMaxSignedJson) {
    return Malformed(id + ".size", "document of " + std::to_string(text.size()) + " bytes, want at most " +
                                       std::to_string(kMaxSignedJson));
  }
  const Error syntax =
      Malformed(id + ".syntax", "not an object {\"" + std::string(member) + "\":{…},\"signature\":\"…\"}");
  SignedJson out;
  std::string_view signature;
  bool has_body = false;
  bool has_signature = false;
  Scanner in(text);
  in.SkipSpace();
  if (!in.Take('{')) return syntax;
  do {
    std::string_view name;
    in.SkipSpace();
    if (!in.TakePlainString(&name)) return syntax;
    in.SkipSpace();
    if (!in.Take(':')) return syntax;
    in.SkipSpace();
    if (name != member && name != "signature") {
      return Malformed(id + ".unknown_member",
                       "a member that is neither \"" + std::string(member) + "\" nor \"signature\"");
    }
    bool& seen = name == member ? has_body : has_signature;
    if (seen) return Malformed(id + ".duplicate_member", "member \"" + std::string(name) + "\" stands twice");
    seen = true;
    if (name == member) {
      if (!in.TakeObject(&out.body)) return syntax;
    } else if (!in.TakePlainString(&signature)) {
      return Malformed(id + ".signature", "signature is not a string");
    }
    in.SkipSpace();
  } while (in.Take(','));
  if (!in.Take('}') || !has_body) return syntax;
  in.SkipSpace();
  if (!in.AtEnd()) return Malformed(id + ".syntax", "text after the document");
  if (!HexDecodeInto(signature, out.signature)) {
    return Malformed(id + ".signature",
                     "signature of " + std::to_string(signature.size()) + " characters, want 128 hexadecimal digits");
  }
  return out;
}

bool LooksLikeSignedJson(std::string_view text, std::string_view member) {
  Scanner in(text);
  in.SkipSpace();
  if (!in.Take('{')) return false;
  for (int i = 0; i < 2; ++i) {
    std::string_view name;
    std::string_view value;
    in.SkipSpace();
    if (!in.TakePlainString(&name)) return false;
    if (name == member) return true;
    in.SkipSpace();
    if (!in.Take(':')) return false;
    in.SkipSpace();
    if (!in.TakePlainString(&value) && !in.TakeObject(&value)) return false;
    in.SkipSpace();
    if (!in.Take(',')) return false;
  }
  return false;
}

}  // namespace attestml::evidence::sgx
