// Workspace: a job's datasets, read once and measured, as the tables that its views name.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "artifact/measured_file.h"
#include "base/result.h"
#include "data/table.h"
#include "statement/concealment.h"
#include "tasks/job.h"

namespace attestml::prove {

class Workspace {
 public:
  // `data` overrides where a dataset's bytes are: name → path. Relative paths of the job are taken from
  // `job_directory`.
  Workspace(const tasks::Job& job, std::map<std::string, std::string> data, std::string job_directory);

  // Reads the views named, each file once. A dataset whose digest the job pins is refused when its bytes have another:
  // prove.dataset_digest, kind untrusted. Missing path: prove.dataset_path, kind usage, naming --data.
  Status Load(const std::vector<std::string>& views);

  // The table of a view that was loaded.
  const data::Table& table(const std::string& view) const { return tables_.at(view); }
  statement::DatasetUse Use(const std::string& view, std::string role) const {
    return table(view).Use(std::move(role));
  }

  // The file of each table.
  std::vector<artifact::MeasuredFile> Files() const;

  // Computes digests and record roots of everything loaded, so that later questions cost nothing. Safe to run on
  // another thread while tables are only read.
  void Measure() const;

  // Tells the concealer the root over the salted leaves of everything loaded.
  void SaltRoots(statement::Concealer* concealer) const;

 private:
  const tasks::Job* job_;
  std::map<std::string, std::string> data_;
  std::string directory_;
  data::ParsedFiles parsed_;
  std::map<std::string, data::Table> tables_;
};

}  // namespace attestml::prove
