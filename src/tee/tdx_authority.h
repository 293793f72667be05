// Intel's certification authority behind simulated TDX evidence, in memory, with every field that it states open to
// change.
//
// The platform under a trust domain is the simulated SGX platform, with its root, certificates and CRLs; TCB info, QE
// identity and quoting enclave are those for TDX. As Create makes it, it is an honest vendor and one up-to-date
// platform. Nothing here checks that what it issues makes sense.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "evidence/package.h"
#include "tee/simulated_authority.h"
#include "tee/td_report.h"

namespace attestml::tee {

// Which quote carries the report.
enum class TdQuote : std::uint8_t {
  kVersion4,     // TD report 1.0
  kVersion5,     // TD report 1.0, body type 2
  kVersion5Td15  // TD report 1.5, body type 3
};

struct TdxAuthority {
  SimulatedAuthority vendor;  // header, documents and quoting enclave are those for TDX
  DcapLayout layout;
  TdReportBody td;

  // Everything but the keys follows from the keys, the kind of quote and `now`.
  static TdxAuthority Create(const SimulatedKeys& keys, Time now, TdQuote quote = TdQuote::kVersion4);
};

// The fields that Create writes into the documents, for callers that change one and write the document again.
SgxTcbInfo SimulatedTdxTcbInfo(Time now);
SgxQeIdentity SimulatedTdQeIdentity(Time now);

// A quote over `report_data`, with `certification` (IssueCertification of the vendor) after its signature.
Bytes EncodeTdQuote(const TdxAuthority& authority, const std::array<std::uint8_t, 64>& report_data,
                    BytesView certification);

// A quote with everything that a verifier needs, from one authority. Labels as of SGX.
Result<evidence::EvidencePackage> IssueTdxEvidence(const TdxAuthority& authority,
                                                   const std::array<std::uint8_t, 64>& report_data);

}  // namespace attestml::tee
