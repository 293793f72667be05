// Writes the table of evidence cases as language-neutral files, one case each (vectors/README.md).
//
// usage: evidence_vectors DIRECTORY
#include <cstdio>

#include "artifact/output_directory.h"
#include "base/base64.h"
#include "base/hex.h"
#include "base/json.h"
#include "vectorgen/evidence_cases.h"

namespace {

using namespace attestml;

// Cases that flood the verifier are large and say nothing that a reader could not make: the test makes them itself.
constexpr std::size_t kMaxFile = 64 * 1024;

Json ItemsJson(const std::vector<evidence::CollateralItem>& items) {
  Json out = Json::array();
  for (const auto& item : items) out.push_back({{"label", item.label}, {"base64", Base64Encode(item.bytes)}});
  return out;
}

Json CaseJson(const vectorgen::EvidenceCase& c) {
  Json anchors = Json::array();
  for (const auto& anchor : c.anchors) {
    anchors.push_back({{"name", anchor.name}, {"keyId", HexEncode(anchor.key_id)}, {"simulated", anchor.simulated}});
  }
  return {{"name", c.name},
          {"why", c.why},
          {"expect", c.expect},
          {"at", FormatTime(c.time)},
          {"anchors", std::move(anchors)},
          {"mediaType", c.package.media_type},
          {"evidence", Base64Encode(c.package.evidence)},
          {"collateral", ItemsJson(c.package.collateral)},
          {"extraCollateral", ItemsJson(c.extra)}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: evidence_vectors DIRECTORY\n", stderr);
    return 2;
  }
  int written = 0;
  int left_out = 0;
  for (const auto& c : vectorgen::MakeEvidenceCases()) {
    const std::string text = PrettyJson(CaseJson(c));
    if (text.size() > kMaxFile) {
      ++left_out;
      continue;
    }
    const Status status = artifact::WriteFileAtomically(std::string(argv[1]) + "/" + c.name + ".json", AsBytes(text));
    if (!status.ok()) {
      std::fprintf(stderr, "%s\n", status.error().message.c_str());
      return 1;
    }
    ++written;
  }
  std::printf("%d vectors written, %d too large left out\n", written, left_out);
}
