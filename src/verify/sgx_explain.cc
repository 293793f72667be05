#include "verify/sgx_explain.h"

namespace attestml::verify {

std::string ExplainTcbGap(const evidence::sgx::TcbInfo& info, const evidence::sgx::PckExtension& platform) {
  std::vector<std::string> short_of;
  const evidence::sgx::TcbLevel& best = info.levels.front();
  for (std::size_t i = 0; i < evidence::sgx::kNumComponents; ++i) {
    if (platform.components[i] < best.components[i]) {
      short_of.push_back("component " + std::to_string(i + 1) + " is " + std::to_string(platform.components[i]) +
                         ", the highest level has " + std::to_string(best.components[i]));
    }
  }
  if (platform.pce_svn < best.pce_svn) {
    short_of.push_back("PCESVN is " + std::to_string(platform.pce_svn) + ", the highest level has " +
                       std::to_string(best.pce_svn));
  }
  std::string out;
  for (const std::string& part : short_of) out += (out.empty() ? "" : "; ") + part;
  return out;
}

std::string JoinNames(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

}  // namespace attestml::verify
