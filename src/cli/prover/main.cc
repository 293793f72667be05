// attestml-prover: the program that is measured and runs in the TEE. Users type `attestml`, which hands them here.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <exception>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "artifact/measured_file.h"
#include "artifact/output_directory.h"
#include "base/decimal.h"
#include "base/hex.h"
#include "base/json.h"
#include "cli/job_command.h"
#include "cli/owner_secret.h"
#include "cli/parsing.h"
#include "cli/prover/cards.h"
#include "cli/prover/interruption.h"
#include "cli/prover/progress.h"
#include "cli/prover/prove_record.h"
#include "cli/tee_command.h"
#include "cli/terminal.h"
#include "engine/builtin/builtin_modules.h"
#include "engine/memory_end.h"
#include "engine/module.h"
#include "prove/prover.h"
#include "statement/tee_names.h"
#include "tee/hardware.h"
#include "tee/simulated.h"

namespace attestml::cli {
namespace {

// In the order of kJobCommands.
constexpr std::array kStages = {prove::Stage::kRun,   prove::Stage::kMeasure,  prove::Stage::kTrain,
                                prove::Stage::kAdopt, prove::Stage::kEvaluate, prove::Stage::kInfer};
static_assert(kStages.size() == kJobCommands.size());

Result<std::map<std::string, std::string>> ReadData(const std::vector<std::string>& arguments) {
  std::map<std::string, std::string> out;
  for (const std::string& argument : arguments) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos || equals == 0)
      return Usage("cli.data", "--data " + argument + " is not NAME=PATH");
    out[argument.substr(0, equals)] = argument.substr(equals + 1);
  }
  return out;
}

std::string OneLine(const Json& timing) {
  const auto milliseconds = [&](const char* name) {
    const double seconds = ParseDecimal(timing.value(name, std::string("0"))).value_or(0);
    char text[32];
    std::snprintf(text, sizeof text, "%.1f ms", seconds * 1e3);
    return std::string(text);
  };
  return "start-up " + milliseconds("startUp") + ", preprocessing " + milliseconds("preprocessing") + ", computation " +
         milliseconds("computation") + ", proving " + milliseconds("proving");
}

Json Summary(const prove::Outcome& outcome, const std::string& directory) {
  Json out;
  out["version"] = 1;
  out["directory"] = directory;
  out["statements"] = outcome.statements;
  out["program"] = outcome.program_sha256;
  out["timing"] = outcome.timing;
  out["files"] = Json::array();
  for (const auto& file : outcome.files) {
    out["files"].push_back({{"name", file.name}, {"sha256", HexEncode(crypto::Sha256(file.bytes))}});
  }
  out["results"] = Json::array();
  for (const auto& [name, value] : outcome.headlines) out["results"].push_back({{"name", name}, {"value", value}});
  return out;
}

std::string Text(const prove::Outcome& outcome, const std::string& directory) {
  std::string out;
  for (const auto& [name, value] : outcome.headlines) out += name + ": " + value + "\n";
  for (const auto& file : outcome.files) out += directory + "/" + file.name + "\n";
  return out;
}

Status RunStage(prove::Stage stage, const JobOptions& options) {
  prove::Timing timing;
  prove::Request request;
  request.stage = stage;
  ATTESTML_TRY(const Bytes text, artifact::ReadFile(options.job, std::size_t{1} << 20));
  std::vector<std::string> settings = options.set;
  if (!options.tee.empty()) settings.push_back("tee.device=\"" + options.tee + "\"");
  if (options.quote_each) settings.emplace_back("tee.quote-each=true");
  ATTESTML_TRY(request.job, tasks::ParseJob(AsText(text), options.job, settings));
  // Before there is a second thread: it changes environment variables.
  engine::PrepareEnvironment(request.job.threads);
  Interruption interruption;
  ATTESTML_TRY(request.data, ReadData(options.data));
  if (!options.nonce.empty()) {
    auto nonce = HexDecode(options.nonce);
    if (!nonce.ok() || nonce->empty() || nonce->size() > 64)
      return Usage("cli.nonce", "--nonce: want 1 to 64 bytes in hexadecimal");
    request.nonce = std::move(nonce).value();
  }
  request.job_directory = options.job == "-" ? "" : std::filesystem::path(options.job).parent_path().string();
  const std::string directory =
      !options.output.empty() ? options.output : (!request.job.output.empty() ? request.job.output : "attestml-out");
  request.model_path = options.model.empty() ? directory + "/model.safetensors" : options.model;
  request.input_path = options.input;
  request.resume_path = options.resume;
  bool checkpointed = false;
  request.save_checkpoint = [&](const std::vector<prove::OutputFile>& files) -> Status {
    std::error_code ignored;
    std::filesystem::create_directories(directory, ignored);
    ATTESTML_TRY(auto out, artifact::OutputDirectory::Create(directory + "/checkpoint"));
    for (const auto& file : files) ATTESTML_CHECK(out.Write(file.name, file.bytes));
    ATTESTML_CHECK(out.Commit());
    checkpointed = true;
    return {};
  };
  if (!options.owner_secret.empty()) {
    ATTESTML_TRY(request.owner_secret, ReadOwnerSecret(options.owner_secret));
  }
  request.receipts = options.receipts;
  request.attest = !options.unattested && stage != prove::Stage::kAdopt;
  request.fit_view = options.fit;
  request.encoding_path = options.encoding;
  request.tee_directory = tee::SimulatedDirectory();
  request.tee_root = tee::HardwareRoot();
  request.found_tee = [](const std::string& found) { Note("TEE: " + found); };
  request.now = static_cast<std::int64_t>(std::time(nullptr));
  request.modules = engine::BuiltinModules();
  ProgressLine progress(StderrIsTerminal() && !options.json);
  request.progress = [&](const tasks::Progress& state) {
    progress.Show(state);
    if (!interruption.requested()) return true;
    interruption.Acknowledge();  // a checkpoint may take its time
    return false;
  };

  auto outcome = prove::Prove(request, timing);
  progress.Clear();
  const bool interrupted = interruption.requested();
  if (checkpointed && (interrupted || !outcome.ok())) {
    const std::string folder = directory + "/checkpoint";
    Note("a checkpoint is in " + folder + ": go on with the same command and --resume " + folder);
  }
  if (!outcome.ok()) return std::move(outcome).error();
  if (interrupted) {
    return Unavailable("train.interrupted", checkpointed ? "interrupted, nothing but the checkpoint was written"
                                                         : "interrupted, nothing was written");
  }
  if (request.attest && stage == prove::Stage::kRun && !options.no_card) {
    const auto bundle = std::find_if(outcome->files.begin(), outcome->files.end(),
                                     [](const auto& file) { return file.name == "claims.intoto.jsonl"; });
    if (const auto which = tee::FindSimulatedTee(request.job.tee)) {
      ATTESTML_TRY(const auto status, tee::ReadSimulatedStatus(request.tee_directory, *which));
      ATTESTML_TRY(auto cards, MakeCards(AsText(bundle->bytes), status.root_key_id, outcome->stated));
      for (auto& card : cards) outcome->files.push_back(std::move(card));
    } else {
      Note("no cards yet: `attestml card` makes them where the vendor's collateral is (attestml collateral fetch)");
    }
  }
  ATTESTML_TRY(auto out, artifact::OutputDirectory::Create(directory));
  for (const auto& file : outcome->files) ATTESTML_CHECK(out.Write(file.name, file.bytes, file.secret ? 0600 : 0644));
  ATTESTML_CHECK(out.Commit());
  outcome->timing = timing.ToJson();
  if (!options.json) Note(OneLine(outcome->timing));
  return Print(options.json ? PrettyJson(Summary(*outcome, directory)) : Text(*outcome, directory));
}

void AddStage(CLI::App& app, const JobCommand& which, prove::Stage stage, int* exit_code) {
  auto options = std::make_shared<JobOptions>();
  CLI::App* command = AddJobCommand(app, which, options.get());
  command->callback([options, stage, exit_code] {
    const Status status = RunStage(stage, *options);
    *exit_code = status.ok() ? 0 : Fail(status.error());
  });
}

Status TeeInit(const std::string& directory, const std::string& tee) {
  const std::string name =
      tee.empty() || tee == statement::kSimulatedSgx ? std::string(statement::kSimulatedTees.front()) : tee;
  const auto which = tee::FindSimulatedTee(name);
  if (!which) return Usage("cli.tee", "there is no simulated TEE \"" + name + "\"");
  ATTESTML_CHECK(tee::InitSimulated(directory, Time{static_cast<std::int64_t>(std::time(nullptr))}, *which));
  ATTESTML_TRY(const auto status, tee::ReadSimulatedStatus(directory, *which));
  return Print(name + " root: sha256:" + HexEncode(status.root_key_id) + "\n");
}

Json StatusJson(const std::string& directory, const Result<tee::SimulatedStatus>& status) {
  Json out = {{"directory", directory}, {"initialised", status.ok()}};
  if (!status.ok()) return out;
  out["root"] = "sha256:" + HexEncode(status->root_key_id);
  if (status->collateral_until) out["collateralUntil"] = FormatTime(*status->collateral_until);
  return out;
}

std::string StatusText(std::string_view name, const Result<tee::SimulatedStatus>& status) {
  std::string out = "  " + std::string(name) + std::string(16 - name.size(), ' ');
  if (!status.ok())
    return out + "not there yet: `attestml tee init --tee " + std::string(name) + "`, or a run, makes it\n";
  out += "root sha256:" + HexEncode(status->root_key_id);
  if (status->collateral_until) out += ", collateral until " + FormatTime(*status->collateral_until);
  return out + "\n";
}

Json HardwareJson(const std::vector<tee::Probe>& probes) {
  Json out = Json::array();
  for (const tee::Probe& probe : probes) {
    Json entry = {{"interface", probe.title}, {"path", probe.path}};
    if (probe.tee.empty()) {
      entry["absent"] = {{"id", probe.absent.id}, {"message", probe.absent.message}};
    } else {
      entry["tee"] = probe.tee;
    }
    out.push_back(std::move(entry));
  }
  return out;
}

std::string HardwareText(const std::vector<tee::Probe>& probes) {
  const auto found = std::find_if(probes.begin(), probes.end(), [](const auto& probe) { return !probe.tee.empty(); });
  std::string out = "hardware TEE    ";
  out += found == probes.end() ? "none: use a simulated one here, or see docs/deploy.md\n"
                               : found->tee + ", which --tee auto takes\n";
  for (const tee::Probe& probe : probes) {
    out += "  " + std::string(probe.title) + std::string(21 - probe.title.size(), ' ');
    out += (probe.tee.empty() ? probe.absent.message : probe.tee + ", " + probe.path) + "\n";
  }
  return out;
}

Status TeeStatus(const std::string& directory, bool json) {
  const auto program = artifact::MeasuredFile::OfThisProgram();
  if (!program.ok()) return program.error();
  Json out;
  out["version"] = 1;
  out["program"] = {{"name", "attestml-prover " ATTESTML_VERSION}, {"sha256", HexEncode(program->sha256())}};
  const auto probes = tee::ProbeHardware(tee::HardwareRoot());
  out["hardware"] = HardwareJson(probes);
  std::string text = HardwareText(probes) + "simulated TEEs  " + directory + "\n";
  for (const tee::SimulatedTee tee : tee::kSimulatedTees) {
    const std::string_view name = tee::SimulatedTeeName(tee);
    const auto status = tee::ReadSimulatedStatus(directory, tee);
    out[std::string(name)] = StatusJson(directory, status);
    text += StatusText(name, status);
  }
  text += "  they protect nothing: their evidence never passes for hardware\n";
  text +=
      "program         attestml-prover " ATTESTML_VERSION "\n  measurement   " + HexEncode(program->sha256()) + "\n";
  return Print(json ? PrettyJson(out) : text);
}

void AddTee(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<TeeOptions>();
  const TeeCommand command = AddTeeCommand(app, options.get());
  command.init->callback([options, exit_code] {
    const Status status = TeeInit(tee::SimulatedDirectory(), options->tee);
    *exit_code = status.ok() ? 0 : Fail(status.error());
  });
  command.status->callback([options, exit_code] {
    const Status status = TeeStatus(tee::SimulatedDirectory(), options->json);
    *exit_code = status.ok() ? 0 : Fail(status.error());
  });
}

int Main(int argc, char** argv) {
  CLI::App app("runs ML work and states what happened; use it through `attestml`", "attestml");
  app.set_version_flag("--version", "attestml-prover " ATTESTML_VERSION);
  app.require_subcommand(1);
  int exit_code = 0;
  for (std::size_t i = 0; i < kJobCommands.size(); ++i) AddStage(app, kJobCommands[i], kStages[i], &exit_code);
  AddProveRecord(app, &exit_code);
  AddTee(app, &exit_code);
  if (const auto stopped = ParseArguments(app, argc, argv)) return *stopped;
  std::fflush(nullptr);
  // Destructors of an engine's libraries cost 50 ms and free what the kernel frees anyway.
  _exit(exit_code);
}

}  // namespace
}  // namespace attestml::cli

int main(int argc, char** argv) {
  std::set_terminate(attestml::engine::EndOnTerminate);
  return attestml::cli::Main(argc, argv);
}
