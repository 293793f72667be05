// attestml: checks claims about models, datasets and answers. It links no ML engine; what makes claims is the prover,
// to which it hands the commands that need one.
#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string>

#include "cli/attestml/commands.h"
#include "cli/job_command.h"
#include "cli/parsing.h"
#include "cli/record_command.h"
#include "cli/reference.h"
#include "cli/tee_command.h"
#include "cli/terminal.h"

namespace attestml::cli {
namespace {

// The prover lies beside this program, or in ../libexec/attestml of it.
int HandToProver(char** argv) {
  std::array<char, PATH_MAX> self{};
  const ssize_t size = readlink("/proc/self/exe", self.data(), self.size() - 1);
  if (size <= 0) return Fail(Unavailable("cli.prover", "cannot tell where this program lies"));
  std::string directory(self.data(), static_cast<std::size_t>(size));
  directory.resize(directory.rfind('/'));
  for (const char* place : {"/attestml-prover", "/../libexec/attestml/attestml-prover"}) {
    const std::string path = directory + place;
    if (access(path.c_str(), X_OK) != 0) continue;
    execv(path.c_str(), argv);
    return Fail(Unavailable("cli.prover", "cannot start " + path + ": " + std::strerror(errno)));
  }
  return Fail(Unavailable("cli.prover", "attestml-prover is not installed beside attestml"));
}

int Main(int argc, char** argv) {
  const std::string_view first = argc > 1 ? argv[1] : "";
  const bool is_job = std::any_of(kJobCommands.begin(), kJobCommands.end(),
                                  [&](const JobCommand& command) { return first == command.name; });
  if (is_job || first == "tee" || first == kProveRecord) return HandToProver(argv);

  CLI::App app("makes machine-learning claims checkable: verifies attestations, offline", "attestml");
  app.set_version_flag("--version", "attestml " ATTESTML_VERSION);
  app.require_subcommand(1);
  app.footer(
      "Exit status: 0 accepted, 2 usage, 3 malformed, 4 unsupported, 5 untrusted, 6 rejected, 7 unavailable.\n"
      "\nExamples:\n"
      "  attestml run job.toml -o out\n"
      "  attestml policy init out/claims.intoto.jsonl > policy.toml\n"
      "  attestml verify out/claims.intoto.jsonl --policy policy.toml --model out/model.safetensors");
  int exit_code = 0;
  AddVerify(app, &exit_code);
  AddVerifyRecord(app, &exit_code);
  AddInspect(app, &exit_code);
  AddCard(app, &exit_code);
  AddEvidence(app, &exit_code);
  AddCollateral(app, &exit_code);
  AddPolicy(app, &exit_code);
  AddKeys(app, &exit_code);
  AddReferenceValues(app, &exit_code);
  AddManifest(app, &exit_code);
  AddOpening(app, &exit_code);
  AddTimestamp(app, &exit_code);
  // Never parsed here: they are on this parser for its help, manual and completion.
  std::array<JobOptions, kJobCommands.size()> job_options;
  for (std::size_t i = 0; i < kJobCommands.size(); ++i) AddJobCommand(app, kJobCommands[i], &job_options[i]);
  ProveRecordOptions record_options;
  AddProveRecordCommand(app, &record_options);
  TeeOptions tee_options;
  AddTeeCommand(app, &tee_options);

  std::string shell;
  CLI::App* completion = app.add_subcommand("completion", "Print shell completion for bash, zsh or fish");
  completion->add_option("SHELL", shell, "bash, zsh or fish")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  CLI::App* manual = app.add_subcommand("man", "Print the manual page (attestml man | man -l -)");
  completion->callback([&] {
    const Status status = Print(Completion(app, shell));
    exit_code = status.ok() ? 0 : Fail(status.error());
  });
  manual->callback([&] {
    const Status status = Print(ManualPage(app));
    exit_code = status.ok() ? 0 : Fail(status.error());
  });

  if (const auto stopped = ParseArguments(app, argc, argv)) return *stopped;
  return exit_code;
}

}  // namespace
}  // namespace attestml::cli

int main(int argc, char** argv) {
#ifdef __GLIBC__
  // One short command: memory is asked for in few large pieces, and none is given back before the end.
  mallopt(M_TOP_PAD, 4 << 20);
  mallopt(M_TRIM_THRESHOLD, 64 << 20);
  mallopt(M_MMAP_THRESHOLD, 32 << 20);
#endif
  return attestml::cli::Main(argc, argv);
}
