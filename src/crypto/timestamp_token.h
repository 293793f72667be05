// Reads time-stamp tokens for the files of this folder; crypto/timestamp.h is for the others.
#pragma once

#include <openssl/pkcs7.h>
#include <openssl/ts.h>

#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/timestamp.h"

namespace attestml::crypto {

// TimestampToken is a token that has the form of one, with nothing in it verified.
struct TimestampToken {
  std::unique_ptr<PKCS7, decltype(&PKCS7_free)> pkcs7{nullptr, PKCS7_free};  // SignedData, not detached, one signer
  Timestamp said;
};

// ReadTimestampToken has the errors of ReadTimestamp.
Result<TimestampToken> ReadTimestampToken(BytesView bytes);

}  // namespace attestml::crypto
