#include "verify/evidence.h"

#include "artifact/measured_file.h"
#include "base/hex.h"
#include "cli/attestml/commands.h"
#include "cli/terminal.h"
#include "evidence/describe.h"
#include "evidence/package.h"
#include "policy/evidence_report.h"

namespace attestml::cli {
namespace {

constexpr std::size_t kMaxEvidence = std::size_t{24} << 20;

struct VerifyOptions {
  std::string file, at, report_data;
  std::vector<std::string> collateral, roots, tcb_status;
  bool allow_debug = false, json = false, quiet = false;
};

// A quote on its own, or a CMW collection, which brings collateral.
Result<evidence::EvidencePackage> ReadEvidence(const std::string& path) {
  ATTESTML_TRY(Bytes bytes, artifact::ReadFile(path, kMaxEvidence));
  if (!bytes.empty() && bytes.front() == '{') return evidence::DecodeCmw(AsText(bytes));
  return evidence::EvidencePackage{std::string(evidence::kSgxQuoteMediaType), std::move(bytes), {}};
}

Result<policy::EvidenceReport> VerifyFile(const VerifyOptions& options) {
  ATTESTML_TRY(const auto anchors, ReadAnchors(options.roots));
  policy::EvidenceQuestion question;
  if (!options.tcb_status.empty()) question.tcb_status = options.tcb_status;
  question.allow_debug = options.allow_debug;
  if (!options.report_data.empty()) {
    auto data = HexDecode(options.report_data);
    if (!data.ok() || data->size() > 64)
      return Usage("cli.report_data", "--report-data: want 1 to 64 bytes in hexadecimal");
    question.report_data = std::move(data).value();
  }
  ATTESTML_TRY(const Time time, TimeOf(options.at));
  ATTESTML_TRY(const auto collateral, ReadCollateral(options.collateral));
  const auto package = ReadEvidence(options.file);
  if (!package.ok()) {
    if (package.error().kind != ErrorKind::kMalformed) return package.error();
    return policy::AppraiseEvidence({{}, package.error()}, question, time);
  }
  return policy::AppraiseEvidence(verify::VerifyEvidence(*package, collateral, anchors, time), question, time);
}

int RunVerify(const VerifyOptions& options) {
  const auto report = VerifyFile(options);
  if (!report.ok()) return Fail(report.error());
  if (!options.quiet) {
    const Status printed = Print(options.json ? PrettyJson(policy::EvidenceReportToJson(*report))
                                              : policy::EvidenceReportToText(*report, UseColor()));
    if (!printed.ok()) return Fail(printed.error());
  }
  return policy::ReportExitCode(report->report);
}

int RunInspect(const std::string& file) {
  const auto bytes = artifact::ReadFile(file, kMaxEvidence);
  if (!bytes.ok()) return Fail(bytes.error());
  const Json description = evidence::DescribeEvidence(*bytes);
  const Status printed = Print(PrettyJson(description));
  if (!printed.ok()) return Fail(printed.error());
  return description.contains("error") ? ExitCode(ErrorKind::kMalformed) : 0;
}

}  // namespace

void AddEvidence(CLI::App& app, int* exit_code) {
  CLI::App* command = app.add_subcommand("evidence", "Verify or explain TEE evidence on its own");
  command->require_subcommand(1);
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* verify =
      command->add_subcommand("verify", "Verify a quote (or a CMW collection) with its collateral, offline");
  verify->add_option("FILE", options->file, "The evidence; \"-\" is standard input")->required();
  verify->add_option("--collateral", options->collateral,
                     "TCB info, QE identity, CRLs, certificates: files or folders");
  verify->add_option("--at", options->at, "As of this time (2025-07-04T10:28:44Z) instead of now");
  verify->add_option("--report-data", options->report_data,
                     "The report data it must hold, hexadecimal; zeros follow to 64 bytes");
  verify->add_option("--accept-tcb", options->tcb_status, "The TCB statuses accepted (repeat); default UpToDate only");
  verify->add_option("--simulated-root", options->roots, "Key id of a simulated TEE's root to trust as simulated");
  verify->add_flag("--allow-debug", options->allow_debug, "Accept debug evidence; it protects nothing");
  verify->add_flag("--json", options->json, "Print the report as one JSON object");
  verify->add_flag("-q,--quiet", options->quiet, "Print nothing; the exit status tells");
  verify->footer("Example:\n  attestml evidence verify quote.bin --collateral collateral/ --at 2025-07-04T10:28:44Z");
  verify->callback([options, exit_code] { *exit_code = RunVerify(*options); });

  auto file = std::make_shared<std::string>();
  CLI::App* inspect = command->add_subcommand("inspect", "Say what is in evidence or collateral, without judging");
  inspect->add_option("FILE", *file, "A quote, CMW collection, TCB info, QE identity, CRL or certificate")->required();
  inspect->callback([file, exit_code] { *exit_code = RunInspect(*file); });
}

}  // namespace attestml::cli
