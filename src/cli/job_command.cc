#include "cli/job_command.h"

#include <string_view>

#include "cli/tee_command.h"

namespace attestml::cli {

CLI::App* AddJobCommand(CLI::App& app, const JobCommand& which, JobOptions* options) {
  CLI::App* command = app.add_subcommand(which.name, which.description);
  command->add_option("JOB", options->job, "The job file (TOML); \"-\" is standard input")->required();
  command->add_option("-o,--out", options->output,
                      "Directory of outputs (default: the job's output.directory, else attestml-out)");
  command->add_option("--data", options->data, "NAME=PATH: where the bytes of a dataset are");
  command->add_option("--set", options->set, "KEY=VALUE: change the job before it is measured (train.epochs=3)");
  if (which.states) {
    AddTeeOption(command, &options->tee);
    command->add_option("--nonce", options->nonce, "What the verifier sent, hexadecimal: every statement will hold it");
    command->add_flag("--quote-each", options->quote_each,
                      "Evidence for each statement instead of one for the session key");
    command->add_option("--owner-secret", options->owner_secret,
                        "With conceal = true in the job: the secret that digests are hidden under");
  } else {
    command->add_option("--fit", options->fit,
                        "The view that the encoding is fitted on (default: the job's train.on, else train)");
    command->add_option("--encoding", options->encoding,
                        "The encoding that the program was trained with, a JSON file (spec/encoding.md)");
  }
  command->add_flag("--json", options->json, "Print a summary as one JSON object");
  if (std::string_view(which.name) == "run") {
    command->add_flag("--no-card", options->no_card,
                      "Leave out card.md and card.json, and the check of our own bundle");
  }
  if (std::string_view(which.name) == "run" || std::string_view(which.name) == "train") {
    command->add_option("--resume", options->resume,
                        "Go on from a checkpoint: the file, or its folder (OUT/checkpoint)");
  }
  if (which.takes_model) {
    command->add_option("--model", options->model, "The model (default: model.safetensors in the output directory)");
  }
  if (which.takes_input) {
    command->add_option("--input", options->input, "The rows to answer (CSV as the job's datasets, label optional)")
        ->required();
    command->add_flag("--receipts", options->receipts, "Also write receipts.jsonl, a proof for each row");
    command->footer("Example:\n  attestml infer job.toml -o out --input rows.csv --nonce 5f1c20 --receipts");
  } else if (!which.states) {
    command->footer(
        "Examples:\n  attestml adopt job.toml -o out --fit train\n  attestml evaluate job.toml -o out --tee simulated");
  } else {
    command->footer("Example:\n  attestml " + std::string(which.name) + " job.toml -o out --tee simulated");
  }
  // For benchmarks: the same work with nothing measured, stated or signed. What it leaves behind claims nothing.
  command->add_flag("--bench-unattested", options->unattested)->group("");
  return command;
}

}  // namespace attestml::cli
