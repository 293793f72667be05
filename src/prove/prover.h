// The prover: runs a job's stages, states what happened, binds and signs. It touches no terminal: what a person should
// see comes back in values and through callbacks.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "engine/module.h"
#include "prove/timing.h"
#include "tasks/job.h"

namespace attestml::prove {

enum class Stage : std::uint8_t { kMeasure, kTrain, kAdopt, kEvaluate, kInfer, kRun };

struct OutputFile {
  std::string name;
  Bytes bytes;
  bool secret = false;  // for its owner's eyes
};

struct Request {
  Stage stage = Stage::kRun;
  tasks::Job job;
  std::string job_directory;                // relative dataset paths are taken from here
  std::map<std::string, std::string> data;  // dataset name → path
  std::string model_path;                   // evaluate and infer: the model file
  std::string input_path;                   // infer: the rows
  std::string fit_view;       // adopt: the view that the encoding is fitted on; "" for the one that is trained on
  std::string encoding_path;  // adopt: the encoding, as JSON; "" to fit it
  std::string resume_path;    // train and run: the checkpoint to go on from; "" to begin
  std::optional<crypto::Digest256> owner_secret;  // conceals what is stated, where the job wants that
  bool receipts = false;                          // infer: one receipt a row
  Bytes nonce;                                    // what the verifier sent; empty when none was asked for
  std::string tee_directory;                      // of the simulated devices
  std::string tee_root;                           // below which devices are looked for; "" is "/"
  std::int64_t now = 0;                           // when this began; for what a simulated device dates, nothing else
  bool attest = true;  // false: the same work with nothing measured or stated (benchmarks, and always in adopt)
  std::span<const engine::Module> modules;               // the engine modules of this program
  std::function<bool(const tasks::Progress&)> progress;  // may be empty; false stops the run
  // Told which hardware will attest, before the work. May be empty.
  std::function<void(const std::string&)> found_tee;
  // Puts a checkpoint and its bundle where a later run finds them, both or none. May be empty: no checkpoints then.
  std::function<Status(const std::vector<OutputFile>&)> save_checkpoint;
};

// What a person wants to see at once, before any bundle is verified.
struct Headline {
  std::string name;   // "accuracy on test"
  std::string value;  // "0.8512"
};

struct Outcome {
  std::vector<OutputFile> files;  // to be written all or none
  std::vector<Headline> headlines;
  std::size_t statements = 0;
  Json timing;
  std::string program_sha256;  // hex: what a simulated quote calls MRENCLAVE
  Time stated;                 // when the evidence was made, by the clock that `now` is of
};

// Prove runs one stage, or all of them. Nothing is written to disk but the simulated device's own state. Error ids
// prove.*, and those of the parts.
Result<Outcome> Prove(const Request& request, Timing& timing);

}  // namespace attestml::prove
