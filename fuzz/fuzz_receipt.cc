#include "fuzz.h"
#include "statement/receipt.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto receipt = statement::ParseReceipt(fuzz::Text(data, size));
  if (!receipt.ok()) return 0;
  static_cast<void>(statement::ReceiptHolds(*receipt));
  const std::string text = statement::WriteReceipt(*receipt);
  const auto again = statement::ParseReceipt(text);
  fuzz::Require(again.ok() && statement::WriteReceipt(*again) == text);
  return 0;
}
