#include "evidence/sgx/pck.h"

#include <gtest/gtest.h>

#include <functional>

#include "crypto/certificate_builder.h"
#include "crypto/der_tree_for_test.h"

namespace attestml::evidence::sgx {
namespace {

using crypto::DerTree;

const Bytes kSgx = {0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01};

DerTree Sequence(std::vector<DerTree> children) { return {crypto::kDerSequence, {}, std::move(children)}; }
DerTree Octets(std::size_t size) { return DerTree::Primitive(crypto::kDerOctetString, Bytes(size, 7)); }
DerTree Number(std::uint8_t tag, std::uint32_t value) {
  Bytes content;
  for (int shift = 24; shift >= 0; shift -= 8) {
    const auto byte = static_cast<std::uint8_t>(value >> shift);
    if (byte != 0 || !content.empty() || shift == 0) content.push_back(byte);
  }
  if ((content[0] & 0x80U) != 0) content.insert(content.begin(), 0);
  return DerTree::Primitive(tag, std::move(content));
}
// SEQUENCE { prefix.n, value }
DerTree Member(Bytes prefix, int n, DerTree value) {
  prefix.push_back(static_cast<std::uint8_t>(n));
  return Sequence({DerTree::Primitive(crypto::kDerOid, std::move(prefix)), std::move(value)});
}
Bytes Under(std::uint8_t n) {
  Bytes out = kSgx;
  out.push_back(n);
  return out;
}

// Members in their order; the TCB's are 1 to 18, the configuration's 1 to 3.
DerTree Extension() {
  std::vector<DerTree> tcb;
  for (std::uint8_t n = 1; n <= 16; ++n) tcb.push_back(Member(Under(2), n, Number(crypto::kDerInteger, n)));
  tcb.push_back(Member(Under(2), 17, Number(crypto::kDerInteger, 0x1234)));
  tcb.push_back(Member(Under(2), 18, Octets(16)));
  std::vector<DerTree> configuration;
  for (std::uint8_t n = 1; n <= 3; ++n) {
    configuration.push_back(Member(Under(7), n, DerTree::Primitive(crypto::kDerBoolean, {0xff})));
  }
  return Sequence({Member(kSgx, 1, Octets(16)), Member(kSgx, 2, Sequence(tcb)), Member(kSgx, 3, Octets(2)),
                   Member(kSgx, 4, Octets(6)), Member(kSgx, 5, Number(crypto::kDerEnumerated, 1)),
                   Member(kSgx, 6, Octets(16)), Member(kSgx, 7, Sequence(configuration))});
}

std::string Refusal(const std::function<void(DerTree&)>& change) {
  DerTree extension = Extension();
  change(extension);
  const auto parsed = ParsePckExtension(extension.Encode());
  if (parsed.ok()) return "";
  EXPECT_EQ(parsed.error().id, "sgx.pck.extension");
  return parsed.error().message;
}
// The value of member i of the extension, of the TCB, of the configuration.
DerTree& Value(DerTree& e, std::size_t i) { return e[i - 1][1]; }
DerTree& Tcb(DerTree& e, std::size_t i) { return e[1][1][i - 1][1]; }
DerTree& Configuration(DerTree& e, std::size_t i) { return e[6][1][i - 1][1]; }

TEST(PckExtension, EveryMember) {
  const auto parsed = ParsePckExtension(Extension().Encode());
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  for (std::size_t i = 0; i < 16; ++i) EXPECT_EQ(parsed->components[i], i + 1);
  EXPECT_EQ(parsed->pce_svn, 0x1234);
  EXPECT_EQ(parsed->cpu_svn[15], 7);
  EXPECT_EQ(parsed->sgx_type, 1);
  ASSERT_TRUE(parsed->platform_instance_id.has_value());
  ASSERT_TRUE(parsed->configuration.has_value());
  // Those that processors add, and those of a platform with one processor.
  EXPECT_EQ(Refusal([](DerTree& e) { e.children.push_back(Member(kSgx, 8, Octets(3))); }), "");
  EXPECT_EQ(Refusal([](DerTree& e) { e.children.resize(5); }), "");
  EXPECT_EQ(Refusal([](DerTree& e) { std::swap(e.children[0], e.children[4]); }), "");
  EXPECT_EQ(Refusal([](DerTree& e) { e.children.push_back(Member({0x2a, 0x03}, 1, Octets(3))); }), "");
}

// A number counts as a member's only as the one octet after the extension's own OID.
TEST(PckExtension, OtherOidsAreNoMembers) {
  const auto passed_over = [](const Bytes& prefix, int n) {
    return Refusal([&](DerTree& e) { e.children.push_back(Member(prefix, n, Octets(3))); }) == "";
  };
  for (std::size_t i = 0; i < kSgx.size(); ++i) {
    Bytes other = kSgx;
    other[i] ^= 1U;
    EXPECT_TRUE(passed_over(other, 1)) << i;
    EXPECT_TRUE(passed_over(Bytes(kSgx.begin(), kSgx.begin() + static_cast<std::ptrdiff_t>(i)), 1)) << i;
  }
  for (std::uint8_t n = 1; n <= 7; ++n) EXPECT_TRUE(passed_over(Under(n), n)) << int{n};
  // Numbers are remembered in 32 bits.
  for (const int n : {32, 33, 34, 37, 65, 0x7f}) EXPECT_TRUE(passed_over(kSgx, n)) << n;
  EXPECT_EQ(Refusal([](DerTree& e) {
              e.children.push_back(Sequence({DerTree::Primitive(crypto::kDerOid, kSgx), Octets(3)}));
            }),
            "");
}

TEST(PckExtension, Shape) {
  const std::string one = "SGX extension is not one SEQUENCE";
  EXPECT_EQ(Refusal([](DerTree& e) { e.tag = 0x31; }), one);
  Bytes longer = Extension().Encode();
  longer.push_back(0);
  EXPECT_EQ(ParsePckExtension(longer).error().message, one);
  EXPECT_EQ(ParsePckExtension({}).error().message, one);
  const std::string member = "a member is not an OID and a value";
  EXPECT_EQ(Refusal([](DerTree& e) { e[0].tag = 0x31; }), member);
  EXPECT_EQ(Refusal([](DerTree& e) { e[0][0].tag = crypto::kDerOctetString; }), member);
  EXPECT_EQ(Refusal([](DerTree& e) { e.children.push_back(Octets(3)); }), member);
  for (std::size_t i = 1; i <= 7; ++i) {
    EXPECT_EQ(Refusal([&](DerTree& e) { e.children.push_back(e[i - 1]); }),
              "member " + std::to_string(i) + " stands twice");
    const std::string malformed = "member " + std::to_string(i) + " is malformed";
    EXPECT_EQ(Refusal([&](DerTree& e) { e[i - 1].children.push_back(Octets(1)); }), malformed);
    EXPECT_EQ(Refusal([&](DerTree& e) { Value(e, i).tag = 0x0c; }), malformed);
    EXPECT_EQ(Refusal([&](DerTree& e) { e[i - 1].children.pop_back(); }), malformed);
    if (i <= 5) {
      EXPECT_EQ(Refusal([&](DerTree& e) { e.children.erase(e.children.begin() + static_cast<std::ptrdiff_t>(i - 1)); }),
                "SGX extension lacks one of PPID, TCB, PCEID, FMSPC, SGX type");
    }
  }
  for (const std::size_t i : {1, 3, 4, 6}) {
    for (const std::size_t size : {0, 1, 15, 17}) {
      EXPECT_EQ(Refusal([&](DerTree& e) { Value(e, i) = Octets(size); }),
                "member " + std::to_string(i) + " is malformed");
    }
  }
  EXPECT_EQ(Refusal([](DerTree& e) { Value(e, 5) = Number(crypto::kDerEnumerated, 255); }), "");
  EXPECT_EQ(Refusal([](DerTree& e) { Value(e, 5) = Number(crypto::kDerEnumerated, 256); }), "member 5 is malformed");
}

TEST(PckExtension, Tcb) {
  const std::string incomplete = "TCB does not hold 16 components, PCESVN and CPUSVN";
  for (std::size_t i = 1; i <= 18; ++i) {
    const std::string malformed = "member " + std::to_string(i) + " is malformed";
    EXPECT_EQ(Refusal([&](DerTree& e) {
                auto& members = e[1][1].children;
                members.erase(members.begin() + static_cast<std::ptrdiff_t>(i - 1));
              }),
              incomplete);
    EXPECT_EQ(Refusal([&](DerTree& e) { e[1][1].children.push_back(e[1][1][i - 1]); }),
              "member " + std::to_string(i) + " stands twice");
    EXPECT_EQ(Refusal([&](DerTree& e) { Tcb(e, i).tag = 0x0c; }), malformed);
    EXPECT_EQ(Refusal([&](DerTree& e) { e[1][1][i - 1].children.pop_back(); }), malformed);
    if (i < 18) {
      const std::uint32_t most = i == 17 ? 0xffff : 0xff;
      EXPECT_EQ(Refusal([&](DerTree& e) { Tcb(e, i) = Number(crypto::kDerInteger, most); }), "");
      EXPECT_EQ(Refusal([&](DerTree& e) { Tcb(e, i) = Number(crypto::kDerInteger, most + 1); }), malformed);
    }
  }
  EXPECT_EQ(Refusal([](DerTree& e) { Tcb(e, 18) = Octets(15); }), "member 18 is malformed");
  for (const int n : {0, 19, 31}) {
    for (const DerTree& value : {Octets(1), Octets(16), Number(crypto::kDerInteger, 1)}) {
      EXPECT_EQ(Refusal([&](DerTree& e) { e[1][1].children.push_back(Member(Under(2), n, value)); }),
                "member " + std::to_string(n) + " is malformed");
    }
  }
}

TEST(PckExtension, Configuration) {
  for (std::size_t i = 1; i <= 3; ++i) {
    EXPECT_EQ(Refusal([&](DerTree& e) { Configuration(e, i).content = {0x00}; }), "");
    EXPECT_EQ(Refusal([&](DerTree& e) { Configuration(e, i).content = {0x01}; }),
              "member " + std::to_string(i) + " is malformed");
    EXPECT_EQ(Refusal([&](DerTree& e) { e[6][1][i - 1].children.pop_back(); }),
              "member " + std::to_string(i) + " is malformed");
  }
  for (const int n : {0, 4}) {
    EXPECT_EQ(Refusal([&](DerTree& e) {
                e[6][1].children.push_back(Member(Under(7), n, DerTree::Primitive(crypto::kDerBoolean, {0xff})));
              }),
              "member " + std::to_string(n) + " is malformed");
  }
}

TEST(PckExtension, OfACertificate) {
  const auto key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  const auto message = [&](int times) {
    crypto::CertificateTemplate t;
    t.subject = t.issuer = {{"CN", "SGX PCK"}};
    t.serial = {1};
    t.not_before = Time{1'700'000'000};
    t.not_after = Time{1'800'000'000};
    for (int i = 0; i < times; ++i)
      t.extensions.push_back({std::string(kPckExtensionOid), false, Extension().Encode()});
    const auto der = IssueCertificate(t, key.public_key(), key);
    EXPECT_TRUE(der.ok());
    const auto extension = PckExtensionOf(crypto::Certificate::FromDer(*der).value());
    if (extension.ok()) return std::string();
    EXPECT_EQ(extension.error().id, "sgx.pck.extension");
    return extension.error().message;
  };
  EXPECT_EQ(message(1), "");
  EXPECT_EQ(message(0), "certificate has no SGX extension, or two");
  EXPECT_EQ(message(2), "certificate has no SGX extension, or two");
}

}  // namespace
}  // namespace attestml::evidence::sgx
