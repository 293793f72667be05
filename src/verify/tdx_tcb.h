// How up to date a TDX platform is: its TCB level, its TDX module, and whether launching the TD again would help.
// Intel's QVL algorithm (SGX-TDX-DCAP-QuoteVerificationLibrary, "Checks": TCB level, TDX module, TD relaunch); PCS API
// v4, "Get TDX TCB Info".
#pragma once

#include <string>

#include "base/result.h"
#include "evidence/sgx/pck.h"
#include "evidence/sgx/tcb_info.h"
#include "evidence/tdx/td_report.h"

namespace attestml::verify {

// FindTdModule returns what TCB info says of the TDX module that made `report`. Its MRSIGNERSEAM must be the module's,
// and SEAMATTRIBUTES zero and the module's. Error id tdx.module.identity. Borrows from `info`.
Result<const evidence::sgx::TdxModule*> FindTdModule(const evidence::sgx::TcbInfo& info,
                                                     const evidence::tdx::TdReport& report);

// MatchTdModuleStatus is the status of the module's level; UpToDate for a module of version 0, which has no levels.
// `level` is set to the level, or to null. Error id tdx.module.level when it reaches none.
Result<evidence::sgx::TcbStatus> MatchTdModuleStatus(const evidence::sgx::TdxModule& module,
                                                     const evidence::tdx::TdReport& report,
                                                     const evidence::sgx::TdxModule::Level** level);

struct RelaunchInput {
  evidence::sgx::TcbStatus sgx;       // of the first level that the platform's SGX part reaches
  evidence::sgx::TcbStatus platform;  // of the TDX level, converged with the module's
  evidence::sgx::TcbStatus module;
  evidence::sgx::TcbStatus qe;
};

// CheckRelaunch turns an out-of-date `platform` into "TD relaunch advised" where the module that runs now
// (TEE_TCB_SVN_2) is up to date and the TD was launched under an older one. Only TD reports 1.5 can say so. Else
// `platform`. Error id tdx.module.identity when TCB info does not know the module that runs now.
Result<evidence::sgx::TcbStatus> CheckRelaunch(const evidence::sgx::TcbInfo& info,
                                               const evidence::tdx::TdReport& report, const RelaunchInput& input);

// Names each SVN of the TDX part that is below the highest level of `info`; "" when none is.
std::string ExplainTdxGap(const evidence::sgx::TcbInfo& info, const evidence::tdx::TdReport& report);

}  // namespace attestml::verify
