// How the programs talk to people: results on stdout, everything else on stderr with "attestml: " in front.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace attestml::cli {

bool StdoutIsTerminal();
bool StderrIsTerminal();
bool UseColor();  // stdout is a terminal and NO_COLOR is not set

// Prints "attestml: message [id]" (and a hint where one helps) on stderr; returns the exit code of the error's kind.
int Fail(const Error& error);
void Note(std::string_view message);

// Prints to stdout; a failed write (closed pipe, full disk) is an Error.
Status Print(std::string_view text);

}  // namespace attestml::cli
