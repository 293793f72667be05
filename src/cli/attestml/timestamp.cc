// `attestml timestamp`: a date for a bundle that is not the prover's.
#include "crypto/timestamp.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "artifact/measured_file.h"
#include "artifact/output_directory.h"
#include "base/hex.h"
#include "cli/attestml/commands.h"
#include "cli/terminal.h"
#include "fetch/curl_transport.h"
#include "fetch/retry.h"
#include "statement/envelope.h"

namespace attestml::cli {
namespace {

constexpr std::size_t kMaxBundle = std::size_t{64} << 20;

struct TimestampOptions {
  std::string bundle, url, request, token, out;
  std::vector<std::string> roots;
  fetch::RetryPolicy retry;
};

Result<std::vector<statement::Envelope>> ReadLines(const std::string& path) {
  ATTESTML_TRY(const Bytes text, artifact::ReadFile(path, kMaxBundle));
  auto envelopes = statement::ParseBundle(AsText(text));
  if (!envelopes.ok()) return Within(path, std::move(envelopes).error());
  return envelopes;
}

// What the authority answered, as far as it can be checked here: that it stamped these lines and, where roots were
// given, that one of them vouches for it.
Result<std::string> CheckAnswer(const Bytes& answer, const crypto::Digest256& root,
                                const std::vector<verify::TimeAuthority>& authorities) {
  ATTESTML_TRY(const crypto::Timestamp said, crypto::ReadTimestamp(answer));
  if (said.imprint != root) {
    return Untrusted("timestamp.mismatch", "the time stamp is of SHA-256 " + HexEncode(said.imprint) +
                                               ", these lines have " + HexEncode(root));
  }
  if (authorities.empty()) {
    return "there by " + FormatTime(said.latest) + ", by a time stamp that was NOT verified: give --tsa-root";
  }
  std::vector<crypto::Digest256> roots;
  std::vector<Bytes> certificates;
  for (const auto& authority : authorities) {
    roots.push_back(authority.root);
    for (const Bytes& each : authority.certificates) {
      if (std::find(certificates.begin(), certificates.end(), each) == certificates.end()) certificates.push_back(each);
    }
  }
  ATTESTML_TRY(const auto verified, crypto::VerifyTimestamp(answer, root, roots, certificates));
  return "there by " + FormatTime(said.latest) + ", by the word of " + verified.signer();
}

Status AddToBundle(const TimestampOptions& options, const Bytes& answer,
                   const std::vector<verify::TimeAuthority>& authorities, std::vector<statement::Envelope> envelopes) {
  ATTESTML_TRY(const std::string seen, CheckAnswer(answer, statement::TimestampedRoot(envelopes), authorities));
  ATTESTML_CHECK(statement::AddTimestamp(answer, &envelopes));
  std::string text;
  for (const statement::Envelope& envelope : envelopes) text += statement::WriteEnvelope(envelope) + "\n";
  // Never put in the place of a bundle what is none.
  if (const auto again = statement::ParseBundle(text); !again.ok()) return again.error();
  ATTESTML_CHECK(artifact::WriteFileAtomically(options.out.empty() ? options.bundle : options.out, AsBytes(text)));
  Note(std::to_string(envelopes.size()) + (envelopes.size() == 1 ? " line " : " lines ") + seen);
  return {};
}

// A positive number, as the request wants it.
Bytes MakeNonce() {
  const auto random = crypto::RandomSecret();
  Bytes nonce(random.begin(), random.begin() + 16);
  nonce.front() = static_cast<std::uint8_t>((nonce.front() & 0x3f) | 0x40);
  return nonce;
}

// The answer must be to this question: without the nonce, somebody between could hand out one that was given before.
Result<Bytes> Ask(const TimestampOptions& options, const crypto::Digest256& root) {
  const Bytes nonce = MakeNonce();
  ATTESTML_TRY(Bytes request, crypto::EncodeTimestampRequest(root, nonce));
  ATTESTML_TRY(const auto transport, fetch::MakeCurlTransport({}));
  ATTESTML_TRY(const Time now, TimeOf(""));
  fetch::Session session(*transport, fetch::SystemClock(), options.retry, now);
  session.on_retry = [](const Error& error, double) { Note(error.message + "; asking again"); };
  ATTESTML_TRY(auto response,
               session.Post(options.url, "application/timestamp-query", std::move(request), crypto::kMaxTimestamp));
  auto said = crypto::ReadTimestamp(response.body);
  if (!said.ok()) return Within(options.url, std::move(said).error());
  if (said->nonce != nonce) {
    return Untrusted("timestamp.nonce", options.url + " answers " +
                                            (said->nonce ? "with another nonce than was sent" : "without the nonce") +
                                            ": it is no answer to this question");
  }
  return std::move(response.body);
}

Status RunTimestamp(const TimestampOptions& options) {
  ATTESTML_TRY(const auto authorities, ReadTimeAuthorityFiles(options.roots));
  ATTESTML_TRY(auto envelopes, ReadLines(options.bundle));
  if (!options.request.empty()) {
    ATTESTML_TRY(const Bytes request,
                 crypto::EncodeTimestampRequest(statement::TimestampedRoot(envelopes), std::nullopt));
    return artifact::WriteFileAtomically(options.request, request);
  }
  Bytes answer;
  if (options.url.empty()) {
    ATTESTML_TRY(answer, artifact::ReadFile(options.token, crypto::kMaxTimestamp));
  } else {
    ATTESTML_TRY(answer, Ask(options, statement::TimestampedRoot(envelopes)));
  }
  return AddToBundle(options, answer, authorities, std::move(envelopes));
}

}  // namespace

void AddTimestamp(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<TimestampOptions>();
  CLI::App* command =
      app.add_subcommand("timestamp", "Have a time-stamping authority (RFC 3161) date a bundle, line by line");
  command->add_option("BUNDLE", options->bundle, "The bundle (*.intoto.jsonl); the time stamp is put into it")
      ->required();
  auto* way = command->add_option_group("how", "How the authority is asked");
  way->add_option("--tsa", options->url, "Ask the authority at this address (RFC 3161 3.4, by HTTP)");
  way->add_option("--request", options->request, "Write the question there (*.tsq), and do nothing else");
  way->add_option("--token", options->token, "Its answer (*.tsr), or the token alone");
  way->require_option(1);
  command->add_option("--tsa-root", options->roots, "Certificates of the authority (PEM, DER), to verify its answer");
  command->add_option("--timeout", options->retry.total_seconds, "Seconds for asking, waiting included")
      ->check(CLI::Range(1.0, 3600.0))
      ->capture_default_str();
  command->add_option("--attempts", options->retry.max_attempts, "How often to ask at most")
      ->check(CLI::Range(1, 20))
      ->capture_default_str();
  command->add_option("-o,--out", options->out, "Where the dated bundle goes; in place when absent");
  command->footer(
      "Examples:\n"
      "  attestml timestamp claims.intoto.jsonl --tsa https://tsa.example/ --tsa-root tsa-root.pem\n"
      "  attestml timestamp claims.intoto.jsonl --request claims.tsq\n"
      "  curl -sS -H 'Content-Type: application/timestamp-query' --data-binary @claims.tsq \\\n"
      "      https://tsa.example/ -o claims.tsr\n"
      "  attestml timestamp claims.intoto.jsonl --token claims.tsr --tsa-root tsa-root.pem\n"
      "  attestml verify claims.intoto.jsonl --policy policy.toml --tsa-root tsa-root.pem --at stamp");
  command->callback([options, exit_code] {
    const Status status = RunTimestamp(*options);
    *exit_code = status.ok() ? 0 : Fail(status.error());
  });
}

}  // namespace attestml::cli
