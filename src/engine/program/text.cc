#include "engine/program/text.h"

#include <cstddef>
#include <string>

#include "engine/program/operators.h"

namespace attestml::engine {
namespace {

constexpr int kMaxDepth = 200;
constexpr std::size_t kMaxLine = 16384;
constexpr std::size_t kMaxIndent = 200;
constexpr int kMaxSigns = 8;

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsWordPart(char c) { return IsLetter(c) || (c >= '0' && c <= '9'); }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\\'; }

class Scanner {
 public:
  Scanner(std::string_view file, std::string_view text, ProgramNames* names) : text_(text), names_(names) {
    // "code/__torch__/a.py" defines "__torch__.a.…".
    module_ = std::string(file.substr(5, file.size() - 8)) + ".";
    for (char& c : module_) c = c == '/' ? '.' : c;
  }

  Status Run() {
    for (const std::string_view word : {"__setstate__", "__getstate__", "torch.classes"}) {
      if (text_.find(word) != std::string_view::npos) {
        return Malformed("program.text", "the program holds " + std::string(word));
      }
    }
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (IsLetter(c)) {
        ATTESTML_CHECK(CheckWord());
        continue;
      }
      ATTESTML_CHECK(CheckShape(c));
      ++at_;
    }
    return {};
  }

 private:
  static Error TooDeep() { return Malformed("program.text", "the program's text is nested too deeply"); }

  Status CheckShape(char c) {
    if (c == '\n') {
      line_ = at_ + 1;
      std::size_t end = line_;
      while (end < text_.size() && (text_[end] == ' ' || text_[end] == '\t')) ++end;
      if (end - line_ > kMaxIndent) return TooDeep();
    }
    if (at_ > line_ + kMaxLine) return TooDeep();
    if (c == '(' || c == '[' || c == '{') {
      if (++depth_ > kMaxDepth) return TooDeep();
    }
    if (c == ')' || c == ']' || c == '}') --depth_;
    if (c == '-' || c == '~' || c == '+') {
      if (++signs_ > kMaxSigns) return TooDeep();
    } else if (!IsSpace(c)) {
      signs_ = 0;
    }
    return {};
  }

  std::string_view Word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && IsWordPart(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  // Whether a dot comes next, whatever space is around it.
  bool SkipDot() {
    std::size_t next = at_;
    while (next < text_.size() && IsSpace(text_[next])) ++next;
    if (next == text_.size() || text_[next] != '.') return false;
    ++next;
    while (next < text_.size() && IsSpace(text_[next])) ++next;
    if (next == text_.size() || !IsLetter(text_[next])) return false;
    at_ = next;
    return true;
  }

  // "torch.relu", "ops.prim.RaiseException"; what comes after a dot is no namespace.
  Status CheckWord() {
    // A dot further off may be the end of a number or of a comment.
    const bool member = at_ > 0 && text_[at_ - 1] == '.';
    const bool part = at_ > 0 && IsWordPart(text_[at_ - 1]);
    const std::size_t begin = at_;
    std::string_view word = Word();
    signs_ = word == "not" ? signs_ + 1 : 0;
    if (signs_ > kMaxSigns) return TooDeep();
    if (member || part) return {};
    if (begin == line_ && (word == "class" || word == "def")) return Define(word == "class");
    if (word == "__torch__") {
      std::string name(word);
      while (SkipDot()) name += "." + std::string(Word());
      names_->references.insert(std::move(name));
      return {};
    }
    if (word == "fork" || word == "awaitable") return Forbidden(word);
    if (word == "ops") {
      if (!SkipDot()) return Forbidden(word);
      word = Word();
      if ((word != "aten" && word != "prim") || !SkipDot()) return Forbidden(word);
    } else if (word != "torch" || !SkipDot()) {
      return {};
    }
    word = Word();
    return AllowedWord(word) ? Status() : Forbidden(word);
  }

  Status Define(bool is_class) {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    const std::string name = module_ + std::string(Word());
    (is_class ? names_->classes : names_->functions).insert(name);
    return {};
  }

  static Error Forbidden(std::string_view word) {
    return Malformed("program.operator",
                     "the program calls " + std::string(word.substr(0, 128)) + ", which is not allowed");
  }

  std::string_view text_;
  ProgramNames* names_;
  std::string module_;
  std::size_t at_ = 0;
  std::size_t line_ = 0;
  int depth_ = 0;
  int signs_ = 0;
};

}  // namespace

Status CheckProgramText(std::string_view file, std::string_view text, ProgramNames* names) {
  return Scanner(file, text, names).Run();
}

Status CheckProgramNames(const ProgramNames& names, const std::set<std::string>& pickled) {
  const auto defined = [&](std::string name) {
    // A reference may go on into a member.
    while (true) {
      if (names.classes.contains(name) || names.functions.contains(name)) return true;
      const std::size_t dot = name.rfind('.');
      if (dot == std::string::npos) return false;
      name.resize(dot);
    }
  };
  for (const std::string& name : names.references) {
    if (!defined(name)) return Malformed("program.text", name.substr(0, 128) + " is named and not defined");
  }
  for (const std::string& name : pickled) {
    if (!names.classes.contains(name)) {
      return Malformed("program.text", "class " + name.substr(0, 128) + " is used and not defined");
    }
  }
  return {};
}

}  // namespace attestml::engine
