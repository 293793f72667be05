#include "card/card.h"

#include "artifact/output_directory.h"
#include "cli/attestml/appraisal.h"
#include "cli/attestml/commands.h"
#include "cli/terminal.h"

namespace attestml::cli {

void AddCard(CLI::App& app, int* exit_code) {
  struct Options {
    AppraisalOptions appraisal;
    std::string file;
    bool json = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("card", "Write a model card or datasheet from a bundle that a policy accepts");
  AddAppraisalOptions(*command, &options->appraisal);
  command->add_option("-o,--out", options->file, "Where to write; a name ending in .json gives JSON")->required();
  command->add_flag("--json", options->json, "Write JSON whatever the name");
  command->footer("Example:\n  attestml card claims.intoto.jsonl --policy policy.toml -o card.md");
  command->callback([options, exit_code] {
    const auto appraisal = AppraiseFiles(options->appraisal);
    if (!appraisal.ok()) {
      *exit_code = Fail(appraisal.error());
      return;
    }
    if (appraisal->report.verdict != policy::Verdict::kAccepted || !appraisal->bundle) {
      *exit_code = policy::ReportExitCode(appraisal->report);
      Note("no card: the bundle is not accepted");
      static_cast<void>(Print(policy::ReportToText(appraisal->report, UseColor())));
      return;
    }
    const bool json = options->json || options->file.ends_with(".json");
    const auto text = json ? card::WriteJsonCard(appraisal->report, *appraisal->bundle)
                           : card::WriteMarkdownCard(appraisal->report, *appraisal->bundle);
    if (!text.ok()) {
      *exit_code = Fail(text.error());
      return;
    }
    const Status written = artifact::WriteFileAtomically(options->file, AsBytes(*text));
    if (!written.ok()) *exit_code = Fail(written.error());
  });
}

}  // namespace attestml::cli
