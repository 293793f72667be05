#include "base/hex.h"
#include "fuzz.h"
#include "statement/opening.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto items = statement::ParseOpening(fuzz::Text(data, size));
  if (!items.ok()) return 0;
  const std::string text = statement::WriteOpening(*items);
  const auto again = statement::ParseOpening(text);
  fuzz::Require(again.ok() && statement::WriteOpening(*again) == text);
  // A claim that every item opens something of: what was committed to may be anything.
  statement::TrainingClaim training;
  statement::DatasetUse use;
  use.concealed.emplace();
  use.file.id.concealed = use.selection_id.concealed = use.records.concealed = true;
  training.byproducts.resize(1);
  training.byproducts[0].id.concealed = true;
  training.run.seeds = {{"x", "", "concealed"}};
  for (const auto& item : *items) {
    const crypto::Digest256 commitment = statement::Commit(item.kind, item.salt, item.value);
    switch (item.kind) {
      case statement::ConcealedKind::kFile:
        use.file.id.digest = commitment;
        break;
      case statement::ConcealedKind::kSelection:
        use.selection_id.digest = commitment;
        break;
      case statement::ConcealedKind::kReading:
        use.concealed->reading = commitment;
        break;
      case statement::ConcealedKind::kRecords:
        use.concealed->records = commitment;
        break;
      case statement::ConcealedKind::kJob:
        training.run.concealed_job = commitment;
        break;
      case statement::ConcealedKind::kByproduct:
        training.byproducts[0].id.digest = commitment;
        break;
      case statement::ConcealedKind::kSeed:
        training.run.seeds[0].value = HexEncode(commitment);
        break;
    }
  }
  training.datasets = {use};
  statement::Opener opener;
  opener.Add(*items);
  statement::Claim claim = training;
  static_cast<void>(opener.Open(&claim));
  return 0;
}
