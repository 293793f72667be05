#include "artifact/measured_file.h"
#include "base/hex.h"
#include "cli/attestml/appraisal.h"
#include "cli/attestml/commands.h"
#include "cli/record_command.h"
#include "cli/terminal.h"
#include "policy/receipt.h"
#include "policy/record_answer.h"

namespace attestml::cli {
namespace {

struct Options {
  AppraisalOptions appraisal;
  std::string proof, record, dataset, selection, role, expect;
  bool json = false, quiet = false;
};

// "sha256:…", or a file that is then hashed.
Result<crypto::Digest256> DigestArgument(const std::string& argument) {
  constexpr std::string_view kPrefix = "sha256:";
  if (!argument.starts_with(kPrefix)) return DigestOfPath(argument);
  crypto::Digest256 digest;
  if (!HexDecodeInto(std::string_view(argument).substr(kPrefix.size()), digest)) {
    return Usage("cli.digest", "\"" + argument + "\" is not sha256: and 64 hexadecimal digits");
  }
  return digest;
}

Result<policy::RecordQuestion> ReadQuestion(const Options& options) {
  policy::RecordQuestion question;
  if (!options.record.empty()) {
    ATTESTML_TRY(question.record, ReadRecord(options.record));
  }
  if (!options.dataset.empty()) {
    ATTESTML_TRY(question.dataset, DigestArgument(options.dataset));
  }
  if (!options.selection.empty()) {
    ATTESTML_TRY(question.selection, DigestArgument(options.selection));
  }
  question.role = options.role;
  if (options.expect == "present") question.expected = policy::RecordAnswer::kPresent;
  if (options.expect == "absent") question.expected = policy::RecordAnswer::kAbsent;
  return question;
}

struct Answer {
  Verified verified;  // the report borrows from it
  policy::RecordReport report;
};

Result<std::unique_ptr<const Answer>> VerifyRecord(const Options& options) {
  ATTESTML_TRY(const policy::RecordQuestion question, ReadQuestion(options));
  ATTESTML_TRY(const Bytes text, artifact::ReadFile(options.proof, statement::kMaxRecordProof));
  auto answer = std::make_unique<Answer>();
  Verified& verified = answer->verified;
  ATTESTML_TRY(verified, VerifyFiles(options.appraisal));
  const auto proof = statement::ParseRecordProof(AsText(text));
  if (!proof.ok()) {
    answer->report.report = policy::ReportFailure({}, Within(options.proof, proof.error()), verified.time);
  } else if (!verified.bundle) {
    answer->report.report = verified.failure;
  } else {
    answer->report = policy::AppraiseRecord(*proof, question, *verified.bundle, verified.policy, verified.question);
    policy::PrependChecks(verified.checks, &answer->report.report);
  }
  return std::unique_ptr<const Answer>(std::move(answer));
}

int Run(const Options& options) {
  const auto answer = VerifyRecord(options);
  if (!answer.ok()) return Fail(answer.error());
  const policy::RecordReport& report = (*answer)->report;
  if (!options.quiet) {
    const Status printed = Print(options.json ? PrettyJson(policy::RecordReportToJson(report))
                                              : policy::RecordReportToText(report, UseColor()));
    if (!printed.ok()) return Fail(printed.error());
  }
  return policy::ReportExitCode(report.report);
}

}  // namespace

void AddVerifyRecord(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "verify-record", "Verify that a record was, or was not, among the training data of an attested model");
  command->add_option("PROOF", options->proof, "The proof, of attestml prove-record")->required();
  AddVerificationOptions(*command, &options->appraisal);
  command->add_option("--record", options->record,
                      "The record you ask about: canonical JSON, label included, or @FILE; default: that of the proof");
  command->add_option("--dataset", options->dataset, "Ask about this dataset only: its file, or sha256:…");
  command->add_option("--selection", options->selection, "Ask about this selection only: sha256:…");
  command->add_option("--role", options->role, "Ask about this role only: train, fit or validation")
      ->check(CLI::IsMember({"train", "fit", "validation"}));
  command->add_option("--expect", options->expect, "present or absent: any other answer is refused")
      ->check(CLI::IsMember({"present", "absent"}));
  command->add_flag("--json", options->json, "Print the report as one JSON object");
  command->add_flag("-q,--quiet", options->quiet, "Print nothing; the exit status tells");
  command->footer(
      "Exit status 0: the policy accepts, and the record is shown to be present, or absent from all of it.\n"
      "Example:\n  attestml verify-record proof.json claims.intoto.jsonl --policy policy.toml --expect absent");
  command->callback([options, exit_code] { *exit_code = Run(*options); });
}

}  // namespace attestml::cli
