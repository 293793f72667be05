// The commands that run a job: declared once, parsed by the prover, and known to `attestml` for its help, manual and
// completion.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <string>
#include <vector>

namespace attestml::cli {

struct JobCommand {
  const char* name;
  const char* description;
  bool takes_model;
  bool takes_input;
  bool states;  // runs in a TEE and leaves statements
};

inline constexpr std::array<JobCommand, 6> kJobCommands = {{
    {"run", "Run a job: measure, train, evaluate, and state what happened", false, false, true},
    {"measure", "State properties of datasets (no model needed)", false, false, true},
    {"train", "Train the job's model and state how", false, false, true},
    {"adopt", "Make a model file of a TorchScript program trained elsewhere; states nothing", false, false, false},
    {"evaluate", "State properties of a trained model", true, false, true},
    {"infer", "Answer rows with a trained model and state it", true, true, true},
}};

struct JobOptions {
  std::string job, output, tee, nonce, model, input, resume, owner_secret, fit, encoding;
  std::vector<std::string> data, set;
  bool json = false, receipts = false, quote_each = false, no_card = false, unattested = false;
};

// Puts the command and its options on a parser. `options` must outlive it.
CLI::App* AddJobCommand(CLI::App& app, const JobCommand& which, JobOptions* options);

}  // namespace attestml::cli
