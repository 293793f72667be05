#include "tee/simulated.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "tee/sgx_quote.h"
#include "tee/simulated_authority.h"
#include "tee/simulated_store.h"

namespace attestml::tee {
namespace {

class SimulatedDevice final : public Device {
 public:
  SimulatedDevice(SimulatedStore::Device state, SgxQuoteHeader header, SgxReportBody program)
      : state_(std::move(state)), header_(header), program_(program) {}

  std::string name() const override { return "simulated"; }

  Result<evidence::EvidencePackage> Attest(const std::array<std::uint8_t, 64>& report_data) override {
    SgxReportBody body = program_;
    body.report_data = report_data;
    Bytes quote = EncodeQuote(header_, body, state_.attestation, state_.certification);
    return MakePackage(std::move(quote), state_.collateral, state_.tcb_signing_chain);
  }

 private:
  const SimulatedStore::Device state_;
  const SgxQuoteHeader header_;
  const SgxReportBody program_;
};

Status CheckDirectory(const std::string& directory) {
  if (!directory.empty()) return {};
  return Usage("tee.simulated.directory",
               "no place for the simulated TEE: none of ATTESTML_TEE_DIR, XDG_STATE_HOME and HOME is set");
}

// The environment's value when it is an absolute path, as the XDG base directory specification wants.
std::string_view AbsolutePath(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && value[0] == '/' ? value : "";
}

}  // namespace

std::string SimulatedDirectory() {
  if (const char* directory = std::getenv("ATTESTML_TEE_DIR"); directory != nullptr && directory[0] != '\0') {
    return directory;
  }
  if (const auto state = AbsolutePath("XDG_STATE_HOME"); !state.empty())
    return std::string(state) + "/attestml/simulated";
  if (const auto home = AbsolutePath("HOME"); !home.empty()) {
    return std::string(home) + "/.local/state/attestml/simulated";
  }
  return "";
}

Status InitSimulated(const std::string& directory, Time now) {
  ATTESTML_CHECK(CheckDirectory(directory));
  return SimulatedStore(directory).Ensure(now);
}

Result<SimulatedStatus> ReadSimulatedStatus(const std::string& directory) {
  ATTESTML_CHECK(CheckDirectory(directory));
  const SimulatedStore store(directory);
  ATTESTML_TRY(const crypto::Digest256 root, store.RootKeyId());
  ATTESTML_TRY(const SimulatedStore::Window window, store.CollateralWindow());
  return SimulatedStatus{directory, root, window.until};
}

Result<std::unique_ptr<Device>> OpenSimulated(const std::string& directory, const crypto::Digest256& measurement,
                                              Time now) {
  ATTESTML_CHECK(InitSimulated(directory, now));
  ATTESTML_TRY(SimulatedStore::Device state, SimulatedStore(directory).Load());
  const BytesView key = BytesView(state.attestation.public_key().spki()).last(64);
  if (state.certification.size() < key.size() || !std::equal(key.begin(), key.end(), state.certification.begin())) {
    return Unavailable("tee.simulated.state",
                       "the attestation key in " + directory + " is not the one that its certification names");
  }
  const SimulatedPlatform platform = DescribeSimulatedPlatform();
  SgxReportBody program = platform.program;
  program.mrenclave = measurement;
  return std::unique_ptr<Device>(std::make_unique<SimulatedDevice>(std::move(state), platform.header, program));
}

}  // namespace attestml::tee
