// DER taken apart to be changed and put together again: what a hostile authority could sign.
#pragma once

#include <gtest/gtest.h>

#include <vector>

#include "crypto/der.h"
#include "crypto/key.h"

namespace attestml::crypto {

struct DerTree {
  std::uint8_t tag = 0;
  Bytes content;                  // of primitive values
  std::vector<DerTree> children;  // of constructed ones

  static DerTree Of(BytesView der) {
    DerReader in(der);
    DerValue value;
    EXPECT_TRUE(in.Read(&value) && in.empty());
    DerTree out = {value.tag, {}, {}};
    if ((value.tag & 0x20U) == 0) {
      out.content = ToBytes(value.content);
      return out;
    }
    DerReader inside(value.content);
    while (!inside.empty()) {
      if (!inside.Read(&value)) {
        ADD_FAILURE() << "not DER";
        break;
      }
      out.children.push_back(Of(value.full));
    }
    return out;
  }
  static DerTree Primitive(std::uint8_t tag, Bytes content) { return {tag, std::move(content), {}}; }
  static DerTree Text(std::uint8_t tag, std::string_view text) { return {tag, ToBytes(AsBytes(text)), {}}; }

  DerTree& operator[](std::size_t i) { return children.at(i); }

  Bytes Encode() const {
    Bytes body = content;
    for (const DerTree& child : children) {
      const Bytes encoded = child.Encode();
      body.insert(body.end(), encoded.begin(), encoded.end());
    }
    Bytes out = {tag};
    if (body.size() < 0x80) {
      out.push_back(static_cast<std::uint8_t>(body.size()));
    } else {
      unsigned bytes = 1;
      while (body.size() >> (8 * bytes) != 0) ++bytes;
      out.push_back(static_cast<std::uint8_t>(0x80U | bytes));
      for (unsigned i = bytes; i-- > 0;) out.push_back(static_cast<std::uint8_t>(body.size() >> (8 * i)));
    }
    out.insert(out.end(), body.begin(), body.end());
    return out;
  }

  // Of SEQUENCE { to be signed, algorithm, BIT STRING }: with a new signature over the first.
  DerTree Signed(const PrivateKey& key) const {
    DerTree out = *this;
    Bytes bits = {0};
    const Bytes signature = key.Sign(out[0].Encode());
    bits.insert(bits.end(), signature.begin(), signature.end());
    out[2].content = std::move(bits);
    return out;
  }
};

}  // namespace attestml::crypto
