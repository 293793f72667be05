#include "evidence/tdx/td_report.h"

#include "base/byte_reader.h"

namespace attestml::evidence::tdx {
namespace {

// DEBUG 0; LASS 27, SEPT_VE_DISABLE 28, MIGRATABLE 29, PKS 30, KL 31; TPA 62, PERFMON 63.
constexpr std::uint64_t kDefined = 0xc0000000f8000001;

}  // namespace

std::uint64_t TdReport::reserved_attributes() const { return td_attributes & ~kDefined; }

Result<TdReport> ParseTdReport(BytesView bytes) {
  const Error bad = Malformed("tdx.report.size", "TD report of " + std::to_string(bytes.size()) +
                                                     " bytes, want 584 (version 1.0) or 648 (1.5)");
  if (bytes.size() != kTdReport10Size && bytes.size() != kTdReport15Size) return bad;
  ByteReader in(bytes);
  TdReport out;
  if (!in.ReadArray(&out.tee_tcb_svn) || !in.ReadArray(&out.mr_seam) || !in.ReadArray(&out.mr_signer_seam) ||
      !in.ReadArray(&out.seam_attributes) || !in.ReadU64Le(&out.td_attributes) || !in.ReadArray(&out.xfam) ||
      !in.ReadArray(&out.mr_td) || !in.ReadArray(&out.mr_config_id) || !in.ReadArray(&out.mr_owner) ||
      !in.ReadArray(&out.mr_owner_config)) {
    return bad;
  }
  for (Measurement& rtmr : out.rtmr) {
    if (!in.ReadArray(&rtmr)) return bad;
  }
  if (!in.ReadArray(&out.report_data)) return bad;
  if (bytes.size() == kTdReport15Size &&
      (!in.ReadArray(&out.tee_tcb_svn_2.emplace()) || !in.ReadArray(&out.mr_service_td.emplace()))) {
    return bad;
  }
  if (!in.empty()) return bad;
  return out;
}

}  // namespace attestml::evidence::tdx
