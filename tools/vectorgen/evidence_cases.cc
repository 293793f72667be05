#include "vectorgen/evidence_cases.h"

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace attestml::vectorgen {
namespace {

[[noreturn]] void Die(std::string_view what, std::string_view detail) {
  std::fprintf(stderr, "vectorgen: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(),
               static_cast<int>(detail.size()), detail.data());
  std::abort();
}

}  // namespace

std::array<std::uint8_t, 64> CaseReportData() {
  std::array<std::uint8_t, 64> out{};
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<std::uint8_t>(i);
  return out;
}

void AddUnknownExtension(crypto::CertificateTemplate* certificate, bool critical) {
  certificate->extensions.push_back({"1.3.6.1.4.1.55555.1", critical, {0x05, 0x00}});
}

std::string Outcome(const Result<verify::VerifiedEvidence>& evidence) {
  if (!evidence.ok()) return std::string(KindName(evidence.error().kind)) + " " + evidence.error().id;
  std::string out = "verified";
  if (!evidence->tcb_status().empty()) out += " " + evidence->tcb_status();
  if (evidence->debug()) out += " debug";
  for (const verify::Hazard& hazard : evidence->facts().hazards) {
    if (hazard.present) out += " hazard " + hazard.name;
  }
  return out;
}

CaseBuilder::CaseBuilder() : keys_(tee::SimulatedKeys::Generate()), stranger_(tee::SimulatedKeys::Generate()) {}

void CaseBuilder::Add(std::string_view name, std::string_view expect, std::string_view why, const Bend& bend,
                      const Edit& edit) {
  tee::SimulatedAuthority authority = Authority();
  if (bend) bend(authority);
  AddPackage(name, expect, why, tee::IssueEvidence(authority, CaseReportData()), keys_.root, edit);
}

void CaseBuilder::AddPackage(std::string_view name, std::string_view expect, std::string_view why,
                             Result<evidence::EvidencePackage> package, const crypto::PrivateKey& root,
                             const Edit& edit) {
  if (!package.ok()) Die(name, package.error().message);
  EvidenceCase out = {std::string(name),
                      std::string(why),
                      std::string(expect),
                      std::move(package).value(),
                      {},
                      {{"simulated", root.public_key().id(), true}},
                      kIssued};
  if (edit) edit(out);
  cases_.push_back(std::move(out));
}

void Replace(std::string* text, std::string_view from, std::string_view to) {
  const std::size_t at = text->find(from);
  if (at == std::string::npos || text->find(from, at + 1) != std::string::npos) Die("not there exactly once", from);
  text->replace(at, from.size(), to);
}

void Replace(Bytes* bytes, std::string_view from, std::string_view to) {
  std::string text(AsText(*bytes));
  Replace(&text, from, to);
  *bytes = ToBytes(AsBytes(text));
}

void RebuildQuote(EvidenceCase* c, const tee::SimulatedAuthority& authority, std::string_view certification_data) {
  tee::SgxReportBody body = authority.program;
  body.report_data = CaseReportData();
  c->package.evidence = tee::EncodeQuote(authority.header, body, authority.quote_signer,
                                         tee::IssueCertification(authority, certification_data));
}

EvidenceCase MakeHonestCase() {
  CaseBuilder builder;
  AddHonestCases(&builder);
  return std::move(builder).Take().front();
}

std::vector<EvidenceCase> MakeEvidenceCases() {
  CaseBuilder builder;
  AddHonestCases(&builder);
  AddQuoteCases(&builder);
  AddChainCases(&builder);
  AddRevocationCases(&builder);
  AddCollateralCases(&builder);
  AddTdxCases(&builder);
  AddSnpCases(&builder);
  AddNitroCases(&builder);
  return std::move(builder).Take();
}

}  // namespace attestml::vectorgen
