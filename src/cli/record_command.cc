#include "cli/record_command.h"

#include "artifact/measured_file.h"
#include "statement/canonical_record.h"

namespace attestml::cli {

CLI::App* AddProveRecordCommand(CLI::App& app, ProveRecordOptions* options) {
  CLI::App* command = app.add_subcommand(
      kProveRecord, "Prove, as the owner of the data, that a record is or is not in the data a job trains on");
  command->add_option("JOB", options->job, "The job file (TOML)")->required();
  command->add_option("--view", options->views,
                      "The view to speak of (repeat); default: every view that the job trains on");
  auto* row = command->add_option("--row", options->row, "The record: this one of the first view, counted from 0");
  auto* record = command->add_option("--record", options->record,
                                     "The record: canonical JSON, label included, or @FILE that holds it");
  row->excludes(record);
  command->add_option("--owner-secret", options->owner_secret,
                      "Of a concealed run: prove presence in its salted tree, which tells nothing of other records");
  command->add_flag("--count", options->count, "Also prove how often it stands there");
  command->add_flag("--hide", options->hide, "Leave the record out of the proof: who checks it brings it");
  command->add_option("--data", options->data, "NAME=PATH: where the bytes of a dataset are");
  command->add_option("--set", options->set, "KEY=VALUE: change the job as the run did (train.epochs=3)");
  command->add_option("-o,--out", options->output, "Where the proof goes; \"-\" is standard output")
      ->capture_default_str();
  command->footer(
      "Example:\n  attestml prove-record job.toml --view train --row 17 -o proof.json\n"
      "  attestml prove-record job.toml --record '[\"39\",\"Male\",null,\"no\"]' -o proof.json");
  return command;
}

Result<Bytes> ReadRecord(const std::string& argument) {
  if (!argument.starts_with('@')) return ToBytes(AsBytes(argument));
  ATTESTML_TRY(Bytes bytes, artifact::ReadFile(argument.substr(1), statement::kMaxRecord + 1));
  // A text editor's last line end is no part of a record; a record with images may end in any byte.
  const auto text = statement::RecordText(bytes);
  if (text.ok() && text->size() + 1 == bytes.size() && bytes.back() == '\n') bytes.pop_back();
  return bytes;
}

}  // namespace attestml::cli
