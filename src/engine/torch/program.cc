#include "engine/torch/program.h"

#include <caffe2/serialize/inline_container.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <set>

#include "engine/program/archive.h"
#include "engine/program/operators.h"
#include "engine/program/pickle.h"
#include "engine/program/text.h"
#include "engine/torch/guarded.h"

namespace attestml::engine {
namespace {

class Memory final : public caffe2::serialize::ReadAdapterInterface {
 public:
  explicit Memory(BytesView file) : file_(file) {}

  std::size_t size() const override { return file_.size(); }

  std::size_t read(std::uint64_t position, void* buffer, std::size_t n, const char*) const override {
    if (position >= file_.size()) return 0;
    n = std::min<std::size_t>(n, file_.size() - position);
    std::memcpy(buffer, file_.data() + position, n);
    return n;
  }

 private:
  BytesView file_;
};

Status CheckPickles(const Archive& archive, std::set<std::string>* classes) {
  for (const auto& [name, want_object] : {std::pair{"data", true}, std::pair{"constants", false}}) {
    const auto pickle = archive.entries.find(std::string(name) + ".pkl");
    if (pickle == archive.entries.end()) return Malformed("program.zip", std::string("no ") + name + ".pkl");
    PickleRules rules;
    rules.want_object = want_object;
    rules.classes = classes;
    rules.storage_size = [&archive,
                          folder = std::string(name) + "/"](const std::string& key) -> std::optional<std::uint64_t> {
      const auto entry = archive.entries.find(folder + key);
      if (entry == archive.entries.end() || entry->second.compressed) return std::nullopt;
      return entry->second.size;
    };
    ATTESTML_CHECK(CheckPickle(pickle->second.stored, rules));
  }
  return {};
}

Status CheckEntries(const Archive& archive) {
  for (const auto& [name, entry] : archive.entries) {
    const bool known = name == "data.pkl" || name == "constants.pkl" || name == "version" || name == "byteorder" ||
                       name.starts_with("data/") || name.starts_with("constants/") || name.starts_with(".data/") ||
                       (name.starts_with("code/") && (name.ends_with(".py") || name.ends_with(".py.debug_pkl")));
    if (!known) return Malformed("program.zip", "an entry " + name.substr(0, 128) + ", which no program needs");
    if (name == "byteorder" && AsText(entry.stored) != "little") {
      return Malformed("program.zip", "numbers are not little-endian");
    }
  }
  return {};
}

// The code, unpacked once: libtorch's own unpacking of a damaged stream leaves bytes as they were in memory, so that
// what is read twice can differ.
Result<std::map<std::string, Bytes>> Unpack(BytesView file, const Archive& archive) {
  caffe2::serialize::PyTorchStreamReader reader(std::make_shared<Memory>(file));
  std::map<std::string, Bytes> code;
  for (const auto& [name, entry] : archive.entries) {
    if (!name.ends_with(".py")) continue;
    const auto [data, size] = reader.getRecord(name);
    const auto* begin = static_cast<const std::uint8_t*>(data.get());
    Bytes bytes(begin, begin + size);
    if (bytes.size() != entry.size || Crc32(bytes) != entry.crc) {
      return Malformed("program.zip", name.substr(0, 128) + " does not unpack to what it should");
    }
    code[name] = std::move(bytes);
  }
  return code;
}

Status CheckCode(const std::map<std::string, Bytes>& code, const std::set<std::string>& classes) {
  ProgramNames names;
  for (const auto& [name, bytes] : code) ATTESTML_CHECK(CheckProgramText(name, AsText(bytes), &names));
  return CheckProgramNames(names, classes);
}

// The file as libtorch gets to see it: the bytes that were checked, without the debug information, which it would
// unpickle to word an error.
Bytes Checked(const Archive& archive, const std::map<std::string, Bytes>& code) {
  std::map<std::string, BytesView> entries;
  for (const auto& [name, entry] : archive.entries) {
    if (!entry.compressed && !name.starts_with("code/") && !name.starts_with(".data/")) entries[name] = entry.stored;
  }
  for (const auto& [name, bytes] : code) entries[name] = bytes;
  return WriteArchive(entries);
}

Status CheckBlock(const torch::jit::Block& block);

Status CheckType(const c10::TypePtr& type, int depth = 0) {
  switch (type->kind()) {
    case c10::TypeKind::PyObjectType:
    case c10::TypeKind::CapsuleType:
    case c10::TypeKind::FutureType:
    case c10::TypeKind::RRefType:
    case c10::TypeKind::GeneratorType:
    case c10::TypeKind::StorageType:
    case c10::TypeKind::StreamObjType:
      return Malformed("program.operator", "a value of type " + type->str().substr(0, 128));
    default:
      break;
  }
  if (const auto type_class = type->cast<c10::ClassType>()) {
    if (type_class->is_module() || depth > 32) return {};
    const auto name = type_class->name();
    if (!name || name->qualifiedName().starts_with("__torch__.torch.classes")) {
      return Malformed("program.operator", "a class that is not the program's own");
    }
    return {};
  }
  for (const auto& inner : type->containedTypes()) ATTESTML_CHECK(CheckType(inner, depth + 1));
  return {};
}

Status CheckNode(const torch::jit::Node& node) {
  const std::string name = node.kind().toQualString();
  if (!AllowedOperator(name)) {
    return Malformed("program.operator", "the operator " + name.substr(0, 128) + " is not allowed");
  }
  for (const torch::jit::Value* output : node.outputs()) ATTESTML_CHECK(CheckType(output->type()));
  for (const torch::jit::Block* inner : node.blocks()) ATTESTML_CHECK(CheckBlock(*inner));
  return {};
}

Status CheckBlock(const torch::jit::Block& block) {
  for (const torch::jit::Node* node : block.nodes()) ATTESTML_CHECK(CheckNode(*node));
  return {};
}

Status CheckFunction(torch::jit::Function& function) {
  torch::jit::GraphFunction* code = torch::jit::tryToGraphFunction(function);
  if (code == nullptr) return Malformed("program.operator", "a function that is not the program's own");
  if (function.name() == "__setstate__" || function.name() == "__getstate__") {
    return Malformed("program.operator", "a module that runs something when it is loaded");
  }
  return CheckBlock(*code->graph()->block());
}

// The types that attributes were declared with must be those that they have.
Status CheckAttributes(const torch::jit::Module& module) {
  const auto type = module.type();
  for (std::size_t i = 0; i < type->numAttributes(); ++i) {
    const c10::IValue value = module._ivalue()->getSlot(i);
    ATTESTML_CHECK(CheckType(type->getAttribute(i)));
    if (!value.type()->isSubtypeOf(*type->getAttribute(i))) {
      return Malformed("program.pickle", "attribute " + type->getAttributeName(i).substr(0, 128) +
                                             " has another type than its declaration");
    }
  }
  return {};
}

Status CheckGraphs(const torch::jit::Module& module) {
  for (torch::jit::Function* function : module._ivalue()->compilation_unit()->get_functions()) {
    ATTESTML_CHECK(CheckFunction(*function));
  }
  for (const torch::jit::Module& part : module.modules()) {
    ATTESTML_CHECK(CheckAttributes(part));
    for (const torch::jit::Method& method : part.get_methods()) ATTESTML_CHECK(CheckFunction(method.function()));
  }
  return {};
}

}  // namespace

Result<torch::jit::Module> LoadProgram(BytesView program) {
  ATTESTML_TRY(const Archive archive, ReadArchive(program));
  ATTESTML_CHECK(CheckEntries(archive));
  std::set<std::string> classes;
  ATTESTML_CHECK(CheckPickles(archive, &classes));
  try {
    ATTESTML_TRY(const auto code, Unpack(program, archive));
    ATTESTML_CHECK(CheckCode(code, classes));
    const Bytes file = Checked(archive, code);
    const torch::jit::GraphOptimizerEnabledGuard plain(false);
    torch::jit::Module module = torch::jit::load(std::make_shared<Memory>(file), c10::Device(c10::kCPU));
    ATTESTML_CHECK(CheckGraphs(module));
    return module;
  } catch (const std::bad_alloc&) {
    return Unavailable("engine.memory", "out of memory");
  } catch (const std::exception& e) {
    return Malformed("program.load", "libtorch does not load it: " + FirstLine(e).substr(0, 256));
  }
}

Result<std::vector<ProgramTensor>> ProgramState(const torch::jit::Module& module) {
  std::vector<ProgramTensor> state;
  std::set<const void*> seen;
  const auto add = [&](const std::string& prefix, const std::string& name, const at::Tensor& value,
                       bool trained) -> Status {
    const std::string full = prefix + name;
    if (!trained && name == "num_batches_tracked" && value.dim() == 0) return {};
    if (value.scalar_type() != at::kFloat || value.dim() == 0 || value.dim() > 8 || value.numel() == 0) {
      return Unsupported("program.state", "tensor " + full.substr(0, 128) +
                                              " is not of float32 with 1 to 8 dimensions, which a model file wants");
    }
    if (!seen.insert(value.unsafeGetTensorImpl()).second || state.size() == 4096) {
      return Unsupported("program.state", "tensor " + full.substr(0, 128) + " stands twice, or is one of over 4096");
    }
    state.push_back({full, value, trained});
    return {};
  };
  for (const auto& [path, owner] : [&] {
         std::vector<std::pair<std::string, torch::jit::Module>> parts;
         for (const auto& part : module.named_modules()) parts.emplace_back(part.name, part.value);
         return parts;
       }()) {
    const std::string prefix = path.empty() ? "" : path + ".";
    for (const auto& p : owner.named_parameters(false)) {
      ATTESTML_CHECK(add(prefix, p.name, p.value, true));
    }
    for (const auto& b : owner.named_buffers(false)) ATTESTML_CHECK(add(prefix, b.name, b.value, false));
  }
  return state;
}

namespace {

bool Changes(const torch::jit::Block& block) {
  for (const torch::jit::Node* node : block.nodes()) {
    const c10::FunctionSchema* schema = node->maybeSchema();
    if (node->kind() == c10::prim::SetAttr || (schema != nullptr && schema->is_mutable())) return true;
    for (const torch::jit::Block* inner : node->blocks()) {
      if (Changes(*inner)) return true;
    }
  }
  return false;
}

}  // namespace

bool KeepsState(const torch::jit::Module& module) {
  for (torch::jit::Function* function : module._ivalue()->compilation_unit()->get_functions()) {
    if (Changes(*torch::jit::toGraphFunction(*function).graph()->block())) return true;
  }
  return false;
}

c10::IValue RunProgram(torch::jit::Module& module, std::vector<c10::IValue> arguments) {
  try {
    const torch::jit::GraphOptimizerEnabledGuard plain(false);
    return module.forward(std::move(arguments));
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& e) {
    // The last line is what the program itself said.
    std::string text = e.what();
    while (!text.empty() && text.back() == '\n') text.pop_back();
    throw ProgramFailure(text.substr(text.rfind('\n') + 1).substr(0, 256));
  }
}

}  // namespace attestml::engine
