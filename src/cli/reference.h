// Manual page and shell completion, both made from the command-line parser itself, so that they cannot drift from it.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace attestml::cli {

// A man(7) page of the program and all its subcommands, with the exit table.
std::string ManualPage(const CLI::App& app);

// shell: "bash", "zsh" or "fish"; "" for another.
std::string Completion(const CLI::App& app, const std::string& shell);

}  // namespace attestml::cli
