#include "verify/timestamps.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "crypto/certificate.h"
#include "crypto/timestamp.h"
#include "statement/claims.h"
#include "verify/chain.h"
#include "verify/crl_set.h"

namespace attestml::verify {
namespace {

constexpr std::string_view kCheck = "bundle.timestamp";
constexpr std::string_view kRevocation = "bundle.timestamp.revocation";

std::string Line(std::size_t index) { return "line " + std::to_string(index + 1); }

template <typename T>
bool Contains(std::span<const T> list, const T& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// A token whose maker nobody here vouches for says nothing, good or bad.
bool IsOfNobodyNamed(const Error& error) {
  return error.id == "timestamp.chain" || error.id == "timestamp.revoked" || error.id == "timestamp.crl";
}

}  // namespace

TimestampVerifier::TimestampVerifier(std::span<const TimeAuthority> authorities,
                                     std::span<const evidence::CollateralItem> collateral)
    : authorities_(authorities) {
  for (const TimeAuthority& authority : authorities) {
    if (!Contains<crypto::Digest256>(roots_, authority.root)) roots_.push_back(authority.root);
    certificates_.insert(certificates_.end(), authority.certificates.begin(), authority.certificates.end());
  }
  if (roots_.empty()) return;
  CertificatePool pool;
  X509Documents documents{"timestamp.collateral"};
  for (const auto& item : collateral) {
    if (refusal_.ok()) refusal_ = documents.Add(item);
  }
  if (refusal_.ok()) refusal_ = documents.GiveCertificates(&pool);
  has_unreadable_ = documents.has_unreadable();
  crls_.assign(documents.crls().begin(), documents.crls().end());
  for (const crypto::Certificate& certificate : pool.certificates()) {
    bystanders_.push_back(certificate.der());
    if (Contains<crypto::Digest256>(roots_, certificate.key_id())) certificates_.push_back(certificate.der());
  }
}

Result<std::optional<DatedBy>> TimestampVerifier::VerifyToken(const Bytes& token, const crypto::Digest256& imprint,
                                                              std::string* why) const {
  std::vector<Bytes> certificates = certificates_;
  // Those of the authorities come first; a token needs its own root's and no other.
  if (certificates.size() > crypto::kMaxTimestampCertificates) {
    certificates.resize(crypto::kMaxTimestampCertificates);
  }
  auto verified = crypto::VerifyTimestamp(token, imprint, roots_, certificates, {crls_, bystanders_});
  if (!verified.ok()) {
    if (!IsOfNobodyNamed(verified.error())) return std::move(verified).error();
    *why = verified.error().message;
    return std::optional<DatedBy>();
  }
  if (has_unreadable_ && verified->num_crls() == 0) {
    *why =
        "something among the collateral is neither a certificate nor a CRL that can be read, and may have been a CRL "
        "of its chain";
    return std::optional<DatedBy>();
  }
  for (const TimeAuthority& authority : authorities_) {
    if (authority.root != verified->root()) continue;
    const std::string& policy = verified->said().policy;
    if (!authority.policies.empty() && !Contains<std::string>(authority.policies, policy)) {
      *why = "stamped under policy " + policy + " of " + authority.name;
      continue;
    }
    return std::optional<DatedBy>(DatedBy{verified->time(), verified->said().latest, authority.name, verified->signer(),
                                          verified->certificates(), verified->num_crls()});
  }
  return std::optional<DatedBy>();
}

Status TimestampVerifier::Verify(std::size_t line, const statement::Envelope& envelope, std::vector<DatedBy>* stamps,
                                 Checks* checks) {
  for (const statement::EnvelopeTimestamp& timestamp : envelope.timestamps) {
    const auto imprint = statement::TimestampRoot(envelope, timestamp);
    if (!imprint) return Malformed("envelope.timestamp", Line(line) + " has a time stamp with a path that is none");
    const crypto::Digest256 token = crypto::Sha256(timestamp.token);
    auto known = std::find_if(answers_.begin(), answers_.end(), [&](const Answer& answer) {
      return answer.token == token && answer.imprint == *imprint;
    });
    if (known == answers_.end()) {
      if (answers_.size() == kMaxDistinctTokens) {
        return Malformed("bundle.timestamps",
                         "more than " + std::to_string(kMaxDistinctTokens) + " different time stamps");
      }
      // What is left out could have been what revokes.
      ATTESTML_CHECK(refusal_);
      std::string why;
      auto dated = VerifyToken(timestamp.token, *imprint, &why);
      if (!dated.ok()) return Within(Line(line), std::move(dated).error());
      const std::string wanted = "a time stamp of an authority that the relying party names";
      if (dated->has_value()) {
        const DatedBy& by = **dated;
        checks->push_back({std::string(kCheck), CheckVerdict::kPass,
                           Line(line) + ": there by " + FormatTime(by.latest) + ", by the word of " + by.authority +
                               " (" + by.signer + ")",
                           wanted});
        const std::size_t crls = by.num_crls;
        checks->push_back({std::string(kRevocation), crls > 0 ? CheckVerdict::kPass : CheckVerdict::kNotChecked,
                           Line(line) + ": " +
                               (crls == 0   ? "no CRL of its chain is at hand"
                                : crls == 1 ? "1 CRL of its chain"
                                            : std::to_string(crls) + " CRLs of its chain"),
                           "no certificate of its chain, nor another of its keys, in a CRL of its issuer"});
      } else {
        checks->push_back({std::string(kCheck), CheckVerdict::kNotChecked, Line(line) + ": " + why, wanted});
      }
      known = answers_.insert(answers_.end(), Answer{token, *imprint, std::move(dated).value()});
    }
    if (known->dated) stamps->push_back(*known->dated);
  }
  return {};
}

Result<BundleDate> DateOf(std::span<const LineDates> lines, std::span<const crypto::Digest256> banned) {
  BundleDate out;
  if (lines.empty()) return Untrusted("bundle.undated", "no line that could be dated");
  for (const LineDates& line : lines) {
    const DatedBy* first = nullptr;
    for (const DatedBy& stamp : line.stamps) {
      const bool is_banned = std::any_of(stamp.certificates.begin(), stamp.certificates.end(),
                                         [&](const auto& each) { return Contains<crypto::Digest256>(banned, each); });
      if (!is_banned && (first == nullptr || stamp.latest < first->latest)) first = &stamp;
    }
    if (first == nullptr) {
      return Untrusted("bundle.undated", "no time stamp of an authority that is named dates " + Line(line.index));
    }
    if (out.authorities.empty() || out.by < first->latest) {
      out.by = first->latest;
      out.signer = first->signer;
    }
    if (!Contains<std::string>(out.authorities, first->authority)) out.authorities.push_back(first->authority);
  }
  return out;
}

Result<BundleDate> DateEnvelopes(std::span<const statement::Envelope> envelopes,
                                 std::span<const TimeAuthority> authorities,
                                 std::span<const evidence::CollateralItem> collateral) {
  TimestampVerifier verifier(authorities, collateral);
  std::vector<LineDates> lines;
  Checks checks;
  for (std::size_t i = 0; i < envelopes.size(); ++i) {
    const auto claim = statement::ParseStatement(envelopes[i].payload);
    if (!claim.ok()) return Within(Line(i), claim.error());
    if (std::holds_alternative<statement::UnknownClaim>(*claim)) continue;
    LineDates line{i, {}};
    ATTESTML_CHECK(verifier.Verify(i, envelopes[i], &line.stamps, &checks));
    lines.push_back(std::move(line));
  }
  return DateOf(lines);
}

}  // namespace attestml::verify
