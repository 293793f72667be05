// Certificates and CRLs among untrusted collateral, and the CRLs of one authority.
#pragma once

#include <deque>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "evidence/package.h"
#include "verify/chain.h"

namespace attestml::verify {

// X509Documents sorts DER, PEM and hexadecimal text by content: certificates go to the pool in the end, CRLs are kept
// here as they came. Nothing in it is trusted.
class X509Documents {
 public:
  explicit X509Documents(std::string count_id) : count_id_(std::move(count_id)) {}
  // What is neither is left aside: other formats' collateral may travel in the same folder. Error ids `count_id` when
  // there is more than any genuine set needs, and chain.count.
  Status Add(const evidence::CollateralItem& item);
  // Parses the certificates that were added and hands them over. After all have been counted, so that a flood is
  // refused for little. Error id chain.count.
  Status GiveCertificates(CertificatePool* pool);
  const std::deque<Bytes>& crls() const { return crls_; }
  // Whether something had the beginning of DER, or the label of a CRL, and was neither certificate nor CRL: it may have
  // been a CRL before it was damaged.
  bool has_unreadable() const { return unreadable_; }

 private:
  Status AddDer(BytesView der);
  std::string count_id_;
  std::deque<Bytes> crls_, certificates_;
  bool unreadable_ = false;
};

// CrlSet is every CRL of one authority with a good signature, and the one that counts at the time of verification.
struct CrlSet {
  std::vector<crypto::Crl> all;
  std::optional<crypto::Crl> current;
  bool Revokes(const crypto::Certificate& certificate) const;  // any of them
};

// FindCrls finds the CRLs of the authority with this name and key. `others`: the names of the authorities beside it in
// the chain; a CRL of a name outside both is not looked at, when `others` is not empty. Errors: `id` with .issuer,
// .signature, .not_yet_valid, .expired, .size; those of Crl for a CRL of the key that cannot be read; `missing_id`
// (unavailable) when there is none of this name.
Result<CrlSet> FindCrls(const std::deque<Bytes>& crls, Memo* memo, const Bytes& name, std::span<const Bytes> others,
                        const crypto::PublicKey& key, Time time, const std::string& id, const std::string& missing_id);

// A revoked certificate bars its key: what leaked is the key, and the authority may have certified it under another
// serial, too. The certificate of this one's key in the pool that `crls` revoke; it is the issuer's when `key` signed
// it. Null when there is none.
const crypto::Certificate* FindRevokedOfKey(const CertificatePool& pool, const crypto::Certificate& certificate,
                                            const CrlSet& crls, const Bytes& issuer, const crypto::PublicKey& key,
                                            Memo* memo);

}  // namespace attestml::verify
