#include "tasks/adopt.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "artifact/measured_file.h"
#include "base/hex.h"
#include "crypto/digest.h"
#include "data/encoder.h"
#include "tasks/training.h"

namespace attestml::tasks {
namespace {

constexpr std::size_t kTriedRows = 32;

Status TryRows(const model::Model& model, BytesView program, engine::Engine& engine, const data::Table* view) {
  ATTESTML_TRY(const auto network, LoadNetwork(model, engine, program));
  if (view == nullptr) return {};
  ATTESTML_TRY(const auto encoder, data::Encoder::Make(*view, model.encoding));
  std::vector<std::uint32_t> rows(std::min(kTriedRows, view->rows()));
  std::iota(rows.begin(), rows.end(), std::uint32_t{0});
  std::vector<float> x(rows.size() * encoder.width());
  ATTESTML_CHECK(encoder.Rows(rows, x.data()));
  std::vector<float> logits(rows.size() * static_cast<std::size_t>(model.architecture.outputs));
  ATTESTML_CHECK(network->Predict({x.data(), rows.size(), encoder.width()}, logits));
  if (std::all_of(logits.begin(), logits.end(), [](float z) { return std::isfinite(z); })) return {};
  return Malformed("predict.overflow",
                   "an output of the program for the first " + std::to_string(rows.size()) + " rows is not finite");
}

}  // namespace

Result<model::Architecture> ProgramArchitecture(const ModelJob& model, const statement::Encoding& encoding,
                                                BytesView program, engine::Engine& engine,
                                                std::vector<model::NamedTensor>* weights) {
  ATTESTML_TRY(auto architecture, ArchitectureFor(model, encoding));
  architecture.program = HexEncode(crypto::Sha256(program));
  ATTESTML_TRY(*weights, engine.ReadProgram(program));
  for (const auto& tensor : *weights) architecture.state.emplace_back(tensor.name, tensor.shape);
  ATTESTML_CHECK(model::CheckArchitecture(architecture));
  return architecture;
}

Result<Bytes> Adopt(const ModelJob& model, const statement::Encoding& encoding, BytesView program,
                    engine::Engine& engine, const data::Table* view) {
  model::Model made;
  made.encoding = encoding;
  ATTESTML_TRY(made.architecture, ProgramArchitecture(model, encoding, program, engine, &made.parameters));
  Bytes bytes = made.Serialize();
  const auto read = model::Model::Parse(artifact::MeasuredFile::FromBytes(bytes, "model.safetensors"));
  if (!read.ok()) return Within("the program makes no model file", read.error());
  ATTESTML_CHECK(TryRows(made, program, engine, view));
  return bytes;
}

}  // namespace attestml::tasks
