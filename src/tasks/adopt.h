// Adopting: a model file made of a TorchScript program that somebody trained elsewhere. Nothing is trained and nothing
// is stated, so what the model was trained on stays unknown. spec/model.md section 6.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "data/table.h"
#include "engine/engine.h"
#include "model/model.h"
#include "statement/encoding.h"
#include "tasks/job.h"

namespace attestml::tasks {

// The architecture of a job's TorchScript program over data encoded like this, and in `weights` the tensors that the
// program came with, in the architecture's order; a frozen program has none. Errors: job.model, model.architecture,
// program.*.
Result<model::Architecture> ProgramArchitecture(const ModelJob& model, const statement::Encoding& encoding,
                                                BytesView program, engine::Engine& engine,
                                                std::vector<model::NamedTensor>* weights);

// The model file of the program as it is. The same program and encoding give the same bytes. With `view` (not null) the
// program answers its first rows once, so that one of another shape is refused here. The file is one that
// model::Model::Parse takes: its errors for weights that no model file holds, and those above; program.run,
// predict.overflow, encoding.* and data.* of the view.
Result<Bytes> Adopt(const ModelJob& model, const statement::Encoding& encoding, BytesView program,
                    engine::Engine& engine, const data::Table* view);

}  // namespace attestml::tasks
