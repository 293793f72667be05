// The pickles inside a TorchScript program, walked before libtorch's own unpickler, which trusts what it reads.
// spec/torchscript.md section 2.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::engine {

struct PickleRules {
  // The size of the storage with this key; none where there is no such entry.
  std::function<std::optional<std::uint64_t>(const std::string& key)> storage_size;
  std::set<std::string>* classes = nullptr;  // gets the names of all classes, never null
  bool want_object = false;                  // data.pkl holds a module, constants.pkl a tuple
};

// Interprets the pickle with a stack of its own and refuses every opcode that torch.jit.save does not write, every
// global but tensors, storages, typed lists and classes of the program, every stack, memo or storage access out of
// bounds, and cycles. Id program.pickle.
Status CheckPickle(BytesView bytes, const PickleRules& rules);

}  // namespace attestml::engine
