// attestml prove-record: where a record stands among those a job trains on.
#pragma once

#include <CLI/CLI.hpp>

namespace attestml::cli {

void AddProveRecord(CLI::App& app, int* exit_code);

}  // namespace attestml::cli
