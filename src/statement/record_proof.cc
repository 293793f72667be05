#include "statement/record_proof.h"

#include <set>

#include "base/base64.h"
#include "base/hex.h"
#include "base/json.h"
#include "crypto/merkle.h"
#include "statement/canonical_record.h"
#include "statement/concealment.h"
#include "statement/fields.h"

namespace attestml::statement {
namespace {

constexpr std::string_view kType = "attestml/record-proof/v1";
constexpr std::size_t kMaxPath = 64;

Json PathToJson(const std::vector<crypto::Digest256>& path) {
  Json out = Json::array();
  for (const auto& digest : path) out.push_back(HexEncode(digest));
  return out;
}

Json TreeToJson(const RecordTree& tree) {
  Json out = {{"root", HexEncode(tree.root)},
              {"size", tree.size},
              {"answer", tree.present ? "present" : "absent"},
              {"index", tree.index}};
  if (tree.present) out["proof"] = PathToJson(tree.proof);
  if (tree.salt) out["salt"] = HexEncode(*tree.salt);
  if (tree.times) {
    out["times"] = *tree.times;
    if (*tree.times > 1) out["lastProof"] = PathToJson(tree.last_proof);
  }
  const auto add = [&](const char* name, const std::optional<RecordNeighbour>& neighbour) {
    if (neighbour) out[name] = {{"leaf", HexEncode(neighbour->leaf)}, {"proof", PathToJson(neighbour->proof)}};
  };
  add("before", tree.before);
  add("after", tree.after);
  return out;
}

Result<std::vector<crypto::Digest256>> ReadPath(JsonObject& object, std::string_view name) {
  ATTESTML_TRY(const Json* array, object.Array(name));
  if (array->size() > kMaxPath) {
    return Malformed("record-proof.proof", "member \"" + std::string(name) + "\" is longer than 64 digests");
  }
  std::vector<crypto::Digest256> path;
  for (const Json& element : *array) {
    if (!element.is_string()) {
      return Malformed("record-proof.digest", "member \"" + std::string(name) + "\" holds what is no string");
    }
    ATTESTML_TRY(const auto digest, ParseDigest(element.get_ref<const std::string&>(), "record-proof.digest", name));
    path.push_back(digest);
  }
  return path;
}

Result<crypto::Digest256> ReadDigest(JsonObject& object, std::string_view name) {
  ATTESTML_TRY(const std::string text, object.String(name));
  return ParseDigest(text, "record-proof.digest", name);
}

// A neighbour stands where the tree has a place for one, and nowhere else.
Result<std::optional<RecordNeighbour>> ReadNeighbour(JsonObject& object, std::string_view name, bool wanted) {
  if (object.Has(name) != wanted) {
    return Malformed("record-proof.neighbour", "\"" + std::string(name) + "\" is " + (wanted ? "not " : "") +
                                                   "there, and the leaf's place " + (wanted ? "has" : "leaves no") +
                                                   " such neighbour");
  }
  if (!wanted) return std::optional<RecordNeighbour>();
  ATTESTML_TRY(const Json* value, object.Object(name));
  JsonObject neighbour(*value, "record-proof.member", "neighbour");
  RecordNeighbour out;
  ATTESTML_TRY(out.leaf, ReadDigest(neighbour, "leaf"));
  ATTESTML_TRY(out.proof, ReadPath(neighbour, "proof"));
  ATTESTML_CHECK(neighbour.Finish());
  return std::optional(std::move(out));
}

Result<RecordTree> ReadTree(const Json& value) {
  JsonObject object(value, "record-proof.member", "tree");
  RecordTree tree;
  ATTESTML_TRY(tree.root, ReadDigest(object, "root"));
  ATTESTML_TRY(tree.size, object.Unsigned("size"));
  ATTESTML_TRY(tree.index, object.Unsigned("index"));
  ATTESTML_TRY(const std::string answer, object.String("answer"));
  if (answer != "present" && answer != "absent") {
    return Malformed("record-proof.answer", "answer is neither present nor absent");
  }
  tree.present = answer == "present";
  if (tree.size == 0) return Malformed("record-proof.index", "the tree has no leaf");
  // The leaf that is there, or the gap that it would fill; the number of equals must stay within the tree too.
  if (tree.present ? tree.index >= tree.size : tree.index > tree.size) {
    return Malformed("record-proof.index",
                     "index " + std::to_string(tree.index) + " in a tree of " + std::to_string(tree.size));
  }
  if (tree.present) {
    ATTESTML_TRY(tree.proof, ReadPath(object, "proof"));
    if (object.Has("salt")) {
      ATTESTML_TRY(tree.salt, ReadDigest(object, "salt"));
    }
    if (object.Has("times") && !tree.salt) {
      ATTESTML_TRY(const std::uint64_t times, object.Unsigned("times"));
      if (times == 0 || times > tree.size - tree.index) {
        return Malformed("record-proof.times", std::to_string(times) + " equal leaves from index " +
                                                   std::to_string(tree.index) + " in a tree of " +
                                                   std::to_string(tree.size));
      }
      tree.times = times;
      if (times > 1) {
        ATTESTML_TRY(tree.last_proof, ReadPath(object, "lastProof"));
      }
    }
  }
  const bool bounded = !tree.present || tree.times;
  const std::uint64_t end = tree.index + tree.times.value_or(0);
  ATTESTML_TRY(tree.before, ReadNeighbour(object, "before", bounded && tree.index > 0));
  ATTESTML_TRY(tree.after, ReadNeighbour(object, "after", bounded && end < tree.size));
  ATTESTML_CHECK(object.Finish());
  return tree;
}

Result<Bytes> ReadRecord(JsonObject& object) {
  if (!object.Has("record")) {
    if (object.Has("cells")) return Malformed("record-proof.record", "cells are there, and no record");
    return Bytes();
  }
  ATTESTML_TRY(const std::string text, object.String("record"));
  Bytes record = ToBytes(AsBytes(text));
  if (object.Has("cells")) {
    ATTESTML_TRY(const std::string base64, object.String("cells"));
    auto cells = Base64Decode(base64);
    if (!cells.ok() || cells->empty() || Base64Encode(*cells) != base64) {
      return Malformed("record-proof.record", "cells are not base64 of at least one byte");
    }
    record.insert(record.end(), cells->begin(), cells->end());
  }
  const auto array = RecordText(record);
  if (!array.ok()) return Malformed("record-proof.record", array.error().message);
  if (*array != text) return Malformed("record-proof.record", "the record goes on after its array");
  return record;
}

}  // namespace

std::string WriteRecordProof(const RecordProof& proof) {
  Json out = {{"type", kType}, {"trees", Json::array()}};
  for (const RecordTree& tree : proof.trees) out["trees"].push_back(TreeToJson(tree));
  if (!proof.record.empty()) {
    const auto text = RecordText(proof.record);
    const std::size_t size = text.ok() ? text->size() : proof.record.size();
    out["record"] = AsText(proof.record).substr(0, size);
    const BytesView cells = BytesView(proof.record).subspan(size);
    if (!cells.empty()) out["cells"] = Base64Encode(cells);
  }
  return DumpJson(out);
}

Result<RecordProof> ParseRecordProof(std::string_view json) {
  if (json.size() > kMaxRecordProof) {
    return Malformed("record-proof.size", "the proof has " + std::to_string(json.size()) + " bytes, want at most " +
                                              std::to_string(kMaxRecordProof));
  }
  ATTESTML_TRY(const Json value, ParseJson(json, {.max_bytes = kMaxRecordProof, .max_depth = 6}));
  JsonObject object(value, "record-proof.member", "record proof");
  ATTESTML_TRY(const std::string type, object.String("type"));
  if (type != kType) return Unsupported("record-proof.type", "type is not " + std::string(kType));
  RecordProof proof;
  ATTESTML_TRY(proof.record, ReadRecord(object));
  ATTESTML_TRY(const Json* trees, object.Array("trees"));
  ATTESTML_CHECK(object.Finish());
  if (trees->empty() || trees->size() > kMaxRecordTrees) {
    return Malformed("record-proof.trees",
                     std::to_string(trees->size()) + " trees, want 1 to " + std::to_string(kMaxRecordTrees));
  }
  std::set<crypto::Digest256> roots;
  for (const Json& element : *trees) {
    ATTESTML_TRY(auto tree, ReadTree(element));
    if (!roots.insert(tree.root).second) {
      return Malformed("record-proof.trees", "root " + HexEncode(tree.root) + " stands twice");
    }
    proof.trees.push_back(std::move(tree));
  }
  return proof;
}

bool RecordTreeHolds(const RecordTree& tree, const crypto::Digest256& plain) {
  // Which salt a leaf that is not there would have is not known: a salt shows presence and nothing else.
  if (tree.salt && (!tree.present || tree.times)) return false;
  const crypto::Digest256 leaf = tree.salt ? SaltedLeaf(*tree.salt, plain) : plain;
  const auto stands = [&](const crypto::Digest256& at, std::uint64_t index,
                          const std::vector<crypto::Digest256>& proof) {
    return crypto::VerifyInclusion(at, index, tree.size, proof, tree.root);
  };
  if (tree.size == 0 || tree.index > tree.size) return false;
  if (tree.present && !stands(leaf, tree.index, tree.proof)) return false;
  if (tree.present && !tree.times) return true;
  const std::uint64_t times = tree.present ? *tree.times : 0;
  if (times > tree.size - tree.index || (tree.present && times == 0)) return false;
  const std::uint64_t end = tree.index + times;
  // Leaves are sorted: what stands between two equal ones is equal to them.
  if (times > 1 && !stands(leaf, end - 1, tree.last_proof)) return false;
  if (tree.before.has_value() != (tree.index > 0) || tree.after.has_value() != (end < tree.size)) return false;
  if (tree.before && !(tree.before->leaf < leaf && stands(tree.before->leaf, tree.index - 1, tree.before->proof))) {
    return false;
  }
  return !tree.after || (leaf < tree.after->leaf && stands(tree.after->leaf, end, tree.after->proof));
}

}  // namespace attestml::statement
