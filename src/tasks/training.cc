#include "tasks/training.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>
#include <span>

#include "base/decimal.h"
#include "base/random.h"
#include "data/encoder.h"
#include "tasks/loss.h"

namespace attestml::tasks {
namespace {

constexpr std::uint32_t kMaxEpochs = 1'000'000;
constexpr std::uint64_t kReportEvery = 16;  // steps

// A view as an engine takes it.
struct Encoded {
  std::vector<float> x;  // rows × width
  std::vector<std::int32_t> labels;
  std::size_t rows = 0;
  std::size_t width = 0;
  engine::Matrix matrix() const { return {x.data(), rows, width}; }
};

Result<Encoded> EncodeView(const data::Table& table, const statement::Encoding& encoding) {
  Encoded out;
  out.rows = table.rows();
  out.width = encoding.width();
  ATTESTML_CHECK(data::Encode(table, encoding, &out.x));
  ATTESTML_TRY(out.labels, table.Labels(encoding.classes));
  return out;
}

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
  if (config.patience && *config.patience == 0) return BadConfig("patience is 0, want at least 1");
  if (config.patience && !has_validation) return BadConfig("early stopping without a validation view");
  if (config.balanced_class_weights && !config.class_weights.empty()) {
    return BadConfig("class weights are given and balanced at the same time");
  }
  return {};
}

Status CheckShapes(const model::Architecture& architecture, const statement::Encoding& encoding,
                   const data::Table& train) {
  if (architecture.inputs != static_cast<std::int64_t>(encoding.width())) {
    return Usage("train.inputs", "the encoding makes " + std::to_string(encoding.width()) +
                                     " inputs, the architecture takes " + std::to_string(architecture.inputs));
  }
  if (architecture.outputs < 2 || architecture.outputs != static_cast<std::int64_t>(encoding.classes.size())) {
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
  switch (config.schedule) {
    case Schedule::kConstant:
      break;
    case Schedule::kStep:
      for (std::uint32_t i = 0; i < epoch / config.step_epochs; ++i) rate *= config.step_factor;
      break;
    case Schedule::kCosine:
      rate *= (1 + std::cos(std::numbers::pi * static_cast<double>(step) / static_cast<double>(steps))) / 2;
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

// One training run: the state that a step needs, and the steps.
class Run {
 public:
  Run(const TrainingConfig& config, engine::Network& network, const Encoded& train,
      const std::function<bool(const Progress&)>& report)
      : config_(config), network_(network), train_(train), report_(report), shuffle_(config.seed, "shuffle") {
    order_.resize(train.rows);
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    const std::size_t batches = (train.rows + config.batch_size - 1) / config.batch_size;
    progress_.steps = static_cast<std::uint64_t>(batches) * config.epochs;
    progress_.epochs = config.epochs;
    const std::size_t largest = std::min<std::size_t>(config.batch_size, train.rows);
    x_.resize(largest * train.width);
    labels_.resize(largest);
  }

  // Returns the mean loss of the epoch: of each step before its update, weighted by its rows.
  Result<double> Epoch(std::uint32_t epoch) {
    shuffle_.Shuffle(std::span<std::size_t>(order_));
    double sum = 0;
    for (std::size_t begin = 0; begin < order_.size(); begin += config_.batch_size) {
      const std::size_t rows = std::min<std::size_t>(config_.batch_size, order_.size() - begin);
      Gather(std::span(order_).subspan(begin, rows));
      rate_ = LearningRate(config_, epoch, progress_.step, progress_.steps);
      ATTESTML_TRY(const float loss, network_.Step({x_.data(), rows, train_.width}, {labels_.data(), rows}, rate_));
      ++progress_.step;
      if (!std::isfinite(loss)) return Diverged("the loss", progress_.step);
      sum += static_cast<double>(loss) * static_cast<double>(rows);
      progress_.loss = loss;
      const bool last = begin + rows == order_.size();
      progress_.epoch = epoch + (last ? 1 : 0);
      if (report_ && (last || progress_.step % kReportEvery == 0) && !report_(progress_)) {
        return Unavailable("train.interrupted", "interrupted after " + std::to_string(progress_.step) + " of " +
                                                    std::to_string(progress_.steps) + " steps");
      }
    }
    return sum / static_cast<double>(order_.size());
  }

  std::uint64_t steps() const { return progress_.step; }
  double rate() const { return rate_; }

 private:
  void Gather(std::span<const std::size_t> rows) {
    float* to = x_.data();
    for (std::size_t i = 0; i < rows.size(); ++i, to += train_.width) {
      std::copy_n(train_.x.data() + rows[i] * train_.width, train_.width, to);
      labels_[i] = train_.labels[rows[i]];
    }
  }

  const TrainingConfig& config_;
  engine::Network& network_;
  const Encoded& train_;
  const std::function<bool(const Progress&)>& report_;
  Random shuffle_;
  std::vector<std::size_t> order_;
  std::vector<float> x_;
  std::vector<std::int32_t> labels_;
  Progress progress_;
  double rate_ = 0;
};

}  // namespace

Result<TrainingResult> Train(const TrainingConfig& config, const model::Architecture& architecture,
                             const statement::Encoding& encoding, const data::Table& train,
                             const data::Table* validation, engine::Engine& engine,
                             const std::function<bool(const Progress&)>& report) {
  ATTESTML_CHECK(CheckConfig(config, validation != nullptr));
  ATTESTML_CHECK(CheckShapes(architecture, encoding, train));
  ATTESTML_TRY(const Encoded view, EncodeView(train, encoding));
  Encoded held_out;
  if (validation != nullptr) {
    ATTESTML_TRY(held_out, EncodeView(*validation, encoding));
  }
  ATTESTML_TRY(const std::vector<float> weights, ClassWeights(config, encoding, view.labels));

  const auto initial = model::InitialWeights(architecture, config.seed);
  ATTESTML_TRY(const std::unique_ptr<engine::Network> network, engine.Build(architecture));
  ATTESTML_CHECK(network->Load(initial));
  ATTESTML_CHECK(network->Configure(config.optimizer, weights));

  TrainingResult result;
  result.log_csv = validation != nullptr ? "epoch,steps,learning_rate,train_loss,validation_loss\n"
                                         : "epoch,steps,learning_rate,train_loss\n";
  Run run(config, *network, view, report);
  double best = std::numeric_limits<double>::infinity();
  std::uint32_t since_best = 0;
  std::vector<float> logits(held_out.rows * encoding.classes.size());
  for (std::uint32_t epoch = 0; epoch < config.epochs; ++epoch) {
    ATTESTML_TRY(const double train_loss, run.Epoch(epoch));
    result.steps = run.steps();
    result.epochs = epoch + 1;
    result.log_csv += std::to_string(epoch + 1) + "," + std::to_string(run.steps()) + "," + FormatDecimal(run.rate()) +
                      "," + FormatDecimal(train_loss);
    if (validation == nullptr) {
      result.log_csv += "\n";
      continue;
    }
    ATTESTML_CHECK(network->Predict(held_out.matrix(), logits));
    const double loss = MeanCrossEntropy(logits, held_out.labels, weights, encoding.classes.size());
    if (!std::isfinite(loss)) return Diverged("the validation loss", run.steps());
    result.log_csv += "," + FormatDecimal(loss) + "\n";
    if (!config.patience) continue;
    if (loss < best) {
      best = loss;
      since_best = 0;
      result.model.parameters = network->Export();
    } else if (++since_best >= *config.patience) {
      break;
    }
  }

  if (!config.patience) result.model.parameters = network->Export();
  if (!Finite(result.model.parameters)) return Diverged("a weight", result.steps);
  if (Equal(result.model.parameters, initial)) {
    return Usage("train.unchanged", "after " + std::to_string(result.steps) + " steps every weight is as it was");
  }
  result.model.architecture = architecture;
  result.model.encoding = encoding;
  return result;
}

}  // namespace attestml::tasks
