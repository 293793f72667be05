// What AMD states about an endorsement key in its certificate: the extensions under 1.3.6.1.4.1.3704.1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "evidence/snp/product.h"
#include "evidence/snp/report.h"

namespace attestml::evidence::snp {

// AMD document 57230, "VCEK Certificate and KDS Interface Specification", tables of the certificates' extensions.
struct EndorsementKey {
  SigningKey kind = SigningKey::kVcek;
  std::string product_name;  // "Milan-B0"
  ProductLine line = ProductLine::kMilan;
  TcbVersion tcb{};    // the TCB that the key was derived for, in the report's layout
  Bytes hardware_id;   // VCEK: 64 bytes, 8 of Turin; VLEK: none
  std::string csp_id;  // VLEK: whom it was given to
};

// Whether AMD's extensions are in the certificate, or its name says that they should be.
bool LooksLikeEndorsementKey(const crypto::Certificate& certificate);

// EndorsementKeyOf reads the extensions: each at most once; structVersion, productName and the eight SPLs of the
// product line's layout; hwID or cspID, never both; none of the other layout's. Strictly DER. The common name says the
// same kind. Error id snp.vek.extension.
Result<EndorsementKey> EndorsementKeyOf(const crypto::Certificate& certificate);

}  // namespace attestml::evidence::snp
