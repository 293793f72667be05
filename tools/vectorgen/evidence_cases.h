// Evidence that must be refused, and its honest neighbours: each case bends one thing that an attacker, a careless
// authority or the passing of time could bend. One table feeds the tests and the published vectors.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "evidence/package.h"
#include "tee/simulated_authority.h"
#include "verify/evidence.h"

namespace attestml::vectorgen {

struct EvidenceCase {
  std::string name;
  std::string why;     // what a wrong answer would mean
  std::string expect;  // "verified[ <TCB status>][ debug][ hazard <name>]…" or "<error kind> <id>"
  evidence::EvidencePackage package;
  std::vector<evidence::CollateralItem> extra;
  std::vector<verify::TrustAnchor> anchors;
  Time time;
};

// The moment at which honest evidence is issued and, where a case does not say otherwise, judged.
inline constexpr Time kIssued{1790000000};  // 2026-09-21T13:33:20Z
inline constexpr std::int64_t kDay = 86400;
constexpr Time Later(std::int64_t days) { return {kIssued.unix_seconds + days * kDay}; }

// Outcome gives what `expect` is compared with.
std::string Outcome(const Result<verify::VerifiedEvidence>& evidence);

// CaseBuilder holds one honest authority and a stranger: another one, with keys of its own and the same names.
class CaseBuilder {
 public:
  using Bend = std::function<void(tee::SimulatedAuthority&)>;
  using Edit = std::function<void(EvidenceCase&)>;

  CaseBuilder();
  // Adds a case: `bend` before everything is issued, `edit` afterwards. Either may be empty.
  void Add(std::string_view name, std::string_view expect, std::string_view why, const Bend& bend,
           const Edit& edit = {});

  // Adds a package of any format, or its edited self. `root` is the only anchor.
  void AddPackage(std::string_view name, std::string_view expect, std::string_view why,
                  Result<evidence::EvidencePackage> package, const crypto::PrivateKey& root, const Edit& edit = {});

  tee::SimulatedAuthority Authority(Time now = kIssued) const { return tee::SimulatedAuthority::Create(keys_, now); }
  tee::SimulatedAuthority Stranger(Time now = kIssued) const { return tee::SimulatedAuthority::Create(stranger_, now); }
  const tee::SimulatedKeys& keys() const { return keys_; }
  const tee::SimulatedKeys& stranger_keys() const { return stranger_; }
  std::vector<EvidenceCase> Take() && { return std::move(cases_); }

 private:
  tee::SimulatedKeys keys_;
  tee::SimulatedKeys stranger_;
  std::vector<EvidenceCase> cases_;
};

// What every case's evidence is asked to vouch for.
std::array<std::uint8_t, 64> CaseReportData();

// Adds an unknown extension, critical or not.
void AddUnknownExtension(crypto::CertificateTemplate* certificate, bool critical);

// The position of each document in a package as the device makes it.
enum Item : std::size_t { kTcbInfo, kQeIdentity, kRootCrl, kPckCrl, kTcbChain };

// Replace changes the one place where `from` stands in `text`, and aborts when there is none or two: a case that
// changes nothing would prove nothing.
void Replace(std::string* text, std::string_view from, std::string_view to);
void Replace(Bytes* bytes, std::string_view from, std::string_view to);

// RebuildQuote makes the quote again with `certification_data` in place of the PCK chain.
void RebuildQuote(EvidenceCase* c, const tee::SimulatedAuthority& authority, std::string_view certification_data);

// By topic, in the order in which a reader should meet them.
void AddHonestCases(CaseBuilder* builder);
void AddQuoteCases(CaseBuilder* builder);
void AddChainCases(CaseBuilder* builder);
void AddRevocationCases(CaseBuilder* builder);
void AddCollateralCases(CaseBuilder* builder);
void AddTdxCases(CaseBuilder* builder);
void AddSnpCases(CaseBuilder* builder);
void AddNitroCases(CaseBuilder* builder);

// The first of them; and all of them. Keys are new at each call.
EvidenceCase MakeHonestCase();
std::vector<EvidenceCase> MakeEvidenceCases();

}  // namespace attestml::vectorgen
