#include "policy/receipt.h"

#include <algorithm>

#include "base/hex.h"
#include "statement/binding.h"

namespace attestml::policy {
namespace {

using verify::CheckVerdict;

const statement::InferenceClaim* FindTree(const verify::VerifiedBundle& bundle, const statement::Receipt& receipt) {
  for (const auto& entry : bundle.statements()) {
    const auto* inference = std::get_if<statement::InferenceClaim>(&entry.claim);
    if (inference != nullptr && inference->tree_root == receipt.root && inference->tree_size == receipt.size) {
      return inference;
    }
  }
  return nullptr;
}

std::string Show(const std::optional<crypto::Digest256>& digest) {
  return digest ? "sha256:" + HexEncode(*digest) : "not given";
}

}  // namespace

Result<statement::Receipt> ReadReceiptFile(std::string_view text) {
  while (text.ends_with('\n') || text.ends_with('\r')) text.remove_suffix(1);
  if (text.find('\n') != std::string_view::npos) {
    return Usage("receipt.lines", "the receipt file has several lines, want one line of receipts.jsonl");
  }
  return statement::ParseReceipt(text);
}

void CheckReceipt(const statement::Receipt& receipt, const verify::VerifiedBundle& bundle, Question* question,
                  verify::Checks* checks) {
  const auto add = [&](std::string id, bool pass, std::string seen, std::string wanted) {
    checks->push_back(
        {std::move(id), pass ? CheckVerdict::kPass : CheckVerdict::kFail, std::move(seen), std::move(wanted)});
    return pass;
  };
  const statement::InferenceClaim* inference = FindTree(bundle, receipt);
  const bool proof = add("receipt.proof", statement::ReceiptHolds(receipt),
                         "row " + std::to_string(receipt.index) + " of " + std::to_string(receipt.size),
                         "an inclusion proof that ends at root " + HexEncode(receipt.root).substr(0, 16) + "…");
  const bool stated =
      add("receipt.statement", inference != nullptr, "root " + HexEncode(receipt.root).substr(0, 16) + "…",
          "a verified inference with this root and size");
  const bool input = add("receipt.input", question->input == receipt.input, Show(question->input), Show(receipt.input));
  const bool output =
      add("receipt.output", question->output == receipt.output, Show(question->output), Show(receipt.output));
  bool nonce = true;
  if (inference != nullptr) {
    const auto stated_nonce = HexDecode(inference->run.nonce);
    nonce = stated_nonce.ok() && statement::NonceDigest(*stated_nonce) == receipt.nonce;
    add("receipt.nonce", nonce, HexEncode(receipt.nonce).substr(0, 16) + "…", "the digest of the inference's nonce");
  }
  if (proof && stated && input && output && nonce) {
    question->input = inference->input.sha256;
    question->output = inference->output.sha256;
  } else {
    // SHA-256 of nothing that anybody can show, should the digest of a row be that of some file.
    question->input = crypto::Digest256{};
    question->output = crypto::Digest256{};
  }
}

void PrependChecks(verify::Checks checks, Report* report) {
  const auto failed = std::find_if(checks.begin(), checks.end(),
                                   [](const verify::Check& check) { return check.verdict == CheckVerdict::kFail; });
  if (failed != checks.end() && report->verdict == Verdict::kAccepted) {
    report->verdict = Verdict::kRejected;
    report->error = Rejected(failed->id, "seen " + failed->seen + ", want " + failed->wanted);
    report->sentence.clear();
  }
  checks.insert(checks.end(), std::make_move_iterator(report->checks.begin()),
                std::make_move_iterator(report->checks.end()));
  report->checks = std::move(checks);
}

}  // namespace attestml::policy
