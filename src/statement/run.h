// Run: everything besides the named inputs that could change a result (design G4). Each predicate of ours carries one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/json_document.h"
#include "base/result.h"
#include "crypto/digest.h"

namespace attestml::statement {

struct Library {
  std::string name;      // file name as mapped: "libtorch_cpu.so.1.13"
  std::string build_id;  // GNU build id, hex; "" when it has none
};

struct Seed {
  std::string of;         // "split", "training", "robustness"
  std::string value;      // decimal for job seeds, hex for derived ones; of a secret, hex of SHA-256 of it
  std::string chosen_by;  // "job", "derived", "concealed" (derived, and only its commitment is told), or "secret":
                          // drawn in the TEE and told to nobody
};

struct Run {
  std::string program;                             // "attestml-prover 0.1.0"
  Json job;                                        // the effective job, canonical; null when it is concealed
  std::optional<crypto::Digest256> concealed_job;  // the commitment to it, then
  std::string engine;                              // "torch", "onednn", "none"
  Json engine_details;                             // object of strings: version, blas, isa, …
  std::vector<Library> libraries;
  unsigned threads = 1;
  std::vector<Seed> seeds;
  std::string nonce;  // lower-case hex of what the verifier sent, 1 to 64 bytes; "" when none was asked for
};

// Whether two runs are known to be of one job: both told and equal, or under one commitment.
bool SameJob(const Run& a, const Run& b);

// JobDigest is SHA-256 of the canonical text of the job.
crypto::Digest256 JobDigest(const Json& job);

Json RunToJson(const Run& run);  // includes jobDigest
Result<Run> ParseRun(const Json& value);
Result<Run> ParseRun(JsonView value);  // strict; jobDigest must be the job's. Error ids run.*

// The same in the two halves that SLSA provenance wants: the job is an external parameter, the rest is internal.
Json RunWithoutJob(const Run& run);  // jobDigest is in it
Result<Run> ParseRunWithoutJob(JsonView value, JsonView job);
// The internal half of a run whose job is concealed, with the commitment to it. Error id run.job_commitment.
Result<Run> ParseRunOfConcealedJob(JsonView value, JsonView commitment);

}  // namespace attestml::statement
