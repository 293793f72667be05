// Reference values (RFC 9334): which measurements the programs of a release have, signed by who released them, so that
// nobody has to copy digests from a web page into a policy. spec/reference-values.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/digest.h"

namespace attestml::policy {

inline constexpr std::string_view kReferenceValuesType = "urn:attestml:reference-values:v1";

struct ReferenceProgram {
  std::string name;  // "attestml-prover 0.1.0"
  std::string tee;   // one that FindTee knows
  // By the policy's own keys, lower-case hexadecimal: the measurement, and the registers that must be named with it.
  std::map<std::string, std::string> values;
  std::optional<unsigned> security_version;  // SGX: ISVSVN
};

struct ReferenceValues {
  std::string file;  // what is released, and its SHA-256: the subject
  crypto::Digest256 sha256{};
  std::vector<ReferenceProgram> programs;  // 1 to 64
};

// Whether names, sizes and registers are those that a policy could have. Error ids reference.program, reference.value.
Status CheckReferenceValues(const ReferenceValues& values);

// An in-toto statement, canonical. ParseReferenceValues is strict about its members, and checks. Error ids reference.*.
std::string WriteReferenceValues(const ReferenceValues& values);
Result<ReferenceValues> ParseReferenceValues(std::string_view statement);

// [[program]] tables for a policy. `root` goes with programs of simulated TEEs, which need one.
std::string ProgramTablesOf(const ReferenceValues& values, const std::optional<crypto::Digest256>& root);

}  // namespace attestml::policy
