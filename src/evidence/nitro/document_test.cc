#include "evidence/nitro/document.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/hex.h"
#include "evidence/describe.h"
#include "evidence/nitro/cbor.h"
#include "evidence/recognize.h"
#include "evidence/vectors_for_test.h"

namespace attestml::evidence::nitro {
namespace {

// One encoded item.
Bytes Item(const std::function<void(CborWriter&)>& write) {
  CborWriter out;
  write(out);
  return std::move(out).Take();
}
Bytes Text(std::string_view text) {
  return Item([&](CborWriter& out) { out.WriteText(text); });
}
Bytes Blob(std::size_t size, std::uint8_t fill = 7) {
  return Item([&](CborWriter& out) { out.WriteBytes(Bytes(size, fill)); });
}
Bytes Number(std::uint64_t value) {
  return Item([&](CborWriter& out) { out.WriteUnsigned(value); });
}
Bytes Null() { return {0xf6}; }
Bytes Join(std::initializer_list<Bytes> parts) {
  Bytes out;
  for (const Bytes& part : parts) out.insert(out.end(), part.begin(), part.end());
  return out;
}
Bytes Array(const std::vector<Bytes>& items) {
  return Item([&](CborWriter& out) {
    out.WriteArray(items.size());
    for (const Bytes& item : items) out.WriteEncoded(item);
  });
}
using Pairs = std::vector<std::pair<Bytes, Bytes>>;
Bytes Map(const Pairs& pairs) {
  return Item([&](CborWriter& out) {
    out.WriteMap(pairs.size());
    for (const auto& [key, value] : pairs) {
      out.WriteEncoded(key);
      out.WriteEncoded(value);
    }
  });
}
Pairs Registers(unsigned count) {
  Pairs out;
  for (unsigned i = 0; i < count; ++i) out.push_back({Number(i), Blob(48, static_cast<std::uint8_t>(i + 1))});
  return out;
}

// A payload by its members, and what holds it; every part is encoded and can be anything.
struct Parts {
  Pairs members = {{Text("module_id"), Text("i-0-enc0")},
                   {Text("digest"), Text("SHA384")},
                   {Text("timestamp"), Number(1700000000123)},
                   {Text("pcrs"), Map(Registers(16))},
                   {Text("certificate"), Blob(500)},
                   {Text("cabundle"), Array({Blob(1), Blob(1024)})},
                   {Text("public_key"), Null()},
                   {Text("user_data"), Null()},
                   {Text("nonce"), Null()}};
  Bytes head = {0x84};
  Bytes protected_header = Item([](CborWriter& out) { out.WriteBytes(kEs384Header); });
  Bytes unprotected = {0xa0};
  Bytes signature = Blob(96);
  Bytes after;

  Parts& Set(std::string_view key, Bytes value) {
    for (auto& member : members) {
      if (member.first == Text(key)) member.second = std::move(value);
    }
    return *this;
  }
  Bytes Encode() const {
    return Around(Item([&](CborWriter& out) { out.WriteBytes(Map(members)); }));
  }
  Bytes Around(const Bytes& payload) const {
    return Join({head, protected_header, unprotected, payload, signature, after});
  }
};

std::string IdOf(const Bytes& bytes) {
  const auto document = ParseDocument(bytes);
  if (document.ok()) return "ok";
  EXPECT_EQ(document.error().kind, ErrorKind::kMalformed);
  return document.error().id.substr(std::string("nitro.document.").size());
}
std::string With(std::string_view key, Bytes value) { return IdOf(Parts().Set(key, std::move(value)).Encode()); }

TEST(NitroDocument, EveryField) {
  Parts parts;
  parts.Set("public_key", Blob(3, 1)).Set("user_data", Blob(0)).Set("nonce", Blob(512, 3));
  parts.head = {0xd2, 0x84};
  const Bytes bytes = parts.Encode();
  EXPECT_EQ(RecognizeFormat(bytes), Format::kNitroDocument);
  const auto document = ParseDocument(bytes);
  ASSERT_TRUE(document.ok()) << document.error().message;
  EXPECT_TRUE(document->tagged);
  EXPECT_EQ(document->module_id, "i-0-enc0");
  EXPECT_EQ(document->timestamp, 1700000000123U);
  ASSERT_EQ(document->pcrs.size(), 16U);
  EXPECT_EQ(document->pcrs.at(15)[0], 16);
  EXPECT_EQ(document->certificate, Bytes(500, 7));
  ASSERT_EQ(document->cabundle.size(), 2U);
  EXPECT_EQ(document->cabundle[1], Bytes(1024, 7));
  EXPECT_EQ(document->public_key, Bytes(3, 1));
  EXPECT_EQ(document->user_data, Bytes());
  EXPECT_EQ(document->nonce, Bytes(512, 3));
  EXPECT_EQ(document->signature[95], 7);
  EXPECT_FALSE(document->debug());
  EXPECT_EQ(document->payload, Map(parts.members));
  EXPECT_EQ(SigStructure(document->protected_header, document->payload),
            Join({{0x84}, Text("Signature1"), parts.protected_header, {0x40}, Item([&](CborWriter& out) {
                    out.WriteBytes(document->payload);
                  })}));

  parts.head = {0x84};
  EXPECT_EQ(RecognizeFormat(parts.Encode()), Format::kNitroDocument);
  EXPECT_FALSE(ParseDocument(parts.Encode())->tagged);
}

// RFC 9052 4.4, written out by hand.
TEST(NitroDocument, SigStructure) {
  EXPECT_EQ(HexEncode(SigStructure(kEs384Header, {})), "846a5369676e61747572653144a10138224040");
  EXPECT_EQ(HexEncode(SigStructure({}, Bytes(24, 1))).substr(0, 32), "846a5369676e61747572653140405818");
}

TEST(NitroDocument, Cose) {
  const auto head = [](Bytes bytes) {
    Parts parts;
    parts.head = std::move(bytes);
    return IdOf(parts.Encode());
  };
  EXPECT_EQ(IdOf(Parts().Encode()), "ok");
  for (const Bytes& bad :
       {Bytes{0x83}, Bytes{0x85}, Bytes{0x9f}, Bytes{0x98, 4}, Bytes{0xd1, 0x84}, Bytes{0xd8, 98, 0x84},
        Bytes{0xd8, 18, 0x84}, Bytes{0xd2, 0xd2, 0x84}, Bytes{0xa2}, Bytes{0xa4}, Bytes{0x44}, Bytes{}}) {
    EXPECT_EQ(head(bad), "cose") << HexEncode(bad);
  }
  EXPECT_EQ(IdOf({}), "cose");

  // {}, {1: -7}, {1: -35, 2: []}, {1: -35} as an integer in two bytes more, {"1": -35}, a map that is no byte string.
  for (const char* bad : {"40", "43a10126", "46a20138220280", "45a101390022", "45a161313822", "a1013822", "4fa1013822",
                          "5804a1013822", "f6", "4401382200"}) {
    Parts parts;
    parts.protected_header = HexDecode(bad).value();
    EXPECT_EQ(IdOf(parts.Encode()), "protected") << bad;
  }
  for (const char* bad : {"a10126", "a1013822", "b800", "bfff", "80", "f6", "40"}) {
    Parts parts;
    parts.unprotected = HexDecode(bad).value();
    EXPECT_EQ(IdOf(parts.Encode()), "unprotected") << bad;
  }
  Parts deep;
  deep.unprotected = Join({{0xa1, 0x01}, Bytes(5000, 0x81), {0x80}});
  EXPECT_EQ(IdOf(deep.Encode()), "unprotected");

  for (const Bytes& bad : {Null(), Bytes{0x40}, Bytes{0x5f, 0x41, 0xa0, 0xff}, Text("a"), Bytes{0xa0}}) {
    EXPECT_EQ(IdOf(Parts().Around(bad)), "payload") << HexEncode(bad);
  }
  EXPECT_EQ(IdOf(Parts().Around(Blob(kMaxPayload + 1))), "payload");
  EXPECT_EQ(IdOf(Parts().Around(Blob(kMaxPayload))), "map");
  EXPECT_EQ(IdOf(Parts().Around(HexDecode("5b7fffffffffffffff").value())), "payload");
  EXPECT_EQ(IdOf(Bytes(kMaxDocument + 1, 0x84)), "size");

  for (const Bytes& bad : {Blob(0), Blob(64), Blob(95), Blob(97), Null(), Text(std::string(96, 'a'))}) {
    Parts parts;
    parts.signature = bad;
    EXPECT_EQ(IdOf(parts.Encode()), "signature_size");
  }
  for (const Bytes& bad : {Bytes{0}, Bytes(100, 0), Bytes{0xff}, Bytes{0xf6}}) {
    Parts parts;
    parts.after = bad;
    EXPECT_EQ(IdOf(parts.Encode()), "trailing");
  }
}

TEST(NitroDocument, Map) {
  const Parts good;
  const auto payload = [&](const Bytes& bytes) {
    return IdOf(good.Around(Item([&](CborWriter& out) { out.WriteBytes(bytes); })));
  };
  Bytes members = Map(good.members);
  members.erase(members.begin());
  EXPECT_EQ(payload(Join({{0xa9}, members})), "ok");
  EXPECT_EQ(payload(Join({{0xbf}, members, {0xff}})), "ok");  // as AWS' hypervisor writes it in 2026
  EXPECT_EQ(payload(Join({{0xbf}, members})), "map");
  EXPECT_EQ(payload(Join({{0xbf}, members, {0xff, 0xff}})), "map");
  EXPECT_EQ(payload(Join({{0xbf}, members, {0xff, 0x00}})), "map");
  EXPECT_EQ(payload(Join({{0xa9}, members, {0xff}})), "map");
  EXPECT_EQ(payload(Join({{0xaa}, members})), "map");
  EXPECT_EQ(payload(Join({{0xa8}, members})), "map");
  EXPECT_EQ(payload(Join({{0xb8, 9}, members})), "map");
  EXPECT_EQ(payload(Bytes{0x80}), "map");
  EXPECT_EQ(payload(Bytes{0xa0}), "missing");
  EXPECT_EQ(payload(Bytes{0xbf, 0xff}), "missing");
  EXPECT_EQ(payload(HexDecode("bb7fffffffffffffff").value()), "map");

  Parts reversed;
  std::reverse(reversed.members.begin(), reversed.members.end());
  EXPECT_EQ(IdOf(reversed.Encode()), "ok");
  for (std::size_t i = 0; i < good.members.size(); ++i) {
    Parts without = good;
    without.members.erase(without.members.begin() + static_cast<std::ptrdiff_t>(i));
    EXPECT_EQ(IdOf(without.Encode()), i < 6 ? "missing" : "ok") << i;
    Parts twice = good;
    twice.members.push_back(good.members[i]);
    EXPECT_EQ(IdOf(twice.Encode()), "key") << i;
    Parts longer = good;
    longer.members[i].first = Join({{0x78, static_cast<std::uint8_t>(good.members[i].first.size() - 1)},
                                    Bytes(good.members[i].first.begin() + 1, good.members[i].first.end())});
    EXPECT_EQ(IdOf(longer.Encode()), "map") << i;
  }
  for (const Bytes& key : {Text("pcr"), Text("PCRS"), Text(""), Text("module_id "), Text("nitrotpm_pcrs")}) {
    Parts parts;
    parts.members.push_back({key, Null()});
    EXPECT_EQ(IdOf(parts.Encode()), "key");
  }
  for (const Bytes& key : {Number(1), Blob(4), Null(), Bytes{0x61, 0xff}}) {
    Parts parts;
    parts.members.push_back({key, Null()});
    EXPECT_EQ(IdOf(parts.Encode()), "map");
  }
}

TEST(NitroDocument, TextsAndNumbers) {
  EXPECT_EQ(With("module_id", Text(std::string(256, 'a'))), "ok");
  for (const Bytes& bad : {Text(""), Text(std::string(257, 'a')), Text("a\nb"), Text("\x1b[2J"), Text("ü"), Blob(4),
                           Null(), Number(1), Bytes{0x7f, 0x61, 0x61, 0xff}}) {
    EXPECT_EQ(With("module_id", bad), "module_id") << HexEncode(bad);
  }
  for (const Bytes& bad : {Text("SHA256"), Text("SHA512"), Text("sha384"), Text("SHA-384"), Text(""), Text("SHA3840"),
                           Item([](CborWriter& out) { out.WriteBytes(AsBytes("SHA384")); }), Null()}) {
    EXPECT_EQ(With("digest", bad), "digest") << HexEncode(bad);
  }
  EXPECT_EQ(With("timestamp", Number(1)), "ok");
  EXPECT_EQ(With("timestamp", Number(253402300799999)), "ok");
  for (const Bytes& bad :
       {Number(0), Number(253402300800000), Number(~std::uint64_t{0}), Text("1"), Null(), Blob(8), Bytes{0x20},
        HexDecode("1b0000000000000001").value(), HexDecode("fb4271f71fb04cb000").value()}) {
    EXPECT_EQ(With("timestamp", bad), "timestamp") << HexEncode(bad);
  }
}

TEST(NitroDocument, Registers) {
  EXPECT_EQ(With("pcrs", Map(Registers(3))), "ok");
  EXPECT_EQ(With("pcrs", Map(Registers(32))), "ok");
  const auto changed = [](const std::function<void(Pairs&)>& change) {
    Pairs pairs = Registers(4);
    change(pairs);
    return With("pcrs", Map(pairs));
  };
  EXPECT_EQ(changed([](Pairs& p) { std::reverse(p.begin(), p.end()); }), "ok");
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(changed([&](Pairs& p) { p.erase(p.begin() + static_cast<std::ptrdiff_t>(i)); }), "pcrs");
  }
  EXPECT_EQ(changed([](Pairs& p) { p.push_back(p[0]); }), "pcrs");
  EXPECT_EQ(changed([](Pairs& p) { p[3].first = Number(31); }), "ok");
  for (const Bytes& key : {Number(32), Number(~std::uint64_t{0}), Bytes{0x20}, Bytes{0x18, 3}, Text("3"), Null()}) {
    EXPECT_EQ(changed([&](Pairs& p) { p[3].first = key; }), "pcrs") << HexEncode(key);
  }
  for (const Bytes& value : {Blob(0), Blob(32), Blob(47), Blob(49), Blob(64), Null(), Text(std::string(48, 'a'))}) {
    EXPECT_EQ(changed([&](Pairs& p) { p[3].second = value; }), "pcrs");
  }
  EXPECT_EQ(With("pcrs", Map({})), "pcrs");
  EXPECT_EQ(With("pcrs", Array({})), "pcrs");
  EXPECT_EQ(With("pcrs", Null()), "pcrs");
  Bytes indefinite = Map(Registers(3));
  indefinite[0] = 0xbf;
  indefinite.push_back(0xff);
  EXPECT_EQ(With("pcrs", indefinite), "pcrs");
  Pairs many = Registers(32);
  many.push_back({Number(0), Blob(48)});
  EXPECT_EQ(With("pcrs", Map(many)), "pcrs");
}

TEST(NitroDocument, ByteStrings) {
  const struct {
    const char* key;
    std::size_t least, most;
    bool optional;
  } fields[] = {{"certificate", 1, 1024, false},
                {"public_key", 1, 1024, true},
                {"user_data", 0, 512, true},
                {"nonce", 0, 512, true}};
  for (const auto& field : fields) {
    EXPECT_EQ(With(field.key, Blob(field.least)), "ok") << field.key;
    EXPECT_EQ(With(field.key, Blob(field.most)), "ok") << field.key;
    EXPECT_EQ(With(field.key, Blob(field.most + 1)), field.key);
    if (field.least > 0) {
      EXPECT_EQ(With(field.key, Blob(0)), field.key);
    }
    EXPECT_EQ(With(field.key, Null()), field.optional ? "ok" : field.key);
    for (const Bytes& bad : {Text("a"), Number(0), Array({}), Bytes{0x5f, 0x41, 0, 0xff}, Bytes{0x58, 1, 0},
                             Bytes{0xf7}, Bytes{0xf4}, HexDecode("5bffffffffffffffff").value()}) {
      EXPECT_EQ(With(field.key, bad), field.key) << HexEncode(bad);
    }
  }
  EXPECT_EQ(With("cabundle", Array(std::vector<Bytes>(8, Blob(9)))), "ok");
  for (const Bytes& bad : {Array({}), Array(std::vector<Bytes>(9, Blob(9))), Array({Blob(0)}), Array({Blob(1025)}),
                           Array({Blob(5), Null()}), Array({Text("a")}), Array({Array({})}), Null(), Blob(4), Map({}),
                           Bytes{0x9f, 0x41, 0, 0xff}}) {
    EXPECT_EQ(With("cabundle", bad), "cabundle") << HexEncode(bad);
  }
}

// What is of another type says so, and not that it is empty or absent.
TEST(NitroDocument, MessagesOfWhatIsOfAnotherType) {
  const auto message = [](const Bytes& bytes) {
    const auto document = ParseDocument(bytes);
    return document.ok() ? "" : document.error().message;
  };
  const auto with = [&](std::string_view key, Bytes value) {
    return message(Parts().Set(key, std::move(value)).Encode());
  };
  EXPECT_EQ(with("pcrs", Array({})), "registers are not a map");
  EXPECT_EQ(with("pcrs", Map({{Text("0"), Blob(48)}})), "the index of a register is not an unsigned integer");
  EXPECT_EQ(with("pcrs", Map({{Number(0), Text("a")}})), "register 0 is not a byte string of 48 bytes");
  EXPECT_EQ(with("cabundle", Map({})), "cabundle is not an array");
  EXPECT_EQ(with("digest", Blob(6)), "digest is not a text");
  EXPECT_EQ(with("digest", Text("")), "digest is \"\", want SHA384");

  Parts parts;
  parts.protected_header = Text("a");
  EXPECT_EQ(message(parts.Encode()), "protected header is not a byte string");
  EXPECT_EQ(message(Parts().Around(Text("a"))), "payload is not a byte string that ends inside the document");
  const auto payload = [&](const Bytes& bytes) {
    return message(Parts().Around(Item([&](CborWriter& out) { out.WriteBytes(bytes); })));
  };
  EXPECT_EQ(payload({0x80}), "payload is not a CBOR map");
  EXPECT_EQ(payload({0xff}), "payload is not a CBOR map");
  // The members of a map and its end, without its beginning.
  Bytes headless = Map(parts.members);
  headless.erase(headless.begin());
  headless.push_back(0xff);
  EXPECT_EQ(payload(headless), "payload is not a CBOR map");
  Parts more;
  more.members.push_back({Text("nitrotpm_pcrs"), Null()});
  EXPECT_EQ(message(more.Encode()), "unknown key \"nitrotpm_pcrs\"");
}

TEST(NitroDocument, EveryTruncation) {
  const Bytes whole = Parts().Encode();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(IdOf(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))), "ok") << size;
  }
}

TEST(NitroDocument, Describe) {
  const Json json = DescribeEvidence(Parts().Set("nonce", Blob(2)).Encode());
  EXPECT_EQ(json["type"], "nitro-document");
  EXPECT_EQ(json["module_id"], "i-0-enc0");
  EXPECT_EQ(json["made_at"], "2023-11-14T22:13:20Z");
  EXPECT_EQ(json["nonce"], "0707");
  EXPECT_EQ(json["certificate"]["error"]["id"], "cert.der");
  EXPECT_FALSE(json.contains("user_data"));
  const Json bad = DescribeEvidence(Parts().Set("digest", Null()).Encode());
  EXPECT_EQ(bad["type"], "nitro-document");
  EXPECT_EQ(bad["error"]["id"], "nitro.document.digest");

  if (!test::HaveSharedVectors()) GTEST_SKIP() << "shared vectors are not here; set ATTESTML_SHARED";
  const Json genuine = DescribeEvidence(test::ReadBytesOf(test::SharedVectors() / "nitro" / "nitro_2022.cbor"));
  EXPECT_EQ(genuine["debug"], false);
  EXPECT_EQ(genuine["pcrs"].size(), 16U);
  EXPECT_EQ(genuine["certificate"]["key"], "ECDSA P-384");
  ASSERT_EQ(genuine["cabundle"].size(), 4U);
  EXPECT_EQ(genuine["cabundle"][3]["path_length"], 0);
}

}  // namespace
}  // namespace attestml::evidence::nitro
