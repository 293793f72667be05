// SEV-SNP collateral of a simulated vendor, which has CRLs and every product line.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/hex.h"
#include "fetch/collateral.h"
#include "fetch/services_for_test.h"
#include "tee/snp_authority.h"

namespace attestml::fetch {
namespace {

namespace fs = std::filesystem;
using tee::SnpAuthority;
using tee::SnpEndorsement;
using tee::SnpProduct;
using test::FakeClock;
using test::FakeTransport;

constexpr Time kNow{1790000000};
constexpr std::int64_t kDay = 86400;

const tee::SnpKeys& Keys() {
  static const tee::SnpKeys keys = tee::SnpKeys::Generate();
  return keys;
}

struct AmdFetch : ::testing::Test {
  AmdFetch() {
    directory = fs::temp_directory_path() / ("attestml-amd-" + std::to_string(getpid()));
    fs::remove_all(directory);
    anchors = {{.name = "simulated", .key_id = Keys().ark.public_key().id(), .simulated = true}};
    services.kds = "https://kds";
  }
  ~AmdFetch() override { fs::remove_all(directory); }

  // What AMD's service has of this vendor; `line` as it stands in addresses.
  void Serve(const SnpAuthority& vendor, const std::string& kind, const std::string& line) {
    auto package = tee::IssueSnpEvidence(vendor, {1, 2, 3});
    ASSERT_TRUE(package.ok()) << package.error().message;
    report = package->evidence;
    const std::string base = "https://kds/" + kind + "/v1/" + line;
    transport.bodies[base + "/cert_chain"] = package->collateral[1].bytes;
    transport.bodies[base + "/crl"] = package->collateral[2].bytes;
    vek = package->collateral[0].bytes;
    const std::size_t size = line == "Turin" ? 8 : 64;
    vcek_url = base + "/" + HexEncode(BytesView(vendor.report.chip_id).first(size));
    if (kind == "vcek") transport.bodies[vcek_url] = vek;
  }

  Result<Fetched> Fetch(Time time = kNow, FetchOptions options = {}) {
    transport.requests.clear();
    auto platform = PlatformOf(report, anchors, time);
    if (!platform.ok()) return platform.error();
    Session session(transport, clock, {}, time);
    return FetchCollateral(*platform, anchors, time, services, options, &session, Cache(directory.string()));
  }
  std::string IdOf(Time time = kNow, FetchOptions options = {}) {
    const auto before = Files();
    const auto fetched = Fetch(time, options);
    if (fetched.ok()) return "";
    EXPECT_EQ(Files(), before);
    return fetched.error().id;
  }

  std::map<std::string, Bytes> Files() const {
    std::map<std::string, Bytes> out;
    if (!fs::exists(directory)) return out;
    for (const auto& entry : fs::recursive_directory_iterator(directory)) {
      if (!entry.is_regular_file()) continue;
      std::ifstream in(entry.path(), std::ios::binary);
      out[fs::relative(entry.path(), directory).string()] = Bytes(std::istreambuf_iterator<char>(in), {});
    }
    return out;
  }

  // What the verifier says of the report with what the cache has, and nothing else.
  verify::EvidenceOutcome Verify() const {
    std::vector<evidence::CollateralItem> items;
    for (auto& [name, bytes] : Files()) items.push_back({name, bytes});
    return verify::VerifyEvidence({"", report, {}}, items, anchors, kNow);
  }

  fs::path directory;
  std::vector<verify::TrustAnchor> anchors;
  Services services;
  FakeClock clock;
  FakeTransport transport{&clock};
  Bytes report, vek;
  std::string vcek_url;
};

TEST_F(AmdFetch, EveryProductLineThenVerify) {
  const std::tuple<SnpProduct, const char*, const char*> lines[] = {
      {SnpProduct::kMilan, "Milan", "?blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219"},
      {SnpProduct::kGenoa, "Genoa", "?blSPL=10&teeSPL=00&snpSPL=23&ucodeSPL=84"},
      {SnpProduct::kTurin, "Turin", "?blSPL=01&teeSPL=01&snpSPL=04&ucodeSPL=81&fmcSPL=01"}};
  for (const auto& [product, name, query] : lines) {
    Serve(SnpAuthority::Create(Keys(), product, SnpEndorsement::kVcek, kNow), "vcek", name);
    const auto fetched = Fetch();
    ASSERT_TRUE(fetched.ok()) << fetched.error().id << " " << fetched.error().message;
    EXPECT_TRUE(fetched->notes.empty());
    ASSERT_EQ(transport.requests.size(), 3U);
    EXPECT_EQ(transport.requests[1].url, vcek_url + query);
    const auto outcome = Verify();
    ASSERT_TRUE(outcome.evidence.ok()) << outcome.evidence.error().message;
    EXPECT_EQ(outcome.evidence->facts().revocation, verify::Revocation::kChecked);
    for (const FetchedItem& item : fetched->items) EXPECT_TRUE(item.name.starts_with("simulated-")) << item.name;
  }
}

TEST_F(AmdFetch, CertificatesAreAskedForOnce) {
  Serve(SnpAuthority::Create(Keys(), SnpProduct::kMilan, SnpEndorsement::kVcek, kNow), "vcek", "Milan");
  ASSERT_EQ(IdOf(), "");
  const auto again = Fetch();
  ASSERT_TRUE(again.ok());
  ASSERT_EQ(transport.requests.size(), 1U);
  EXPECT_TRUE(transport.requests[0].url.ends_with("/crl"));
  EXPECT_EQ(again->items[0].state, EntryState::kCached);
  EXPECT_EQ(again->items[1].state, EntryState::kCached);
  EXPECT_EQ(again->items[2].state, EntryState::kUnchanged);
  ASSERT_EQ(IdOf(kNow, {.refresh = true}), "");
  EXPECT_EQ(transport.requests.size(), 3U);
}

TEST_F(AmdFetch, AVlekIsTheHosts) {
  Serve(SnpAuthority::Create(Keys(), SnpProduct::kGenoa, SnpEndorsement::kVlek, kNow), "vlek", "Genoa");
  const auto fetched = Fetch();
  ASSERT_TRUE(fetched.ok()) << fetched.error().message;
  EXPECT_EQ(fetched->items.size(), 2U);
  ASSERT_EQ(fetched->notes.size(), 1U);
  EXPECT_NE(fetched->notes[0].find("VLEK"), std::string::npos);
  EXPECT_EQ(Verify().evidence.error().id, "snp.collateral.vek");
}

TEST_F(AmdFetch, AHiddenChip) {
  auto vendor = SnpAuthority::Create(Keys(), SnpProduct::kMilan, SnpEndorsement::kVcek, kNow);
  vendor.report.chip_id.fill(0);
  Serve(vendor, "vcek", "Milan");
  const auto fetched = Fetch();
  ASSERT_TRUE(fetched.ok()) << fetched.error().message;
  EXPECT_EQ(fetched->items.size(), 2U);
  EXPECT_EQ(fetched->notes.size(), 1U);
}

// Version 2 does not say whether it is of Milan or Genoa.
TEST_F(AmdFetch, TheLineThatKnowsTheChip) {
  auto milan = SnpAuthority::Create(Keys(), SnpProduct::kMilan, SnpEndorsement::kVcek, kNow);
  auto genoa = SnpAuthority::Create(Keys(), SnpProduct::kGenoa, SnpEndorsement::kVcek, kNow);
  for (auto* vendor : {&milan, &genoa}) {
    vendor->report.version = 2;
    vendor->report.cpuid = {};
  }
  Serve(milan, "vcek", "Milan");
  transport.bodies.erase(vcek_url);
  Serve(genoa, "vcek", "Genoa");
  const auto fetched = Fetch();
  ASSERT_TRUE(fetched.ok()) << fetched.error().id << fetched.error().message;
  EXPECT_EQ(fetched->items.size(), 3U);
  EXPECT_TRUE(Verify().evidence.ok());
  for (const auto& [name, bytes] : Files()) EXPECT_EQ(name.find("milan"), std::string::npos) << name;
}

TEST_F(AmdFetch, OlderNeverReplacesNewer) {
  auto vendor = SnpAuthority::Create(Keys(), SnpProduct::kMilan, SnpEndorsement::kVcek, kNow);
  Serve(vendor, "vcek", "Milan");
  ASSERT_EQ(IdOf(), "");
  vendor.crl.this_update = Time{vendor.crl.this_update.unix_seconds - kDay};
  Serve(vendor, "vcek", "Milan");
  EXPECT_EQ(IdOf(), "fetch.older");
  EXPECT_EQ(IdOf(kNow, {.allow_older = true}), "");
  vendor.crl.this_update = Time{vendor.crl.this_update.unix_seconds + 1};
  Serve(vendor, "vcek", "Milan");
  EXPECT_EQ(IdOf(), "");
}

TEST_F(AmdFetch, Lies) {
  auto vendor = SnpAuthority::Create(Keys(), SnpProduct::kMilan, SnpEndorsement::kVcek, kNow);
  Serve(vendor, "vcek", "Milan");
  ASSERT_EQ(IdOf(), "");
  const FetchOptions refresh{.refresh = true};
  const auto honest = transport.bodies;
  const std::string base = "https://kds/vcek/v1/Milan";
  const auto lie = [&](const std::string& url, Bytes body) {
    transport.bodies = honest;
    transport.bodies[url] = std::move(body);
    return IdOf(kNow, refresh);
  };
  EXPECT_EQ(lie(base + "/crl", honest.at(vcek_url)), "fetch.document");
  EXPECT_EQ(lie(base + "/crl", {}), "fetch.document");
  EXPECT_EQ(lie(vcek_url, honest.at(base + "/crl")), "fetch.document");
  EXPECT_EQ(lie(base + "/cert_chain", honest.at(vcek_url)), "fetch.chain");

  // Another vendor's, with the same names.
  const auto other_keys = tee::SnpKeys{Keys().ask, Keys().ark, Keys().vek};
  const auto forged = *tee::IssueSnpEvidence(
      SnpAuthority::Create(other_keys, SnpProduct::kMilan, SnpEndorsement::kVcek, kNow), {1, 2, 3});
  EXPECT_EQ(lie(vcek_url, forged.collateral[0].bytes), "snp.vek.chain");
  EXPECT_EQ(lie(base + "/cert_chain", forged.collateral[1].bytes), "snp.vek.chain");
  EXPECT_EQ(lie(base + "/crl", forged.collateral[2].bytes), "snp.crl.signature");

  // The vendor's own, and of another firmware, another time, another role.
  auto bent = vendor;
  bent.report.reported_tcb[7] = 1;
  const auto of = [&](const SnpAuthority& authority) { return *tee::IssueSnpEvidence(authority, {1, 2, 3}); };
  auto spl = tee::FindSnpExtension(&bent, "3.8");
  ASSERT_NE(spl, nullptr);
  spl->value = tee::SnpNumber(1);
  EXPECT_EQ(lie(vcek_url, of(bent).collateral[0].bytes), "snp.vek.tcb");
  bent = vendor;
  bent.vek.certificate.not_after = Time{kNow.unix_seconds - 1};
  EXPECT_EQ(lie(vcek_url, of(bent).collateral[0].bytes), "snp.vek.validity");
  bent = vendor;
  bent.crl.next_update = Time{kNow.unix_seconds - 1};
  EXPECT_EQ(lie(base + "/crl", of(bent).collateral[2].bytes), "snp.crl.expired");
  transport.bodies = honest;
  EXPECT_EQ(IdOf(kNow, refresh), "");
}

}  // namespace
}  // namespace attestml::fetch
