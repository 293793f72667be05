#include "prove/prover.h"

#include <time.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <memory>

#include "artifact/measured_file.h"
#include "base/hex.h"
#include "base/json.h"
#include "data/encoder.h"
#include "engine/address_space.h"
#include "engine/libraries.h"
#include "engine/module.h"
#include "properties/property.h"
#include "prove/bounds.h"
#include "prove/headline.h"
#include "prove/inference.h"
#include "prove/measurer.h"
#include "prove/resume.h"
#include "prove/session.h"
#include "prove/stage_plan.h"
#include "prove/workspace.h"
#include "statement/claims.h"
#include "statement/concealment.h"
#include "statement/opening.h"
#include "statement/rows.h"
#include "tasks/adopt.h"
#include "tasks/training.h"
#include "tee/hardware.h"
#include "tee/simulated.h"

namespace attestml::prove {
namespace {

constexpr std::size_t kMaxModel = std::size_t{8} << 30;
constexpr std::size_t kMaxProgram = std::size_t{4} << 30;
constexpr std::size_t kMaxEncoding = std::size_t{16} << 20;
constexpr const char* kModelName = "model.safetensors";
constexpr const char* kLogName = "training-log.csv";

std::string Resolve(const std::string& path, const std::string& directory) {
  return path.empty() || path.front() == '/' || directory.empty() ? path : directory + "/" + path;
}

double CpuSeconds() {
  struct timespec now {};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// One run of Prove: its parts in the order they happen.
class Prover {
 public:
  Prover(const Request& request, Timing& timing)
      : request_(request),
        job_(request.job),
        timing_(timing),
        plan_(request, job_),
        workspace_(job_, request.data, request.job_directory),
        measurer_(workspace_, request.nonce) {}

  ~Prover() {
    if (measuring_.valid()) measuring_.wait();
    if (engine_loading_.valid()) engine_loading_.wait();
  }

  Result<Outcome> Run() {
    ATTESTML_CHECK(plan_.Check());
    ATTESTML_CHECK(FindHardware());
    StartEngine();
    timing_.Enter(Phase::kPreprocessing);
    ATTESTML_CHECK(ReadPrograms());
    ATTESTML_CHECK(ReadEncoding());
    ATTESTML_CHECK(workspace_.Load(plan_.NeededViews()));
    ATTESTML_CHECK(ReadModel());
    ATTESTML_CHECK(ReadInitialModel());
    ATTESTML_CHECK(ReadCheckpoint());
    if (request_.attest) measuring_ = std::async(std::launch::async, [this] { MeasureInputs(); });
    timing_.Enter(Phase::kStartUp);
    ATTESTML_CHECK(FinishEngine());
    timing_.Enter(Phase::kComputation);
    engine::ReturnMemory();
    engine::KeepMemory();
    if (plan_.Does(Stage::kTrain)) {
      ATTESTML_CHECK(Train());
      engine::ReturnMemory();
    }
    if (request_.stage == Stage::kAdopt) ATTESTML_CHECK(Adopt());
    if (model_ && engine_) measurer_.SetModel(*model_, *model_file_, *engine_, ProgramBytes());
    ATTESTML_CHECK(MeasureProperties());
    if (request_.stage == Stage::kInfer) ATTESTML_CHECK(Infer());
    timing_.Enter(Phase::kProving);
    if (request_.attest) ATTESTML_CHECK(StateAll());
    outcome_.timing = timing_.ToJson();
    return std::move(outcome_);
  }

 private:
  // Before the work, which may take hours: whether there is anything to attest it.
  Status FindHardware() {
    if (!request_.attest || tee_) return {};
    ATTESTML_TRY(const tee::Hardware hardware, tee::OpenHardware(job_.tee, request_.tee_root));
    job_.tee = hardware.device->name();
    if (request_.found_tee) {
      request_.found_tee(job_.tee + " through " + std::string(hardware.interface) + " (" + hardware.path + ")");
    }
    return {};
  }

  // The engine loads on its own thread while inputs are read.
  void StartEngine() {
    if (!plan_.UsesEngine()) return;
    // Where address space is limited it is loaded before anything else takes some: engine/address_space.h.
    const bool limited = engine::AddressSpaceIsLimited();
    const auto when = limited ? std::launch::deferred : std::launch::async;
    engine_loading_ = std::async(when, [this]() -> Result<std::unique_ptr<engine::Engine>> {
      const bool any = job_.engine == "auto" && !plan_.WantsTorch();
      const std::string name = job_.engine == "auto" ? "torch" : job_.engine;
      for (const engine::Module& module : request_.modules) {
        if (any || module.name == name) return engine::LoadModule(module, job_.threads);
      }
      return Unsupported("prove.engine", "this build has no engine \"" + name + "\"");
    });
    if (limited) engine_loading_.wait();
  }

  // Programs that the job names: their digests become part of it.
  Status ReadPrograms() {
    const auto read = [&](const std::string& path, const std::string& what,
                          std::optional<crypto::Digest256>* wanted) -> Result<artifact::MeasuredFile> {
      if (path.empty())
        return Usage("prove.program_path", "no place is known for " + what + ", set its path in the job");
      ATTESTML_TRY(auto file, artifact::MeasuredFile::Read(Resolve(path, request_.job_directory),
                                                           path.substr(path.rfind('/') + 1), kMaxProgram));
      if (*wanted && **wanted != file.sha256()) {
        return Untrusted("prove.program_digest",
                         what + " has SHA-256 " + HexEncode(file.sha256()) + ", the job wants " + HexEncode(**wanted));
      }
      *wanted = file.sha256();
      return file;
    };
    const bool runs_model =
        plan_.Does(Stage::kTrain) || (request_.stage != Stage::kRun && request_.stage != Stage::kMeasure);
    if (job_.model && job_.model->kind == model::Kind::kTorchScript && runs_model) {
      ATTESTML_TRY(program_file_, read(job_.model->program, "the model's program", &job_.model->program_sha256));
    }
    for (tasks::PropertyJob& property : job_.properties) {
      if (!property.custom || !plan_.Does(Stage::kEvaluate)) continue;
      ATTESTML_TRY(auto file,
                   read(property.program, "the program of property " + property.property, &property.program_sha256));
      measurer_.SetProgram(&property, std::move(file));
    }
    return {};
  }

  Status ReadEncoding() {
    if (request_.stage != Stage::kAdopt || request_.encoding_path.empty()) return {};
    ATTESTML_TRY(const auto file, artifact::MeasuredFile::Read(request_.encoding_path, "encoding", kMaxEncoding));
    ATTESTML_TRY(const Json value, ParseJson(AsText(file.bytes())));
    ATTESTML_TRY(encoding_, statement::ParseEncoding(value));
    return {};
  }

  BytesView ProgramBytes() const { return program_file_ ? program_file_->bytes() : BytesView(); }

  Status ReadInitialModel() {
    if (!plan_.Does(Stage::kTrain) || !job_.training || !job_.training->from_model) return {};
    tasks::TrainingJob& training = *job_.training;
    if (training.initial.empty()) {
      return Usage("prove.initial_path", "no place is known for the model to start from, set train.initial.model");
    }
    ATTESTML_TRY(initial_file_, artifact::MeasuredFile::Read(Resolve(training.initial, request_.job_directory),
                                                             "initial.safetensors", kMaxModel));
    if (training.initial_sha256 && *training.initial_sha256 != initial_file_->sha256()) {
      return Untrusted("prove.initial_digest", "the model to start from has SHA-256 " +
                                                   HexEncode(initial_file_->sha256()) + ", the job wants " +
                                                   HexEncode(*training.initial_sha256));
    }
    training.initial_sha256 = initial_file_->sha256();
    ATTESTML_TRY(initial_, model::Model::Parse(*initial_file_));
    return {};
  }

  Status ReadCheckpoint() {
    if (request_.resume_path.empty()) return {};
    if (!plan_.Does(Stage::kTrain) || !job_.training) return Usage("prove.resume", "there is no training to resume");
    if (!request_.attest) return Usage("prove.resume", "an unattested run resumes nothing");
    ATTESTML_TRY(const auto program, artifact::MeasuredFile::OfThisProgram());
    program_ = program.sha256();
    const Time now = Now();
    ATTESTML_TRY(const auto device, OpenDevice(now));
    ATTESTML_TRY(const auto status, tee::ReadSimulatedStatus(request_.tee_directory, *tee_));
    ATTESTML_TRY(resumed_, ReadResumed(request_.resume_path, statement::JobDigest(tasks::JobToJson(job_)), *device,
                                       {"simulated", status.root_key_id, true}, now));
    return {};
  }

  // Evidence may live for hours only, and a run may take longer.
  Time Now() const {
    const auto passed = std::chrono::duration_cast<std::chrono::seconds>(std::chrono::steady_clock::now() - began_);
    return Time{request_.now + passed.count()};
  }

  Result<std::unique_ptr<tee::Device>> OpenDevice(Time now) const {
    if (tee_) return tee::OpenSimulated(request_.tee_directory, *program_, now, *tee_);
    ATTESTML_TRY(tee::Hardware hardware, tee::OpenHardware(job_.tee, request_.tee_root));
    return std::move(hardware.device);
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
    if (AsText(file.bytes()).starts_with("PK")) {
      return Malformed(
          "prove.model_program",
          "the model is an archive, as torch.jit.save writes it: `attestml adopt` makes a model file of it");
    }
    ATTESTML_TRY(model_, model::Model::Parse(file));
    model_file_ = std::move(file);
    if (request_.stage != Stage::kInfer) return {};
    ATTESTML_TRY(input_, artifact::MeasuredFile::Read(request_.input_path, "rows"));
    reading_ = RowsSelection();
    ATTESTML_CHECK(CheckReading());
    ATTESTML_TRY(rows_, ReadRows(*input_, reading_));
    return {};
  }

  // The rows to answer look like the dataset that the job evaluates on: the first property's view, else the first
  // dataset.
  statement::Selection RowsSelection() const {
    for (const auto* property : plan_.ModelProperties()) {
      return statement::RowsOf(job_.SelectionOf(*job_.FindView(property->view)));
    }
    return statement::RowsOf(job_.SelectionOf(job_.views.front()));
  }

  // Verifiers compare it with what the training states. A job that says both is told before it answers.
  Status CheckReading() const {
    if (!job_.training) return {};
    const auto* view = job_.FindView(job_.training->view);
    if (view == nullptr) return {};
    const std::string why = statement::RowsObjection(reading_, job_.SelectionOf(*view));
    if (why.empty()) return {};
    return Usage("prove.reading", "the job reads the rows in another way than what it trains on: " + why);
  }

  // Runs beside the computation: what attestation adds to the inputs.
  void MeasureInputs() {
    const auto program = artifact::MeasuredFile::OfThisProgram();
    std::vector<artifact::MeasuredFile> files = workspace_.Files();
    if (model_file_) files.push_back(*model_file_);
    if (input_) files.push_back(*input_);
    if (program.ok()) files.push_back(*program);
    artifact::MeasuredFile::HashTogether(files);
    if (program.ok()) {
      program_ = program->sha256();
    } else {
      program_ = program.error();
    }
    workspace_.Measure();
  }

  Status Train() {
    if (!job_.training) return {};
    const tasks::TrainingJob& training = *job_.training;
    tasks::TrainingRequest request;
    request.config = training.config;
    request.train = &workspace_.table(training.view);
    request.validation = training.validation.empty() ? nullptr : &workspace_.table(training.validation);
    request.engine = engine_.get();
    request.program = ProgramBytes();
    request.report = request_.progress;
    ATTESTML_CHECK(ChooseStart(&request));
    ATTESTML_CHECK(CheckResumedData());
    if (resumed_) request.resume = &resumed_->checkpoint.state;
    // Also where the job asks for none, so that an interrupted run is not lost. What a concealed job hides, a
    // checkpoint would tell.
    if (request_.attest && request_.save_checkpoint && !job_.conceal) {
      request.checkpoint_epochs = training.checkpoint_epochs;
      request.checkpoint = [&](const tasks::TrainingState& state) { return SaveCheckpoint(request, state); };
    }
    const double cpu = CpuSeconds();
    ATTESTML_TRY(auto result, tasks::Train(request));
    properties::TrainingFacts facts;
    facts.records = request.train->rows();
    facts.steps = result.steps;
    facts.epochs = result.epochs;
    facts.examples = result.examples;
    facts.cpu_seconds = CpuSeconds() - cpu;
    if (training.config.privacy) {
      facts.privacy = {result.sample_rate, training.config.privacy->noise_multiplier, training.config.privacy->clip};
    }
    measurer_.SetTraining(facts);
    noise_commitment_ = result.noise_commitment;
    model_file_ = artifact::MeasuredFile::FromBytes(result.model.Serialize(), kModelName);
    training_log_ = artifact::MeasuredFile::FromBytes(ToBytes(AsBytes(result.log_csv)), kLogName);
    outcome_.files.push_back({kModelName, ToBytes(model_file_->bytes())});
    outcome_.files.push_back({kLogName, ToBytes(training_log_->bytes())});
    steps_ = result.steps;
    epochs_ = result.epochs;
    model_ = std::move(result.model);
    return {};
  }

  // Encoding, architecture and first weights: fitted and drawn, or those of the model to start from, or of the
  // checkpoint, whose own run fitted them on the same view.
  Status ChooseStart(tasks::TrainingRequest* request) {
    if (initial_) {
      request->encoding = initial_->encoding;
      request->architecture = initial_->architecture;
      request->initial = &initial_->parameters;
      return CheckInitialModel();
    }
    ATTESTML_TRY(request->encoding, data::FitEncoding(*request->train, job_.encoding));
    if (program_file_) {
      ATTESTML_TRY(request->architecture, tasks::ProgramArchitecture(*job_.model, request->encoding, ProgramBytes(),
                                                                     *engine_, &program_weights_));
      request->initial = &program_weights_;
    } else {
      ATTESTML_TRY(request->architecture, tasks::ArchitectureFor(*job_.model, request->encoding));
    }
    if (resumed_ && (resumed_->checkpoint.architecture != request->architecture ||
                     resumed_->checkpoint.encoding != request->encoding)) {
      return Untrusted("resume.data", "the checkpoint was fitted on other data than this training view");
    }
    return {};
  }

  // The job is stated: what it says of the model must be so.
  Status CheckInitialModel() const {
    const model::Architecture& initial = initial_->architecture;
    if (job_.model->kind != initial.kind) {
      return Usage("prove.initial_model", "the model to start from is a " + std::string(model::KindName(initial.kind)) +
                                              ", the job's a " + std::string(model::KindName(job_.model->kind)));
    }
    if (program_file_) {
      if (initial.program == HexEncode(program_file_->sha256())) return {};
      return Usage("prove.initial_model", "the model to start from is of program " + initial.program +
                                              ", the job's of " + HexEncode(program_file_->sha256()));
    }
    ATTESTML_TRY(const auto wanted, tasks::ArchitectureFor(*job_.model, initial_->encoding));
    if (wanted == initial) return {};
    return Usage("prove.initial_model", "the model to start from is a " + std::string(model::KindName(initial.kind)) +
                                            " of other sizes than the job's [model]");
  }

  // Only a file is made: whoever wants to know what it does evaluates it, and is told so with evidence.
  Status Adopt() {
    const data::Table* view = encoding_ ? nullptr : &workspace_.table(plan_.FitView());
    if (view != nullptr) {
      ATTESTML_TRY(encoding_, data::FitEncoding(*view, job_.encoding));
    }
    ATTESTML_TRY(Bytes model, tasks::Adopt(*job_.model, *encoding_, ProgramBytes(), *engine_, view));
    outcome_.files.push_back({kModelName, std::move(model)});
    return {};
  }

  // A checkpoint is stated as a training of its own: what was done so far.
  Status SaveCheckpoint(const tasks::TrainingRequest& request, const tasks::TrainingState& state) {
    if (measuring_.valid()) measuring_.get();
    if (!program_.ok()) return program_.error();
    tasks::Checkpoint checkpoint{statement::JobDigest(tasks::JobToJson(job_)), request.architecture, request.encoding,
                                 state};
    const auto file = artifact::MeasuredFile::FromBytes(tasks::WriteCheckpoint(checkpoint), kCheckpointName);
    const auto log = artifact::MeasuredFile::FromBytes(ToBytes(AsBytes(state.log_csv)), kLogName);
    ATTESTML_TRY(auto device, OpenDevice(Now()));
    Session session(std::move(device), request_.nonce, false);
    // An epoch that was begun counts.
    const std::uint64_t epochs = std::max<std::uint64_t>(1, state.epoch);
    ATTESTML_CHECK(session.State(TrainingStatement(MakeRun(), file, log, state.steps, epochs)));
    ATTESTML_TRY(std::string bundle, session.Finish());
    if (resumed_) bundle += resumed_->bundle;
    return request_.save_checkpoint(
        {{kCheckpointName, ToBytes(file.bytes())}, {kCheckpointBundle, ToBytes(AsBytes(bundle))}});
  }

  Status MeasureProperties() {
    for (const tasks::PropertyJob* wanted : plan_.StageProperties()) {
      auto status = measurer_.Measure(*wanted);
      if (!status.ok())
        return Within("property " + wanted->property + " on " + wanted->view, std::move(status).error());
      for (const auto& result : measurer_.measured().back().measurement.results) {
        if (auto headline = HeadlineOf(*wanted, result)) outcome_.headlines.push_back(*std::move(headline));
      }
      ATTESTML_CHECK(measurer_.KeepBounds());
      engine::ReturnMemory();
    }
    return {};
  }

  Status Infer() {
    ATTESTML_TRY(const auto network, tasks::LoadNetwork(*model_, *engine_, ProgramBytes()));
    ATTESTML_TRY(const std::string answers, AnswersCsv(*model_, *rows_, *network));
    output_ = artifact::MeasuredFile::FromBytes(ToBytes(AsBytes(answers)), "outputs.csv");
    outcome_.files.push_back({"outputs.csv", ToBytes(output_->bytes())});
    outcome_.headlines.push_back({"rows answered", std::to_string(rows_->rows())});
    if (request_.receipts && !rows_->selection().format.IsText()) {
      return Usage("prove.receipt_rows", "receipts are for rows of a text file, each a line");
    }
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
    if (plan_.Does(Stage::kTrain) && job_.training) {
      run.seeds.push_back({"training", std::to_string(job_.training->config.seed), "job"});
    }
    if (noise_commitment_) run.seeds.push_back({"noise", HexEncode(*noise_commitment_), "secret"});
    for (const auto& view : job_.views) {
      if (!view.split) continue;
      run.seeds.push_back({"split", std::to_string(view.split->seed), "job"});
      break;
    }
    run.nonce = HexEncode(request_.nonce);
    return run;
  }

  Status StateAll() {
    if (measuring_.valid()) measuring_.get();
    if (!program_.ok()) return program_.error();
    outcome_.program_sha256 = HexEncode(*program_);
    outcome_.stated = Now();
    ATTESTML_TRY(auto device, OpenDevice(outcome_.stated));
    Session session(std::move(device), request_.nonce, job_.quote_each);
    std::optional<statement::Concealer> concealer;
    if (job_.conceal) {
      concealer.emplace(*request_.owner_secret);
      workspace_.SaltRoots(&*concealer);
    }
    const auto state = [&](statement::Claim claim) -> Status {
      if (concealer) ATTESTML_CHECK(concealer->Conceal(&claim));
      return session.State(claim);
    };
    const statement::Run run = MakeRun();
    if (training_log_) {
      ATTESTML_CHECK(state(TrainingStatement(run, *model_file_, *training_log_, steps_, epochs_)));
    }
    for (const Measured& measured : measurer_.measured()) {
      ATTESTML_CHECK(state(PropertyStatement(run, measured)));
    }
    if (output_) ATTESTML_CHECK(state(InferenceStatement(run)));
    if (concealer) {
      outcome_.files.push_back({"opening.json", ToBytes(AsBytes(statement::WriteOpening(concealer->items()))), true});
    }
    outcome_.statements = session.size();
    ATTESTML_TRY(std::string bundle, session.Finish());
    if (resumed_) bundle += resumed_->bundle;
    outcome_.files.push_back({plan_.BundleName(), ToBytes(AsBytes(bundle))});
    outcome_.files.push_back({"job.toml", ToBytes(AsBytes(tasks::JobToToml(job_)))});
    return {};
  }

  statement::ArtifactRef ModelRef() const { return {kModelName, model_file_->sha256()}; }

  std::vector<statement::DatasetUse> TrainingData() const {
    const tasks::TrainingJob& training = *job_.training;
    std::vector<statement::DatasetUse> uses = {workspace_.Use(training.view, "train")};
    // With an initial model the encoding is that model's, fitted on its own data.
    if (!initial_file_) uses.push_back(workspace_.Use(training.view, "fit"));
    if (!training.validation.empty()) uses.push_back(workspace_.Use(training.validation, "validation"));
    return uses;
  }

  // A job names its data without their digests, so that the same job can be of other bytes.
  Status CheckResumedData() const {
    if (!resumed_) return {};
    const auto same = [](const statement::DatasetUse& theirs, const statement::DatasetUse& ours) {
      return theirs.role == ours.role && theirs.file.id == ours.file.id && theirs.SelectionIs(ours.selection_id);
    };
    const auto ours = TrainingData();
    const auto& theirs = resumed_->datasets;
    if (std::equal(theirs.begin(), theirs.end(), ours.begin(), ours.end(), same)) return {};
    return Untrusted("resume.data", "the checkpoint was trained on other data than this job reads now");
  }

  statement::Claim TrainingStatement(const statement::Run& run, const artifact::MeasuredFile& subject,
                                     const artifact::MeasuredFile& log, std::uint64_t steps,
                                     std::uint64_t epochs) const {
    statement::TrainingClaim claim;
    claim.model = {subject.name(), subject.sha256()};
    claim.run = run;
    claim.datasets = TrainingData();
    if (initial_file_) claim.initial_model = {initial_file_->name(), initial_file_->sha256()};
    if (resumed_) {
      claim.checkpoint = {resumed_->file.name(), resumed_->file.sha256()};
      claim.checkpoint_steps = resumed_->checkpoint.state.steps;
    }
    if (program_file_) claim.byproducts.push_back({program_file_->name(), {program_file_->sha256(), false}});
    claim.byproducts.insert(claim.byproducts.begin(), {log.name(), {log.sha256(), false}});
    claim.steps = steps;
    claim.epochs = epochs;
    return claim;
  }

  statement::Claim PropertyStatement(const statement::Run& base, const Measured& measured) const {
    statement::PropertyClaim claim;
    claim.property = measured.name;
    claim.parameters = measured.wanted->parameters;
    claim.run = base;
    for (const std::string& name : measured.measurement.seeds) {
      claim.run.seeds.push_back({name, HexEncode(measured.seed), "derived"});
    }
    if (measured.of_model) claim.model = ModelRef();
    claim.dataset = workspace_.Use(measured.wanted->view, "");
    for (const std::string& view : measured.wanted->against) claim.references.push_back(workspace_.Use(view, ""));
    claim.predictions = measured.predictions;
    claim.results = measured.measurement.results;
    claim.series = measured.measurement.series;
    claim.implementation = measured.implementation;
    return claim;
  }

  statement::Claim InferenceStatement(const statement::Run& run) const {
    statement::InferenceClaim claim;
    claim.output = {output_->name(), output_->sha256()};
    claim.model = ModelRef();
    claim.input = {input_->name(), input_->sha256()};
    claim.rows.selection = reading_;
    claim.rows.selection_id.digest = statement::SelectionDigest(reading_);
    claim.parameters = Json::object();
    claim.run = run;
    if (receipts_) {
      claim.tree_size = receipts_->size;
      claim.tree_root = receipts_->root;
    }
    return claim;
  }

  const Request& request_;
  tasks::Job job_;  // ours: digests of what it names by path are put in
  Timing& timing_;
  const StagePlan plan_;
  Workspace workspace_;
  Measurer measurer_;
  std::future<Result<std::unique_ptr<engine::Engine>>> engine_loading_;
  std::future<void> measuring_;
  std::unique_ptr<engine::Engine> engine_;
  Result<crypto::Digest256> program_ = Unavailable("prove.program", "the program was not measured");
  std::optional<model::Model> model_;
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
  const std::optional<tee::SimulatedTee> tee_ = tee::FindSimulatedTee(job_.tee);
  std::optional<model::Model> initial_;
  std::optional<Resumed> resumed_;
  std::vector<model::NamedTensor> program_weights_;
  std::optional<statement::Encoding> encoding_;  // adopt
  std::optional<crypto::Digest256> noise_commitment_;
  std::optional<artifact::MeasuredFile> model_file_, training_log_, input_, output_, program_file_, initial_file_;
  statement::Selection reading_;  // of the rows
  std::optional<data::Table> rows_;
  std::optional<Receipts> receipts_;
  std::uint64_t steps_ = 0, epochs_ = 0;
  Outcome outcome_;
};

}  // namespace

Result<Outcome> Prove(const Request& request, Timing& timing) { return Prover(request, timing).Run(); }

}  // namespace attestml::prove
