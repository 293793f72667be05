// AMD's extensions in certificates of endorsement keys, one bent at a time.
#include "snp_for_test.h"

namespace attestml::test {
namespace {

using tee::FindSnpExtension;
using tee::SnpAuthority;
using tee::SnpEndorsement;
using tee::SnpNumber;
using tee::SnpProduct;
using tee::SnpText;

constexpr std::string_view kBase = "1.3.6.1.4.1.3704.1.";
constexpr char kRefused[] = "snp.vek.extension";

void Add(SnpAuthority* vendor, const std::string& suffix, Bytes value) {
  vendor->vek.certificate.extensions.push_back({std::string(kBase) + suffix, false, std::move(value)});
}

TEST(SnpCertificate, EachExtensionOnce) {
  for (const SnpProduct product : {SnpProduct::kMilan, SnpProduct::kTurin}) {
    for (const SnpEndorsement endorsement : {SnpEndorsement::kVcek, SnpEndorsement::kVlek}) {
      const auto honest = Vendor(product, endorsement);
      ASSERT_EQ(honest.vek.certificate.extensions.size(), 11U);
      for (std::size_t i = 0; i < 11; ++i) {
        auto vendor = honest;
        auto& extensions = vendor.vek.certificate.extensions;
        extensions.push_back(extensions[i]);
        EXPECT_EQ(IdOf(vendor), kRefused) << "twice: " << extensions[i].oid;
        vendor = honest;
        vendor.vek.certificate.extensions.erase(vendor.vek.certificate.extensions.begin() +
                                                static_cast<std::ptrdiff_t>(i));
        EXPECT_EQ(IdOf(vendor), kRefused) << "absent: " << honest.vek.certificate.extensions[i].oid;
      }
    }
  }
}

TEST(SnpCertificate, NoneOfTheOtherLayout) {
  auto vendor = Vendor(SnpProduct::kMilan);
  Add(&vendor, "3.9", SnpNumber(0));
  EXPECT_EQ(IdOf(vendor), kRefused);
  Add(&vendor, "3.9", SnpNumber(0));  // twice is not absent
  EXPECT_EQ(IdOf(vendor), kRefused);
  vendor = Vendor(SnpProduct::kTurin);
  Add(&vendor, "3.4", SnpNumber(0));
  EXPECT_EQ(IdOf(vendor), kRefused);
  vendor = Vendor(SnpProduct::kMilan);
  FindSnpExtension(&vendor, "1")->value = SnpNumber(1);
  EXPECT_EQ(IdOf(vendor), kRefused);
  vendor = Vendor(SnpProduct::kTurin);
  FindSnpExtension(&vendor, "1")->value = SnpNumber(0);
  EXPECT_EQ(IdOf(vendor), kRefused);
}

TEST(SnpCertificate, AChipOrAProviderNeverBoth) {
  auto vendor = Vendor();
  Add(&vendor, "5", SnpText("CN=someone"));
  EXPECT_EQ(IdOf(vendor), kRefused);
  Add(&vendor, "5", SnpText("CN=someone"));
  EXPECT_EQ(IdOf(vendor), kRefused);
  vendor = VlekVendor();
  Add(&vendor, "4", Bytes(64, 1));
  EXPECT_EQ(IdOf(vendor), kRefused);
  vendor = Vendor();
  FindSnpExtension(&vendor, "4")->oid = std::string(kBase) + "5";
  EXPECT_EQ(IdOf(vendor), kRefused) << "called SEV-VCEK, and a provider's";
  // The name and the extensions say the same.
  for (const char* name : {"SEV-VLEK", "VCEK", "sev-vcek", "SEV-VCEK "}) {
    vendor = Vendor();
    vendor.vek.certificate.subject[0].second = name;
    EXPECT_EQ(IdOf(vendor), kRefused) << name;
  }
}

TEST(SnpCertificate, HardwareIdOfTheRightSize) {
  for (const SnpProduct product : {SnpProduct::kMilan, SnpProduct::kGenoa, SnpProduct::kTurin}) {
    const std::size_t right = product == SnpProduct::kTurin ? 8 : 64;
    for (std::size_t size : {0U, 7U, 8U, 9U, 63U, 64U, 65U, 66U}) {
      if (size == right) continue;
      auto vendor = Vendor(product);
      FindSnpExtension(&vendor, "4")->value.resize(size);
      EXPECT_EQ(IdOf(vendor), kRefused) << size;
    }
  }
}

TEST(SnpCertificate, NumbersAreStrictDer) {
  const Bytes bad[] = {{},
                       {0x02},
                       {0x02, 0x00},
                       {0x02, 0x01},
                       {0x02, 0x02, 0x00, 0x04},
                       {0x02, 0x01, 0x84},
                       {0x02, 0x02, 0x01, 0x04},
                       {0x02, 0x81, 0x01, 0x04},
                       {0x02, 0x01, 0x04, 0x00},
                       {0x04, 0x01, 0x04},
                       {0x22, 0x03, 0x02, 0x01, 0x04},
                       {0x04}};
  for (const std::string suffix : {"1", "3.1", "3.8"}) {
    for (const Bytes& value : bad) {
      auto vendor = Vendor();
      FindSnpExtension(&vendor, suffix)->value = value;
      EXPECT_EQ(IdOf(vendor), kRefused) << suffix << " of " << value.size();
    }
  }
}

TEST(SnpCertificate, ProductNames) {
  const Bytes bad[] = {{},
                       {0x16, 0x00},
                       {0x0c, 0x05, 'M', 'i', 'l', 'a', 'n'},
                       {0x16, 0x06, 'M', 'i', 'l', 'a', 'n'},
                       {0x16, 0x04, 'M', 'i', 'l', 'a', 'n'},
                       {0x16, 0x06, 'M', 'i', 'l', 'a', 'n', 0x00},
                       SnpText("Rome"),
                       SnpText("Milan-"),
                       SnpText("Milan-b0"),
                       SnpText("Milan-B00")};
  for (const Bytes& value : bad) {
    auto vendor = Vendor();
    FindSnpExtension(&vendor, "2")->value = value;
    EXPECT_EQ(IdOf(vendor), kRefused);
  }
  auto vendor = VlekVendor();
  FindSnpExtension(&vendor, "5")->value = {0x16, 0x00};
  EXPECT_EQ(IdOf(vendor), kRefused);
}

}  // namespace
}  // namespace attestml::test
