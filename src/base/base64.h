// Base64, RFC 4648. Decoding is strict: canonical padding (or none, for the URL alphabet), no white space,
// and zero bits after the last byte, so that one byte string has one text.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml {

std::string Base64Encode(BytesView bytes);             // section 4, padded
Result<Bytes> Base64Decode(std::string_view text);     // error id "base64"
std::string Base64UrlEncode(BytesView bytes);          // section 5, not padded
Result<Bytes> Base64UrlDecode(std::string_view text);  // error id "base64"

}  // namespace attestml
