// A bundle with any byte changed, or its end missing, is refused.
#include <gtest/gtest.h>

#include "provers.h"

namespace attestml::bundle_test {
namespace {

using namespace statement::sample;

std::string TextOf(const Lines& lines) {
  std::string out;
  for (const auto& line : lines) out += statement::WriteEnvelope(line) + "\n";
  return out;
}

std::string VerifyText(std::string_view text) {
  const auto lines = statement::ParseBundle(text);
  if (!lines.ok()) return std::string(KindName(lines.error().kind)) + " " + lines.error().id;
  return Ends(Verify(*lines));
}

// Statements first: the evidence they need is what is cut off.
Lines Honest(const Prover& prover) {
  return {prover.Sign(SampleTraining()), prover.Sign(SampleInference()), prover.Sign(prover.KeyEvidence("0102"))};
}

// The line of evidence is long and of one kind: there every 53rd byte is tried, in the others each.
std::vector<std::size_t> Positions(const std::string& text, const Lines& lines) {
  const std::size_t long_line = text.size() - statement::WriteEnvelope(lines.back()).size();
  std::vector<std::size_t> out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i < long_line + 100 || i + 300 > text.size() || i % 53 == 0) out.push_back(i);
  }
  return out;
}

TEST(BundleDamage, EveryFlippedByte) {
  const Prover prover;
  const Lines lines = Honest(prover);
  const std::string text = TextOf(lines);
  ASSERT_EQ(VerifyText(text), "ok");
  for (const std::size_t i : Positions(text, lines)) {
    std::string damaged = text;
    damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
    // Without its last newline it is the same bundle; with another byte there it is none.
    EXPECT_NE(VerifyText(damaged), "ok") << "byte " << i;
  }
}

TEST(BundleDamage, EveryTruncation) {
  const Prover prover;
  const Lines lines = Honest(prover);
  const std::string text = TextOf(lines);
  for (const std::size_t n : Positions(text, lines)) {
    if (n + 1 == text.size()) continue;  // only the last newline is gone
    EXPECT_NE(VerifyText(std::string_view(text).substr(0, n)), "ok") << n << " of " << text.size();
  }
  EXPECT_EQ(VerifyText(std::string_view(text).substr(0, text.size() - 1)), "ok");
}

// The prover holds the session key and can sign a line again; what the hardware signed it cannot.
TEST(BundleDamage, EveryByteOfTheReportInASignedLine) {
  const Prover prover;
  const auto training = prover.Sign(SampleTraining());
  const auto honest = prover.KeyEvidence("0102");
  const auto package = evidence::DecodeCmw(honest.cmw);
  ASSERT_TRUE(package.ok());
  for (std::size_t i = 0; i < 432; ++i) {  // header and report body of a quote v3
    auto damaged = *package;
    damaged.evidence[i] = static_cast<std::uint8_t>(damaged.evidence[i] ^ (1u << (i % 8)));
    auto claim = honest;
    claim.cmw = evidence::EncodeCmw(damaged);
    const std::string end = Ends(Verify({training, prover.Sign(claim)}));
    // The first eight bytes say which format it is; with another one, another parser refuses it.
    const std::string id = end.substr(end.find(' ') + 1);
    EXPECT_TRUE(id.starts_with("sgx.") ||
                (i < 8 && (id == "evidence.format" || id.starts_with("snp.report.") || id.starts_with("tdx.quote."))))
        << "byte " << i << ": " << end;
  }
  auto nothing = honest;
  nothing.cmw = "{}";
  EXPECT_TRUE(Ends(Verify({training, prover.Sign(nothing)})).starts_with("malformed cmw."));
}

// The prover may sign any change of a statement with a key of its own, but then it has no evidence.
TEST(BundleDamage, AStatementChangedAndSignedByAnotherKey) {
  const Prover prover, forger;
  Lines lines = Honest(prover);
  statement::TrainingClaim claim = SampleTraining();
  claim.model = Artifact("another model");
  lines[0] = forger.Sign(claim);
  EXPECT_EQ(Ends(Verify(lines)), "untrusted bundle.no_evidence");
  lines[0].key_id = prover.key_id();
  EXPECT_EQ(Ends(Verify(lines)), "untrusted bundle.signature");
  lines[0] = Honest(prover)[0];
  lines[0].payload = statement::WriteStatement(claim);
  EXPECT_EQ(Ends(Verify(lines)), "untrusted bundle.signature");
}

TEST(BundleDamage, AMalformedStatementFailsTheBundleEvenWhenSigned) {
  const Prover prover;
  const auto evidence = prover.Sign(prover.KeyEvidence());
  const auto with = [&](const std::string& payload) {
    return Ends(Verify({evidence, statement::SignEnvelope(payload, prover.key)}));
  };
  std::string text = statement::WriteStatement(SampleTraining());
  EXPECT_EQ(with(text), "ok");
  EXPECT_EQ(with(text + " x"), "malformed json.syntax");
  EXPECT_EQ(with("{\"_type\":\"\"," + text.substr(1)), "malformed json.duplicate_key");
  EXPECT_EQ(with("{\"zz\":1," + text.substr(1)), "malformed statement");
  EXPECT_EQ(with(""), "malformed json.syntax");
  EXPECT_EQ(with(std::string(100, '[')), "malformed json.depth");
  statement::TrainingClaim claim = SampleTraining();
  claim.steps = 0;
  EXPECT_EQ(with(statement::WriteStatement(claim)), "malformed claim.training.no_steps");
  claim = SampleTraining();
  claim.initial_model = claim.model;
  EXPECT_EQ(with(statement::WriteStatement(claim)), "malformed claim.training.unchanged");
}

}  // namespace
}  // namespace attestml::bundle_test
