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

std::vector<Envelope> Several(std::size_t count) {
  std::vector<Envelope> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(SignEnvelope("{\"n\":" + std::to_string(i) + "}", Key()));
  return out;
}

TEST(EnvelopeTimestamps, EachLeadsToTheRootThatWasStamped) {
  for (std::size_t count = 1; count <= 9; ++count) {
    std::vector<Envelope> envelopes = Several(count);
    const crypto::Digest256 root = TimestampedRoot(envelopes);
    ASSERT_TRUE(AddTimestamp({1, 2, 3}, &envelopes).ok());
    EXPECT_EQ(TimestampedRoot(envelopes), root) << "a time stamp is of no other time stamp";
    for (const Envelope& envelope : envelopes) {
      const auto again = ParseEnvelope(WriteEnvelope(envelope));
      ASSERT_TRUE(again.ok()) << again.error().message;
      ASSERT_EQ(again->timestamps.size(), 1U);
      EXPECT_EQ(again->timestamps[0].token, (Bytes{1, 2, 3}));
      EXPECT_EQ(TimestampRoot(*again, again->timestamps[0]), root);
      EXPECT_TRUE(Holds(*again));
      EXPECT_EQ(WriteEnvelope(*again), WriteEnvelope(envelope));
      // What is stamped is payload and signature, and nothing else.
      Envelope other = envelope;
      other.payload += " ";
      EXPECT_NE(TimestampRoot(other, envelope.timestamps[0]), root);
      other = envelope;
      other.signature.back() ^= 1;
      EXPECT_NE(TimestampRoot(other, envelope.timestamps[0]), root);
      other = envelope;
      other.key_id[0] ^= 1;  // a hint, which is believed in nothing
      EXPECT_EQ(TimestampRoot(other, envelope.timestamps[0]), root);
    }
  }
}

// The leaf by the book, for others to compute.
TEST(EnvelopeTimestamps, LeafIsPaeAndSignature) {
  Envelope envelope{"{}", {}, {0xaa, 0xbb}, {}};
  const std::string text = std::string("\0", 1) + "DSSEv1 28 application/vnd.in-toto+json 2 {}\xaa\xbb";
  EXPECT_EQ(TimestampLeaf(envelope), crypto::Sha256(AsBytes(text)));
  EXPECT_EQ(TimestampedRoot({envelope}), crypto::Sha256(AsBytes(text)));
}

TEST(EnvelopeTimestamps, AtMostEight) {
  std::vector<Envelope> envelopes = Several(2);
  for (int i = 0; i < 8; ++i) ASSERT_TRUE(AddTimestamp({1}, &envelopes).ok());
  EXPECT_TRUE(ParseEnvelope(WriteEnvelope(envelopes[0])).ok());
  EXPECT_EQ(AddTimestamp({1}, &envelopes).error().id, "envelope.timestamp");
  EXPECT_EQ(envelopes[0].timestamps.size(), 8U);
  envelopes[0].timestamps.push_back(envelopes[0].timestamps[0]);
  EXPECT_EQ(ParseEnvelope(WriteEnvelope(envelopes[0])).error().id, "envelope.timestamp");
}

TEST(EnvelopeTimestamps, Rules) {
  std::vector<Envelope> envelopes = Several(3);
  ASSERT_TRUE(AddTimestamp(Bytes(100, 7), &envelopes).ok());
  const auto id_after = [&](const std::function<void(Json&, Json&)>& damage) {
    auto value = ParseJson(WriteEnvelope(envelopes[1]));
    Json& signature = (*value)["signatures"][0];
    damage(signature, signature["timestamps"][0]);
    const auto envelope = ParseEnvelope(DumpJson(*value));
    return envelope.ok() ? "ok" : envelope.error().id;
  };
  EXPECT_EQ(id_after([](Json&, Json&) {}), "ok");
  const std::string id = "envelope.timestamp";
  for (const char* member : {"index", "path", "size", "token", "type"}) {
    EXPECT_EQ(id_after([&](Json&, Json& t) { t.erase(member); }), id) << member;
    EXPECT_EQ(id_after([&](Json&, Json& t) { t[member] = nullptr; }), id) << member;
  }
  EXPECT_EQ(id_after([](Json&, Json& t) { t["more"] = 1; }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["type"] = "tsp"; }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["token"] = ""; }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["token"] = "AA"; }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["token"] = Base64Encode(Bytes(64 * 1024)); }), "ok");
  EXPECT_EQ(id_after([](Json&, Json& t) { t["token"] = Base64Encode(Bytes(64 * 1024 + 1)); }), id);
  // Of three leaves, the last has a path of one, the others of two.
  EXPECT_EQ(id_after([](Json&, Json& t) { t["index"] = 0; }), "ok");  // another leaf's place: of another root
  EXPECT_EQ(id_after([](Json&, Json& t) { t["index"] = 2; }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["index"] = 3; }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["index"] = std::uint64_t{1} << 52U; }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["size"] = 0; }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["size"] = 1; }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["size"] = 5; }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["size"] = (std::uint64_t{1} << 32U) + 1; }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["path"].erase(0); }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["path"].push_back(t["path"][0]); }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["path"][0] = std::string(64, 'A'); }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) { t["path"][0] = 1; }), id);
  EXPECT_EQ(id_after([](Json&, Json& t) {
              t["size"] = std::uint64_t{1} << 32U;
              for (int i = 2; i < 33; ++i) t["path"].push_back(t["path"][0]);
            }),
            id);
  EXPECT_EQ(id_after([](Json& s, Json&) { s["timestamps"] = Json::array(); }), id);
  EXPECT_EQ(id_after([](Json& s, Json&) { s["timestamps"] = Json::object(); }), "envelope");
  EXPECT_EQ(id_after([](Json& s, Json&) { s["timestamps"][0] = 1; }), id);
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
