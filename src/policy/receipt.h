// A receipt asks about one row of a bulk inference: it turns the question about a row and its line into the question
// about the inference whose tree holds them.
#pragma once

#include <string_view>

#include "base/result.h"
#include "policy/report.h"
#include "statement/receipt.h"
#include "verify/bundle.h"

namespace attestml::policy {

// One line of receipts.jsonl, with or without its newline. Error ids receipt.*.
Result<statement::Receipt> ReadReceiptFile(std::string_view text);

// Adds the checks receipt.proof (the proof leads to the root), receipt.statement (a verified inference states this root
// and size), receipt.input and receipt.output (the row and line asked about are the receipt's; both must be given) and
// receipt.nonce. `question` held digests of a row and of a line; when all pass it is made to ask about the input and
// output files of that inference, else about nothing that exists, so that Appraise cannot accept.
void CheckReceipt(const statement::Receipt& receipt, const verify::VerifiedBundle& bundle, Question* question,
                  verify::Checks* checks);

// Puts checks made before appraisal in front of the report's, and takes acceptance back when one of them failed.
void PrependChecks(verify::Checks checks, Report* report);

}  // namespace attestml::policy
