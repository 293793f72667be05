#include "prove/prover.h"

#include <algorithm>
#include <future>
#include <thread>

#include "artifact/measured_file.h"
#include "base/hex.h"
#include "base/nearest_name.h"
#include "data/encoder.h"
#include "engine/libraries.h"
#include "properties/predictions.h"
#include "properties/property.h"
#include "prove/inference.h"
#include "prove/session.h"
#include "prove/workspace.h"
#include "statement/claims.h"
#include "tasks/training.h"
#include "tee/simulated.h"

namespace attestml::prove {
namespace {

constexpr std::size_t kMaxModel = std::size_t{8} << 30;
constexpr const char* kModelName = "model.safetensors";

bool NeedsModel(const tasks::PropertyJob& property) {
  const properties::Property* known = properties::FindProperty(property.property);
  return known != nullptr && known->needs_predictions() && !property.predictions;
}

// One run of Prove: its parts in the order they happen.
class Prover {
 public:
  Prover(const Request& request, Timing& timing)
      : request_(request), job_(request.job), timing_(timing), workspace_(job_, request.data, request.job_directory) {}

  ~Prover() {
    if (measuring_.valid()) measuring_.wait();
    if (engine_loading_.valid()) engine_loading_.wait();
  }

  Result<Outcome> Run() {
    ATTESTML_CHECK(CheckJob());
    StartEngine();
    timing_.Enter(Phase::kPreprocessing);
    ATTESTML_CHECK(workspace_.Load(NeededViews()));
    ATTESTML_CHECK(ReadModel());
    if (request_.attest) measuring_ = std::async(std::launch::async, [this] { MeasureInputs(); });
    timing_.Enter(Phase::kStartUp);
    ATTESTML_CHECK(FinishEngine());
    timing_.Enter(Phase::kComputation);
    if (Does(Stage::kTrain)) ATTESTML_CHECK(Train());
    ATTESTML_CHECK(MeasureProperties());
    if (request_.stage == Stage::kInfer) ATTESTML_CHECK(Infer());
    timing_.Enter(Phase::kProving);
    if (request_.attest) ATTESTML_CHECK(StateAll());
    outcome_.timing = timing_.ToJson();
    return std::move(outcome_);
  }

 private:
  bool Does(Stage stage) const { return request_.stage == stage || request_.stage == Stage::kRun; }

  bool UsesEngine() const {
    if (request_.stage == Stage::kInfer || request_.stage == Stage::kTrain) return true;
    if (request_.stage == Stage::kMeasure) return false;
    return job_.training.has_value() || !ModelProperties().empty();
  }

  std::vector<const tasks::PropertyJob*> ModelProperties() const {
    std::vector<const tasks::PropertyJob*> out;
    for (const auto& property : job_.properties) {
      if (NeedsModel(property)) out.push_back(&property);
    }
    return out;
  }

  // The properties that this stage states, in the job's order.
  std::vector<const tasks::PropertyJob*> StageProperties() const {
    std::vector<const tasks::PropertyJob*> out;
    for (const auto& property : job_.properties) {
      const bool of_model = NeedsModel(property);
      if (of_model ? Does(Stage::kEvaluate) : Does(Stage::kMeasure)) out.push_back(&property);
    }
    return out;
  }

  Status CheckJob() const {
    std::vector<std::string_view> names;
    for (const auto* property : properties::Registry()) names.push_back(property->name());
    for (const auto& property : job_.properties) {
      if (properties::FindProperty(property.property) != nullptr) continue;
      const std::string nearest = NearestName(property.property, names);
      return Usage("prove.property", "no property is called \"" + property.property + "\"" +
                                         (nearest.empty() ? "" : ", did you mean \"" + nearest + "\"?"));
    }
    if (request_.stage == Stage::kTrain && !job_.training) return Usage("prove.train", "the job has no [train]");
    if (request_.stage == Stage::kEvaluate && ModelProperties().empty()) {
      return Usage("prove.evaluate", "the job has no [[property]] that needs a model");
    }
    if (request_.stage == Stage::kMeasure && StageProperties().empty()) {
      return Usage("prove.measure", "the job has no [[property]] that needs no model");
    }
    if (request_.stage == Stage::kRun && !job_.training && !ModelProperties().empty()) {
      return Usage("prove.run",
                   "the job has properties of a model but no [train]: use `attestml evaluate --model FILE`");
    }
    if (request_.attest && job_.tee != "simulated") {
      return Usage("prove.tee",
                   "no TEE is named: say tee.device = \"simulated\" in the job or --tee simulated (the only one this "
                   "build has)");
    }
    return {};
  }

  std::vector<std::string> NeededViews() const {
    std::vector<std::string> views;
    if (Does(Stage::kTrain) && job_.training) {
      views.push_back(job_.training->view);
      if (!job_.training->validation.empty()) views.push_back(job_.training->validation);
    }
    for (const auto* property : StageProperties()) {
      views.push_back(property->view);
      views.insert(views.end(), property->against.begin(), property->against.end());
    }
    return views;
  }

  // The engine loads on its own thread while inputs are read.
  void StartEngine() {
    if (!UsesEngine()) return;
    engine_loading_ = std::async(std::launch::async, [this]() -> Result<std::unique_ptr<engine::Engine>> {
      for (const engine::Module& module : request_.modules) {
        if (job_.engine == "auto" || job_.engine == module.name) return engine::LoadModule(module, job_.threads);
      }
      return Unsupported("prove.engine", "this build has no engine \"" + job_.engine + "\"");
    });
  }

  Status FinishEngine() {
    if (!engine_loading_.valid()) return {};
    auto loaded = engine_loading_.get();
    if (!loaded.ok()) return std::move(loaded).error();
    engine_ = std::move(loaded).value();
    return {};
  }

  Status ReadModel() {
    if (request_.stage != Stage::kEvaluate && request_.stage != Stage::kInfer) return {};
    ATTESTML_TRY(auto file, artifact::MeasuredFile::Read(request_.model_path, kModelName, kMaxModel));
    ATTESTML_TRY(model_, model::Model::Parse(file));
    model_file_ = std::move(file);
    if (request_.stage != Stage::kInfer) return {};
    ATTESTML_TRY(input_, artifact::MeasuredFile::Read(request_.input_path, "rows"));
    const statement::Selection selection = RowsSelection();
    ATTESTML_TRY(rows_, ReadRows(*input_, selection));
    return {};
  }

  // The rows to answer look like the dataset that the job evaluates on: the first property's view, else the first
  // dataset.
  statement::Selection RowsSelection() const {
    for (const auto* property : ModelProperties()) return job_.SelectionOf(*job_.FindView(property->view));
    return job_.SelectionOf(job_.views.front());
  }

  // Runs beside the computation: what attestation adds to the inputs.
  void MeasureInputs() {
    program_ = artifact::MeasuredFile::Read("/proc/self/exe", "attestml-prover");
    workspace_.Measure();
    if (model_file_) static_cast<void>(model_file_->sha256());
    if (input_) static_cast<void>(input_->sha256());
  }

  Status Train() {
    if (!job_.training) return {};
    const tasks::TrainingJob& training = *job_.training;
    const data::Table& train = workspace_.table(training.view);
    ATTESTML_TRY(const auto encoding, data::FitEncoding(train));
    model::Architecture architecture;
    architecture.inputs = static_cast<std::int64_t>(encoding.width());
    architecture.hidden = *job_.hidden;
    architecture.activation = job_.activation;
    architecture.outputs = static_cast<std::int64_t>(encoding.classes.size());
    const data::Table* validation = training.validation.empty() ? nullptr : &workspace_.table(training.validation);
    const auto report = request_.progress ? request_.progress : [](const tasks::Progress&) { return true; };
    ATTESTML_TRY(auto result,
                 tasks::Train(training.config, architecture, encoding, train, validation, *engine_, report));
    model_file_ = artifact::MeasuredFile::FromBytes(result.model.Serialize(), kModelName);
    training_log_ = artifact::MeasuredFile::FromBytes(ToBytes(AsBytes(result.log_csv)), "training-log.csv");
    outcome_.files.push_back({kModelName, ToBytes(model_file_->bytes())});
    outcome_.files.push_back({"training-log.csv", ToBytes(training_log_->bytes())});
    steps_ = result.steps;
    epochs_ = result.epochs;
    model_ = std::move(result.model);
    return {};
  }

  // The model's predictions on a view, computed once.
  Result<const properties::Predictions*> ModelPredictions(const std::string& view) {
    if (const auto it = predictions_.find(view); it != predictions_.end()) return &it->second;
    const data::Table& table = workspace_.table(view);
    const auto& target = table.selection().target;
    if (!target || target->column != model_->encoding.target) {
      return Usage("prove.target", "view \"" + view + "\" has target \"" + (target ? target->column : "") +
                                       "\", the model predicts \"" + model_->encoding.target + "\"");
    }
    ATTESTML_TRY(auto labels, table.Labels(model_->encoding.classes));
    ATTESTML_TRY(auto prediction, tasks::Predict(*model_, table, *engine_));
    ATTESTML_TRY(auto judged,
                 properties::PredictionsFromProbabilities(model_->encoding.classes, std::move(labels),
                                                          std::move(prediction.probabilities), target->positive));
    return &predictions_.emplace(view, std::move(judged)).first->second;
  }

  Status MeasureProperties() {
    for (const tasks::PropertyJob* wanted : StageProperties()) {
      auto status = MeasureProperty(*wanted);
      if (!status.ok())
        return Within("property " + wanted->property + " on " + wanted->view, std::move(status).error());
    }
    return {};
  }

  Status MeasureProperty(const tasks::PropertyJob& wanted) {
    const properties::Property* property = properties::FindProperty(wanted.property);
    properties::Inputs inputs;
    inputs.table = &workspace_.table(wanted.view);
    std::vector<const data::Table*> references;
    for (const std::string& view : wanted.against) references.push_back(&workspace_.table(view));
    inputs.references = references;
    inputs.parameters = &wanted.parameters;
    properties::Predictions from_column;
    Measured measured{&wanted, property, {}, ""};
    if (property->needs_predictions() && wanted.predictions) {
      ATTESTML_TRY(from_column, properties::PredictionsFromColumn(
                                    *inputs.table, {wanted.predictions->column, wanted.predictions->positive,
                                                    wanted.predictions->threshold}));
      inputs.predictions = &from_column;
      measured.predictions = "column:" + wanted.predictions->column;
    } else if (property->needs_predictions()) {
      ATTESTML_TRY(inputs.predictions, ModelPredictions(wanted.view));
      measured.predictions = "model";
    }
    ATTESTML_TRY(measured.measurement, property->Measure(inputs));
    for (const auto& result : measured.measurement.results) AddHeadline(wanted, result);
    measured_.push_back(std::move(measured));
    return {};
  }

  void AddHeadline(const tasks::PropertyJob& wanted, const statement::MetricResult& result) {
    static constexpr std::string_view kHeadlines[] = {"accuracy", "roc-auc", "demographic-parity-difference",
                                                      "equalized-odds-difference", "with-label"};
    const bool whole = result.slice.empty() && result.where.empty() && result.given.empty() && result.label.empty() &&
                       result.at.empty() && result.column.empty();
    if (!whole || std::find(std::begin(kHeadlines), std::end(kHeadlines), result.metric) == std::end(kHeadlines))
      return;
    std::string name = result.metric == "with-label" ? "overlap" : result.metric;
    for (const auto& attribute : result.across) name += " " + attribute;
    outcome_.headlines.push_back({name + " on " + wanted.view, result.value});
  }

  Status Infer() {
    ATTESTML_TRY(const std::string answers, AnswersCsv(*model_, *rows_, *engine_));
    output_ = artifact::MeasuredFile::FromBytes(ToBytes(AsBytes(answers)), "outputs.csv");
    outcome_.files.push_back({"outputs.csv", ToBytes(output_->bytes())});
    outcome_.headlines.push_back({"rows answered", std::to_string(rows_->rows())});
    if (request_.receipts && request_.attest) {
      timing_.Enter(Phase::kProving);
      ATTESTML_TRY(receipts_, MakeReceipts(*input_, rows_->selection().format, answers, rows_->rows(), request_.nonce));
      outcome_.files.push_back({"receipts.jsonl", ToBytes(AsBytes(receipts_->lines))});
    }
    return {};
  }

  statement::Run MakeRun() const {
    statement::Run run;
    run.program = "attestml-prover " ATTESTML_VERSION;
    run.job = tasks::JobToJson(job_);
    run.engine = engine_ ? engine_->name() : "none";
    run.engine_details = Json::object();
    if (engine_) {
      for (const auto& [key, value] : engine_->Details()) run.engine_details[key] = value;
    }
    run.libraries = engine::MappedLibraries();
    run.threads = job_.threads;
    if (Does(Stage::kTrain) && job_.training) {
      run.seeds.push_back({"training", std::to_string(job_.training->config.seed), "job"});
    }
    for (const auto& view : job_.views) {
      if (!view.split) continue;
      run.seeds.push_back({"split", std::to_string(view.split->seed), "job"});
      break;
    }
    run.nonce = HexEncode(request_.nonce);
    return run;
  }

  Status StateAll() {
    measuring_.get();
    if (!program_.ok()) return program_.error();
    outcome_.program_sha256 = HexEncode(program_->sha256());
    ATTESTML_TRY(auto device, tee::OpenSimulated(request_.tee_directory, program_->sha256(), Time{request_.now}));
    Session session(std::move(device), request_.nonce, job_.quote_each);
    const statement::Run run = MakeRun();
    if (training_log_) ATTESTML_CHECK(session.State(TrainingStatement(run)));
    for (const Measured& measured : measured_) ATTESTML_CHECK(session.State(PropertyStatement(run, measured)));
    if (output_) ATTESTML_CHECK(session.State(InferenceStatement(run)));
    outcome_.statements = session.size();
    ATTESTML_TRY(const std::string bundle, session.Finish());
    outcome_.files.push_back({BundleName(), ToBytes(AsBytes(bundle))});
    outcome_.files.push_back({"job.toml", ToBytes(AsBytes(tasks::JobToToml(job_)))});
    return {};
  }

  std::string BundleName() const {
    switch (request_.stage) {
      case Stage::kMeasure:
        return "measure.intoto.jsonl";
      case Stage::kTrain:
        return "train.intoto.jsonl";
      case Stage::kEvaluate:
        return "evaluate.intoto.jsonl";
      case Stage::kInfer:
        return "infer.intoto.jsonl";
      case Stage::kRun:
        return "claims.intoto.jsonl";
    }
    return "claims.intoto.jsonl";
  }

  statement::ArtifactRef ModelRef() const { return {kModelName, model_file_->sha256()}; }

  statement::Claim TrainingStatement(const statement::Run& run) const {
    statement::TrainingClaim claim;
    claim.model = ModelRef();
    claim.run = run;
    const tasks::TrainingJob& training = *job_.training;
    claim.datasets.push_back(workspace_.Use(training.view, "train"));
    claim.datasets.push_back(workspace_.Use(training.view, "fit"));
    if (!training.validation.empty()) claim.datasets.push_back(workspace_.Use(training.validation, "validation"));
    claim.byproducts.push_back({training_log_->name(), training_log_->sha256()});
    claim.steps = steps_;
    claim.epochs = epochs_;
    return claim;
  }

  struct Measured {
    const tasks::PropertyJob* wanted;
    const properties::Property* property;
    properties::Measurement measurement;
    std::string predictions;
  };

  statement::Claim PropertyStatement(const statement::Run& run, const Measured& measured) const {
    statement::PropertyClaim claim;
    claim.property = measured.wanted->property;
    claim.parameters = measured.wanted->parameters;
    claim.run = run;
    if (measured.predictions == "model") claim.model = ModelRef();
    claim.dataset = workspace_.Use(measured.wanted->view, "");
    for (const std::string& view : measured.wanted->against) claim.references.push_back(workspace_.Use(view, ""));
    claim.predictions = measured.predictions;
    claim.results = measured.measurement.results;
    claim.series = measured.measurement.series;
    claim.implementation = std::string(measured.property->implementation());
    return claim;
  }

  statement::Claim InferenceStatement(const statement::Run& run) const {
    statement::InferenceClaim claim;
    claim.output = {output_->name(), output_->sha256()};
    claim.model = ModelRef();
    claim.input = {input_->name(), input_->sha256()};
    claim.parameters = Json::object();
    claim.run = run;
    if (receipts_) {
      claim.tree_size = receipts_->size;
      claim.tree_root = receipts_->root;
    }
    return claim;
  }

  const Request& request_;
  const tasks::Job& job_;
  Timing& timing_;
  Workspace workspace_;
  std::future<Result<std::unique_ptr<engine::Engine>>> engine_loading_;
  std::future<void> measuring_;
  std::unique_ptr<engine::Engine> engine_;
  Result<artifact::MeasuredFile> program_ = Unavailable("prove.program", "the program was not measured");
  std::optional<model::Model> model_;
  std::optional<artifact::MeasuredFile> model_file_, training_log_, input_, output_;
  std::optional<data::Table> rows_;
  std::optional<Receipts> receipts_;
  std::map<std::string, properties::Predictions> predictions_;
  std::vector<Measured> measured_;
  std::uint64_t steps_ = 0, epochs_ = 0;
  Outcome outcome_;
};

}  // namespace

Result<Outcome> Prove(const Request& request, Timing& timing) { return Prover(request, timing).Run(); }

}  // namespace attestml::prove
