// What services answer, held against a platform of a simulated vendor: the first byte says what was asked for. A chain
// that is good, and documents that are, come from the seeds.
#include <algorithm>

#include "fetch/admission.h"
#include "fuzz.h"
#include "tee/simulated_authority.h"

namespace attestml {
namespace {

constexpr Time kNow{1'790'000'000};

struct Vendor {
  Vendor() {
    const auto authority = tee::SimulatedAuthority::Create(tee::SimulatedKeys::Generate(), kNow);
    const auto package = tee::IssueEvidence(authority, {});
    fuzz::Require(package.ok());
    anchors = {{"simulated", authority.root.key.public_key().id(), true}};
    auto found = fetch::PlatformOf(package->evidence, anchors, kNow);
    fuzz::Require(found.ok());
    platform = std::move(found).value();
    const auto certificates = tee::IssueCertificates(authority);
    fuzz::Require(certificates.ok());
    chains = {tee::TcbSigningChainPem(*certificates)};
    for (const auto& item : package->collateral) documents.push_back(item.bytes);
  }
  std::vector<verify::TrustAnchor> anchors;
  fetch::Platform platform;
  std::vector<std::string> chains;
  std::vector<Bytes> documents;
};

}  // namespace
}  // namespace attestml

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  static const Vendor vendor;
  if (size == 0) return 0;
  // Keys are new in each process, so nothing that lies in a file is ever signed: a good document with some bytes
  // replaced stands for what a liar would send.
  const BytesView rest(data + 1, size - 1);
  Bytes body = ToBytes(rest);
  const std::size_t which = data[0] >> 2 & 7;
  if (data[0] >= 128 && which < vendor.documents.size()) {
    body = vendor.documents[which];
    for (std::size_t i = 0; i + 1 < rest.size() && i < 16; i += 2) {
      body[(std::size_t{rest[i]} * 37 + i) % body.size()] ^= rest[i + 1];
    }
  }
  fetch::IntelAdmission admission(*vendor.platform.intel, kNow);
  const unsigned kind = data[0] & 3;
  const auto admitted = kind == 0   ? admission.RootCrl(body)
                        : kind == 1 ? admission.PckCrl(body)
                        : kind == 2 ? admission.TcbInfo(body, vendor.chains)
                                    : admission.QeIdentity(body, vendor.chains);
  // A CRL is signed whole: what is admitted is one of the vendor's.
  if (kind < 2 && admitted.ok()) {
    fuzz::Require(std::find(vendor.documents.begin(), vendor.documents.end(), admitted->bytes) !=
                  vendor.documents.end());
  }
  return 0;
}
