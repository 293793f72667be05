#include "cli/prover/prove_record.h"

#include <filesystem>
#include <map>
#include <memory>

#include "artifact/measured_file.h"
#include "artifact/output_directory.h"
#include "cli/owner_secret.h"
#include "cli/record_command.h"
#include "cli/terminal.h"
#include "prove/record_prover.h"

namespace attestml::cli {
namespace {

Result<std::map<std::string, std::string>> ReadPlaces(const std::vector<std::string>& arguments) {
  std::map<std::string, std::string> places;
  for (const std::string& argument : arguments) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string::npos || equals == 0) {
      return Usage("cli.data", "--data " + argument + " is not NAME=PATH");
    }
    places[argument.substr(0, equals)] = argument.substr(equals + 1);
  }
  return places;
}

Status ProveRecord(const ProveRecordOptions& options) {
  if (!options.row && options.record.empty()) return Usage("cli.record", "give --row or --record");
  prove::RecordRequest request;
  ATTESTML_TRY(const Bytes text, artifact::ReadFile(options.job, std::size_t{1} << 20));
  ATTESTML_TRY(request.job, tasks::ParseJob(AsText(text), options.job, options.set));
  ATTESTML_TRY(request.data, ReadPlaces(options.data));
  request.job_directory = options.job == "-" ? "" : std::filesystem::path(options.job).parent_path().string();
  request.views = options.views;
  request.row = options.row;
  if (!options.row) {
    ATTESTML_TRY(request.record, ReadRecord(options.record));
  }
  if (!options.owner_secret.empty()) {
    ATTESTML_TRY(request.owner_secret, ReadOwnerSecret(options.owner_secret));
  }
  request.count = options.count;
  request.hide = options.hide;
  ATTESTML_TRY(const auto proof, prove::ProveRecord(request));
  for (const auto& tree : proof.trees) {
    Note((tree.present ? "present" : "absent") + std::string(" among ") + std::to_string(tree.size) + " records" +
         (!tree.times        ? ""
          : *tree.times == 1 ? ", once"
                             : ", " + std::to_string(*tree.times) + " times"));
  }
  return artifact::WriteFileAtomically(options.output, AsBytes(statement::WriteRecordProof(proof) + "\n"));
}

}  // namespace

void AddProveRecord(CLI::App& app, int* exit_code) {
  auto options = std::make_shared<ProveRecordOptions>();
  CLI::App* command = AddProveRecordCommand(app, options.get());
  command->callback([options, exit_code] {
    const Status status = ProveRecord(*options);
    *exit_code = status.ok() ? 0 : Fail(status.error());
  });
}

}  // namespace attestml::cli
