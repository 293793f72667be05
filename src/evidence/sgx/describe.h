// Explains SGX quotes and Intel's collateral, without judging. Used by evidence/describe.h.
#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "base/json.h"
#include "evidence/sgx/pck.h"

namespace attestml::evidence::sgx {

Json DescribeQuote(BytesView bytes);
Json DescribePck(const PckExtension& platform);

// TCB info or QE identity, whole documents with their signature; nothing when `text` is neither.
std::optional<Json> DescribeCollateral(std::string_view text);

}  // namespace attestml::evidence::sgx
