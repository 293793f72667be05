// `prove-record`: declared once, parsed by the prover, and known to `attestml` for its help, manual and completion.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace attestml::cli {

inline constexpr const char* kProveRecord = "prove-record";

struct ProveRecordOptions {
  std::string job, record, owner_secret, output = "-";
  std::vector<std::string> views, data, set;
  std::optional<std::uint64_t> row;
  bool count = false, hide = false;
};

// Puts the command and its options on a parser. `options` must outlive it.
CLI::App* AddProveRecordCommand(CLI::App& app, ProveRecordOptions* options);

// The value of --record: a canonical record, or @FILE with the bytes of one (records with images end in bytes).
Result<Bytes> ReadRecord(const std::string& argument);

}  // namespace attestml::cli
