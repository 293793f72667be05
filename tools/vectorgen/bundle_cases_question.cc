// What the relying party asks: is this the answer to my input, made for my nonce; is this row in it; whose model is it.
#include "base/hex.h"
#include "crypto/merkle.h"
#include "statement/binding.h"
#include "statement/receipt.h"
#include "vectorgen/bundle_cases.h"

namespace attestml::vectorgen {
namespace {

std::string AskingForAnAnswer() { return HonestPolicy() + "\n[[require]]\nid = \"answer\"\nclaim = \"inference\"\n"; }

// Which number of a row is which, and which value is none, is the model's to say and not the job's that answers.
void AddRows(BundleCaseBuilder* b, const Held& held) {
  b->Attack("rows of an answer read in another way than in training");
  const auto ask = [&](std::string_view name, std::string_view expect, std::string_view why, auto change) {
    Story story;
    auto selection = PeopleSelection();
    change(selection);
    Reread(&story.inference, selection);
    auto& c = b->Add(name, expect, why, story);
    c.held = held;
    c.policy = {{AskingForAnAnswer()}};
  };
  using S = statement::Selection;
  constexpr std::string_view kBad = "rejected policy.inference.reading";
  constexpr std::string_view kWhy = "the answer would be to other rows than were sent";
  ask("rows-read-as-in-training", "accepted", "the rows are read as the model learned to", [](S&) {});
  ask("rows-without-the-label", "accepted", "rows to answer need no label", [](S& s) {
    s.target.reset();
    s.columns.pop_back();
  });
  ask("rows-columns-exchanged", kBad, kWhy, [](S& s) { std::swap(s.columns[0], s.columns[1]); });
  ask("rows-column-renamed", kBad, kWhy, [](S& s) { s.columns[0].name = "years"; });
  ask("rows-column-of-another-type", kBad, kWhy, [](S& s) { s.columns[0].type = statement::ColumnType::kCategorical; });
  ask("rows-column-left-out", kBad, kWhy, [](S& s) { s.columns.erase(s.columns.begin()); });
  ask("rows-another-column-for-the-label", kBad, kWhy, [](S& s) { s.target = statement::Target{"sex", "", ""}; });
  ask("rows-value-called-missing", kBad, kWhy, [](S& s) { s.format.missing = "0.687394"; });
  ask("rows-without-names", kBad, "columns in another order would go by the names in training",
      [](S& s) { s.format.header = false; });
  ask("rows-another-delimiter", kBad, kWhy, [](S& s) { s.format.delimiter = ';'; });
  ask("rows-trimmed", kBad, kWhy, [](S& s) { s.format.trim = true; });
  ask("rows-unquoted", kBad, kWhy, [](S& s) { s.format.quote = false; });
  Story dropped;
  auto& rows_read = dropped.inference.rows;
  rows_read.selection->missing = statement::MissingPolicy::kDrop;
  rows_read.selection_id.digest = statement::SelectionDigest(*rows_read.selection);
  b->Add("rows-left-out", "malformed claim.inference.rows", "rows would go without an answer", dropped);
  // Training data without a header: then the order is the model's, and rows may say their names themselves.
  const auto headerless = [&](std::string_view name, std::string_view expect, std::string_view why, auto change) {
    Story story;
    auto selection = PeopleSelection();
    selection.format.header = false;
    Reselect(&story.training.datasets[0], selection);
    change(selection);
    Reread(&story.inference, selection);
    auto& c = b->Add(name, expect, why, story);
    c.held = held;
    c.policy = {{TrustTable() + ProgramTable() + "\n[[require]]\nid = \"answer\"\nclaim = \"inference\"\n"}};
  };
  headerless("rows-in-the-order-of-training", "accepted", "the order is that of the training", [](S&) {});
  headerless("rows-with-names-added", "accepted", "a header holds the columns to their names",
             [](S& s) { s.format.header = true; });
  headerless("rows-of-a-file-without-names-exchanged", kBad, kWhy, [](S& s) { std::swap(s.columns[0], s.columns[1]); });

  // Without a training there is nothing to compare with, and then the policy says it.
  const auto alone = [&](std::string_view name, std::string_view expect, std::string_view why,
                         const std::string& selection) {
    const BundleProver prover;
    auto& c = b->Add(name, expect, why);
    c.bundles = {Bundle({prover.Line(Story().inference), prover.Evidence()})};
    c.held = held;
    c.policy = {{TrustTable() + ProgramTable() + "\n[[require]]\nid = \"answer\"\nclaim = \"inference\"\n" +
                 (selection.empty() ? "" : "selection = \"" + selection + "\"\n")}};
  };
  const std::string rows = "sha256:" + HexEncode(Story().inference.rows.selection_id.digest);
  alone("rows-of-a-model-without-training", kBad, "nothing would show how the rows were read", "");
  alone("rows-named-by-the-policy", "accepted", "a policy may name the reading that it knows", rows);
  alone("rows-not-those-named-by-the-policy", "rejected policy.inference.reading policy.require.answer",
        "a policy's word would not be looked at", Sha("another selection"));
}

void AddTwoAnswers(BundleCaseBuilder* b, const Held& held) {
  b->Attack("two answers to one question");
  const auto ask = [&](std::string_view name, std::string_view expect, std::string_view why, auto change) {
    Story story;
    auto second = story.inference;
    second.output = {"answers.csv", DigestOf("other answers")};
    change(second);
    story.more = {second};
    auto& c = b->Add(name, expect, why, story);
    c.held = held;
    c.policy = {{AskingForAnAnswer()}};
  };
  using I = statement::InferenceClaim;
  ask("answers-two-to-one-input", "rejected policy.contradiction", "a prover would send the answer that it likes",
      [](I& i) { i.run.nonce = "0a0c"; });
  ask("answers-to-two-inputs", "accepted", "other rows have other answers", [](I& i) {
    i.input = {"rows.csv", DigestOf("other rows")};
  });
  ask("answers-of-two-engines", "accepted", "engines may differ in the last digit",
      [](I& i) { i.run.engine = "onednn"; });
  ask("answers-of-a-program", "accepted", "a program may draw random numbers", [](I& i) {
    i.run.job["model"] = Json{{"kind", "torchscript"}};
  });
}

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
  AddRows(b, honest);
  AddTwoAnswers(b, honest);
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
  ask("receipt-of-a-row-read-otherwise", "rejected policy.inference.reading", "the answer would be to another row",
      [&](R&, C& c) {
        Story swapped = story;
        auto selection = PeopleSelection();
        std::swap(selection.columns[0].name, selection.columns[1].name);
        std::swap(selection.columns[0].type, selection.columns[1].type);
        Reread(&swapped.inference, selection);
        c.bundles = {Bundle(BundleProver().Lines(swapped))};
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
