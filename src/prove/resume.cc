#include "prove/resume.h"

#include <sys/stat.h>

#include "base/hex.h"
#include "statement/envelope.h"
#include "verify/bundle.h"
#include "verify/same_program.h"

namespace attestml::prove {
namespace {

constexpr std::size_t kMaxCheckpoint = std::size_t{16} << 30;

std::string FileIn(const std::string& path) {
  struct stat info {};
  const bool directory = stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
  return directory ? path + "/" + kCheckpointName : path;
}

std::string BundleBeside(const std::string& file) {
  const std::size_t slash = file.rfind('/');
  return (slash == std::string::npos ? "" : file.substr(0, slash + 1)) + kCheckpointBundle;
}

Result<verify::VerifiedEvidence> OwnEvidence(tee::Device& device, const verify::TrustAnchor& anchor, Time now) {
  ATTESTML_TRY(const evidence::EvidencePackage package, device.Attest({}));
  auto outcome = verify::VerifyEvidence(package, {}, {&anchor, 1}, now);
  if (!outcome.evidence.ok()) return Within("evidence of this program", std::move(outcome.evidence).error());
  return std::move(outcome.evidence).value();
}

}  // namespace

Result<Resumed> ReadResumed(const std::string& path, const crypto::Digest256& job, tee::Device& device,
                            const verify::TrustAnchor& anchor, Time now) {
  const std::string place = FileIn(path);
  ATTESTML_TRY(auto file, artifact::MeasuredFile::Read(place, kCheckpointName, kMaxCheckpoint));
  ATTESTML_TRY(const Bytes text, artifact::ReadFile(BundleBeside(place)));
  // What the bytes say is looked at only when somebody vouches for them.
  ATTESTML_TRY(const auto envelopes, statement::ParseBundle(AsText(text)));
  auto outcome = verify::VerifyBundle(envelopes, {}, {&anchor, 1}, now);
  if (!outcome.bundle.ok()) return Within("the checkpoint's bundle", std::move(outcome.bundle).error());
  ATTESTML_TRY(const verify::VerifiedEvidence own, OwnEvidence(device, anchor, now));

  const statement::TrainingClaim* claim = nullptr;
  for (const verify::VerifiedStatement& item : outcome.bundle->statements()) {
    const auto* training = std::get_if<statement::TrainingClaim>(&item.claim);
    if (training == nullptr || training->model.sha256 != file.sha256() || !item.evidence) continue;
    const auto& evidence = outcome.bundle->evidence()[*item.evidence].evidence;
    if (const std::string difference = verify::DescribeDifference(evidence, own); !difference.empty()) {
      return Untrusted("resume.program", "the checkpoint was made by another program than this: " + difference);
    }
    claim = training;
  }
  if (claim == nullptr) {
    return Untrusted("resume.statement",
                     "no training statement of the bundle is about checkpoint sha256:" + HexEncode(file.sha256()));
  }
  if (const auto theirs = statement::JobDigest(claim->run.job); theirs != job) {
    return Untrusted("resume.job", "the checkpoint is of job sha256:" + HexEncode(theirs) +
                                       ", want this one, sha256:" + HexEncode(job));
  }
  ATTESTML_TRY(auto checkpoint, tasks::ReadCheckpoint(file));
  if (checkpoint.job != job || checkpoint.state.steps != claim->steps) {
    return Untrusted("resume.step", "the checkpoint stands at step " + std::to_string(checkpoint.state.steps) +
                                        ", its statement says " + std::to_string(claim->steps));
  }
  return Resumed{std::move(checkpoint), std::move(file), claim->datasets, std::string(AsText(text))};
}

}  // namespace attestml::prove
