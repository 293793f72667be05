// Verifying genuine evidence beside the floor (evidence_floor.h), and what is broken beside what is good. Needs the
// shared vectors.
//
// usage: evidence_bench VECTORS_DIRECTORY [--benchmark_…]
//   Cold: a whole VerifyEvidence beside the floor. Warm: the same with a memo that has seen the collateral and the
//   chain. Bad/<format>/<how>: a damaged item beside the good one ("floor"), both cold. Worst/<format>: the dearest of
//   all changes of one byte, and of all lengths, beside the good one.
// Counters are microseconds of CPU time of one thread. bench/evidence_bench.py makes tables of them.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <ctime>
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

constexpr int kPairs = 300;

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

double CpuMicroseconds() {
  std::timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

// Both in turn, so that whatever else the machine does hits both alike: medians of CPU time, and of the ratios of
// neighbours.
void SideBySide(benchmark::State& state, const std::function<void()>& ours, const std::function<void()>& floor) {
  std::vector<double> own, other, ratios;
  for (auto _ : state) {
    const double start = CpuMicroseconds();
    floor();
    const double middle = CpuMicroseconds();
    ours();
    const double end = CpuMicroseconds();
    other.push_back(middle - start);
    own.push_back(end - middle);
    ratios.push_back((end - middle) / (middle - start));
  }
  state.counters["ours"] = Median(own);
  state.counters["floor"] = Median(other);
  state.counters["ratio"] = Median(ratios);
}

void Good(const Item& item, verify::Memo* memo) {
  Check(Verify(item, memo).evidence.ok(), item.name + " does not verify");
}

void Bad(benchmark::State& state, const Item& item, const Item& good) {
  const auto outcome = Verify(item);
  Check(!outcome.evidence.ok(), "a damaged " + item.name + " verifies");
  state.SetLabel(outcome.evidence.error().id);
  SideBySide(
      state, [&] { benchmark::DoNotOptimize(Verify(item)); }, [&] { Good(good, nullptr); });
}

void RegisterBad(const Item& good) {
  const auto add = [&](const std::string& how, const std::function<void(Item*)>& damage) {
    auto item = std::make_shared<Item>(good);
    damage(item.get());
    benchmark::RegisterBenchmark(("Bad/" + good.name + "/" + how).c_str(), [item, &good](benchmark::State& state) {
      Bad(state, *item, good);
    })->Iterations(kPairs);
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
  // What is let through: as many as a collection may have.
  const auto full = [&](const std::string& how, const Bytes& of) {
    if (of.size() < 100) return;
    add(how, [&](Item* item) {
      item->package.evidence[item->first_signature_byte] ^= 1;
      for (int i = 0; i < 120; ++i) {
        Bytes twin = of;
        twin[twin.size() - 3] = static_cast<std::uint8_t>(i);
        item->package.collateral.push_back({"flood", twin});
      }
    });
  };
  full("120_certificates", good.a_certificate);
  full("120_crls", good.a_crl);
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

// Every change of one bit in each byte and every length of the evidence, cold: the dearest one.
void Worst(benchmark::State& state, const Item& good) {
  double worst = 0;
  std::vector<double> cold;
  Item item = good;
  const auto look = [&] {
    const double start = CpuMicroseconds();
    const bool ok = Verify(item).evidence.ok();
    worst = std::max(worst, CpuMicroseconds() - start);
    Check(!ok, "a damaged " + good.name + " verifies");
  };
  for (auto _ : state) {
    for (std::size_t i = 0; i < good.package.evidence.size(); ++i) {
      item.package.evidence[i] ^= static_cast<std::uint8_t>(1U << (i % 8));
      look();
      item.package.evidence[i] = good.package.evidence[i];
    }
    for (std::size_t size = 0; size < good.package.evidence.size(); ++size) {
      item.package.evidence.resize(size);
      look();
      item.package.evidence = good.package.evidence;
    }
  }
  for (int i = 0; i < 50; ++i) {
    const double start = CpuMicroseconds();
    Good(good, nullptr);
    cold.push_back(CpuMicroseconds() - start);
  }
  state.counters["ours"] = worst;
  state.counters["floor"] = Median(cold);
}

void Register(std::vector<Item>* items) {
  for (Item& item : *items) {
    Check(item.floor(bench::Floor::kCold), "the floor of " + item.name + " fails");
    const auto add = [&](const std::string& name, bench::Floor kind, bool warm) {
      benchmark::RegisterBenchmark((name + "/" + item.name).c_str(), [&item, kind, warm](benchmark::State& state) {
        verify::Memo memo;
        Good(item, &memo);
        Check(item.floor(bench::Floor::kCold), "the floor fails");
        SideBySide(
            state, [&] { Good(item, warm ? &memo : nullptr); },
            [&] { Check(item.floor(kind), "the floor of " + item.name + " fails"); });
      })->Iterations(kPairs);
    };
    add("Cold", bench::Floor::kCold, false);
    add("ColdPlainD2i", bench::Floor::kColdPlainD2i, false);
    add("Warm", bench::Floor::kWarm, true);
    RegisterBad(item);
    benchmark::RegisterBenchmark(("Worst/" + item.name).c_str(), [&item](benchmark::State& state) {
      Worst(state, item);
    })->Iterations(1);
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
