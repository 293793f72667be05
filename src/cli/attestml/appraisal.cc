#include "cli/attestml/appraisal.h"

#include <algorithm>
#include <ctime>
#include <iterator>
#include <utility>

#include "artifact/measured_file.h"
#include "base/hex.h"
#include "cli/attestml/commands.h"
#include "policy/receipt.h"

namespace attestml::cli {
namespace {

constexpr std::string_view kAtStamp = "stamp";
constexpr std::size_t kMaxBundle = std::size_t{64} << 20;
constexpr std::size_t kMaxPolicy = std::size_t{1} << 20;
constexpr std::size_t kMaxRow = std::size_t{64} << 20;

// A file over the cap of its format is an error of that format, not of files.
Result<Bytes> ReadCapped(const std::string& path, std::size_t max_bytes, ErrorKind kind, const char* id) {
  auto bytes = artifact::ReadFile(path, max_bytes);
  if (!bytes.ok() && bytes.error().id == "file.size") return Error{kind, id, bytes.error().message};
  return bytes;
}

Result<std::vector<statement::Envelope>> ReadBundle(const std::string& path) {
  ATTESTML_TRY(const Bytes text, ReadCapped(path, kMaxBundle, ErrorKind::kMalformed, "bundle.size"));
  return statement::ParseBundle(AsText(text));
}

// Reads what the relying party holds.
Result<policy::Question> ReadQuestion(const AppraisalOptions& options) {
  policy::Question question;
  if (!options.model.empty()) {
    ATTESTML_TRY(question.model, DigestOfPath(options.model));
  }
  for (const std::string& path : options.datasets) {
    ATTESTML_TRY(const auto digest, DigestOfPath(path));
    question.datasets.push_back(digest);
  }
  if (!options.input.empty()) {
    ATTESTML_TRY(question.input, DigestOfPath(options.input));
  }
  if (!options.output.empty()) {
    ATTESTML_TRY(question.output, DigestOfPath(options.output));
  }
  if (!options.nonce.empty()) {
    auto nonce = HexDecode(options.nonce);
    if (!nonce.ok()) return Usage("cli.nonce", "--nonce: " + nonce.error().message);
    question.nonce = std::move(nonce).value();
  }
  return question;
}

Time Now() { return Time{static_cast<std::int64_t>(std::time(nullptr))}; }

// As of when, and by whose word. A time stamp of the future is a clock that is ahead: then it is now.
Status ChooseTime(const AppraisalOptions& options, std::span<const statement::Envelope> envelopes,
                  std::span<const evidence::CollateralItem> collateral, Verified* out) {
  const Time now = Now();
  out->time = now;
  out->question.time_source = "this machine's clock";
  if (options.at == kAtStamp) {
    ATTESTML_TRY(const auto date, verify::DateEnvelopes(envelopes, out->policy.time_authorities, collateral));
    out->time = std::min(date.by, now);
    out->question.stamped_time = true;
    out->question.time_source = "the time stamps of " + date.authorities.front();
  } else if (!options.at.empty()) {
    ATTESTML_TRY(out->time, TimeOf(options.at));
    out->question.time_source = "--at";
  }
  out->question.earlier_time = out->time < now;
  out->question.later_time = IsLater(out->time, now);
  return {};
}

// A row of a receipt has no line end. One that was cut out of its file with it is the same row.
Status DropLineEnd(const std::string& path, const crypto::Digest256& wanted, std::optional<crypto::Digest256>* digest) {
  if (path.empty() || *digest == wanted) return {};
  ATTESTML_TRY(const Bytes bytes, artifact::ReadFile(path, kMaxRow));
  std::string_view row = AsText(bytes);
  if (!row.ends_with('\n')) return {};
  row.remove_suffix(1);
  if (row.ends_with('\r')) row.remove_suffix(1);
  if (const auto without = crypto::Sha256(AsBytes(row)); without == wanted) *digest = without;
  return {};
}

}  // namespace

Result<policy::Policy> ReadPolicy(const std::string& path) {
  ATTESTML_TRY(const Bytes text, ReadCapped(path, kMaxPolicy, ErrorKind::kUsage, "policy.size"));
  return policy::ParsePolicy(AsText(text), path);
}

void AddVerificationOptions(CLI::App& command, AppraisalOptions* options) {
  command.add_option("BUNDLE", options->bundles, "Bundles (*.intoto.jsonl); \"-\" is standard input")->required();
  command.add_option("-p,--policy", options->policy, "The policy (TOML)")->required();
  command.add_option("--model", options->model, "The model you hold, a file or a folder: the claims must be about it");
  command.add_option("--collateral", options->collateral, "Newer collateral: files or folders, recognised by content");
  command.add_flag("--cached", options->cached,
                   "Collateral of the directory that `attestml collateral fetch` fills, too");
  command.add_option("--opening", options->openings, "What opens concealed claims, from their owner");
  command.add_option("--tsa-root", options->tsa_roots,
                     "Certificates of a time-stamping authority whose time stamps count, beside the policy's");
  command.add_option("--at", options->at,
                     "As of this time (2026-01-31T12:00:00Z) instead of now, or \"stamp\": as of its time stamps");
}

void AddAppraisalOptions(CLI::App& command, AppraisalOptions* options) {
  AddVerificationOptions(command, options);
  command.add_option("--dataset", options->datasets,
                     "Datasets you hold, files or folders: each must be named by a claim");
  command.add_option("--input", options->input, "The input you sent");
  command.add_option("--output", options->output, "The output you received; an answer is input and output together");
  command.add_option("--receipt", options->receipt,
                     "The receipt of one row; --input and --output are then that row and its line");
  command.add_option("--nonce", options->nonce,
                     "The nonce you sent, hexadecimal: the answer must have been made for it");
}

Result<Verified> VerifyFiles(const AppraisalOptions& options) {
  Verified out;
  ATTESTML_TRY(out.policy, ReadPolicy(options.policy));
  ATTESTML_TRY(out.question, ReadQuestion(options));
  if (options.at != kAtStamp) ATTESTML_CHECK(TimeOf(options.at));
  out.time = Now();
  ATTESTML_TRY(auto tsa_roots, ReadTimeAuthorityFiles(options.tsa_roots));
  std::move(tsa_roots.begin(), tsa_roots.end(), std::back_inserter(out.policy.time_authorities));
  ATTESTML_TRY(const auto collateral, ReadCollateral(options.collateral, options.cached));
  ATTESTML_TRY(const statement::Opener opener, ReadOpenings(options.openings));
  std::vector<statement::Envelope> envelopes;
  for (const std::string& path : options.bundles) {
    auto parsed = ReadBundle(path);
    if (!parsed.ok()) {
      if (parsed.error().kind == ErrorKind::kUsage || parsed.error().kind == ErrorKind::kUnavailable) {
        return std::move(parsed).error();
      }
      out.failure = policy::ReportFailure({}, Within(path, std::move(parsed).error()), out.time);
      return out;
    }
    envelopes.insert(envelopes.end(), parsed->begin(), parsed->end());
  }
  if (const Status chosen = ChooseTime(options, envelopes, collateral, &out); !chosen.ok()) {
    if (chosen.error().kind == ErrorKind::kUsage) return chosen.error();
    out.failure = policy::ReportFailure({}, chosen.error(), out.time);
    return out;
  }
  auto outcome = verify::VerifyBundle(envelopes, collateral, out.policy.anchors, out.time, out.policy.time_authorities);
  if (!outcome.bundle.ok()) {
    out.failure = policy::ReportFailure(outcome.checks, outcome.bundle.error(), out.time);
    return out;
  }
  if (const Status opened = outcome.bundle->Open(opener); !opened.ok()) {
    out.failure = policy::ReportFailure(outcome.checks, opened.error(), out.time);
    return out;
  }
  out.checks = std::move(outcome.checks);
  out.bundle = std::move(outcome.bundle).value();
  return out;
}

Result<Appraisal> AppraiseFiles(const AppraisalOptions& options) {
  std::optional<statement::Receipt> receipt;
  if (!options.receipt.empty()) {
    ATTESTML_TRY(const Bytes text, artifact::ReadFile(options.receipt, 64 * 1024));
    ATTESTML_TRY(receipt, policy::ReadReceiptFile(AsText(text)));
  }
  ATTESTML_TRY(Verified verified, VerifyFiles(options));
  Appraisal out;
  if (!verified.bundle) {
    out.report = std::move(verified.failure);
    return out;
  }
  out.bundle = std::move(verified.bundle);
  if (receipt) {
    ATTESTML_CHECK(DropLineEnd(options.input, receipt->input, &verified.question.input));
    ATTESTML_CHECK(DropLineEnd(options.output, receipt->output, &verified.question.output));
    policy::CheckReceipt(*receipt, *out.bundle, &verified.question, &verified.checks);
  }
  out.report = policy::Appraise(*out.bundle, verified.policy, verified.question);
  policy::PrependChecks(std::move(verified.checks), &out.report);
  return out;
}

}  // namespace attestml::cli
