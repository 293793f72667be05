#include "statement/opening.h"

#include <algorithm>

#include "artifact/measured_file.h"
#include "artifact/output_directory.h"
#include "cli/attestml/commands.h"
#include "cli/terminal.h"

namespace attestml::cli {
namespace {

struct Options {
  std::string file, out = "-";
  std::vector<std::string> only;
};

Status CutOpening(const Options& options) {
  ATTESTML_TRY(const Bytes text, artifact::ReadFile(options.file, statement::kMaxOpening));
  auto items = statement::ParseOpening(AsText(text));
  if (!items.ok()) return Within(options.file, std::move(items).error());
  std::vector<statement::ConcealedKind> kinds;
  for (const std::string& name : options.only) {
    const auto kind = statement::ConcealedKindOf(name);
    if (!kind)
      return Usage("cli.kind", "--only " + name + ": want file, selection, reading, records, job, byproduct or seed");
    kinds.push_back(*kind);
  }
  if (!kinds.empty()) {
    std::erase_if(*items,
                  [&](const auto& item) { return std::find(kinds.begin(), kinds.end(), item.kind) == kinds.end(); });
  }
  Note(std::to_string(items->size()) + " items");
  return artifact::WriteFileAtomically(options.out, AsBytes(statement::WriteOpening(*items)), 0600);
}

}  // namespace

void AddOpening(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("opening", "Cut an opening down to what somebody may see");
  command->add_option("FILE", options->file, "The opening that a concealed run left")->required();
  command->add_option("--only", options->only, "Kinds to keep: file, selection, reading, records, job, byproduct, seed")
      ->delimiter(',');
  command->add_option("-o,--out", options->out, "Where it goes; \"-\" is standard output");
  command->footer("Example:\n  attestml opening attestml-out/opening.json --only job -o for-the-auditor.json");
  command->callback([options, exit_code] {
    const Status status = CutOpening(*options);
    *exit_code = status.ok() ? 0 : Fail(status.error());
  });
}

Result<statement::Opener> ReadOpenings(const std::vector<std::string>& paths) {
  statement::Opener opener;
  for (const std::string& path : paths) {
    ATTESTML_TRY(const Bytes text, artifact::ReadFile(path, statement::kMaxOpening));
    auto items = statement::ParseOpening(AsText(text));
    if (!items.ok()) return Within(path, std::move(items).error());
    opener.Add(*items);
  }
  return opener;
}

}  // namespace attestml::cli
