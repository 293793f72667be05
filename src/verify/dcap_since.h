// What Intel's collateral says of a platform that was issued after the time as of which a quote was verified.
#pragma once

#include <optional>
#include <span>

#include "base/result.h"
#include "base/time.h"
#include "evidence/sgx/quote.h"
#include "verify/evidence.h"
#include "verify/sgx_collateral.h"

namespace attestml::verify {

struct DcapSinceInput {
  const SgxDocuments& documents;
  std::span<const TcbSigner> signers;  // of any time, none of them revoked
  const evidence::sgx::Quote& quote;
  const evidence::sgx::PckExtension& platform;
  const evidence::sgx::TcbInfo& info;  // those that counted
  const evidence::sgx::QeIdentity& identity;
  std::span<const CrlSet* const> crls;
  Time time;
};

// LaterDcap looks for TCB info, QE identities and CRLs issued after `time`, be their windows over or not: they say what
// became of a platform. Nothing when there is none. A platform that they call revoked is an error of id
// sgx.tcb.status or tdx.tcb.status, whatever `time` is. CRLs have refused already whom they name.
Result<std::optional<Since>> LaterDcap(const DcapSinceInput& input);

}  // namespace attestml::verify
