// Documents of a simulated hypervisor, each with one thing wrong that AWS' own would not do.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/hex.h"
#include "crypto/certificate.h"
#include "evidence/nitro/cbor.h"
#include "evidence/nitro/document.h"
#include "tee/nitro_authority.h"
#include "verify/evidence.h"

namespace attestml {
namespace {

using evidence::CollateralItem;
using tee::NitroAuthority;
using tee::NitroCertificates;
using verify::EvidenceOutcome;

constexpr Time kNow{1790000000};
constexpr std::int64_t kDay = 86400;
Time Later(std::int64_t seconds) { return Time{kNow.unix_seconds + seconds}; }

const tee::NitroKeys& Keys() {
  static const tee::NitroKeys keys = tee::NitroKeys::Generate();
  return keys;
}

EvidenceOutcome Judge(const Bytes& document, const std::vector<CollateralItem>& extra = {}, Time time = kNow) {
  evidence::EvidencePackage package;
  package.evidence = document;
  const verify::TrustAnchor anchors[] = {{"simulated", Keys().root.public_key().id(), true, verify::Vendor::kAws}};
  return VerifyEvidence(package, extra, anchors, time);
}

std::string Verdict(const EvidenceOutcome& outcome) {
  return outcome.evidence.ok() ? "verified" : outcome.evidence.error().id;
}

NitroCertificates Certificates(const NitroAuthority& authority) {
  auto out = IssueNitroCertificates(authority);
  EXPECT_TRUE(out.ok());
  return out.ok() ? *std::move(out) : NitroCertificates{};
}

Bytes Document(const NitroAuthority& authority) {
  const auto package = IssueNitroEvidence(authority);
  EXPECT_TRUE(package.ok());
  return package.ok() ? package->evidence : Bytes{};
}

using Bend = std::function<void(NitroAuthority&)>;
NitroAuthority Bent(const Bend& bend) {
  NitroAuthority authority = NitroAuthority::Create(Keys(), kNow);
  if (bend) bend(authority);
  return authority;
}
std::string VerdictOn(const Bend& bend, Time time = kNow) { return Verdict(Judge(Document(Bent(bend)), {}, time)); }

// The document of these certificates: what the hypervisor would have signed with another chain.
Bytes DocumentWith(const NitroAuthority& authority, const Bytes& leaf, const std::vector<Bytes>& cabundle) {
  return EncodeNitroDocument(authority, EncodeNitroPayload(authority, leaf, cabundle));
}

TEST(NitroRules, AnHonestDocument) {
  NitroAuthority authority = Bent([](NitroAuthority& a) {
    a.user_data = Bytes{1, 2, 3};
    a.public_key = Bytes{4};
    a.nonce = Bytes{5, 6};
    a.tagged = true;
  });
  const auto outcome = Judge(Document(authority));
  ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
  const auto& evidence = *outcome.evidence;
  EXPECT_EQ(evidence.tee(), "simulated-nitro");
  EXPECT_TRUE(evidence.simulated());
  EXPECT_FALSE(evidence.debug());
  EXPECT_EQ(evidence.root(), Keys().root.public_key().id());
  EXPECT_EQ(evidence.measurement(), authority.pcrs[0]);
  EXPECT_EQ(evidence.report_data()[2], 3);
  EXPECT_EQ(evidence.report_data()[3], 0);
  EXPECT_TRUE(evidence.facts().has_report_data);
  EXPECT_EQ(evidence.facts().nonce, (Bytes{5, 6}));
  EXPECT_EQ(evidence.facts().made_at, kNow);
  EXPECT_TRUE(evidence.facts().hazards.empty());
  std::vector<std::string> names;
  for (const auto& one : evidence.facts().registers) names.push_back(one.name);
  for (const char* name : {"pcr1", "pcr2", "pcr15", "module_id", "user_data", "public_key"}) {
    EXPECT_EQ(std::count(names.begin(), names.end(), name), 1) << name;
  }
  EXPECT_EQ(evidence.valid_from(), kNow);
  EXPECT_EQ(evidence.valid_until(), Later(3 * 3600));
}

TEST(NitroRules, UserDataOfMoreThan64BytesBindsNothing) {
  for (const std::size_t size : {0, 64, 65, 512}) {
    const auto outcome = Judge(Document(Bent([&](NitroAuthority& a) { a.user_data = Bytes(size, 7); })));
    ASSERT_TRUE(outcome.evidence.ok());
    EXPECT_EQ(outcome.evidence->facts().has_report_data, size <= 64) << size;
    EXPECT_EQ(outcome.evidence->report_data()[0], size == 64 ? 7 : 0) << size;
  }
  EXPECT_FALSE(Judge(Document(Bent({}))).evidence->facts().has_report_data);
}

TEST(NitroRules, ZeroRegistersAreDebugMode) {
  EXPECT_FALSE(Judge(Document(Bent({}))).evidence->debug());
  const auto zero = [](std::vector<unsigned> which) {
    return Judge(Document(Bent([&](NitroAuthority& a) {
      for (unsigned index : which) a.pcrs[index] = Bytes(48, 0);
    })));
  };
  EXPECT_TRUE(zero({0, 1, 2}).evidence->debug());
  for (unsigned index : {0U, 1U, 2U}) EXPECT_TRUE(zero({index}).evidence->debug()) << index;
  EXPECT_FALSE(zero({3, 4, 8}).evidence->debug());
}

// The path is searched for, so AWS' order, its reverse and repetitions come to the same. What is missing is missing.
TEST(NitroRules, OrderOfTheBundlePlaysNoPart) {
  const NitroAuthority authority = Bent({});
  const NitroCertificates made = Certificates(authority);
  std::vector<Bytes> bundle = made.Cabundle();
  std::sort(bundle.begin(), bundle.end());
  do {
    EXPECT_EQ(Verdict(Judge(DocumentWith(authority, made.enclave, bundle))), "verified");
  } while (std::next_permutation(bundle.begin(), bundle.end()));
  bundle.push_back(made.zonal);
  bundle.push_back(made.enclave);
  EXPECT_EQ(Verdict(Judge(DocumentWith(authority, made.enclave, bundle))), "verified");
  for (std::size_t missing = 0; missing < 4; ++missing) {
    std::vector<Bytes> some = made.Cabundle();
    some.erase(some.begin() + static_cast<std::ptrdiff_t>(missing));
    EXPECT_EQ(Verdict(Judge(DocumentWith(authority, made.enclave, some))), "nitro.chain") << missing;
    // Certificates beside the document make no path for it.
    EXPECT_EQ(Verdict(Judge(DocumentWith(authority, made.enclave, some), {{"it", made.Cabundle()[missing]}})),
              "nitro.chain");
  }
}

TEST(NitroRules, Leaf) {
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) { a.enclave.certificate.is_ca = true; }), "nitro.leaf");
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) { a.enclave.certificate.path_length = 0; }), "nitro.leaf");
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) { a.enclave.certificate.key_usage = {"nonRepudiation"}; }), "nitro.leaf");
  EXPECT_EQ(
      VerdictOn([](NitroAuthority& a) { a.enclave.key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256); }),
      "nitro.leaf");
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) {
              a.enclave.certificate.extensions = {{"1.2.3.4", true, {0x05, 0x00}}};
            }),
            "nitro.chain");
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) {
              a.enclave.certificate.extensions = {{"1.2.3.4", false, {0x05, 0x00}}};
            }),
            "verified");
}

// A key on a curve that nobody here knows, a point in another form, bytes after the certificate, and noise: an error,
// not the end of the process.
TEST(NitroRules, CertificatesThatCannotBeRead) {
  const NitroAuthority authority = Bent({});
  const NitroCertificates made = Certificates(authority);
  const auto patched = [](Bytes der, std::string_view from, std::string_view to) {
    const Bytes a = HexDecode(from).value();
    const Bytes b = HexDecode(to).value();
    const auto at = std::search(der.begin(), der.end(), a.begin(), a.end());
    EXPECT_NE(at, der.end());
    std::copy(b.begin(), b.end(), at);
    return der;
  };
  const auto verdict = [&](const Bytes& leaf) {
    return Verdict(Judge(DocumentWith(authority, leaf, made.Cabundle())));
  };
  EXPECT_EQ(verdict(patched(made.enclave, "06052b81040022", "06052b81040023")), "nitro.leaf");  // secp521r1
  EXPECT_EQ(verdict(patched(made.enclave, "03620004", "03620006")), "nitro.leaf");              // hybrid form
  Bytes longer = made.enclave;
  longer.push_back(0);
  EXPECT_EQ(verdict(longer), "nitro.leaf.der");
  EXPECT_EQ(verdict(Bytes(100, 0x30)), "nitro.leaf.der");
  for (const Bytes& bad : {longer, Bytes{1}, Bytes(1024, 0xff)}) {
    std::vector<Bytes> bundle = made.Cabundle();
    bundle.push_back(bad);
    EXPECT_EQ(Verdict(Judge(DocumentWith(authority, made.enclave, bundle))), "nitro.chain.der");
  }
  std::vector<Bytes> bundle = made.Cabundle();
  bundle[2] = patched(bundle[2], "06052b81040022", "06052b81040023");
  EXPECT_EQ(Verdict(Judge(DocumentWith(authority, made.enclave, bundle))), "nitro.chain");
}

TEST(NitroRules, Authorities) {
  for (const auto at :
       {&NitroAuthority::root, &NitroAuthority::regional, &NitroAuthority::zonal, &NitroAuthority::instance}) {
    EXPECT_EQ(VerdictOn([&](NitroAuthority& a) { (a.*at).certificate.is_ca = false; }), "nitro.chain");
    EXPECT_EQ(VerdictOn([&](NitroAuthority& a) { (a.*at).certificate.key_usage = {"digitalSignature"}; }),
              "nitro.chain");
    EXPECT_EQ(VerdictOn([&](NitroAuthority& a) {
                (a.*at).certificate.extensions = {{"2.5.29.30", true, {0x30, 0x00}}};  // name constraints
              }),
              "nitro.chain");
    EXPECT_EQ(VerdictOn([&](NitroAuthority& a) { (a.*at).certificate.subject = {{"CN", "another"}}; }), "nitro.chain");
    EXPECT_EQ(VerdictOn([&](NitroAuthority& a) {
                (a.*at).issuer = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384);
              }),
              "nitro.chain");
  }
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) { a.regional.certificate.path_length = 1; }), "nitro.chain");
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) { a.zonal.certificate.path_length = 0; }), "nitro.chain");
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) { a.root.certificate.path_length = 2; }), "nitro.chain");
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) { a.root.certificate.path_length = 3; }), "verified");
}

// A complete vendor of its own, name for name, with and without the trusted root beside it.
TEST(NitroRules, LookAlikes) {
  const tee::NitroKeys stranger_keys = tee::NitroKeys::Generate();
  const NitroAuthority stranger = NitroAuthority::Create(stranger_keys, kNow);
  EXPECT_EQ(Verdict(Judge(Document(stranger))), "nitro.chain");
  const NitroCertificates theirs = Certificates(stranger);
  const Bytes root = Certificates(Bent({})).root;
  std::vector<Bytes> bundle = theirs.Cabundle();
  bundle[0] = root;
  EXPECT_EQ(Verdict(Judge(DocumentWith(stranger, theirs.enclave, bundle))), "nitro.chain");
  bundle.push_back(theirs.root);
  EXPECT_EQ(Verdict(Judge(DocumentWith(stranger, theirs.enclave, bundle))), "nitro.chain");
  // The leaf of one enclave issues nothing for another.
  const NitroCertificates ours = Certificates(Bent({}));
  NitroAuthority forged = Bent([](NitroAuthority& a) {
    a.enclave.issuer = a.enclave.key;
    a.enclave.certificate.issuer = a.enclave.certificate.subject;
    a.enclave.certificate.subject = {{"CN", "another"}};
  });
  std::vector<Bytes> with_leaf = ours.Cabundle();
  with_leaf.push_back(ours.enclave);
  EXPECT_EQ(Verdict(Judge(DocumentWith(forged, Certificates(forged).enclave, with_leaf))), "nitro.chain");
}

TEST(NitroRules, ValidityAtTheOneTime) {
  EXPECT_EQ(VerdictOn({}, Later(0)), "verified");
  EXPECT_EQ(VerdictOn({}, Later(3 * 3600)), "verified");
  EXPECT_EQ(VerdictOn({}, Later(-1)), "nitro.validity");
  EXPECT_EQ(VerdictOn({}, Later(3 * 3600 + 1)), "nitro.validity");
  for (const auto at :
       {&NitroAuthority::root, &NitroAuthority::regional, &NitroAuthority::zonal, &NitroAuthority::instance}) {
    EXPECT_EQ(VerdictOn([&](NitroAuthority& a) { (a.*at).certificate.not_after = Later(-1); }), "nitro.validity");
    EXPECT_EQ(VerdictOn([&](NitroAuthority& a) { (a.*at).certificate.not_before = Later(1); }), "nitro.validity");
  }
}

TEST(NitroRules, SaysWhichCertificateIsNotValid) {
  const auto outcome = Judge(Document(Bent([](NitroAuthority& a) {
    a.zonal.certificate.subject = a.instance.certificate.issuer = {{"CN", "the zone's"}};
    a.zonal.certificate.not_after = Later(-1);
  })));
  ASSERT_EQ(Verdict(outcome), "nitro.validity");
  EXPECT_EQ(outcome.evidence.error().message,
            "certificate the zone's expired on " + FormatTime(Later(-1)) + ", checked at " + FormatTime(kNow));
}

TEST(NitroRules, Signature) {
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) { a.signer = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP384); }),
            "nitro.signature");
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) { a.signer = a.instance.key; }), "nitro.signature");
  // Signed without COSE's structure around the payload, or over another.
  const NitroAuthority authority = Bent({});
  const NitroCertificates made = Certificates(authority);
  const Bytes payload = EncodeNitroPayload(authority, made.enclave, made.Cabundle());
  const Bytes document = EncodeNitroDocument(authority, payload);
  const auto with_signature_over = [&](const Bytes& message) {
    Bytes out = document;
    const Bytes signature = authority.signer.SignRaw(message);
    std::copy(signature.begin(), signature.end(), out.end() - 96);
    return Verdict(Judge(out));
  };
  EXPECT_EQ(with_signature_over(evidence::nitro::SigStructure(authority.protected_header, payload)), "verified");
  EXPECT_EQ(with_signature_over(payload), "nitro.signature");
  EXPECT_EQ(with_signature_over(evidence::nitro::SigStructure({}, payload)), "nitro.signature");
  EXPECT_EQ(with_signature_over({}), "nitro.signature");
}

TEST(NitroRules, Timestamp) {
  const auto at = [](std::int64_t milliseconds) {
    return VerdictOn(
        [&](NitroAuthority& a) { a.timestamp = static_cast<std::uint64_t>(kNow.unix_seconds * 1000 + milliseconds); });
  };
  EXPECT_EQ(at(0), "verified");
  EXPECT_EQ(at(-1), "nitro.timestamp");
  EXPECT_EQ(at(3 * 3600 * 1000 + 999), "verified");
  EXPECT_EQ(at((3 * 3600 + 1) * 1000), "nitro.timestamp");
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) { a.timestamp = 1; }), "nitro.timestamp");
  EXPECT_EQ(VerdictOn([](NitroAuthority& a) { a.timestamp = 0; }), "nitro.document.timestamp");
}

// AWS has no CRL looked at; one that a relying party holds counts all the same, whatever its date.
class NitroRevocation : public ::testing::Test {
 protected:
  Bytes Crl(const NitroAuthority::Certified& authority, const Bytes& serial, Time this_update = Later(-100)) {
    crypto::CrlTemplate crl{.issuer = authority.certificate.subject,
                            .this_update = this_update,
                            .next_update = Time{this_update.unix_seconds + kDay},
                            .revoked_serials = {serial},
                            .extensions = extensions_};
    const auto der = crypto::IssueCrl(crl, authority.key);
    EXPECT_TRUE(der.ok());
    return der.ok() ? *der : Bytes{};
  }
  std::string With(const std::vector<CollateralItem>& items) { return Verdict(Judge(Document(authority_), items)); }

  NitroAuthority authority_ = Bent({});
  std::vector<crypto::CertificateTemplate::Extension> extensions_;
};

TEST_F(NitroRevocation, OfEachCertificate) {
  const std::pair<const NitroAuthority::Certified*, const NitroAuthority::Certified*> links[] = {
      {&authority_.root, &authority_.regional},
      {&authority_.regional, &authority_.zonal},
      {&authority_.zonal, &authority_.instance},
      {&authority_.instance, &authority_.enclave}};
  for (const auto& [issuer, subject] : links) {
    const Bytes& serial = subject->certificate.serial;
    EXPECT_EQ(With({{"crl", Crl(*issuer, {1})}}), "verified");
    EXPECT_EQ(With({{"crl", Crl(*issuer, serial)}}), "nitro.revocation");
    EXPECT_EQ(With({{"old", Crl(*issuer, serial, Later(-1000 * kDay))}}), "nitro.revocation");
    EXPECT_EQ(With({{"future", Crl(*issuer, serial, Later(1000 * kDay))}}), "nitro.revocation");
    EXPECT_EQ(With({{"good", Crl(*issuer, {1})}, {"crl", Crl(*issuer, serial)}}), "nitro.revocation");
    // Another authority's, and a forgery in this one's name, say nothing.
    for (const auto& [other, ignored] : links) {
      if (other == issuer) continue;
      EXPECT_EQ(With({{"crl", Crl(*other, serial)}}), "verified");
      NitroAuthority::Certified forger = *issuer;
      forger.key = other->key;
      EXPECT_EQ(With({{"crl", Crl(forger, serial)}}), "verified");
    }
  }
}

TEST_F(NitroRevocation, BarsTheKey) {
  NitroAuthority again = authority_;
  again.enclave.certificate.serial = {0x11};
  const Bytes document = Document(again);
  const CollateralItem crl{"crl", Crl(authority_.instance, authority_.enclave.certificate.serial)};
  EXPECT_EQ(Verdict(Judge(document, {crl})), "verified");  // nothing ties the serial to this key
  EXPECT_EQ(Verdict(Judge(document, {crl, {"revoked", Certificates(authority_).enclave}})), "nitro.revocation");
  // The document's own bundle tells it as well.
  const NitroCertificates made = Certificates(again);
  std::vector<Bytes> bundle = made.Cabundle();
  bundle.push_back(Certificates(authority_).enclave);
  EXPECT_EQ(Verdict(Judge(DocumentWith(again, made.enclave, bundle), {crl})), "nitro.revocation");
  // The same certificate, made by somebody else, ties nothing.
  NitroAuthority forged = authority_;
  forged.enclave.issuer = authority_.zonal.key;
  EXPECT_EQ(Verdict(Judge(document, {crl, {"forged", Certificates(forged).enclave}})), "verified");
}

TEST_F(NitroRevocation, WhatCannotBeReadIsRefused) {
  extensions_ = {{"1.2.3.4", true, {0x05, 0x00}}};
  EXPECT_EQ(With({{"crl", Crl(authority_.instance, {1})}}), "crl.extension");
  extensions_ = {};
  extensions_ = {{"1.2.3.4", false, Bytes(crypto::Crl::kMaxSize, 0)}};
  EXPECT_EQ(With({{"crl", Crl(authority_.instance, {1})}}), "nitro.crl.size");
  EXPECT_EQ(With({{"crl", Crl(Bent([](NitroAuthority& a) {
                                a.root.certificate.subject = {{"CN", "x"}};
                              }).root,
                              {1})}}),
            "verified");  // of no authority of the path
  extensions_ = {};
  std::vector<CollateralItem> many;
  for (std::uint8_t i = 1; i <= 127; ++i) {
    many.push_back({"crl", Crl(authority_.root, {i})});
    many.push_back({"crl", Crl(authority_.root, {1, i})});
  }
  EXPECT_EQ(With(many), "nitro.collateral.count");
}

// The report lists every check, stops at the first failure, and shows what an unverified document says.
TEST(NitroRules, Report) {
  const auto good = Judge(Document(Bent({})));
  const std::vector<std::string> ids = {"nitro.document.format", "nitro.leaf",      "nitro.chain",     "nitro.validity",
                                        "nitro.signature",       "nitro.timestamp", "nitro.revocation"};
  ASSERT_EQ(good.checks.size(), ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(good.checks[i].id, ids[i]);
  const auto late = Judge(Document(Bent({})), {}, Later(kDay));
  for (std::size_t i = 0; i < ids.size(); ++i) {
    EXPECT_EQ(late.checks[i].verdict, i < 3    ? verify::CheckVerdict::kPass
                                      : i == 3 ? verify::CheckVerdict::kFail
                                               : verify::CheckVerdict::kNotChecked);
  }
  ASSERT_TRUE(late.facts);
  EXPECT_EQ(late.facts->measurement.size(), 48U);
}

}  // namespace
}  // namespace attestml
