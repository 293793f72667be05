#include "verify/crl_set.h"

#include <algorithm>

#include "base/hex.h"
#include "crypto/pem.h"

namespace attestml::verify {
namespace {

using crypto::Crl;

constexpr std::size_t kMaxCrls = 128;  // and as many certificates
constexpr std::size_t kMaxPemBlocks = 128;
constexpr std::string_view kBegin = "-----BEGIN ";

Error TooMany(const std::string& id) { return Malformed(id, "more than 128 CRLs, or PEM blocks in one item"); }

// How far a CRL came before it was refused; the error of the furthest is the one worth reading.
struct Refusal {
  int stage = 0;
  Error error;
  void Offer(int new_stage, Error new_error) {
    if (new_stage > stage) *this = {new_stage, std::move(new_error)};
  }
};

std::string_view Trim(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") + 1 - from);
}

// What stands before the first block, in lines of its own, is for people (RFC 7468 section 2). Empty without a block.
std::string_view FromFirstBlock(std::string_view text) {
  for (std::size_t at = 0; (at = text.find(kBegin, at)) != std::string_view::npos; ++at) {
    if (text.substr(0, at).find_first_not_of(" \t\r\n") == std::string_view::npos || text[at - 1] == '\n') {
      return text.substr(at);
    }
  }
  return {};
}

std::size_t CountPemBlocks(std::string_view text) {
  std::size_t count = 0;
  for (std::size_t at = 0; (at = text.find(kBegin, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

}  // namespace

Status X509Documents::AddDer(BytesView der) {
  const bool is_crl = Crl::IssuerOf(der).has_value();
  std::deque<Bytes>& list = is_crl ? crls_ : certificates_;
  for (const Bytes& known : list) {
    if (std::equal(known.begin(), known.end(), der.begin(), der.end())) return {};
  }
  if (list.size() == kMaxCrls) {
    return is_crl ? TooMany(count_id_) : Malformed("chain.count", "more than 128 different certificates");
  }
  list.push_back(ToBytes(der));
  return {};
}

Status X509Documents::GiveCertificates(CertificatePool* pool) {
  for (const Bytes& der : certificates_) {
    const auto added = pool->Add(der);
    // A certificate that does not parse is nobody's collateral; one too many could hide another.
    if (!added.ok() && added.error().id == "chain.count") return added.error();
    if (!added.ok()) unreadable_ = true;
  }
  certificates_.clear();
  return {};
}

Status X509Documents::Add(const evidence::CollateralItem& item) {
  const BytesView bytes = item.bytes;
  const std::string_view text = Trim(AsText(bytes));
  if (text.empty()) return {};
  if (bytes[0] == 0x30 && (bytes.size() < 2 || bytes[1] >= 0x80)) return AddDer(bytes);
  if (const std::string_view pem = FromFirstBlock(AsText(bytes)); !pem.empty()) {
    if (CountPemBlocks(pem) > kMaxPemBlocks) return TooMany(count_id_);
    const auto blocks = crypto::ParsePem(pem, kMaxPemBlocks);
    if (!blocks.ok()) {
      unreadable_ = unreadable_ || text.find("X509 CRL") != std::string_view::npos;
      return {};
    }
    for (const crypto::PemBlock& block : *blocks) ATTESTML_CHECK(AddDer(block.der));
    return {};
  }
  // Caching services hand out CRLs as hexadecimal text.
  if (text.starts_with("30")) {
    if (const auto der = HexDecode(text); der.ok()) return AddDer(*der);
  }
  return {};
}

bool CrlSet::Revokes(const crypto::Certificate& certificate) const {
  return std::any_of(all.begin(), all.end(), [&](const Crl& crl) { return crl.Revokes(certificate); });
}

Result<CrlSet> FindCrls(const std::deque<Bytes>& crls, Memo* memo, const Bytes& name, std::span<const Bytes> others,
                        const crypto::PublicKey& key, Time time, const std::string& id, const std::string& missing_id) {
  Refusal refusal{0, Unavailable(missing_id, "no CRL of this authority among the collateral")};
  CrlSet out;
  for (const Bytes& der : crls) {
    const auto issuer = Crl::IssuerOf(der);
    if (!issuer) continue;
    const auto is_issuer = [&](const Bytes& other) {
      return std::equal(issuer->begin(), issuer->end(), other.begin(), other.end());
    };
    if (!is_issuer(name)) {
      if (!others.empty() && std::none_of(others.begin(), others.end(), is_issuer)) {
        refusal.Offer(1, Untrusted(id + ".issuer", "no CRL of this authority, only of others"));
      }
      continue;
    }
    if (der.size() > Crl::kMaxSize) {
      return Malformed(id + ".size", "CRL of " + std::to_string(der.size()) + " bytes, want at most " +
                                         std::to_string(Crl::kMaxSize));
    }
    const auto read = Recall<Result<Crl>>(memo, "crl", {der, key.spki()}, [&] { return Crl::FromSignedDer(der, key); });
    const Result<Crl>& crl = *read;
    if (!crl.ok()) {
      if (crl.error().kind != ErrorKind::kUntrusted) return crl.error();
      refusal.Offer(2, Untrusted(id + ".signature", crl.error().message));
      continue;
    }
    out.all.push_back(crl.value());
  }
  for (const Crl& crl : out.all) {
    if (time < crl.this_update()) {
      refusal.Offer(3, Untrusted(id + ".not_yet_valid", "CRL was issued on " + FormatTime(crl.this_update()) +
                                                            ", checked at " + FormatTime(time)));
    } else if (crl.next_update() < time) {
      refusal.Offer(3, Untrusted(id + ".expired", "CRL was to be replaced by " + FormatTime(crl.next_update()) +
                                                      ", checked at " + FormatTime(time)));
    } else if (!out.current || out.current->this_update() < crl.this_update()) {
      out.current = crl;
    }
  }
  if (!out.current) {
    // A revocation counts even in a CRL whose time is not now; without any that is, the answer is no anyway.
    return refusal.error;
  }
  return out;
}

const crypto::Certificate* FindRevokedOfKey(const CertificatePool& pool, const crypto::Certificate& certificate,
                                            const CrlSet& crls, const Bytes& issuer, const crypto::PublicKey& key,
                                            Memo* memo) {
  for (const crypto::Certificate& other : pool.certificates()) {
    if (other.key_id() != certificate.key_id() || other.issuer_der() != issuer || !crls.Revokes(other)) continue;
    if (*Recall<bool>(memo, "certificate signature", {other.sha256(), key.id()}, [&] { return other.SignedBy(key); })) {
      return &other;
    }
  }
  return nullptr;
}

}  // namespace attestml::verify
