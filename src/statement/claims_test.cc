// The rules of each predicate that go beyond its shape, each by its id.
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "base/hex.h"
#include "statement/sample_claims.h"

namespace attestml::statement {
namespace {

template <typename T>
std::string IdOf(T claim, const std::function<void(T&)>& change) {
  change(claim);
  const auto again = ParseStatement(WriteStatement(claim));
  return again.ok() ? "ok" : again.error().id;
}

std::string Training(const std::function<void(TrainingClaim&)>& change) {
  return IdOf<TrainingClaim>(sample::SampleTraining(), change);
}

TEST(TrainingClaim, Rules) {
  EXPECT_EQ(Training([](auto&) {}), "ok");
  EXPECT_EQ(Training([](auto& c) { c.steps = 0; }), "claim.training.no_steps");
  EXPECT_EQ(Training([](auto& c) { c.epochs = 0; }), "claim.training.no_steps");
  EXPECT_EQ(Training([](auto& c) { c.initial_model = c.model; }), "claim.training.unchanged");
  // Another name does not make another model.
  EXPECT_EQ(Training([](auto& c) { c.initial_model->sha256 = c.model.sha256; }), "claim.training.unchanged");
  EXPECT_EQ(Training([](auto& c) { c.initial_model.reset(); }), "ok");
  EXPECT_EQ(Training([](auto& c) { c.datasets.clear(); }), "claim.training.datasets");
  EXPECT_EQ(Training([](auto& c) { c.datasets[0].role = "fit"; }), "claim.training.datasets");
  EXPECT_EQ(Training([](auto& c) { c.datasets[1].role = "fit"; }), "ok");
  EXPECT_EQ(Training([](auto& c) { c.datasets[1].role = "test"; }), "claim.dataset.role");
  EXPECT_EQ(Training([](auto& c) { c.datasets[1].role = ""; }), "claim.dataset.role");
  EXPECT_EQ(Training([](auto& c) { c.datasets.resize(65, c.datasets[0]); }), "claim.training.datasets");
  EXPECT_EQ(Training([](auto& c) { c.datasets.resize(64, c.datasets[0]); }), "ok");
  EXPECT_EQ(Training([](auto& c) { c.datasets[0].selection_id.digest[0] ^= 1; }), "claim.dataset.selection_digest");
  EXPECT_EQ(Training([](auto& c) { c.datasets[0].selection->sensitive.clear(); }), "claim.dataset.selection_digest");
  EXPECT_EQ(Training([](auto& c) { c.byproducts.clear(); }), "claim.training.byproducts");
  EXPECT_EQ(Training([](auto& c) { c.byproducts.resize(65, c.byproducts[0]); }), "claim.training.byproducts");
  EXPECT_EQ(Training([](auto& c) { c.model.name = ""; }), "claim.artifact");
  EXPECT_EQ(Training([](auto& c) { c.model.name = "a\x1b[2Jb"; }), "claim.artifact");
  EXPECT_EQ(Training([](auto& c) { c.model.name = std::string(4097, 'a'); }), "claim.artifact");
  EXPECT_EQ(Training([](auto& c) { c.model.name = std::string(4096, 'a'); }), "ok");
}

TEST(TrainingClaim, OneInitialModelAndOurBuilder) {
  const auto damaged = [](const std::function<void(Json&)>& damage) {
    auto value = ParseJson(WriteStatement(sample::SampleTraining()));
    damage((*value)["predicate"]);
    const auto again = ParseStatement(DumpJson(*value));
    return again.ok() ? std::string("ok") : again.error().id;
  };
  EXPECT_EQ(damaged([](Json& p) {
              Json& dependencies = p["buildDefinition"]["resolvedDependencies"];
              dependencies.push_back(dependencies.back());
            }),
            "claim.training.initial_model");
  EXPECT_EQ(damaged([](Json& p) { p["runDetails"]["builder"]["id"] = "https://example.org"; }),
            "claim.training.builder");
}

TEST(TrainingClaim, ReadsBackEveryField) {
  const TrainingClaim written = sample::SampleTraining();
  const auto claim = ParseStatement(WriteStatement(written));
  ASSERT_TRUE(claim.ok());
  const auto& read = std::get<TrainingClaim>(*claim);
  EXPECT_EQ(read.model.name, "model.safetensors");
  EXPECT_EQ(read.model.sha256, written.model.sha256);
  EXPECT_EQ(read.run.job, written.run.job);
  EXPECT_EQ(read.run.nonce, written.run.nonce);
  EXPECT_EQ(read.run.threads, 2u);
  EXPECT_EQ(read.run.engine_details, written.run.engine_details);
  ASSERT_EQ(read.run.seeds.size(), 2u);
  EXPECT_EQ(read.run.seeds[1].chosen_by, "derived");
  ASSERT_EQ(read.datasets.size(), 2u);
  EXPECT_EQ(read.datasets[0].role, "train");
  EXPECT_EQ(read.datasets[1].file.name, "adult.valid");
  EXPECT_EQ(read.datasets[1].selection, written.datasets[1].selection);
  EXPECT_EQ(read.datasets[1].records.count, 15060u);
  EXPECT_EQ(read.datasets[1].records.root, written.datasets[1].records.root);
  EXPECT_EQ(read.initial_model->sha256, written.initial_model->sha256);
  EXPECT_EQ(read.byproducts.size(), 2u);
  EXPECT_EQ(read.steps, 590u);
  EXPECT_EQ(read.epochs, 5u);
}

std::string Property(const std::function<void(PropertyClaim&)>& change) {
  return IdOf<PropertyClaim>(sample::SampleProperty(), change);
}

TEST(PropertyClaim, Rules) {
  EXPECT_EQ(Property([](auto&) {}), "ok");
  EXPECT_EQ(Property([](auto& c) { c.property = "Accuracy"; }), "claim.property.name");
  EXPECT_EQ(Property([](auto& c) { c.property = ""; }), "claim.property.name");
  EXPECT_EQ(Property([](auto& c) { c.property = "custom:accuracy"; }), "claim.property.name");
  EXPECT_EQ(Property([](auto& c) { c.property = "custom:" + std::string(64, 'A') + "/accuracy"; }),
            "claim.property.name");
  EXPECT_EQ(Property([](auto& c) { c.property = "custom:" + std::string(64, 'a') + "/accuracy"; }), "ok");
  EXPECT_EQ(Property([](auto& c) { c.implementation = "fairness/1"; }), "claim.property.implementation");
  EXPECT_EQ(Property([](auto& c) { c.implementation = "accuracy"; }), "claim.property.implementation");
  EXPECT_EQ(Property([](auto& c) { c.implementation = "accuracy/01"; }), "claim.property.implementation");
  EXPECT_EQ(Property([](auto& c) { c.implementation = "accuracy/1x"; }), "claim.property.implementation");
  EXPECT_EQ(Property([](auto& c) { c.implementation = "accuracy/12"; }), "ok");
  EXPECT_EQ(Property([](auto& c) { c.model.reset(); }), "claim.property.predictions");
  EXPECT_EQ(Property([](auto& c) { c.predictions = "column:score"; }), "claim.property.predictions");
  EXPECT_EQ(Property([](auto& c) {
              c.predictions = "column:score";
              c.model.reset();
            }),
            "ok");
  EXPECT_EQ(Property([](auto& c) {
              c.predictions = "column:score";
              c.model.reset();
              c.dataset.reset();
            }),
            "claim.artifact");  // there is nothing to be the subject
  EXPECT_EQ(Property([](auto& c) { c.predictions = "column:"; }), "claim.property.predictions");
  EXPECT_EQ(Property([](auto& c) { c.predictions = "oracle"; }), "claim.property.predictions");
  EXPECT_EQ(Property([](auto& c) { c.results.clear(); }), "claim.property.results");
  EXPECT_EQ(Property([](auto& c) { c.references.resize(65, c.references[0]); }), "claim.property.references");
  EXPECT_EQ(Property([](auto& c) { c.dataset->selection_id.digest[31] ^= 0x80; }), "claim.dataset.selection_digest");
}

TEST(PropertyClaim, SubjectMustAgree) {
  const auto damaged = [](const std::function<void(Json&)>& damage) {
    auto value = ParseJson(WriteStatement(sample::SampleProperty()));
    damage(*value);
    const auto again = ParseStatement(DumpJson(*value));
    return again.ok() ? std::string("ok") : again.error().id;
  };
  EXPECT_EQ(damaged([](Json& j) { j["subject"][0]["digest"]["sha256"] = std::string(64, '1'); }),
            "claim.property.subject");
  EXPECT_EQ(damaged([](Json& j) { j["subject"][0]["name"] = "other"; }), "claim.property.subject");
  // The dataset is not what a property of a model is about.
  EXPECT_EQ(damaged([](Json& j) {
              j["subject"][0]["name"] = j["predicate"]["dataset"]["name"];
              j["subject"][0]["digest"] = j["predicate"]["dataset"]["digest"];
            }),
            "claim.property.subject");
  EXPECT_EQ(damaged([](Json& j) {
              j["predicate"].erase("model");
              j["predicate"].erase("dataset");
              j["predicate"].erase("predictions");
            }),
            "claim.property.subject");
}

TEST(PropertyClaim, Numbers) {
  const auto value = [](const std::string& text) { return Property([&](auto& c) { c.results[0].value = text; }); };
  for (const char* good : {"0", "1", "-1", "0.1", "1e-09", "15060"}) EXPECT_EQ(value(good), "ok") << good;
  for (const char* bad : {"", "0.10", "01", "1.0", "+1", ".5", "1e", "inf", "nan", "-0", "0x1", " 1", "1 ", "1e-9",
                          "1,5", "NaN", "null", "Undefined"}) {
    EXPECT_EQ(value(bad), "claim.property.number") << bad;
  }
  EXPECT_EQ(value("undefined"), "claim.property.number");  // without a reason
  EXPECT_EQ(Property([](auto& c) { c.results[0].reason = "because"; }), "claim.property.number");
  EXPECT_EQ(Property([](auto& c) { c.results[2].interval = c.results[0].interval; }), "claim.property.interval");
  const auto interval = [](const std::function<void(Interval&)>& change) {
    return Property([&](auto& c) { change(*c.results[0].interval); });
  };
  EXPECT_EQ(interval([](auto& i) { i.method = ""; }), "claim.property.interval");
  EXPECT_EQ(interval([](auto& i) { i.level = "1"; }), "claim.property.interval");
  EXPECT_EQ(interval([](auto& i) { i.level = "0"; }), "claim.property.interval");
  EXPECT_EQ(interval([](auto& i) { i.level = "0.950"; }), "claim.property.number");
  EXPECT_EQ(interval([](auto& i) { i.lower = "0.9"; }), "claim.property.interval");
  EXPECT_EQ(interval([](auto& i) { i.lower = "undefined"; }), "claim.property.number");
  EXPECT_EQ(interval([](auto& i) { i.upper = "0.8530"; }), "claim.property.number");
  const auto series = [](const std::function<void(Series&)>& change) {
    return Property([&](auto& c) { change(c.series[0]); });
  };
  EXPECT_EQ(series([](auto& s) { s.x.pop_back(); }), "claim.property.series");
  EXPECT_EQ(series([](auto& s) { s.name = ""; }), "claim.property.series");
  EXPECT_EQ(series([](auto& s) { s.y[0] = "0.0"; }), "claim.property.number");
  EXPECT_EQ(Property([](auto& c) { c.series.push_back(c.series[0]); }), "claim.property.series");
}

TEST(PropertyClaim, TwoAnswersToOneQuestion) {
  EXPECT_EQ(Property([](auto& c) { c.results.push_back(c.results[0]); }), "claim.property.duplicate");
  EXPECT_EQ(Property([](auto& c) {
              c.results.push_back(c.results[0]);
              c.results.back().value = "0.85";
              c.results.back().count = 1;
              c.results.back().interval.reset();
            }),
            "claim.property.duplicate");
  for (const auto change : {+[](MetricResult& r) { r.metric = "m"; },
                            +[](MetricResult& r) {
                              r.slice = {{"a", "b"}};
                            },
                            +[](MetricResult& r) {
                              r.where = {{"a", "b"}};
                            },
                            +[](MetricResult& r) {
                              r.given = {{"a", "b"}};
                            },
                            +[](MetricResult& r) { r.across = {"a"}; }, +[](MetricResult& r) { r.column = "a"; },
                            +[](MetricResult& r) { r.label = "a"; }, +[](MetricResult& r) { r.at = "a"; }}) {
    EXPECT_EQ(Property([&](auto& c) {
                c.results.push_back(c.results[0]);
                change(c.results.back());
              }),
              "ok");
  }
}

TEST(InferenceClaim, Rules) {
  const auto inference = [](const std::function<void(InferenceClaim&)>& change) {
    return IdOf<InferenceClaim>(sample::SampleInference(), change);
  };
  EXPECT_EQ(inference([](auto&) {}), "ok");
  EXPECT_EQ(inference([](auto& c) { c.tree_size = 0; }), "claim.inference.tree");
  EXPECT_EQ(inference([](auto& c) { c.tree_size.reset(); }), "ok");
  EXPECT_EQ(inference([](auto& c) { c.input.name = ""; }), "claim.artifact");
  const auto reread = [&](const std::function<void(Selection&)>& change) {
    return inference([&](auto& c) {
      change(*c.rows.selection);
      c.rows.selection_id.digest = SelectionDigest(*c.rows.selection);
    });
  };
  EXPECT_EQ(reread([](Selection& s) { s.target.reset(); }), "ok");
  EXPECT_EQ(reread([](Selection& s) { s.missing = MissingPolicy::kDrop; }), "claim.inference.rows");
  EXPECT_EQ(reread([](Selection& s) { s.filter = {{"age", Comparison::kLess, {"1"}}}; }), "claim.inference.rows");
  EXPECT_EQ(reread([](Selection& s) { s.sensitive = {"sex"}; }), "claim.inference.rows");
  EXPECT_EQ(reread([](Selection& s) { s.columns.clear(); }), "selection.columns");
  EXPECT_EQ(inference([](auto& c) { c.rows.selection_id.digest[0] ^= 1; }), "claim.inference.rows");
  EXPECT_EQ(inference([](auto& c) { c.rows.selection.reset(); }), "claim.inference.rows");
  EXPECT_EQ(inference([](auto& c) {
              c.rows.reading = sample::DigestOf("reading");
              c.rows.selection_id.concealed = true;
            }),
            "ok");
  const auto claim = ParseStatement(WriteStatement(sample::SampleInference()));
  ASSERT_TRUE(claim.ok());
  const auto& read = std::get<InferenceClaim>(*claim);
  EXPECT_EQ(read.output.sha256, sample::DigestOf("output.csv"));
  EXPECT_EQ(read.input.sha256, sample::DigestOf("input.csv"));
  EXPECT_EQ(read.model.sha256, sample::DigestOf("model.safetensors"));
  EXPECT_EQ(read.tree_root, sample::DigestOf("tree"));
  EXPECT_EQ(read.tree_size, 100u);
}

TEST(CertificationClaim, Rules) {
  const auto certification = [](const std::function<void(CertificationClaim&)>& change) {
    return IdOf<CertificationClaim>(sample::SampleCertification(Bytes(44, 1)), change);
  };
  EXPECT_EQ(certification([](auto&) {}), "ok");
  EXPECT_EQ(certification([](auto& c) { c.kind = "program"; }), "claim.certification.kind");
  EXPECT_EQ(certification([](auto& c) { c.kind = "dataset"; }), "ok");
  EXPECT_EQ(certification([](auto& c) { c.name = ""; }), "claim.certification");
  EXPECT_EQ(certification([](auto& c) { c.certifier_key.clear(); }), "claim.certification.key");
  EXPECT_EQ(certification([](auto& c) { c.certifier_key.resize(1025); }), "claim.certification.key");
  EXPECT_EQ(certification([](auto& c) { c.certifier_chain.resize(8, Bytes{1}); }), "ok");
  EXPECT_EQ(certification([](auto& c) { c.certifier_chain.resize(9, Bytes{1}); }), "claim.certification.chain");
  EXPECT_EQ(certification([](auto& c) { c.certifier_chain.resize(1); }), "claim.certification.chain");
}

TEST(EvidenceClaim, Rules) {
  const Bytes key(91, 7);
  const crypto::Digest256 pae = sample::DigestOf("pae"), zero{};
  const auto damaged = [&](const crypto::Digest256* target, const std::function<void(Json&)>& damage) {
    auto value = ParseJson(WriteStatement(sample::SampleEvidence(key, "{}", target)));
    damage(*value);
    const auto again = ParseStatement(DumpJson(*value));
    return again.ok() ? std::string("ok") : again.error().id;
  };
  EXPECT_EQ(damaged(nullptr, [](Json&) {}), "ok");
  EXPECT_EQ(damaged(&pae, [](Json&) {}), "ok");
  EXPECT_EQ(damaged(&zero, [](Json&) {}), "claim.evidence.subject");
  EXPECT_EQ(damaged(&pae, [](Json& j) { j["subject"][0]["name"] = "other"; }), "claim.evidence.subject");
  EXPECT_EQ(damaged(nullptr, [](Json& j) { j["subject"][0]["name"] = "other"; }), "claim.evidence.key");
  EXPECT_EQ(damaged(nullptr, [](Json& j) { j["subject"][0]["digest"]["sha256"] = std::string(64, '1'); }),
            "claim.evidence.key");
  EXPECT_EQ(damaged(&pae, [](Json& j) { j["predicate"]["producer"]["digest"]["sha256"] = std::string(64, '1'); }),
            "claim.evidence.key");
  // A key's evidence is not a statement's, nor the other way round.
  EXPECT_EQ(damaged(nullptr, [](Json& j) { j["predicate"]["attributes"][0]["attribute"] = "TEE_BOUND_STATEMENT"; }),
            "claim.evidence");
  EXPECT_EQ(damaged(&pae, [](Json& j) { j["predicate"]["attributes"][0]["attribute"] = "TEE_BOUND_KEY"; }),
            "claim.evidence");
  const auto descriptor = [&](const std::function<void(Json&)>& damage) {
    return damaged(nullptr, [&](Json& j) { damage(j["predicate"]["attributes"][0]["evidence"]); });
  };
  EXPECT_EQ(descriptor([](Json& e) { e["mediaType"] = "application/cmw+cbor"; }), "claim.evidence.media_type");
  EXPECT_EQ(descriptor([](Json& e) { e["content"] = ""; }), "claim.evidence.content");
  EXPECT_EQ(descriptor([](Json& e) { e["content"] = "e30"; }), "claim.evidence.content");
  EXPECT_EQ(descriptor([](Json& e) { e["annotations"] = {{"nonce", ""}}; }), "claim.evidence.nonce");
  EXPECT_EQ(descriptor([](Json& e) { e["annotations"] = {{"nonce", "0G"}}; }), "claim.evidence.nonce");
  EXPECT_EQ(descriptor([](Json& e) { e["annotations"] = {{"nonce", "00"}}; }), "ok");
  EXPECT_EQ(descriptor([](Json& e) { e["annotations"] = Json::object(); }), "claim.evidence");
}

// Every statement that the specification shows is one: it is read, and written again it says the same.
TEST(Specification, ExamplesAreStatements) {
  std::ifstream file(std::string(ATTESTML_SOURCE_DIR) + "/spec/predicates.md");
  std::stringstream buffer;
  buffer << file.rdbuf();
  const std::string text = buffer.str();
  std::vector<std::string> kinds;
  constexpr std::string_view kOpen = "```json\n";
  for (std::size_t at = text.find(kOpen); at != std::string::npos; at = text.find(kOpen, at)) {
    at += kOpen.size();
    const auto example = ParseJson(text.substr(at, text.find("```", at) - at));
    ASSERT_TRUE(example.ok()) << example.error().message;
    const auto claim = ParseStatement(DumpJson(*example));
    ASSERT_TRUE(claim.ok()) << claim.error().message;
    EXPECT_EQ(WriteStatement(*claim), DumpJson(*example));
    kinds.emplace_back(ClaimKind(*claim));
  }
  EXPECT_EQ(kinds,
            (std::vector<std::string>{"training", "property", "inference", "certification", "evidence", "evidence"}));
}

}  // namespace
}  // namespace attestml::statement
