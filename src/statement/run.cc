#include "statement/run.h"

#include <algorithm>
#include <set>

#include "base/hex.h"
#include "statement/fields.h"

namespace attestml::statement {
namespace {

constexpr std::uint64_t kMaxThreads = 65536;
constexpr std::size_t kMaxSeeds = 64;

bool IsHex(std::string_view text, std::size_t max) {
  return !text.empty() && text.size() <= max && text.size() % 2 == 0 &&
         std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// The decimal text of an unsigned 64-bit integer, no leading zeros.
bool IsUnsigned64(std::string_view text) {
  constexpr std::string_view kMax = "18446744073709551615";
  if (text.empty() || text.size() > kMax.size() || (text.size() > 1 && text[0] == '0')) return false;
  if (!std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) return false;
  return text.size() < kMax.size() || text <= kMax;
}

Result<Library> ParseLibrary(JsonView value) {
  JsonFields object(value, "run.libraries", "library");
  Library out;
  ATTESTML_TRY(out.name, object.String("name"));
  ATTESTML_TRY(out.build_id, OptionalText(object, "buildId", "run.libraries"));
  ATTESTML_CHECK(object.Finish());
  if (out.name.empty()) return Malformed("run.libraries", "a library has no name");
  if (!out.build_id.empty() && !IsHex(out.build_id, 128)) {
    return Malformed("run.libraries", "build id of a library is not lower-case hexadecimal");
  }
  return out;
}

Result<Seed> ParseSeed(JsonView value) {
  JsonFields object(value, "run.seeds", "seed");
  Seed out;
  ATTESTML_TRY(out.of, object.String("of"));
  ATTESTML_TRY(out.value, object.String("value"));
  ATTESTML_TRY(out.chosen_by, object.String("chosenBy"));
  ATTESTML_CHECK(object.Finish());
  if (out.of.empty()) return Malformed("run.seeds", "a seed does not say what it is of");
  const bool in_hex = out.chosen_by == "derived" || out.chosen_by == "secret" || out.chosen_by == "concealed";
  if (out.chosen_by == "concealed") ATTESTML_CHECK(ParseDigest(out.value, "run.seeds", "a concealed seed"));
  if (out.chosen_by == "job" ? !IsUnsigned64(out.value) : !in_hex || !IsHex(out.value, 128)) {
    return Malformed("run.seeds", "seed of " + out.of.substr(0, 64) +
                                      " is neither chosen by the job, in decimal, nor derived or secret, in "
                                      "hexadecimal");
  }
  return out;
}

}  // namespace

bool SameJob(const Run& a, const Run& b) {
  if (a.concealed_job || b.concealed_job) return a.concealed_job == b.concealed_job;
  return a.job == b.job;
}

crypto::Digest256 JobDigest(const Json& job) { return crypto::Sha256(AsBytes(DumpJson(job))); }

Json RunWithoutJob(const Run& run) {
  Json engine = Json::object();
  engine["name"] = run.engine;
  if (run.engine_details.is_object() && !run.engine_details.empty()) engine["details"] = run.engine_details;
  Json libraries = Json::array();
  for (const Library& library : run.libraries) {
    Json entry = Json::object();
    entry["name"] = library.name;
    if (!library.build_id.empty()) entry["buildId"] = library.build_id;
    libraries.push_back(std::move(entry));
  }
  Json seeds = Json::array();
  for (const Seed& seed : run.seeds) {
    Json entry = Json::object();
    entry["of"] = seed.of;
    entry["value"] = seed.value;
    entry["chosenBy"] = seed.chosen_by;
    seeds.push_back(std::move(entry));
  }
  Json out = Json::object();
  out["program"] = run.program;
  if (!run.concealed_job) out["jobDigest"] = HexEncode(JobDigest(run.job));
  out["engine"] = std::move(engine);
  out["libraries"] = std::move(libraries);
  out["threads"] = run.threads;
  out["seeds"] = std::move(seeds);
  if (!run.nonce.empty()) out["nonce"] = run.nonce;
  return out;
}

Json RunToJson(const Run& run) {
  Json out = RunWithoutJob(run);
  if (run.concealed_job) {
    out["jobCommitment"] = HexEncode(*run.concealed_job);
  } else {
    out["job"] = run.job;
  }
  return out;
}

namespace {

Status ReadJob(JsonView job, std::string_view job_digest, Run* out) {
  if (!job.is_object()) return Malformed("run.job", "job is not an object");
  const std::string_view text = job.Canonical();
  if (text.size() > kMaxObject) {
    return Malformed("run.job",
                     "job has " + std::to_string(text.size()) + " bytes, want at most " + std::to_string(kMaxObject));
  }
  ATTESTML_TRY(const crypto::Digest256 stated, ParseDigest(job_digest, "run.job_digest", "jobDigest"));
  if (const crypto::Digest256 seen = crypto::Sha256(AsBytes(text)); seen != stated) {
    return Malformed("run.job_digest", "jobDigest is " + std::string(job_digest) + ", the job has " + HexEncode(seen));
  }
  out->job = job.ToJson();
  return {};
}

// `object` is the run, where everything but the job, or its commitment, is still to be asked for.
Result<Run> ReadRun(JsonFields& object, JsonView job, JsonView commitment) {
  Run out;
  ATTESTML_TRY(out.program, object.String("program"));
  std::string_view job_digest;
  if (!commitment) {
    ATTESTML_TRY(job_digest, object.String("jobDigest"));
  }
  ATTESTML_TRY(const JsonView engine, object.Object("engine"));
  ATTESTML_TRY(const JsonView libraries, object.Array("libraries"));
  ATTESTML_TRY(const std::uint64_t threads, object.Unsigned("threads"));
  ATTESTML_TRY(const JsonView seeds, object.Array("seeds"));
  ATTESTML_TRY(out.nonce, OptionalText(object, "nonce", "run.nonce"));
  ATTESTML_CHECK(object.Finish());

  if (out.program.empty()) return Malformed("run.program", "program has no name");
  if (commitment) {
    if (!commitment.is_string()) return Malformed("run.job_commitment", "jobCommitment is not a string");
    ATTESTML_TRY(out.concealed_job, ParseDigest(commitment.String(), "run.job_commitment", "jobCommitment"));
    out.job = nullptr;
  } else {
    ATTESTML_CHECK(ReadJob(job, job_digest, &out));
  }

  JsonFields engine_object(engine, "run.engine", "engine");
  ATTESTML_TRY(out.engine, engine_object.String("name"));
  std::map<std::string, std::string> details;
  ATTESTML_CHECK(OptionalTextMap(engine_object, engine_object.Optional("details"), "details", "run.engine", &details));
  ATTESTML_CHECK(engine_object.Finish());
  if (out.engine.empty()) return Malformed("run.engine", "engine has no name, want one, or \"none\"");
  out.engine_details = Json::object();
  for (const auto& [name, detail] : details) out.engine_details[name] = detail;

  if (libraries.size() > kMaxLibraries) return Malformed("run.libraries", "more than 4096 libraries");
  out.libraries.reserve(libraries.size());
  for (const JsonView entry : libraries) {
    ATTESTML_TRY(Library library, ParseLibrary(entry));
    out.libraries.push_back(std::move(library));
  }
  if (threads < 1 || threads > kMaxThreads) {
    return Malformed("run.threads", std::to_string(threads) + " threads, want 1 to " + std::to_string(kMaxThreads));
  }
  out.threads = static_cast<unsigned>(threads);

  if (seeds.size() > kMaxSeeds) return Malformed("run.seeds", "more than 64 seeds");
  std::set<std::string> of;
  for (const JsonView entry : seeds) {
    ATTESTML_TRY(Seed seed, ParseSeed(entry));
    if (!of.insert(seed.of).second) return Malformed("run.seeds", "two seeds of " + seed.of.substr(0, 64));
    out.seeds.push_back(std::move(seed));
  }
  if (!out.nonce.empty()) ATTESTML_CHECK(CheckNonce(out.nonce, "run.nonce"));
  return out;
}

}  // namespace

Result<Run> ParseRunWithoutJob(JsonView value, JsonView job) {
  JsonFields object(value, "run", "run");
  return ReadRun(object, job, JsonView());
}

Result<Run> ParseRunOfConcealedJob(JsonView value, JsonView commitment) {
  JsonFields object(value, "run", "run");
  return ReadRun(object, JsonView(), commitment);
}

Result<Run> ParseRun(const Json& value) {
  ATTESTML_TRY(const JsonDocument document, JsonDocument::Of(value));
  return ParseRun(document.root());
}

Result<Run> ParseRun(JsonView value) {
  if (!value.is_object()) return Malformed("run", "run is not an object");
  JsonFields object(value, "run", "run");
  // With a commitment, neither job nor jobDigest is asked for, and so neither may be there.
  if (const JsonView commitment = object.Optional("jobCommitment")) return ReadRun(object, JsonView(), commitment);
  const JsonView job = object.Optional("job");
  if (!job) return Malformed("run", "run has no member \"job\"");
  return ReadRun(object, job, JsonView());
}

}  // namespace attestml::statement
