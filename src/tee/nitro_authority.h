// AWS' certification authorities behind a simulated Nitro hypervisor, in memory, with every field that they state open
// to change. Create makes an honest one; tests bend single fields to build what no honest hypervisor issues. Nothing
// here checks that what it issues makes sense.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate_builder.h"
#include "crypto/key.h"
#include "evidence/package.h"

namespace attestml::tee {

struct NitroKeys {
  crypto::PrivateKey root, regional, zonal, instance, enclave;  // on P-384

  static NitroKeys Generate();
};

struct NitroAuthority {
  struct Certified {
    crypto::CertificateTemplate certificate;
    crypto::PrivateKey key;
    crypto::PrivateKey issuer;
  };

  Certified root, regional, zonal, instance;
  Certified enclave;  // the leaf, for three hours

  std::string module_id;
  std::string digest = "SHA384";
  std::uint64_t timestamp = 0;  // milliseconds
  std::map<unsigned, Bytes> pcrs;
  std::optional<Bytes> public_key, user_data, nonce;  // null where absent
  Bytes protected_header;
  bool tagged = false;
  crypto::PrivateKey signer;  // the enclave's key

  // Everything but the keys follows from the keys and `now`: authorities valid from a day before `now`, the leaf from
  // `now`. PCR0, 1, 2, 3, 4 and 8 hold something, the others to PCR15 are zero.
  static NitroAuthority Create(const NitroKeys& keys, Time now);
};

struct NitroCertificates {
  Bytes root, regional, zonal, instance, enclave;  // DER

  // As the hypervisor orders them: root first, leaf left out.
  std::vector<Bytes> Cabundle() const { return {root, regional, zonal, instance}; }
};
Result<NitroCertificates> IssueNitroCertificates(const NitroAuthority& authority);

// The payload with these certificates, and the document around any payload, signed.
Bytes EncodeNitroPayload(const NitroAuthority& authority, const Bytes& certificate, const std::vector<Bytes>& cabundle);
Bytes EncodeNitroDocument(const NitroAuthority& authority, const Bytes& payload);

// A document and nothing beside it, from one authority.
Result<evidence::EvidencePackage> IssueNitroEvidence(const NitroAuthority& authority);

}  // namespace attestml::tee
