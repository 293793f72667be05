// The meter that the mutation tests use, and where it is put into their program.
#include <gtest/gtest.h>

#include "crypto/install_work_for_test.h"
#include "crypto/key.h"

namespace attestml::test {
namespace {

TEST(WorkMeter, CountsWhatIsTakenAndVerified) {
  for (const crypto::KeyType type : {crypto::KeyType::kEcdsaP256, crypto::KeyType::kEcdsaP384}) {
    const crypto::PrivateKey key = crypto::PrivateKey::Generate(type);
    const Bytes signature = key.Sign(AsBytes("text"));
    const WorkMeter meter;
    EXPECT_TRUE(key.public_key().Verify(AsBytes("text"), signature));
    EXPECT_FALSE(key.public_key().Verify(AsBytes("other"), signature));
    EXPECT_EQ(meter.Read().signatures, 2U);
    EXPECT_GT(meter.Read().total, 0U);
    EXPECT_LT(meter.Read().peak, std::size_t{1} << 20);
  }
  const crypto::PrivateKey rsa = crypto::PrivateKey::Generate(crypto::KeyType::kRsaPss);
  const auto key = crypto::PublicKey::FromCertifiedSpki(rsa.public_key().spki());
  ASSERT_TRUE(key.ok());
  const Bytes signature = rsa.Sign(AsBytes("text"));
  const WorkMeter meter;
  EXPECT_TRUE(key->Verify(AsBytes("text"), signature));
  EXPECT_EQ(meter.Read().signatures, 1U);
  {
    const Bytes large(std::size_t{1} << 20, 1);
    EXPECT_GE(meter.Read().peak, large.size());
  }
  const std::size_t peak = meter.Read().peak;
  const Bytes small(1000, 1);
  EXPECT_EQ(meter.Read().peak, peak);
  EXPECT_EQ(small[0], 1);
  void* p = CRYPTO_malloc(std::size_t{2} << 20, "", 0);
  EXPECT_GT(meter.Read().peak, std::size_t{2} << 20);
  CRYPTO_free(p, "", 0);
}

}  // namespace
}  // namespace attestml::test
