// Intel's collateral for one SGX quote: found among untrusted documents by what they are, then verified.
#pragma once

#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "evidence/package.h"
#include "evidence/sgx/pck.h"
#include "evidence/sgx/qe_identity.h"
#include "evidence/sgx/tcb_info.h"
#include "verify/chain.h"
#include "verify/crl_set.h"

namespace attestml::verify {

// Documents by kind, as they came. Borrows from the items, except for what had to be decoded. Nothing in it is trusted.
class SgxDocuments {
 public:
  explicit SgxDocuments(Memo* memo = nullptr) : memo_(memo) {}
  // Adds one item. What is not recognised is left aside: other formats' collateral may
  // travel in the same folder. Error ids sgx.collateral.count, .size when there is more than any genuine set needs.
  Status Add(const evidence::CollateralItem& item);
  Status GiveCertificates(CertificatePool* pool) { return x509_.GiveCertificates(pool); }

  const std::vector<std::string_view>& tcb_infos() const { return tcb_infos_; }
  const std::vector<std::string_view>& qe_identities() const { return qe_identities_; }
  const std::deque<Bytes>& crls() const { return x509_.crls(); }
  Memo* memo() const { return memo_; }

 private:
  Memo* memo_;
  std::vector<std::string_view> tcb_infos_, qe_identities_;
  X509Documents x509_{"sgx.collateral.count"};
};

// TcbSigner is a key that may sign TCB info and QE identity, and when its certificate and root are valid.
struct TcbSigner {
  crypto::PublicKey key;
  Window window;
};

// SignedDocument is a document whose signature is good, and the window of who signed it. Never null.
template <typename Document>
struct SignedDocument {
  std::shared_ptr<const Document> document;
  Window signer;
};

// FindCrls keeps the CRLs that `key` signed under `name`, and picks the newest that is valid at `time`. One under
// `name` that is too large, or that `key` signed and that cannot be read, is an error whatever else is there: it may be
// the one that revokes. `id` is the prefix of errors (<id>.signature, .issuer, .size, .expired, .not_yet_valid; and
// crl.*), `missing_id` the error of kind unavailable.
Result<CrlSet> FindCrls(const SgxDocuments& documents, const Bytes& name, std::span<const Bytes> other_names,
                        const crypto::PublicKey& key, Time time, const std::string& id, const std::string& missing_id);

// `tee` is "SGX" or "TDX". FindTcbInfo and FindQeIdentity return the newest document that one of `signers` signed, that
// is about this platform, and that is valid at `time`; else why the one that came furthest was refused. One that a
// signer signed and that cannot be read is an error whatever else is there: it may be the newest.
Result<SignedDocument<evidence::sgx::TcbInfo>> FindTcbInfo(const SgxDocuments& documents,
                                                           std::span<const TcbSigner> signers,
                                                           const evidence::sgx::PckExtension& platform,
                                                           std::string_view tee, Time time);
Result<SignedDocument<evidence::sgx::QeIdentity>> FindQeIdentity(const SgxDocuments& documents,
                                                                 std::span<const TcbSigner> signers,
                                                                 std::string_view tee, Time time);

// The newest of the documents about this platform that `signers` issued after `time`, be it valid by now or not: what
// is known to have come since. Nothing when there is none. One that cannot be read is an error, as above: it may
// revoke.
Result<std::optional<evidence::sgx::TcbInfo>> FindLaterTcbInfo(const SgxDocuments& documents,
                                                               std::span<const TcbSigner> signers,
                                                               const evidence::sgx::PckExtension& platform,
                                                               std::string_view tee, Time time);
Result<std::optional<evidence::sgx::QeIdentity>> FindLaterQeIdentity(const SgxDocuments& documents,
                                                                     std::span<const TcbSigner> signers,
                                                                     std::string_view tee, Time time);

}  // namespace attestml::verify
