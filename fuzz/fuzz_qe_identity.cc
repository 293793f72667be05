#include "evidence/sgx/qe_identity.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  namespace sgx = evidence::sgx;
  const std::string_view text = fuzz::Text(data, size);
  for (const auto& identity : {sgx::ParseSignedQeIdentity(text), sgx::ParseQeIdentity(text)}) {
    if (!identity.ok()) continue;
    fuzz::Require(!identity->levels.empty() && identity->issue_date <= identity->next_update);
    for (const sgx::QeLevel& level : identity->levels) {
      fuzz::Require(sgx::MatchQeLevel(*identity, level.isv_svn) == &level);
    }
    static_cast<void>(sgx::MatchQeIdentity(*identity, {}));
  }
  return 0;
}
