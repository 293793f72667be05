// Of one size, and whatever is in it, what is read is where Intel's table has it.
#include <algorithm>

#include "evidence/sgx/sigstruct.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto parsed = evidence::sgx::ParseSigstruct(BytesView(data, size));
  if (!parsed.ok()) return 0;
  fuzz::Require(size == evidence::sgx::kSigstructSize);
  fuzz::Require(std::equal(parsed->mrenclave.begin(), parsed->mrenclave.end(), data + 960));
  fuzz::Require(parsed->isv_svn == static_cast<unsigned>(data[1026] | data[1027] << 8));
  return 0;
}
