#include "cli/tee_command.h"

#include <utility>
#include <vector>

#include "statement/tee_names.h"

namespace attestml::cli {

namespace {

void AddNames(CLI::App* command, std::string* tee, const std::string& description, std::vector<std::string> names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? ": " : ", ") + name;
  names.emplace_back(statement::kSimulatedSgx);
  command->add_option("--tee", *tee, description + list)->check(CLI::IsMember(names));
}

}  // namespace

void AddTeeOption(CLI::App* command, std::string* tee) {
  std::vector<std::string> names{std::string(statement::kAnyHardware)};
  names.insert(names.end(), statement::kHardwareTees.begin(), statement::kHardwareTees.end());
  names.insert(names.end(), statement::kSimulatedTees.begin(), statement::kSimulatedTees.end());
  AddNames(command, tee, "The TEE to run in", std::move(names));
}

TeeCommand AddTeeCommand(CLI::App& app, TeeOptions* options) {
  CLI::App* command = app.add_subcommand("tee", "The TEEs that this machine offers, and the simulated ones");
  command->require_subcommand(1);
  CLI::App* init = command->add_subcommand("init", "Make a simulated TEE's authority (the first run does it too)");
  AddNames(init, &options->tee, "Which (simulated-snp takes seconds)",
           {statement::kSimulatedTees.begin(), statement::kSimulatedTees.end()});
  init->footer("Example:\n  attestml tee init --tee simulated-snp");
  CLI::App* status = command->add_subcommand(
      "status", "What this machine offers, the roots of its simulated TEEs, and the prover's measurement");
  status->add_flag("--json", options->json, "Print one JSON object");
  status->footer("Example:\n  attestml tee status --json");
  return {init, status};
}

}  // namespace attestml::cli
