// Which format evidence bytes have, by their structure alone.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace attestml::evidence {

enum class Format : std::uint8_t { kUnknown, kDcapQuote, kSnpReport, kNitroDocument, kAzureReport };

// RecognizeFormat looks at the first bytes. What it returns says whose parser is to judge the bytes, never that they
// are good: a media type, a file name and the caller's hopes play no part.
//   DCAP quote (SGX, TDX): u16 version, u16 attestation key type, of which the second is not zero.
//   SNP report: u32 version of at most 255, whose upper half is zero where a quote has its key type.
//   Azure's report of a paravisor: "HCLA", which as a number is above any version of the others.
//   Nitro document: a CBOR array of 4, tagged 18 (COSE_Sign1) or not.
Format RecognizeFormat(BytesView bytes);

}  // namespace attestml::evidence
