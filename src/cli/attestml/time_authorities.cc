#include "artifact/measured_file.h"
#include "cli/attestml/commands.h"
#include "crypto/certificate.h"
#include "crypto/pem.h"
#include "crypto/timestamp.h"

namespace attestml::cli {
namespace {

constexpr std::size_t kMaxTsaFile = std::size_t{1} << 20;

}  // namespace

Result<std::vector<verify::TimeAuthority>> ReadTimeAuthorityFiles(const std::vector<std::string>& paths) {
  std::vector<verify::TimeAuthority> out;
  for (const std::string& path : paths) {
    ATTESTML_TRY(const Bytes bytes, artifact::ReadFile(path, kMaxTsaFile));
    std::vector<crypto::Certificate> certificates;
    if (crypto::LooksLikePem(AsText(bytes))) {
      auto pem = crypto::Certificate::FromPem(AsText(bytes), crypto::kMaxTimestampCertificates);
      if (!pem.ok()) return Usage("cli.tsa_root", "--tsa-root " + path + ": " + pem.error().message);
      certificates = std::move(pem).value();
    } else {
      auto der = crypto::Certificate::FromDer(bytes);
      if (!der.ok()) return Usage("cli.tsa_root", "--tsa-root " + path + ": " + der.error().message);
      certificates = {std::move(der).value()};
    }
    std::vector<Bytes> all;
    for (const crypto::Certificate& each : certificates) all.push_back(each.der());
    const std::size_t before = out.size();
    for (const crypto::Certificate& each : certificates) {
      // Names alone: whether it is signed by itself is looked at when a time stamp's chain ends at it.
      if (each.subject_der() != each.issuer_der()) continue;
      const std::string name = each.common_name();
      out.push_back({name.empty() ? path : name, each.key_id(), all, {}});
    }
    if (out.size() == before) {
      return Usage("cli.tsa_root", "--tsa-root " + path + ": no self-signed certificate, which a root is");
    }
  }
  return out;
}

}  // namespace attestml::cli
