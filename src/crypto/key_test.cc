#include "crypto/key.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "crypto/certificate_builder.h"
#include "crypto/pem.h"

namespace attestml::crypto {
namespace {

// RFC 6979 A.2.5: P-256, SHA-256, message "sample".
constexpr std::string_view kPoint =
    "60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"
    "7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";
constexpr std::string_view kSignature =
    "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
    "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8";
constexpr std::string_view kOrder = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";

TEST(Key, KnownP256Signature) {
  const auto key = PublicKey::FromP256Point(*HexDecode(kPoint));
  ASSERT_TRUE(key.ok());
  const Bytes signature = *HexDecode(kSignature);
  EXPECT_TRUE(key->VerifyRaw(AsBytes("sample"), signature));
  EXPECT_FALSE(key->VerifyRaw(AsBytes("samplE"), signature));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes changed = signature;
    changed[i] ^= 1;
    EXPECT_FALSE(key->VerifyRaw(AsBytes("sample"), changed)) << i;
  }
  // r or s of 0 or n, and lengths that are not 64.
  const Bytes order = *HexDecode(kOrder);
  for (const Bytes& bad : {Bytes(32, 0), order, Bytes(32, 0xff)}) {
    Bytes r = signature;
    std::copy(bad.begin(), bad.end(), r.begin());
    EXPECT_FALSE(key->VerifyRaw(AsBytes("sample"), r));
    Bytes s = signature;
    std::copy(bad.begin(), bad.end(), s.begin() + 32);
    EXPECT_FALSE(key->VerifyRaw(AsBytes("sample"), s));
  }
  EXPECT_FALSE(key->VerifyRaw(AsBytes("sample"), Bytes(63)));
  EXPECT_FALSE(key->VerifyRaw(AsBytes("sample"), Bytes(65)));
  EXPECT_FALSE(key->VerifyRaw(AsBytes("sample"), {}));
}

// RFC 8032 7.1, test 2.
TEST(Key, KnownEd25519Signature) {
  Bytes spki = *HexDecode("302a300506032b65700321003d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  const auto key = PublicKey::FromSpki(spki);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(key->type(), KeyType::kEd25519);
  const Bytes signature = *HexDecode(
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(key->Verify(Bytes{0x72}, signature));
  EXPECT_FALSE(key->Verify(Bytes{0x73}, signature));
  EXPECT_FALSE(key->VerifyRaw(Bytes{0x72}, signature));
}

TEST(Key, PointsThatAreNone) {
  Bytes point = *HexDecode(kPoint);
  EXPECT_FALSE(PublicKey::FromP256Point(Bytes(64, 0)).ok());
  EXPECT_FALSE(PublicKey::FromP256Point(Bytes(64, 0xff)).ok());
  EXPECT_FALSE(PublicKey::FromP256Point(BytesView(point).first(63)).ok());
  point[63] ^= 1;
  EXPECT_EQ(PublicKey::FromP256Point(point).error().id, "key.point");
}

TEST(Key, SpkiIsExact) {
  for (KeyType type : {KeyType::kEcdsaP256, KeyType::kEd25519}) {
    const PrivateKey key = PrivateKey::Generate(type);
    const Bytes spki = key.public_key().spki();
    const auto back = PublicKey::FromSpki(spki);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->id(), Sha256(spki));
    for (std::size_t size = 0; size < spki.size(); ++size) {
      EXPECT_FALSE(PublicKey::FromSpki(BytesView(spki).first(size)).ok()) << size;
    }
    Bytes longer = spki;
    longer.push_back(0);
    EXPECT_FALSE(PublicKey::FromSpki(longer).ok());

    const Bytes signature = key.Sign(AsBytes("message"));
    EXPECT_TRUE(back->Verify(AsBytes("message"), signature));
    EXPECT_FALSE(back->Verify(AsBytes("massage"), signature));
    Bytes tail = signature;
    tail.push_back(0);
    EXPECT_FALSE(back->Verify(AsBytes("message"), tail));
    EXPECT_FALSE(back->Verify(AsBytes("message"), {}));
    for (std::size_t i = 0; i < signature.size(); ++i) {
      Bytes changed = signature;
      changed[i] ^= 1;
      EXPECT_FALSE(back->Verify(AsBytes("message"), changed)) << i;
    }

    const auto from_pem = PublicKey::FromPem(key.public_key().ToPem());
    ASSERT_TRUE(from_pem.ok());
    EXPECT_EQ(from_pem->id(), key.public_key().id());
    const auto private_back = PrivateKey::FromPem(key.ToPem());
    ASSERT_TRUE(private_back.ok());
    EXPECT_EQ(private_back->public_key().id(), key.public_key().id());
    EXPECT_EQ(PrivateKey::FromPem(key.public_key().ToPem()).error().id, "key.pem");
    EXPECT_EQ(PublicKey::FromPem("-----BEGIN PUBLIC KEY-----\n").error().id, "key.pem");
  }
}

TEST(Key, PrivateKeysOfOtherForms) {
  // RFC 6979, A.2.5: its private number, as PKCS #8 with and without the public point.
  const std::string number = "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721";

  const std::string x(kPoint.substr(0, 64)), y(kPoint.substr(64));
  const std::string algorithm = "301306072a8648ce3d020106082a8648ce3d030107";
  const auto pem = [](const std::string& hex) { return DerToPem("PRIVATE KEY", *HexDecode(hex)); };
  const std::string with = "308187020100" + algorithm + "046d306b0201010420" + number + "a14403420004";
  const std::string without = "3041020100" + algorithm + "042730250201010420" + number;
  const auto key = PrivateKey::FromPem(pem(with + x + y));
  ASSERT_TRUE(key.ok()) << key.error().message;
  EXPECT_EQ(HexEncode(BytesView(key->public_key().spki()).last(64)), HexEncode(*HexDecode(x + y)));
  const auto same = PrivateKey::FromPem(pem(without));
  ASSERT_TRUE(same.ok()) << same.error().message;
  EXPECT_EQ(same->public_key().id(), key->public_key().id());
  for (const PrivateKey* signer : {&*key, &*same}) {
    EXPECT_TRUE(key->public_key().Verify(AsBytes("m"), signer->Sign(AsBytes("m"))));
    EXPECT_TRUE(key->public_key().VerifyRaw(AsBytes("m"), signer->SignRaw(AsBytes("m"))));
  }
  // The point of another key, and none at all.
  const PublicKey other = PrivateKey::Generate(KeyType::kEcdsaP256).public_key();
  EXPECT_EQ(PrivateKey::FromPem(pem(with + HexEncode(BytesView(other.spki()).last(64)))).error().id, "key.pem");
  EXPECT_EQ(PrivateKey::FromPem(pem(with + y + x)).error().id, "key.pem");
}

TEST(Key, RawAndDerSignaturesAgree) {
  const PrivateKey key = PrivateKey::Generate(KeyType::kEcdsaP256);
  EXPECT_TRUE(key.public_key().VerifyRaw(AsBytes("m"), key.SignRaw(AsBytes("m"))));
  EXPECT_FALSE(key.public_key().Verify(AsBytes("m"), key.SignRaw(AsBytes("m"))));
}

// Another curve, and P-256 with its parameters written out, are not P-256 by name.
TEST(Key, OtherKeysAreUnsupported) {
  // secp384r1
  Bytes p384 = *HexDecode("3076301006072a8648ce3d020106052b8104002203620004");
  p384.resize(p384.size() + 96, 1);
  EXPECT_EQ(PublicKey::FromSpki(p384).error().id, "key.type");
  // A compressed point.
  Bytes compressed = *HexDecode("3039301306072a8648ce3d020106082a8648ce3d03010703220003");
  compressed.resize(compressed.size() + 32, 1);
  EXPECT_EQ(PublicKey::FromSpki(compressed).error().id, "key.type");
  EXPECT_EQ(PublicKey::FromSpki(Bytes{0x31}).error().id, "key.spki");
}

}  // namespace
}  // namespace attestml::crypto
