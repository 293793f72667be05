// HTTP by libcurl. The library is loaded when the first transport is made, so that who only verifies never has it in
// the process; this is the only place that includes its header.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "fetch/http.h"

namespace attestml::fetch {

struct CurlOptions {
  std::string ca_file;  // PEM: who may vouch for https servers, instead of the system's list; "" keeps that
  double connect_seconds = 10;
  double silent_seconds = 10;  // with less than 64 bytes a second for so long, it is over (fetch.timeout)
};

// Requests go out without cookies, credentials or a wish for compression. No redirection is followed. https
// servers are checked against the system's authorities, TLS 1.2 and up. https honours the proxy that HTTPS_PROXY,
// ALL_PROXY and NO_PROXY name, as libcurl reads them; http, which only a person can ask for,
// and this machine (localhost, 127.0.0.1, [::1]) use none. Headers of more
// than 64 KiB are fetch.size. Error id fetch.libcurl (unavailable) when libcurl.so.4 cannot be loaded.
Result<std::unique_ptr<Transport>> MakeCurlTransport(const CurlOptions& options);

}  // namespace attestml::fetch
