// The predicates of ours as types. design.md section 5; spec/predicates.md is the law and leads with examples.
// Parsing one says that its bytes have the shape; nothing in it is trusted until verify has vouched for the statement.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "crypto/digest.h"
#include "statement/run.h"
#include "statement/selection.h"

namespace attestml::statement {

inline constexpr std::string_view kStatementType = "https://in-toto.io/Statement/v1";
inline constexpr std::string_view kTrainingType = "https://slsa.dev/provenance/v1";
inline constexpr std::string_view kTrainBuildType = "urn:attestml:train:v1";
inline constexpr std::string_view kPropertyType = "urn:attestml:property:v1";
inline constexpr std::string_view kInferenceType = "urn:attestml:inference:v1";
inline constexpr std::string_view kCertificationType = "urn:attestml:certification:v1";
inline constexpr std::string_view kScaiType = "https://in-toto.io/attestation/scai/v0.3";

// A constant that SLSA wants and that carries no trust: trust comes from evidence.
inline constexpr std::string_view kBuilderId = "urn:attestml:builder:v1";

// A named artifact: SHA-256 of its bytes.
struct ArtifactRef {
  std::string name;
  crypto::Digest256 sha256{};
};

// What a dataset, a selection or a byproduct is known by: SHA-256 of its bytes or, when it is concealed, the commitment
// to that (spec/concealment.md). The two are never equal.
struct DataId {
  crypto::Digest256 digest{};
  bool concealed = false;
  auto operator<=>(const DataId&) const = default;
};

// A file that may be concealed.
struct DataRef {
  std::string name;  // "concealed" when the file is a concealed dataset
  DataId id;
  std::optional<crypto::Digest256> commitment = std::nullopt;  // what it was concealed under, once opened

  // Whether it is the one meant, by digest or by commitment.
  bool Is(const DataId& wanted) const { return id == wanted || (wanted.concealed && commitment == wanted.digest); }
};

struct Records {
  std::uint64_t count = 0;
  // RFC 9162 root over the sorted record leaves, label included; over the salted leaves while `concealed`.
  crypto::Digest256 root{};
  bool concealed = false;
  // The root over salted leaves where there is one: record proofs without an opening end at it.
  std::optional<crypto::Digest256> salted_root = std::nullopt;
};

// What a concealed dataset says besides its commitment.
struct ConcealedData {
  crypto::Digest256 reading{};  // equal where equal records have equal leaves
  crypto::Digest256 records{};
};

// A dataset as one task used it. Of a concealed one only ids, the count and the role are known, until an opening is
// applied.
struct DatasetUse {
  DataRef file;
  std::optional<Selection> selection;  // nothing when concealed: what it is, is unknown
  DataId selection_id;
  std::optional<crypto::Digest256> selection_commitment = std::nullopt;  // as that of the file
  Records records;
  std::string role;  // in training: "train", "validation", "fit"; "" in properties
  std::optional<ConcealedData> concealed;

  bool SelectionIs(const DataId& wanted) const {
    return selection_id == wanted || (wanted.concealed && selection_commitment == wanted.digest);
  }
};

struct TrainingClaim {
  ArtifactRef model;  // the subject: a model, or the checkpoint of an unfinished run
  Run run;
  std::vector<DatasetUse> datasets;
  std::optional<ArtifactRef> initial_model;
  // The checkpoint this run went on from, after so many steps. It has a training claim of its own, of the same job,
  // whose subject it is.
  std::optional<ArtifactRef> checkpoint;
  std::uint64_t checkpoint_steps = 0;
  std::vector<DataRef> byproducts;  // the training log, first; at least that one
  std::uint64_t steps = 0;          // optimiser steps done; at least 1
  std::uint64_t epochs = 0;
};

struct Interval {
  std::string method;  // "wilson"
  std::string level;   // "0.95"
  std::string lower;
  std::string upper;
};

// One number of a property. Which number it is, is said by `metric` and by the qualifiers, each of which may be empty.
struct MetricResult {
  std::string metric;
  std::string value;                   // shortest decimal, "undefined", or "" when only a bound is stated
  std::string bound;                   // ">= 0.8", "<= 0.1": all that is stated of the number; "" otherwise
  std::string bound_on;                // what the bound is on: "value", "interval.lower", "interval.upper"
  std::string reason;                  // why, when undefined; "" otherwise
  std::optional<std::uint64_t> count;  // records the value is over (the denominator)
  std::optional<Interval> interval;
  std::map<std::string, std::string> slice;  // the rows it is over: {"sex":"Female"}; empty: the whole selection
  std::map<std::string, std::string> where;  // the event whose proportion it is: {"income":">50K"}
  std::map<std::string, std::string> given;  // the condition of a conditional proportion
  std::vector<std::string> across;           // the sensitive attributes an aggregate is over
  std::string column;                        // the column a numeric summary is of
  std::string label;                         // the class of a per-class metric; "actual/predicted" classes: see spec
  std::string at;                            // level of a quantile, threshold, …
};

struct Series {
  std::string name;  // "roc", "pr", "calibration"
  std::vector<std::string> x;
  std::vector<std::string> y;
};

struct PropertyClaim {
  std::string property;
  Json parameters;  // object
  Run run;
  std::optional<ArtifactRef> model;
  std::optional<DatasetUse> dataset;
  std::vector<DatasetUse> references;  // further selections it compares with (overlap, representativeness)
  std::string predictions;             // "model", "column:NAME", or "" where the property needs none
  std::vector<MetricResult> results;
  std::vector<Series> series;
  std::string implementation;  // "accuracy/1": name and version of the built-in code; the name is the property's
};

// How the rows of an inference's input became values: a selection that leaves no row out. Its target, where it has one,
// is the column that the rows may have or leave out.
struct RowsReading {
  std::optional<Selection> selection;  // nothing when concealed
  DataId selection_id;
  std::optional<crypto::Digest256> selection_commitment = std::nullopt;  // as that of a dataset's
  // While concealed: equal to that of a dataset where columns, types, target and marks are the same.
  std::optional<crypto::Digest256> reading = std::nullopt;

  bool SelectionIs(const DataId& wanted) const {
    return selection_id == wanted || (wanted.concealed && selection_commitment == wanted.digest);
  }
};

struct InferenceClaim {
  ArtifactRef output;  // the subject
  ArtifactRef model;
  ArtifactRef input;
  RowsReading rows;
  Json parameters;
  Run run;
  // With receipts: the RFC 9162 tree over one leaf per row (spec/receipt.md).
  std::optional<std::uint64_t> tree_size;
  std::optional<crypto::Digest256> tree_root;
};

struct CertificationClaim {
  ArtifactRef subject;
  std::string kind;                    // "model" or "dataset"
  std::string name;                    // what the certifier calls it
  Bytes certifier_key;                 // SubjectPublicKeyInfo of the signer
  std::vector<Bytes> certifier_chain;  // DER, leaf first; empty for a bare key
};

// Evidence for a session key (subject: the key) or for one statement (subject: SHA-256 of its PAE). The key is there in
// both cases: it signs the line, and its id is in the report data.
struct EvidenceClaim {
  bool for_statement = false;
  crypto::Digest256 target{};  // SHA-256 of the session key, or of the statement's PAE
  Bytes session_key;           // SubjectPublicKeyInfo
  std::string cmw;             // the JSON CMW collection, as text
  std::string nonce;           // hex of what the verifier sent, "" when none: report data holds its SHA-256
};

// A statement whose predicate type is not ours. Kept, listed, ignored by policies.
struct UnknownClaim {
  std::string predicate_type;
};

using Claim =
    std::variant<TrainingClaim, PropertyClaim, InferenceClaim, CertificationClaim, EvidenceClaim, UnknownClaim>;

// Writes a claim as an in-toto Statement v1, canonical JSON text; an UnknownClaim as "". It checks nothing: what is to
// be signed should come back from ParseStatement, which does. Floating-point numbers in `job` or `parameters` do not.
std::string WriteStatement(const Claim& claim);

// Reads a statement strictly. Unknown members inside predicates of ours are refused; subject and predicate must agree.
// Reading what WriteStatement wrote and writing it again gives the same text.
// Error ids json.*, statement.*, claim.* and run.* (spec/predicates.md lists them).
Result<Claim> ParseStatement(std::string_view json);

// "training", "property", "inference", "certification", "evidence", "unknown": the words of a policy's may-state.
std::string_view ClaimKind(const Claim& claim);

}  // namespace attestml::statement
