// Making record proofs: the owner of the data, who has every record, shows where one of them stands or that it does not
// (spec/record-proof.md). Needs no TEE and no engine: a proof is checked against what was attested.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "statement/record_proof.h"
#include "tasks/job.h"

namespace attestml::prove {

struct RecordRequest {
  tasks::Job job;
  std::map<std::string, std::string> data;  // dataset → path
  std::string job_directory;
  std::vector<std::string> views;                 // the selections to speak of; empty: those the job trains on
  std::optional<std::uint64_t> row;               // the record with this number, from 0, of the first view; or
  Bytes record;                                   // this canonical record, label included
  std::optional<crypto::Digest256> owner_secret;  // proves in the salted tree of a concealed selection
  bool count = false;                             // show how often it stands in each view that has it
  bool hide = false;                              // leave the record out of the proof
};

// Reads the views and proves, for each, that the record is or is not among them. Errors: those of reading data,
// prove.row (no such row), prove.record (what cannot be a record of the first view), usage both; prove.view (the job
// has none of this name, or trains on none).
Result<statement::RecordProof> ProveRecord(const RecordRequest& request);

}  // namespace attestml::prove
