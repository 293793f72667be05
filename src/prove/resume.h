// Going on from a checkpoint: whether it can be believed. spec/training.md section 11.
#pragma once

#include <string>
#include <vector>

#include "artifact/measured_file.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "statement/claims.h"
#include "tasks/checkpoint.h"
#include "tee/device.h"
#include "verify/evidence.h"

namespace attestml::prove {

struct Resumed {
  tasks::Checkpoint checkpoint;
  artifact::MeasuredFile file;
  std::vector<statement::DatasetUse> datasets;  // that it was trained on
  std::string bundle;                           // its statements and evidence, to be handed on with ours
};

// Reads PATH (the checkpoint, or the folder that holds it as checkpoint.safetensors) and checkpoint.intoto.jsonl beside
// it, and verifies them: evidence up to `anchor`, of this very program, for a training statement about these bytes, of
// this job, at the step that the checkpoint says. Which program this is, `device` says: it is asked for evidence, and
// what the checkpoint's shows must be the same. Error ids resume.* (untrusted), and those of the parts.
Result<Resumed> ReadResumed(const std::string& path, const crypto::Digest256& job, tee::Device& device,
                            const verify::TrustAnchor& anchor, Time now);

inline constexpr const char* kCheckpointName = "checkpoint.safetensors";
inline constexpr const char* kCheckpointBundle = "checkpoint.intoto.jsonl";

}  // namespace attestml::prove
