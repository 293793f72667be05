// PEM text (RFC 7468), read strictly.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::crypto {

struct PemBlock {
  std::string label;  // "CERTIFICATE", "X509 CRL"
  Bytes der;
};

// LooksLikePem says whether `text` starts with a PEM boundary, empty lines aside.
bool LooksLikePem(std::string_view text);

// ParsePem reads 1 to `max` blocks and nothing else: empty lines may stand between them, and one NUL at the very end
// (DCAP quotes have it). Lines end in LF or CR LF and the base64 is canonical, so nothing can hide in a block. Error id
// pem.
Result<std::vector<PemBlock>> ParsePem(std::string_view text, std::size_t max = 16);

// DerToPem writes one block; `label`: "CERTIFICATE", "X509 CRL".
std::string DerToPem(std::string_view label, BytesView der);

}  // namespace attestml::crypto
