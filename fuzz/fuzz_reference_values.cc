// What is read is written as it was, and is a policy's.
#include "fuzz.h"
#include "policy/policy.h"
#include "policy/reference_values.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto values = policy::ParseReferenceValues(AsText(BytesView(data, size)));
  if (!values.ok()) return 0;
  const auto again = policy::ParseReferenceValues(policy::WriteReferenceValues(*values));
  fuzz::Require(again.ok() && policy::WriteReferenceValues(*again) == policy::WriteReferenceValues(*values));
  const auto root = crypto::Sha256(AsBytes("a root"));
  fuzz::Require(policy::ParsePolicy(policy::ProgramTablesOf(*values, root), "imported").ok());
  return 0;
}
