#include <algorithm>

#include "tasks/job.h"

namespace attestml::tasks {
namespace {

const statement::EncodedColumn* Only(const statement::Encoding& encoding, statement::ColumnType type) {
  return encoding.inputs.size() == 1 && encoding.inputs[0].type == type ? &encoding.inputs[0] : nullptr;
}

}  // namespace

Result<model::Architecture> ArchitectureFor(const ModelJob& job, const statement::Encoding& encoding) {
  model::Architecture out;
  out.kind = job.kind;
  out.inputs = static_cast<std::int64_t>(encoding.width());
  out.outputs = static_cast<std::int64_t>(encoding.outputs());
  const auto* image = Only(encoding, statement::ColumnType::kImage);
  const auto* text = Only(encoding, statement::ColumnType::kText);
  const std::string kind(model::KindName(job.kind));
  switch (job.kind) {
    case model::Kind::kMlp:
      // The numbers of words stand for nothing that could be multiplied.
      if (std::any_of(encoding.inputs.begin(), encoding.inputs.end(),
                      [](const auto& column) { return column.type == statement::ColumnType::kText; })) {
        return Usage("job.model", "an mlp takes no texts, want an lstm or a transformer");
      }
      out.hidden = job.hidden;
      out.activation = job.activation;
      break;
    case model::Kind::kCnn:
    case model::Kind::kVgg:
    case model::Kind::kResnet:
      if (image == nullptr) return Usage("job.model", "a " + kind + " takes one image, and nothing else, as its input");
      out.image.assign(image->shape.begin(), image->shape.end());
      if (job.kind == model::Kind::kCnn) {
        out.channels = job.channels;
        out.kernel = job.kernel;
        out.activation = job.activation;
      } else {
        out.depth = job.depth;
      }
      if (job.kind != model::Kind::kResnet) out.hidden = job.hidden;
      break;
    case model::Kind::kLstm:
    case model::Kind::kTransformer:
      if (text == nullptr) return Usage("job.model", "a " + kind + " takes one text, and nothing else, as its input");
      out.tokens = static_cast<std::int64_t>(text->vocabulary.size() + statement::kFirstToken);
      out.embedding = job.embedding;
      out.layers = job.layers;
      out.units = job.units;
      if (job.kind == model::Kind::kTransformer) out.heads = job.heads;
      break;
    case model::Kind::kTorchScript:
      // The program may want its image or its tokens in their own shape.
      if (image != nullptr) out.image.assign(image->shape.begin(), image->shape.end());
      if (text != nullptr) out.tokens = static_cast<std::int64_t>(text->vocabulary.size() + statement::kFirstToken);
      return out;
  }
  ATTESTML_CHECK(model::CheckArchitecture(out));
  return out;
}

}  // namespace attestml::tasks
