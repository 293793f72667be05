// A checkpoint: all that a training run needs to go on, in a safetensors file. spec/training.md section 11.
#pragma once

#include "artifact/measured_file.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "model/model.h"
#include "statement/encoding.h"
#include "tasks/training.h"

namespace attestml::tasks {

struct Checkpoint {
  crypto::Digest256 job{};  // JobDigest of the effective job it belongs to
  model::Architecture architecture;
  statement::Encoding encoding;
  TrainingState state;
};

// One text for one checkpoint.
Bytes WriteCheckpoint(const Checkpoint& checkpoint);

// Reads a file as hostile, as Model::Parse does. Error ids safetensors.*, model.*, encoding, checkpoint.*. Whether it
// can be believed is another question: prove/resume.h.
Result<Checkpoint> ReadCheckpoint(const artifact::MeasuredFile& file);

}  // namespace attestml::tasks
