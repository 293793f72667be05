#include "tasks/training.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <future>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>

#include "base/decimal.h"
#include "base/random.h"
#include "crypto/secret_stream.h"
#include "tasks/features.h"
#include "tasks/loss.h"

namespace attestml::tasks {
namespace {

constexpr std::uint32_t kMaxEpochs = 1'000'000;
// Steps between reports, and the time after which there is one whatever the steps take.
constexpr std::uint64_t kReportEvery = 16;
constexpr std::chrono::milliseconds kReportAfter{500};

Error BadConfig(std::string message) { return Usage("train.config", std::move(message)); }

bool InUnit(double value) { return value >= 0 && value < 1; }

Status CheckConfig(const TrainingConfig& config, bool has_validation) {
  const engine::OptimizerConfig& o = config.optimizer;
  if (!(config.learning_rate > 0) || !std::isfinite(config.learning_rate)) {
    return BadConfig("learning rate is not a positive number");
  }
  if (config.batch_size == 0) return BadConfig("batch size is 0, want at least 1");
  if (config.epochs == 0 || config.epochs > kMaxEpochs) {
    return BadConfig(std::to_string(config.epochs) + " epochs, want 1 to " + std::to_string(kMaxEpochs));
  }
  if (!InUnit(o.momentum)) return BadConfig("momentum is not at least 0 and below 1");
  if (!InUnit(o.beta1) || !InUnit(o.beta2)) return BadConfig("a beta is not at least 0 and below 1");
  if (!(o.epsilon > 0) || !std::isfinite(o.epsilon)) return BadConfig("epsilon is not a positive number");
  if (!(o.weight_decay >= 0) || !std::isfinite(o.weight_decay)) return BadConfig("weight decay is negative");
  if (config.schedule == Schedule::kStep) {
    if (config.step_epochs == 0) return BadConfig("the step schedule has 0 epochs a step");
    if (!(config.step_factor > 0) || config.step_factor > 1) return BadConfig("step factor is not above 0, at most 1");
  }
  if (config.warmup_epochs >= config.epochs && config.warmup_epochs > 0) {
    return BadConfig("the warm-up is as long as the training, or longer");
  }
  if (!(o.clip_norm >= 0) || !std::isfinite(o.clip_norm)) return BadConfig("the norm to clip to is negative");
  if (!InUnit(o.label_smoothing)) return BadConfig("label smoothing is not at least 0 and below 1");
  if (config.privacy) {
    const Privacy& p = *config.privacy;
    if (!(p.clip > 0) || !std::isfinite(p.clip)) return BadConfig("privacy: clip is not a positive number");
    if (!(p.noise_multiplier > 0) || !std::isfinite(p.noise_multiplier)) {
      return BadConfig("privacy: the noise multiplier is not a positive number");
    }
    // Each of these would let a step depend on more than the clipped sum, or the result on data it does not account
    // for.
    if (has_validation) return BadConfig("privacy: a validation view would be used without noise");
    if (config.balanced_class_weights) return BadConfig("privacy: balanced weights depend on the data without noise");
    if (o.clip_norm > 0) return BadConfig("privacy: clip-norm clips the batch, want privacy.clip only");
  }
  if (config.loss == Loss::kMeanSquaredError) {
    if (config.balanced_class_weights || !config.class_weights.empty()) {
      return BadConfig("weights of classes, and the target is a number");
    }
    if (o.label_smoothing > 0) return BadConfig("labels to smooth, and the target is a number");
  }
  if (config.patience && *config.patience == 0) return BadConfig("patience is 0, want at least 1");
  if (config.patience && !has_validation) return BadConfig("early stopping without a validation view");
  if (config.balanced_class_weights && !config.class_weights.empty()) {
    return BadConfig("class weights are given and balanced at the same time");
  }
  return {};
}

Status CheckAugmentation(const Augmentation& augmentation, const statement::Encoding& encoding) {
  if (!augmentation.enabled()) return {};
  const bool image = encoding.inputs.size() == 1 && encoding.inputs[0].type == statement::ColumnType::kImage;
  if (!image) return BadConfig("augmentation is for models of one image");
  if (augmentation.crop_padding >= std::min(encoding.inputs[0].shape[1], encoding.inputs[0].shape[2])) {
    return BadConfig("the crop's padding is as large as the image, or larger");
  }
  return {};
}

Status CheckShapes(const TrainingConfig& config, const model::Architecture& architecture,
                   const statement::Encoding& encoding, const data::Table& train) {
  // Asked for, never guessed: a label that is written as a number may have been meant as a class.
  if (encoding.number && config.loss != Loss::kMeanSquaredError) {
    return Usage("train.loss", "target " + encoding.target +
                                   " is a number: want train.loss = \"mse\", or the column to be categorical");
  }
  if (!encoding.number && config.loss != Loss::kCrossEntropy) {
    return Usage("train.loss", "target " + encoding.target + " has classes, want train.loss = \"cross-entropy\"");
  }
  if (architecture.inputs != static_cast<std::int64_t>(encoding.width())) {
    return Usage("train.inputs", "the encoding makes " + std::to_string(encoding.width()) +
                                     " inputs, the architecture takes " + std::to_string(architecture.inputs));
  }
  if (encoding.number && architecture.outputs != 1) {
    return Usage("train.classes", "the target is a number, the architecture has " +
                                      std::to_string(architecture.outputs) + " outputs, want 1");
  }
  if (!encoding.number &&
      (architecture.outputs < 2 || architecture.outputs != static_cast<std::int64_t>(encoding.classes.size()))) {
    return Usage("train.classes", std::to_string(encoding.classes.size()) + " classes, the architecture has " +
                                      std::to_string(architecture.outputs) + " outputs; want as many, at least 2");
  }
  if (train.rows() < encoding.classes.size()) {
    return Usage("train.rows", std::to_string(train.rows()) + " training rows, want at least one a class");
  }
  return {};
}

// One weight a class; empty when all count the same.
Result<std::vector<float>> ClassWeights(const TrainingConfig& config, const statement::Encoding& encoding,
                                        const std::vector<std::int32_t>& labels) {
  const auto& classes = encoding.classes;
  if (config.balanced_class_weights) {
    std::vector<std::size_t> counts(classes.size());
    for (const std::int32_t label : labels) ++counts[static_cast<std::size_t>(label)];
    std::vector<float> weights;
    for (std::size_t c = 0; c < classes.size(); ++c) {
      if (counts[c] == 0) return Usage("train.classes", "no training row is of class \"" + classes[c] + "\"");
      weights.push_back(static_cast<float>(static_cast<double>(labels.size()) /
                                           (static_cast<double>(classes.size()) * static_cast<double>(counts[c]))));
    }
    return weights;
  }
  if (config.class_weights.empty()) return std::vector<float>();
  std::vector<float> weights(classes.size(), 1.0F);
  std::vector<bool> given(classes.size());
  for (const auto& [name, weight] : config.class_weights) {
    const auto it = std::find(classes.begin(), classes.end(), name);
    if (it == classes.end()) return Usage("train.classes", "a weight for \"" + name + "\", which is no class");
    const auto index = static_cast<std::size_t>(it - classes.begin());
    if (given[index]) return Usage("train.classes", "two weights for class \"" + name + "\"");
    if (!(weight > 0) || !std::isfinite(static_cast<float>(weight))) {
      return BadConfig("the weight of class \"" + name + "\" is not a positive number");
    }
    given[index] = true;
    weights[index] = static_cast<float>(weight);
  }
  return weights;
}

double LearningRate(const TrainingConfig& config, std::uint32_t epoch, std::uint64_t step, std::uint64_t steps) {
  double rate = config.learning_rate;
  const std::uint64_t warmup = steps / config.epochs * config.warmup_epochs;
  if (step < warmup) return rate * static_cast<double>(step + 1) / static_cast<double>(warmup);
  switch (config.schedule) {
    case Schedule::kConstant:
      break;
    case Schedule::kStep:
      for (std::uint32_t i = 0; i < epoch / config.step_epochs; ++i) rate *= config.step_factor;
      break;
    case Schedule::kCosine:
      rate *=
          (1 + std::cos(std::numbers::pi * static_cast<double>(step - warmup) / static_cast<double>(steps - warmup))) /
          2;
      break;
  }
  return rate;
}

Error Diverged(const std::string& what, std::uint64_t step) {
  return Usage("train.diverged",
               what + " is not finite after " + std::to_string(step) + " steps; a lower learning rate may help");
}

bool Finite(const std::vector<model::NamedTensor>& parameters) {
  return std::all_of(parameters.begin(), parameters.end(), [](const model::NamedTensor& tensor) {
    return std::all_of(tensor.values.begin(), tensor.values.end(), [](float value) { return std::isfinite(value); });
  });
}

bool Equal(const std::vector<model::NamedTensor>& a, const std::vector<model::NamedTensor>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const auto& x, const auto& y) { return x.values == y.values; });
}

// What goes into one step.
struct Batch {
  std::vector<std::uint32_t> rows;
  std::vector<float> x;
  std::vector<std::int32_t> labels;
  std::vector<float> numbers;
  bool numeric = false;
  Status status;

  engine::Targets targets() const { return numeric ? engine::Targets(numbers) : engine::Targets(labels); }
};

// One training run: the state that a step needs, and the steps.
class Run {
 public:
  Run(const TrainingRequest& request, engine::Network& network, const Features& train)
      : request_(request),
        config_(request.config),
        network_(network),
        train_(train),
        shuffle_(config_.seed, "shuffle") {
    order_.resize(train.rows());
    std::iota(order_.begin(), order_.end(), std::uint32_t{0});
    batches_ = (train.rows() + config_.batch_size - 1) / config_.batch_size;
    progress_.steps = static_cast<std::uint64_t>(batches_) * config_.epochs;
    progress_.epochs = config_.epochs;
    sample_rate_ = std::min(1.0, static_cast<double>(config_.batch_size) / static_cast<double>(train.rows()));
    if (config_.privacy) {
      secret_.emplace();
      std::size_t trained = 0;
      for (const auto& tensor : network_.Export()) {
        if (!model::IsBuffer(tensor.name)) trained += tensor.values.size();
      }
      noise_.resize(trained);
    }
  }

  // Where an earlier run stopped. The shuffles of the epochs before are made again, so that this one's follow.
  void Resume(const TrainingState& state) {
    progress_.step = state.steps;
    first_batch_ = static_cast<std::size_t>(state.steps - std::uint64_t{state.epoch} * batches_);
    sum_ = state.epoch_loss;
    for (std::uint32_t epoch = 0; epoch < state.epoch; ++epoch) shuffle_.Shuffle(std::span(order_));
  }

  // Returns the mean loss of the epoch: of each step before its update, weighted by its rows.
  Result<double> Epoch(std::uint32_t epoch) {
    shuffle_.Shuffle(std::span(order_));
    Batch batch;
    Batch next;
    std::future<void> preparing;
    if (first_batch_ < batches_) Prepare(epoch, first_batch_, &batch);
    for (std::size_t index = first_batch_; index < batches_; ++index) {
      // Images are encoded for the next step while this one is computed; but who is in a private step and its noise
      // come from one stream, one after the other.
      const bool more = index + 1 < batches_;
      const bool ahead = more && train_.lazy() && !secret_;
      if (ahead) {
        preparing = std::async(std::launch::async, [&, index] { Prepare(epoch, index + 1, &next); });
      }
      const Status status = Step(epoch, batch);
      if (preparing.valid()) preparing.get();
      if (!status.ok()) return status.error();
      progress_.epoch = epoch + (more ? 0 : 1);
      if (request_.report && (!more || ReportIsDue()) && !request_.report(progress_)) {
        interrupted_ = true;
        // An epoch that has ended is written down first; Train sees the rest.
        if (more) return Interrupted();
      }
      if (more && !ahead) Prepare(epoch, index + 1, &next);
      std::swap(batch, next);
    }
    first_batch_ = 0;
    return std::exchange(sum_, 0) / static_cast<double>(order_.size());
  }

  Error Interrupted() const {
    return Unavailable("train.interrupted", "interrupted after " + std::to_string(progress_.step) + " of " +
                                                std::to_string(progress_.steps) + " steps");
  }

  std::uint64_t steps() const { return progress_.step; }
  std::uint64_t examples() const { return examples_; }
  double rate() const { return rate_; }
  double epoch_loss() const { return sum_; }
  bool interrupted() const { return interrupted_; }
  double sample_rate() const { return sample_rate_; }
  std::optional<crypto::Digest256> commitment() const {
    if (!secret_) return std::nullopt;
    return secret_->commitment();
  }

 private:
  bool ReportIsDue() {
    const auto now = std::chrono::steady_clock::now();
    if (progress_.step % kReportEvery != 0 && now - reported_ < kReportAfter) return false;
    reported_ = now;
    return true;
  }

  void Prepare(std::uint32_t epoch, std::size_t index, Batch* batch) {
    batch->rows.clear();
    if (config_.privacy) {
      for (std::uint32_t row = 0; row < train_.rows(); ++row) {
        if (secret_->Uniform() < sample_rate_) batch->rows.push_back(row);
      }
    } else {
      const std::size_t begin = index * config_.batch_size;
      const std::size_t rows = std::min<std::size_t>(config_.batch_size, order_.size() - begin);
      batch->rows.assign(order_.begin() + static_cast<std::ptrdiff_t>(begin),
                         order_.begin() + static_cast<std::ptrdiff_t>(begin + rows));
    }
    batch->x.resize(batch->rows.size() * train_.width());
    batch->labels.clear();
    batch->numbers.clear();
    batch->numeric = config_.loss == Loss::kMeanSquaredError;
    for (const std::uint32_t row : batch->rows) {
      if (batch->numeric) {
        batch->numbers.push_back(train_.numbers()[row]);
      } else {
        batch->labels.push_back(train_.labels()[row]);
      }
    }
    batch->status = train_.Gather(batch->rows, batch->x.data());
    if (!batch->status.ok() || !config_.augmentation.enabled()) return;
    // Each step has a stream of its own, so that a resumed run draws what the whole one would have.
    Random random(config_.seed, "augment/" + std::to_string(std::uint64_t{epoch} * batches_ + index));
    Augment(config_.augmentation, request_.encoding.inputs[0], batch->rows.size(), batch->x, &random);
  }

  Status Step(std::uint32_t epoch, const Batch& batch) {
    ATTESTML_CHECK(batch.status);
    rate_ = LearningRate(config_, epoch, progress_.step, progress_.steps);
    const std::size_t rows = batch.rows.size();
    const engine::Matrix x{batch.x.data(), rows, train_.width()};
    Result<float> loss = 0.0F;
    if (config_.privacy) {
      const double deviation = config_.privacy->noise_multiplier * config_.privacy->clip;
      for (float& value : noise_) value = static_cast<float>(deviation * secret_->Normal());
      const double expected = sample_rate_ * static_cast<double>(train_.rows());
      loss = network_.StepPrivately(x, batch.targets(), rate_, {config_.privacy->clip, expected, noise_});
    } else {
      loss = network_.Step(x, batch.targets(), rate_);
    }
    if (!loss.ok()) return loss.error();
    ++progress_.step;
    examples_ += rows;
    if (!std::isfinite(*loss)) return Diverged("the loss", progress_.step);
    sum_ += static_cast<double>(*loss) * static_cast<double>(rows);
    progress_.loss = *loss;
    return {};
  }

  const TrainingRequest& request_;
  const TrainingConfig& config_;
  engine::Network& network_;
  const Features& train_;
  Random shuffle_;
  std::optional<crypto::SecretStream> secret_;
  std::vector<float> noise_;
  std::vector<std::uint32_t> order_;
  std::size_t batches_ = 0;
  std::size_t first_batch_ = 0;
  double sample_rate_ = 0;
  Progress progress_;
  std::chrono::steady_clock::time_point reported_ = std::chrono::steady_clock::now();
  std::uint64_t examples_ = 0;
  double sum_ = 0;
  double rate_ = 0;
  bool interrupted_ = false;
};

Status CheckResume(const TrainingRequest& request, std::size_t rows) {
  const TrainingState& state = *request.resume;
  const std::uint64_t batches = (rows + request.config.batch_size - 1) / request.config.batch_size;
  const std::uint64_t begin = state.epoch * batches;
  if (state.epoch >= request.config.epochs || state.steps < begin || state.steps - begin >= batches) {
    return Malformed("train.resume", "the checkpoint stands at step " + std::to_string(state.steps) + " of epoch " +
                                         std::to_string(state.epoch + 1) + ", which this training does not have");
  }
  if (request.config.privacy) {
    return Usage("train.resume", "a private run has no checkpoint to go on from: its noise is secret");
  }
  return {};
}

}  // namespace

Result<TrainingResult> Train(const TrainingRequest& request) {
  const TrainingConfig& config = request.config;
  if (config.privacy && request.checkpoint_epochs > 0) {
    return BadConfig("privacy: a checkpoint could not be resumed, its noise is secret; leave checkpoint-epochs away");
  }
  const statement::Encoding& encoding = request.encoding;
  const bool validates = request.validation != nullptr;
  ATTESTML_CHECK(CheckConfig(config, validates));
  ATTESTML_CHECK(CheckAugmentation(config.augmentation, encoding));
  ATTESTML_CHECK(CheckShapes(config, request.architecture, encoding, *request.train));
  ATTESTML_TRY(const Features view, Features::Make(*request.train, encoding, true));
  std::optional<Features> held_out;
  if (validates) {
    ATTESTML_TRY(held_out, Features::Make(*request.validation, encoding, true));
  }
  ATTESTML_TRY(const std::vector<float> weights, ClassWeights(config, encoding, view.labels()));

  const auto initial =
      request.initial != nullptr ? *request.initial : model::InitialWeights(request.architecture, config.seed);
  ATTESTML_TRY(const std::unique_ptr<engine::Network> network,
               request.engine->Build(request.architecture, request.program));
  ATTESTML_CHECK(network->Load(request.resume != nullptr ? request.resume->parameters : initial));
  ATTESTML_CHECK(network->Configure(config.optimizer, weights));

  TrainingState state;
  state.log_csv =
      validates ? "epoch,steps,learning_rate,train_loss,validation_loss\n" : "epoch,steps,learning_rate,train_loss\n";
  Run run(request, *network, view);
  if (request.resume != nullptr) {
    ATTESTML_CHECK(CheckResume(request, view.rows()));
    state = *request.resume;
    ATTESTML_CHECK(network->RestoreOptimizer(state.optimizer));
    run.Resume(state);
  }
  const auto save = [&]() -> Status {
    state.steps = run.steps();
    state.epoch_loss = run.epoch_loss();
    state.parameters = network->Export();
    ATTESTML_TRY(state.optimizer, network->SaveOptimizer());
    return request.checkpoint(state);
  };

  // A private run is not kept: its noise is secret, and would be gone.
  const bool keeps = request.checkpoint && !config.privacy;
  TrainingResult result;
  std::vector<float> logits(validates ? held_out->rows() * encoding.outputs() : 0);
  while (state.epoch < config.epochs) {
    const auto train_loss = run.Epoch(state.epoch);
    if (!train_loss.ok()) {
      if (run.interrupted() && keeps) ATTESTML_CHECK(save());
      return train_loss.error();
    }
    ++state.epoch;
    state.log_csv += std::to_string(state.epoch) + "," + std::to_string(run.steps()) + "," + FormatDecimal(run.rate()) +
                     "," + FormatDecimal(*train_loss);
    if (validates) {
      ATTESTML_CHECK(held_out->Predict(*network, encoding.outputs(), logits));
      const double loss = encoding.number
                              ? MeanSquaredError(logits, held_out->numbers())
                              : MeanCrossEntropy(logits, held_out->labels(), weights, encoding.classes.size());
      if (!std::isfinite(loss)) return Diverged("the validation loss", run.steps());
      state.log_csv += "," + FormatDecimal(loss);
      if (config.patience && (!state.best_loss || loss < *state.best_loss)) {
        state.best_loss = loss;
        state.since_best = 0;
        state.best_parameters = network->Export();
      } else if (config.patience) {
        ++state.since_best;
      }
    }
    state.log_csv += "\n";
    if (config.patience && state.since_best >= *config.patience) break;
    const bool due = request.checkpoint_epochs > 0 && state.epoch % request.checkpoint_epochs == 0;
    if (keeps && state.epoch < config.epochs && (due || run.interrupted())) ATTESTML_CHECK(save());
    if (run.interrupted()) return run.Interrupted();
  }

  result.model.parameters = config.patience ? state.best_parameters : network->Export();
  result.steps = run.steps();
  result.epochs = state.epoch;
  result.examples = run.examples();
  result.log_csv = std::move(state.log_csv);
  result.noise_commitment = run.commitment();
  result.sample_rate = config.privacy ? run.sample_rate() : 0;
  if (!Finite(result.model.parameters)) return Diverged("a weight", result.steps);
  if (Equal(result.model.parameters, initial)) {
    return Usage("train.unchanged", "after " + std::to_string(result.steps) + " steps every weight is as it was");
  }
  result.model.architecture = request.architecture;
  result.model.encoding = encoding;
  return result;
}

}  // namespace attestml::tasks
