// Every number a second time, by tests/oracle/properties.py, which shares no code with this folder.
#include <gtest/gtest.h>

#include <filesystem>
#include <sstream>

#include "properties/accuracy.h"
#include "properties/distribution.h"
#include "properties/fairness.h"
#include "properties/oracle_for_test.h"
#include "properties/predictions.h"
#include "properties/tables_for_test.h"

namespace attestml::properties {
namespace {

// A generator that is the same on every machine.
class Lcg {
 public:
  explicit Lcg(std::uint64_t seed) : state_(seed) {}
  std::uint64_t Below(std::uint64_t n) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return (state_ >> 33) % n;
  }

 private:
  std::uint64_t state_;
};

Json AskOracle(const Json& spec) { return test::RunOracle("properties.py", spec.dump()); }

using test::ExpectSame;

// Scored people: coarse probabilities, so that many are tied; some miss their race; one group is small.
struct Scored {
  std::string csv;          // what the table is read from
  std::string predictions;  // what the oracle reads
  Predictions values;
  statement::Selection selection;

  Scored(std::size_t rows, std::vector<std::string> classes, const std::string& positive, std::uint64_t seed) {
    Lcg random(seed);
    const char* sexes[] = {"Female", "Male"};
    const char* races[] = {"Black", "White", "Other", ""};
    std::vector<std::int32_t> labels;
    std::vector<double> probabilities;
    std::ostringstream table, judged;
    judged << "actual,predicted,sex,race";
    for (const std::string& name : classes) judged << ",p:" << name;
    judged << "\n";
    std::vector<std::string> lines;
    for (std::size_t row = 0; row < rows; ++row) {
      const std::string sex = sexes[random.Below(2)];
      const std::string race = races[random.Below(40) == 0 ? 2 + random.Below(2) : random.Below(2)];
      const auto label = static_cast<std::int32_t>(random.Below(classes.size()));
      std::vector<std::uint64_t> weights;
      std::uint64_t total = 0;
      for (std::size_t code = 0; code < classes.size(); ++code) {
        weights.push_back(random.Below(12) + (static_cast<std::int32_t>(code) == label ? 5 : 0));
        total += weights.back();
      }
      std::string p;
      for (const std::uint64_t weight : weights) {
        probabilities.push_back(total == 0 ? 1.0 / static_cast<double>(classes.size())
                                           : static_cast<double>(weight) / static_cast<double>(total));
        p += "," + FormatDecimal(probabilities.back());
      }
      labels.push_back(label);
      table << sex << "," << race << "," << classes[static_cast<std::size_t>(label)] << "\n";
      lines.push_back(sex + "," + race + p);
    }
    csv = table.str();
    values = PredictionsFromProbabilities(classes, labels, probabilities, positive).value();
    for (std::size_t row = 0; row < rows; ++row) {
      judged << classes[static_cast<std::size_t>(labels[row])] << ","
             << classes[static_cast<std::size_t>(values.predicted[row])] << "," << lines[row] << "\n";
    }
    predictions = judged.str();
    selection = test::SelectionOf("sex race y", "y", positive);
    selection.sensitive = {"sex", "race"};
  }
};

const Json kGroups = {{"sex", {"Female", "Male"}}, {"race", {"Black", "Other", "White"}}};

TEST(Oracle, AccuracyOfTwoClasses) {
  const Scored people(3000, {"no", "yes"}, "yes", 1);
  const data::Table table = test::TableOf(people.csv, people.selection);
  const Json parameters = test::Parameters(R"({"slices":["sex",["race","sex"]]})");
  const Measurement m = test::MeasureOk(Accuracy(), {&table, &people.values, {}, &parameters});
  const std::string csv = test::WriteScratch("accuracy.csv", people.predictions);
  ExpectSame(m,
             AskOracle({{"property", "accuracy"},
                        {"csv", csv},
                        {"classes", {"no", "yes"}},
                        {"positive", "yes"},
                        {"slices", {Json::array({"sex"}), Json::array({"race", "sex"})}},
                        {"groups", kGroups}}),
             25 * 11);
  std::filesystem::remove(csv);
}

TEST(Oracle, AccuracyOfFourClassesOneOfWhichIsRare) {
  const Scored people(800, {"a", "b", "c", "d"}, "", 2);
  const data::Table table = test::TableOf(people.csv, people.selection);
  const Json parameters = test::Parameters(R"({"slices":["race"]})");
  const Measurement m = test::MeasureOk(Accuracy(), {&table, &people.values, {}, &parameters});
  const std::string csv = test::WriteScratch("classes.csv", people.predictions);
  ExpectSame(m,
             AskOracle({{"property", "accuracy"},
                        {"csv", csv},
                        {"classes", {"a", "b", "c", "d"}},
                        {"positive", ""},
                        {"slices", {Json::array({"race"})}},
                        {"groups", kGroups}}),
             200);
  std::filesystem::remove(csv);
}

TEST(Oracle, AccuracyOfVeryFewRecords) {
  for (std::uint64_t seed = 10; seed < 16; ++seed) {
    const Scored people(1 + seed % 4, {"no", "yes"}, "yes", seed);
    const data::Table table = test::TableOf(people.csv, people.selection);
    const Measurement m = test::MeasureOk(Accuracy(), {&table, &people.values, {}, nullptr});
    const std::string csv = test::WriteScratch("few.csv", people.predictions);
    ExpectSame(m,
               AskOracle({{"property", "accuracy"},
                          {"csv", csv},
                          {"classes", {"no", "yes"}},
                          {"positive", "yes"},
                          {"slices", Json::array()},
                          {"groups", kGroups}}),
               25);
    std::filesystem::remove(csv);
  }
}

TEST(Oracle, Fairness) {
  for (const std::size_t rows : {3000U, 150U, 40U}) {
    const Scored people(rows, {"no", "yes"}, "yes", 3 + rows);
    const data::Table table = test::TableOf(people.csv, people.selection);
    const Measurement m = test::MeasureOk(Fairness(), {&table, &people.values, {}, nullptr});
    const std::string csv = test::WriteScratch("fairness.csv", people.predictions);
    Json groups = kGroups;  // those that the file has
    for (const char* column : {"sex", "race"}) {
      std::vector<std::string> values = table.Find(column)->values;
      groups[column] = values;
    }
    ExpectSame(m,
               AskOracle({{"property", "fairness"},
                          {"csv", csv},
                          {"positive", "yes"},
                          {"sets", {Json::array({"sex"}), Json::array({"race"}), Json::array({"sex", "race"})}},
                          {"groups", groups}}),
               60);
    std::filesystem::remove(csv);
  }
}

std::string People(std::size_t rows, std::uint64_t seed) {
  Lcg random(seed);
  const char* sexes[] = {"F", "M", "M"};
  const char* jobs[] = {"clerk", "nurse", "pilot", "baker", ""};
  std::ostringstream out;
  for (std::size_t row = 0; row < rows; ++row) {
    out << sexes[random.Below(3)] << "," << jobs[random.Below(seed % 2 == 0 ? 5 : 4)] << ",";
    if (random.Below(10) != 0) out << 17 + random.Below(60);
    out << "," << FormatDecimal(static_cast<double>(random.Below(100000)) / 7) << ","
        << (random.Below(4) == 0 ? "hi" : "lo") << "\n";
  }
  return out.str();
}

TEST(Oracle, DistributionAndRepresentativeness) {
  const statement::Selection selection = test::SelectionOf("sex job age:number pay:number income", "income", "hi");
  const std::string header = "sex,job,age,pay,income\n";
  const std::string ours = People(2000, 4), theirs = People(700, 5);
  const data::Table table = test::TableOf(ours, selection);
  const data::Table other = test::TableOf(theirs, selection, "reference.csv");
  const data::Table* reference = &other;
  const Json parameters = test::Parameters(
      R"({"joint":[["sex","job"]],"conditional":[{"of":"income","given":["job","sex"]}],"quantiles":["0.1","0.5","1"]})");
  const Measurement m = test::MeasureOk(Distribution(), {&table, nullptr, {&reference, 1}, &parameters});
  const std::string csv = test::WriteScratch("ours.csv", header + ours),
                    csv2 = test::WriteScratch("theirs.csv", header + theirs);
  ExpectSame(
      m,
      AskOracle(
          {{"property", "distribution"},
           {"csv", csv},
           {"reference", csv2},
           {"target", "income"},
           {"numeric", {"age", "pay"}},
           {"categorical", {"sex", "job", "income"}},
           {"groups", {{"sex", {"F", "M"}}, {"job", {"baker", "clerk", "nurse", "pilot"}}, {"income", {"hi", "lo"}}}},
           {"joint", Json::array({Json::array({"job", "sex"})})},
           {"conditional", Json::parse(R"([{"of":["income"],"given":["job","sex"]}])")},
           {"quantiles", {"0.1", "0.5", "1"}}}),
      100);
  std::filesystem::remove(csv);
  std::filesystem::remove(csv2);
}

}  // namespace
}  // namespace attestml::properties
