#include "base/result.h"

namespace attestml {

std::string_view KindName(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kUsage:
      return "usage";
    case ErrorKind::kMalformed:
      return "malformed";
    case ErrorKind::kUnsupported:
      return "unsupported";
    case ErrorKind::kUntrusted:
      return "untrusted";
    case ErrorKind::kRejected:
      return "rejected";
    case ErrorKind::kUnavailable:
      return "unavailable";
  }
  return "unknown";
}

Error Within(std::string_view context, Error error) {
  error.message = std::string(context) + ": " + error.message;
  return error;
}

}  // namespace attestml
