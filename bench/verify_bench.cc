// The verifier's library on one bundle, beside a floor that does only what cannot be left out: parse the same
// certificates and CRLs with OpenSSL and check the same signatures with keys already at hand. Then very many bundles on
// all cores.
//
// usage: verify_bench BUNDLE SIMULATED_ROOT [--benchmark_…]
#define OPENSSL_SUPPRESS_DEPRECATED
#include <benchmark/benchmark.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <atomic>
#include <ctime>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <thread>

#include "base/hex.h"
#include "crypto/certificate.h"
#include "evidence/package.h"
#include "policy/policy.h"
#include "policy/report.h"
#include "statement/binding.h"
#include "statement/claims.h"
#include "statement/envelope.h"
#include "tee/simulated_authority.h"
#include "verify/bundle.h"
#include "verify/session.h"

namespace {

using namespace attestml;

struct Input {
  std::string text;
  std::vector<verify::TrustAnchor> anchors;
  Time time;
  policy::Policy policy;
  // The same statements by many provers, each with a session key and a quote of its own, and the root they share.
  std::vector<std::string> provers;
  std::vector<verify::TrustAnchor> provers_root;
  // For the floor.
  std::vector<Bytes> certificates, crls;
  std::size_t signatures = 0;
};

Input input;

void Check(bool ok, const std::string& why) {
  if (ok) return;
  std::cerr << why << "\n";
  std::exit(1);
}

// Every distinct certificate and CRL of the evidence, and how many signatures hold the bundle together: one an
// envelope, the quote's two, one a certificate that is not the root, one a CRL, and one each for TCB info and QE
// identity.
void CollectFloor() {
  const auto envelopes = statement::ParseBundle(input.text);
  Check(envelopes.ok(), "the bundle does not parse");
  input.signatures = envelopes->size();
  std::set<Bytes> certificates;
  std::set<Bytes> crls;
  for (const auto& envelope : *envelopes) {
    const auto claim = statement::ParseStatement(envelope.payload);
    Check(claim.ok(), "a statement does not parse");
    const auto* evidence = std::get_if<statement::EvidenceClaim>(&*claim);
    if (evidence == nullptr) continue;
    const auto package = evidence::DecodeCmw(evidence->cmw);
    Check(package.ok(), "a CMW collection does not parse");
    input.signatures += 2;
    const std::string quote(AsText(package->evidence));
    const auto add_chain = [&](std::string_view pem) {
      const auto chain = crypto::Certificate::FromPem(pem);
      if (!chain.ok()) return;
      for (const auto& certificate : *chain) certificates.insert(certificate.der());
    };
    const std::size_t at = quote.find("-----BEGIN");
    if (at != std::string::npos) add_chain(std::string_view(quote).substr(at));
    for (const auto& item : package->collateral) {
      add_chain(AsText(item.bytes));
      if (const auto crl = crypto::Crl::FromDer(item.bytes); crl.ok()) crls.insert(crl->der());
      if (!item.bytes.empty() && item.bytes.front() == '{') ++input.signatures;
    }
  }
  for (const Bytes& der : certificates) {
    const auto certificate = crypto::Certificate::FromDer(der);
    if (certificate->subject_der() != certificate->issuer_der()) ++input.signatures;
    input.certificates.push_back(der);
  }
  input.crls.assign(crls.begin(), crls.end());
  input.signatures += crls.size();
}

// `num_provers` provers on eight platforms of one vendor: what platforms share is one root, one authority below it, its
// documents and its CRLs.
void MakeProvers(std::size_t num_provers) {
  constexpr std::size_t kPlatforms = 8;
  tee::SimulatedKeys keys = tee::SimulatedKeys::Generate();
  input.provers_root = {{"simulated", keys.root.public_key().id(), true}};
  std::vector<tee::SimulatedAuthority> platforms;
  for (std::size_t i = 0; i < kPlatforms; ++i) {
    keys.pck = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
    keys.attestation = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
    platforms.push_back(tee::SimulatedAuthority::Create(keys, input.time));
    platforms.back().pck.certificate.serial = {0x70, static_cast<std::uint8_t>(i + 1)};
  }
  const auto envelopes = statement::ParseBundle(input.text);
  for (std::size_t i = 0; i < num_provers; ++i) {
    const crypto::PrivateKey key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
    const auto report_data = statement::ReportData(key.public_key().id(), {}, statement::NonceDigest({}));
    const auto package = tee::IssueEvidence(platforms[i % kPlatforms], report_data);
    Check(package.ok(), "a prover gets no evidence");
    statement::EvidenceClaim evidence;
    evidence.session_key = key.public_key().spki();
    evidence.cmw = evidence::EncodeCmw(*package);
    std::string bundle =
        statement::WriteEnvelope(statement::SignEnvelope(statement::WriteStatement(evidence), key)) + "\n";
    for (const auto& envelope : *envelopes) {
      const auto claim = statement::ParseStatement(envelope.payload);
      if (std::holds_alternative<statement::EvidenceClaim>(*claim)) continue;
      bundle += statement::WriteEnvelope(statement::SignEnvelope(std::string(envelope.payload), key)) + "\n";
    }
    input.provers.push_back(std::move(bundle));
  }
}

void Floor(benchmark::State& state) {
  EC_KEY* key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
  EC_KEY_generate_key(key);
  const unsigned char digest[32] = {1, 2, 3};
  ECDSA_SIG* signature = ECDSA_do_sign(digest, sizeof digest, key);
  for (auto _ : state) {
    for (const Bytes& der : input.certificates) {
      const unsigned char* at = der.data();
      X509* certificate = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
      benchmark::DoNotOptimize(certificate);
      X509_free(certificate);
    }
    for (const Bytes& der : input.crls) {
      const unsigned char* at = der.data();
      X509_CRL* crl = d2i_X509_CRL(nullptr, &at, static_cast<long>(der.size()));
      benchmark::DoNotOptimize(crl);
      X509_CRL_free(crl);
    }
    for (std::size_t i = 0; i < input.signatures; ++i) {
      Check(ECDSA_do_verify(digest, sizeof digest, signature, key) == 1, "the floor's signature does not verify");
    }
  }
  state.counters["signatures"] = static_cast<double>(input.signatures);
  state.counters["certificates"] = static_cast<double>(input.certificates.size());
  ECDSA_SIG_free(signature);
  EC_KEY_free(key);
}
BENCHMARK(Floor)->Unit(benchmark::kMicrosecond);

// The two parts of reading, for themselves.
void ReadEnvelopes(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(statement::ParseBundle(input.text));
}
BENCHMARK(ReadEnvelopes)->Unit(benchmark::kMicrosecond);

void ReadStatements(benchmark::State& state) {
  const auto envelopes = statement::ParseBundle(input.text);
  for (auto _ : state) {
    for (const auto& envelope : *envelopes) {
      benchmark::DoNotOptimize(statement::ParseStatement(envelope.payload));
    }
  }
}
BENCHMARK(ReadStatements)->Unit(benchmark::kMicrosecond);

void VerifyOneBundle(benchmark::State& state) {
  for (auto _ : state) {
    const auto envelopes = statement::ParseBundle(input.text);
    const auto outcome = verify::VerifyBundle(*envelopes, {}, input.anchors, input.time);
    Check(outcome.bundle.ok(), "the bundle does not verify");
  }
}
BENCHMARK(VerifyOneBundle)->Unit(benchmark::kMicrosecond)->UseRealTime();

// The same without the second thread that VerifyBundle has verify the evidence of a bundle of this size.
void VerifyOneBundleOnOneThread(benchmark::State& state) {
  for (auto _ : state) {
    const auto envelopes = statement::ParseBundle(input.text);
    verify::Session session({}, input.anchors, input.time);
    const auto outcome = verify::VerifyBundle(*envelopes, session, verify::SecondThread::kNever);
    Check(outcome.bundle.ok(), "the bundle does not verify");
  }
}
BENCHMARK(VerifyOneBundleOnOneThread)->Unit(benchmark::kMicrosecond)->UseRealTime();

void VerifyAndAppraiseOneBundle(benchmark::State& state) {
  for (auto _ : state) {
    const auto envelopes = statement::ParseBundle(input.text);
    const auto outcome = verify::VerifyBundle(*envelopes, {}, input.anchors, input.time);
    const auto report = policy::Appraise(*outcome.bundle, input.policy, {});
    Check(report.verdict == policy::Verdict::kAccepted, "the bundle is not accepted");
  }
}
BENCHMARK(VerifyAndAppraiseOneBundle)->Unit(benchmark::kMicrosecond)->UseRealTime();

// Bundles of many provers through one session: what they share is verified once, their own signatures every time.
void VerifyManyBundles(benchmark::State& state) {
  static verify::Session* session = nullptr;
  if (state.thread_index() == 0) session = new verify::Session({}, input.provers_root, input.time);
  // Each thread has its own share of the provers: none is met twice, for what is known already costs less.
  std::size_t next = static_cast<std::size_t>(state.thread_index());
  for (auto _ : state) {
    Check(next < input.provers.size(), "more iterations than provers");
    const auto envelopes = statement::ParseBundle(input.provers[next]);
    next += static_cast<std::size_t>(state.threads());
    const auto outcome = verify::VerifyBundle(*envelopes, *session);
    Check(outcome.bundle.ok(), "the bundle does not verify");
  }
  state.SetItemsProcessed(state.iterations());
  if (state.thread_index() == 0) {
    delete session;
    session = nullptr;
  }
}
// As many as there are provers, each met once.
constexpr int kProvers = 1200;
BENCHMARK(VerifyManyBundles)->Unit(benchmark::kMicrosecond)->Threads(1)->Iterations(kProvers)->UseRealTime();
BENCHMARK(VerifyManyBundles)->Unit(benchmark::kMicrosecond)->Threads(2)->Iterations(kProvers / 2)->UseRealTime();

}  // namespace

int main(int argc, char** argv) {
  Check(argc >= 3, "usage: verify_bench BUNDLE SIMULATED_ROOT [--benchmark_…]");
  std::ifstream file(argv[1]);
  std::ostringstream text;
  text << file.rdbuf();
  input.text = text.str();
  std::string_view root = argv[2];
  if (root.starts_with("sha256:")) root.remove_prefix(7);
  verify::TrustAnchor anchor{"simulated", {}, true};
  Check(HexDecodeInto(root, anchor.key_id), "the root is not 64 hexadecimal digits");
  input.anchors = {anchor};
  input.time = Time{static_cast<std::int64_t>(std::time(nullptr))};
  CollectFloor();
  const auto envelopes = statement::ParseBundle(input.text);
  const auto outcome = verify::VerifyBundle(*envelopes, {}, input.anchors, input.time);
  Check(outcome.bundle.ok(), outcome.bundle.ok() ? "" : outcome.bundle.error().message);
  auto parsed = policy::ParsePolicy(policy::StartingPolicy(*outcome.bundle), "starting policy");
  Check(parsed.ok(), "the starting policy does not parse");
  input.policy = std::move(*parsed);
  MakeProvers(kProvers);
  argv[2] = argv[0];
  int left = argc - 2;
  benchmark::Initialize(&left, argv + 2);
  benchmark::RunSpecifiedBenchmarks();
}
