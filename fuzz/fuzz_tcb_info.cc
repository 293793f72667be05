#include "evidence/sgx/tcb_info.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  namespace sgx = evidence::sgx;
  const std::string_view text = fuzz::Text(data, size);
  for (const auto& info : {sgx::ParseSignedTcbInfo(text), sgx::ParseTcbInfo(text)}) {
    if (!info.ok()) continue;
    fuzz::Require(!info->levels.empty() && info->issue_date <= info->next_update);
    // A platform that is exactly at a level reaches it, or one that stands above it in the order.
    for (const sgx::TcbLevel& level : info->levels) {
      const sgx::TcbLevel* match = sgx::MatchTcbLevel(*info, level.components, level.pce_svn);
      fuzz::Require(match != nullptr && match <= &level);
    }
  }
  return 0;
}
