// Time stamps: a date that is not the prover's, and what is none.
#include "base/hex.h"
#include "crypto/certificate_builder.h"
#include "crypto/timestamp_builder.h"
#include "vectorgen/bundle_cases.h"
#include "vectorgen/test_random.h"

namespace attestml::vectorgen {
namespace {

using statement::Envelope;

Bytes Must(Result<Bytes> bytes) { return std::move(bytes).value(); }

// An authority of two certificates, both deterministic by its name.
struct Stamper {
  explicit Stamper(const std::string& called = "time") : name(called) {
    root = Issue("root", true, root_key.public_key());
    certificate = Issue("authority", false, key.public_key());
  }

  Bytes Issue(const std::string& which, bool is_ca, const crypto::PublicKey& subject) const {
    SeedRandom(name + "/" + which);
    using Extensions = std::vector<crypto::CertificateTemplate::Extension>;
    return Must(crypto::IssueCertificate(
        {.subject = {{"CN", name + " " + which}},
         .issuer = {{"CN", name + " root"}},
         .serial = {static_cast<std::uint8_t>(is_ca ? 1 : 2)},
         .not_before = DaysLater(-400),
         .not_after = DaysLater(4000),
         .is_ca = is_ca,
         .path_length = {},
         .key_usage = {is_ca ? "keyCertSign" : "digitalSignature", is_ca ? "cRLSign" : "digitalSignature"},
         .crl_url = {},
         .extensions = is_ca || !for_stamping ? Extensions{} : Extensions{crypto::TimeStampingUsage()}},
        subject, root_key));
  }

  std::vector<std::string> Stamp(const std::vector<std::string>& lines, Time time) const {
    std::vector<Envelope> envelopes;
    for (const std::string& line : lines) envelopes.push_back(statement::ParseEnvelope(line).value());
    crypto::TimestampTemplate stamp;
    stamp.imprint = statement::TimestampedRoot(envelopes);
    stamp.time = time;
    SeedRandom(name + "/token");
    const Bytes token = Must(crypto::IssueTimestamp(
        stamp, {.certificate = certificate, .key = key, .carried = {certificate, root}, .attested = {}}));
    static_cast<void>(statement::AddTimestamp(token, &envelopes));
    std::vector<std::string> out;
    for (const Envelope& envelope : envelopes) out.push_back(statement::WriteEnvelope(envelope));
    return out;
  }

  std::string Table() const {
    return "\n[[time-authority]]\nname = \"" + name + "\"\nroot = \"sha256:" + HexEncode(root_key.public_key().id()) +
           "\"\n";
  }

  std::string name;
  crypto::PrivateKey root_key = TestKey(name + "/root"), key = TestKey(name + "/authority");
  bool for_stamping = true;
  Bytes root, certificate;
};

std::string Policy(const std::string& as_of, const std::string& authority) {
  return Replaced(HonestPolicy(), "as-of = true\n", "as-of = " + as_of + "\n") + authority;
}

}  // namespace

void AddStampCases(BundleCaseBuilder* b) {
  b->Attack("time stamp that dates nothing");
  const Stamper time;
  const std::vector<std::string> honest = BundleProver().Lines(Story());
  const std::vector<std::string> stamped = time.Stamp(honest, kBundleTime);
  const std::string policy = Policy("\"stamped\"", time.Table());
  const auto add = [&](std::string_view name, std::string_view expect, std::string_view why,
                       const std::vector<std::string>& lines) -> BundleCase& {
    BundleCase& out = b->Add(name, expect, why);
    out.bundles = {Bundle(lines)};
    out.policy = {{policy}};
    return out;
  };
  add("stamp-of-every-line", "accepted", "an authority that the policy names dates all of it", stamped);
  add("stamp-earlier-than-the-time-asked", "accepted", "what existed before existed then", stamped).at = DaysLater(20);
  add("stamp-absent", "rejected policy.as_of", "a prover would choose the time", honest);
  add("stamp-later-than-the-time-asked", "rejected policy.as_of", "it does not show that the bundle existed then",
      time.Stamp(honest, {kBundleTime.unix_seconds + 1}));
  add("stamp-by-a-stranger", "rejected policy.as_of", "anybody can run an authority",
      Stamper("stranger").Stamp(honest, kBundleTime));
  add("stamp-by-a-stranger-and-the-authority", "accepted", "another's word harms nothing",
      Stamper("stranger").Stamp(stamped, DaysLater(-1)));

  auto later = stamped;
  later.front() = honest.front();
  add("stamp-of-all-lines-but-one", "rejected policy.as_of", "a statement made later would be dated by the others",
      later);
  auto later_evidence = stamped;
  later_evidence.back() = honest.back();
  add("stamp-of-all-lines-but-the-evidence", "rejected policy.as_of",
      "a quote made after the TEE was broken would vouch for all of them", later_evidence);
  auto resigned = stamped;
  auto envelope = statement::ParseEnvelope(stamped.front()).value();
  SeedRandom("another signature");
  envelope.signature = BundleProver().key().Sign(statement::Pae(envelope.payload));
  resigned.front() = statement::WriteEnvelope(envelope);
  add("stamp-of-another-signature", "untrusted timestamp.mismatch",
      "what was stamped in time could be signed later, by whoever got the key", resigned);
  auto moved = stamped;
  auto borrower = statement::ParseEnvelope(stamped[0]).value();
  borrower.timestamps = statement::ParseEnvelope(stamped[1]).value().timestamps;
  moved[0] = statement::WriteEnvelope(borrower);
  add("stamp-of-another-line", "untrusted timestamp.mismatch", "one date would do for everything", moved);
  auto damaged = stamped;
  auto flipped = statement::ParseEnvelope(stamped[0]).value();
  flipped.timestamps[0].token.back() ^= 1;
  damaged[0] = statement::WriteEnvelope(flipped);
  add("stamp-flipped", "untrusted timestamp.signature", "anybody could date anything", damaged);
  flipped.timestamps[0].token = {0x30, 0x00};
  damaged[0] = statement::WriteEnvelope(flipped);
  add("stamp-that-is-none", "malformed timestamp.der", "what cannot be read is not passed over", damaged);
  flipped.timestamps[0] = statement::ParseEnvelope(stamped[0]).value().timestamps[0];
  flipped.timestamps[0].path.pop_back();
  damaged[0] = statement::WriteEnvelope(flipped);
  add("stamp-with-a-path-cut-short", "malformed envelope.timestamp", "an inner node would pass for a line", damaged);

  Stamper other_use("time");
  other_use.for_stamping = false;
  other_use.certificate = other_use.Issue("authority", false, other_use.key.public_key());
  add("stamp-by-a-certificate-for-something-else", "untrusted timestamp.signer",
      "whoever has any certificate of the authority's root would be one", other_use.Stamp(honest, kBundleTime));
  add("stamp-by-an-authority-past-its-days", "untrusted timestamp.validity", "an old key would date things for ever",
      time.Stamp(honest, DaysLater(-401)));
  SeedRandom("time/crl");
  const crypto::CrlTemplate crl{.issuer = {{"CN", "time root"}},
                                .this_update = DaysLater(100),
                                .next_update = DaysLater(130),
                                .revoked_serials = {{2}},
                                .extensions = {}};
  add("stamp-by-an-authority-revoked-since", "rejected policy.as_of", "whoever has its key dates as it likes", stamped)
      .collateral = {{"time.crl", Must(crypto::IssueCrl(crl, time.root_key))}};
  add("stamp-by-a-banned-authority", "rejected policy.as_of", "a policy's ban would be ignored", stamped).policy = {
      {Replaced(policy, "as-of = \"stamped\"\n",
                "as-of = \"stamped\"\nbanned-certificates = [\"sha256:" + HexEncode(crypto::Sha256(time.certificate)) +
                    "\"]\n")}};
  add("stamp-under-another-policy", "rejected policy.as_of", "an authority may stamp carelessly under some policies",
      stamped)
      .policy = {{policy + "policies = [\"1.2.3\"]\n"}};
  add("stamp-under-its-policy", "accepted", "it is the one that was asked for", stamped).policy = {
      {policy + "policies = [\"1.2.3.4\"]\n"}};
  add("stamp-where-no-earlier-time-counts", "rejected policy.as_of", "a policy that wants to know what holds now",
      stamped)
      .policy = {{Policy("false", time.Table())}};
  add("stamp-of-a-revoked-platform", "untrusted sgx.revocation.pck", "a date would outlive a revocation", stamped)
      .collateral = [] {
    auto revoked = Platform("prover", DaysLater(100));
    revoked.pck_crl.crl.revoked_serials = {revoked.pck.certificate.serial};
    return std::vector<evidence::CollateralItem>{{"pck.crl", tee::IssueCollateral(revoked).value().pck_crl}};
  }();
  add("stamp-authority-without-a-root", "none usage policy.missing", "nobody's word would be taken", stamped).policy = {
      {policy + "\n[[time-authority]]\nname = \"nobody\"\n"}};
  add("stamp-authority-twice", "none usage policy.duplicate", "one of two entries would be ignored", stamped).policy = {
      {policy + time.Table()}};
  add("stamp-policies-that-are-empty", "none usage policy.value", "an empty list would allow every policy", stamped)
      .policy = {{policy + "policies = []\n"}};
  add("stamp-asked-for-in-another-word", "none usage policy.value", "a typo would be taken for a yes", stamped)
      .policy = {{Policy("\"stamp\"", time.Table())}};
}

}  // namespace attestml::vectorgen
