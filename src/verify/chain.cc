#include "verify/chain.h"

#include <algorithm>

#include "base/hex.h"
#include "verify/anchors.h"

namespace attestml::verify {
namespace {

using crypto::Certificate;

constexpr std::size_t kMaxCertificates = 128;
constexpr std::size_t kMaxSize = std::size_t{8} * 1024;  // a PCK certificate has 1.3 KiB
constexpr std::size_t kMaxPath = 4;                      // leaf and three authorities, without the root
// Far above any real set. It bounds what a pool of look-alikes can cost.
constexpr std::size_t kMaxSignatures = 160;

bool ValidAt(const Certificate& certificate, std::optional<Time> time) {
  return !time || (certificate.not_before() <= *time && *time <= certificate.not_after());
}

// `below`: how many authorities stand between this one and the leaf.
bool MayIssue(const Certificate& certificate, std::size_t below) {
  if (!certificate.is_ca() || !certificate.may_sign_certificates() || certificate.unknown_critical()) return false;
  const auto length = certificate.path_length();
  return !length || (*length >= 0 && static_cast<std::size_t>(*length) >= below);
}

}  // namespace

void Window::Intersect(Time other_from, Time other_until) {
  from = std::max(from, other_from);
  until = std::min(until, other_until);
}

Result<const Certificate*> CertificatePool::Add(BytesView der) {
  if (const Certificate* known = Find(der)) return known;
  ATTESTML_CHECK(CheckRoom(der.size()));
  const auto parsed =
      Recall<Result<Certificate>>(memo_, "certificate", {der}, [&] { return Certificate::FromDer(der); });
  if (!parsed->ok()) return parsed->error();
  certificates_.push_back(parsed->value());
  return &certificates_.back();
}

Result<const Certificate*> CertificatePool::Add(const Certificate& certificate) {
  if (const Certificate* known = Find(certificate.der())) return known;
  ATTESTML_CHECK(CheckRoom(certificate.der().size()));
  certificates_.push_back(certificate);
  return &certificates_.back();
}

Status CertificatePool::CheckRoom(std::size_t der_size) const {
  if (certificates_.size() == kMaxCertificates) return Malformed("chain.count", "more than 128 different certificates");
  if (der_size > kMaxSize) {
    return Malformed("cert.der", "certificate of " + std::to_string(der_size) + " bytes, want at most 8192");
  }
  return {};
}

const Certificate* CertificatePool::Find(BytesView der) const {
  for (const Certificate& known : certificates_) {
    if (std::equal(der.begin(), der.end(), known.der().begin(), known.der().end())) return &known;
  }
  return nullptr;
}

bool PathBuilder::Signed(const Certificate& certificate, const crypto::PublicKey& key) {
  for (const Verdict& verdict : verdicts_) {
    if (verdict.certificate == &certificate && verdict.key_id == key.id()) return verdict.good;
  }
  if (verdicts_.size() == kMaxSignatures) return false;
  const bool good = *Recall<bool>(memo_, "certificate signature", {certificate.sha256(), key.id()},
                                  [&] { return certificate.SignedBy(key); });
  verdicts_.push_back({&certificate, key.id(), good});
  return good;
}

bool PathBuilder::IsAnchorKey(const crypto::Digest256& key_id) const {
  return std::any_of(anchors_.begin(), anchors_.end(),
                     [&](const TrustAnchor& anchor) { return anchor.key_id == key_id; });
}

bool PathBuilder::EndAt(CertificatePath* path, const TrustAnchor& anchor, std::optional<Time> time) {
  const Certificate& last = *path->certificates.back();
  const std::size_t below = path->certificates.size() - 1;
  const KnownRoot* known = FindKnownRoot(anchor.key_id);
  for (const Certificate& root : pool_.certificates()) {
    if (root.key_id() != anchor.key_id || !root.public_key() || root.subject_der() != last.issuer_der()) continue;
    if (root.subject_der() != root.issuer_der() || !MayIssue(root, below) || !ValidAt(root, time)) continue;
    // A root certificate is only as good as its own signature; the published one need not be checked again.
    if (!IsPublishedRoot(root.sha256()) && !Signed(root, *root.public_key())) continue;
    if (!Signed(last, *root.public_key())) continue;
    path->root = &root;
    path->root_key = *root.public_key();
    path->root_name = root.subject_der();
    path->root_may_sign_crls = root.may_sign_crls();
    path->window.Intersect(root.not_before(), root.not_after());
    path->anchor = &anchor;
    return true;
  }
  if (known == nullptr || known->name != last.issuer_der() || !Signed(last, known->key)) return false;
  if (time && (*time < known->not_before || known->not_after < *time)) return false;
  path->root_key = known->key;
  path->root_name = known->name;
  path->window.Intersect(known->not_before, known->not_after);
  path->anchor = &anchor;
  return true;
}

bool PathBuilder::Extend(CertificatePath* path, std::optional<Time> time) {
  for (const TrustAnchor& anchor : anchors_) {
    if (EndAt(path, anchor, time)) return true;
  }
  const Certificate& last = *path->certificates.back();
  if (path->certificates.size() == kMaxPath) return false;
  for (const Certificate& issuer : pool_.certificates()) {
    if (issuer.subject_der() != last.issuer_der() || !issuer.public_key() || IsAnchorKey(issuer.key_id())) continue;
    if (std::find(path->certificates.begin(), path->certificates.end(), &issuer) != path->certificates.end()) continue;
    if (!MayIssue(issuer, path->certificates.size() - 1) || !ValidAt(issuer, time)) continue;
    if (!Signed(last, *issuer.public_key())) continue;
    const Window before = path->window;
    path->certificates.push_back(&issuer);
    path->window.Intersect(issuer.not_before(), issuer.not_after());
    if (Extend(path, time)) return true;
    path->certificates.pop_back();
    path->window = before;
  }
  return false;
}

Result<CertificatePath> PathBuilder::Build(const Certificate& leaf, Time time, const std::string& id) {
  for (const std::optional<Time> at : {std::optional<Time>(time), std::optional<Time>()}) {
    CertificatePath path;
    path.certificates = {&leaf};
    path.window = {leaf.not_before(), leaf.not_after()};
    if (!leaf.unknown_critical() && ValidAt(leaf, at) && Extend(&path, at)) return path;
  }
  if (const auto oid = leaf.unknown_critical()) {
    return Untrusted(id,
                     "certificate " + leaf.subject() + " has the critical extension " + *oid + ", which is not known");
  }
  // What a person wants to know most: did it end at a root, only not at one of ours?
  for (const Certificate& root : pool_.certificates()) {
    if (root.subject_der() == root.issuer_der() && !IsAnchorKey(root.key_id())) {
      return Untrusted(id, "no path from " + leaf.subject() + " to a trusted root: root key " +
                               HexEncode(root.key_id()) + " is not among " + std::to_string(anchors_.size()) +
                               " trusted ones");
    }
  }
  return Untrusted(id, "no path from " + leaf.subject() + ", issued by " + leaf.issuer() + ", to one of " +
                           std::to_string(anchors_.size()) + " trusted root keys");
}

std::optional<std::string> ExplainWindow(const Certificate& certificate, Time time) {
  if (time < certificate.not_before()) {
    return "certificate " + certificate.common_name() + " is not valid before " + FormatTime(certificate.not_before()) +
           ", checked at " + FormatTime(time);
  }
  if (certificate.not_after() < time) {
    return "certificate " + certificate.common_name() + " expired on " + FormatTime(certificate.not_after()) +
           ", checked at " + FormatTime(time);
  }
  return std::nullopt;
}

}  // namespace attestml::verify
