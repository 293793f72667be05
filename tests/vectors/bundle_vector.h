// One file of vectors/bundles, read as any other implementation would read it (vectors/README.md).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "evidence/package.h"

namespace attestml::vectors_test {

struct BundleVector {
  std::string name, attack, why;
  std::string at;
  std::vector<std::string> bundles;  // the text of each file
  std::string policy;
  std::vector<evidence::CollateralItem> collateral;
  std::optional<std::string> model, input, output, receipt, nonce;
  std::vector<std::string> datasets;
  std::string verdict;  // of the report; "none" where there is none
  // "accepted"; "rejected ID ID…" with the failed checks; "KIND ID" of the error.
  std::string expect;
};

// Reads a case and what it refers to. Aborts the process on a file that is not as the format says.
BundleVector ReadBundleVector(const std::filesystem::path& file);

// Every case of a folder, by name.
std::vector<BundleVector> ReadBundleVectors(const std::filesystem::path& folder);

std::string ReadText(const std::filesystem::path& file);

}  // namespace attestml::vectors_test
