#include "policy/report.h"

#include <string_view>

namespace attestml::policy {

std::string_view VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kAccepted:
      return "accepted";
    case Verdict::kRejected:
      return "rejected";
    case Verdict::kUntrusted:
      return "untrusted";
    case Verdict::kMalformed:
      return "malformed";
    case Verdict::kUnsupported:
      return "unsupported";
  }
  return "rejected";
}

Report ReportFailure(const verify::Checks& checks, const Error& error, Time time) {
  Report report;
  report.error = error;
  report.checks = checks;
  report.time = time;
  switch (error.kind) {
    case ErrorKind::kMalformed:
    case ErrorKind::kUsage:
      report.verdict = Verdict::kMalformed;
      break;
    case ErrorKind::kUnsupported:
      report.verdict = Verdict::kUnsupported;
      break;
    case ErrorKind::kRejected:
      report.verdict = Verdict::kRejected;
      break;
    // What could not be looked up could not be trusted; the exit code says that a retry may help.
    case ErrorKind::kUntrusted:
    case ErrorKind::kUnavailable:
      report.verdict = Verdict::kUntrusted;
      break;
  }
  return report;
}

int ReportExitCode(const Report& report) {
  if (report.error) return ExitCode(report.error->kind);
  return report.verdict == Verdict::kAccepted ? 0 : ExitCode(ErrorKind::kRejected);
}

}  // namespace attestml::policy
