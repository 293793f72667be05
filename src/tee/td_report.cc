#include "tee/td_report.h"

#include <utility>

#include "base/byte_writer.h"

namespace attestml::tee {

Bytes EncodeTdReport(const TdReportBody& body) {
  ByteWriter out;
  out.WriteBytes(body.tee_tcb_svn);
  out.WriteBytes(body.mrseam);
  out.WriteBytes(body.mrsignerseam);
  out.WriteBytes(body.seamattributes);
  out.WriteU64Le(body.tdattributes);
  out.WriteU64Le(body.xfam);
  for (const TdMeasurement* each : {&body.mrtd, &body.mrconfigid, &body.mrowner, &body.mrownerconfig}) {
    out.WriteBytes(*each);
  }
  for (const TdMeasurement& each : body.rtmr) out.WriteBytes(each);
  out.WriteBytes(body.report_data);
  if (body.version_15) {
    out.WriteBytes(body.version_15->tee_tcb_svn_2);
    out.WriteBytes(body.version_15->mrservicetd);
  }
  return std::move(out).Take();
}

}  // namespace attestml::tee
