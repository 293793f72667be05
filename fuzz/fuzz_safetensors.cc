// A model that was read and written reads as the same bytes.
#include "artifact/measured_file.h"
#include "fuzz.h"
#include "model/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace attestml;
  if (const auto tensors = model::ReadSafetensors(BytesView(data, size)); tensors.ok()) {
    std::size_t bytes = 0;
    for (const auto& tensor : tensors->tensors) bytes += tensor.data.size();
    fuzz::Require(bytes < size);
  }
  const auto model = model::Model::Parse(artifact::MeasuredFile::FromBytes(Bytes(data, data + size), "fuzz"));
  if (!model.ok()) return 0;
  const Bytes written = model->Serialize();
  const auto again = model::Model::Parse(artifact::MeasuredFile::FromBytes(written, "fuzz"));
  fuzz::Require(again.ok() && again->Serialize() == written);
  return 0;
}
