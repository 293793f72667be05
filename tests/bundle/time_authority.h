// A time-stamping authority for tests, honest or not.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

#include "crypto/certificate_builder.h"
#include "crypto/timestamp_builder.h"
#include "statement/envelope.h"
#include "verify/timestamps.h"

namespace attestml::bundle_test {

struct Stamper {
  crypto::PrivateKey root_key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  crypto::PrivateKey key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  Time from, until;
  Bytes root, certificate;
  std::string policy = "1.2.3.4";

  explicit Stamper(Time valid_from, Time valid_until) : from(valid_from), until(valid_until) {
    root = Issue("Test TSA root", true, root_key.public_key());
    certificate = Issue("Test TSA", false, key.public_key());
  }

  Bytes Issue(const std::string& name, bool is_ca, const crypto::PublicKey& subject) const {
    const crypto::CertificateTemplate::Extension usage = crypto::TimeStampingUsage();
    crypto::CertificateTemplate out{
        .subject = {{"CN", name}},
        .issuer = {{"CN", "Test TSA root"}},
        .serial = {static_cast<std::uint8_t>(is_ca ? 1 : 2)},
        .not_before = from,
        .not_after = until,
        .is_ca = is_ca,
        .path_length = {},
        .key_usage =
            is_ca ? std::vector<std::string>{"keyCertSign", "cRLSign"} : std::vector<std::string>{"digitalSignature"},
        .crl_url = {},
        .extensions = is_ca ? std::vector<crypto::CertificateTemplate::Extension>{} : std::vector{usage}};
    return crypto::IssueCertificate(out, subject, root_key).value();
  }

  Bytes Token(const crypto::Digest256& imprint, Time time) const {
    crypto::TimestampTemplate stamp;
    stamp.imprint = imprint;
    stamp.time = time;
    stamp.policy = policy;
    return crypto::IssueTimestamp(stamp,
                                  {.certificate = certificate, .key = key, .carried = {certificate}, .attested = {}})
        .value();
  }

  void Stamp(std::vector<statement::Envelope>* lines, Time time) const {
    EXPECT_TRUE(statement::AddTimestamp(Token(statement::TimestampedRoot(*lines), time), lines).ok());
  }

  // A CRL of the root that names the authority's certificate; one that names this serial.
  evidence::CollateralItem Revocation(Time time) const { return Crl(time, 2); }
  evidence::CollateralItem Crl(Time time, std::uint8_t serial) const {
    return {"tsa.crl", crypto::IssueCrl({.issuer = {{"CN", "Test TSA root"}},
                                         .this_update = time,
                                         .next_update = until,
                                         .revoked_serials = {{serial}},
                                         .extensions = {}},
                                        root_key)
                           .value()};
  }

  verify::TimeAuthority Authority() const { return {"the test authority", root_key.public_key().id(), {root}, {}}; }
};

}  // namespace attestml::bundle_test
