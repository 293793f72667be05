// The source text of a TorchScript program.
#include "engine/program/text.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  engine::ProgramNames names;
  if (engine::CheckProgramText("code/__torch__.py", fuzz::Text(data, size), &names).ok()) {
    static_cast<void>(engine::CheckProgramNames(names, {"__torch__.M"}));
  }
  return 0;
}
