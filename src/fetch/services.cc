#include "fetch/services.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "base/hex.h"

namespace attestml::fetch {
namespace {

namespace snp = evidence::snp;

// Many times what is genuine: a CRL has 3 KiB, TCB info 20, an identity 2, AMD's certificates 2, its chain 5.
constexpr std::size_t kMaxCrl = std::size_t{1} << 20;
constexpr std::size_t kMaxJson = std::size_t{1} << 20;
constexpr std::size_t kMaxCertificate = 8 * 1024;
constexpr std::size_t kMaxChain = 32 * 1024;

std::string Lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

Status CheckUrl(std::string* url, std::string_view option) {
  const auto refuse = [&](std::string_view reason) {
    return Usage("fetch.url", std::string(option) + ": \"" + *url + "\" " + std::string(reason));
  };
  const std::string_view scheme = url->starts_with("https://")  ? "https://"
                                  : url->starts_with("http://") ? "http://"
                                                                : "";
  if (scheme.empty()) return refuse("begins neither with https:// nor with http://");
  const std::string_view rest = std::string_view(*url).substr(scheme.size());
  const std::string_view host = rest.substr(0, rest.find('/'));
  if (host.empty()) return refuse("names no host");
  // Without the address: there may be a password in it.
  if (host.find('@') != std::string_view::npos) {
    return Usage("fetch.url", std::string(option) + ": the address holds a user name, and want none");
  }
  if (rest.find_first_of("?#") != std::string_view::npos) return refuse("has a query or fragment");
  if (std::any_of(rest.begin(), rest.end(), [](unsigned char c) { return c <= ' ' || c >= 0x7f; })) {
    return refuse("has a character that no address has");
  }
  while (url->ends_with('/')) url->pop_back();
  return {};
}

}  // namespace

Status CheckServices(Services* services) {
  ATTESTML_CHECK(CheckUrl(&services->pcs, "--pcs"));
  ATTESTML_CHECK(CheckUrl(&services->root_crl, "--root-crl"));
  ATTESTML_CHECK(CheckUrl(&services->kds, "--kds"));
  if (services->pccs.empty()) return {};
  ATTESTML_CHECK(CheckUrl(&services->pccs, "--pccs"));
  for (const std::string_view path : {"/sgx/certification/v4", "/sgx/certification/v3"}) {
    if (services->pccs.ends_with(path)) services->pccs.resize(services->pccs.size() - path.size());
  }
  return {};
}

std::string_view DocumentName(Document document) {
  switch (document) {
    case Document::kRootCrl:
      return "root-crl";
    case Document::kPckCrl:
      return "pck-crl";
    case Document::kTcbInfo:
      return "tcb-info";
    case Document::kQeIdentity:
      return "qe-identity";
    case Document::kSignerChain:
      return "signer-chain";
    case Document::kAmdChain:
      return "certificate-chain";
    case Document::kAmdCrl:
      return "crl";
    case Document::kVcek:
      return "vcek";
  }
  return "";
}

// Intel, "SGX and TDX Provisioning Certification Service API, version 4"; PCCS, "Design Guide of the Provisioning
// Certificate Caching Service", which gives the root's CRL, too.
std::vector<Question> IntelQuestions(const IntelPlatform& platform, const Services& services) {
  const std::string base = services.pccs.empty() ? services.pcs : services.pccs;
  const std::string sgx = base + "/sgx/certification/v4";
  const std::string tee = platform.is_tdx ? "tdx" : "sgx";
  const std::string own = base + "/" + tee + "/certification/v4";
  const std::string ca = platform.is_platform_ca ? "platform" : "processor";
  const std::string fmspc = HexEncode(platform.pck.fmspc);
  const std::string update = services.update.empty() ? "" : "update=" + services.update;
  return {
      {Document::kRootCrl, services.pccs.empty() ? services.root_crl : sgx + "/rootcacrl", kMaxCrl, {}, "root.crl"},
      {Document::kPckCrl, sgx + "/pckcrl?ca=" + ca + "&encoding=der", kMaxCrl, {}, "pck-" + ca + ".crl"},
      {Document::kTcbInfo,
       own + "/tcb?fmspc=" + fmspc + (update.empty() ? "" : "&" + update),
       kMaxJson,
       {"tcb-info-issuer-chain", "sgx-tcb-info-issuer-chain"},
       tee + "-tcb-info-" + fmspc + ".json"},
      {Document::kQeIdentity,
       own + "/qe/identity" + (update.empty() ? "" : "?" + update),
       kMaxJson,
       {"sgx-enclave-identity-issuer-chain", "enclave-identity-issuer-chain"},
       tee + "-qe-identity.json"},
  };
}

// AMD document 57230, "VCEK Certificate and KDS Interface Specification".
std::vector<Question> AmdQuestions(const AmdPlatform& platform, snp::ProductLine line, const Services& services) {
  const std::string kind = Lower(SigningKeyName(platform.key));
  const std::string base = services.kds + "/" + kind + "/v1/" + std::string(ProductLineName(line));
  std::vector<Question> out = {
      {Document::kAmdChain, base + "/cert_chain", kMaxChain, {}, kind + "-chain.pem"},
      {Document::kAmdCrl, base + "/crl", kMaxCrl, {}, kind + ".crl"},
  };
  const Bytes id = HardwareId(platform, line);
  if (platform.key != snp::SigningKey::kVcek || id.empty()) return out;
  std::string query;
  const auto parts = TcbParts(line);
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"bootloader", "blSPL"}, {"tee", "teeSPL"}, {"snp", "snpSPL"}, {"microcode", "ucodeSPL"}, {"fmc", "fmcSPL"}};
  for (const auto& [part, name] : kNames) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      if (parts[i].name != part) continue;
      char number[8];
      std::snprintf(number, sizeof number, "%02u", unsigned{platform.tcb[i]});
      query += (query.empty() ? "?" : "&") + std::string(name) + "=" + number;
    }
  }
  // Before the CRL: when there is none, the line may have been the wrong one.
  out.insert(out.begin() + 1, {Document::kVcek,
                               base + "/" + HexEncode(id) + query,
                               kMaxCertificate,
                               {},
                               "vcek-" + HexEncode(id) + "-" + HexEncode(platform.tcb) + ".der"});
  return out;
}

}  // namespace attestml::fetch
