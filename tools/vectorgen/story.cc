#include "vectorgen/story.h"

#include "base/hex.h"
#include "statement/rows.h"

namespace attestml::vectorgen {

crypto::Digest256 DigestOf(std::string_view name) { return crypto::Sha256(AsBytes(name)); }
std::string Sha(std::string_view name) { return "sha256:" + HexEncode(DigestOf(name)); }

statement::Selection PeopleSelection() {
  statement::Selection selection;
  selection.columns = {{"age", statement::ColumnType::kNumeric, true},
                       {"sex", statement::ColumnType::kCategorical, true},
                       {"income", statement::ColumnType::kCategorical, true}};
  selection.target = statement::Target{"income", ">50K", ""};
  selection.sensitive = {"sex"};
  return selection;
}

void Reselect(statement::DatasetUse* use, const statement::Selection& selection) {
  use->selection = selection;
  use->selection_id = {statement::SelectionDigest(selection), false};
}

void Reread(statement::InferenceClaim* inference, const statement::Selection& selection) {
  inference->rows.selection = statement::RowsOf(selection);
  inference->rows.selection_id = {statement::SelectionDigest(*inference->rows.selection), false};
}

statement::DatasetUse People(const std::string& file, std::uint64_t count, const std::string& role) {
  statement::DatasetUse use;
  use.file = {file, {DigestOf(file), false}};
  Reselect(&use, PeopleSelection());
  use.records = {count, DigestOf("records of " + file)};
  use.role = role;
  return use;
}

statement::Run RunOf(const std::string& nonce) {
  statement::Run run;
  run.program = "attestml-prover 0.1.0";
  run.job = Json{{"version", 1}, {"train", Json{{"epochs", 5}, {"learning-rate", "0.001"}}}};
  run.engine = "torch";
  run.engine_details = Json{{"version", "1.13"}};
  run.libraries = {{"libtorch_cpu.so", "0a0b"}};
  run.seeds = {{"training", "1", "job"}};
  run.nonce = nonce;
  return run;
}

statement::MetricResult MakeResult(const std::string& metric, const std::string& value, std::uint64_t count) {
  statement::MetricResult result;
  result.metric = metric;
  result.value = value;
  result.count = count;
  return result;
}

Story::Story() {
  training.model = {"model.safetensors", DigestOf("model")};
  training.run = RunOf();
  training.datasets = {People("people.data", 3000, "train")};
  training.byproducts = {{"training-log.csv", {DigestOf("log"), false}}};
  training.steps = 60;
  training.epochs = 5;

  distribution.property = "distribution";
  distribution.implementation = "distribution/1";
  distribution.parameters = Json::object();
  distribution.run = RunOf();
  distribution.dataset = People("people.data", 3000);
  auto share = MakeResult("proportion", "0.33", 3000);
  share.where = {{"sex", "Female"}};
  distribution.results = {share};

  accuracy.property = "accuracy";
  accuracy.implementation = "accuracy/1";
  accuracy.parameters = Json{{"slices", Json::array({"sex"})}};
  accuracy.run = RunOf();
  accuracy.model = training.model;
  accuracy.dataset = People("people.test", 1000);
  accuracy.predictions = "model";
  auto whole = MakeResult("accuracy", "0.85", 1000);
  whole.interval = statement::Interval{"wilson", "0.95", "0.8265", "0.8708"};
  auto women = MakeResult("accuracy", "0.9", 300);
  women.slice = {{"sex", "Female"}};
  accuracy.results = {whole, women};

  overlap.property = "overlap";
  overlap.implementation = "overlap/1";
  overlap.parameters = Json::object();
  overlap.run = RunOf();
  overlap.dataset = People("people.test", 1000);
  overlap.references = {People("people.data", 3000)};
  auto each = MakeResult("with-label", "0", 1000);
  each.at = HexEncode(overlap.references[0].records.root);
  overlap.results = {MakeResult("with-label", "0", 1000), each};

  inference.output = {"answers.csv", DigestOf("answers")};
  inference.input = {"rows.csv", DigestOf("rows")};
  inference.model = training.model;
  Reread(&inference, PeopleSelection());
  inference.parameters = Json::object();
  inference.run = RunOf("0a0b");
}

std::vector<statement::Claim> Story::Claims() const {
  std::vector<statement::Claim> out = {training, distribution, accuracy, overlap, inference};
  out.insert(out.end(), more.begin(), more.end());
  return out;
}

std::string Requirements() {
  return R"(
[[require]]
id = "accuracy"
claim = "property"
property = "accuracy"
metric = "accuracy"
dataset = ")" +
         Sha("people.test") + R"("
target = "income"
value = ">= 0.80"
on = "interval.lower"
min-count = 1000
[[require]]
id = "women"
claim = "property"
property = "distribution"
of = "training-data"
where = { column = "sex", value = "Female" }
metric = "proportion"
value = "0.30..0.35"
[[require]]
id = "overlap"
claim = "property"
property = "overlap"
metric = "with-label"
value = "= 0"
[[require]]
id = "training"
claim = "training"
job = { "train.epochs" = 5, "train.learning-rate" = 0.001 }
datasets = [")" +
         Sha("people.data") + R"("]
)";
}

}  // namespace attestml::vectorgen
