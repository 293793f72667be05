#include "prove/record_prover.h"

#include <algorithm>

#include "crypto/merkle.h"
#include "prove/workspace.h"
#include "statement/canonical_record.h"
#include "statement/concealment.h"

namespace attestml::prove {
namespace {

Result<std::vector<std::string>> ViewsOf(const RecordRequest& request) {
  if (!request.views.empty()) {
    for (const std::string& view : request.views) {
      if (request.job.FindView(view) == nullptr) return Usage("prove.view", "the job has no view \"" + view + "\"");
    }
    return request.views;
  }
  if (!request.job.training) return Usage("prove.view", "the job trains nothing, give --view");
  std::vector<std::string> views = {request.job.training->view};
  const std::string& validation = request.job.training->validation;
  if (!validation.empty() && validation != views.front()) views.push_back(validation);
  return views;
}

Result<Bytes> RecordOf(const RecordRequest& request, const data::Table& table, const std::string& view) {
  if (request.row) {
    if (*request.row >= table.rows()) {
      return Usage("prove.row",
                   "view \"" + view + "\" has " + std::to_string(table.rows()) + " records, want a row below");
    }
    return ToBytes(AsBytes(data::CanonicalRecord(table, static_cast<std::size_t>(*request.row), true)));
  }
  const Status status = statement::CheckRecord(request.record, table.selection());
  if (!status.ok())
    return Usage("prove.record", "the record cannot be one of view \"" + view + "\": " + status.error().message);
  return request.record;
}

// The plain tree of a view or, with an owner's secret, the salted one, in which only presence can be shown.
Result<statement::RecordTree> TreeOf(const RecordRequest& request, const data::Table& table,
                                     const crypto::Digest256& leaf) {
  if (!request.owner_secret) return statement::ProveLeaf(table.Leaves(true), leaf, request.count);
  const statement::Concealer concealer(*request.owner_secret);
  const crypto::Digest256 root = table.Records().root;
  const crypto::Digest256 salt = concealer.LeafSalt(root, leaf);
  statement::RecordTree tree =
      statement::ProveLeaf(concealer.SaltedLeaves(root, table.Leaves(true)), statement::SaltedLeaf(salt, leaf), false);
  if (!tree.present) {
    return Usage("prove.absent",
                 "the record is not there, and a concealed tree cannot show that: leave --owner-secret away, "
                 "and let whoever checks have the opening");
  }
  tree.salt = salt;
  return tree;
}

}  // namespace

Result<statement::RecordProof> ProveRecord(const RecordRequest& request) {
  ATTESTML_TRY(const auto views, ViewsOf(request));
  Workspace workspace(request.job, request.data, request.job_directory);
  ATTESTML_CHECK(workspace.Load(views));
  ATTESTML_TRY(const Bytes record, RecordOf(request, workspace.table(views.front()), views.front()));
  const crypto::Digest256 leaf = crypto::LeafHash(record);
  statement::RecordProof proof;
  if (!request.hide) proof.record = record;
  for (const std::string& view : views) {
    ATTESTML_TRY(statement::RecordTree tree, TreeOf(request, workspace.table(view), leaf));
    // Two views of the same records have one tree.
    const bool known =
        std::any_of(proof.trees.begin(), proof.trees.end(), [&](const auto& other) { return other.root == tree.root; });
    if (!known) proof.trees.push_back(std::move(tree));
  }
  return proof;
}

}  // namespace attestml::prove
