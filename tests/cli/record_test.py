"""Was this record among the training data? prove-record by the owner of the data, verify-record by anybody."""
import collections
import csv
import hashlib
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from harness import LOANS, SHARED, SOURCE, Case  # noqa: E402

ADULT = SHARED / "datasets/adult"
HAVE_ADULT = (ADULT / "adult.data").exists() and (ADULT / "adult.test").exists()


def canonical(values):
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


class Records(Case):
    def setUp(self):
        super().setUp()
        self.run_loans()
        self.starting_policy("out/claims.intoto.jsonl")
        with open(LOANS / "loans-train.csv", newline="") as file:
            self.rows = [[value if value not in ("", "?") else None for value in row] for row in csv.reader(file)][1:]

    def prove(self, *arguments, name="proof.json"):
        self.run_program("prove-record", LOANS / "job.toml", *arguments, "-o", name)
        return self.tmp / name

    def verify(self, proof, *arguments, code=0):
        return self.run_json("verify-record", proof, "out/claims.intoto.jsonl", "--policy", "policy.toml", *arguments,
                             code=code)

    def answer(self, *arguments, **options):
        return self.verify(*arguments, **options)["record"]["answer"]

    def test_present_by_its_row(self):
        proof = self.prove("--row", "17")
        shown = json.loads(proof.read_text())
        self.assertEqual(json.loads(shown["record"]), self.rows[17])
        report = self.verify(proof, "--expect", "present", "--model", "out/model.safetensors")
        self.assertEqual(report["verdict"], "accepted")
        self.assertEqual(report["record"]["answer"], "present")
        self.assertEqual({use["role"] for use in report["record"]["uses"]}, {"train", "fit"})
        text = self.run_program("verify-record", proof, "out/claims.intoto.jsonl", "-p", "policy.toml").stdout
        self.assertTrue(text.startswith("SIMULATED: no hardware protection\npresent  [\"" + self.rows[17][0] + "\""))
        self.assertIn("The record was among the training records of model sha256:", text)
        self.verify(proof, "--expect", "absent", code=6)

    def test_present_by_its_text_hidden_and_counted(self):
        record = canonical(self.rows[3])
        proof = self.prove("--record", record, "--hide", "--count")
        self.assertNotIn("record", json.loads(proof.read_text()))
        self.assertEqual(self.answer(proof, code=6), "unknown")
        report = self.verify(proof, "--record", record)
        self.assertEqual(report["record"]["answer"], "present")
        self.assertEqual(report["record"]["uses"][0]["times"], self.rows.count(self.rows[3]))
        self.assertEqual(self.answer(proof, "--record", canonical(self.rows[4]), code=6), "unknown")
        (self.tmp / "record.txt").write_text(record + "\n")
        self.assertEqual(self.answer(proof, "--record", "@record.txt"), "present")

    def test_absent(self):
        with open(LOANS / "loans-test.csv", newline="") as file:
            other = [[value if value not in ("", "?") else None for value in row] for row in csv.reader(file)][1:]
        stranger = next(row for row in other if row not in self.rows)
        proof = self.prove("--record", canonical(stranger))
        report = self.verify(proof, "--expect", "absent")
        self.assertEqual(report["record"]["answer"], "absent")
        self.assertIn("was not among the training data", report["record"]["sentence"])
        self.verify(proof, "--expect", "present", code=6)
        self.assertEqual(self.answer(proof, "--dataset", LOANS / "loans-train.csv", "--role", "train"), "absent")
        report = self.verify(proof, "--dataset", LOANS / "loans-test.csv", code=6)
        self.assertEqual(self.failed(report), {"record.coverage"})

    def test_a_view_that_was_not_trained_on(self):
        proof = self.prove("--view", "test", "--row", "0")
        report = self.verify(proof, code=6)
        self.assertEqual((self.failed(report), report["record"]["answer"]), ({"record.tree"}, "unknown"))

    def test_what_is_no_record(self):
        other = list(self.rows[3])
        other[0] += ".0"
        failed = self.run_program("prove-record", LOANS / "job.toml", "--record", canonical(other), code=2)
        self.assertIn("prove.record", failed.stderr)
        self.assertIn("age", failed.stderr)

    def test_changed_proofs(self):
        proof = self.prove("--row", "17")
        good = json.loads(proof.read_text())

        def changed(change, code):
            text = json.loads(json.dumps(good))
            change(text["trees"][0])
            (self.tmp / "other.json").write_text(json.dumps(text))
            report = self.verify("other.json", code=code)
            self.assertEqual(report["record"]["answer"], "unknown")
            return report

        self.assertEqual(self.failed(changed(lambda t: t.update(index=t["index"] ^ 1), 6)), {"record.proof"})
        self.assertEqual(self.failed(changed(lambda t: t["proof"].pop(), 6)), {"record.proof"})
        self.assertIn("record.tree", self.failed(changed(lambda t: t.update(size=t["size"] + 1), 6)))
        report = changed(lambda t: t.update(answer="absent"), 3)
        self.assertEqual(report["error"]["id"], "record-proof.neighbour")

    def test_the_bundle_must_verify_and_the_policy_accept(self):
        proof = self.prove("--row", "17")
        bundle = self.tmp / "out/claims.intoto.jsonl"
        bundle.write_text("".join(bundle.read_text().splitlines(keepends=True)[:-1]))
        report = self.verify(proof, code=5)
        self.assertEqual(report["record"]["answer"], "unknown")
        empty = self.tmp / "empty.toml"
        empty.write_text('[trust]\ntcb-status = ["UpToDate"]\n')
        self.run_loans("again")
        report = self.run_json("verify-record", proof, "again/claims.intoto.jsonl", "--policy", empty, code=5)
        self.assertEqual(report["record"]["answer"], "unknown")

    def test_usage(self):
        for arguments in (["--row", "100000"], [], ["--view", "nothing", "--row", "0"],
                          ["--row", "1", "--record", "[]"]):
            self.run_program("prove-record", LOANS / "job.toml", *arguments, "-o", "no.json", code=2)
            self.assertFalse((self.tmp / "no.json").exists())

    def test_files_over_the_caps_of_their_format(self):
        policy = self.tmp / "large.toml"
        policy.write_text("#" * (1 << 20) + "\n")
        out = self.run_program("verify", "out/claims.intoto.jsonl", "--policy", policy, code=2)
        self.assertIn("[policy.size]", out.stderr)
        bundle = self.tmp / "large.jsonl"
        with open(bundle, "wb") as file:
            file.truncate((64 << 20) + 1)
        report = self.run_json("verify", bundle, "--policy", "policy.toml", code=3)
        self.assertEqual(report["error"]["id"], "bundle.size")


@unittest.skipUnless(HAVE_ADULT, f"no UCI Adult in {ADULT} (set ATTESTML_SHARED)")
class AdultRecords(Case):
    """On the real files: against a reading of them that shares no code with the product."""

    def test_real_records(self):
        def read(name):
            with open(ADULT / name, newline="") as file:
                rows = [row for row in csv.reader(file, skipinitialspace=True) if len(row) == 15 and "?" not in row]
            numeric = (0, 2, 4, 10, 11, 12)
            for row in rows:
                row[14] = row[14].rstrip(".")
                for column in numeric:
                    # Whole numbers: shortest of the two notations.
                    value = int(row[column])
                    digits = str(value).rstrip("0")
                    if value and len(digits) == 1 and len(str(value)) > 5:
                        row[column] = f"{digits}e+{len(str(value)) - 1:02}"
            return rows

        train, test = read("adult.data"), read("adult.test")
        data = ["--data", f"adult-train={ADULT}/adult.data", "--data", f"adult-test={ADULT}/adult.test"]
        job = SOURCE / "examples/adult/job.toml"
        self.run_program("train", job, "-o", "out", "--set", "train.epochs=1", *data)
        bundle = "out/train.intoto.jsonl"
        self.starting_policy(bundle)
        (self.tmp / "policy.toml").write_text(
            (self.tmp / "policy.toml").read_text().split("[[require]]")[0] + '[[require]]\nclaim = "training"\n')
        counts = collections.Counter(map(tuple, train))
        twice = next(row for row, times in counts.items() if times > 1)
        both = next(row for row in map(tuple, test) if row in counts)
        stranger = next(row for row in map(tuple, test) if row not in counts)
        for row, answer in ((twice, "present"), (both, "present"), (stranger, "absent")):
            self.run_program("prove-record", job, "--view", "train", "--record", canonical(row), "--count", "-o",
                             "proof.json", *data)
            report = self.run_json("verify-record", "proof.json", bundle, "--policy", "policy.toml", "--dataset",
                                   ADULT / "adult.data", "--role", "train")
            self.assertEqual(report["record"]["answer"], answer)
            asked = [use for use in report["record"]["uses"] if use["asked"]]
            self.assertEqual([use["times"] for use in asked], [counts.get(row, 0)])
            self.assertLess((self.tmp / "proof.json").stat().st_size, 8192)


if __name__ == "__main__":
    unittest.main()
