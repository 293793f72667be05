#include "cli/terminal.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace attestml::cli {

bool StdoutIsTerminal() { return isatty(1) == 1; }
bool StderrIsTerminal() { return isatty(2) == 1; }

bool UseColor() {
  const char* no_color = std::getenv("NO_COLOR");
  return StdoutIsTerminal() && (no_color == nullptr || *no_color == '\0');
}

int Fail(const Error& error) {
  std::fprintf(stderr, "attestml: %s [%s]\n", error.message.c_str(), error.id.c_str());
  return ExitCode(error.kind);
}

void Note(std::string_view message) {
  std::fprintf(stderr, "attestml: %.*s\n", static_cast<int>(message.size()), message.data());
}

Status Print(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    return Unavailable("file.write", std::string("cannot write standard output: ") + std::strerror(errno));
  }
  return {};
}

}  // namespace attestml::cli
