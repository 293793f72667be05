#include "verify/chain.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "crypto/certificate_builder.h"

namespace attestml::verify {
namespace {

using crypto::Certificate;
using crypto::CertificateTemplate;
using crypto::PrivateKey;

constexpr Time kNow{1790000000};
constexpr std::int64_t kDay = 86400;

// A family of keys, and certificates between them by name.
class ChainTest : public testing::Test {
 protected:
  static PrivateKey NewKey() { return PrivateKey::Generate(crypto::KeyType::kEcdsaP256); }

  CertificateTemplate Template(const std::string& subject, const std::string& issuer) {
    CertificateTemplate t;
    t.subject = {{"CN", subject}};
    t.issuer = {{"CN", issuer}};
    t.serial = {0x01, static_cast<std::uint8_t>(serial_ >> 8), static_cast<std::uint8_t>(serial_)};
    ++serial_;
    t.not_before = {kNow.unix_seconds - kDay};
    t.not_after = {kNow.unix_seconds + kDay};
    return t;
  }
  CertificateTemplate Authority(const std::string& subject, const std::string& issuer) {
    CertificateTemplate t = Template(subject, issuer);
    t.is_ca = true;
    t.key_usage = {"keyCertSign"};
    return t;
  }
  static Bytes Der(const CertificateTemplate& t, const PrivateKey& key, const PrivateKey& signer) {
    auto der = crypto::IssueCertificate(t, key.public_key(), signer);
    EXPECT_TRUE(der.ok());
    return *der;
  }
  const Certificate* Add(const CertificateTemplate& t, const PrivateKey& key, const PrivateKey& signer) {
    const auto added = pool_.Add(Der(t, key, signer));
    EXPECT_TRUE(added.ok());
    return added.ok() ? *added : nullptr;
  }
  // The names on the path below the root, "" when there is none.
  std::string Path(const Certificate* leaf, Time time = kNow) {
    const TrustAnchor anchors[] = {{.name = "test", .key_id = root_.public_key().id(), .simulated = true}};
    PathBuilder builder(pool_, anchors);
    const auto path = builder.Build(*leaf, time, "x");
    if (!path.ok()) {
      EXPECT_EQ(path.error().id, "x");
      return "";
    }
    EXPECT_EQ(path->anchor->name, "test");
    std::string out;
    for (const Certificate* certificate : path->certificates) out += certificate->common_name() + " ";
    return out + (path->window.Contains(time) ? "in time" : "not in time");
  }

  PrivateKey root_ = NewKey(), ca_ = NewKey(), leaf_ = NewKey();
  CertificatePool pool_;
  unsigned serial_ = 1;
};

TEST_F(ChainTest, PoolHoldsEachOnceAndNotTooMany) {
  const Bytes first = Der(Template("a", "b"), leaf_, ca_);
  const auto added = pool_.Add(first);
  ASSERT_TRUE(added.ok());
  for (int i = 1; i < 128; ++i) ASSERT_TRUE(pool_.Add(Der(Template("a", "b"), leaf_, ca_)).ok());
  EXPECT_EQ(pool_.certificates().size(), 128U);
  const Bytes another = Der(Template("a", "b"), leaf_, ca_);
  EXPECT_EQ(pool_.Add(another).error().id, "chain.count");
  EXPECT_EQ(pool_.Add(Certificate::FromDer(another).value()).error().id, "chain.count");
  EXPECT_EQ(pool_.Add(first).value(), *added);
  EXPECT_EQ(pool_.Add(**added).value(), *added);

  CertificatePool sizes;
  CertificateTemplate large = Template("a", "b");
  large.extensions = {{"1.2.3.4", false, Bytes(8192)}};
  const Bytes der = Der(large, leaf_, ca_);
  const std::string want = "certificate of " + std::to_string(der.size()) + " bytes, want at most 8192";
  EXPECT_EQ(sizes.Add(der).error().message, want);
  EXPECT_EQ(sizes.Add(Certificate::FromDer(der).value()).error().message, want);
  EXPECT_EQ(sizes.Add(Bytes{0x30, 0x00}).error().id, "cert.der");
}

TEST_F(ChainTest, ByNamesKeysAndSignatures) {
  const Certificate* leaf = Add(Template("leaf", "ca"), leaf_, ca_);
  EXPECT_EQ(Path(leaf), "");
  Add(Authority("root", "root"), root_, root_);
  EXPECT_EQ(Path(leaf), "");
  Add(Authority("ca", "other"), ca_, root_);      // names another issuer
  Add(Authority("CA", "root"), ca_, root_);       // not byte by byte
  Add(Authority("ca", "root"), NewKey(), root_);  // another key
  Add(Authority("ca", "root"), ca_, ca_);         // another's signature
  Add(Template("ca", "root"), ca_, root_);        // no authority
  CertificateTemplate no_signer = Authority("ca", "root");
  no_signer.key_usage = {"cRLSign"};
  Add(no_signer, ca_, root_);
  CertificateTemplate odd = Authority("ca", "root");
  odd.extensions = {{"1.2.3.4", true, {0x05, 0x00}}};
  Add(odd, ca_, root_);
  EXPECT_EQ(Path(leaf), "");
  Add(Authority("ca", "root"), ca_, root_);
  EXPECT_EQ(Path(leaf), "leaf ca in time");

  CertificateTemplate critical = Template("critical", "ca");
  critical.extensions = {{"1.2.3.4", true, {0x05, 0x00}}};
  EXPECT_EQ(Path(Add(critical, leaf_, ca_)), "");
}

TEST_F(ChainTest, RootsHavePathLengths) {
  const Certificate* leaf = Add(Template("leaf", "root"), leaf_, root_);
  CertificateTemplate zero = Authority("root", "root");
  zero.path_length = 0;
  Add(zero, root_, root_);
  EXPECT_EQ(Path(leaf), "leaf in time");
  // Under a root that has no room for one, an authority is none.
  const Certificate* below = Add(Template("below", "ca"), leaf_, ca_);
  Add(Authority("ca", "root"), ca_, root_);
  EXPECT_EQ(Path(below), "");
  Add(Authority("root", "root"), root_, root_);
  EXPECT_EQ(Path(below), "below ca in time");
}

TEST_F(ChainTest, TheRootThatIsNotSelfSignedIsNone) {
  const Certificate* leaf = Add(Template("leaf", "root"), leaf_, root_);
  Add(Authority("root", "elsewhere"), root_, root_);  // not of itself
  EXPECT_EQ(Path(leaf), "");
  Add(Authority("root", "root"), root_, ca_);  // not signed by itself
  EXPECT_EQ(Path(leaf), "");
  Add(Template("root", "root"), root_, root_);  // no authority
  EXPECT_EQ(Path(leaf), "");
  CertificateTemplate negative = Authority("root", "root");
  negative.path_length = -1;
  Add(negative, root_, root_);
  EXPECT_EQ(Path(leaf), "");
  // The root's key, and another's signature on the leaf.
  Add(Authority("root", "root"), root_, root_);
  EXPECT_EQ(Path(Add(Template("forged", "root"), leaf_, ca_)), "");
  EXPECT_EQ(Path(leaf), "leaf in time");
}

TEST_F(ChainTest, PathLengths) {
  Add(Authority("root", "root"), root_, root_);
  const PrivateKey keys[] = {NewKey(), NewKey(), NewKey(), NewKey()};
  const auto authority = [&](const std::string& name, std::size_t i, std::optional<long> length) {
    CertificateTemplate t = Authority(name + std::to_string(i), i == 0 ? "root" : name + std::to_string(i - 1));
    t.path_length = length;
    Add(t, keys[i], i == 0 ? root_ : keys[i - 1]);
  };
  const auto leaf = [&](const std::string& name, std::size_t i) {
    return Path(Add(Template("leaf", name + std::to_string(i)), leaf_, keys[i]));
  };
  authority("a", 0, 1);
  authority("a", 1, 0);
  EXPECT_EQ(leaf("a", 1), "leaf a1 a0 in time");
  authority("b", 0, 0);
  authority("b", 1, 0);
  EXPECT_EQ(leaf("b", 1), "");
  // Three authorities and no more.
  for (std::size_t i = 0; i < 4; ++i) authority("c", i, std::nullopt);
  EXPECT_EQ(leaf("c", 2), "leaf c2 c1 c0 in time");
  EXPECT_EQ(leaf("c", 3), "");
}

TEST_F(ChainTest, OneThatIsValidWins) {
  Add(Authority("root", "root"), root_, root_);
  const Certificate* leaf = Add(Template("leaf", "ca"), leaf_, ca_);
  CertificateTemplate expired = Authority("ca", "root");
  expired.not_after = {kNow.unix_seconds - 1};
  Add(expired, ca_, root_);
  EXPECT_EQ(Path(leaf), "leaf ca not in time");
  Add(Authority("ca", "root"), ca_, root_);
  EXPECT_EQ(Path(leaf), "leaf ca in time");
  CertificateTemplate early = Template("early", "ca");
  early.not_before = {kNow.unix_seconds + 1};
  EXPECT_EQ(Path(Add(early, leaf_, ca_)), "early ca not in time");
}

TEST_F(ChainTest, RootsCountInTheWindow) {
  CertificateTemplate root = Authority("root", "root");
  root.not_after = {kNow.unix_seconds - 1};
  Add(root, root_, root_);
  const Certificate* leaf = Add(Template("leaf", "root"), leaf_, root_);
  EXPECT_EQ(Path(leaf), "leaf not in time");
  Add(Authority("root", "root"), root_, root_);
  EXPECT_EQ(Path(leaf), "leaf in time");
}

TEST_F(ChainTest, CirclesAndFloodsEnd) {
  const Certificate* leaf = Add(Template("leaf", "a"), leaf_, ca_);
  const PrivateKey other = NewKey();
  Add(Authority("a", "b"), ca_, other);
  Add(Authority("b", "a"), other, ca_);
  EXPECT_EQ(Path(leaf), "");
  Add(Authority("root", "root"), root_, root_);
  EXPECT_EQ(Path(leaf), "");
  Add(Authority("b", "root"), other, root_);
  EXPECT_EQ(Path(leaf), "leaf a b in time");
}

// An authority that also certified itself, found first: the path goes through it once and then up.
TEST_F(ChainTest, ACertificateStandsOnceOnAPath) {
  const Certificate* leaf = Add(Template("leaf", "a"), leaf_, ca_);
  Add(Authority("a", "a"), ca_, ca_);
  Add(Authority("a", "root"), ca_, root_);
  Add(Authority("root", "root"), root_, root_);
  EXPECT_EQ(Path(leaf), "leaf a a in time");
}

// Who names two roots means each to speak for itself: that one certified the other makes no path past the other's own
// certificate. Where only the one is named, the other is an authority like any.
TEST_F(ChainTest, ARootIsNoAuthorityBelowAnother) {
  const PrivateKey above = NewKey();
  Add(Authority("above", "above"), above, above);
  Add(Authority("root", "above"), root_, above);
  const Certificate* leaf = Add(Template("leaf", "root"), leaf_, root_);
  const TrustAnchor anchors[] = {{.name = "above", .key_id = above.public_key().id(), .simulated = true},
                                 {.name = "root", .key_id = root_.public_key().id(), .simulated = true}};
  EXPECT_FALSE(PathBuilder(pool_, anchors).Build(*leaf, kNow, "x").ok());
  EXPECT_TRUE(PathBuilder(pool_, std::span(anchors).first(1)).Build(*leaf, kNow, "x").ok());
}

// What a person can do about a missing path depends on why there is none.
TEST_F(ChainTest, SaysWhyThereIsNoPath) {
  const TrustAnchor anchors[] = {{.name = "test", .key_id = root_.public_key().id(), .simulated = true}};
  const auto why = [&](const Certificate* leaf) {
    const auto path = PathBuilder(pool_, anchors).Build(*leaf, kNow, "x");
    return path.ok() ? "" : path.error().message;
  };
  CertificateTemplate critical = Template("critical", "root");
  critical.extensions = {{"1.2.3.4", true, {0x05, 0x00}}};
  Add(Authority("root", "root"), root_, root_);
  EXPECT_EQ(why(Add(critical, leaf_, root_)),
            "certificate CN=critical has the critical extension 1.2.3.4, which is not known");
  const Certificate* leaf = Add(Template("leaf", "other"), leaf_, ca_);
  EXPECT_EQ(why(leaf), "no path from CN=leaf, issued by CN=other, to one of 1 trusted root keys");
  Add(Authority("other", "other"), ca_, ca_);
  EXPECT_EQ(why(leaf), "no path from CN=leaf to a trusted root: root key " + HexEncode(ca_.public_key().id()) +
                           " is not among 1 trusted ones");
}

// Authorities of one name that all could have signed: at most 160 signatures are looked at.
TEST_F(ChainTest, LookalikesAreNotAllTried) {
  Add(Authority("root", "root"), root_, root_);
  const PrivateKey keys[] = {NewKey(), NewKey()};
  const Certificate* leaf = Add(Template("leaf", "ca"), leaf_, ca_);
  for (int i = 0; i < 60; ++i) {
    Add(Authority("ca", "ca"), ca_, keys[0]);
    Add(Authority("ca", "ca"), keys[0], keys[1]);
  }
  EXPECT_EQ(Path(leaf), "");
  // The way out is behind more than that.
  Add(Authority("ca", "root"), ca_, root_);
  EXPECT_EQ(Path(leaf), "");
}

}  // namespace
}  // namespace attestml::verify
