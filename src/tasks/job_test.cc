#include "tasks/job.h"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "base/json.h"

namespace attestml::tasks {
namespace {

std::string ReadText(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

constexpr const char* kSmall = R"(
[dataset.a]
path = "a.csv"
[schema]
columns = [ { name = "x", type = "numeric" }, { name = "sex" }, { name = "y" } ]
target = { column = "y", positive = "1" }
sensitive = ["sex"]
[split.cut]
dataset = "a"
seed = 3
fractions = { train = 0.8, test = 0.2 }
[model]
hidden = [4]
[train]
epochs = 2
[[property]]
name = "accuracy"
on = "test"
slices = ["sex"]
[tee]
device = "simulated"
[output]
directory = "out"
)";

// What an Error of a changed job says.
Error ErrorOf(const std::vector<std::string>& settings, std::string text = kSmall) {
  const auto job = ParseJob(text, "job.toml", settings);
  if (job.ok()) return {ErrorKind::kUsage, "accepted", ""};
  return job.error();
}

TEST(Job, ExamplesRoundTripThroughTheirEffectiveForm) {
  for (const char* name : {"adult", "german-credit", "loans"}) {
    const std::string text = ReadText(std::string(ATTESTML_SOURCE_DIR) + "/examples/" + name + "/job.toml");
    ASSERT_FALSE(text.empty()) << name;
    const auto job = ParseJob(text, name);
    ASSERT_TRUE(job.ok()) << job.error().message;
    const auto again = ParseJob(JobToToml(*job), "effective");
    ASSERT_TRUE(again.ok()) << again.error().message << "\n" << JobToToml(*job);
    EXPECT_EQ(DumpJson(JobToJson(*job)), DumpJson(JobToJson(*again))) << name;
    EXPECT_EQ(JobToToml(*job), JobToToml(*again)) << name;
  }
}

TEST(Job, PlacesAreNotPartOfIt) {
  const auto job = ParseJob(kSmall, "job.toml");
  ASSERT_TRUE(job.ok()) << job.error().message;
  EXPECT_EQ(job->FindDataset("a")->path, "a.csv");
  EXPECT_EQ(job->output, "out");
  auto moved = *job;
  moved.datasets[0].path = "/elsewhere/b.csv";
  moved.output = "other";
  EXPECT_EQ(DumpJson(JobToJson(*job)), DumpJson(JobToJson(moved)));
  EXPECT_EQ(DumpJson(JobToJson(*job)).find("a.csv"), std::string::npos);
}

TEST(Job, EveryDefaultIsWrittenOut) {
  const auto job = ParseJob(kSmall, "job.toml");
  ASSERT_TRUE(job.ok());
  const Json json = JobToJson(*job);
  EXPECT_EQ(json["train"]["optimizer"], "adamw");
  EXPECT_EQ(json["train"]["learning-rate"], "0.001");
  EXPECT_EQ(json["train"]["batch-size"], 256);
  EXPECT_EQ(json["engine"]["threads"], 1);
  EXPECT_EQ(json["split"]["cut"]["fractions"]["train"], "0.8");
  EXPECT_EQ(json["dataset"]["a"]["header"], true);
}

TEST(Job, SettingsChangeWhatIsMeasured) {
  const auto job = ParseJob(kSmall, "job.toml",
                            {"train.epochs=7", "train.optimizer=sgd", "model.hidden=[2, 3]", "property.0.on=train"});
  ASSERT_TRUE(job.ok()) << job.error().message;
  EXPECT_EQ(job->training->config.epochs, 7U);
  EXPECT_EQ(job->training->config.optimizer.kind, engine::Optimizer::kSgd);
  EXPECT_EQ(job->model->hidden, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(job->properties[0].view, "train");
  EXPECT_EQ(JobToJson(*job)["train"]["epochs"], 7);
}

TEST(Job, UnknownKeysNameLineKeyAndNearest) {
  const Error error = ErrorOf({}, std::string(kSmall) + "[engine]\nthreds = 2\n");
  EXPECT_EQ(error.id, "job.unknown_key");
  EXPECT_EQ(error.kind, ErrorKind::kUsage);
  EXPECT_NE(error.message.find("job.toml:25"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("engine.threds"), std::string::npos) << error.message;
  EXPECT_NE(error.message.find("did you mean \"threads\""), std::string::npos) << error.message;
}

TEST(Job, UnknownKeysAreRefusedEverywhere) {
  for (const char* key :
       {"epoch", "dataset.a.pth", "schema.colums", "schema.target.colum", "split.fils", "split.cut.sed", "model.widths",
        "train.learning_rate", "property.0.slice", "tee.devise", "output.dir"}) {
    EXPECT_EQ(ErrorOf({std::string(key) + "=1"}).id, "job.unknown_key") << key;
  }
}

TEST(Job, WrongValuesHaveStableIds) {
  const std::vector<std::pair<const char*, const char*>> cases = {
      {"train.epochs=0", "job.value"},
      {"train.epochs=\"many\"", "job.type"},
      {"train.optimizer=lamb", "job.value"},
      {"train.learning-rate=-1", "job.value"},
      {"train.learning-rate=nan", "job.type"},
      {"train.patience=3", "job.value"},
      {"train.on=trian", "job.view"},
      {"train.validation=nowhere", "job.view"},
      {"property.0.on=tst", "job.view"},
      {"property.5.on=test", "job.set"},
      {"split.cut.dataset=b", "job.dataset"},
      {"split.cut.fractions.test=0.3", "job.value"},
      {"schema.sensitive=[\"sx\"]", "job.column"},
      {"schema.drop=[\"z\"]", "job.column"},
      {"schema.target.column=z", "job.column"},
      {"schema.missing=impute", "job.value"},
      {"dataset.a.delimiter=\";;\"", "job.value"},
      {"dataset.a.skip-lines=2", "job.value"},
      {"dataset.a.sha256=\"12\"", "job.value"},
      {"model.hidden=[0]", "job.value"},
      {"model.kind=\"logistic-regression\"", "job.value"},
      {"tee.device=sgz", "job.value"},
      {"engine.name=jax", "job.value"},
      {"nothing", "job.set"},
  };
  for (const auto& [setting, id] : cases)
    EXPECT_EQ(ErrorOf({setting}).id, id) << setting << ": " << ErrorOf({setting}).message;
}

TEST(Job, MissingPartsAreNamed) {
  EXPECT_EQ(ErrorOf({}, "").id, "job.missing");
  EXPECT_EQ(ErrorOf({}, "[dataset.a]\npath = \"a\"\n").id, "job.missing");
  EXPECT_EQ(ErrorOf({}, "not toml at all").id, "job.syntax");
  // The library's own assertion fails on these; ours must be an error.
  EXPECT_EQ(ErrorOf({}, "[!a]\n").id, "job.syntax");
  EXPECT_EQ(ErrorOf({}, std::string("[\0 0", 4)).id, "job.syntax");
  EXPECT_EQ(ErrorOf({}, "[[}x]]\n").id, "job.syntax");
  EXPECT_EQ(ErrorOf({}, "-\xc5\xa7").id, "job.syntax");
  // Strings and comments may hold any character.
  EXPECT_TRUE(ParseJob(std::string(kSmall) + "# \xc3\xa9 \"\n", "job.toml", {"name=\"\xc3\xa9'\""}).ok());
  EXPECT_EQ(ErrorOf({}, std::string(2 << 20, ' ')).id, "job.size");
}

TEST(Job, FiltersAreReadAndWritten) {
  const auto job =
      ParseJob(kSmall, "job.toml",
               {"schema.filter=[ { column = \"sex\", in = [\"f\", \"m\"] }, { column = \"x\", at-least = 17.5 } ]"});
  ASSERT_TRUE(job.ok()) << job.error().message;
  ASSERT_EQ(job->schema->filter.size(), 2U);
  EXPECT_EQ(job->schema->filter[1].comparison, statement::Comparison::kGreaterEqual);
  EXPECT_EQ(job->schema->filter[1].values, std::vector<std::string>{"17.5"});
  const auto again = ParseJob(JobToToml(*job), "again");
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(DumpJson(JobToJson(*job)), DumpJson(JobToJson(*again)));
  EXPECT_EQ(ErrorOf({"schema.filter=[ { column = \"x\" } ]"}).id, "job.filter");
  EXPECT_EQ(ErrorOf({"schema.filter=[ { column = \"x\", less = 1, greater = 0 } ]"}).id, "job.filter");
}

// A job of each kind comes back from the text that is written of it, to the same measured job.
TEST(Job, EveryKindOfModelAndDataRoundTrips) {
  constexpr std::string_view kImages = R"(
[dataset.a]
format = "idx"
path = "folder"
files = ["images.gz", "labels.gz"]
[schema]
columns = [{ name = "image", type = "image", shape = [1, 28, 28] }, { name = "label" }]
target = { column = "label" }
[train]
on = "a"
loss = "mse"
warmup-epochs = 1
clip-norm = 1.5
label-smoothing = 0.1
precision = "bfloat16"
checkpoint-epochs = 2
augment = { crop-padding = 4, flip = true }
)";
  for (const char* model : {"kind = \"cnn\"\nchannels = [8, 16]\nkernel = 5\nactivation = \"tanh\"\nhidden = [10]",
                            "kind = \"vgg\"\ndepth = 13", "kind = \"resnet\"", "kind = \"lstm\"\nunits = 7",
                            "kind = \"transformer\"\nembedding = 12\nheads = 3", "kind = \"mlp\"\nhidden = [3]",
                            "kind = \"torchscript\"\nprogram-sha256 = "
                            "\"0123456789012345678901234567890123456789012345678901234567890123\""}) {
    const std::string text = std::string(kImages) + "[model]\n" + model + "\n";
    const auto job = ParseJob(text, "job.toml");
    ASSERT_TRUE(job.ok()) << job.error().message;
    const auto back = ParseJob(JobToToml(*job), "effective.toml");
    ASSERT_TRUE(back.ok()) << back.error().message << JobToToml(*job);
    EXPECT_EQ(JobToJson(*back), JobToJson(*job));
    EXPECT_EQ(back->model->kind, job->model->kind);
    EXPECT_EQ(back->training->config.loss, Loss::kMeanSquaredError);
  }
}

TEST(Job, PrivacyInitialModelAndProgramsRoundTrip) {
  constexpr std::string_view kText = R"(
[dataset.a]
quote = false
delimiter = "\t"
header = false
[schema]
columns = [{ name = "text", type = "text" }, { name = "label" }]
target = { column = "label" }
[encoding]
tokenizer = "byte-pair"
vocabulary = 500
length = 20
lowercase = false
[model]
kind = "lstm"
[train]
on = "a"
privacy = { clip = 0.5, noise-multiplier = 1.1 }
initial = { model = "before.safetensors" }
[[property]]
name = "my-score"
on = "a"
program = "score.pt"
)";
  const auto job = ParseJob(kText, "job.toml");
  ASSERT_TRUE(job.ok()) << job.error().message;
  EXPECT_TRUE(job->properties[0].custom);
  EXPECT_EQ(job->properties[0].program, "score.pt");
  EXPECT_EQ(job->training->initial, "before.safetensors");
  const auto back = ParseJob(JobToToml(*job), "effective.toml");
  ASSERT_TRUE(back.ok()) << back.error().message;
  EXPECT_EQ(JobToJson(*back), JobToJson(*job));
  EXPECT_TRUE(back->properties[0].custom);
  EXPECT_TRUE(back->training->from_model);
  EXPECT_EQ(JobToJson(*back)["train"]["privacy"]["noise-multiplier"], "1.1");
  // Paths say where bytes are; they are no part of the job.
  EXPECT_EQ(JobToToml(*job).find("score.pt"), std::string::npos);
  EXPECT_EQ(JobToToml(*job).find("before.safetensors"), std::string::npos);
}

TEST(Job, RefusesModelsAndSettingsThatCannotBe) {
  const auto id = [](const std::string& rest) {
    const auto job = ParseJob("[dataset.a]\n[schema]\ncolumns = [{ name = \"x\" }]\n" + rest, "job.toml");
    return job.ok() ? std::string("ok") : job.error().id;
  };
  EXPECT_EQ(id("[model]\nkind = \"mlp\""), "ok");
  EXPECT_EQ(id("[model]\nkind = \"cnm\""), "job.value");
  EXPECT_EQ(id("[model]\nkind = \"cnn\"\nkernel = 4"), "job.value");
  EXPECT_EQ(id("[model]\nkind = \"cnn\"\nchannels = [0]"), "job.value");
  EXPECT_EQ(id("[model]\nkind = \"vgg\"\ndepth = 12"), "job.value");
  EXPECT_EQ(id("[model]\nkind = \"vgg\"\nkernel = 3"), "job.unknown_key");
  EXPECT_EQ(id("[model]\nkind = \"lstm\"\nhidden = [3]"), "job.unknown_key");
  EXPECT_EQ(id("[model]\nkind = \"transformer\"\nembedding = 10\nheads = 3"), "job.value");
  EXPECT_EQ(id("[model]\nkind = \"torchscript\"\nprogram-sha256 = \"ab\""), "job.value");
  EXPECT_EQ(id("[[property]]\nname = \"accuracy\"\non = \"a\"\nprogram = \"x.pt\""), "job.value");
  EXPECT_EQ(id("[model]\n[train]\non = \"a\"\nprivacy = { noise = 1 }"), "job.unknown_key");
  EXPECT_EQ(id("[model]\n[train]\non = \"a\"\naugment = { crop-padding = -1 }"), "job.value");
}

}  // namespace
}  // namespace attestml::tasks
