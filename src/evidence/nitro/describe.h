// Explains Nitro attestation documents, without judging. Used by evidence/describe.h.
#pragma once

#include "base/bytes.h"
#include "base/json.h"

namespace attestml::evidence::nitro {

Json DescribeDocument(BytesView bytes);

}  // namespace attestml::evidence::nitro
