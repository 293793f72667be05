// Certificate paths from a leaf to a pinned root key, through a pool of certificates nobody vouches for.
//
// Where a certificate stood, in which order, and what else lay beside it play no part: a path is found by names, keys
// and signatures, or it does not exist.
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "crypto/certificate.h"
#include "verify/evidence.h"
#include "verify/memo.h"

namespace attestml::verify {

// CertificatePool holds each certificate once, by its bytes, and parses it once. Nothing in it is trusted.
class CertificatePool {
 public:
  explicit CertificatePool(Memo* memo = nullptr) : memo_(memo) {}
  // The certificate stays valid as long as the pool. Errors: those of Certificate::FromDer, and chain.count beyond 128.
  Result<const crypto::Certificate*> Add(BytesView der);
  Result<const crypto::Certificate*> Add(const crypto::Certificate& certificate);
  const std::deque<crypto::Certificate>& certificates() const { return certificates_; }

 private:
  const crypto::Certificate* Find(BytesView der) const;
  Status CheckRoom(std::size_t der_size) const;
  Memo* memo_;
  std::deque<crypto::Certificate> certificates_;
};

// Window is the time in which everything that was used is valid, ends included.
struct Window {
  Time from{};
  Time until{};
  bool Contains(Time time) const { return from <= time && time <= until; }
  void Intersect(Time other_from, Time other_until);
};

struct CertificatePath {
  std::vector<const crypto::Certificate*> certificates;  // leaf first, up to and without the root
  const crypto::Certificate* root = nullptr;  // null when the root certificate was absent and its key is known
  const TrustAnchor* anchor = nullptr;
  std::optional<crypto::PublicKey> root_key;
  Bytes root_name;  // subject, DER
  bool root_may_sign_crls = true;
  Window window;  // of every certificate, the root's too
};

// PathBuilder remembers which signatures it has checked. Borrows all it is given.
class PathBuilder {
 public:
  PathBuilder(const CertificatePool& pool, std::span<const TrustAnchor> anchors, Memo* memo = nullptr)
      : pool_(pool), anchors_(anchors), memo_(memo) {}

  // Build finds a path that is valid at `time`, or else one that is not: the caller asks its window. Every certificate
  // but the leaf is a CA that may sign certificates, within its path length; none has a critical extension that we do
  // not know; names are equal byte by byte; every signature is good. Untrusted, with this id, when there is none.
  Result<CertificatePath> Build(const crypto::Certificate& leaf, Time time, const std::string& id);

 private:
  bool Signed(const crypto::Certificate& certificate, const crypto::PublicKey& key);
  bool Extend(CertificatePath* path, std::optional<Time> time);
  bool EndAt(CertificatePath* path, const TrustAnchor& anchor, std::optional<Time> time);
  bool IsAnchorKey(const crypto::Digest256& key_id) const;

  struct Verdict {
    const crypto::Certificate* certificate;
    crypto::Digest256 key_id;
    bool good;
  };
  const CertificatePool& pool_;
  std::span<const TrustAnchor> anchors_;
  Memo* memo_;
  std::vector<Verdict> verdicts_;
};

// ExplainWindow says why `certificate` is not valid at `time`, or nothing.
std::optional<std::string> ExplainWindow(const crypto::Certificate& certificate, Time time);

}  // namespace attestml::verify
