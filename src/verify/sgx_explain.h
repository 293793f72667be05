// Sentences for the report: how a platform's TCB compares with the level that Intel calls current.
#pragma once

#include <string>

#include "evidence/sgx/pck.h"
#include "evidence/sgx/tcb_info.h"

namespace attestml::verify {

// ExplainTcbGap names each SVN that is below the highest level of `info`: "component 1 is 4, want 14". "" when none is.
std::string ExplainTcbGap(const evidence::sgx::TcbInfo& info, const evidence::sgx::PckExtension& platform);

// JoinNames writes "A, B, C".
std::string JoinNames(const std::vector<std::string>& names);

}  // namespace attestml::verify
