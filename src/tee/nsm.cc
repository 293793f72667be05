#include "tee/nsm.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "evidence/nitro/cbor.h"
#include "tee/kernel_file.h"
#include "tee/own_report.h"

namespace attestml::tee {
namespace {

using evidence::nitro::CborReader;
using evidence::nitro::CborWriter;

static_assert(sizeof(nsm::Message) == 32);

Bytes AttestationRequest(BytesView user_data) {
  CborWriter out;
  out.WriteMap(1);
  out.WriteText("Attestation");
  out.WriteMap(3);
  out.WriteText("user_data");
  out.WriteBytes(user_data);
  out.WriteText("nonce");
  out.WriteNull();
  out.WriteText("public_key");
  out.WriteNull();
  return std::move(out).Take();
}

Result<Bytes> DocumentIn(BytesView response) {
  CborReader in(response);
  std::size_t pairs = 0;
  std::string_view kind;
  if (in.ReadMap(&pairs) && pairs == 1 && in.ReadText(&kind)) {
    std::string_view text;
    if (kind == "Error" && in.ReadText(&text)) {
      return Unavailable("tee.nsm.response", "the Nitro Secure Module answers \"" + std::string(text) + "\"");
    }
    BytesView document;
    const bool found = kind == "Attestation" && in.ReadMap(&pairs) && pairs == 1 && in.ReadText(&text) &&
                       text == "document" && in.ReadBytes(&document) && in.empty();
    if (found) return ToBytes(document);
  }
  return Unavailable("tee.nsm.response", "the Nitro Secure Module's answer of " + std::to_string(response.size()) +
                                             " bytes is neither a document nor an error");
}

class Nsm final : public Device {
 public:
  Nsm(std::string path, KernelFile file, Ioctl call)
      : path_(std::move(path)), file_(std::move(file)), call_(std::move(call)) {}

  std::string name() const override { return "nitro"; }

  Result<evidence::EvidencePackage> Attest(const std::array<std::uint8_t, 64>& report_data) override {
    Bytes request = AttestationRequest(report_data);
    Bytes response(nsm::kMaxResponse);
    nsm::Message message{{request.data(), request.size()}, {response.data(), response.size()}};
    if (call_(file_.fd(), nsm::kRaw, &message) != 0) {
      return Unavailable("tee.nsm.request", KernelError{errno, "ask"}.Describe(path_));
    }
    if (message.response.size > response.size()) {
      return Unavailable("tee.nsm.response", "the driver claims an answer of " + std::to_string(message.response.size) +
                                                 " bytes, there was room for " + std::to_string(response.size()));
    }
    evidence::EvidencePackage package{std::string(evidence::kNitroDocumentMediaType), {}, {}};
    ATTESTML_TRY(package.evidence, DocumentIn(BytesView(response).first(message.response.size)));
    ATTESTML_CHECK(CheckOwnReport("nitro", package.evidence, report_data));
    return package;
  }

 private:
  const std::string path_;
  const KernelFile file_;
  const Ioctl call_;
};

}  // namespace

Result<std::unique_ptr<Device>> OpenNsm(const std::string& path, Ioctl call) {
  KernelFile file(path, O_RDWR);
  if (file.fd() < 0) return Unavailable("tee.nsm.absent", KernelError{errno, "open"}.Describe(path));
  return std::unique_ptr<Device>(std::make_unique<Nsm>(path, std::move(file), std::move(call)));
}

}  // namespace attestml::tee
