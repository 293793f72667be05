"""The main job on real public data, against published facts and an independent computation. Skips where the data is not."""
import csv
import json
import math
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tiny  # noqa: E402
from harness import SHARED, SOURCE, Case, properties, result, statements  # noqa: E402

ADULT = SHARED / "datasets/adult"
GERMAN = SHARED / "datasets/german-credit/german.data"
HAVE_ADULT = (ADULT / "adult.data").exists() and (ADULT / "adult.test").exists()
WHY_ADULT = f"no UCI Adult in {ADULT} (set ATTESTML_SHARED)"
ADULT_DATA = ["--data", f"adult-train={ADULT}/adult.data", "--data", f"adult-test={ADULT}/adult.test"]
COLUMNS = ["age", "workclass", "fnlwgt", "education", "education-num", "marital-status", "occupation", "relationship",
           "race", "sex", "capital-gain", "capital-loss", "hours-per-week", "native-country", "income"]


def adult_rows(name):
    rows = []
    with open(ADULT / name, newline="") as file:
        for row in csv.reader(file, skipinitialspace=True):
            if len(row) == len(COLUMNS):
                row[-1] = row[-1].rstrip(".")
                rows.append(dict(zip(COLUMNS, row)))
    return rows


def complete(rows):
    return [row for row in rows if "?" not in row.values()]


@unittest.skipUnless(HAVE_ADULT, WHY_ADULT)
class AdultFacts(Case):
    """Distribution and overlap reproduce what is known of the files."""

    def measure(self, *settings):
        self.run_program("measure", SOURCE / "examples/adult/job.toml", "-o", "out", *ADULT_DATA, *settings)
        return properties(self.tmp / "out/measure.intoto.jsonl")

    def test_whole_files(self):
        found = self.measure("--set", "schema.missing=category")
        distribution = found["distribution"]
        self.assertEqual(distribution["dataset"]["annotations"]["records"]["count"], 32561)
        male = result(distribution, "proportion", where={"sex": "Male"})
        self.assertEqual((float(male["value"]), male["count"]), (21790 / 32561, 32561))
        rich = result(distribution, "proportion", where={"income": ">50K"})
        self.assertEqual(float(rich["value"]), 7841 / 32561)
        for sex, expected in (("Female", 0.109461), ("Male", 0.305737)):
            value = float(result(distribution, "proportion", where={"income": ">50K"}, given={"sex": sex})["value"])
            self.assertAlmostEqual(value, expected, delta=5e-7)
        overlap = found["overlap"]
        self.assertEqual(overlap["dataset"]["annotations"]["records"]["count"], 16281)
        self.assertEqual(result(overlap, "with-label")["value"], "23")
        self.assertEqual(result(overlap, "without-label")["value"], "26")

    def test_rows_without_unknowns(self):
        found = self.measure()
        self.assertEqual(found["distribution"]["dataset"]["annotations"]["records"]["count"], 30162)
        self.assertEqual(found["overlap"]["dataset"]["annotations"]["records"]["count"], 15060)
        self.assertEqual(result(found["overlap"], "with-label")["value"], "19")
        self.assertEqual(result(found["overlap"], "without-label")["value"], "22")

    def test_early_stopping_on_the_test_set_shows(self):
        """Validation on the test file: overlap against every role the model saw says so."""
        settings = ["--set", "train.validation=test", "--set", "train.patience=2", "--set", "train.epochs=2",
                    "--set", 'property.1.against=["train", "test"]']
        self.run_program("run", SOURCE / "examples/adult/job.toml", "-o", "out", *ADULT_DATA, *settings)
        overlap = properties(self.tmp / "out/claims.intoto.jsonl")["overlap"]
        self.assertEqual(result(overlap, "with-label")["value"], "15060")


@unittest.skipUnless(HAVE_ADULT, WHY_ADULT)
class AdultModel(Case):
    """The whole job, three seeds, and its fairness figures from answers alone."""

    def test_accuracy_and_fairness(self):
        accuracies = []
        for seed in (1, 2, 3):
            self.run_program("run", SOURCE / "examples/adult/job.toml", "-o", f"out{seed}", *ADULT_DATA, "--set", f"train.seed={seed}")
            found = properties(self.tmp / f"out{seed}/claims.intoto.jsonl")
            accuracies.append(float(result(found["accuracy"], "accuracy")["value"]))
        mean = sum(accuracies) / 3
        print(f"accuracy on the 15060 rows of adult.test without unknowns: {accuracies}, mean {mean:.4f}")
        self.assertGreaterEqual(mean, 0.85)
        self.check_fairness(found, accuracies[-1])
        self.check_appraisal()

    def check_fairness(self, found, accuracy):
        """Answers of `infer`, judged in plain Python."""
        self.run_program("infer", SOURCE / "examples/adult/job.toml", "-o", "answers", "--model", "out3/model.safetensors",
                         "--input", ADULT / "adult.test")
        with open(self.tmp / "answers/outputs.csv", newline="") as file:
            answers = [row["prediction"] for row in csv.DictReader(file)]
        rows = adult_rows("adult.test")
        self.assertEqual(len(answers), len(rows))
        judged = [(row, answer) for row, answer in zip(rows, answers) if "?" not in row.values()]
        self.assertEqual(len(judged), 15060)
        positive = ">50K"
        self.assertAlmostEqual(sum(r["income"] == a for r, a in judged) / len(judged), accuracy, delta=1e-12)
        fairness = found["fairness"]
        for attributes in (["sex"], ["race"], ["sex", "race"]):
            groups = {}
            for row, answer in judged:
                groups.setdefault(tuple(row[a] for a in attributes), []).append((row["income"] == positive, answer == positive))
            rates = {}
            for group, pairs in groups.items():
                actual = [p for t, p in pairs if t]
                other = [p for t, p in pairs if not t]
                predicted = [t for t, p in pairs if p]
                rates[group] = {"selection-rate": sum(p for _, p in pairs) / len(pairs),
                                "accuracy": sum(t == p for t, p in pairs) / len(pairs),
                                "tpr": sum(actual) / len(actual), "fpr": sum(other) / len(other),
                                "fnr": 1 - sum(actual) / len(actual),
                                "ppv": sum(predicted) / len(predicted) if predicted else None}
                for name, expected in rates[group].items():
                    stated = result(fairness, name, slice=dict(zip(attributes, group)))["value"]
                    if expected is None:
                        self.assertEqual(stated, "undefined")
                    else:
                        self.assertAlmostEqual(float(stated), expected, delta=1e-12, msg=(name, group))

            def spread(name):
                values = [r[name] for r in rates.values()]
                return max(values) - min(values)

            def ratio(name):
                values = [r[name] for r in rates.values()]
                return min(values) / max(values)

            for name, expected in (("demographic-parity-difference", spread("selection-rate")),
                                   ("demographic-parity-ratio", ratio("selection-rate")),
                                   ("equal-opportunity-difference", spread("tpr")),
                                   ("equalized-odds-difference", max(spread("tpr"), spread("fpr"))),
                                   ("equalized-odds-ratio", min(ratio("tpr"), ratio("fpr"))),
                                   ("accuracy-parity-difference", spread("accuracy"))):
                stated = result(fairness, name, across=sorted(attributes))["value"]
                self.assertAlmostEqual(float(stated), expected, delta=1e-12, msg=(name, attributes))

    def check_appraisal(self):
        """The template policy of the example, with what a relying party learns out of band."""
        status = self.tee()
        test = [s["predicate"]["dataset"] for s in statements(self.tmp / "out3/claims.intoto.jsonl")
                if s["predicateType"].startswith("urn:attestml:property") and s["predicate"]["property"] == "accuracy"][0]
        digest = test["annotations"]["selectionDigest"]
        text = (SOURCE / "examples/adult/policy.template.toml").read_text()
        text = text.replace("@MEASUREMENT@", status["program"]["sha256"]).replace("@ROOT@", status["simulated"]["root"])
        text = text.replace("@TEST_SELECTION@", digest if digest.startswith("sha256:") else "sha256:" + digest)
        (self.tmp / "policy.toml").write_text(text)
        report = self.run_json("verify", "out3/claims.intoto.jsonl", "--policy", "policy.toml", "--model",
                               "out3/model.safetensors", "--dataset", ADULT / "adult.data", "--dataset", ADULT / "adult.test")
        self.assertEqual(report["verdict"], "accepted", json.dumps(report["checks"], indent=1))
        print(report["sentence"])
        # The filtered selection must not pass for the whole file.
        whole = "\n".join(line for line in text.splitlines() if not line.startswith("selection ="))
        (self.tmp / "whole.toml").write_text(whole)
        report = self.run_json("verify", "out3/claims.intoto.jsonl", "--policy", "whole.toml", code=6)
        self.assertTrue(any("accurate" in check for check in self.failed(report)), self.failed(report))


@unittest.skipUnless(GERMAN.exists(), f"no German credit in {GERMAN.parent} (set ATTESTML_SHARED)")
class GermanCredit(Case):
    """A second dataset: spaces between fields, one file, a seeded and stratified split."""

    def test_run(self):
        self.run_program("run", SOURCE / "examples/german-credit/job.toml", "-o", "out", "--data", f"german={GERMAN}")
        found = properties(self.tmp / "out/claims.intoto.jsonl")
        distribution = found["distribution"]
        self.assertEqual(float(result(distribution, "proportion", where={"risk": "1"})["value"]), 0.7)
        bad = {"female": [0, 0], "male": [0, 0]}
        for code in ("A91", "A92", "A93", "A94", "A95"):
            try:
                entry = result(distribution, "proportion", where={"risk": "2"}, given={"personal-status": code})
            except AssertionError:
                continue  # A95 has no record
            sex = "female" if code in ("A92", "A95") else "male"
            bad[sex][0] += round(float(entry["value"]) * entry["count"])
            bad[sex][1] += entry["count"]
        self.assertEqual(bad, {"female": [109, 310], "male": [191, 690]})
        self.assertEqual(result(found["overlap"], "with-label")["value"], "0")
        test = found["accuracy"]["dataset"]["annotations"]["records"]["count"]
        self.assertEqual(test, 200)
        accuracy = float(result(found["accuracy"], "accuracy")["value"])
        print(f"accuracy {accuracy} on 200 rows, always saying good is 0.7")
        self.assertGreater(accuracy, 0.7)
        self.assertFalse(math.isnan(accuracy))
        policy = self.starting_policy("out/claims.intoto.jsonl")
        self.assertEqual(self.run_json("verify", "out/claims.intoto.jsonl", "--policy", policy)["verdict"], "accepted")


class Examples(Case):
    """Runs an example of the repository as its README says, up to an accepted bundle."""

    def accuracy_of(self, example, *arguments):
        self.run_program("run", SOURCE / f"examples/{example}/job.toml", "-o", "out", *arguments)
        bundle = self.tmp / "out/claims.intoto.jsonl"
        report = self.run_json("verify", bundle, "--policy", self.starting_policy(bundle), "--model", "out/model.safetensors")
        self.assertEqual(report["verdict"], "accepted")
        accuracy = float(result(properties(bundle)["accuracy"], "accuracy")["value"])
        print(f"{example}: accuracy {accuracy}")
        return accuracy


FASHION = SHARED / "datasets/fashion-mnist"
CIFAR = SHARED / "datasets/cifar-10"
SENTIMENT = SHARED / "datasets/sentiment-labelled/yelp_labelled.txt"


@unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
@unittest.skipUnless((FASHION / "train-images-idx3-ubyte.gz").exists(), f"no Fashion-MNIST in {FASHION} (set ATTESTML_SHARED)")
class FashionMnist(Examples):
    """All 60000 pictures, one epoch: half a minute on two cores."""

    def test_one_epoch(self):
        data = ["--data", f"fashion-train={FASHION}", "--data", f"fashion-test={FASHION}"]
        self.assertGreater(self.accuracy_of("fashion-mnist", *data, "--set", "train.epochs=1"), 0.80)
        found = properties(self.tmp / "out/claims.intoto.jsonl")
        self.assertEqual(found["accuracy"]["dataset"]["annotations"]["records"]["count"], 10000)
        # Known of the file: 6000 of each of ten classes.
        for label in range(10):
            share = result(found["distribution"], "proportion", where={"label": str(label)})
            self.assertEqual((share["value"], share["count"]), ("0.1", 60000))
        # A stronger attack does not make the model better.
        accuracies = [float(result(found["robustness"], "adversarial-accuracy", label="fgsm", at=at,
                                   given={"records": "1000"})["value"]) for at in ("0.01", "0.02", "0.05")]
        self.assertEqual(accuracies, sorted(accuracies, reverse=True))
        self.assertLess(accuracies[2], accuracies[0])


@unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
@unittest.skipUnless((CIFAR / "data_batch_1.first4000.bin").exists(), f"no part of CIFAR-10 in {CIFAR} (set ATTESTML_SHARED)")
class Cifar10(Examples):
    """The first 4000 pictures, three epochs: far above the 0.1 of guessing."""

    def test_part(self):
        data = ["--data", f"cifar-train={CIFAR}", "--data", f"cifar-test={CIFAR}", "--set",
                'dataset.cifar-train.files=["data_batch_1.first4000.bin"]', "--set",
                'dataset.cifar-test.files=["test_batch.first1000.bin"]']
        self.assertGreater(self.accuracy_of("cifar-10", *data, "--set", "train.epochs=3"), 0.30)


@unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
@unittest.skipUnless(SENTIMENT.exists(), f"no labelled sentences at {SENTIMENT} (set ATTESTML_SHARED)")
class Sentiment(Examples):
    def test_yelp(self):
        self.assertGreater(self.accuracy_of("sentiment", "--data", f"yelp={SENTIMENT}"), 0.70)
        found = properties(self.tmp / "out/claims.intoto.jsonl")
        self.assertEqual(found["accuracy"]["dataset"]["annotations"]["records"]["count"], 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
