#include "tee/simulated.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "tee/sgx_quote.h"
#include "tee/simulated_authority.h"
#include "tee/simulated_nitro.h"
#include "tee/simulated_snp.h"
#include "tee/simulated_store.h"
#include "tee/simulated_tdx.h"

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

Result<std::unique_ptr<Device>> OpenSgx(const SimulatedStore& store, const std::string& directory,
                                        const crypto::Digest256& measurement) {
  ATTESTML_TRY(SimulatedStore::Device state, store.Load());
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

SimulatedSnpStore SnpStore(const std::string& directory) { return SimulatedSnpStore(directory + "/snp"); }
SimulatedNitroStore NitroStore(const std::string& directory) { return SimulatedNitroStore(directory + "/nitro"); }

Error Absent(const std::string& directory, SimulatedTee tee) {
  const std::string name(SimulatedTeeName(tee));
  return Unavailable("tee.simulated.absent", "there is no simulated TEE of the kind " + name + " in " + directory +
                                                 "; attestml tee init --tee " + name + " makes one");
}

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

std::string_view SimulatedTeeName(SimulatedTee tee) {
  switch (tee) {
    case SimulatedTee::kSgx:
      return "simulated";
    case SimulatedTee::kTdx:
      return "simulated-tdx";
    case SimulatedTee::kSnp:
      return "simulated-snp";
    case SimulatedTee::kNitro:
      return "simulated-nitro";
  }
  return "";
}

std::optional<SimulatedTee> FindSimulatedTee(std::string_view name) {
  for (const SimulatedTee tee : kSimulatedTees) {
    if (SimulatedTeeName(tee) == name) return tee;
  }
  return std::nullopt;
}

Status InitSimulated(const std::string& directory, Time now, SimulatedTee tee) {
  ATTESTML_CHECK(CheckDirectory(directory));
  // Always: it makes the directory in which the others' folders lie.
  ATTESTML_CHECK(SimulatedStore(directory).Ensure(now));
  if (tee == SimulatedTee::kSnp) return SnpStore(directory).Ensure(now);
  if (tee == SimulatedTee::kNitro) return NitroStore(directory).Ensure(now);
  return {};
}

Result<SimulatedStatus> ReadSimulatedStatus(const std::string& directory, SimulatedTee tee) {
  ATTESTML_CHECK(CheckDirectory(directory));
  if (tee == SimulatedTee::kSnp) {
    const SimulatedSnpStore store = SnpStore(directory);
    ATTESTML_TRY(const bool exists, store.Exists());
    if (!exists) return Absent(directory, tee);
    ATTESTML_TRY(const crypto::Digest256 root, store.RootKeyId());
    ATTESTML_TRY(const Time until, store.CollateralUntil());
    return SimulatedStatus{directory, root, until};
  }
  if (tee == SimulatedTee::kNitro) {
    const SimulatedNitroStore store = NitroStore(directory);
    ATTESTML_TRY(const bool exists, store.Exists());
    if (!exists) return Absent(directory, tee);
    ATTESTML_TRY(const crypto::Digest256 root, store.RootKeyId());
    return SimulatedStatus{directory, root, std::nullopt};
  }
  const SimulatedStore store(directory);
  ATTESTML_TRY(const crypto::Digest256 root, store.RootKeyId());
  ATTESTML_TRY(const SimulatedStore::Window window, store.CollateralWindow());
  return SimulatedStatus{directory, root, window.until};
}

Result<std::unique_ptr<Device>> OpenSimulated(const std::string& directory, const crypto::Digest256& measurement,
                                              Time now, SimulatedTee tee) {
  ATTESTML_CHECK(InitSimulated(directory, now, tee));
  const SimulatedStore store(directory);
  switch (tee) {
    case SimulatedTee::kSgx:
      return OpenSgx(store, directory, measurement);
    case SimulatedTee::kTdx:
      return OpenSimulatedTdx(store, measurement, now);
    case SimulatedTee::kSnp:
      return SnpStore(directory).Open(measurement, now);
    case SimulatedTee::kNitro:
      break;
  }
  return NitroStore(directory).Open(measurement, now);
}

}  // namespace attestml::tee
