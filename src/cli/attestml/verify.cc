#include <ctime>

#include "artifact/measured_file.h"
#include "base/hex.h"
#include "cli/attestml/appraisal.h"
#include "cli/attestml/commands.h"
#include "cli/terminal.h"

namespace attestml::cli {

void AddVerify(CLI::App& app, int* exit_code) {
  struct Options {
    AppraisalOptions appraisal;
    bool json = false;
    bool ear = false;
    bool quiet = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand("verify", "Verify bundles and appraise them against a policy");
  AddAppraisalOptions(*command, &options->appraisal);
  command->add_flag("--json", options->json, "Print the report as one JSON object");
  command->add_flag("--ear", options->ear, "Print the report as an EAT attestation result (EAR)")->excludes("--json");
  command->add_flag("-q,--quiet", options->quiet, "Print nothing; the exit status tells");
  command->footer(
      "Examples:\n"
      "  attestml verify claims.intoto.jsonl --policy policy.toml\n"
      "  attestml verify claims.intoto.jsonl infer.intoto.jsonl --policy policy.toml \\\n"
      "      --model model.safetensors --input rows.csv --output outputs.csv --nonce 5f1c…");
  command->callback([options, exit_code] {
    const auto appraisal = AppraiseFiles(options->appraisal);
    if (!appraisal.ok()) {
      *exit_code = Fail(appraisal.error());
      return;
    }
    const policy::Report& report = appraisal->report;
    std::string text;
    if (options->json) {
      text = PrettyJson(policy::ReportToJson(report));
    } else if (options->ear) {
      text = PrettyJson(policy::ReportToEar(report));
    } else {
      text = policy::ReportToText(report, UseColor());
    }
    *exit_code = policy::ReportExitCode(report);
    if (options->quiet) return;
    const Status printed = Print(text);
    if (!printed.ok()) *exit_code = Fail(printed.error());
    if (report.error && !options->json && !options->ear)
      HintAtFetching(*report.error, options->appraisal.bundles.front());
  });
}

}  // namespace attestml::cli
