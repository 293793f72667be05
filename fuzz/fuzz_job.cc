// The job that is written means what the job that was read means.
#include "base/json.h"
#include "fuzz.h"
#include "tasks/job.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  const auto job = tasks::ParseJob(fuzz::Text(data, size), "fuzz.toml");
  if (!job.ok()) return 0;
  const auto again = tasks::ParseJob(tasks::JobToToml(*job), "again.toml");
  fuzz::Require(again.ok() && DumpJson(tasks::JobToJson(*again)) == DumpJson(tasks::JobToJson(*job)));
  return 0;
}
