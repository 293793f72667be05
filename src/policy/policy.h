// The policy file (TOML, design.md section 5, spec/policy.md): closed by default, what is not named is refused.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "statement/claims.h"
#include "verify/evidence.h"
#include "verify/timestamps.h"

namespace attestml::policy {

struct Program {
  std::string name;
  std::string tee;                               // "sgx", "tdx", "simulated-snp": what VerifiedEvidence::tee says
  Bytes measurement;                             // mrenclave (32 bytes), mrtd, measurement, pcr0 (48 bytes)
  std::vector<verify::Register> registers;       // that must have these very values
  std::vector<verify::SecurityVersion> min_tcb;  // SNP: the least that is accepted of each
  std::vector<std::string> allowed;              // hazards by name, and "no-revocation"
  std::optional<crypto::Digest256> root;         // key id of the root; required when simulated, else any vendor's
  std::vector<std::string> may_state;            // "training", "property", "inference"
  bool allow_debug = false;
  std::optional<unsigned> min_security_version;
};

// value = ">= 0.80" | "<= …" | "> …" | "< …" | "= …" | "LO..HI" (both inclusive)
struct Range {
  std::string text;
  std::optional<double> lower, upper;
  bool lower_open = false, upper_open = false;
  bool Contains(double value) const;  // never of NaN
};

// Nothing when the text is none of the forms, or its lower end is above its upper.
std::optional<Range> ParseRange(std::string_view text);

// How a file is read where a requirement names it and not its selection, as far as that changes what its values mean.
// This is a file as it stands: RFC 4180, and only an empty field is missing.
struct Reading {
  std::string strip_suffix, missing_mark;
  bool trim = false;
  bool quote = true;
  bool operator==(const Reading&) const = default;
};

// One [[require]]. What it does not say it does not leave open: see spec/policy.md for what each absence means.
struct Requirement {
  std::string id;     // given in the file, else its number, from "1"
  std::string claim;  // "training", "property", "inference", "certification"
  std::string property, metric;
  std::string implementation;  // "accuracy/1"; what the file says, else version 1 of the built-in
  std::string predictions;     // for properties of predictions: "model" (default) or "column:NAME"
  std::map<std::string, std::string>
      counts_as_positive;  // of a column: {"threshold": …} or {"positive": […]}, canonical
  std::optional<crypto::Digest256> model;
  std::optional<statement::DataId> dataset, selection;              // by digest, or by commitment when concealed; of an
                                                                    // inference, the selection is that of its rows
  std::optional<statement::DataId> reference, reference_selection;  // what a comparison is with
  std::optional<Reading> reading;                                   // of files without a selection, training data too
  bool of_training_data = false;
  std::vector<std::string> roles;  // of training data: only these roles; empty: every role
  std::string target, positive;    // the target column, and its positive value, that the selection must have; "" any
  std::map<std::string, std::string> slice, where, given;
  std::vector<std::string> across;
  std::string column, label, at;
  std::optional<Range> value;
  std::string on = "value";  // "value", "interval.lower", "interval.upper"
  std::optional<std::uint64_t> min_count;
  std::string certifier;                          // for claim = "certification": name of a [[certifier]]
  std::string certified_name;                     // and what it must have called the subject (key `as`); "" any
  std::map<std::string, std::string> job;         // for training: dotted job key → CanonicalValue of the value wanted
  std::map<std::string, std::string> parameters;  // for property: parameter → CanonicalValue of the value wanted
  std::optional<std::vector<statement::DataId>> datasets;  // for training: the only dataset files allowed
};

// CanonicalValue is the text under which a requirement's value and a statement's are compared: a scalar as it would be
// printed (so 5 and "5" are equal: decimal numbers of statements are strings), a list or an object as canonical JSON of
// such.
std::string CanonicalValue(const Json& value);

struct Certifier {
  std::string name;
  std::optional<crypto::Digest256> key;   // a bare key's id
  std::optional<crypto::Digest256> root;  // or the root key of an X.509 chain
  std::string subject;                    // and then the leaf's common name
  std::vector<std::string> may_certify;   // "model", "dataset"
};

// AsOf is what the policy makes of a time of verification before now.
enum class AsOf : std::uint8_t {
  kNever,
  kAsked,    // as-of = true: who asks is believed, and time stamps are
  kStamped,  // as-of = "stamped": time stamps of named authorities alone are
};

struct Policy {
  crypto::Digest256 digest{};                    // SHA-256 of the file
  std::vector<std::string> tcb_status;           // accepted; empty accepts none
  std::vector<crypto::Digest256> removed_roots;  // of vendors, that this build has and the policy does not want
  // The vendors' roots without those, the roots that the policy adds, and those of simulated programs.
  std::vector<verify::TrustAnchor> anchors;
  AsOf as_of = AsOf::kNever;     // acceptance at an earlier time
  bool allow_unrequired = true;  // statements that nobody asked about are listed, not refused
  std::optional<unsigned> min_evaluation_number;
  std::optional<std::int64_t> max_collateral_age_days;
  std::optional<std::vector<std::string>> platforms;   // FMSPC, PPID, CHIP_ID: hex, lower case: the only ones accepted
  std::vector<std::string> banned_platforms;           // and those refused
  std::vector<crypto::Digest256> banned_certificates;  // SHA-256 of a certificate, or of its SubjectPublicKeyInfo
  std::vector<Program> programs;
  std::vector<Certifier> certifiers;
  std::vector<verify::TimeAuthority> time_authorities;
  std::vector<Requirement> requirements;
};

// Unknown keys, wrong types, names that the vocabulary does not know: each an error of kind usage with line, key and
// the nearest known name. Error ids policy.*.
Result<Policy> ParsePolicy(std::string_view toml, std::string_view file_name);

}  // namespace attestml::policy
