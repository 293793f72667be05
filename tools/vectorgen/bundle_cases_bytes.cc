// Bytes: damage, JSON that means two things, bombs, numbers that are none of ours, members that nobody defined.
#include <cstdlib>
#include <functional>

#include "base/json.h"
#include "evidence/package.h"
#include "statement/claims.h"
#include "vectorgen/bundle_cases.h"

namespace attestml::vectorgen {
namespace {

using statement::WriteStatement;

constexpr std::size_t kTraining = 0, kInference = 4, kEvidence = 5;  // lines of the honest bundle

std::vector<std::string> HonestLines() { return BundleProver().Lines(Story()); }

// The honest bundle with one line changed.
template <typename Change>
std::vector<Text> With(std::size_t line, Change change) {
  auto lines = HonestLines();
  lines[line] = change(lines[line]);
  return {Bundle(lines)};
}
// The same, where the prover itself states what it should not: its signature over `payload` is good.
std::vector<Text> Stated(std::size_t line, const std::string& payload) {
  return With(line, [&](const std::string&) { return BundleProver().LineOf(payload); });
}
// The prover changes what the device gave it, and signs that.
std::vector<Text> WithPackage(const std::function<void(evidence::EvidencePackage*)>& change) {
  const BundleProver prover;
  auto claim = prover.KeyEvidence();
  auto package = evidence::DecodeCmw(claim.cmw).value();
  change(&package);
  claim.cmw = evidence::EncodeCmw(package);
  return Stated(kEvidence, WriteStatement(claim));
}
evidence::CollateralItem& ItemOf(evidence::EvidencePackage* package, std::string_view label) {
  for (auto& item : package->collateral) {
    if (item.label == label) return item;
  }
  std::abort();
}

std::size_t In(const std::string& line, std::string_view member, std::size_t further) {
  return line.find(member) + member.size() + further;
}

void AddFlips(BundleCaseBuilder* b) {
  b->Attack("flipped byte");
  b->Add("flipped-none", "accepted", "nothing would ever be accepted");
  b->Add("flipped-envelope-member", "malformed envelope", "a reader that ignores what it does not know").bundles =
      With(kTraining, [](const std::string& l) { return Flipped(l, l.find("payloadType")); });
  b->Add("flipped-envelope-type", "malformed envelope.payload_type", "the payload would be read as something else")
      .bundles = With(kTraining, [](const std::string& l) { return Flipped(l, l.find("vnd.in-toto")); });
  b->Add("flipped-payload", "untrusted bundle.signature", "anybody could change what was stated").bundles =
      With(kTraining, [](const std::string& l) {
        // In the base64 of a digest: what is read is as well formed as before.
        auto envelope = statement::ParseEnvelope(l).value();
        envelope.payload = Replaced(envelope.payload, "\"model.safetensors\"", "\"model.safetensorz\"");
        return statement::WriteEnvelope(envelope);
      });
  b->Add("flipped-signature", "untrusted bundle.signature", "signatures would not be looked at").bundles =
      With(kTraining, [](const std::string& l) { return Flipped(l, In(l, "\"sig\":\"", 20)); });
  b->Add("flipped-key-id", "untrusted bundle.no_evidence", "a key nobody knows would be taken for a known one")
      .bundles = With(kTraining, [](const std::string& l) { return Flipped(l, In(l, "\"keyid\":\"", 5)); });
  b->Add("flipped-session-key", "malformed claim.evidence.key", "the evidence would be for another key than it carries")
      .bundles = With(kEvidence, [](const std::string& l) {
    auto envelope = statement::ParseEnvelope(l).value();
    // The subject's `content` comes after that of the evidence: members are sorted.
    envelope.payload = Flipped(envelope.payload, envelope.payload.rfind("\"content\":\"") + 11 + 60);
    return statement::WriteEnvelope(envelope);
  });
  b->Add("flipped-quote", "untrusted sgx.quote.signature", "a prover could write the measurement it likes").bundles =
      WithPackage([](auto* package) { package->evidence[48 + 64] ^= 1; });
  b->Add("flipped-collateral", "untrusted sgx.tcb_info.signature", "a prover could write its own TCB info").bundles =
      WithPackage([](auto* package) {
        auto& item = ItemOf(package, "tcb-info");
        const std::string text =
            Replaced(std::string(AsText(item.bytes)), "\"tcbStatus\":\"OutOfDate\"", "\"tcbStatus\":\"UpToDate\"");
        item.bytes = ToBytes(AsBytes(text));
      });
}

void AddTruncations(BundleCaseBuilder* b) {
  b->Attack("truncation");
  const auto cut = [](std::size_t lines, std::size_t bytes_of_next) -> std::vector<Text> {
    const auto all = HonestLines();
    const std::string rest = all[lines].substr(0, bytes_of_next);
    Text text = Bundle({all.begin(), all.begin() + static_cast<std::ptrdiff_t>(lines)});
    text[0].text += rest;
    return {text};
  };
  b->Add("truncated-last-newline", "accepted", "the last newline may be missing").bundles = cut(kEvidence, 1'000'000);
  b->Add("truncated-last-byte", "malformed json.syntax", "the last byte would be made up").bundles =
      cut(kEvidence, HonestLines()[kEvidence].size() - 1);
  b->Add("truncated-in-a-statement", "malformed json.syntax", "half a statement would be a statement").bundles =
      cut(kInference, 700);
  b->Add("truncated-before-the-evidence", "untrusted bundle.no_evidence", "statements would need nobody's word")
      .bundles = cut(kEvidence, 0);
  b->Add("truncated-everything", "malformed bundle.empty", "nothing would be enough").bundles = {{{""}}};
  b->Add("truncated-payload-signed", "malformed json.syntax", "half a payload would be a payload").bundles =
      Stated(kInference, WriteStatement(Story().inference).substr(0, 300));
  b->Add("truncated-quote-signed", "malformed sgx.quote.signature_size", "the end of a quote would be made up")
      .bundles = WithPackage([](auto* package) { package->evidence.pop_back(); });
  b->Add("truncated-crl-signed", "unavailable sgx.collateral.pck_crl", "half a revocation list would be one").bundles =
      WithPackage([](auto* package) { ItemOf(package, "pck-crl").bytes.pop_back(); });
}

void AddJson(BundleCaseBuilder* b) {
  const std::string training = WriteStatement(Story().training);
  b->Attack("duplicate JSON keys");
  b->Add("duplicate-none-but-spaced", "accepted", "white space and the order of members are free").bundles =
      Stated(kTraining, PrettyJson(ParseJson(training).value()));
  b->Add("duplicate-in-envelope", "malformed json.duplicate_key", "two readers would read two payloads").bundles =
      With(kTraining, [](const std::string& l) { return "{\"payloadType\":\"x\"," + l.substr(1); });
  b->Add("duplicate-in-signature", "malformed json.duplicate_key", "two readers would try two keys").bundles =
      With(kTraining, [](const std::string& l) { return Replaced(l, "\"sig\":", "\"sig\":\"AAAA\",\"sig\":"); });
  b->Add("duplicate-in-statement", "malformed json.duplicate_key", "two readers would read two predicates").bundles =
      Stated(kTraining, "{\"predicate\":{}," + training.substr(1));
  b->Add("duplicate-in-predicate", "malformed json.duplicate_key", "two readers would read two values").bundles =
      Stated(2,
             Replaced(WriteStatement(Story().accuracy), "\"value\":\"0.85\"", "\"value\":\"0.95\",\"value\":\"0.85\""));
  b->Add("duplicate-escaped", "malformed json.duplicate_key", "an escape would hide that it is the same name").bundles =
      Stated(2, Replaced(WriteStatement(Story().accuracy), "\"value\":\"0.85\"",
                         "\"v\\u0061lue\":\"0.95\",\"value\":\"0.85\""));
  b->Add("duplicate-in-cmw", "malformed cmw.json", "two readers would see two quotes").bundles = [] {
    auto claim = BundleProver().KeyEvidence();
    claim.cmw = "{\"evidence\":[]," + claim.cmw.substr(1);
    return Stated(kEvidence, WriteStatement(claim));
  }();
}

void AddBombs(BundleCaseBuilder* b) {
  b->Attack("depth and size bombs");
  const auto strange = [](std::size_t depth) {
    return R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a"}],)"
           R"("predicateType":"https://example.org/deep/v1","predicate":)" +
           std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  const auto beside = [](const std::string& payload) -> std::vector<Text> {
    auto lines = HonestLines();
    lines.push_back(BundleProver().LineOf(payload));
    return {Bundle(lines)};
  };
  b->Add("bomb-depth-at-the-limit", "accepted", "what the limit allows must be read").bundles = beside(strange(31));
  b->Add("bomb-depth-over-the-limit", "malformed json.depth", "readers would differ in what they can read").bundles =
      beside(strange(32));
  b->Add("bomb-depth", "malformed json.depth", "a reader that recurses would run out of stack").bundles = {
      {{"[", 1'000'000}}};
  b->Add("bomb-depth-signed", "malformed json.depth", "a signature would make it harmless").bundles =
      beside(std::string(20'000, '['));
  b->Add("bomb-values", "malformed json.size", "small text would grow thirtyfold in memory").bundles = {
      {{"["}, {"[],", 1'100'000}, {"[]]"}}};
  b->Add("bomb-line", "malformed json.size", "one line would fill the memory").bundles = {
      {{"\""}, {"aaaaaaaaaaaaaaaa", (std::size_t{32} << 20) / 16}, {"\""}}};
  b->Add("bomb-lines", "malformed bundle.lines", "each line costs a signature").bundles = [] {
    const auto lines = HonestLines();
    return std::vector<Text>{{{lines[kEvidence] + "\n"}, {lines[kInference] + "\n", 4096}}};
  }();
  b->Add("bomb-lines-at-the-limit", "accepted", "what the limit allows must be read").bundles = [] {
    const auto lines = HonestLines();
    Text text = Bundle(lines);
    text.push_back({lines[kInference] + "\n", 4096 - 6});
    return std::vector<Text>{text};
  }();
  b->Add("bomb-empty-lines", "malformed bundle.line", "nothing would be a line").bundles = [] {
    Text text = Bundle(HonestLines());
    text.push_back({"\n", 100'000});
    return std::vector<Text>{text};
  }();
  auto& policy = b->Add("bomb-policy", "none usage policy.size", "a policy may come from somewhere, too");
  policy.policy = {{HonestPolicy()}, {"# 0123456789abcd\n", 65'536}};
}

void AddNumbers(BundleCaseBuilder* b) {
  b->Attack("numbers as floats or out of range");
  const std::string training = WriteStatement(Story().training);
  const std::string accuracy = WriteStatement(Story().accuracy);
  const auto steps = [&](std::string_view number) {
    return Stated(kTraining, Replaced(training, "\"steps\":60", "\"steps\":" + std::string(number)));
  };
  const auto value = [&](std::string_view text) {
    return Stated(2, Replaced(accuracy, "\"value\":\"0.85\"", "\"value\":" + std::string(text)));
  };
  b->Add("number-largest", "accepted", "2^53 - 1 is the largest that every reader has").bundles =
      steps("9007199254740991");
  b->Add("number-over-53-bits", "malformed json.number", "readers with doubles would see another number").bundles =
      steps("9007199254740993");
  b->Add("number-over-64-bits", "malformed json.number", "it would wrap around").bundles =
      steps("18446744073709551676");
  b->Add("number-float", "malformed json.number", "readers print floats differently").bundles = steps("60.0");
  b->Add("number-exponent", "malformed json.number", "readers print floats differently").bundles = steps("6e1");
  b->Add("number-negative", "malformed claim.training", "a count would wrap around").bundles = steps("-60");
  b->Add("number-where-a-decimal-string-is-due", "malformed claim.property.result",
         "a value would pass through a float")
      .bundles = value("1");
  b->Add("number-float-value", "malformed json.number", "a value would pass through a float").bundles = value("0.85");
  b->Add("number-not-shortest", "malformed claim.property.number", "one value would have two texts").bundles =
      value("\"0.850\"");
  b->Add("number-not-a-number", "malformed claim.property.number", "NaN satisfies no bound and fails none").bundles =
      value("\"nan\"");
  b->Add("number-overflow", "malformed claim.property.number", "infinity satisfies every lower bound").bundles =
      value("\"1e999\"");
}

void AddUnknownFields(BundleCaseBuilder* b) {
  b->Attack("unknown fields in our predicates");
  const Story story;
  const auto with = [](std::size_t line, const statement::Claim& claim, std::string_view after) {
    const std::string added = std::string(after) + "\"zz\":\"1\",";
    return Stated(line, Replaced(WriteStatement(claim), after, added));
  };
  constexpr std::string_view kWhy = "one verifier would read what another ignores";
  auto& other =
      b->Add("unknown-predicate-type", "accepted", "a statement of a type that is not ours counts for nothing");
  auto lines = HonestLines();
  lines.push_back(BundleProver().LineOf(
      R"({"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a"}],"predicateType":"https://example.org/v1",)"
      R"("predicate":{"zz":1}})"));
  other.bundles = {Bundle(lines)};
  b->Add("unknown-in-statement", "malformed statement", kWhy).bundles =
      Stated(kTraining, "{\"zz\":\"1\"," + WriteStatement(story.training).substr(1));
  b->Add("unknown-in-training", "malformed claim.training", kWhy).bundles =
      with(kTraining, story.training, "\"predicate\":{");
  b->Add("unknown-in-build-definition", "malformed claim.training", kWhy).bundles =
      with(kTraining, story.training, "\"buildDefinition\":{");
  b->Add("unknown-in-property", "malformed claim.property", kWhy).bundles = with(2, story.accuracy, "\"predicate\":{");
  b->Add("unknown-in-result", "malformed claim.property.result", kWhy).bundles =
      with(2, story.accuracy, "\"results\":[{");
  b->Add("unknown-in-selection", "malformed selection.member", kWhy).bundles =
      with(2, story.accuracy, "\"selection\":{");
  b->Add("unknown-in-run", "malformed run", kWhy).bundles = with(2, story.accuracy, "\"run\":{");
  b->Add("unknown-in-inference", "malformed claim.inference", kWhy).bundles =
      with(kInference, story.inference, "\"predicate\":{");
  b->Add("unknown-in-evidence", "malformed claim.evidence", kWhy).bundles =
      with(kEvidence, BundleProver().KeyEvidence(), "\"predicate\":{");
  b->Add("unknown-in-certification", "malformed claim.certification", kWhy).bundles = [] {
    const auto key = TestKey("certifier");
    statement::CertificationClaim claim;
    claim.subject = {"model.safetensors", DigestOf("model")};
    claim.kind = "model";
    claim.name = "Model One";
    claim.certifier_key = key.public_key().spki();
    auto all = HonestLines();
    all.push_back(SignLine(Replaced(WriteStatement(claim), "\"predicate\":{", "\"predicate\":{\"zz\":\"1\","), key));
    return std::vector<Text>{Bundle(all)};
  }();
}

}  // namespace

void AddByteCases(BundleCaseBuilder* b) {
  AddFlips(b);
  AddTruncations(b);
  AddJson(b);
  AddBombs(b);
  AddNumbers(b);
  AddUnknownFields(b);
}

}  // namespace attestml::vectorgen
