// `attestml tee` and the option that names a TEE: declared once, parsed by the prover, and known to `attestml` for its
// help, manual and completion.
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace attestml::cli {

struct TeeOptions {
  std::string tee;  // of `init`; "" is the first of statement::kSimulatedTees
  bool json = false;
};

struct TeeCommand {
  CLI::App* init;
  CLI::App* status;
};

// Puts the command and its options on a parser. `options` must outlive it.
TeeCommand AddTeeCommand(CLI::App& app, TeeOptions* options);

// --tee, with the names that jobs know.
void AddTeeOption(CLI::App* command, std::string* tee);

}  // namespace attestml::cli
