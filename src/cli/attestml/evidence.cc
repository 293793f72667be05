#include "verify/evidence.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <utility>

#include "artifact/measured_file.h"
#include "base/hex.h"
#include "cli/attestml/commands.h"
#include "cli/terminal.h"
#include "evidence/describe.h"
#include "evidence/package.h"
#include "policy/evidence_report.h"
#include "statement/envelope.h"

namespace attestml::cli {
namespace {

constexpr std::size_t kMaxEvidence = std::size_t{24} << 20;

struct VerifyOptions {
  std::string file, at, report_data, nonce, policy;
  std::vector<std::string> collateral, roots, tcb_status, allowed, min_tcb, expected;
  bool cached = false, allow_debug = false, json = false, ear = false, quiet = false;
};

// A CMW collection, or evidence alone.
Result<evidence::EvidencePackage> EvidenceIn(Bytes bytes) {
  if (!bytes.empty() && bytes.front() == '{') return evidence::DecodeCmw(AsText(bytes));
  return evidence::EvidencePackage{"application/octet-stream", std::move(bytes), {}};
}

Result<Bytes> ReadHexOption(const std::string& text, const std::string& option, std::size_t max) {
  auto data = HexDecode(text);
  if (!data.ok() || data->empty() || data->size() > max) {
    return Usage("cli.hex", option + ": want 1 to " + std::to_string(max) + " bytes in hexadecimal");
  }
  return data;
}

// "NAME=VALUE".
Result<std::pair<std::string, std::string>> Split(const std::string& text, const std::string& option) {
  const std::size_t at = text.find('=');
  if (at == std::string::npos || at == 0)
    return Usage("cli.name_value", option + ": \"" + text + "\" is not NAME=VALUE");
  return std::pair(text.substr(0, at), text.substr(at + 1));
}

Status ReadExpectations(const VerifyOptions& options, policy::EvidenceQuestion* question) {
  for (const std::string& text : options.min_tcb) {
    ATTESTML_TRY(const auto parts, Split(text, "--min-tcb"));
    const auto& [name, value] = parts;
    unsigned number = 0;
    const auto end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end || number > 255) {
      return Usage("cli.min_tcb", "--min-tcb: " + name + " is \"" + value + "\", want 0 to 255");
    }
    question->min_tcb.push_back({name, number});
  }
  for (const std::string& text : options.expected) {
    ATTESTML_TRY(const auto parts, Split(text, "--expect"));
    ATTESTML_TRY(Bytes value, ReadHexOption(parts.second, "--expect " + parts.first, 1024));
    question->expected.push_back({parts.first, std::move(value)});
  }
  return {};
}

Result<policy::EvidenceReport> VerifyFile(const VerifyOptions& options) {
  ATTESTML_TRY(auto anchors, ReadAnchors(options.roots));
  policy::EvidenceQuestion question;
  if (!options.tcb_status.empty()) question.tcb_status = options.tcb_status;
  question.allow_debug = options.allow_debug;
  question.allowed = options.allowed;
  ATTESTML_CHECK(ReadExpectations(options, &question));
  if (!options.report_data.empty()) {
    ATTESTML_TRY(question.report_data, ReadHexOption(options.report_data, "--report-data", 64));
  }
  if (!options.nonce.empty()) {
    ATTESTML_TRY(question.nonce, ReadHexOption(options.nonce, "--nonce", 512));
  }
  ATTESTML_TRY(const Time time, TimeOf(options.at));
  std::optional<policy::Policy> policy;
  if (!options.policy.empty()) {
    ATTESTML_TRY(policy, ReadPolicy(options.policy));
    question.policy = &*policy;
    const Time now{static_cast<std::int64_t>(std::time(nullptr))};
    question.earlier_time = !options.at.empty() && time < now;
    question.later_time = IsLater(time, now);
    anchors = policy->anchors;
  }
  const auto package = ReadEvidence(options.file);
  if (!package.ok()) {
    if (package.error().kind != ErrorKind::kMalformed) return package.error();
    return policy::AppraiseEvidence({{}, package.error()}, question, time);
  }
  ATTESTML_TRY(const auto collateral, ReadCollateral(options.collateral, options.cached, &*package));
  auto report = policy::AppraiseEvidence(verify::VerifyEvidence(*package, collateral, anchors, time), question, time);
  for (const evidence::CollateralItem& item : collateral) report.collateral.push_back(ListCollateral(item));
  return report;
}

std::string Render(const policy::EvidenceReport& report, const VerifyOptions& options) {
  if (options.json) return PrettyJson(policy::EvidenceReportToJson(report));
  if (options.ear) return PrettyJson(policy::ReportToEar(report.report));
  return policy::EvidenceReportToText(report, UseColor());
}

int RunVerify(const VerifyOptions& options) {
  const auto report = VerifyFile(options);
  if (!report.ok()) return Fail(report.error());
  if (!options.quiet) {
    const Status printed = Print(Render(*report, options));
    if (!printed.ok()) return Fail(printed.error());
    if (report->report.error && !options.json && !options.ear) HintAtFetching(*report->report.error, options.file);
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

Result<evidence::EvidencePackage> ReadEvidence(const std::string& path) {
  ATTESTML_TRY(Bytes bytes, artifact::ReadFile(path, kMaxEvidence));
  return EvidenceIn(std::move(bytes));
}

void HintAtFetching(const Error& error, const std::string& file) {
  if (error.kind != ErrorKind::kUnavailable || error.id.find(".collateral.") == std::string::npos) return;
  Note("hint: attestml collateral fetch " + file + ", and then --cached");
}

Result<std::vector<evidence::EvidencePackage>> ReadAllEvidence(const std::string& path) {
  ATTESTML_TRY(Bytes bytes, artifact::ReadFile(path));
  const auto envelopes = statement::ParseBundle(AsText(bytes));
  if (!envelopes.ok()) {
    if (bytes.size() > kMaxEvidence) {
      return Malformed("cli.evidence", path + " is neither a bundle nor evidence of at most " +
                                           std::to_string(kMaxEvidence) + " bytes");
    }
    ATTESTML_TRY(auto package, EvidenceIn(std::move(bytes)));
    return std::vector{std::move(package)};
  }
  std::vector<evidence::EvidencePackage> out;
  for (const auto& envelope : *envelopes) {
    const auto claim = statement::ParseStatement(envelope.payload);
    const auto* stated = claim.ok() ? std::get_if<statement::EvidenceClaim>(&*claim) : nullptr;
    if (stated == nullptr) continue;
    ATTESTML_TRY(auto package, evidence::DecodeCmw(stated->cmw));
    const auto same = [&](const auto& each) { return each.evidence == package.evidence; };
    if (std::none_of(out.begin(), out.end(), same)) out.push_back(std::move(package));
  }
  if (out.empty()) return Unsupported("cli.evidence", path + " is a bundle without evidence");
  return out;
}

void AddEvidence(CLI::App& app, int* exit_code) {
  CLI::App* command = app.add_subcommand("evidence", "Verify or explain TEE evidence on its own");
  command->require_subcommand(1);
  auto options = std::make_shared<VerifyOptions>();
  CLI::App* verify =
      command->add_subcommand("verify", "Verify a quote, report or attestation document with its collateral, offline");
  verify->add_option("FILE", options->file, "The evidence; \"-\" is standard input")->required();
  verify->add_option("--collateral", options->collateral,
                     "TCB info, QE identity, CRLs, VCEK or VLEK, certificates, event log: files or folders");
  verify->add_flag("--cached", options->cached,
                   "Collateral of the directory that `attestml collateral fetch` fills, too");
  verify->add_option("--at", options->at, "As of this time (2025-07-04T10:28:44Z) instead of now");
  verify->add_option("--report-data", options->report_data,
                     "The report data it must hold, hexadecimal; zeros follow to 64 bytes");
  verify->add_option("--nonce", options->nonce,
                     "The nonce it must hold, hexadecimal, where the format has one (Nitro)");
  verify->add_option("--expect", options->expected,
                     "A value it must have (repeat): measurement=HEX, rtmr1=HEX, pcr4=HEX, host_data=HEX");
  auto* policy = verify->add_option("-p,--policy", options->policy, "A policy: one of its programs must have made it");
  verify->add_option("--accept-tcb", options->tcb_status, "The TCB statuses accepted (repeat); default UpToDate only")
      ->excludes(policy);
  verify->add_option("--min-tcb", options->min_tcb, "SNP: the least version accepted (repeat): microcode=213")
      ->excludes(policy);
  verify->add_option("--allow", options->allowed, "A hazard to accept by name (repeat): service-td, vmpl")
      ->excludes(policy);
  verify->add_option("--simulated-root", options->roots, "Key id of a simulated TEE's root to trust as simulated")
      ->excludes(policy);
  verify->add_flag("--allow-debug", options->allow_debug, "Accept debug evidence; it protects nothing")
      ->excludes(policy);
  verify->add_flag("--json", options->json, "Print the report as one JSON object");
  verify->add_flag("--ear", options->ear, "Print the report as an EAT attestation result (EAR)")->excludes("--json");
  verify->add_flag("-q,--quiet", options->quiet, "Print nothing; the exit status tells");
  verify->footer(
      "Examples:\n"
      "  attestml evidence verify quote.bin --collateral collateral/ --at 2025-07-04T10:28:44Z\n"
      "  attestml collateral fetch quote.bin && attestml evidence verify quote.bin --cached\n"
      "  attestml evidence verify report.bin --collateral vcek.der --collateral ask_ark.pem --min-tcb microcode=213\n"
      "  attestml evidence verify document.cbor --nonce 5f1c… --expect pcr0=3a9e…");
  verify->callback([options, exit_code] { *exit_code = RunVerify(*options); });

  auto explained = std::make_shared<VerifyOptions>();
  CLI::App* inspect = command->add_subcommand("inspect", "Say what is in evidence or collateral, without judging");
  inspect
      ->add_option("FILE", explained->file, "A quote, report, document, CMW collection, TCB info, CRL or certificate")
      ->required();
  inspect->add_flag("--json", explained->json, "Print JSON, which is what it prints anyway");
  for (const char* judging : {"--collateral", "--at", "--report-data"}) {
    inspect->add_option(judging, explained->collateral, "Taken and not used: inspect judges nothing, verify does");
  }
  inspect->footer("Example:\n  attestml evidence inspect quote.bin");
  inspect->callback([explained, exit_code] { *exit_code = RunInspect(explained->file); });
}

}  // namespace attestml::cli
