// The verifier's commands. Each Add function puts one on the parser; when it is the one that was typed, `*exit_code`
// gets its result. Commands only carry arguments to the libraries and results to the terminal.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "evidence/package.h"
#include "policy/policy.h"
#include "statement/opening.h"
#include "verify/evidence.h"
#include "verify/timestamps.h"

namespace attestml::cli {

void AddVerify(CLI::App& app, int* exit_code);
void AddVerifyRecord(CLI::App& app, int* exit_code);
void AddInspect(CLI::App& app, int* exit_code);
void AddCard(CLI::App& app, int* exit_code);
void AddEvidence(CLI::App& app, int* exit_code);
void AddPolicy(CLI::App& app, int* exit_code);
void AddReferenceValues(CLI::App& app, int* exit_code);
// Under `policy`.
void AddPolicyImport(CLI::App& policy, int* exit_code);
void AddKeys(CLI::App& app, int* exit_code);  // keygen, certify

void AddCollateral(CLI::App& app, int* exit_code);
void AddManifest(CLI::App& app, int* exit_code);
void AddOpening(CLI::App& app, int* exit_code);
void AddTimestamp(CLI::App& app, int* exit_code);

// Openings from files. Error ids opening.*.
Result<statement::Opener> ReadOpenings(const std::vector<std::string>& paths);

// SHA-256 of a file, or the root of a folder's manifest (spec/manifest.md).
Result<crypto::Digest256> DigestOfPath(const std::string& path);

// Reads files and folders (two levels) of collateral; what each document is gets recognised later, from its content.
// `cached`: those of the cache directory, too, which is unavailable (fetch.directory) when it is not there. Of a cache,
// wherever it lies, what is named for another platform than that of `evidence` is left out, when that is given.
Result<std::vector<evidence::CollateralItem>> ReadCollateral(std::vector<std::string> paths, bool cached = false,
                                                             const evidence::EvidencePackage* evidence = nullptr);

// Path, digest, kind and, of TCB info, identities and CRLs, the dates that a document states: what a report rests on,
// for people, without parsing anything that verification does not.
Json ListCollateral(const evidence::CollateralItem& item);

// A quote, report or document on its own, or a CMW collection, which brings collateral. Error ids file.*, cmw.*.
Result<evidence::EvidencePackage> ReadEvidence(const std::string& path);

// The same, and of a bundle the evidence of all its statements, each once. Error id cli.evidence: a bundle without any.
Result<std::vector<evidence::EvidencePackage>> ReadAllEvidence(const std::string& path);

// A note on standard error of how to get the collateral that `error` misses, where it misses some and `file` shows
// whose.
void HintAtFetching(const Error& error, const std::string& file);

// The policy in this file. Error ids policy.*.
Result<policy::Policy> ReadPolicy(const std::string& path);

// The vendors' roots, and these key ids as roots of simulated TEEs. Error id cli.root.
Result<std::vector<verify::TrustAnchor>> ReadAnchors(const std::vector<std::string>& simulated_roots);

// Time-stamping authorities to believe, from files of PEM or DER certificates: each self-signed one is a root, the
// others complete chains. Error ids cli.tsa_root, cert.*.
Result<std::vector<verify::TimeAuthority>> ReadTimeAuthorityFiles(const std::vector<std::string>& paths);

// The time of --at, or of the clock when it is empty.
Result<Time> TimeOf(const std::string& at);
// After now by more than clocks differ.
bool IsLater(Time time, Time now);

}  // namespace attestml::cli
