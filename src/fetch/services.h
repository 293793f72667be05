// Where collateral is asked for, and what each answer is called in the cache. spec/collateral.md sections 2 and 3.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "fetch/platform.h"

namespace attestml::fetch {

inline constexpr std::string_view kIntelPcs = "https://api.trustedservices.intel.com";
inline constexpr std::string_view kIntelRootCrl = "https://certificates.trustedservices.intel.com/IntelSGXRootCA.der";
inline constexpr std::string_view kAmdKds = "https://kdsintf.amd.com";

// Addresses as CheckServices leaves them: no slash at the end.
struct Services {
  std::string pcs{kIntelPcs};
  std::string pccs;  // asked instead of PCS and for the root's CRL, too, when not empty
  std::string root_crl{kIntelRootCrl};
  std::string kds{kAmdKds};
  std::string update;  // "early", "standard" or "" for what the service does unasked
};

// CheckServices refuses what is no https (or, because a person typed it, http) address: no credentials, query or
// fragment, no blank. It cuts the slash at the end, and of a PCCS the path of its version. Error id fetch.url.
Status CheckServices(Services* services);

enum class Document : std::uint8_t {
  kRootCrl,
  kPckCrl,
  kTcbInfo,
  kQeIdentity,
  kSignerChain,
  kAmdChain,
  kAmdCrl,
  kVcek
};

std::string_view DocumentName(Document document);  // "root-crl", "tcb-info"

struct Question {
  Document document = Document::kRootCrl;
  std::string url;
  std::size_t max_bytes = 0;
  std::vector<std::string_view> chain_headers;  // one of them holds the issuer chain; lower case
  std::string name;                             // in the cache, beneath the vendor's folder: "intel", "amd/milan"
};

// In the order in which each answer can be held against those before it.
std::vector<Question> IntelQuestions(const IntelPlatform& platform, const Services& services);
// None is for the VCEK when a VLEK signed, or the report hides its chip.
std::vector<Question> AmdQuestions(const AmdPlatform& platform, evidence::snp::ProductLine line,
                                   const Services& services);

}  // namespace attestml::fetch
