#include "verify/session.h"

#include <utility>

namespace attestml::verify {

Session::Session(std::vector<evidence::CollateralItem> extra_collateral, std::vector<TrustAnchor> anchors, Time time,
                 std::size_t max_entries, std::vector<TimeAuthority> time_authorities)
    : extra_(std::move(extra_collateral)),
      anchors_(std::move(anchors)),
      time_(time),
      max_entries_(max_entries),
      time_authorities_(std::move(time_authorities)) {}

std::shared_ptr<const EvidenceOutcome> Session::Verify(std::string_view cmw) {
  const crypto::Digest256 key = crypto::Sha256(AsBytes(cmw));
  {
    const std::lock_guard lock(mutex_);
    if (const auto it = known_.find(key); it != known_.end()) return it->second;
  }
  std::shared_ptr<const EvidenceOutcome> outcome;
  if (auto package = evidence::DecodeCmw(cmw); package.ok()) {
    outcome = std::make_shared<const EvidenceOutcome>(VerifyEvidence(*package, extra_, anchors_, time_, &memo_));
  } else {
    outcome = std::make_shared<const EvidenceOutcome>(EvidenceOutcome{{}, package.error()});
  }
  const std::lock_guard lock(mutex_);
  // Forgetting everything now and then is as correct as any cleverer choice.
  if (known_.size() >= max_entries_) known_.clear();
  known_.emplace(key, outcome);
  return outcome;
}

}  // namespace attestml::verify
