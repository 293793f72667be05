#include "evidence/sgx/signed_json.h"

#include <gtest/gtest.h>

namespace attestml::evidence::sgx {
namespace {

const std::string kSignature = R"("signature":")" + std::string(128, 'a') + "\"";

std::string Refusal(const std::string& text) {
  const auto document = SplitSignedJson(text, "tcbInfo", "x");
  return document.ok() ? "" : document.error().id + ": " + document.error().message;
}

TEST(SignedJson, BodyIsTheBytesThatWereSigned) {
  for (const std::string& text :
       {R"({"tcbInfo":{"a":[1,{"}":"\""}]},)" + kSignature + "}",
        " {\n\"signature\" : \"" + std::string(128, 'a') + R"(" , "tcbInfo" : {"a":[1,{"}":"\""}]} } )"}) {
    const auto document = SplitSignedJson(text, "tcbInfo", "x");
    ASSERT_TRUE(document.ok()) << document.error().message;
    EXPECT_EQ(document->body, R"({"a":[1,{"}":"\""}]})");
    EXPECT_EQ(document->signature[63], 0xaa);
    EXPECT_TRUE(LooksLikeSignedJson(text, "tcbInfo"));
    EXPECT_FALSE(LooksLikeSignedJson(text, "enclaveIdentity"));
  }
}

TEST(SignedJson, Refused) {
  const std::string body = R"("tcbInfo":{})";
  const std::string syntax = R"(x.syntax: not an object {"tcbInfo":{…},"signature":"…"})";
  ASSERT_EQ(Refusal("{" + body + "," + kSignature + "}"), "");
  const std::vector<std::string> broken = {"",
                                           "[",
                                           "{",
                                           "{" + body,
                                           "{" + body + ",",
                                           "{" + body + "," + kSignature,
                                           "{" + kSignature + "}",
                                           "{tcbInfo:{}," + kSignature + "}",
                                           R"({"tcbInfo",{},)" + kSignature + "}",
                                           R"({"tcbInfo":1,)" + kSignature + "}",
                                           R"({"tcbInfo":[],)" + kSignature + "}",
                                           R"({"tcbInfo":{]},)" + kSignature + "}",
                                           R"({"tcbInfo":{"a)",
                                           R"({"tcbInfo":{"a\)",
                                           R"({"tcb\u0049nfo":{},)" + kSignature + "}",
                                           "{\"tcb\nInfo\":{}," + kSignature + "}"};
  for (const std::string& bad : broken) {
    EXPECT_EQ(Refusal(bad), syntax) << bad;
  }
  const std::string signature = "x.signature: signature is not a string";
  EXPECT_EQ(Refusal("{" + body + R"(,"signature":1})"), signature);
  EXPECT_EQ(Refusal("{" + body + R"(,"signature":"\u0061"})"), signature);
  EXPECT_EQ(Refusal("{" + body + R"(,"signature":"aa"})"),
            "x.signature: signature of 2 characters, want 128 hexadecimal digits");
  EXPECT_EQ(Refusal("{" + body + "}"), "x.signature: signature of 0 characters, want 128 hexadecimal digits");
  EXPECT_EQ(Refusal("{" + body + R"(,"signature":")" + std::string(128, 'g') + "\"}"),
            "x.signature: signature of 128 characters, want 128 hexadecimal digits");
  EXPECT_EQ(Refusal("{" + body + "," + body + "," + kSignature + "}"),
            R"(x.duplicate_member: member "tcbInfo" stands twice)");
  EXPECT_EQ(Refusal("{" + body + "," + kSignature + "," + kSignature + "}"),
            R"(x.duplicate_member: member "signature" stands twice)");
  EXPECT_EQ(Refusal("{" + body + "," + kSignature + R"(,"more":{}})"),
            R"(x.unknown_member: a member that is neither "tcbInfo" nor "signature")");
  EXPECT_EQ(Refusal("{" + body + "," + kSignature + "}x"), "x.syntax: text after the document");

  const auto deep = [](std::size_t levels) {
    return R"({"tcbInfo":{"a":)" + std::string(levels, '[') + std::string(levels, ']') + "}," + kSignature + "}";
  };
  EXPECT_EQ(Refusal(deep(31)), "");
  EXPECT_EQ(Refusal(deep(32)), syntax);
  EXPECT_EQ(Refusal(deep(200000)), syntax);
  const std::string large = R"({"tcbInfo":{"a":")" + std::string(kMaxSignedJson, 'a') + "\"}," + kSignature + "}";
  EXPECT_EQ(Refusal(large), "x.size: document of " + std::to_string(large.size()) + " bytes, want at most " +
                                std::to_string(kMaxSignedJson));
}

TEST(SignedJson, Recognition) {
  const auto looks = [](std::string_view text) { return LooksLikeSignedJson(text, "tcbInfo"); };
  EXPECT_TRUE(looks(R"({"tcbInfo")"));
  EXPECT_TRUE(looks(R"( { "signature" : "a" , "tcbInfo")"));
  EXPECT_TRUE(looks(R"({"other":{"a":1},"tcbInfo")"));
  for (const char* other : {"", "[", R"(["tcbInfo"])", R"("tcbInfo")", "{", R"({"a)", R"({"signature")",
                            R"({"signature":)", R"({"signature":1,"tcbInfo")", R"({"signature":"a")",
                            R"({"signature":"a"})", R"({"a":"1","b":"2","tcbInfo")"}) {
    EXPECT_FALSE(looks(other)) << other;
  }
  // One thing lacks before the name: a name, a colon, a value, a comma; and the name's own end.
  for (const char* other : {R"({:"a","tcbInfo":{}})", R"({"signature" "a","tcbInfo":{}})",
                            R"({"signature":,"tcbInfo":{}})", R"({"signature":"a""tcbInfo":{}})", R"({"tcbInfo)"}) {
    EXPECT_FALSE(looks(other)) << other;
  }
}

}  // namespace
}  // namespace attestml::evidence::sgx
