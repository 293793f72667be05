#include "cli/tee_command.h"

#include <vector>

#include "statement/tee_names.h"

namespace attestml::cli {

void AddTeeOption(CLI::App* command, std::string* tee, const std::string& description) {
  std::vector<std::string> names(statement::kJobTees.begin(), statement::kJobTees.end());
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? ": " : ", ") + name;
  names.emplace_back(statement::kSimulatedSgx);
  command->add_option("--tee", *tee, description + list)->check(CLI::IsMember(names));
}

TeeCommand AddTeeCommand(CLI::App& app, TeeOptions* options) {
  CLI::App* command = app.add_subcommand("tee", "The simulated TEEs");
  command->require_subcommand(1);
  CLI::App* init = command->add_subcommand("init", "Make a simulated TEE's authority (the first run does it too)");
  AddTeeOption(init, &options->tee, "Which (simulated-snp takes seconds)");
  init->footer("Example:\n  attestml tee init --tee simulated-snp");
  CLI::App* status = command->add_subcommand(
      "status", "What this machine offers, the roots of its simulated TEEs, and the prover's measurement");
  status->add_flag("--json", options->json, "Print one JSON object");
  status->footer("Example:\n  attestml tee status --json");
  return {init, status};
}

}  // namespace attestml::cli
