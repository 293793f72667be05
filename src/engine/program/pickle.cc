#include "engine/program/pickle.h"

#include <algorithm>
#include <map>
#include <vector>

#include "base/byte_reader.h"

namespace attestml::engine {
namespace {

constexpr std::size_t kMaxNodes = 4'000'000;
constexpr std::size_t kMaxDepth = 128;
constexpr std::size_t kMaxString = 1 << 16;

Error Bad(std::string message) { return Malformed("program.pickle", std::move(message)); }

enum class Kind : std::uint8_t {
  kNone,
  kBool,
  kInt,
  kFloat,
  kString,
  kTuple,
  kList,
  kDict,
  kGlobal,
  kInstance,
  kObject,
  kTensor,
  kStorage,
  kHooks
};

struct Node {
  Kind kind = Kind::kNone;
  std::string text;                // string, global
  std::int64_t number = 0;         // int; elements of a storage
  std::vector<std::size_t> items;  // tuple, list; dict: keys and values by turns; object: its dict
  bool sealed = false;             // its type was stated, nothing may be added
};

// Bytes an element of what torch calls FloatStorage, and so on.
std::optional<std::uint64_t> ElementBytes(std::string_view global) {
  static const std::map<std::string_view, std::uint64_t> kStorages = {
      {"torch.FloatStorage", 4}, {"torch.DoubleStorage", 8}, {"torch.HalfStorage", 2},  {"torch.BFloat16Storage", 2},
      {"torch.LongStorage", 8},  {"torch.IntStorage", 4},    {"torch.ShortStorage", 2}, {"torch.CharStorage", 1},
      {"torch.ByteStorage", 1},  {"torch.BoolStorage", 1}};
  const auto it = kStorages.find(global);
  return it == kStorages.end() ? std::nullopt : std::optional(it->second);
}

// What each typed list may hold.
std::optional<Kind> ListOf(std::string_view global) {
  if (global == "torch.jit._pickle.build_intlist") return Kind::kInt;
  if (global == "torch.jit._pickle.build_doublelist") return Kind::kFloat;
  if (global == "torch.jit._pickle.build_boollist") return Kind::kBool;
  if (global == "torch.jit._pickle.build_tensorlist") return Kind::kTensor;
  return std::nullopt;
}

std::optional<Kind> SimpleType(std::string_view name) {
  static const std::map<std::string_view, Kind> kTypes = {{"int", Kind::kInt},
                                                          {"float", Kind::kFloat},
                                                          {"bool", Kind::kBool},
                                                          {"str", Kind::kString},
                                                          {"Tensor", Kind::kTensor}};
  const auto it = kTypes.find(name);
  return it == kTypes.end() ? std::nullopt : std::optional(it->second);
}

bool IsClass(std::string_view global) {
  return global.starts_with("__torch__.") && !global.starts_with("__torch__.torch.classes");
}

bool IsName(BytesView text) {
  return !text.empty() && text.size() <= 512 && std::ranges::all_of(text, [](std::uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  });
}

class Machine {
 public:
  Machine(BytesView bytes, const PickleRules& rules) : in_(bytes), rules_(rules) {}

  Status Run() {
    std::uint8_t op = 0;
    std::uint8_t protocol = 0;
    if (!in_.ReadU8(&op) || op != 0x80 || !in_.ReadU8(&protocol) || protocol != 2) {
      return Bad("no pickle of protocol 2");
    }
    while (true) {
      if (!in_.ReadU8(&op)) return Bad("a pickle without an end");
      if (op == '.') break;
      if (nodes_.size() > kMaxNodes) return Bad("over " + std::to_string(kMaxNodes) + " values");
      ATTESTML_CHECK(Step(op));
    }
    if (!in_.empty()) return Bad(std::to_string(in_.remaining()) + " bytes after the end of a pickle");
    if (stack_.size() != 1 || !marks_.empty()) return Bad("a pickle that leaves not one value");
    const Kind want = rules_.want_object ? Kind::kObject : Kind::kTuple;
    if (nodes_[stack_[0]].kind != want) return Bad("the pickle holds something else than torch.jit.save writes");
    return CheckTree();
  }

 private:
  Status Step(std::uint8_t op) {
    switch (op) {
      case '(':
        marks_.push_back(stack_.size());
        return {};
      case 'N':
        return Push({Kind::kNone, {}, 0, {}});
      case 0x88:
      case 0x89:
        return Push({Kind::kBool, {}, op == 0x88, {}});
      case ')':
        return Push({Kind::kTuple, {}, 0, {}});
      case ']':
        return Push({Kind::kList, {}, 0, {}});
      case '}':
        return Push({Kind::kDict, {}, 0, {}});
      case 'K':
      case 'M':
      case 'J':
      case 0x8a:
        return PushInt(op);
      case 'G': {
        BytesView skipped;
        if (!in_.ReadBytes(8, &skipped)) return Bad("a number is cut short");
        return Push({Kind::kFloat, {}, 0, {}});
      }
      case 'X':
        return PushString();
      case 'q':
      case 'r':
        return Remember(op == 'q');
      case 'h':
      case 'j':
        return Recall(op == 'h');
      case 't':
        return MakeTuple();
      case 0x85:
      case 0x86:
      case 0x87:
        return MakeTuple(op - 0x84U);
      case 'c':
        return PushGlobal();
      case 'e':
        return Append();
      case 'u':
        return SetItems();
      case 0x81:
        return NewObject();
      case 'b':
        return Build();
      case 'R':
        return Reduce();
      case 'Q':
        return MakeStorage();
      default:
        return Bad("opcode " + std::to_string(op) + ", which torch.jit.save does not write");
    }
  }

  Status Push(Node node) {
    stack_.push_back(nodes_.size());
    nodes_.push_back(std::move(node));
    return {};
  }

  Status PushInt(std::uint8_t op) {
    std::uint8_t byte = 0;
    std::uint16_t word = 0;
    std::uint32_t wide = 0;
    std::uint64_t longest = 0;
    std::int64_t value = 0;
    if (op == 'K' && in_.ReadU8(&byte)) {
      value = byte;
    } else if (op == 'M' && in_.ReadU16Le(&word)) {
      value = word;
    } else if (op == 'J' && in_.ReadU32Le(&wide)) {
      value = static_cast<std::int32_t>(wide);
    } else if (op == 0x8a && in_.ReadU8(&byte) && byte == 8 && in_.ReadU64Le(&longest)) {
      value = static_cast<std::int64_t>(longest);
    } else {
      return Bad("a number is cut short or has an odd size");
    }
    return Push({Kind::kInt, {}, value, {}});
  }

  Status PushString() {
    std::uint32_t size = 0;
    BytesView text;
    if (!in_.ReadU32Le(&size) || size > kMaxString || !in_.ReadBytes(size, &text)) {
      return Bad("a string is cut short or over " + std::to_string(kMaxString) + " bytes");
    }
    return Push({Kind::kString, std::string(AsText(text)), 0, {}});
  }

  Result<std::string> Line() {
    Bytes line;
    std::uint8_t c = 0;
    while (in_.ReadU8(&c) && c != '\n' && line.size() <= 512) line.push_back(c);
    if (c != '\n' || !IsName(line)) return Bad("a global with no proper name");
    return std::string(AsText(line));
  }

  Status PushGlobal() {
    ATTESTML_TRY(std::string name, Line());
    ATTESTML_TRY(const std::string member, Line());
    name += "." + member;
    const bool known = IsClass(name) || ElementBytes(name) || ListOf(name) || name == "collections.OrderedDict" ||
                       name == "torch._utils._rebuild_tensor_v2" || name == "torch.jit._pickle.restore_type_tag";
    if (!known) return Bad("the global " + name.substr(0, 128) + " is not allowed");
    if (IsClass(name)) rules_.classes->insert(name);
    return Push({Kind::kGlobal, std::move(name), 0, {}});
  }

  Result<std::size_t> Pop(Kind want, const char* what) {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() <= floor || nodes_[stack_.back()].kind != want) return Bad(std::string("no ") + what);
    const std::size_t node = stack_.back();
    stack_.pop_back();
    return node;
  }

  Result<std::vector<std::size_t>> PopToMark() {
    if (marks_.empty()) return Bad("no mark");
    std::vector<std::size_t> items(stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back()), stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    for (const std::size_t item : items) {
      const Kind kind = nodes_[item].kind;
      // The exceptions are arguments of persistent ids and of _rebuild_tensor_v2, which look at them again.
      if (kind == Kind::kInstance) return Bad("an object that was not filled");
    }
    return items;
  }

  Status MakeTuple() {
    ATTESTML_TRY(auto items, PopToMark());
    return Push({Kind::kTuple, {}, 0, std::move(items)});
  }

  Status MakeTuple(std::size_t count) {
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() < floor + count) return Bad("a tuple of more than there is");
    std::vector<std::size_t> items(stack_.end() - static_cast<std::ptrdiff_t>(count), stack_.end());
    stack_.resize(stack_.size() - count);
    return Push({Kind::kTuple, {}, 0, std::move(items)});
  }

  // libtorch makes room up to the highest number, whatever it is.
  Status Remember(bool narrow) {
    ATTESTML_TRY(const std::uint32_t id, MemoId(narrow));
    if (id != memo_.size()) return Bad("memo " + std::to_string(id) + ", want " + std::to_string(memo_.size()));
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() <= floor || nodes_[stack_.back()].kind == Kind::kInstance) return Bad("nothing to remember");
    memo_.push_back(stack_.back());
    return {};
  }

  Status Recall(bool narrow) {
    ATTESTML_TRY(const std::uint32_t id, MemoId(narrow));
    if (id >= memo_.size()) return Bad("memo " + std::to_string(id) + " of " + std::to_string(memo_.size()));
    stack_.push_back(memo_[id]);
    return {};
  }

  Result<std::uint32_t> MemoId(bool narrow) {
    std::uint8_t byte = 0;
    std::uint32_t id = 0;
    if (narrow ? !in_.ReadU8(&byte) : !in_.ReadU32Le(&id)) return Bad("a memo is cut short");
    return narrow ? byte : id;
  }

  Status Append() {
    ATTESTML_TRY(const auto items, PopToMark());
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() <= floor || nodes_[stack_.back()].kind != Kind::kList || nodes_[stack_.back()].sealed) {
      return Bad("no list to append to");
    }
    auto& to = nodes_[stack_.back()].items;
    to.insert(to.end(), items.begin(), items.end());
    return {};
  }

  Status SetItems() {
    ATTESTML_TRY(const auto items, PopToMark());
    const std::size_t floor = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() <= floor || nodes_[stack_.back()].kind != Kind::kDict || nodes_[stack_.back()].sealed ||
        items.size() % 2 != 0) {
      return Bad("no dict to fill");
    }
    for (std::size_t i = 0; i < items.size(); i += 2) {
      const Kind key = nodes_[items[i]].kind;
      if (key != Kind::kString && key != Kind::kInt && key != Kind::kFloat && key != Kind::kBool) {
        return Bad("a key that is no string or number");
      }
    }
    auto& to = nodes_[stack_.back()].items;
    to.insert(to.end(), items.begin(), items.end());
    return {};
  }

  Status NewObject() {
    ATTESTML_TRY(const std::size_t arguments, Pop(Kind::kTuple, "arguments"));
    ATTESTML_TRY(const std::size_t type, Pop(Kind::kGlobal, "class"));
    if (!nodes_[arguments].items.empty() || !IsClass(nodes_[type].text)) return Bad("an object of no class");
    return Push({Kind::kInstance, nodes_[type].text, 0, {}});
  }

  Status Build() {
    ATTESTML_TRY(const std::size_t state, Pop(Kind::kDict, "attributes: a state of another kind would be executed"));
    ATTESTML_TRY(const std::size_t instance, Pop(Kind::kInstance, "object"));
    const auto& items = nodes_[state].items;
    for (std::size_t i = 0; i < items.size(); i += 2) {
      if (nodes_[items[i]].kind != Kind::kString) return Bad("an attribute without a name");
    }
    return Push({Kind::kObject, nodes_[instance].text, 0, {state}});
  }

  Status Reduce() {
    ATTESTML_TRY(const std::size_t tuple, Pop(Kind::kTuple, "arguments"));
    ATTESTML_TRY(const std::size_t global, Pop(Kind::kGlobal, "function"));
    const std::string name = nodes_[global].text;
    const std::vector<std::size_t> arguments = nodes_[tuple].items;
    if (name == "collections.OrderedDict" && arguments.empty()) return Push({Kind::kHooks, {}, 0, {}});
    if (name == "torch._utils._rebuild_tensor_v2") return MakeTensor(arguments);
    if (name == "torch.jit._pickle.restore_type_tag") return Typed(arguments);
    if (const auto element = ListOf(name); element && arguments.size() == 1) {
      ATTESTML_CHECK(Homogeneous(arguments[0], *element));
      return PushSealed(arguments[0]);
    }
    return Bad("a call of " + name.substr(0, 128));
  }

  // The same list or dict, which stays what it was found to be.
  Status PushSealed(std::size_t node) {
    nodes_[node].sealed = true;
    stack_.push_back(node);
    return {};
  }

  Status Homogeneous(std::size_t list, Kind element) {
    if (nodes_[list].kind != Kind::kList) return Bad("a typed list that is none");
    for (const std::size_t item : nodes_[list].items) {
      if (nodes_[item].kind != element) return Bad("a typed list with something else in it");
    }
    return {};
  }

  // "List[str]", "Dict[str, float]": libtorch believes the tag, so it must be true.
  Status Typed(const std::vector<std::size_t>& arguments) {
    if (arguments.size() != 2 || nodes_[arguments[1]].kind != Kind::kString) return Bad("a type tag without a type");
    const std::string tag = nodes_[arguments[1]].text;
    const Kind kind = nodes_[arguments[0]].kind;
    if ((kind != Kind::kList && kind != Kind::kDict) || !Matches(arguments[0], tag, 0)) {
      return Bad("a value that is not of the type " + tag.substr(0, 64));
    }
    return PushSealed(arguments[0]);
  }

  bool Matches(std::size_t index, std::string_view type, int depth) {
    if (depth > 8) return false;
    Node& node = nodes_[index];
    if (const auto simple = SimpleType(type)) return node.kind == *simple;
    const auto inside = [&](std::string_view prefix) -> std::optional<std::string_view> {
      if (!type.starts_with(prefix) || !type.ends_with("]")) return std::nullopt;
      return type.substr(prefix.size(), type.size() - prefix.size() - 1);
    };
    if (const auto element = inside("Optional[")) {
      return node.kind == Kind::kNone || Matches(index, *element, depth + 1);
    }
    if (const auto element = inside("List[")) {
      if (node.kind != Kind::kList) return false;
      node.sealed = true;
      return std::ranges::all_of(node.items, [&](std::size_t item) { return Matches(item, *element, depth + 1); });
    }
    const auto pair = inside("Dict[");
    const std::size_t comma = pair ? pair->find(", ") : std::string_view::npos;
    if (comma == std::string_view::npos || node.kind != Kind::kDict) return false;
    node.sealed = true;
    const auto key = SimpleType(pair->substr(0, comma));
    if (!key || *key == Kind::kTensor) return false;
    for (std::size_t i = 0; i < node.items.size(); i += 2) {
      if (nodes_[node.items[i]].kind != *key) return false;
      if (!Matches(node.items[i + 1], pair->substr(comma + 2), depth + 1)) return false;
    }
    return true;
  }

  // ("storage", torch.FloatStorage, key, "cpu", elements)
  Status MakeStorage() {
    ATTESTML_TRY(const std::size_t tuple, Pop(Kind::kTuple, "persistent id"));
    const auto& id = nodes_[tuple].items;
    const auto is = [&](std::size_t i, Kind kind) { return nodes_[id[i]].kind == kind; };
    if (id.size() != 5 || !is(0, Kind::kString) || nodes_[id[0]].text != "storage" || !is(1, Kind::kGlobal) ||
        !is(2, Kind::kString) || !is(3, Kind::kString) || !is(4, Kind::kInt)) {
      return Bad("a persistent id that is no storage");
    }
    const auto bytes = ElementBytes(nodes_[id[1]].text);
    const std::string& device = nodes_[id[3]].text;
    const std::int64_t count = nodes_[id[4]].number;
    const bool gpu = device.size() == 6 && device.starts_with("cuda:") && device[5] >= '0' && device[5] <= '9';
    if (!bytes || (device != "cpu" && !gpu)) return Bad("a storage of no known type or device");
    const auto size = rules_.storage_size(nodes_[id[2]].text);
    if (!size || count < 0 || *size / *bytes != static_cast<std::uint64_t>(count) || *size % *bytes != 0) {
      return Bad("storage \"" + nodes_[id[2]].text.substr(0, 64) + "\" is absent or has another size");
    }
    return Push({Kind::kStorage, nodes_[id[1]].text, count, {}});
  }

  // (storage, offset, sizes, strides, requires_grad, hooks)
  Status MakeTensor(const std::vector<std::size_t>& arguments) {
    const auto is = [&](std::size_t i, Kind kind) { return nodes_[arguments[i]].kind == kind; };
    if (arguments.size() != 6 || !is(0, Kind::kStorage) || !is(1, Kind::kInt) || !is(2, Kind::kTuple) ||
        !is(3, Kind::kTuple) || !is(4, Kind::kBool) || !is(5, Kind::kHooks)) {
      return Bad("a tensor with odd arguments");
    }
    const auto& sizes = nodes_[arguments[2]].items;
    const auto& strides = nodes_[arguments[3]].items;
    const std::int64_t offset = nodes_[arguments[1]].number;
    const std::int64_t count = nodes_[arguments[0]].number;
    if (sizes.size() != strides.size() || sizes.size() > 16 || offset < 0 || offset > count) {
      return Bad("a tensor with an odd shape");
    }
    const std::int64_t most = std::max<std::int64_t>(count, 1);
    std::int64_t elements = 1;   // of the sizes that are not 0
    std::int64_t last = offset;  // the furthest one
    bool empty = false;
    for (std::size_t d = 0; d < sizes.size(); ++d) {
      const Node& size = nodes_[sizes[d]];
      const Node& stride = nodes_[strides[d]];
      if (size.kind != Kind::kInt || stride.kind != Kind::kInt || size.number < 0 || stride.number < 0) {
        return Bad("a tensor with an odd shape");
      }
      if (size.number == 0) {
        empty = true;
        continue;
      }
      if (size.number > most / elements) return Bad("a tensor larger than its storage");
      elements *= size.number;
      if (size.number == 1) continue;
      if (stride.number != 0 && size.number - 1 > most / stride.number) return Bad("a tensor beyond its storage");
      last += (size.number - 1) * stride.number;
      if (last > count) return Bad("a tensor beyond its storage");
    }
    if (!empty && last >= count) return Bad("a tensor beyond its storage");
    return Push({Kind::kTensor, {}, 0, {}});
  }

  // No value holds itself, none is nested too deeply, and nothing but values is left in what the program sees.
  Status CheckTree() {
    std::vector<std::uint8_t> state(nodes_.size(), 0);  // 1: on the path, 2: done
    struct Frame {
      std::size_t node;
      std::size_t next;
    };
    std::vector<Frame> path = {{stack_[0], 0}};
    state[stack_[0]] = 1;
    while (!path.empty()) {
      Frame& frame = path.back();
      const auto& items = nodes_[frame.node].items;
      if (frame.next == items.size()) {
        state[frame.node] = 2;
        path.pop_back();
        continue;
      }
      const std::size_t item = items[frame.next++];
      const Kind kind = nodes_[item].kind;
      if (kind == Kind::kGlobal || kind == Kind::kInstance || kind == Kind::kStorage || kind == Kind::kHooks) {
        return Bad("something that is no value");
      }
      if (state[item] == 1) return Bad("a value that holds itself");
      if (state[item] == 2) continue;
      if (path.size() == kMaxDepth) return Bad("values nested over " + std::to_string(kMaxDepth));
      state[item] = 1;
      path.push_back({item, 0});
    }
    return {};
  }

  ByteReader in_;
  const PickleRules& rules_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> stack_, marks_, memo_;
};

}  // namespace

Status CheckPickle(BytesView bytes, const PickleRules& rules) { return Machine(bytes, rules).Run(); }

}  // namespace attestml::engine
