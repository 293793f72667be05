#include "tee/simulated_tdx.h"

#include <algorithm>
#include <utility>

#include "tee/tdx_authority.h"

namespace attestml::tee {
namespace {

class SimulatedTdx final : public Device {
 public:
  SimulatedTdx(TdxAuthority authority, SimulatedCollateral collateral, SimulatedStore::Chains chains)
      : authority_(std::move(authority)),
        collateral_(std::move(collateral)),
        chains_(std::move(chains)),
        certification_(IssueCertification(authority_.vendor, chains_.pck)) {}

  std::string name() const override { return "simulated-tdx"; }

  Result<evidence::EvidencePackage> Attest(const std::array<std::uint8_t, 64>& report_data) override {
    auto out = MakePackage(EncodeTdQuote(authority_, report_data, certification_), collateral_, chains_.tcb_signing);
    out.media_type = evidence::kTdxQuoteMediaType;
    return out;
  }

 private:
  const TdxAuthority authority_;
  const SimulatedCollateral collateral_;
  const SimulatedStore::Chains chains_;
  const Bytes certification_;
};

}  // namespace

Result<std::unique_ptr<Device>> OpenSimulatedTdx(const SimulatedStore& store, const crypto::Digest256& measurement,
                                                 Time now) {
  ATTESTML_TRY(const SimulatedKeys keys, store.LoadKeys());
  ATTESTML_TRY(SimulatedStore::Chains chains, store.LoadChains());
  TdxAuthority authority = TdxAuthority::Create(keys, now);
  std::copy(measurement.begin(), measurement.end(), authority.td.mrtd.begin());
  ATTESTML_TRY(SimulatedCollateral collateral, IssueCollateral(authority.vendor));
  return std::unique_ptr<Device>(
      std::make_unique<SimulatedTdx>(std::move(authority), std::move(collateral), std::move(chains)));
}

}  // namespace attestml::tee
