// urn:attestml:inference:v1 (spec/predicates.md 6).
#include "statement/fields.h"
#include "statement/predicates.h"

namespace attestml::statement {

StatementParts WriteInference(const InferenceClaim& claim) {
  Json predicate = Json::object();
  predicate["model"] = ArtifactToJson(claim.model);
  predicate["input"] = ArtifactToJson(claim.input);
  predicate["parameters"] = claim.parameters.is_object() ? claim.parameters : Json::object();
  predicate["run"] = RunToJson(claim.run);
  if (claim.tree_size && claim.tree_root) {
    Json tree = Json::object();
    tree["size"] = *claim.tree_size;
    tree["digest"] = DigestToJson(*claim.tree_root, "rfc9162_sha256");
    predicate["tree"] = std::move(tree);
  }
  return {ArtifactToJson(claim.output), std::move(predicate)};
}

Result<InferenceClaim> ParseInference(JsonView subject, JsonView predicate) {
  InferenceClaim out;
  ATTESTML_TRY(out.output, ParseArtifact(subject, "subject"));

  JsonFields object(predicate, "claim.inference", "predicate");
  ATTESTML_TRY(const JsonView model, object.Object("model"));
  ATTESTML_TRY(const JsonView input, object.Object("input"));
  ATTESTML_TRY(out.parameters, BoundedObject(object, "parameters", "claim.inference.parameters"));
  ATTESTML_TRY(const JsonView run, object.Object("run"));
  const JsonView tree = object.Optional("tree");
  ATTESTML_CHECK(object.Finish());

  ATTESTML_TRY(out.model, ParseArtifact(model, "model"));
  ATTESTML_TRY(out.input, ParseArtifact(input, "input"));
  ATTESTML_TRY(out.run, ParseRun(run));
  if (tree) {
    JsonFields tree_object(tree, "claim.inference.tree", "tree");
    ATTESTML_TRY(out.tree_size, tree_object.Unsigned("size"));
    ATTESTML_TRY(const JsonView digest, tree_object.Object("digest"));
    ATTESTML_CHECK(tree_object.Finish());
    ATTESTML_TRY(out.tree_root, ParseDigestSet(digest, "tree", "rfc9162_sha256"));
    if (*out.tree_size == 0) return Malformed("claim.inference.tree", "a tree of no leaves, want at least one");
  }
  return out;
}

}  // namespace attestml::statement
