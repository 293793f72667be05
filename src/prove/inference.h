// Inference on a file of rows: the outputs file, and on request one receipt a row.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "artifact/measured_file.h"
#include "base/bytes.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "data/table.h"
#include "engine/engine.h"
#include "model/model.h"
#include "statement/selection.h"

namespace attestml::prove {

// ReadRows reads a file of rows to answer, under a selection of statement::RowsOf. It has the job's columns, with the
// target or without it; there is one answer a row. Errors: those of data::Table::Read.
Result<data::Table> ReadRows(const artifact::MeasuredFile& file, statement::Selection selection);

// AnswersCsv writes one line a row: "prediction" and the probability of each class, or the number alone where the
// target is one; shortest decimals, LF line ends, after a header line.
Result<std::string> AnswersCsv(const model::Model& model, const data::Table& rows, engine::Network& network);

struct Receipts {
  std::uint64_t size = 0;
  crypto::Digest256 root{};
  std::string lines;  // receipts.jsonl
};

// MakeReceipts builds the RFC 9162 tree over (input row, output line, nonce), each row and line as its exact bytes
// without the line end. Rows that span lines (quoted line ends) are refused: prove.receipt_rows.
Result<Receipts> MakeReceipts(const artifact::MeasuredFile& input, const statement::FileFormat& format,
                              std::string_view answers, std::size_t rows, BytesView nonce);

}  // namespace attestml::prove
