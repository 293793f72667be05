// A warm memo never changes a verdict: every vector there is, genuine, derived and made, comes out of a memo that has
// seen itself, all the others in any order, or its own good twin, as it does without one.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "base/base64.h"
#include "base/hex.h"
#include "base/json.h"
#include "verify/evidence.h"
#include "verify/memo.h"
#include "verify/shared_vectors_for_test.h"

namespace attestml::verify {
namespace {

namespace fs = std::filesystem;
using test::ReadBytesOf;
using test::ReadTextOf;
using test::SharedVectors;
using Items = std::vector<evidence::CollateralItem>;

struct Case {
  std::string name;
  evidence::EvidencePackage package;
  Items extra;
  std::vector<TrustAnchor> anchors;
  Time time;
  std::string twin;  // the case that this one was made from by damage
};

std::string Text(const EvidenceFacts& facts) {
  std::string out = facts.tee + "|" + facts.format + "|" + HexEncode(facts.measurement) + "|" +
                    HexEncode(facts.signer) + "|" + std::to_string(facts.product_id) + "|" +
                    std::to_string(facts.security_version) + "|" + HexEncode(facts.report_data) + "|" +
                    (facts.has_report_data ? "data" : "") + (facts.debug ? "debug" : "") + "|" + facts.platform + "|" +
                    facts.tcb_status + "|" + facts.tcb_date + "|" + std::to_string(static_cast<int>(facts.revocation)) +
                    "\n";
  for (const std::string& advisory : facts.advisories) out += advisory + " ";
  for (const Register& one : facts.registers) out += one.name + "=" + HexEncode(one.value) + "\n";
  for (const SecurityVersion& one : facts.security_versions) out += one.name + "=" + std::to_string(one.value) + "\n";
  for (const Hazard& one : facts.hazards) {
    out += one.name + (one.present ? "!" : "") + one.seen + "|" + one.wanted + "\n";
  }
  if (facts.nonce) out += "nonce " + HexEncode(*facts.nonce) + "\n";
  if (facts.made_at) out += "made " + FormatTime(*facts.made_at) + "\n";
  return out;
}

// All that a caller can see.
std::string Text(const EvidenceOutcome& outcome) {
  std::string out;
  for (const Check& check : outcome.checks) {
    out +=
        check.id + " " + std::string(CheckVerdictName(check.verdict)) + " " + check.seen + " | " + check.wanted + "\n";
  }
  if (outcome.facts) out += Text(*outcome.facts);
  if (!outcome.evidence.ok()) {
    return out + std::string(KindName(outcome.evidence.error().kind)) + " " + outcome.evidence.error().id + ": " +
           outcome.evidence.error().message;
  }
  const VerifiedEvidence& e = *outcome.evidence;
  out += "verified " + e.tee() + (e.simulated() ? " simulated " : " ") + HexEncode(e.root()) +
         HexEncode(e.platform_id()) + FormatTime(e.valid_from()) + FormatTime(e.valid_until()) + FormatTime(e.time()) +
         (e.collateral_issued() ? FormatTime(*e.collateral_issued()) : "") +
         (e.evaluation_number() ? std::to_string(*e.evaluation_number()) : "") + Text(e.facts());
  for (const auto& digest : e.certificates()) out += HexEncode(digest);
  return out;
}

EvidenceOutcome Verify(const Case& one, Time time, Memo* memo) {
  return VerifyEvidence(one.package, one.extra, one.anchors, time, memo);
}

std::vector<TrustAnchor> Vendors() { return {VendorAnchors().begin(), VendorAnchors().end()}; }

Items Folder(const fs::path& folder) {
  std::set<fs::path> paths;
  for (const auto& entry : fs::directory_iterator(folder)) paths.insert(entry.path());
  Items items;
  for (const fs::path& path : paths) items.push_back({path.filename().string(), ReadBytesOf(path)});
  return items;
}

Items Replaced(Items items, const std::string& slot, const Bytes& bytes) {
  for (auto& item : items) {
    if (item.label.starts_with(slot)) item.bytes = bytes;
  }
  return items;
}

class Collection {
 public:
  void Add(std::string name, Bytes evidence, Items extra, const std::string& time, std::string twin) {
    Case one{std::move(name), {}, std::move(extra), Vendors(), *ParseTime(time), std::move(twin)};
    one.package.evidence = std::move(evidence);
    cases.push_back(std::move(one));
  }

  void AddIntel() {
    for (const Json& scenario : test::SharedJson("scenarios.json")) {
      const std::string name = scenario.value("evidence", "");
      const std::string tee = name.substr(0, 3);
      if ((tee != "sgx" && tee != "tdx") || !scenario.contains("at")) continue;
      std::string folder = scenario.value("collateral", "");
      if (folder.starts_with("collateral-")) folder = folder.substr(11);
      Items items = Folder(SharedVectors() / "intel-collateral" / folder);
      if (scenario.contains("override")) {
        for (const auto& [slot, path] : scenario["override"].items()) {
          items = Replaced(std::move(items), slot + ".",
                           path.is_string() ? ReadBytesOf(SharedVectors() / path.get<std::string>()) : Bytes());
        }
      }
      Add(scenario.value("id", ""), ReadBytesOf(SharedVectors() / tee / (name + ".bin")), std::move(items),
          scenario.value("at", ""), name);
    }
    const struct {
      const char *name, *tee, *folder, *time;
    } bases[] = {
        {"sgx_v3_b_00606a000000", "sgx", "2025-08_sgx_00606a000000", "2025-08-30T05:09:06Z"},
        {"tdx_v4_a_b0c06f000000", "tdx", "2025-06_tdx_b0c06f000000", "2025-07-04T10:16:31Z"},
        {"tdx_v5_a_90c06f000000", "tdx", "2026-03_tdx_90c06f000000", "2026-03-31T22:20:07Z"},
    };
    for (const auto& base : bases) {
      const Items items = Folder(SharedVectors() / "intel-collateral" / base.folder);
      const Bytes good = ReadBytesOf(SharedVectors() / base.tee / (std::string(base.name) + ".bin"));
      Add(base.name, good, items, base.time, base.name);
      AddDerived(base.tee, base.name, [&](const std::string& name, const fs::path& path) {
        Add(name, ReadBytesOf(path), items, base.time, base.name);
      });
      AddDerived("collateral", base.folder, [&](const std::string& name, const fs::path& path) {
        const std::string slot = path.extension() == ".pem" ? "tcb_signing_chain" : "tcb_info";
        Add(name, good, Replaced(items, slot, ReadBytesOf(path)), base.time, base.name);
      });
    }
  }

  void AddAmd() {
    for (const char* base : {"snp_v2_milan_a", "snp_v2_milan_debug", "snp_v3_genoa", "snp_v3_milan",
                             "snp_v3_milan_vlek_vmpl1", "snp_v5_turin"}) {
      const std::string name = base;
      const std::string line = name.find("turin") != std::string::npos   ? "turin"
                               : name.find("genoa") != std::string::npos ? "genoa"
                                                                         : "milan";
      const Bytes chain = ReadBytesOf(SharedVectors() / ("certs/amd_" + line + "_ask_ark_asvk.pem"));
      const char* vek = name.find("vlek") != std::string::npos ? ".vlek.der" : ".vcek.der";
      const Bytes good = ReadBytesOf(SharedVectors() / "snp" / (name + ".bin"));
      Add(name, good, {{"vek", ReadBytesOf(SharedVectors() / "snp" / (name + vek))}, {"chain", chain}},
          "2026-06-01T00:00:00Z", name);
      AddDerived("snp", name, [&](const std::string& derived, const fs::path& path) {
        if (!path.string().ends_with(".vek.der")) return;
        const std::string stem = path.string().substr(0, path.string().size() - 8);
        Items items = {{"vek", ReadBytesOf(path)}, {"chain", chain}};
        if (fs::exists(stem + ".ask_ark.pem")) items.push_back({"forged", ReadBytesOf(stem + ".ask_ark.pem")});
        Add(derived, fs::exists(stem + ".bin") ? ReadBytesOf(stem + ".bin") : good, std::move(items),
            "2026-06-01T00:00:00Z", name);
      });
    }
  }

  void AddAws() {
    const std::pair<const char*, const char*> bases[] = {{"nitro_2026", "2026-01-03T20:41:07Z"},
                                                         {"nitro_debug_2023_ga", "2023-11-04T00:00:00Z"},
                                                         {"nitro_2022", "2022-06-01T00:00:00Z"}};
    for (const auto& [name, time] : bases) {
      Add(name, ReadBytesOf(SharedVectors() / "nitro" / (std::string(name) + ".cbor")), {}, time, name);
      AddDerived("nitro", name, [&, at = time, base = name](const std::string& derived, const fs::path& path) {
        Add(derived, ReadBytesOf(path), {}, at, base);
      });
    }
  }

  // The project's own: revoked, expired, forged and confused certificates and documents under simulated roots.
  void AddMade() {
    for (const auto& entry : fs::directory_iterator(fs::path(ATTESTML_SOURCE_DIR) / "vectors/evidence")) {
      const auto json = ParseJson(ReadTextOf(entry.path()));
      ASSERT_TRUE(json.ok()) << entry.path();
      const auto items = [](const Json& list) {
        Items out;
        for (const Json& item : list) {
          out.push_back({item["label"].get<std::string>(), *Base64Decode(item["base64"].get<std::string>())});
        }
        return out;
      };
      Case one{entry.path().stem().string(), {}, items((*json)["extraCollateral"]), {}, {}, ""};
      one.package.evidence = *Base64Decode((*json)["evidence"].get<std::string>());
      one.package.collateral = items((*json)["collateral"]);
      for (const Json& anchor : (*json)["anchors"]) {
        TrustAnchor root{anchor["name"].get<std::string>(), {}, anchor["simulated"].get<bool>()};
        ASSERT_TRUE(HexDecodeInto(anchor["keyId"].get<std::string>(), root.key_id));
        one.anchors.push_back(root);
      }
      one.time = *ParseTime((*json)["at"].get<std::string>());
      cases.push_back(std::move(one));
    }
  }

  std::vector<Case> cases;

 private:
  static void AddDerived(const std::string& folder, const std::string& base,
                         const std::function<void(const std::string&, const fs::path&)>& add) {
    for (const auto& entry : fs::directory_iterator(SharedVectors() / "derived" / folder)) {
      const std::string name = entry.path().filename().string();
      if (name.starts_with(base + "__")) add(name, entry.path());
    }
  }
};

constexpr std::int64_t kDay = 86400;

void Compare(const std::vector<Case>& cases) {
  // Cold, at three instants.
  const std::int64_t shifts[] = {0, 500 * kDay, -500 * kDay};
  const auto at = [](const Case& one, std::int64_t shift) { return Time{one.time.unix_seconds + shift}; };
  std::map<std::pair<std::size_t, std::int64_t>, std::string> cold;
  std::map<std::string, std::size_t> by_name;
  std::size_t verified = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    by_name[cases[i].name] = i;
    for (const std::int64_t shift : shifts) {
      const EvidenceOutcome outcome = Verify(cases[i], at(cases[i], shift), nullptr);
      verified += outcome.evidence.ok() ? 1 : 0;
      cold[{i, shift}] = Text(outcome);
    }
  }
  EXPECT_GT(verified, 0U);
  EXPECT_LT(verified, cold.size());

  // Itself, and its good twin before, between and after.
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const auto twin = by_name.find(cases[i].twin);
    Memo memo;
    for (const std::int64_t shift : shifts) {
      if (twin != by_name.end()) {
        ASSERT_EQ(Text(Verify(cases[twin->second], at(cases[twin->second], 0), &memo)), cold.at({twin->second, 0}))
            << cases[twin->second].name << " after " << cases[i].name;
      }
      for (int round = 0; round < 2; ++round) {
        ASSERT_EQ(Text(Verify(cases[i], at(cases[i], shift), &memo)), cold.at({i, shift})) << cases[i].name;
      }
    }
  }

  // All the others, in random order; and in a memo that is too small, which forgets all the time.
  std::mt19937 random(20261126);
  for (const std::size_t max_entries : {std::size_t{1} << 20, std::size_t{24}}) {
    Memo memo(max_entries);
    std::vector<std::pair<std::size_t, std::int64_t>> order;
    for (const auto& [key, text] : cold) order.push_back(key);
    for (int round = 0; round < 2; ++round) {
      std::shuffle(order.begin(), order.end(), random);
      for (const auto& [i, shift] : order) {
        ASSERT_EQ(Text(Verify(cases[i], at(cases[i], shift), &memo)), cold.at({i, shift})) << cases[i].name;
      }
    }
  }
}

class MemoVectors : public test::SharedVectorsTest {};

TEST_F(MemoVectors, Intel) {
  Collection all;
  all.AddIntel();
  EXPECT_GT(all.cases.size(), 150U);
  Compare(all.cases);
}

TEST_F(MemoVectors, Amd) {
  Collection all;
  all.AddAmd();
  EXPECT_GT(all.cases.size(), 30U);
  Compare(all.cases);
}

TEST_F(MemoVectors, Aws) {
  Collection all;
  all.AddAws();
  EXPECT_GT(all.cases.size(), 40U);
  Compare(all.cases);
}

TEST(MemoMadeVectors, All) {
  Collection all;
  all.AddMade();
  EXPECT_GT(all.cases.size(), 200U);
  Compare(all.cases);
}

}  // namespace
}  // namespace attestml::verify
