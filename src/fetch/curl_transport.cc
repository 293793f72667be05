#include "fetch/curl_transport.h"

#include <curl/curl.h>
#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cctype>

namespace attestml::fetch {
namespace {

constexpr std::size_t kMaxHeaders = 64 * 1024;

struct Api {
  decltype(&curl_global_init) global_init = nullptr;
  decltype(&curl_easy_init) easy_init = nullptr;
  decltype(&curl_easy_setopt) easy_setopt = nullptr;
  decltype(&curl_easy_perform) easy_perform = nullptr;
  decltype(&curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&curl_slist_append) slist_append = nullptr;
  decltype(&curl_slist_free_all) slist_free_all = nullptr;
};

template <typename Function>
bool Load(void* library, const char* name, Function* out) {
  *out = reinterpret_cast<Function>(dlsym(library, name));
  return *out != nullptr;
}

Result<Api> LoadApi() {
  void* library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    const char* reason = dlerror();
    return Unavailable("fetch.libcurl", std::string("cannot load libcurl, which only fetching needs: ") +
                                            (reason == nullptr ? "no reason given" : reason));
  }
  Api api;
  if (!Load(library, "curl_global_init", &api.global_init) || !Load(library, "curl_easy_init", &api.easy_init) ||
      !Load(library, "curl_easy_setopt", &api.easy_setopt) || !Load(library, "curl_easy_perform", &api.easy_perform) ||
      !Load(library, "curl_easy_getinfo", &api.easy_getinfo) ||
      !Load(library, "curl_easy_cleanup", &api.easy_cleanup) ||
      !Load(library, "curl_slist_append", &api.slist_append) ||
      !Load(library, "curl_slist_free_all", &api.slist_free_all) || api.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return Unavailable("fetch.libcurl", "libcurl.so.4 is not a libcurl that can be used here");
  }
  return api;
}

struct Download {
  HttpResponse response;
  std::size_t max_bytes = 0;
  std::size_t header_bytes = 0;
  bool too_large = false;
};

std::size_t OnBody(char* data, std::size_t one, std::size_t size, void* user) {
  auto* download = static_cast<Download*>(user);
  size *= one;
  if (size > download->max_bytes - download->response.body.size()) {
    download->too_large = true;
    return 0;
  }
  download->response.body.insert(download->response.body.end(), data, data + size);
  return size;
}

std::string_view Trim(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") + 1 - from);
}

std::size_t OnHeader(char* data, std::size_t one, std::size_t size, void* user) {
  auto* download = static_cast<Download*>(user);
  size *= one;
  if (size > kMaxHeaders - download->header_bytes) {
    download->too_large = true;
    return 0;
  }
  download->header_bytes += size;
  const std::string_view line(data, size);
  auto& headers = download->response.headers;
  if (line.starts_with("HTTP/")) headers.clear();  // of an interim answer, or a proxy's
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return size;
  std::string name(line.substr(0, colon));
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  headers.emplace_back(std::move(name), std::string(Trim(line.substr(colon + 1))));
  return size;
}

Error ErrorOf(CURLcode code, const Download& download, const std::string& url, const std::string& detail) {
  if (download.too_large || code == CURLE_FILESIZE_EXCEEDED) {
    return Malformed("fetch.size", url + " sends more than " + std::to_string(download.max_bytes) +
                                       " bytes, which is the most that is taken, or headers of more than 64 KiB");
  }
  switch (code) {
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return Usage("fetch.url", url + ": " + detail);
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
      return Unavailable("fetch.connect", url + ": " + detail);
    case CURLE_OPERATION_TIMEDOUT:
      return Unavailable("fetch.timeout", url + ": " + detail);
    case CURLE_PARTIAL_FILE:
      return Unavailable("fetch.truncated", url + " sends less than it promised: " + detail);
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING:
      return Unavailable("fetch.reset", url + ": " + detail);
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CERTPROBLEM:
      return Unavailable("fetch.tls", url + ": " + detail);
    default:
      return Unavailable("fetch.protocol", url + ": " + detail);
  }
}

// What stands between "//" and the path: user, host, port.
std::string_view AuthorityOf(std::string_view url) {
  const std::string_view rest = url.substr(url.find("//") + 2);
  return rest.substr(0, rest.find_first_of("/?#"));
}

bool IsThisMachine(std::string_view url) {
  const std::string_view authority = AuthorityOf(url);
  const std::string_view host = authority.substr(0, authority.find(':'));
  return host == "localhost" || host == "127.0.0.1" || authority.starts_with("[::1]");
}

using Headers = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

class CurlTransport final : public Transport {
 public:
  CurlTransport(const Api& api, CURL* handle, CurlOptions options)
      : api_(api), handle_(handle), options_(std::move(options)) {}
  ~CurlTransport() override { api_.easy_cleanup(handle_); }
  CurlTransport(const CurlTransport&) = delete;
  CurlTransport& operator=(const CurlTransport&) = delete;

  Result<HttpResponse> Perform(const HttpRequest& request) override {
    const bool https = request.url.starts_with("https://");
    if (!https && !request.url.starts_with("http://")) {
      return Usage("fetch.url", "\"" + request.url + "\" is neither an https nor an http address");
    }
    // It would be sent, and shown in every message.
    if (AuthorityOf(request.url).find('@') != std::string_view::npos) {
      return Usage("fetch.url", "an address holds a user name or a password, which are not for addresses");
    }
    Download download;
    download.max_bytes = request.max_bytes;
    std::array<char, CURL_ERROR_SIZE> reason{};
    const auto milliseconds = [](double seconds) { return std::max(1L, static_cast<long>(seconds * 1000)); };
    bool set = true;
    const auto option = [&](CURLoption name, auto value) {
      set = set && api_.easy_setopt(handle_, name, value) == CURLE_OK;
    };
    option(CURLOPT_ERRORBUFFER, reason.data());
    option(CURLOPT_URL, request.url.c_str());
    option(CURLOPT_PROTOCOLS_STR, https ? "https" : "http");
    option(CURLOPT_HTTPGET, 1L);  // whatever the last one was
    Headers headers(nullptr, api_.slist_free_all);
    if (!request.content_type.empty()) {
      headers.reset(api_.slist_append(nullptr, ("Content-Type: " + request.content_type).c_str()));
      option(CURLOPT_POST, 1L);
      option(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.content.size()));
      option(CURLOPT_POSTFIELDS, static_cast<const void*>(request.content.data()));
    }
    option(CURLOPT_HTTPHEADER, headers.get());
    option(CURLOPT_FOLLOWLOCATION, 0L);
    // Null leaves it to the environment.
    option(CURLOPT_PROXY, https && !IsThisMachine(request.url) ? static_cast<const char*>(nullptr) : "");
    option(CURLOPT_NOSIGNAL, 1L);
    option(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    option(CURLOPT_HTTP09_ALLOWED, 0L);
    option(CURLOPT_USERAGENT, "attestml/" ATTESTML_VERSION);
    option(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    if (!options_.ca_file.empty()) option(CURLOPT_CAINFO, options_.ca_file.c_str());
    option(CURLOPT_TIMEOUT_MS, milliseconds(request.max_seconds));
    option(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(std::min(request.max_seconds, options_.connect_seconds)));
    option(CURLOPT_LOW_SPEED_LIMIT, 64L);
    option(CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(options_.silent_seconds)));
    option(CURLOPT_MAXFILESIZE_LARGE, static_cast<curl_off_t>(request.max_bytes));
    option(CURLOPT_WRITEFUNCTION, &OnBody);
    option(CURLOPT_WRITEDATA, static_cast<void*>(&download));
    option(CURLOPT_HEADERFUNCTION, &OnHeader);
    option(CURLOPT_HEADERDATA, static_cast<void*>(&download));
    if (!set) return Unavailable("fetch.libcurl", "this libcurl lacks an option that is needed (7.85 has all)");

    const CURLcode code = api_.easy_perform(handle_);
    long status = 0;
    const bool known = api_.easy_getinfo(handle_, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK;
    api_.easy_setopt(handle_, CURLOPT_ERRORBUFFER, static_cast<char*>(nullptr));
    if (code != CURLE_OK || !known) {
      const std::string detail = reason[0] == '\0' ? "error " + std::to_string(code) + " of libcurl" : reason.data();
      return ErrorOf(code, download, request.url, detail);
    }
    download.response.status = static_cast<unsigned>(std::clamp(status, 0L, 999L));
    return std::move(download.response);
  }

 private:
  Api api_;
  CURL* handle_;
  CurlOptions options_;
};

}  // namespace

Result<std::unique_ptr<Transport>> MakeCurlTransport(const CurlOptions& options) {
  static const Result<Api> api = LoadApi();
  if (!api.ok()) return api.error();
  CURL* handle = api->easy_init();
  if (handle == nullptr) return Unavailable("fetch.libcurl", "libcurl gives no handle");
  return std::unique_ptr<Transport>(std::make_unique<CurlTransport>(*api, handle, options));
}

}  // namespace attestml::fetch
