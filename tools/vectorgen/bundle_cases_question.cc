// What the relying party asks: is this the answer to my input, made for my nonce; is this row in it; whose model is it.
#include "base/hex.h"
#include "crypto/merkle.h"
#include "statement/binding.h"
#include "statement/receipt.h"
#include "vectorgen/bundle_cases.h"

namespace attestml::vectorgen {
namespace {

std::string AskingForAnAnswer() { return HonestPolicy() + "\n[[require]]\nid = \"answer\"\nclaim = \"inference\"\n"; }

void AddAnswers(BundleCaseBuilder* b) {
  const auto ask = [&](std::string_view name, std::string_view expect, std::string_view why, const Held& held,
                       const Story& story = Story()) {
    auto& c = b->Add(name, expect, why, story);
    c.held = held;
    c.policy = {{AskingForAnAnswer()}};
  };
  Held honest;
  honest.input = "rows";
  honest.output = "answers";
  honest.nonce = "0a0b";
  const auto with = [&](auto change) {
    Held held = honest;
    change(held);
    return held;
  };
  b->Attack("another inference with an equal output");
  ask("answer-of-this-input", "accepted", "input, output and nonce are those of one inference", honest);
  ask("answer-of-another-input", "rejected policy.input policy.require.answer",
      "an equal answer to another question would do", with([](Held& h) { h.input = "my rows"; }));
  ask("answer-altered", "rejected policy.output policy.require.answer", "any answer would do",
      with([](Held& h) { h.output = "better answers"; }));
  ask("answer-output-alone", "rejected policy.input policy.require.answer",
      "an equal answer to another question would do", with([](Held& h) { h.input.reset(); }));
  ask("answer-input-alone", "rejected policy.output policy.require.answer", "any answer would do",
      with([](Held& h) { h.output.reset(); }));
  ask("answer-nothing-held", "rejected policy.require.answer", "a requirement would be met by nothing", {});
  Story cheap;
  cheap.inference.model = {"cheap.safetensors", DigestOf("cheap")};
  ask("answer-of-another-model", "rejected policy.model policy.require.answer", "a cheaper model would answer",
      with([](Held& h) { h.model = "model"; }), cheap);

  b->Attack("fresh evidence for an old statement");
  auto fresh_evidence = [](BundleCase* c, const Story& story, const std::string& nonce) {
    const BundleProver prover;
    auto lines = prover.Lines(story);
    lines.back() = prover.Evidence(nonce);
    c->bundles = {Bundle(lines)};
  };
  Story fresh;
  for (auto* run : {&fresh.training.run, &fresh.distribution.run, &fresh.accuracy.run, &fresh.overlap.run}) {
    run->nonce = "0a0c";
  }
  const Story old;
  auto& good = b->Add("nonce-in-every-statement", "accepted", "the statements were made for the nonce", fresh);
  good.held.nonce = "0a0c";
  fresh_evidence(&good, fresh, "0a0c");
  auto& replayed = b->Add("nonce-in-evidence-only", "rejected policy.nonce",
                          "new evidence for an old key would make old statements fresh");
  replayed.held.nonce = "0a0c";
  fresh_evidence(&replayed, old, "0a0c");
  auto& answer = b->Add("nonce-of-an-older-answer", "rejected policy.nonce policy.require.answer",
                        "a recorded answer would be replayed");
  answer.held = honest;
  answer.held.nonce = "0a0c";
  answer.policy = {{AskingForAnAnswer()}};
  fresh_evidence(&answer, old, "0a0c");
  Story none;
  none.inference.run.nonce = "";
  ask("nonce-absent", "rejected policy.nonce policy.require.answer", "an answer for nobody would be for everybody",
      honest, none);
}

// A bulk inference of four rows, and the receipt of one.
void AddReceipts(BundleCaseBuilder* b) {
  b->Attack("receipt of another row, run or answer");
  const auto nonce = statement::NonceDigest(HexDecode("0a0b").value());
  std::vector<crypto::Digest256> leaves;
  for (const char* row : {"row 0", "row 1", "row 2", "row 3"}) {
    const auto leaf = statement::ReceiptLeaf(DigestOf(row), DigestOf(std::string("answer to ") + row), nonce);
    leaves.push_back(leaf);
  }
  const crypto::MerkleTree tree(leaves);
  statement::Receipt receipt;
  receipt.index = 2;
  receipt.size = 4;
  receipt.root = tree.root();
  receipt.input = DigestOf("row 2");
  receipt.output = DigestOf("answer to row 2");
  receipt.nonce = nonce;
  receipt.proof = tree.InclusionProof(2);
  Story story;
  story.inference.tree_size = 4;
  story.inference.tree_root = tree.root();

  const auto ask = [&](std::string_view name, std::string_view expect, std::string_view why, auto change) {
    auto& c = b->Add(name, expect, why, story);
    c.policy = {{AskingForAnAnswer()}};
    c.held.input = "row 2";
    c.held.output = "answer to row 2";
    c.held.nonce = "0a0b";
    statement::Receipt bent = receipt;
    change(bent, c);
    if (!c.held.receipt) c.held.receipt = statement::WriteReceipt(bent);
  };
  using R = statement::Receipt;
  using C = BundleCase;
  ask("receipt-of-the-row", "accepted", "a person can check the row that is about them", [](R&, C&) {});
  ask("receipt-for-another-row", "rejected policy.output policy.require.answer receipt.input",
      "another's answer would be mine", [](R&, C& c) { c.held.input = "row 1"; });
  ask("receipt-for-another-answer", "rejected policy.output policy.require.answer receipt.output",
      "the answer would be rewritten", [](R&, C& c) { c.held.output = "a better answer"; });
  ask("receipt-with-a-false-proof", "rejected policy.output policy.require.answer receipt.proof",
      "any row would be in any tree", [](R& r, C&) { r.proof[0][0] ^= 1; });
  ask("receipt-of-another-index", "rejected policy.output policy.require.answer receipt.proof",
      "a row would stand where it does not", [](R& r, C&) { r.index = 3; });
  ask("receipt-of-another-tree", "rejected policy.output policy.require.answer receipt.statement",
      "a tree that nobody stated would do", [](R& r, C& c) {
        const auto leaf = statement::ReceiptLeaf(DigestOf("row 2"), DigestOf("a better answer"), r.nonce);
        r = {0, 1, crypto::MerkleRoot(std::vector{leaf}), DigestOf("row 2"), DigestOf("a better answer"), r.nonce, {}};
        c.held.output = "a better answer";
      });
  ask("receipt-of-another-run", "rejected policy.output policy.require.answer receipt.nonce",
      "an answer of another day would be today's", [&](R&, C& c) {
        Story later = story;
        later.inference.run.nonce = "0a0c";
        c.bundles = {Bundle(BundleProver().Lines(later))};
        c.held.nonce = "0a0c";
      });
  ask("receipt-duplicate-key", "none malformed json.duplicate_key", "two readers would read two rows",
      [&](R&, C& c) { c.held.receipt = "{\"index\":1," + statement::WriteReceipt(receipt).substr(1); });
}

void AddCertifications(BundleCaseBuilder* b) {
  b->Attack("certification by somebody else, or of something else");
  const auto key = TestKey("certifier", crypto::KeyType::kEd25519);
  const auto stranger = TestKey("another certifier", crypto::KeyType::kEd25519);
  const std::string policy =
      TrustTable() + ProgramTable() +
      "\n[[certifier]]\nname = \"lab\"\nkey = \"sha256:" + HexEncode(key.public_key().id()) +
      "\"\nmay-certify = [\"model\"]\n" + Requirements() +
      "\n[[require]]\nid = \"name\"\nclaim = \"certification\"\ncertifier = \"lab\"\nas = \"Model One\"\n";
  const auto certify = [&](std::string_view caseName, std::string_view expect, std::string_view why,
                           const crypto::PrivateKey& named, const crypto::PrivateKey& signer,
                           const std::string& artifact, const std::string& name) {
    statement::CertificationClaim claim;
    claim.subject = {"model.safetensors", DigestOf(artifact)};
    claim.kind = "model";
    claim.name = name;
    claim.certifier_key = named.public_key().spki();
    auto lines = BundleProver().Lines(Story());
    lines.push_back(SignLine(statement::WriteStatement(claim), signer));
    auto& c = b->Add(caseName, expect, why);
    c.bundles = {Bundle(lines)};
    c.policy = {{policy}};
  };
  certify("certified-by-the-lab", "accepted", "an organisation may vouch for its model", key, key, "model",
          "Model One");
  certify("certified-by-a-stranger", "rejected policy.require.name", "anybody would speak for the lab", stranger,
          stranger, "model", "Model One");
  certify("certified-under-another-name", "rejected policy.require.name", "an old model would pass for the new", key,
          key, "model", "Model Two");
  certify("certified-another-model", "rejected policy.require.name", "a certificate would be moved to another model",
          key, key, "another model", "Model One");
  certify("certified-with-a-borrowed-key", "untrusted bundle.certifier_key", "a key would be named, not used", key,
          stranger, "model", "Model One");
}

}  // namespace

void AddQuestionCases(BundleCaseBuilder* b) {
  AddAnswers(b);
  AddReceipts(b);
  AddCertifications(b);
}

}  // namespace attestml::vectorgen
