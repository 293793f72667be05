// The report as JSON (spec/report.md).
#include <utility>

#include "base/hex.h"
#include "policy/as_of.h"
#include "policy/describe.h"
#include "policy/report.h"

namespace attestml::policy {
namespace {

Json ArtifactJson(const statement::ArtifactRef& artifact) {
  return Json{{"name", artifact.name}, {"sha256", HexEncode(artifact.sha256)}};
}

Json DatasetJson(const statement::DatasetUse& use) {
  Json out = {{"name", use.file.name},
              {use.file.id.concealed ? "commitment" : "sha256", HexEncode(use.file.id.digest)}};
  out[use.selection_id.concealed ? "selectionCommitment" : "selectionDigest"] = HexEncode(use.selection_id.digest);
  if (use.selection) out["whole"] = use.selection->Whole();
  out["records"] = use.records.count;
  if (!use.role.empty()) out["role"] = use.role;
  return out;
}

// The artifacts a claim is about, each with its digest: what a program needs to follow the chain.
struct About {
  Json& out;
  void operator()(const statement::TrainingClaim& claim) {
    out["model"] = ArtifactJson(claim.model);
    Json datasets = Json::array();
    for (const auto& use : claim.datasets) datasets.push_back(DatasetJson(use));
    out["datasets"] = std::move(datasets);
    if (claim.checkpoint) {
      out["checkpoint"] = ArtifactJson(*claim.checkpoint);
      out["checkpoint"]["steps"] = claim.checkpoint_steps;
    }
    if (claim.initial_model) out["initialModel"] = ArtifactJson(*claim.initial_model);
    if (claim.run.concealed_job) {
      out["jobCommitment"] = HexEncode(*claim.run.concealed_job);
    } else {
      out["jobDigest"] = HexEncode(statement::JobDigest(claim.run.job));
    }
    out["epochs"] = claim.epochs;
    out["steps"] = claim.steps;
  }
  void operator()(const statement::PropertyClaim& claim) {
    out["property"] = claim.property;
    out["implementation"] = claim.implementation;
    out["parameters"] = claim.parameters;
    if (!claim.predictions.empty()) out["predictions"] = claim.predictions;
    if (claim.model) out["model"] = ArtifactJson(*claim.model);
    if (claim.dataset) out["dataset"] = DatasetJson(*claim.dataset);
    Json references = Json::array();
    for (const auto& use : claim.references) references.push_back(DatasetJson(use));
    if (!references.empty()) out["references"] = std::move(references);
    out["results"] = claim.results.size();
  }
  void operator()(const statement::InferenceClaim& claim) {
    out["model"] = ArtifactJson(claim.model);
    out["input"] = ArtifactJson(claim.input);
    out["output"] = ArtifactJson(claim.output);
    out["rows"] = DigestText(claim.rows.selection_id);
    if (!claim.run.nonce.empty()) out["nonce"] = claim.run.nonce;
    if (claim.tree_size) out["receipts"] = *claim.tree_size;
  }
  void operator()(const statement::CertificationClaim& claim) {
    out[claim.kind == "dataset" ? "dataset" : "model"] = ArtifactJson(claim.subject);
    out["name"] = claim.name;
    out["certifierKey"] = HexEncode(crypto::Sha256(claim.certifier_key));
  }
  void operator()(const statement::EvidenceClaim&) {}
  void operator()(const statement::UnknownClaim& claim) { out["predicateType"] = claim.predicate_type; }
};

Json ClaimJson(const ReportClaim& claim) {
  Json out{{"index", claim.index},
           {"line", claim.index + 1},
           {"kind", claim.kind},
           {"summary", claim.summary},
           {"used", claim.used}};
  if (claim.claim != nullptr) std::visit(About{out}, *claim.claim);
  return out;
}

Json AttesterJson(const Attester& attester) {
  return Json{{"tee", attester.tee},         {"format", attester.format},
              {"program", attester.program}, {"measurement", attester.measurement},
              {"root", attester.root},       {"tcb_status", attester.tcb_status},
              {"debug", attester.debug},     {"simulated", attester.simulated}};
}

}  // namespace

Json ReportToJson(const Report& report) {
  Json claims = Json::array(), checks = Json::array(), attesters = Json::array();
  for (const auto& claim : report.claims) claims.push_back(ClaimJson(claim));
  for (const auto& attester : report.attesters) attesters.push_back(AttesterJson(attester));
  for (const auto& check : report.checks) {
    checks.push_back(Json{{"id", check.id},
                          {"verdict", verify::CheckVerdictName(check.verdict)},
                          {"seen", check.seen},
                          {"wanted", check.wanted}});
  }
  Json out{{"version", 1},
           {"verdict", VerdictName(report.verdict)},
           {"sentence", report.sentence},
           {"tee", Join(report.tees, ",")},
           {"simulated", report.simulated},
           {"time", FormatTime(report.time)},
           {"timeSource", report.time_source},
           {"attesters", std::move(attesters)},
           {"claims", std::move(claims)},
           {"checks", std::move(checks)},
           {"notes", report.notes}};
  if (report.policy_digest) out["policy"] = DigestText(*report.policy_digest);
  if (report.model) out["model"] = DigestText(*report.model);
  if (report.as_of) out["asOf"] = AsOfToJson(report);
  if (report.error) {
    out["error"] =
        Json{{"kind", KindName(report.error->kind)}, {"id", report.error->id}, {"message", report.error->message}};
  }
  return out;
}

}  // namespace attestml::policy
