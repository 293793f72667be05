#include "evidence/snp/product.h"

#include <gtest/gtest.h>

namespace attestml::evidence::snp {
namespace {

// AMD document 57230: "Milan-B0", or the line alone.
TEST(Product, Names) {
  EXPECT_EQ(ProductLineOfName("Milan"), ProductLine::kMilan);
  EXPECT_EQ(ProductLineOfName("Milan-B0"), ProductLine::kMilan);
  for (const char* name : {"Genoa", "Genoa-A0", "Genoa-Z9", "Bergamo", "Bergamo-A1", "Siena-B2"}) {
    EXPECT_EQ(ProductLineOfName(name), ProductLine::kGenoa) << name;
  }
  EXPECT_EQ(ProductLineOfName("Turin-C1"), ProductLine::kTurin);
  for (const char* name : {"", "-B0", "Milan-", "Milan-B", "Milan-b0", "Milan-@0", "Milan-[0", "Milan-B/", "Milan-B:",
                           "Milan-00", "Milan-BB", "Milan-B00", "Milan B0", "milan-B0", "Milano", "Rome-B0"}) {
    EXPECT_FALSE(ProductLineOfName(name).has_value()) << name;
  }
}

// Reserved bytes have no name, and are not shown.
TEST(Product, TcbText) {
  const TcbVersion tcb = {4, 1, 2, 3, 5, 6, 24, 219};
  EXPECT_EQ(TcbText(tcb, ProductLine::kMilan), "bootloader 4, tee 1, snp 24, microcode 219");
  EXPECT_EQ(TcbText(tcb, ProductLine::kGenoa), "bootloader 4, tee 1, snp 24, microcode 219");
  EXPECT_EQ(TcbText(tcb, ProductLine::kTurin), "fmc 4, bootloader 1, tee 2, snp 3, microcode 219");
}

}  // namespace
}  // namespace attestml::evidence::snp
