#include "evidence/describe.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/hex.h"
#include "evidence/package.h"
#include "evidence/vectors_for_test.h"

namespace attestml::evidence {
namespace {

namespace fs = std::filesystem;
using test::ReadBytesOf;
using test::SharedVectors;

// Each file of the vectors, whatever it is, gives a description and never the end of the process.
TEST(Describe, EveryVectorFile) {
  if (!test::HaveSharedVectors()) GTEST_SKIP() << "shared vectors are not here; set ATTESTML_SHARED";
  int files = 0;
  for (const auto& entry : fs::recursive_directory_iterator(SharedVectors())) {
    if (!entry.is_regular_file()) continue;
    const Json json = DescribeEvidence(ReadBytesOf(entry.path()));
    EXPECT_TRUE(json.contains("type")) << entry.path();
    ++files;
  }
  EXPECT_GT(files, 100);
}

TEST(Describe, Quote) {
  if (!test::HaveSharedVectors()) GTEST_SKIP() << "shared vectors are not here; set ATTESTML_SHARED";
  const Bytes quote = ReadBytesOf(SharedVectors() / "sgx" / "sgx_v3_debug_c_00906ed50000.bin");
  const Json json = DescribeEvidence(quote);
  EXPECT_EQ(json["type"], "sgx-quote");
  EXPECT_EQ(json["report"]["debug"], true);
  EXPECT_EQ(json["report"]["flags"], (Json{"INIT", "DEBUG", "MODE64BIT"}));
  ASSERT_EQ(json["chain"].size(), 3U);
  const Json& sgx = json["chain"][0]["sgx"];
  EXPECT_EQ(sgx["fmspc"], "00906ed50000");
  EXPECT_EQ(sgx["components"], (Json{17, 17, 2, 4, 1, 128, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(sgx["pcesvn"], 11);
  EXPECT_FALSE(sgx.contains("configuration"));
  EXPECT_EQ(json["chain"][2]["key_id"], "a0af031289f5d5d4132f9186068a7fc13628633ba235777472e29b6b6c67a49e");
  EXPECT_EQ(json["chain"][2]["path_length"], 1);

  const Json platform = DescribeEvidence(ReadBytesOf(SharedVectors() / "sgx" / "sgx_v3_b_00606a000000.bin"));
  EXPECT_EQ(platform["chain"][0]["sgx"]["configuration"],
            (Json{{"dynamic_platform", true}, {"cached_keys", false}, {"smt_enabled", false}}));
}

TEST(Describe, SnpReport) {
  if (!test::HaveSharedVectors()) GTEST_SKIP() << "shared vectors are not here; set ATTESTML_SHARED";
  const fs::path folder = SharedVectors() / "snp";
  const Json json = DescribeEvidence(ReadBytesOf(folder / "snp_v5_turin.bin"));
  EXPECT_EQ(json["type"], "snp-report");
  EXPECT_EQ(json["version"], 5);
  EXPECT_EQ(json["product_line"], "Turin");
  EXPECT_EQ(json["policy"]["value"], "0x000000000003001f");
  EXPECT_EQ(json["policy"]["debug"], false);
  EXPECT_EQ(json["platform_info"]["iommu_write_safe"], true);
  EXPECT_EQ(json["reported_tcb"], (Json{{"fmc", 1}, {"bootloader", 1}, {"tee", 1}, {"snp", 4}, {"microcode", 81}}));
  EXPECT_EQ(json["current_mit_vector"], "0x000000000000003f");
  EXPECT_EQ(json["current_firmware"], "1.55.65");
  // Without a family and model nobody can tell the layout.
  const Json old = DescribeEvidence(ReadBytesOf(folder / "snp_v2_milan_debug.bin"));
  EXPECT_EQ(old["reported_tcb"], "0200000000000544");
  EXPECT_EQ(old["policy"]["debug"], true);
  EXPECT_FALSE(old.contains("product_line"));
  const Json vcek = DescribeEvidence(ReadBytesOf(folder / "snp_v5_turin.vcek.der"));
  EXPECT_EQ(vcek["type"], "certificate");
  EXPECT_EQ(vcek["snp"]["kind"], "VCEK");
  EXPECT_EQ(vcek["snp"]["hardware_id"], "59790fb1c39f35c1");
  EXPECT_EQ(vcek["snp"]["tcb"], json["reported_tcb"]);
  const Json vlek = DescribeEvidence(ReadBytesOf(folder / "snp_v3_milan_vlek_vmpl1.vlek.der"));
  EXPECT_EQ(vlek["snp"]["csp_id"], "CN=cc-us-east-2.amazonaws.com");
  Bytes cut = ReadBytesOf(folder / "snp_v3_milan.bin");
  cut.pop_back();
  EXPECT_EQ(DescribeEvidence(cut)["error"]["id"], "snp.report.truncated");
}

TEST(Describe, Collateral) {
  if (!test::HaveSharedVectors()) GTEST_SKIP() << "shared vectors are not here; set ATTESTML_SHARED";
  const fs::path folder = SharedVectors() / "intel-collateral" / "2025-08_sgx_00606a000000";
  EvidencePackage package{.media_type = std::string(kSgxQuoteMediaType),
                          .evidence = ReadBytesOf(SharedVectors() / "sgx" / "sgx_v3_b_00606a000000.bin"),
                          .collateral = {}};
  for (const auto& entry : fs::directory_iterator(folder)) {
    package.collateral.push_back({entry.path().filename().string(), ReadBytesOf(entry.path())});
  }
  const Json json = DescribeEvidence(AsBytes(EncodeCmw(package)));
  ASSERT_EQ(json["type"], "cmw");
  EXPECT_EQ(json["evidence"]["type"], "sgx-quote");
  const Json& collateral = json["collateral"];
  EXPECT_EQ(collateral["tcb_info.json"]["type"], "tcb-info");
  EXPECT_EQ(collateral["tcb_info.json"]["fmspc"], "00606a000000");
  EXPECT_EQ(collateral["tcb_info.json"]["levels"][0]["status"], "SWHardeningNeeded");
  EXPECT_EQ(collateral["qe_identity.json"]["levels"][0]["isvsvn"], 8);
  EXPECT_EQ(collateral["pck_crl.der"]["type"], "crl");
  EXPECT_GT(collateral["pck_crl.der"]["revoked"].get<int>(), 10);
  EXPECT_EQ(collateral["root_crl.der"]["revoked"], 0);
  EXPECT_EQ(collateral["tcb_signing_chain.pem"]["blocks"].size(), 2U);
  // Hexadecimal text of a CRL, as caching services serve it.
  const std::string hex = HexEncode(ReadBytesOf(folder / "pck_crl.der"));
  EXPECT_EQ(DescribeEvidence(AsBytes(hex)), collateral["pck_crl.der"]);
}

TEST(Describe, Garbage) {
  for (std::string_view text :
       {"", " ", "{", "{}", "[]", "30", "3082", "-----BEGIN ", "-----BEGIN X-----\n-----END X-----", "{\"tcbInfo\":{}}",
        "{\"enclaveIdentity\":[]}", "\x03", "\x03\x00\x02"}) {
    const Json json = DescribeEvidence(AsBytes(text));
    EXPECT_TRUE(json.contains("error")) << text << " " << DumpJson(json);
  }
  const Json key = DescribeEvidence(AsBytes("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"));
  EXPECT_EQ(key, (Json{{"type", "unknown"}, {"label", "PRIVATE KEY"}}));
}

}  // namespace
}  // namespace attestml::evidence
