#include "prove/inference.h"

#include <algorithm>

#include "base/decimal.h"
#include "crypto/merkle.h"
#include "statement/binding.h"
#include "statement/receipt.h"
#include "tasks/training.h"

namespace attestml::prove {
namespace {

std::string CsvField(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + "\"";
}

// The lines of a text without their ends (LF or CRLF); blank lines are left out, as the CSV reader does at the end.
std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!line.empty()) out.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

}  // namespace

Result<data::Table> ReadRows(const artifact::MeasuredFile& file, statement::Selection selection) {
  if (!selection.target) return data::Table::Read(file, selection);
  const std::string target = selection.target->column;
  selection.target.reset();
  statement::Selection without = selection;
  std::erase_if(without.columns, [&](const statement::Column& column) { return column.name == target; });
  auto rows = data::Table::Read(file, without);
  if (rows.ok()) return rows;
  // With its label, the label is a column like any other that no input is made from.
  for (auto& column : selection.columns) {
    if (column.name == target) column.feature = false;
  }
  auto with_label = data::Table::Read(file, selection);
  if (with_label.ok()) return with_label;
  return rows;
}

Result<std::string> AnswersCsv(const model::Model& model, const data::Table& rows, engine::Network& network) {
  ATTESTML_TRY(const auto prediction, tasks::Predict(model, rows, network));
  if (model.encoding.number) {
    std::string out = "prediction\n";
    for (const double number : prediction.numbers) out += FormatDecimal(number) + "\n";
    return out;
  }
  const auto& classes = model.encoding.classes;
  std::string out = "prediction";
  for (const auto& name : classes) out += "," + CsvField("probability:" + name);
  out += "\n";
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    out += CsvField(classes[static_cast<std::size_t>(prediction.predicted[row])]);
    for (std::size_t c = 0; c < classes.size(); ++c) {
      out += "," + FormatDecimal(prediction.probabilities[row * classes.size() + c]);
    }
    out += "\n";
  }
  return out;
}

Result<Receipts> MakeReceipts(const artifact::MeasuredFile& input, const statement::FileFormat& format,
                              std::string_view answers, std::size_t rows, BytesView nonce) {
  std::vector<std::string_view> inputs = Lines(AsText(input.bytes()));
  const std::size_t head = format.skip_lines + (format.header ? 1U : 0U);
  if (inputs.size() != rows + head) {
    return Usage("prove.receipt_rows", "the input has " + std::to_string(inputs.size()) + " lines for " +
                                           std::to_string(rows) + " rows: receipts need one row a line");
  }
  inputs.erase(inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(head));
  std::vector<std::string_view> outputs = Lines(answers);
  outputs.erase(outputs.begin());
  std::vector<statement::Receipt> receipts(rows);
  std::vector<crypto::Digest256> leaves;
  leaves.reserve(rows);
  const crypto::Digest256 nonce_digest = statement::NonceDigest(nonce);
  for (std::size_t row = 0; row < rows; ++row) {
    statement::Receipt& receipt = receipts[row];
    receipt.index = row;
    receipt.size = rows;
    receipt.input = crypto::Sha256(AsBytes(inputs[row]));
    receipt.output = crypto::Sha256(AsBytes(outputs[row]));
    receipt.nonce = nonce_digest;
    leaves.push_back(statement::ReceiptLeaf(receipt.input, receipt.output, receipt.nonce));
  }
  const crypto::MerkleTree tree(std::move(leaves));
  Receipts out;
  out.size = rows;
  out.root = tree.root();
  for (statement::Receipt& receipt : receipts) {
    receipt.root = out.root;
    receipt.proof = tree.InclusionProof(receipt.index);
    out.lines += statement::WriteReceipt(receipt) + "\n";
  }
  return out;
}

}  // namespace attestml::prove
