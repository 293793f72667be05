// A pickle of a TorchScript program: the first byte says what is wanted of it.
#include "engine/program/pickle.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  if (size == 0) return 0;
  std::set<std::string> classes;
  engine::PickleRules rules;
  rules.storage_size = [](const std::string& key) -> std::optional<std::uint64_t> {
    return key == "0" ? std::optional<std::uint64_t>(24) : std::nullopt;
  };
  rules.classes = &classes;
  rules.want_object = (data[0] & 1) != 0;
  const bool ok = engine::CheckPickle(BytesView(data + 1, size - 1), rules).ok();
  // A pickle cannot be longer than what it names.
  fuzz::Require(!ok || classes.size() < size);
  return 0;
}
