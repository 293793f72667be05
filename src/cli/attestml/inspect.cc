// Explains any file of ours, or of TEE evidence, without judging.
#include "artifact/measured_file.h"
#include "base/hex.h"
#include "cli/attestml/commands.h"
#include "cli/terminal.h"
#include "crypto/key.h"
#include "evidence/describe.h"
#include "statement/claims.h"
#include "statement/envelope.h"
#include "statement/receipt.h"

namespace attestml::cli {
namespace {

constexpr std::size_t kMaxFile = std::size_t{64} << 20;

// The evidence inside an evidence statement is explained too; the rest of a statement is JSON that explains itself.
Json DescribeStatement(const statement::Envelope& envelope, std::size_t line) {
  Json out;
  out["line"] = line;
  out["keyid"] = HexEncode(envelope.key_id);
  const auto claim = statement::ParseStatement(envelope.payload);
  if (!claim.ok()) {
    out["error"] = {{"id", claim.error().id}, {"message", claim.error().message}};
    return out;
  }
  out["kind"] = statement::ClaimKind(*claim);
  if (const auto* evidence = std::get_if<statement::EvidenceClaim>(&*claim)) {
    out["for"] = evidence->for_statement ? "statement" : "session key";
    out["nonce"] = evidence->nonce;
    out["evidence"] = evidence::DescribeEvidence(AsBytes(evidence->cmw));
    return out;
  }
  const auto json = ParseJson(envelope.payload);
  if (json.ok()) out["statement"] = *json;
  return out;
}

Result<Json> Describe(BytesView bytes) {
  const std::string_view text = AsText(bytes);
  if (text.starts_with("{\"payload") || text.starts_with("{\"signatures")) {
    ATTESTML_TRY(const auto envelopes, statement::ParseBundle(text));
    Json out;
    out["type"] = "bundle";
    out["statements"] = Json::array();
    for (std::size_t i = 0; i < envelopes.size(); ++i)
      out["statements"].push_back(DescribeStatement(envelopes[i], i + 1));
    return out;
  }
  if (const auto key = crypto::PublicKey::FromPem(text); key.ok()) {
    return Json{{"type", "public-key"},
                {"algorithm", key->type() == crypto::KeyType::kEd25519 ? "Ed25519" : "ECDSA P-256"},
                {"id", "sha256:" + HexEncode(key->id())}};
  }
  if (const auto json = ParseJson(text, {.max_bytes = kMaxFile}); json.ok()) {
    if (json->is_object() && json->contains("_type")) {
      ATTESTML_TRY(const auto claim, statement::ParseStatement(text));
      return Json{{"type", "statement"}, {"kind", statement::ClaimKind(claim)}, {"statement", *json}};
    }
    if (json->is_object() && json->value("type", Json()) == "attestml/receipt/v1") {
      ATTESTML_TRY(const auto receipt, statement::ParseReceipt(text));
      return Json{{"type", "receipt"}, {"row", receipt.index}, {"of", receipt.size}, {"receipt", *json}};
    }
  }
  return evidence::DescribeEvidence(bytes);
}

}  // namespace

void AddInspect(CLI::App& app, int* exit_code) {
  auto file = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "inspect", "Say what is in a file, without judging: bundle, statement, quote, certificate, key");
  command->add_option("FILE", *file, "The file; \"-\" is standard input")->required();
  command->footer(
      "What it prints is NOT verified: `attestml verify` does that.\nExample:\n  attestml inspect claims.intoto.jsonl "
      "| jq '.statements[].kind'");
  command->callback([file, exit_code] {
    const auto bytes = artifact::ReadFile(*file, kMaxFile);
    if (!bytes.ok()) {
      *exit_code = Fail(bytes.error());
      return;
    }
    const auto description = Describe(*bytes);
    if (!description.ok()) {
      *exit_code = Fail(description.error());
      return;
    }
    Json out = *description;
    out["verified"] = false;
    const Status printed = Print(PrettyJson(out));
    *exit_code = !printed.ok() ? Fail(printed.error()) : out.contains("error") ? ExitCode(ErrorKind::kMalformed) : 0;
  });
}

}  // namespace attestml::cli
