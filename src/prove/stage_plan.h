// What one stage does of a job, before anything is read: which views and properties, with which engine, and why not.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "prove/prover.h"
#include "tasks/job.h"

namespace attestml::prove {

// A pure function of request and job. Borrows both; the job may get the digests of what it names meanwhile.
class StagePlan {
 public:
  StagePlan(const Request& request, const tasks::Job& job) : request_(request), job_(job) {}

  // Whether the stage can be done at all. Error ids prove.* (usage).
  Status Check() const;

  bool Does(Stage stage) const;  // this stage, or all of them
  bool UsesEngine() const;
  // What the small engine for tabular networks does not do. A model read from a file is not known yet: a job that
  // evaluates something else than an mlp says so in its [model], or names the engine.
  bool WantsTorch() const;

  std::vector<const tasks::PropertyJob*> ModelProperties() const;  // those of the job that need a model
  std::vector<const tasks::PropertyJob*> StageProperties() const;  // those that this stage states, in the job's order
  std::vector<std::string> NeededViews() const;                    // may name one twice
  std::string FitView() const;                                     // adopt: the view that an encoding is fitted on
  std::string BundleName() const;                                  // of the file of statements

 private:
  Status CheckAdoption() const;

  const Request& request_;
  const tasks::Job& job_;
};

}  // namespace attestml::prove
