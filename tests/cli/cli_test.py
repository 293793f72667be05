"""The programs end to end on the loans example: what a user types, and what comes out."""
import base64
import hashlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from harness import BIN, LOANS, Case, properties, result, statements  # noqa: E402


class Chain(Case):
    """From a CSV file to a verified sentence."""

    def test_run_leaves_what_it_says(self):
        summary = self.run_loans()
        out = self.tmp / "out"
        self.assertEqual({f.name for f in out.iterdir()},
                         {"model.safetensors", "claims.intoto.jsonl", "card.md", "card.json", "training-log.csv", "job.toml"})
        for file in summary["files"]:
            self.assertEqual(hashlib.sha256((out / file["name"]).read_bytes()).hexdigest(), file["sha256"])
        self.assertEqual(set(summary["timing"]), {"startUp", "preprocessing", "computation", "proving", "wall", "cpu"})
        job = self.run_json("run", out / "job.toml", "-o", "again", "--data", f"loans-train={LOANS}/loans-train.csv",
                            "--data", f"loans-test={LOANS}/loans-test.csv")
        self.assertEqual((out / "model.safetensors").read_bytes(), (self.tmp / "again/model.safetensors").read_bytes())
        self.assertEqual((out / "job.toml").read_text(), (self.tmp / "again/job.toml").read_text())
        self.assertEqual(job["program"], summary["program"])

    def test_verify_accepts_with_the_sentence_and_the_files_held(self):
        self.run_loans()
        policy = self.starting_policy("out/claims.intoto.jsonl")
        report = self.run_json("verify", "out/claims.intoto.jsonl", "--policy", policy, "--model", "out/model.safetensors",
                               "--dataset", LOANS / "loans-train.csv", "--dataset", LOANS / "loans-test.csv")
        self.assertEqual(report["verdict"], "accepted")
        self.assertTrue(report["simulated"])
        self.assertEqual(report["tee"], "simulated")
        self.assertEqual(report["version"], 1)
        for member in ("claims", "checks"):
            self.assertTrue(report[member])
        for check in report["checks"]:
            self.assertLessEqual({"id", "verdict", "seen", "wanted"}, set(check))
        model = hashlib.sha256((self.tmp / "out/model.safetensors").read_bytes()).hexdigest()
        train = hashlib.sha256((LOANS / "loans-train.csv").read_bytes()).hexdigest()
        self.assertIn(model[:8], report["sentence"])
        self.assertIn(train[:8], report["sentence"])
        text = self.run_program("verify", "out/claims.intoto.jsonl", "--policy", policy).stdout
        self.assertTrue(text.startswith("SIMULATED: no hardware protection"), text[:100])

    def test_three_parties_and_a_client(self):
        self.run_program("measure", LOANS / "job.toml", "-o", "owner")
        self.run_program("train", LOANS / "job.toml", "-o", "trainer", "--set", "train.epochs=3")
        self.run_program("evaluate", LOANS / "job.toml", "-o", "evaluator", "--model", "trainer/model.safetensors")
        key = self.run_program("keygen", "k.pem", "--type", "ed25519").stdout.strip()
        self.assertRegex(key, r"^sha256:[0-9a-f]{64}$")
        self.assertEqual((self.tmp / "k.pem").stat().st_mode & 0o777, 0o600)
        self.run_program("certify", "trainer/model.safetensors", "--as", "Bank 1", "--key", "k.pem", "-o", "cert.jsonl")
        rows = (LOANS / "loans-test.csv").read_text().splitlines(keepends=True)[:6]
        (self.tmp / "rows.csv").write_text("".join(rows))
        nonce = "00ff17"
        self.run_program("infer", LOANS / "job.toml", "-o", "answer", "--model", "trainer/model.safetensors", "--input",
                         "rows.csv", "--nonce", nonce, "--receipts")
        status = self.tee()
        template = (LOANS / "policy.template.toml").read_text()
        template = template.replace("@MEASUREMENT@", status["program"]["sha256"])
        template = template.replace("@ROOT@", status["simulated"]["root"]).replace("@CERTIFIER@", key)
        template = template.replace('">= 0.78"', '">= 0.5"').replace('"<= 0.20"', '"<= 1"')
        (self.tmp / "policy.toml").write_text(template)
        bundles = ["owner/measure.intoto.jsonl", "trainer/train.intoto.jsonl", "evaluator/evaluate.intoto.jsonl",
                   "answer/infer.intoto.jsonl", "cert.jsonl"]
        asked = ["--policy", "policy.toml", "--input", "rows.csv", "--output", "answer/outputs.csv", "--nonce", nonce]
        report = self.run_json("verify", *bundles, *asked)
        self.assertEqual(report["verdict"], "accepted", report)
        self.assertIn("Bank 1", report["sentence"])
        # Any order of files.
        self.assertEqual(self.run_json("verify", *reversed(bundles), *asked)["verdict"], "accepted")
        # Without the training statement there is no edge from the model to its data.
        self.assertEqual(self.run_json("verify", *bundles[:1], *bundles[2:], *asked, code=6)["verdict"], "rejected")
        # Another nonce, another input, an answer changed.
        self.assertEqual(self.run_json("verify", *bundles, *asked[:-1], "00ff18", code=6)["verdict"], "rejected")
        (self.tmp / "rows2.csv").write_text("".join(rows) + rows[-1])
        self.assertEqual(self.run_json("verify", *bundles, "--policy", "policy.toml", "--input", "rows2.csv", "--output",
                                       "answer/outputs.csv", "--nonce", nonce, code=6)["verdict"], "rejected")
        # One row of the bulk answer, by its receipt.
        receipts = (self.tmp / "answer/receipts.jsonl").read_text().splitlines()
        outputs = (self.tmp / "answer/outputs.csv").read_text().splitlines()
        self.assertEqual(len(receipts), 5)
        (self.tmp / "r.json").write_text(receipts[2])
        (self.tmp / "row").write_text(rows[3].rstrip("\n"))
        (self.tmp / "line").write_text(outputs[3])
        one = ["--policy", "policy.toml", "--receipt", "r.json", "--input", "row", "--output", "line", "--nonce", nonce]
        self.assertEqual(self.run_json("verify", *bundles, *one)["verdict"], "accepted")
        # Cut out with its line end, it is the same row.
        (self.tmp / "row").write_text(rows[3])
        (self.tmp / "line").write_text(outputs[3] + "\r\n")
        self.assertEqual(self.run_json("verify", *bundles, *one)["verdict"], "accepted")
        (self.tmp / "line").write_text(outputs[3] + "\n\n")
        self.assertIn("receipt.output", self.failed(self.run_json("verify", *bundles, *one, code=6)))
        (self.tmp / "line").write_text(outputs[2])
        report = self.run_json("verify", *bundles, *one, code=6)
        self.assertIn("receipt.output", self.failed(report))
        (self.tmp / "line").write_text(outputs[3])
        (self.tmp / "r.json").write_text(receipts[2].replace('"index":2', '"index":1'))
        report = self.run_json("verify", *bundles, *one, code=6)
        self.assertIn("receipt.proof", self.failed(report))
        # The card of what was accepted.
        self.run_program("card", *bundles, *asked, "-o", "card.md")
        self.assertIn("Bank 1", (self.tmp / "card.md").read_text())
        self.run_program("card", *bundles, *asked, "-o", "card.json")
        json.loads((self.tmp / "card.json").read_text())

    def test_quote_each_statement(self):
        self.run_loans("out", "--quote-each")
        kinds = [s["predicateType"] for s in statements(self.tmp / "out/claims.intoto.jsonl")]
        quotes = [k for k in kinds if "scai" in k]
        self.assertEqual(len(quotes) * 2, len(kinds))
        policy = self.starting_policy("out/claims.intoto.jsonl")
        self.assertEqual(self.run_json("verify", "out/claims.intoto.jsonl", "--policy", policy)["verdict"], "accepted")
        # One statement's evidence does not speak for another: dropping any one piece fails the bundle.
        lines = (self.tmp / "out/claims.intoto.jsonl").read_text().splitlines(keepends=True)
        (self.tmp / "less.jsonl").write_text("".join(l for i, l in enumerate(lines) if i != kinds.index(quotes[0])))
        self.assertEqual(self.run_json("verify", "less.jsonl", "--policy", policy, code=5)["verdict"], "untrusted")

    def test_model_file_is_plain_safetensors(self):
        self.run_loans()
        data = (self.tmp / "out/model.safetensors").read_bytes()
        size = struct.unpack("<Q", data[:8])[0]
        header = json.loads(data[8:8 + size])
        header.pop("__metadata__")
        self.assertEqual(set(header), {"0.weight", "0.bias", "2.weight", "2.bias"})
        self.assertEqual(header["0.weight"]["shape"][0], 32)

    def test_set_changes_the_job_that_is_stated(self):
        self.run_loans("a")
        self.run_loans("b", "--set", "train.seed=2")
        jobs = [properties(self.tmp / d / "claims.intoto.jsonl")["accuracy"]["run"]["job"] for d in ("a", "b")]
        self.assertEqual([j["train"]["seed"] for j in jobs], [1, 2])
        self.assertEqual([j["train"]["epochs"] for j in jobs], [3, 3])
        self.assertNotEqual((self.tmp / "a/model.safetensors").read_bytes(), (self.tmp / "b/model.safetensors").read_bytes())
        self.assertNotIn("loans-train.csv", json.dumps(jobs[0]))

    def test_a_column_of_scores_is_audited_without_a_model(self):
        rows = ["sex,score,bought"]
        for i in range(200):
            rows.append(f"{'f' if i % 2 else 'm'},{(i * 37 % 100) / 100},{int(i * 53 % 100 > 40)}")
        (self.tmp / "scores.csv").write_text("\n".join(rows) + "\n")
        (self.tmp / "audit.toml").write_text("""
[dataset.scores]
path = "scores.csv"
[schema]
columns = [ { name = "sex" }, { name = "score", type = "numeric" }, { name = "bought" } ]
target = { column = "bought", positive = "1" }
sensitive = ["sex"]
[[property]]
name = "fairness"
on = "scores"
predictions = { column = "score", threshold = 0.5 }
[tee]
device = "simulated"
""")
        self.run_program("measure", "audit.toml", "-o", "out")
        predicate = properties(self.tmp / "out/measure.intoto.jsonl")["fairness"]
        self.assertNotIn("model", predicate)
        women = [i for i in range(200) if i % 2]
        rate = sum((i * 37 % 100) / 100 >= 0.5 for i in women) / len(women)
        self.assertEqual(float(result(predicate, "selection-rate", slice={"sex": "f"})["value"]), rate)


class Refusals(Case):
    """What verify must refuse, through the programs."""

    def setUp(self):
        super().setUp()
        self.run_loans()
        self.bundle = self.tmp / "out/claims.intoto.jsonl"
        self.policy = self.starting_policy(self.bundle)

    def refused(self, text, code, verdict, name="changed.jsonl", **kwargs):
        (self.tmp / name).write_text(text)
        report = self.run_json("verify", name, "--policy", self.policy, code=code)
        self.assertEqual(report["verdict"], verdict)
        self.assertEqual(report["sentence"], "")
        return report

    def test_changes_to_the_bundle(self):
        text = self.bundle.read_text()
        lines = text.splitlines(keepends=True)
        self.refused(text.replace('"sig":"M', '"sig":"N', 1), 5, "untrusted")
        self.refused(text[:-40], 3, "malformed")
        self.refused("".join(lines[:-1]), 5, "untrusted")  # without its evidence
        self.refused(lines[0][:-2] + ',"payload":"e30="}\n', 3, "malformed")
        self.refused(text + "\n{}\n", 3, "malformed")
        self.refused("", 3, "malformed")

    def test_another_model_or_dataset_held(self):
        (self.tmp / "other.bin").write_bytes(b"not the model")
        report = self.run_json("verify", self.bundle, "--policy", self.policy, "--model", "other.bin", code=6)
        self.assertIn("policy.model", self.failed(report))
        report = self.run_json("verify", self.bundle, "--policy", self.policy, "--dataset", "other.bin", code=6)
        self.assertIn("policy.dataset", self.failed(report))

    def test_simulated_evidence_never_passes_for_hardware(self):
        text = self.policy.read_text()
        hardware = re.sub(r'tee = "simulated".*', 'tee = "sgx"', text)
        hardware = re.sub(r'root = "sha256:.*\n', "", hardware)
        (self.tmp / "hardware.toml").write_text(hardware)
        report = self.run_json("verify", self.bundle, "--policy", "hardware.toml", code=5)
        self.assertEqual(report["verdict"], "untrusted")

    def test_another_program_or_one_that_may_not_say_it(self):
        text = self.policy.read_text()
        (self.tmp / "p.toml").write_text(re.sub(r'mrenclave = "[0-9a-f]{4}', 'mrenclave = "0000', text))
        self.assertIn("policy.program", self.failed(self.run_json("verify", self.bundle, "--policy", "p.toml", code=6)))
        (self.tmp / "p.toml").write_text(re.sub(r"may-state = .*", 'may-state = ["inference"]', text))
        self.assertIn("policy.may_state", self.failed(self.run_json("verify", self.bundle, "--policy", "p.toml", code=6)))

    def test_empty_policy_accepts_nothing(self):
        (self.tmp / "empty.toml").write_text("")
        report = self.run_program("verify", self.bundle, "--policy", "empty.toml", code=None)
        self.assertIn(report.returncode, (5, 6))

    def test_policy_typo_is_an_error(self):
        (self.tmp / "typo.toml").write_text(self.policy.read_text().replace("[[require]]\n", "[[requires]]\n", 1))
        out = self.run_program("verify", self.bundle, "--policy", "typo.toml", code=2)
        self.assertIn("policy.unknown_key", out.stderr)
        self.assertIn('"require"', out.stderr)

    def test_time(self):
        report = self.run_json("verify", self.bundle, "--policy", self.policy, "--at", "2040-01-01", code=5)
        self.assertEqual(report["verdict"], "untrusted")
        report = self.run_json("verify", self.bundle, "--policy", self.policy, "--at", "2020-01-01", code=5)
        self.assertEqual(report["verdict"], "untrusted")


class BadInput(Case):
    """Bad input gets a clear error and loses nothing."""

    def nothing_left(self, folder="out"):
        path = self.tmp / folder
        self.assertFalse(path.exists() and any(path.iterdir()), list(path.iterdir()) if path.exists() else "")

    def test_bad_row_names_file_line_and_column(self):
        lines = (LOANS / "loans-train.csv").read_text().splitlines(keepends=True)
        lines[100] = lines[100].replace(",", ";", 3)
        (self.tmp / "bad.csv").write_text("".join(lines))
        out = self.run_program("run", LOANS / "job.toml", "-o", "out", "--data", "loans-train=bad.csv", code=3)
        self.assertRegex(out.stderr, r"bad\.csv: .*:101:\d+")
        self.nothing_left()

    def test_missing_file_and_dataset(self):
        out = self.run_program("run", LOANS / "job.toml", "-o", "out", "--data", "loans-train=nowhere.csv", code=7)
        self.assertIn("nowhere.csv", out.stderr)
        out = self.run_program("run", LOANS / "job.toml", "-o", "out", "--data", "loan=x.csv", code=2)
        self.assertIn("--data", out.stderr)
        self.run_program("run", "nojob.toml", code=7)
        self.nothing_left()

    def test_digest_in_the_job_is_held(self):
        self.run_program("measure", LOANS / "job.toml", "-o", "out", "--set", "dataset.loans-train.sha256=" + "ab" * 32, code=5)
        self.nothing_left()

    def test_no_tee_no_run(self):
        out = self.run_program("measure", LOANS / "job.toml", "-o", "out", "--set", 'tee.device=""', code=2)
        self.assertIn("simulated", out.stderr)
        self.nothing_left()

    def test_output_that_cannot_be_written(self):
        (self.tmp / "file").write_text("")
        out = self.run_program("measure", LOANS / "job.toml", "-o", "file", code=7)
        self.assertIn("file", out.stderr)
        self.assertEqual((self.tmp / "file").read_text(), "")

    def test_full_disk_leaves_nothing(self):
        """A file-size limit stands for a full disk: the write fails half-way."""
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
        self.tee()
        out = self.run_program("measure", LOANS / "job.toml", "-o", "out", code=7, preexec_fn=limit)
        self.assertIn("file.write", out.stderr)
        self.nothing_left()
        stdout = subprocess.run(f"'{BIN}/attestml' tee status > /dev/full", shell=True, env=self.environment(),
                                capture_output=True, text=True)
        self.assertEqual(stdout.returncode, 7, stdout.stderr)

    def test_killed_half_way(self):
        for sent in (signal.SIGINT, signal.SIGKILL):
            process = subprocess.Popen([BIN / "attestml", "run", LOANS / "job.toml", "-o", "out", "--set", "train.epochs=100000"],
                                       cwd=self.tmp, env=self.environment(), stderr=subprocess.PIPE, stdout=subprocess.PIPE)
            self.wait_until_signals_are_taken(process)
            time.sleep(0.5)  # into the training, which has 100000 epochs and has written nothing
            process.send_signal(sent)
            _, stderr = process.communicate(timeout=30)
            self.assertNotEqual(process.returncode, 0)
            if sent == signal.SIGINT:  # a checkpoint to go on from, and no claim
                self.assertIn(b"interrupted", stderr)
                self.assertEqual([path.name for path in (self.tmp / "out").iterdir()], ["checkpoint"])
                shutil.rmtree(self.tmp / "out")
            self.nothing_left()

    def test_earlier_outputs_survive_a_failure(self):
        self.run_loans()
        before = {f.name: f.read_bytes() for f in (self.tmp / "out").iterdir()}
        (self.tmp / "bad.csv").write_text("age\n1\n")
        self.run_program("run", LOANS / "job.toml", "-o", "out", "--data", "loans-test=bad.csv", code=3)
        self.assertEqual(before, {f.name: f.read_bytes() for f in (self.tmp / "out").iterdir()})

    def test_hostile_model_file(self):
        for data in (b"", b"\xff" * 8, struct.pack("<Q", 2) + b"{}", struct.pack("<Q", 1 << 60) + b"{}"):
            (self.tmp / "m.safetensors").write_bytes(data)
            self.run_program("evaluate", LOANS / "job.toml", "-o", "out", "--model", "m.safetensors", code=3)
        self.nothing_left()

    def test_property_typo_names_the_nearest(self):
        out = self.run_program("measure", LOANS / "job.toml", "--set", "property.0.name=distribtion", code=2)
        self.assertIn("distribution", out.stderr)


class Evidence(Case):
    """evidence verify and inspect on a simulated quote, as people use them who never use the ML part."""

    def setUp(self):
        super().setUp()
        self.run_program("measure", LOANS / "job.toml", "-o", "out")
        for statement in statements(self.tmp / "out/measure.intoto.jsonl"):
            if "scai" in statement["predicateType"]:
                import base64
                descriptor = statement["predicate"]["attributes"][0]["evidence"]
                (self.tmp / "cmw.json").write_bytes(base64.b64decode(descriptor["content"]))
        self.root = self.tee()["simulated"]["root"]

    def test_verify(self):
        report = self.run_json("evidence", "verify", "cmw.json", "--simulated-root", self.root)
        self.assertEqual((report["verdict"], report["tee"], report["tcb_status"], report["debug"], report["simulated"]),
                         ("accepted", "simulated", "UpToDate", False, True))
        self.assertEqual(report["measurement"], self.tee()["program"]["sha256"])
        data = report["report_data"]
        self.assertEqual(len(data), 128)
        ask = ("evidence", "verify", "cmw.json", "--simulated-root", self.root, "--report-data")
        self.run_json(*ask, data)
        report = self.run_json(*ask, data[:64], code=6)
        self.assertEqual(self.failed(report), {"evidence.report_data"})

    def test_not_under_the_vendors_roots(self):
        report = self.run_json("evidence", "verify", "cmw.json", code=5)
        self.assertEqual(report["verdict"], "untrusted")
        self.assertFalse(report["verified"])

    def test_inspect(self):
        out = json.loads(self.run_program("evidence", "inspect", "cmw.json").stdout)
        self.assertEqual(out["type"], "cmw")
        out = json.loads(self.run_program("inspect", "out/measure.intoto.jsonl").stdout)
        self.assertEqual(out["type"], "bundle")
        self.assertFalse(out["verified"])


class Habits(Case):
    """Help, version, completion, manual, exit codes."""

    def test_help_and_version(self):
        self.assertIn("Examples", self.run_program("--help").stdout)
        self.assertRegex(self.run_program("--version").stdout, r"^attestml \d+\.\d+\.\d+")
        for command in ("run", "measure", "train", "adopt", "evaluate", "infer", "verify", "inspect", "card", "keygen", "certify"):
            self.assertIn("xample", self.run_program(command, "--help").stdout, command)

    def test_usage_errors_are_two(self):
        for arguments in ((), ("nonsense",), ("verify",), ("verify", "x"), ("run",), ("infer", "job.toml")):
            self.run_program(*arguments, code=2)

    def test_completion_and_manual(self):
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("evaluate", self.run_program("completion", shell).stdout)
        script = self.run_program("completion", "bash").stdout
        words = subprocess.run(["bash", "-c", script + "\nCOMP_WORDS=(attestml verify --re); COMP_CWORD=2; _attestml; "
                                "echo ${COMPREPLY[@]}"], capture_output=True, text=True, check=True).stdout
        self.assertIn("--receipt", words.split())
        manual = self.run_program("man").stdout
        self.assertIn(".SH EXIT STATUS", manual)
        self.assertIn("receipts", manual)

    def test_policy_check(self):
        self.run_loans()
        policy = self.starting_policy("out/claims.intoto.jsonl")
        self.assertIn("1 program", self.run_program("policy", "check", policy).stdout)

    def test_policy_init_shows_a_simulated_root(self):
        """Without --simulated-root the root is the bundle's own, and both file and user are told."""
        self.run_loans()
        out = self.run_program("policy", "init", "out/claims.intoto.jsonl", "-o", "p.toml")
        root = self.tee()["simulated"]["root"].removeprefix("sha256:")
        self.assertIn(f"sha256:{root}", out.stderr)
        text = (self.tmp / "p.toml").read_text()
        self.assertIn("this root was taken from the bundle itself", text)
        self.assertIn("SIMULATED", text)
        self.assertEqual(self.run_json("verify", "out/claims.intoto.jsonl", "--policy", "p.toml")["verdict"], "accepted")
        # A root that is given is not second-guessed, and a wrong one is not enough on its own.
        policy = self.starting_policy("out/claims.intoto.jsonl")
        self.assertNotIn("taken from the bundle", policy.read_text())
        # A signature that is not one is refused all the same.
        lines = (self.tmp / "out/claims.intoto.jsonl").read_text().splitlines(keepends=True)
        first = json.loads(lines[0])
        signature = bytearray(base64.b64decode(first["signatures"][0]["sig"]))
        signature[-1] ^= 1
        first["signatures"][0]["sig"] = base64.b64encode(signature).decode()
        (self.tmp / "bad.jsonl").write_text(json.dumps(first) + "\n" + "".join(lines[1:]))
        self.run_program("policy", "init", "bad.jsonl", "-o", "q.toml", code=5)
        self.assertFalse((self.tmp / "q.toml").exists())

    def test_ear(self):
        self.run_loans()
        policy = self.starting_policy("out/claims.intoto.jsonl")
        ear = json.loads(self.run_program("verify", "out/claims.intoto.jsonl", "--policy", policy, "--ear").stdout)
        self.assertIn("submods", ear)
        self.assertIn("eat_profile", ear)

    def test_results_on_stdout_the_rest_on_stderr(self):
        out = self.run_program("run", LOANS / "job.toml", "-o", "out", "--set", "train.epochs=1")
        self.assertIn("out/claims.intoto.jsonl", out.stdout)
        self.assertNotIn("start-up", out.stdout)
        self.assertRegex(out.stderr, r"start-up [\d.]+ ms, preprocessing [\d.]+ ms, computation [\d.]+ ms, proving [\d.]+ ms")
        self.assertNotIn("\x1b", out.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
