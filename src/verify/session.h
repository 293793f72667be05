// Session: the inputs that many verifications share, and what was already found out about them.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "evidence/package.h"
#include "verify/evidence.h"
#include "verify/memo.h"
#include "verify/timestamps.h"

namespace attestml::verify {

// Session fixes collateral, trust anchors, time and who may date things, and verifies each distinct CMW text once under
// them. Verification stays a pure function: an answer that is remembered is the answer that would be computed again,
// because the key under which it is kept is SHA-256 of every byte it depends on that the session does not fix. A
// signature is never such a key: ECDSA signatures can be changed without becoming invalid.
//
// May be shared by threads; two of them that meet the same new text may both verify it. Keeps at most `max_entries`
// answers.
class Session {
 public:
  Session(std::vector<evidence::CollateralItem> extra_collateral, std::vector<TrustAnchor> anchors, Time time,
          std::size_t max_entries = 4096, std::vector<TimeAuthority> time_authorities = {});

  Time time() const { return time_; }
  const std::vector<TrustAnchor>& anchors() const { return anchors_; }
  const std::vector<evidence::CollateralItem>& collateral() const { return extra_; }  // the relying party's
  const std::vector<TimeAuthority>& time_authorities() const { return time_authorities_; }

  // DecodeCmw and VerifyEvidence. Never null.
  std::shared_ptr<const EvidenceOutcome> Verify(std::string_view cmw);

 private:
  const std::vector<evidence::CollateralItem> extra_;
  const std::vector<TrustAnchor> anchors_;
  const Time time_;
  const std::size_t max_entries_;
  const std::vector<TimeAuthority> time_authorities_;
  Memo memo_;  // collateral and authorities, which texts of different provers share
  std::mutex mutex_;
  std::map<crypto::Digest256, std::shared_ptr<const EvidenceOutcome>> known_;
};

}  // namespace attestml::verify
