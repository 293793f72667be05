// The policy file (TOML, design.md section 5, spec/policy.md): closed by default, what is not named is refused.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "verify/evidence.h"

namespace attestml::policy {

struct Program {
  std::string name;
  std::string tee;                                // "sgx", "simulated"
  Bytes measurement;                              // mrenclave, 32 bytes
  std::optional<crypto::Digest256> root;          // required when simulated: key id of the simulated root
  std::vector<std::string> may_state;             // "training", "property", "inference"
  bool allow_debug = false;
  std::optional<unsigned> min_security_version;
};

// value = ">= 0.80" | "<= …" | "> …" | "< …" | "= …" | "LO..HI" (both inclusive)
struct Range {
  std::string text;
  std::optional<double> lower, upper;
  bool lower_open = false, upper_open = false;
  bool Contains(double value) const;
};

struct Requirement {
  std::string id;     // given in the file, else "require[N]"
  std::string claim;  // "training", "property", "inference", "certification"
  std::string property, metric;
  std::optional<crypto::Digest256> dataset, selection, model;
  bool of_training_data = false;
  std::map<std::string, std::string> slice, where, given;
  std::vector<std::string> across;
  std::string column, label, at;
  std::optional<Range> value;
  std::string on;  // "value" (default), "interval.lower", "interval.upper"
  std::optional<std::uint64_t> min_count;
  std::string certifier;       // for claim = "certification": name of a [[certifier]]
  std::string certified_name;  // and what it must have called the subject; "" any
  std::map<std::string, std::string> job;  // for training: dotted job key → required canonical value
  std::map<std::string, std::string> parameters;  // for property: parameter → required value
  std::vector<crypto::Digest256> datasets;  // for training: the only dataset files allowed; empty: not restricted
};

struct Certifier {
  std::string name;
  std::optional<crypto::Digest256> key;   // a bare key's id
  std::optional<crypto::Digest256> root;  // or the root key of an X.509 chain
  std::string subject;                    // and then the leaf's common name
  std::vector<std::string> may_certify;   // "model", "dataset"
};

struct Policy {
  std::vector<std::string> tcb_status;  // accepted; empty accepts none
  std::vector<verify::TrustAnchor> anchors;  // vendor anchors in use, and the roots of simulated programs
  bool as_of = false;                   // acceptance at an earlier time
  bool allow_unrequired = true;         // statements that nobody asked about are listed, not refused
  std::optional<unsigned> min_evaluation_number;
  std::optional<std::int64_t> max_collateral_age_days;
  std::vector<Program> programs;
  std::vector<Certifier> certifiers;
  std::vector<Requirement> requirements;
};

// Unknown keys, wrong types, names that the vocabulary does not know: each an error of kind usage with line, key and the
// nearest known name. Error ids policy.*.
Result<Policy> ParsePolicy(std::string_view toml, std::string_view file_name);

}  // namespace attestml::policy
