"""Concealed runs as their owner, a stranger and an auditor see them. spec/concealment.md."""
import csv
import hashlib
import json
import pathlib
import re
import stat
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from harness import LOANS, Case, statements  # noqa: E402


class Concealed(Case):
    def setUp(self):
        super().setUp()
        self.run_program("keygen", "owner.secret", "--type", "owner-secret")
        self.run_loans("out", "--set", "conceal=true", "--owner-secret", "owner.secret")

    def verify(self, *more, policy="policy.toml", code=0):
        return self.run_json("verify", "out/claims.intoto.jsonl", "-p", policy, *more, code=code)

    def test_nothing_that_can_be_guessed_is_in_the_bundle(self):
        text = json.dumps(statements(self.tmp / "out/claims.intoto.jsonl"))
        job = (self.tmp / "out/job.toml").read_text()
        self.assertIn("conceal = true", job)
        for name in ("loans-train.csv", "loans-test.csv"):
            self.assertNotIn(hashlib.sha256((LOANS / name).read_bytes()).hexdigest(), text)
            self.assertNotIn(name[:-4], text)
        log = (self.tmp / "out/training-log.csv").read_bytes()
        self.assertNotIn(hashlib.sha256(log).hexdigest(), text)
        opening = json.loads((self.tmp / "out/opening.json").read_text())
        values = {item["kind"]: item["value"] for item in opening["items"]}
        self.assertEqual(set(values), {"file", "selection", "reading", "records", "job", "byproduct"})
        for item in opening["items"]:
            plain = json.dumps(item["value"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            self.assertNotIn(hashlib.sha256(plain).hexdigest(), text)
            for digest in re.findall(r"[0-9a-f]{64}", plain.decode()):
                self.assertNotIn(digest, text)
        self.assertEqual(values["job"]["train"]["epochs"], 3)
        secret = (self.tmp / "owner.secret").read_text().strip()
        self.assertNotIn(secret, text + json.dumps(opening))
        for private in ("owner.secret", "out/opening.json"):
            self.assertEqual(stat.S_IMODE((self.tmp / private).stat().st_mode), 0o600)
        card = (self.tmp / "out/card.md").read_text() + (self.tmp / "out/card.json").read_text()
        self.assertNotIn("loans-train", card)
        # A statement elsewhere has digests of nothing else either: all that is left are the model's and commitments.
        plain = self.run_loans("plain")
        self.assertTrue(plain["statements"])
        shown = set(re.findall(r"[0-9a-f]{64}", json.dumps(statements(self.tmp / "plain/claims.intoto.jsonl")[:-1])))
        still = shown & set(re.findall(r"[0-9a-f]{64}", text))
        model = hashlib.sha256((self.tmp / "out/model.safetensors").read_bytes()).hexdigest()
        self.assertLessEqual(still, {model})

    def test_policies_hold_by_commitment_and_with_an_opening(self):
        policy = self.starting_policy("out/claims.intoto.jsonl").read_text()
        self.assertIn('"commitment:', policy)
        report = self.verify()
        self.assertEqual(report["verdict"], "accepted")
        self.assertIn("a concealed dataset", report["sentence"])
        self.assertNotIn("loans", report["sentence"])
        # The plain run's policy asks about files by name: unknown, until the owner shows them.
        self.run_loans("plain")
        self.starting_policy("plain/claims.intoto.jsonl", name="plain.toml")
        self.verify(policy="plain.toml", code=6)
        text = (self.tmp / "plain.toml").read_text()
        # Another model's digest: the concealed job is another job, the training the same.
        models = [hashlib.sha256((self.tmp / out / "model.safetensors").read_bytes()).hexdigest() for out in ("plain", "out")]
        (self.tmp / "plain.toml").write_text(text.replace(models[0], models[1]))
        self.verify(policy="plain.toml", code=6)
        opened = self.verify("--opening", "out/opening.json", "--dataset", LOANS / "loans-train.csv", policy="plain.toml")
        self.assertEqual(opened["verdict"], "accepted")
        self.assertIn("loans-train", opened["sentence"])
        self.verify("--dataset", LOANS / "loans-train.csv", code=6)

    def test_part_of_an_opening(self):
        self.starting_policy("out/claims.intoto.jsonl")
        self.run_program("opening", "out/opening.json", "--only", "job", "-o", "job.json")
        part = json.loads((self.tmp / "job.json").read_text())
        self.assertEqual([item["kind"] for item in part["items"]], ["job"])
        (self.tmp / "job.toml").write_text((self.tmp / "policy.toml").read_text() +
                                           '\n[[require]]\nid = "epochs"\nclaim = "training"\njob = { "train.epochs" = 3 }\n')
        refused = self.verify(policy="job.toml", code=6)
        self.assertEqual(self.failed(refused), {"policy.require.epochs"})
        self.assertNotIn("loans", self.verify("--opening", "job.json", policy="job.toml")["sentence"])
        (self.tmp / "bad.json").write_text("{}")
        self.assertIn("opening.member", self.run_program("verify", "out/claims.intoto.jsonl", "-p", "policy.toml",
                                                         "--opening", "bad.json", code=3).stderr)
        self.run_program("opening", "out/opening.json", "--only", "everything", code=2)

    def test_records(self):
        self.starting_policy("out/claims.intoto.jsonl")
        arguments = ["prove-record", LOANS / "job.toml", "--set", "conceal=true", "--set", "train.epochs=3"]
        secret = ["--owner-secret", "owner.secret"]
        self.run_program(*arguments, "--row", "17", *secret, "-o", "proof.json")
        proof = json.loads((self.tmp / "proof.json").read_text())
        self.assertEqual(len(proof["trees"][0]["salt"]), 64)
        verify = ["verify-record", "proof.json", "out/claims.intoto.jsonl", "-p", "policy.toml"]
        self.assertEqual(self.run_json(*verify)["record"]["answer"], "present")
        for field in ("salt", "root"):
            bent = json.loads(json.dumps(proof))
            bent["trees"][0][field] = "0" * 64
            (self.tmp / "bent.json").write_text(json.dumps(bent))
            self.assertEqual(self.run_json("verify-record", "bent.json", *verify[2:], code=6)["record"]["answer"], "unknown")
        # A plain proof needs the plain root.
        self.run_program(*arguments, "--row", "17", "-o", "proof.json")
        self.assertEqual(self.run_json(*verify, code=6)["record"]["answer"], "unknown")
        self.assertEqual(self.run_json(*verify, "--opening", "out/opening.json")["record"]["answer"], "present")
        # Absence: not in the salted tree; with an opening, yes.
        with open(LOANS / "loans-train.csv", newline="") as file:
            row = list(csv.reader(file))[18]
        stranger = json.dumps([None if v in ("", "?") else v for v in row[:-2]] + ["9999", row[-1]],
                              ensure_ascii=False, separators=(",", ":"))
        self.assertIn("prove.absent", self.run_program(*arguments, "--record", stranger, *secret, code=2).stderr)
        self.run_program(*arguments, "--record", stranger, "-o", "proof.json")
        self.assertEqual(self.run_json(*verify, code=6)["record"]["answer"], "unknown")
        self.assertEqual(self.run_json(*verify, "--opening", "out/opening.json")["record"]["answer"], "absent")

    def test_one_owner_two_runs(self):
        # The dataset's owner states its distribution; who trains under the same secret speaks of the same data.
        self.run_json("measure", LOANS / "job.toml", "-o", "data", "--set", "conceal=true", "--owner-secret", "owner.secret")
        data = {s["predicate"]["property"]: s["predicate"] for s in statements(self.tmp / "data/measure.intoto.jsonl")[:-1]}
        own = [s["predicate"] for s in statements(self.tmp / "out/claims.intoto.jsonl")
               if s["predicateType"] == "urn:attestml:property:v1"]
        for predicate in own:
            if predicate["property"] in data:
                self.assertEqual(predicate["dataset"], data[predicate["property"]]["dataset"])
        self.run_program("keygen", "other.secret", "--type", "owner-secret")
        self.run_json("measure", LOANS / "job.toml", "-o", "other", "--set", "conceal=true", "--owner-secret", "other.secret")
        other = statements(self.tmp / "other/measure.intoto.jsonl")[0]["predicate"]["dataset"]
        self.assertNotEqual(other["digest"], data["distribution"]["dataset"]["digest"])
        self.assertNotEqual(other["annotations"]["records"]["root"],
                            data["distribution"]["dataset"]["annotations"]["records"]["root"])

    def test_refusals(self):
        conceal = ["run", LOANS / "job.toml", "-o", "no", "--set", "train.epochs=1", "--set", "conceal=true"]
        self.assertIn("prove.owner_secret", self.run_program(*conceal, code=2).stderr)
        (self.tmp / "bad.secret").write_text("secret\n")
        self.assertIn("cli.owner_secret", self.run_program(*conceal, "--owner-secret", "bad.secret", code=2).stderr)
        self.assertIn("prove.conceal", self.run_program(*conceal, "--owner-secret", "owner.secret", "--set",
                                                        "train.checkpoint-epochs=1", code=2).stderr)
        self.assertFalse((self.tmp / "no").exists())


class Bounds(Case):
    def job(self, bounds):
        text = (LOANS / "job.toml").read_text()
        head = text[:text.index("[[property]]")].replace('path = "', f'path = "{LOANS}/')
        (self.tmp / "job.toml").write_text(head + f'[[property]]\nname = "accuracy"\non = "test"\nbounds = {bounds}\n\n'
                                                  '[tee]\ndevice = "simulated"\n')
        return ["run", "job.toml", "--set", "train.epochs=3", "-o", "out"]

    def test_a_bound_is_all_that_is_told(self):
        self.run_program(*self.job('{ accuracy = ">= 0.60", roc-auc = ">= 0.5" }'))
        claim = statements(self.tmp / "out/claims.intoto.jsonl")[1]["predicate"]
        self.assertEqual({(r["metric"], r["bound"]) for r in claim["results"]}, {("accuracy", ">= 0.6"), ("roc-auc", ">= 0.5")})
        self.assertNotIn("series", claim)
        for result in claim["results"]:
            self.assertLessEqual(set(result), {"metric", "bound", "count"})
        self.starting_policy("out/claims.intoto.jsonl")
        report = self.run_json("verify", "out/claims.intoto.jsonl", "-p", "policy.toml")
        self.assertIn("at least", report["sentence"])
        policy = (self.tmp / "policy.toml").read_text()
        self.assertIn('value = ">= 0.6"', policy)
        (self.tmp / "policy.toml").write_text(policy.replace('value = ">= 0.6"', 'value = ">= 0.61"'))
        self.run_json("verify", "out/claims.intoto.jsonl", "-p", "policy.toml", code=6)
        self.assertIn("≥ 0.6" if "≥" in (self.tmp / "out/card.md").read_text() else ">= 0.6",
                      (self.tmp / "out/card.md").read_text().replace("\\>", ">").replace("&gt;", ">"))

    def test_a_bound_that_does_not_hold_states_nothing(self):
        out = self.run_program(*self.job('{ accuracy = ">= 0.999" }'), code=6)
        self.assertIn("prove.bound", out.stderr)
        self.assertFalse((self.tmp / "out").exists())
        out = self.run_program(*self.job('{ accurracy = ">= 0.5" }'), code=6)
        self.assertIn("accurracy", out.stderr)
        self.run_program(*self.job('{ accuracy = "0.5" }'), code=2)
        self.run_program(*self.job('{ accuracy = "interval.lower >= 0.5" }'))


if __name__ == "__main__":
    unittest.main()
