#include "verify/bundle.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "base/hex.h"
#include "crypto/digest_signature.h"
#include "statement/binding.h"
#include "verify/certifier.h"
#include "verify/evidence_ahead.h"
#include "verify/same_program.h"

namespace attestml::verify {
namespace {

constexpr std::size_t kMaxLines = 4096;
constexpr std::size_t kMaxBytes = std::size_t{64} << 20;

std::string Line(std::size_t index) { return "line " + std::to_string(index + 1); }

std::string ShortHex(BytesView bytes) { return HexEncode(bytes).substr(0, 16) + "…"; }

std::string Count(std::size_t n, std::string_view one, std::string_view many) {
  return std::to_string(n) + " " + std::string(n == 1 ? one : many);
}

// A statement that counts only when evidence vouches for it.
bool NeedsEvidence(const statement::Claim& claim) {
  return std::holds_alternative<statement::TrainingClaim>(claim) ||
         std::holds_alternative<statement::PropertyClaim>(claim) ||
         std::holds_alternative<statement::InferenceClaim>(claim);
}

}  // namespace

// One verification, stage by stage; each stage may rely on those before it.
struct BundleVerifier {
  struct Line {
    std::size_t index = 0;
    const statement::Envelope* envelope = nullptr;
    std::vector<const Bytes*> signatures;  // of every line that repeats this one
    std::vector<const statement::Envelope*> repeated;
    statement::Claim claim;
    Bytes pae;
    crypto::Digest256 pae_sha256{};
  };

  std::span<const statement::Envelope> envelopes;
  Session& session;
  SecondThread second = SecondThread::kNever;
  std::optional<EvidenceAhead> ahead = std::nullopt;
  Checks checks = {};
  std::vector<Line> lines = {};
  std::map<crypto::Digest256, crypto::PublicKey> session_keys = {};
  std::map<crypto::Digest256, crypto::PublicKey> certifier_keys = {};
  std::vector<BundleEvidence> evidence = {};
  std::vector<crypto::Digest256> evidence_pae = {};  // of the line that brought each

  void Pass(std::string_view id, std::string seen, std::string wanted) {
    checks.push_back({std::string(id), CheckVerdict::kPass, std::move(seen), std::move(wanted)});
  }

  // Shape, sizes and what each line says. Nothing is believed yet.
  Status Read() {
    if (envelopes.empty()) return Malformed("bundle.empty", "no statement, want at least one");
    if (envelopes.size() > kMaxLines) {
      return Malformed("bundle.lines",
                       std::to_string(envelopes.size()) + " lines, want at most " + std::to_string(kMaxLines));
    }
    std::size_t bytes = 0;
    for (const auto& envelope : envelopes) bytes += envelope.payload.size();
    if (bytes > kMaxBytes) {
      return Malformed("bundle.size",
                       std::to_string(bytes) + " bytes of statements, want at most " + std::to_string(kMaxBytes));
    }
    if (second == SecondThread::kAlways || (second == SecondThread::kWhereItPays && EvidenceAhead::Pays(envelopes))) {
      ahead.emplace(envelopes, session);
    }
    std::map<std::pair<crypto::Digest256, crypto::Digest256>, std::size_t> seen;
    for (std::size_t i = 0; i < envelopes.size(); ++i) {
      Line line;
      line.index = i;
      line.envelope = &envelopes[i];
      line.pae = statement::Pae(envelopes[i].payload);
      line.pae_sha256 = crypto::Sha256(line.pae);
      const auto [at, is_new] = seen.try_emplace({envelopes[i].key_id, line.pae_sha256}, lines.size());
      if (!is_new) {
        lines[at->second].signatures.push_back(&envelopes[i].signature);
        lines[at->second].repeated.push_back(&envelopes[i]);
        continue;
      }
      line.signatures.push_back(&envelopes[i].signature);
      auto claim = statement::ParseStatement(envelopes[i].payload);
      if (!claim.ok()) return Within(verify::Line(i), claim.error());
      line.claim = std::move(claim).value();
      lines.push_back(std::move(line));
    }
    Pass("bundle.statements", Count(lines.size(), "statement", "statements"), "each well-formed");
    return {};
  }

  // Which key may sign what: session keys come with evidence, certifiers' keys with certifications, and none is both.
  Status CollectKeys() {
    for (const Line& line : lines) {
      const auto* claim = std::get_if<statement::EvidenceClaim>(&line.claim);
      const auto* certification = std::get_if<statement::CertificationClaim>(&line.claim);
      if (claim == nullptr && certification == nullptr) continue;
      auto key = crypto::PublicKey::FromSpki(claim != nullptr ? claim->session_key : certification->certifier_key);
      if (!key.ok()) return Within(verify::Line(line.index), key.error());
      const std::string_view id = claim != nullptr ? "bundle.session_key" : "bundle.certifier_key";
      if (key->id() != line.envelope->key_id) {
        return Untrusted(id, verify::Line(line.index) + " is signed by key " + ShortHex(line.envelope->key_id) +
                                 ", want the key it names, " + ShortHex(key->id()));
      }
      if (claim != nullptr && key->type() != crypto::KeyType::kEcdsaP256) {
        return Unsupported(id, verify::Line(line.index) + " has a session key that is not on P-256");
      }
      (claim != nullptr ? session_keys : certifier_keys).emplace(key->id(), std::move(key).value());
    }
    for (const Line& line : lines) {
      const crypto::Digest256& id = line.envelope->key_id;
      const bool certifies = certifier_keys.contains(id);
      if (certifies && (session_keys.contains(id) || NeedsEvidence(line.claim))) {
        return Untrusted("bundle.key_role", verify::Line(line.index) + " is " +
                                                std::string(statement::ClaimKind(line.claim)) + " signed by key " +
                                                ShortHex(id) + ", which certifies, want keys that do one of the two");
      }
      if (NeedsEvidence(line.claim) && !session_keys.contains(id)) {
        return Untrusted("bundle.no_evidence", verify::Line(line.index) + " is signed by key " + ShortHex(id) +
                                                   ", which has no evidence here");
      }
    }
    Pass("bundle.key_role",
         Count(session_keys.size(), "session key", "session keys") + ", " +
             Count(certifier_keys.size(), "certifier", "certifiers"),
         "no key that is both");
    return {};
  }

  const crypto::PublicKey* KeyOf(const Line& line) const {
    for (const auto* keys : {&session_keys, &certifier_keys}) {
      if (const auto it = keys->find(line.envelope->key_id); it != keys->end()) return &it->second;
    }
    return nullptr;
  }

  Status CheckSignatures() {
    std::size_t good = 0, unknown = 0;
    for (const Line& line : lines) {
      const crypto::PublicKey* key = KeyOf(line);
      if (key == nullptr) {
        // Only a statement of a type that is not ours gets here: CollectKeys refused the others.
        ++unknown;
        continue;
      }
      const Bytes* verified = nullptr;
      for (const Bytes* signature : line.signatures) {
        if (verified != nullptr && *verified == *signature) continue;
        const bool good_signature = key->type() == crypto::KeyType::kEcdsaP256
                                        ? crypto::VerifyDigest(*key, line.pae_sha256, *signature)
                                        : key->Verify(line.pae, *signature);
        if (!good_signature) {
          return Untrusted("bundle.signature",
                           verify::Line(line.index) + " is not signed by key " + ShortHex(key->id()) + " as it says");
        }
        verified = signature;
      }
      ++good;
    }
    std::string seen = Count(good, "good signature", "good signatures");
    if (unknown > 0) seen += ", " + std::to_string(unknown) + " by unknown keys on statements of other types";
    Pass("bundle.signature", std::move(seen), "each statement signed by the key it names");
    return {};
  }

  Status CheckEvidence() {
    if (ahead) ahead->Wait();
    for (const Line& line : lines) {
      const auto* claim = std::get_if<statement::EvidenceClaim>(&line.claim);
      if (claim == nullptr) continue;
      const std::string where = verify::Line(line.index);
      const auto outcome = session.Verify(claim->cmw);
      for (Check check : outcome->checks) {
        check.seen = where + ": " + check.seen;
        checks.push_back(std::move(check));
      }
      if (!outcome->evidence.ok()) return Within(where, outcome->evidence.error());
      ATTESTML_CHECK(CheckBinding(*claim, line.envelope->key_id, *outcome->evidence, where));
      evidence.push_back(
          {line.index, *outcome->evidence, line.envelope->key_id, claim->for_statement, claim->target, claim->nonce});
      evidence_pae.push_back(line.pae_sha256);
    }
    return {};
  }

  Status CheckBinding(const statement::EvidenceClaim& claim, const crypto::Digest256& key_id,
                      const VerifiedEvidence& verified, const std::string& where) {
    const auto nonce = HexDecode(claim.nonce);
    if (!nonce.ok()) return Within(where, nonce.error());
    // spec/binding.md 2: zero stands for "the key itself".
    const crypto::Digest256 target = claim.for_statement ? claim.target : crypto::Digest256{};
    const auto wanted = statement::ReportData(key_id, target, statement::NonceDigest(*nonce));
    if (!verified.facts().has_report_data || verified.report_data() != wanted) {
      return Untrusted("binding.report_data", where + " has report data " + ShortHex(verified.report_data()) +
                                                  ", want " + ShortHex(wanted) + " for this key, target and nonce");
    }
    Pass("binding.report_data", where + ": " + ShortHex(wanted),
         claim.for_statement ? "of the session key and the statement" : "of the session key");
    return {};
  }

  Status CheckPrograms() {
    std::map<crypto::Digest256, const BundleEvidence*> first;
    for (const BundleEvidence& item : evidence) {
      const auto [at, is_new] = first.try_emplace(item.key_id, &item);
      if (is_new) continue;
      if (const auto difference = DescribeDifference(at->second->evidence, item.evidence); !difference.empty()) {
        return Untrusted("bundle.key_two_programs",
                         "key " + ShortHex(item.key_id) + " has evidence for two programs, on " +
                             verify::Line(at->second->index) + " and " + verify::Line(item.index) + ": " + difference);
      }
    }
    Pass("bundle.key_two_programs", Count(first.size(), "session key", "session keys"), "each of one program");
    return {};
  }

  bool AnyTimestamps() const {
    return std::any_of(envelopes.begin(), envelopes.end(), [](const auto& each) { return !each.timestamps.empty(); });
  }

  // A stamp is of one signature; every signature of a line that stands twice has been found good by now.
  Status CheckTimestamps(VerifiedBundle* out) {
    TimestampVerifier verifier(session.time_authorities(), session.collateral());
    for (const Line& line : lines) {
      if (std::holds_alternative<statement::UnknownClaim>(line.claim)) continue;
      LineDates dates{line.index, {}};
      ATTESTML_CHECK(verifier.Verify(line.index, *line.envelope, &dates.stamps, &checks));
      for (const statement::Envelope* envelope : line.repeated) {
        ATTESTML_CHECK(verifier.Verify(line.index, *envelope, &dates.stamps, &checks));
      }
      out->dates_.push_back(std::move(dates));
    }
    return {};
  }

  // The evidence for a line: for that very statement before that for its key, then the one with newer collateral, so
  // that the order of lines decides nothing.
  std::optional<std::size_t> EvidenceFor(const Line& line) const {
    const auto rank = [this](std::size_t i) {
      const BundleEvidence& e = evidence[i];
      return std::make_tuple(e.for_statement, e.evidence.valid_from(), e.evidence.valid_until(), evidence_pae[i]);
    };
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < evidence.size(); ++i) {
      if (evidence[i].key_id != line.envelope->key_id) continue;
      if (evidence[i].for_statement && evidence[i].target != line.pae_sha256) continue;
      if (!best || rank(i) > rank(*best)) best = i;
    }
    return best;
  }

  Status CheckCoverage(VerifiedBundle* out) {
    std::size_t vouched = 0;
    for (Line& line : lines) {
      if (std::holds_alternative<statement::EvidenceClaim>(line.claim)) continue;
      const auto by = EvidenceFor(line);
      if (NeedsEvidence(line.claim)) {
        if (!by) {
          return Untrusted("bundle.no_evidence",
                           verify::Line(line.index) + " has evidence neither for its key nor for itself");
        }
        ++vouched;
      }
      if (const auto* claim = std::get_if<statement::CertificationClaim>(&line.claim)) {
        if (const Status chain = VerifyCertifierChain(*claim, session.time()); !chain.ok()) {
          return Within(verify::Line(line.index), chain.error());
        }
      }
      out->statements_.push_back({line.index, std::move(line.claim), line.envelope->key_id, line.pae_sha256, by});
    }
    Pass("bundle.no_evidence", Count(vouched, "statement has", "statements have") + " evidence", "each that needs it");
    if (!certifier_keys.empty()) {
      Pass("certifier.chain", Count(certifier_keys.size(), "certifier", "certifiers"),
           "consistent chains, or bare keys");
    }
    return {};
  }

  BundleOutcome Run() {
    VerifiedBundle out;
    out.time_ = session.time();
    const auto stages = {
        std::make_pair(
            "bundle.statements", +[](BundleVerifier& v, VerifiedBundle&) { return v.Read(); }),
        std::make_pair(
            "bundle.key_role", +[](BundleVerifier& v, VerifiedBundle&) { return v.CollectKeys(); }),
        std::make_pair(
            "bundle.signature", +[](BundleVerifier& v, VerifiedBundle&) { return v.CheckSignatures(); }),
        std::make_pair(
            "binding.report_data", +[](BundleVerifier& v, VerifiedBundle&) { return v.CheckEvidence(); }),
        std::make_pair(
            "bundle.key_two_programs", +[](BundleVerifier& v, VerifiedBundle&) { return v.CheckPrograms(); }),
        std::make_pair(
            "bundle.timestamp", +[](BundleVerifier& v, VerifiedBundle& b) { return v.CheckTimestamps(&b); }),
        std::make_pair(
            "bundle.no_evidence", +[](BundleVerifier& v, VerifiedBundle& b) { return v.CheckCoverage(&b); }),
    };
    std::optional<Error> failure;
    for (const auto& [id, stage] : stages) {
      if (failure) {
        if (id != std::string_view("bundle.timestamp") || AnyTimestamps()) {
          checks.push_back({id, CheckVerdict::kNotChecked, "", ""});
        }
        continue;
      }
      const Status status = stage(*this, out);
      if (status.ok()) continue;
      failure = status.error();
      // Evidence brings its own list, with the check that failed in it.
      const bool listed = std::any_of(checks.begin(), checks.end(), [&](const Check& check) {
        return check.verdict == CheckVerdict::kFail && check.id == failure->id;
      });
      if (!listed) checks.push_back({failure->id, CheckVerdict::kFail, failure->message, ""});
    }
    if (failure) return {std::move(checks), *failure};
    out.evidence_ = std::move(evidence);
    return {std::move(checks), std::move(out)};
  }
};

BundleOutcome VerifyBundle(std::span<const statement::Envelope> envelopes, Session& session, SecondThread second) {
  return BundleVerifier{.envelopes = envelopes, .session = session, .second = second}.Run();
}

BundleOutcome VerifyBundle(std::span<const statement::Envelope> envelopes,
                           std::span<const evidence::CollateralItem> extra_collateral,
                           std::span<const TrustAnchor> anchors, Time time,
                           std::span<const TimeAuthority> time_authorities) {
  Session session({extra_collateral.begin(), extra_collateral.end()}, {anchors.begin(), anchors.end()}, time, 4096,
                  {time_authorities.begin(), time_authorities.end()});
  return VerifyBundle(envelopes, session, SecondThread::kWhereItPays);
}

}  // namespace attestml::verify
