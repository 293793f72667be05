#include "crypto/merkle.h"
#include "fuzz.h"
#include "statement/canonical_record.h"
#include "statement/record_proof.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto proof = statement::ParseRecordProof(fuzz::Text(data, size));
  if (!proof.ok()) return 0;
  const auto leaf = crypto::LeafHash(proof->record);
  for (const auto& tree : proof->trees) static_cast<void>(statement::RecordTreeHolds(tree, leaf));
  if (!proof->record.empty()) {
    statement::Selection selection;
    selection.columns = {{"age", statement::ColumnType::kNumeric}, {"sex", statement::ColumnType::kCategorical}};
    static_cast<void>(statement::CheckRecord(proof->record, selection));
  }
  const std::string text = statement::WriteRecordProof(*proof);
  const auto again = statement::ParseRecordProof(text);
  fuzz::Require(again.ok() && again->record == proof->record && statement::WriteRecordProof(*again) == text);
  return 0;
}
