// Time stamps of a bundle's lines: by when each was there, by whose word (spec/bundle.md 5.3).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "evidence/package.h"
#include "statement/envelope.h"
#include "verify/check.h"

namespace attestml::verify {

// TimeAuthority is somebody whose time stamps the relying party believes. As of everything else, a root is a key.
struct TimeAuthority {
  std::string name;
  crypto::Digest256 root{};           // SHA-256 of the root's SubjectPublicKeyInfo
  std::vector<Bytes> certificates;    // DER, the root's own where tokens leave it out; nothing in them is trusted
  std::vector<std::string> policies;  // dotted: the TSA policies under which its stamps count; empty: any
};

// DatedBy is one good time stamp of one line.
struct DatedBy {
  Time time;              // genTime
  Time latest;            // by when the line existed: genTime and the accuracy that was stated
  std::string authority;  // as the relying party calls it
  std::string signer;     // the subject of the certificate that stamped, for people only
  // SHA-256 of the key, and of the certificate, of each certificate of its chain.
  std::vector<crypto::Digest256> certificates;
  std::size_t num_crls = 0;  // how many CRLs of the chain's issuers were looked into
};

// LineDates is what is known of one line. Of several stamps the one with the earliest `latest` counts.
struct LineDates {
  std::size_t index = 0;  // its line, from 0
  std::vector<DatedBy> stamps;
};

// Good time stamps of one envelope are put behind `stamps`. A check `bundle.timestamp` for each token that was not met
// before: passed, with bundle.timestamp.revocation beside it, passed or not checked for want of a CRL; or not checked
// where no authority that is named vouches for it (unknown, revoked, of another policy); such a one counts for nothing
// and harms nothing. Not checked, too, where a CRL of its chain, or what may have been one, cannot be read. An error is
// of a token that cannot be read, that stamps something else, or that a named authority's chain does not bear out: ids
// timestamp.*, and bundle.timestamps for more different tokens than kMaxDistinctTokens, timestamp.collateral and
// chain.count for more collateral than can be looked at.
class TimestampVerifier {
 public:
  static constexpr std::size_t kMaxDistinctTokens = 64;
  // `collateral`: what the relying party brought; certificates of the roots and CRLs among it are used. Borrows both.
  TimestampVerifier(std::span<const TimeAuthority> authorities, std::span<const evidence::CollateralItem> collateral);

  Status Verify(std::size_t line, const statement::Envelope& envelope, std::vector<DatedBy>* stamps, Checks* checks);

 private:
  Result<std::optional<DatedBy>> VerifyToken(const Bytes& token, const crypto::Digest256& imprint,
                                             std::string* why) const;

  std::span<const TimeAuthority> authorities_;
  std::vector<crypto::Digest256> roots_;
  std::vector<Bytes> certificates_, crls_, bystanders_;
  Status refusal_;
  bool has_unreadable_ = false;
  struct Answer {
    crypto::Digest256 token{}, imprint{};
    std::optional<DatedBy> dated;
  };
  std::vector<Answer> answers_;
};

// BundleDate is by when all lines that count existed.
struct BundleDate {
  Time by;                               // the latest of the lines' earliest dates
  std::vector<std::string> authorities;  // whose word that is, each once
  std::string signer;                    // of the stamp that is `by`
};

// DateOf finds it, without the stamps that one of `banned` (SHA-256 of a certificate or of its key) made. Error id
// bundle.undated (untrusted) for a line that no good stamp dates, and where there is no line.
Result<BundleDate> DateOf(std::span<const LineDates> lines, std::span<const crypto::Digest256> banned = {});

// DateEnvelopes is DateOf of envelopes that are not verified yet: for who wants to judge a bundle as of its time
// stamps. Statements of types that are not ours count for nothing and need no date. Errors as above and those of
// statements.
Result<BundleDate> DateEnvelopes(std::span<const statement::Envelope> envelopes,
                                 std::span<const TimeAuthority> authorities,
                                 std::span<const evidence::CollateralItem> collateral);

}  // namespace attestml::verify
