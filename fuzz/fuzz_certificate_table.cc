// What a table gives lies in the table, behind its list.
#include <algorithm>

#include "evidence/snp/certificate_table.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto items = evidence::snp::ParseCertificateTable(BytesView(data, size));
  if (!items.ok()) return 0;
  fuzz::Require(items->size() <= evidence::snp::kMaxTableCertificates);
  for (const auto& item : *items) {
    fuzz::Require(!item.bytes.empty() && item.label.size() == 36);
    fuzz::Require(std::search(data + 24 * (items->size() + 1), data + size, item.bytes.begin(), item.bytes.end()) !=
                  data + size);
  }
  return 0;
}
