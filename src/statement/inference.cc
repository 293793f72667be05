// urn:attestml:inference:v1 (spec/predicates.md 7).
#include "base/hex.h"
#include "statement/fields.h"
#include "statement/predicates.h"
#include "statement/rows.h"

namespace attestml::statement {
namespace {

Json RowsToJson(const RowsReading& rows) {
  if (rows.selection_id.concealed && rows.reading) {
    return {{"concealed", {{"reading", HexEncode(*rows.reading)}, {"selection", HexEncode(rows.selection_id.digest)}}}};
  }
  Json out = Json::object();
  if (!rows.selection) return out;
  out["selection"] = SelectionToJson(*rows.selection);
  out["selectionDigest"] = HexEncode(rows.selection_id.digest);
  return out;
}

Result<RowsReading> ParseRows(JsonView value) {
  constexpr std::string_view kId = "claim.inference.rows";
  JsonFields object(value, kId, "rows");
  RowsReading out;
  if (const JsonView concealed = object.Optional("concealed")) {
    ATTESTML_CHECK(object.Finish());
    JsonFields commitments(concealed, kId, "rows.concealed");
    ATTESTML_TRY(const std::string_view reading, commitments.String("reading"));
    ATTESTML_TRY(const std::string_view selection, commitments.String("selection"));
    ATTESTML_CHECK(commitments.Finish());
    ATTESTML_TRY(out.reading, ParseDigest(reading, kId, "rows.concealed.reading"));
    ATTESTML_TRY(out.selection_id.digest, ParseDigest(selection, kId, "rows.concealed.selection"));
    out.selection_id.concealed = true;
    return out;
  }
  ATTESTML_CHECK(ParseStatedSelection(object, "rows", kId, &out.selection, &out.selection_id));
  ATTESTML_CHECK(CheckRows(*out.selection));
  return out;
}

}  // namespace

StatementParts WriteInference(const InferenceClaim& claim) {
  Json predicate = Json::object();
  predicate["model"] = ArtifactToJson(claim.model);
  predicate["input"] = ArtifactToJson(claim.input);
  predicate["rows"] = RowsToJson(claim.rows);
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
  ATTESTML_TRY(const JsonView rows, object.Object("rows"));
  const JsonView tree = object.Optional("tree");
  ATTESTML_CHECK(object.Finish());

  ATTESTML_TRY(out.model, ParseArtifact(model, "model"));
  ATTESTML_TRY(out.input, ParseArtifact(input, "input"));
  ATTESTML_TRY(out.rows, ParseRows(rows));
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
