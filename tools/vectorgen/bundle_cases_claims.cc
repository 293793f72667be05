// What is claimed, and of what: artifacts swapped on the way, parts offered for the whole, answers that differ.
#include "base/hex.h"
#include "vectorgen/bundle_cases.h"

namespace attestml::vectorgen {
namespace {

using statement::Comparison;

statement::PropertyClaim OverlapWith(const Story& story, const std::string& file, std::uint64_t count,
                                     const std::string& value) {
  auto out = story.overlap;
  out.references = {People(file, count)};
  out.results = {MakeResult("with-label", value, 1000), MakeResult("with-label", value, 1000)};
  out.results[1].at = HexEncode(out.references[0].records.root);
  return out;
}

statement::Selection WomenOnly() {
  auto selection = PeopleSelection();
  selection.filter = {{"sex", Comparison::kIn, {"Female"}}};
  return selection;
}

std::string DigestTextOf(const statement::Selection& selection) {
  return "sha256:" + HexEncode(statement::SelectionDigest(selection));
}

// The honest bundle, in which the prover signs the payload of one line as changed.
template <typename Change>
Text WithStatement(std::size_t line, Change change) {
  const BundleProver prover;
  auto lines = prover.Lines(Story());
  lines[line] = prover.LineOf(change(statement::ParseEnvelope(lines[line]).value().payload));
  return Bundle(lines);
}

void AddArtifacts(BundleCaseBuilder* b) {
  b->Attack("model digest changed between training and evaluation");
  b->Add("model-is-the-one-held", "accepted", "the trained and evaluated model is in the relying party's hands")
      .held.model = "model";
  Story swapped;
  swapped.accuracy.model = statement::ArtifactRef{"model.safetensors", DigestOf("better model")};
  b->Add("model-swapped-after-training",
         "rejected policy.model policy.require.accuracy policy.require.overlap "
         "policy.require.training policy.require.women",
         "a model would be sold with another's accuracy", swapped);
  b->Add("model-swapped-trained-one-held", "rejected policy.require.accuracy policy.require.overlap",
         "a model would be sold with another's accuracy", swapped)
      .held.model = "model";
  b->Add("model-swapped-evaluated-one-held",
         "rejected policy.missing_edge policy.require.overlap policy.require.training policy.require.women",
         "a model would be sold with another's training", swapped)
      .held.model = "better model";
  b->Add("model-held-is-another",
         "rejected policy.model policy.require.accuracy policy.require.overlap policy.require.training "
         "policy.require.women",
         "any file would be the model")
      .held.model = "another model";
  Story initial;
  initial.training.initial_model = statement::ArtifactRef{"base.safetensors", DigestOf("base")};
  b->Add("model-ancestor-without-training",
         "rejected policy.missing_edge policy.require.overlap policy.require.training policy.require.women",
         "a poisoned ancestor would be out of sight", initial);

  Story idle;
  idle.training.steps = 0;
  b->Add("model-trained-in-no-steps", "malformed claim.training.no_steps", "another's model would be made one's own",
         idle);
  Story unchanged;
  unchanged.training.initial_model = unchanged.training.model;
  b->Add("model-is-its-own-ancestor", "malformed claim.training.unchanged", "another's model would be made one's own",
         unchanged);
  auto& subject = b->Add("model-subject-is-another", "malformed claim.property.subject",
                         "tools that read only the subject would see another model");
  subject.bundles = {WithStatement(2, [](const std::string& accuracy) {
    const std::size_t at = accuracy.find("\"subject\":");
    return accuracy.substr(0, at) +
           Replaced(accuracy.substr(at), HexEncode(DigestOf("model")), HexEncode(DigestOf("better model")));
  })};

  b->Attack("test set swapped");
  b->Add("test-set-is-the-one-held", "accepted", "the files that the chain rests on are in the relying party's hands")
      .held.datasets = {"people.data", "people.test"};
  Story easy;
  easy.accuracy.dataset = People("easy.test", 1000);
  b->Add("test-set-swapped", "rejected policy.require.accuracy policy.require.overlap",
         "a model would be examined on what it knows", easy);
  b->Add("test-set-held-is-another", "rejected policy.dataset", "any file would be the test set").held.datasets = {
      "people.data", "another file"};
}

void AddContradictions(BundleCaseBuilder* b) {
  b->Attack("two conflicting properties");
  Story same;
  auto repeated = same.accuracy;
  repeated.run.seeds = {{"training", "2", "job"}};  // another run, the same answer
  same.more = {repeated};
  b->Add("conflict-none-said-twice", "accepted", "the same answer may be given twice", same);
  Story two;
  auto other = two.accuracy;
  other.results[0].value = "0.86";
  two.more = {other};
  b->Add("conflict-two-values", "rejected policy.contradiction", "a verifier would pick the one it likes", two);
  Story slices;
  auto unasked = slices.accuracy;
  unasked.results[1].value = "0.2";
  slices.more = {unasked};
  b->Add("conflict-where-nobody-asked", "rejected policy.contradiction", "one of them is a lie, whoever asks", slices);
  Story counts;
  counts.distribution.dataset->records.count = 2999;
  b->Add("conflict-in-the-records", "rejected policy.contradiction", "one selection would have two contents", counts);
  Story trainings;
  auto training = trainings.training;
  training.run.job["train"]["epochs"] = 6;
  trainings.more = {training};
  b->Add("conflict-two-trainings", "rejected policy.contradiction policy.require.training",
         "one model would have two histories", trainings);

  b->Attack("one good result beside a bad one");
  // Another question by its parameters, so no contradiction; both answer the requirement.
  const auto beside = [](const std::string& value, const std::string& lower, const std::string& upper) {
    Story story;
    auto second = story.accuracy;
    second.parameters = Json{{"slices", Json::array({"age"})}};
    second.results[0].value = value;
    second.results[0].interval = statement::Interval{"wilson", "0.95", lower, upper};
    story.more = {second};
    return story;
  };
  b->Add("beside-another-good-one", "accepted", "two good answers are good", beside("0.84", "0.81", "0.86"));
  b->Add("beside-a-bad-one", "rejected policy.require.accuracy", "a prover would show the good one and hope",
         beside("0.5", "0.4", "0.6"));
  Story undefined;
  undefined.accuracy.results[0].value = "undefined";
  undefined.accuracy.results[0].reason = "no records";
  undefined.accuracy.results[0].interval.reset();
  b->Add("undefined-result", "rejected policy.require.accuracy", "no answer would satisfy every bound", undefined);
  Story few;
  few.accuracy.results[0].count = 999;
  b->Add("result-over-too-few", "rejected policy.require.accuracy", "a minimum would be ignored", few);
  Story wide;
  wide.accuracy.results[0].interval->lower = "0.79";
  b->Add("result-interval-reaches-below", "rejected policy.require.accuracy", "luck would pass for accuracy", wide);
  Story threshold;
  threshold.accuracy.parameters["threshold"] = "0.9";
  b->Add("result-with-a-parameter-unasked", "rejected policy.require.accuracy policy.require.overlap",
         "a prover would choose the threshold", threshold);
  b->Add("result-of-another-job", "malformed run.job_digest", "a job would go by another's digest").bundles = {
      WithStatement(2,
                    [](const std::string& accuracy) { return Replaced(accuracy, "\"epochs\":5", "\"epochs\":50"); })};
  Story custom;
  custom.accuracy.property = "custom:" + HexEncode(DigestOf("code")) + "/accuracy";
  b->Add("result-of-custom-code", "rejected policy.require.accuracy policy.require.overlap",
         "anybody's code would measure accuracy", custom);
  Story version;
  version.accuracy.implementation = "accuracy/2";
  b->Add("result-of-another-version", "rejected policy.require.accuracy policy.require.overlap",
         "another definition would answer", version);
}

// What values mean is the file's to say, or the policy's: each way of reading that makes others of them.
void AddReadings(BundleCaseBuilder* b) {
  constexpr std::string_view kBoth = "rejected policy.require.accuracy policy.require.overlap";
  constexpr std::string_view kAll = "rejected policy.require.accuracy policy.require.overlap policy.require.women";
  using Change = void (*)(statement::Selection&);
  const auto read = [](Change change) {
    Story story;
    auto selection = PeopleSelection();
    change(selection);
    for (auto* use : {&*story.accuracy.dataset, &*story.overlap.dataset, &*story.distribution.dataset,
                      &story.training.datasets[0], &story.overlap.references[0]}) {
      Reselect(use, selection);
    }
    return story;
  };
  const auto naming = [](const std::string& reading) {
    const std::string target = "target = \"income\"\n", trained = "of = \"training-data\"\n";
    const std::string line = "reading = { " + reading + " }\n";
    return Replaced(Replaced(HonestPolicy(), target, target + line), trained, trained + line);
  };
  struct Way {
    std::string name;
    std::string_view why;
    Change change;
    std::string reading, other;
  };
  const Way ways[] = {
      {"labels-merged", "a class would be counted as another", [](auto& s) { s.target->strip_suffix = "+"; },
       "strip-suffix = \"+\"", "strip-suffix = \".\""},
      {"class-called-missing", "records of a hard class would go without a label",
       [](auto& s) { s.format.missing = "none"; }, "missing-mark = \"none\"", "missing-mark = \"?\""},
      {"values-trimmed", "values that differ would be one", [](auto& s) { s.format.trim = true; }, "trim = true",
       "trim = false"},
      {"values-unquoted", "one value would be two", [](auto& s) { s.format.quote = false; }, "quote = false",
       "quote = true"},
  };
  for (const Way& way : ways) {
    const std::string name = "part-" + way.name;
    b->Add(name + "-for-the-whole", kAll, way.why, read(way.change));
    b->Add(name + "-asked-for", "accepted", "a policy may say how a file is read", read(way.change)).policy = {
        {naming(way.reading)}};
    b->Add(name + "-not-as-asked-for", kAll, "a policy's word would not be looked at", read(way.change)).policy = {
        {naming(way.other)}};
  }
  // Label files without names: which of two the target is, only the job says.
  const auto arrays = [](bool two) {
    Story story;
    statement::Selection selection;
    selection.format.type = statement::FileType::kIdx;
    selection.columns = {{"image", statement::ColumnType::kImage, true, {1, 28, 28}},
                         {"income", statement::ColumnType::kCategorical, true}};
    if (two) selection.columns.push_back({"easy", statement::ColumnType::kCategorical, true});
    selection.target = statement::Target{"income", ">50K", ""};
    for (auto* use : {&*story.accuracy.dataset, &*story.overlap.dataset, &*story.distribution.dataset,
                      &story.training.datasets[0], &story.overlap.references[0]}) {
      Reselect(use, selection);
    }
    return story;
  };
  b->Add("part-one-column-of-labels", "accepted", "one column of labels can be taken for no other", arrays(false));
  b->Add("part-labels-named-by-the-job", kBoth, "an easier question would be answered", arrays(true));

  // The same of a number about the data.
  const auto share = [&](std::string_view name, std::string_view expect, std::string_view why, Change change,
                         const std::string& data) {
    auto story = read(change);
    story.distribution.results[0].where = {{"income", ">50K"}};
    b->Add(name, expect, why, story).policy = {
        {TrustTable() + ProgramTable() +
         "\n[[require]]\nid = \"rich\"\nclaim = \"property\"\nproperty = \"distribution\"\nmetric = "
         "\"proportion\"\n" +
         data + "where = { column = \"income\", value = \">50K\" }\nvalue = \">= 0.30\"\n"}};
  };
  const Change merged = [](statement::Selection& s) { s.target->strip_suffix = "+"; };
  const Change plain = [](statement::Selection&) {};
  const std::string file = "dataset = \"" + Sha("people.data") + "\"\n";
  share("part-share-of-a-label", "accepted", "the labels are counted as they stand", plain, file);
  share("part-share-of-merged-labels", "rejected policy.require.rich", "a class would be counted as another", merged,
        file);
  const std::string trained = "of = \"training-data\"\n";
  share("distribution-of-labels-as-trained", "accepted", "the labels are counted as they stand", plain, trained);
  share("distribution-of-merged-labels", "rejected policy.require.rich", "a class would be counted as another", merged,
        trained);
  share("distribution-of-merged-labels-asked-for", "accepted", "a policy may say how the training read", merged,
        trained + "reading = { strip-suffix = \"+\" }\n");
}

void AddParts(BundleCaseBuilder* b) {
  b->Attack("good slice or filtered selection offered for the whole");
  constexpr std::string_view kBoth = "rejected policy.require.accuracy policy.require.overlap";
  constexpr std::string_view kWhy = "a prover would choose the records on which the model is good";
  auto& slice = b->Add("part-slice-asked-for", "accepted", "a policy may ask about a slice");
  slice.policy = {{TrustTable() + ProgramTable() +
                   "\n[[require]]\nid = \"women\"\nclaim = \"property\"\nproperty = \"accuracy\"\nmetric = "
                   "\"accuracy\"\ndataset = \"" +
                   Sha("people.test") +
                   "\"\ntarget = \"income\"\nslice = { column = \"sex\", value = \"Female\" }\nvalue = \">= 0.9\"\n"}};
  Story only_slice;
  only_slice.accuracy.results.erase(only_slice.accuracy.results.begin());
  b->Add("part-slice-for-the-whole", kBoth, kWhy, only_slice);
  Story filtered;
  Reselect(&*filtered.accuracy.dataset, WomenOnly());
  b->Add("part-filtered-for-the-whole", kBoth, kWhy, filtered);
  auto& named = b->Add("part-filtered-asked-for", "accepted", "a policy may name an exact selection", filtered);
  named.policy = {{TrustTable() + ProgramTable() +
                   "\n[[require]]\nid = \"women\"\nclaim = \"property\"\nproperty = \"accuracy\"\nmetric = "
                   "\"accuracy\"\ndataset = \"" +
                   Sha("people.test") + "\"\nselection = \"" + DigestTextOf(WomenOnly()) + "\"\nvalue = \">= 0.8\"\n"}};
  Story dropped;
  auto selection = PeopleSelection();
  selection.missing = statement::MissingPolicy::kDrop;
  Reselect(&*dropped.accuracy.dataset, selection);
  b->Add("part-without-missing-for-the-whole", kBoth, kWhy, dropped);
  Story split;
  selection = PeopleSelection();
  selection.split = statement::Split{1, false, {{"a", "0.5"}, {"b", "0.5"}}, "a"};
  Reselect(&*split.accuracy.dataset, selection);
  b->Add("part-of-a-split-for-the-whole", kBoth, kWhy, split);
  Story renamed;
  selection = PeopleSelection();
  selection.format.skip_lines = 1;
  selection.format.header = false;
  for (auto* use : {&*renamed.accuracy.dataset, &*renamed.overlap.dataset}) Reselect(use, selection);
  b->Add("part-columns-renamed-for-the-whole", kBoth, "a column would be given another's name", renamed);
  Story hidden;
  selection = PeopleSelection();
  selection.format.missing = "Female";
  for (auto* use : {&*hidden.accuracy.dataset, &*hidden.overlap.dataset}) Reselect(use, selection);
  b->Add("part-values-hidden-for-the-whole", kBoth, "values that tell would be read as missing", hidden);
  AddReadings(b);
  auto& digest = b->Add("part-selection-digest-of-the-whole", "malformed claim.dataset.selection_digest",
                        "a selection would go by another's digest");
  digest.bundles = {WithStatement(2, [](const std::string& accuracy) {
    return Replaced(accuracy, HexEncode(statement::SelectionDigest(PeopleSelection())),
                    HexEncode(statement::SelectionDigest(WomenOnly())));
  })};
  Story column;
  column.accuracy.model.reset();
  column.accuracy.predictions = "column:age";
  column.accuracy.run.job["property"] =
      Json::array({Json{{"name", "accuracy"}, {"predictions", Json{{"column", "age"}, {"threshold", "0.5"}}}}});
  b->Add("part-scores-of-a-column", kBoth, "scores that stand in the data would pass for the model's", column);
  Story target;
  selection = PeopleSelection();
  selection.target = statement::Target{"sex", "Female", ""};
  selection.sensitive = {};
  Reselect(&*target.accuracy.dataset, selection);
  b->Add("part-another-target", kBoth, "an easier question would be answered", target);
}

void AddTrainingData(BundleCaseBuilder* b) {
  b->Attack("distribution measured on another selection than the trained one");
  const auto trained_on_women = [](bool measured_too) {
    Story story;
    Reselect(&story.training.datasets[0], WomenOnly());
    Reselect(&story.overlap.references[0], WomenOnly());
    if (measured_too) Reselect(&*story.distribution.dataset, WomenOnly());
    return story;
  };
  b->Add("distribution-of-the-trained-selection", "accepted", "it is the trained selection that counts",
         trained_on_women(true));
  b->Add("distribution-of-the-whole-file", "rejected policy.require.women",
         "a model trained on women only would pass for balanced", trained_on_women(false));
  Story other;
  other.distribution.dataset = People("other.data", 3000);
  b->Add("distribution-of-another-file", "rejected policy.require.women",
         "a balanced file would stand in for the trained one", other);
  Story bad;
  bad.distribution.results[0].value = "0.2";
  b->Add("distribution-out-of-range", "rejected policy.require.women", "the range would be ignored", bad);

  b->Attack("early stopping on the test set");
  std::string policy = Replaced(HonestPolicy(), "datasets = [\"" + Sha("people.data") + "\"]\n", "");
  policy = Replaced(policy, "of = \"training-data\"\n", "of = \"training-data\"\nroles = [\"train\"]\n");
  const auto stopped_on = [&](const std::string& name, std::string_view expect, std::string_view why,
                              const std::string& file, const std::string& overlap) {
    Story story;
    story.training.datasets.push_back(People(file, 1000, "validation"));
    if (!overlap.empty()) story.more = {OverlapWith(story, file, 1000, overlap)};
    b->Add(name, expect, why, story).policy = {{policy}};
  };
  stopped_on("stopping-on-its-own-set", "accepted", "a validation set of its own is what one should use",
             "people.validation", "0");
  stopped_on("stopping-on-the-test-set", "rejected policy.require.overlap", "the test set would have chosen the model",
             "people.test", "1000");
  stopped_on("stopping-on-a-set-not-compared", "rejected policy.require.overlap",
             "what was not compared would count as different", "people.validation", "");
  stopped_on("stopping-on-a-set-that-overlaps", "rejected policy.require.overlap", "the number would not be looked at",
             "people.validation", "3");

  b->Attack("overlap that shows nothing");
  b->Add("overlap-none", "accepted", "the test data is independent of the training data");
  Story some;
  some.overlap.results[0].value = some.overlap.results[1].value = "1";
  b->Add("overlap-of-one", "rejected policy.require.overlap", "a leak would be ignored", some);
  Story another;
  another.overlap.dataset = People("other.test", 1000);
  b->Add("overlap-of-another-test-set", "rejected policy.require.overlap", "another test set would be independent",
         another);
  Story read;
  auto selection = PeopleSelection();
  selection.format.trim = true;
  Reselect(&read.training.datasets[0], selection);
  Reselect(&*read.distribution.dataset, selection);
  Reselect(&read.overlap.references[0], selection);
  b->Add("overlap-of-files-read-differently", "rejected policy.require.overlap policy.require.women",
         "equal records would be made to look different", read);
}

}  // namespace

void AddClaimCases(BundleCaseBuilder* b) {
  AddArtifacts(b);
  AddContradictions(b);
  AddParts(b);
  AddTrainingData(b);
}

}  // namespace attestml::vectorgen
