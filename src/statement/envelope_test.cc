#include "statement/envelope.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/base64.h"
#include "base/json.h"

namespace attestml::statement {
namespace {

const crypto::PrivateKey& Key() {
  static const crypto::PrivateKey key = crypto::PrivateKey::Generate(crypto::KeyType::kEcdsaP256);
  return key;
}

bool Holds(const Envelope& envelope) {
  return envelope.key_id == Key().public_key().id() &&
         Key().public_key().Verify(Pae(envelope.payload), envelope.signature);
}

// The example of the DSSE specification, with our payload type.
TEST(Pae, AsDsseSays) {
  EXPECT_EQ(AsText(Pae("hello world")), "DSSEv1 28 application/vnd.in-toto+json 11 hello world");
  EXPECT_EQ(AsText(Pae("")), "DSSEv1 28 application/vnd.in-toto+json 0 ");
}

TEST(Envelope, ComesBack) {
  for (const std::string& payload : {std::string("{}"), std::string(100000, 'x'), std::string("\0\xff", 2)}) {
    const Envelope envelope = SignEnvelope(payload, Key());
    const std::string line = WriteEnvelope(envelope);
    EXPECT_EQ(line.find('\n'), std::string::npos);
    const auto again = ParseEnvelope(line);
    ASSERT_TRUE(again.ok()) << again.error().message;
    EXPECT_EQ(again->payload, payload);
    EXPECT_TRUE(Holds(*again));
    EXPECT_EQ(WriteEnvelope(*again), line);
  }
}

// However the JSON is laid out, it says the same.
TEST(Envelope, LayoutDoesNotMatter) {
  const Envelope envelope = SignEnvelope("{\"a\":1}", Key());
  const std::string line = WriteEnvelope(envelope);
  const auto value = ParseJson(line);
  ASSERT_TRUE(value.ok());
  std::string reordered = line.substr(0, line.size() - 1);
  reordered = "{" + reordered.substr(reordered.find("\"payloadType\"")) + "," +
              line.substr(1, line.find(",\"payloadType\"") - 1) + "}";
  for (const std::string& text : {value->dump(2), " " + line, line + " ", reordered}) {
    const auto again = ParseEnvelope(text);
    ASSERT_TRUE(again.ok()) << text;
    EXPECT_EQ(again->payload, envelope.payload);
    EXPECT_EQ(again->key_id, envelope.key_id);
    EXPECT_EQ(again->signature, envelope.signature);
  }
}

TEST(Envelope, EveryFlippedBitIsRefusedOrDoesNotVerify) {
  const std::string line = WriteEnvelope(SignEnvelope("{\"a\":1}", Key()));
  for (std::size_t i = 0; i < line.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = line;
      damaged[i] = static_cast<char>(damaged[i] ^ (1 << bit));
      const auto envelope = ParseEnvelope(damaged);
      EXPECT_FALSE(envelope.ok() && Holds(*envelope)) << "byte " << i << " bit " << bit;
    }
  }
}

TEST(Envelope, EveryTruncationIsRefused) {
  const std::string line = WriteEnvelope(SignEnvelope("{\"a\":1}", Key()));
  for (std::size_t n = 0; n < line.size(); ++n) EXPECT_FALSE(ParseEnvelope(line.substr(0, n)).ok()) << n;
  EXPECT_FALSE(ParseEnvelope(line + "x").ok());
}

std::string IdAfter(const std::function<void(Json&)>& damage) {
  auto value = ParseJson(WriteEnvelope(SignEnvelope("{}", Key())));
  damage(*value);
  const auto envelope = ParseEnvelope(DumpJson(*value));
  return envelope.ok() ? "ok" : envelope.error().id;
}

TEST(Envelope, Rules) {
  EXPECT_EQ(IdAfter([](Json&) {}), "ok");
  EXPECT_EQ(IdAfter([](Json& e) { e["more"] = 1; }), "envelope");
  EXPECT_EQ(IdAfter([](Json& e) { e.erase("payload"); }), "envelope");
  EXPECT_EQ(IdAfter([](Json& e) { e.erase("payloadType"); }), "envelope");
  EXPECT_EQ(IdAfter([](Json& e) { e.erase("signatures"); }), "envelope");
  EXPECT_EQ(IdAfter([](Json& e) { e["payload"] = 1; }), "envelope");
  EXPECT_EQ(IdAfter([](Json& e) { e["payloadType"] = "application/json"; }), "envelope.payload_type");
  EXPECT_EQ(IdAfter([](Json& e) { e["payload"] = "e30"; }), "envelope.payload");     // no padding
  EXPECT_EQ(IdAfter([](Json& e) { e["payload"] = "e31="; }), "envelope.payload");    // bits after the last byte
  EXPECT_EQ(IdAfter([](Json& e) { e["payload"] = "e30=\n"; }), "envelope.payload");  // white space
  EXPECT_EQ(IdAfter([](Json& e) { e["payload"] = "_w=="; }), "envelope.payload");    // the URL alphabet
  EXPECT_EQ(IdAfter([](Json& e) { e["signatures"] = Json::array(); }), "envelope.signatures");
  EXPECT_EQ(IdAfter([](Json& e) { e["signatures"].push_back(e["signatures"][0]); }), "envelope.signatures");
  EXPECT_EQ(IdAfter([](Json& e) { e["signatures"][0]["cert"] = "x"; }), "envelope");
  EXPECT_EQ(IdAfter([](Json& e) { e["signatures"][0].erase("keyid"); }), "envelope");
  EXPECT_EQ(IdAfter([](Json& e) { e["signatures"][0].erase("sig"); }), "envelope");
  EXPECT_EQ(IdAfter([](Json& e) { e["signatures"][0]["sig"] = ""; }), "envelope.signature");
  EXPECT_EQ(IdAfter([](Json& e) { e["signatures"][0]["sig"] = "AA"; }), "envelope.signature");
  EXPECT_EQ(IdAfter([](Json& e) { e["signatures"][0]["sig"] = Base64Encode(Bytes(129)); }), "envelope.signature");
  EXPECT_EQ(IdAfter([](Json& e) { e["signatures"][0]["keyid"] = std::string(64, 'A'); }), "envelope.keyid");
  EXPECT_EQ(IdAfter([](Json& e) { e["signatures"][0]["keyid"] = std::string(62, 'a'); }), "envelope.keyid");
  EXPECT_EQ(ParseEnvelope("[]").error().id, "envelope");
  EXPECT_EQ(ParseEnvelope("").error().id, "json.syntax");
  EXPECT_EQ(ParseEnvelope(R"({"payload":"","payload":"","payloadType":"","signatures":[]})").error().id,
            "json.duplicate_key");
  EXPECT_EQ(ParseEnvelope(std::string(200000, '[')).error().id, "json.depth");
}

TEST(Bundle, Lines) {
  const std::string a = WriteEnvelope(SignEnvelope("{\"a\":1}", Key()));
  const std::string b = WriteEnvelope(SignEnvelope("{\"b\":1}", Key()));
  for (const std::string& text : {a + "\n" + b + "\n", a + "\n" + b}) {
    const auto bundle = ParseBundle(text);
    ASSERT_TRUE(bundle.ok());
    ASSERT_EQ(bundle->size(), 2u);
    EXPECT_EQ((*bundle)[0].payload, "{\"a\":1}");
    EXPECT_EQ((*bundle)[1].payload, "{\"b\":1}");
  }
  EXPECT_EQ(ParseBundle("").error().id, "bundle.empty");
  EXPECT_EQ(ParseBundle("\n").error().id, "bundle.line");
  EXPECT_EQ(ParseBundle(a + "\n\n" + b).error().id, "bundle.line");
  EXPECT_EQ(ParseBundle(a + "\n\n").error().id, "bundle.line");
  EXPECT_EQ(ParseBundle(a + b).error().id, "json.syntax");
  const auto second = ParseBundle(a + "\n{}\n");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().id, "envelope");
  EXPECT_NE(second.error().message.find("line 2"), std::string::npos);
}

TEST(Bundle, Limits) {
  const std::string line = WriteEnvelope(SignEnvelope("{}", Key())) + "\n";
  std::string text;
  for (int i = 0; i < 4096; ++i) text += line;
  const auto most = ParseBundle(text);
  ASSERT_TRUE(most.ok());
  EXPECT_EQ(most->size(), 4096u);
  EXPECT_EQ(ParseBundle(text + line).error().id, "bundle.lines");
  EXPECT_EQ(ParseBundle(std::string((std::size_t{64} << 20) + 1, ' ')).error().id, "bundle.size");
  EXPECT_EQ(ParseBundle(std::string((std::size_t{32} << 20) + 1, ' ')).error().id, "json.size");
}

}  // namespace
}  // namespace attestml::statement
