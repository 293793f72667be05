#include "tee/gramine.h"

#include <cerrno>
#include <mutex>
#include <utility>

#include "tee/kernel_file.h"
#include "tee/own_report.h"

namespace attestml::tee {
namespace {

// What was set is the process's, not an opening's: two that set and read at a time would get each other's.
std::mutex& OneAtATime() {
  static std::mutex mutex;
  return mutex;
}

class Gramine final : public Device {
 public:
  explicit Gramine(std::string path) : path_(std::move(path)) {}

  std::string name() const override { return "sgx"; }

  Result<evidence::EvidencePackage> Attest(const std::array<std::uint8_t, 64>& report_data) override {
    const std::scoped_lock lock(OneAtATime());
    const std::string wanted = path_ + "/user_report_data";
    if (const KernelError error = WriteKernelFile(wanted, report_data)) {
      return Unavailable("tee.gramine.report_data", error.Describe(wanted));
    }
    const std::string quote = path_ + "/quote";
    evidence::EvidencePackage package{std::string(evidence::kSgxQuoteMediaType), {}, {}};
    if (const KernelError error = ReadKernelFile(quote, kMaxGramineQuote, &package.evidence)) {
      const std::string hint =
          error.number == EACCES ? " (the quoting enclave or AESM refused; Gramine's log says why)" : "";
      return Unavailable("tee.gramine.quote", error.Describe(quote) + hint);
    }
    ATTESTML_CHECK(CheckOwnReport("sgx", package.evidence, report_data));
    return package;
  }

 private:
  const std::string path_;
};

}  // namespace

Result<std::unique_ptr<Device>> OpenGramine(const std::string& path) {
  const std::string type_path = path + "/attestation_type";
  std::string type;
  if (const KernelError error = ReadKernelLine(type_path, &type)) {
    return Unavailable("tee.gramine.absent",
                       error.Describe(type_path) + (error.absent() ? ": not in an SGX enclave" : ""));
  }
  if (type != "dcap") {
    return Unavailable("tee.gramine.type", "the enclave's attestation type is \"" + type +
                                               "\": its manifest must say sgx.remote_attestation = \"dcap\"");
  }
  return std::unique_ptr<Device>(std::make_unique<Gramine>(path));
}

}  // namespace attestml::tee
