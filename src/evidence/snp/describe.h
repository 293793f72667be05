// Explains SEV-SNP reports and AMD's endorsement keys, without judging. Used by evidence/describe.h.
#pragma once

#include <optional>

#include "base/bytes.h"
#include "base/json.h"
#include "crypto/certificate.h"

namespace attestml::evidence::snp {

Json DescribeReport(BytesView bytes);

// AMD's extensions; nothing when the certificate is not of an endorsement key.
std::optional<Json> DescribeEndorsementKey(const crypto::Certificate& certificate);

}  // namespace attestml::evidence::snp
