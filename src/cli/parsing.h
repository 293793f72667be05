// What both programs do with a command line before a command runs.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>

namespace attestml::cli {

// ParseArguments parses and runs the command's callback. Help and version go to standard output. Returns nothing when a
// command ran, else the exit status. An option whose value is the empty text is an error: it is what an unset variable
// of a shell leaves, and must never mean "not asked for".
std::optional<int> ParseArguments(CLI::App& app, int argc, char** argv);

}  // namespace attestml::cli
