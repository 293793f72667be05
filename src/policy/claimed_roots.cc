#include "policy/claimed_roots.h"

#include <algorithm>

#include "crypto/certificate.h"
#include "evidence/nitro/document.h"
#include "evidence/package.h"
#include "evidence/sgx/quote.h"
#include "statement/claims.h"
#include "verify/evidence.h"

namespace attestml::policy {
namespace {

constexpr std::size_t kMaxRoots = 16;
constexpr std::size_t kMaxPerText = 8;

bool IsVendor(const crypto::Digest256& key_id) {
  const auto vendors = verify::VendorAnchors();
  return std::any_of(vendors.begin(), vendors.end(), [&](const auto& anchor) { return anchor.key_id == key_id; });
}

void Take(const crypto::Certificate& certificate, std::vector<crypto::Digest256>* roots) {
  const bool authority = certificate.is_ca() && certificate.may_sign_certificates();
  if (!authority || !certificate.SignedBy(certificate) || IsVendor(certificate.key_id())) return;
  if (roots->size() == kMaxRoots || std::find(roots->begin(), roots->end(), certificate.key_id()) != roots->end()) {
    return;
  }
  roots->push_back(certificate.key_id());
}

// Certificates as PEM or as DER; anything else has none.
void TakeFrom(BytesView bytes, std::vector<crypto::Digest256>* roots) {
  if (const auto chain = crypto::Certificate::FromPem(AsText(bytes), kMaxPerText); chain.ok()) {
    for (const auto& certificate : *chain) Take(certificate, roots);
  } else if (const auto one = crypto::Certificate::FromDer(bytes); one.ok()) {
    Take(*one, roots);
  }
}

}  // namespace

std::vector<crypto::Digest256> ClaimedRoots(std::span<const statement::Envelope> envelopes) {
  std::vector<crypto::Digest256> roots;
  for (const auto& envelope : envelopes) {
    const auto claim = statement::ParseStatement(envelope.payload);
    if (!claim.ok()) continue;
    const auto* evidence = std::get_if<statement::EvidenceClaim>(&*claim);
    if (evidence == nullptr) continue;
    const auto package = evidence::DecodeCmw(evidence->cmw);
    if (!package.ok()) continue;
    if (const auto quote = evidence::sgx::ParseQuote(package->evidence); quote.ok()) {
      TakeFrom(quote->certification_data, &roots);
    } else if (const auto document = evidence::nitro::ParseDocument(package->evidence); document.ok()) {
      for (const Bytes& der : document->cabundle) TakeFrom(der, &roots);
    }
    for (const auto& item : package->collateral) TakeFrom(item.bytes, &roots);
  }
  return roots;
}

}  // namespace attestml::policy
