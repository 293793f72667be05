#include "verify/dcap_since.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "evidence/sgx/tcb_status.h"
#include "verify/dcap_facts.h"
#include "verify/sgx_explain.h"
#include "verify/tdx_tcb.h"

namespace attestml::verify {
namespace {

namespace sgx = evidence::sgx;

struct Standing {
  std::string status;
  std::set<std::string> advisories;
};

const Standing kNone{std::string(sgx::kNoMatchingTcbLevel), {}};

// Verification's own steps (verify/dcap.cc), with documents that did not count at its time.
Standing StandingUnder(const DcapSinceInput& input, const sgx::TcbInfo& info, const sgx::QeIdentity& identity) {
  const sgx::Quote& quote = input.quote;
  if (!sgx::MatchQeIdentity(identity, quote.qe_report).empty()) return kNone;
  const sgx::QeLevel* qe = sgx::MatchQeLevel(identity, quote.qe_report.isv_svn);
  const sgx::TcbLevel* level = sgx::MatchTcbLevel(info, input.platform.components, input.platform.pce_svn);
  if (qe == nullptr || level == nullptr) return kNone;
  sgx::TcbStatus status = level->status;
  if (quote.td) {
    const auto module = FindTdModule(info, *quote.td);
    if (!module.ok()) return kNone;
    const sgx::TdxModule::Level* module_level = nullptr;
    const auto module_status = MatchTdModuleStatus(**module, *quote.td, &module_level);
    const sgx::TcbStatus sgx_status = status;
    level = sgx::MatchTdxTcbLevel(info, input.platform.components, input.platform.pce_svn, quote.td->tee_tcb_svn);
    if (!module_status.ok() || level == nullptr) return kNone;
    status = sgx::ConvergeTcbStatus(level->status, *module_status);
    const auto relaunched = CheckRelaunch(info, *quote.td, {sgx_status, status, *module_status, qe->status});
    if (!relaunched.ok()) return kNone;
    status = *relaunched;
  }
  Standing out{std::string(sgx::TcbStatusName(sgx::ConvergeTcbStatus(status, qe->status))),
               {level->advisories.begin(), level->advisories.end()}};
  out.advisories.insert(qe->advisories.begin(), qe->advisories.end());
  return out;
}

}  // namespace

Result<std::optional<Since>> LaterDcap(const DcapSinceInput& input) {
  const std::string_view tee = input.quote.td ? "TDX" : "SGX";
  std::optional<sgx::TcbInfo> info;
  std::optional<sgx::QeIdentity> identity;
  // The one that counted is among them.
  if (input.documents.tcb_infos().size() > 1) {
    ATTESTML_TRY(info, FindLaterTcbInfo(input.documents, input.signers, input.platform, tee, input.time));
  }
  if (input.documents.qe_identities().size() > 1) {
    ATTESTML_TRY(identity, FindLaterQeIdentity(input.documents, input.signers, tee, input.time));
  }
  std::optional<Time> crl;
  for (const CrlSet* set : input.crls) {
    for (const crypto::Crl& each : set->all) {
      if (input.time < each.this_update() && (!crl || *crl < each.this_update())) crl = each.this_update();
    }
  }
  if (!info && !identity && !crl) return std::optional<Since>();

  Since out;
  std::vector<std::string> said;
  if (info || identity) {
    const Standing standing = StandingUnder(input, info ? *info : input.info, identity ? *identity : input.identity);
    std::string who;
    if (info) who = "TCB info of " + FormatTime(info->issue_date);
    if (identity)
      who += (who.empty() ? "" : " and ") + std::string("QE identity of ") + FormatTime(identity->issue_date);
    if (standing.status == sgx::TcbStatusName(sgx::TcbStatus::kRevoked)) {
      return Untrusted(input.quote.td ? "tdx.tcb.status" : "sgx.tcb.status",
                       who + ": the TCB of this platform is revoked, which counts for earlier times too");
    }
    out.tcb_status = standing.status;
    out.advisories.assign(standing.advisories.begin(), standing.advisories.end());
    out.issued = std::max(info ? info->issue_date : Time{}, identity ? identity->issue_date : Time{});
    said.push_back(who + (info && identity ? " make" : " makes") + " the platform " + standing.status +
                   (out.advisories.empty() ? "" : " (" + JoinNames(out.advisories) + ")"));
  }
  if (crl) {
    out.issued = std::max(out.issued, *crl);
    said.push_back("CRLs issued until " + FormatTime(*crl) + " revoke nothing of this chain");
  }
  for (const std::string& each : said) out.text += (out.text.empty() ? "" : "; ") + each;
  return std::optional<Since>(std::move(out));
}

}  // namespace attestml::verify
