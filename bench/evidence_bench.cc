// Verifying genuine evidence beside the floor (evidence_floor.h), and what is broken beside what is good. Needs the
// shared vectors.
//
// usage: evidence_bench VECTORS_DIRECTORY [--benchmark_…]
//   Cold: a whole VerifyEvidence. Warm: the same with a memo that has seen the collateral and the chain.
//   Bad/<how>: a damaged item, cold, beside Cold of the good one.
//   Ratios of medians and the worst of all single-byte changes: bench/evidence_bench.py.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>

#include "crypto/certificate.h"
#include "evidence/nitro/document.h"
#include "evidence_floor.h"
#include "verify/evidence.h"
#include "verify/memo.h"

namespace {

using namespace attestml;
namespace fs = std::filesystem;

fs::path vectors;

void Check(bool ok, const std::string& why) {
  if (ok) return;
  std::cerr << why << "\n";
  std::exit(1);
}

Bytes Read(const fs::path& name) {
  std::ifstream in(vectors / name, std::ios::binary);
  return Bytes(std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>());
}

struct Item {
  std::string name;
  evidence::EvidencePackage package;  // only the evidence
  std::vector<evidence::CollateralItem> collateral;
  Time time;
  Bytes a_certificate = {}, a_crl = {};  // of the chain, for copies with another signature
  std::size_t first_signature_byte = 0, last_signature_byte = 0;
  std::function<bool(bench::Floor)> floor = {};
};

std::vector<evidence::CollateralItem> Folder(const std::string& name) {
  std::vector<evidence::CollateralItem> out;
  for (const char* file :
       {"pck_crl.der", "root_crl.der", "qe_identity.json", "tcb_info.json", "tcb_signing_chain.pem"}) {
    out.push_back({file, Read(fs::path("intel-collateral") / name / file)});
  }
  return out;
}

std::string Text(const Bytes& bytes) { return std::string(AsText(bytes)); }

Item Quote(const std::string& name, const fs::path& file, const std::string& folder, std::string_view time,
           std::size_t report_size) {
  Item item{name, {"", Read(file), {}}, Folder(folder), *ParseTime(time)};
  // Some came with zeros after them, which mean nothing.
  Bytes& quote = item.package.evidence;
  std::size_t size = 0;
  for (std::size_t i = 4; i-- > 0;) size = size << 8 | quote.at(48 + report_size + i);
  quote.resize(std::min(quote.size(), 48 + report_size + 4 + size));
  const auto& c = item.collateral;
  item.a_crl = item.collateral[0].bytes;
  item.a_certificate = crypto::Certificate::FromPem(AsText(item.collateral[4].bytes))->front().der();
  item.first_signature_byte = 48 + report_size + 4;
  item.last_signature_byte = item.first_signature_byte + 63;
  const auto made =
      std::make_shared<bench::QuoteFloor>(bench::QuoteParts{item.package.evidence, report_size, Text(c[3].bytes),
                                                            Text(c[2].bytes), Text(c[4].bytes), c[0].bytes, c[1].bytes},
                                          static_cast<std::time_t>(item.time.unix_seconds));
  item.floor = [made](bench::Floor kind) { return made->Run(kind); };
  return item;
}

Item SnpReport() {
  Item item{"snp", {"", Read("snp/snp_v3_milan.bin"), {}}, {}, *ParseTime("2026-06-01T00:00:00Z")};
  // As AMD's service serves a chain: ASK and ARK. The file has the ASVK after them.
  std::string chain = Text(Read("certs/amd_milan_ask_ark_asvk.pem"));
  std::size_t end = 0;
  for (int i = 0; i < 2; ++i) end = chain.find("-----END CERTIFICATE-----", end) + 25;
  chain.resize(end);
  chain += '\n';
  item.collateral = {{"vcek.der", Read("snp/snp_v3_milan.vcek.der")}, {"chain.pem", ToBytes(AsBytes(chain))}};
  item.a_certificate = item.collateral[0].bytes;
  item.first_signature_byte = 0x2a0;
  item.last_signature_byte = 0x2a0 + 72 + 47;
  const auto made =
      std::make_shared<bench::ReportFloor>(bench::ReportParts{item.package.evidence, item.collateral[0].bytes, chain},
                                           static_cast<std::time_t>(item.time.unix_seconds));
  item.floor = [made](bench::Floor kind) { return made->Run(kind); };
  return item;
}

Item NitroDocument() {
  Item item{"nitro", {"", Read("nitro/nitro_2026.cbor"), {}}, {}, *ParseTime("2026-01-03T20:41:07Z")};
  const auto document = evidence::nitro::ParseDocument(item.package.evidence);
  Check(document.ok(), "the Nitro document does not parse");
  bench::DocumentParts parts{evidence::nitro::SigStructure(document->protected_header, document->payload),
                             ToBytes(BytesView(document->signature)), document->cabundle};
  parts.certificates.push_back(document->certificate);
  item.a_certificate = document->certificate;
  item.last_signature_byte = item.package.evidence.size() - 1;
  item.first_signature_byte = item.last_signature_byte - 95;
  const auto made =
      std::make_shared<bench::DocumentFloor>(std::move(parts), static_cast<std::time_t>(item.time.unix_seconds));
  item.floor = [made](bench::Floor kind) { return made->Run(kind); };
  return item;
}

verify::EvidenceOutcome Verify(const Item& item, verify::Memo* memo = nullptr) {
  return verify::VerifyEvidence(item.package, item.collateral, verify::VendorAnchors(), item.time, memo);
}

void Floor(benchmark::State& state, const Item& item, bench::Floor kind) {
  for (auto _ : state) Check(item.floor(kind), "the floor of " + item.name + " fails");
}

void Good(benchmark::State& state, const Item& item, verify::Memo* memo) {
  for (auto _ : state) Check(Verify(item, memo).evidence.ok(), item.name + " does not verify");
}

void Bad(benchmark::State& state, const Item& item) {
  const auto outcome = Verify(item);
  Check(!outcome.evidence.ok(), "a damaged " + item.name + " verifies");
  state.SetLabel(outcome.evidence.error().id);
  for (auto _ : state) benchmark::DoNotOptimize(Verify(item));
}

void RegisterBad(const Item& good) {
  const auto add = [&](const std::string& how, const std::function<void(Item*)>& damage) {
    auto item = std::make_shared<Item>(good);
    damage(item.get());
    benchmark::RegisterBenchmark(("Bad/" + good.name + "/" + how).c_str(),
                                 [item](benchmark::State& state) { Bad(state, *item); });
  };
  const auto edit = [&](const std::string& how, const std::function<void(Bytes*)>& damage) {
    add(how, [&](Item* item) { damage(&item->package.evidence); });
  };
  edit("half", [](Bytes* e) { e->resize(e->size() / 2); });
  edit("one_byte_short", [](Bytes* e) { e->pop_back(); });
  edit("signature_first_byte", [&](Bytes* e) { (*e)[good.first_signature_byte] ^= 1; });
  edit("signature_last_byte", [&](Bytes* e) { (*e)[good.last_signature_byte] ^= 1; });
  edit("garbage", [](Bytes* e) {
    std::uint32_t x = 1;
    for (auto& byte : *e) byte = static_cast<std::uint8_t>((x = x * 1664525 + 1013904223) >> 24);
  });
  edit("garbage_after_head", [](Bytes* e) {
    std::uint32_t x = 1;
    for (std::size_t i = 48; i < e->size(); ++i)
      (*e)[i] = static_cast<std::uint8_t>((x = x * 1664525 + 1013904223) >> 24);
  });
  // Collateral of a prover's, more than anyone needs: none of it may hide what there is, or cost more than it.
  const auto flood = [&](const std::string& how, const std::function<Bytes(int)>& make) {
    add(how, [&](Item* item) {
      item->package.evidence[item->first_signature_byte] ^= 1;
      for (int i = 0; i < 5000; ++i) item->package.collateral.push_back({"flood", make(i)});
    });
  };
  flood("deep_json", [](int i) {
    std::string deep = "{\"tcbInfo\":";
    for (int depth = 0; i == 0 && depth < 100000; ++depth) deep += "{\"a\":[";
    return ToBytes(AsBytes(deep));
  });
  flood("many_documents", [](int i) {
    return ToBytes(
        AsBytes("{\"tcbInfo\":{\"n\":" + std::to_string(i) + "},\"signature\":\"" + std::string(128, '0') + "\"}"));
  });
  // The last bytes of a certificate or CRL are its signature's.
  const auto twins = [&](const std::string& how, const Bytes& of) {
    if (of.size() < 100) return;
    flood(how, [&](int i) {
      Bytes twin = of;
      twin[twin.size() - 3] = static_cast<std::uint8_t>(i);
      twin[twin.size() - 4] = static_cast<std::uint8_t>(i >> 8);
      return twin;
    });
  };
  twins("many_certificates", good.a_certificate);
  twins("many_crls", good.a_crl);
}

void Register(std::vector<Item>* items) {
  for (Item& item : *items) {
    Check(item.floor(bench::Floor::kCold), "the floor of " + item.name + " fails");
    benchmark::RegisterBenchmark(("Cold/" + item.name).c_str(),
                                 [&](benchmark::State& state) { Good(state, item, nullptr); });
    benchmark::RegisterBenchmark(("ColdFloor/" + item.name).c_str(),
                                 [&](benchmark::State& state) { Floor(state, item, bench::Floor::kCold); });
    benchmark::RegisterBenchmark(("ColdFloorPlainD2i/" + item.name).c_str(),
                                 [&](benchmark::State& state) { Floor(state, item, bench::Floor::kColdPlainD2i); });
    benchmark::RegisterBenchmark(("Warm/" + item.name).c_str(), [&](benchmark::State& state) {
      verify::Memo memo;
      static_cast<void>(Verify(item, &memo));
      Good(state, item, &memo);
    });
    benchmark::RegisterBenchmark(("WarmFloor/" + item.name).c_str(), [&](benchmark::State& state) {
      static_cast<void>(item.floor(bench::Floor::kCold));
      Floor(state, item, bench::Floor::kWarm);
    });
    RegisterBad(item);
  }
}

}  // namespace

int main(int argc, char** argv) {
  Check(argc >= 2, "usage: evidence_bench VECTORS_DIRECTORY [--benchmark_…]");
  vectors = argv[1];
  if (!fs::exists(vectors / "manifest.json")) {
    std::cerr << "evidence_bench: no shared vectors in " << vectors << ": nothing was measured\n";
    return 77;
  }
  std::vector<Item> items = {
      Quote("sgx", "sgx/sgx_v3_b_00606a000000.bin", "2025-08_sgx_00606a000000", "2025-08-30T05:09:06Z", 384),
      Quote("tdx", "tdx/tdx_v4_a_b0c06f000000.bin", "2025-06_tdx_b0c06f000000", "2025-07-04T10:16:31Z", 584),
      SnpReport(), NitroDocument()};
  Register(&items);
  argv[1] = argv[0];
  int left = argc - 1;
  benchmark::Initialize(&left, argv + 1);
  benchmark::RunSpecifiedBenchmarks();
}
