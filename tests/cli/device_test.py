"""One job on every device: the same work, other evidence, and a policy that names the TEE it means."""
import hashlib
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tiny  # noqa: E402
from harness import BIN, LOANS, SHARED, SOURCE, Case  # noqa: E402

TEES = ["simulated", "simulated-tdx", "simulated-snp", "simulated-nitro"]
MEASUREMENTS = {"simulated": "mrenclave", "simulated-tdx": "mrtd", "simulated-snp": "measurement",
                "simulated-nitro": "pcr0"}
FORMATS = {"simulated": "sgx-quote-v3", "simulated-tdx": "tdx-quote-v4", "simulated-snp": "snp-report-v3",
           "simulated-nitro": "nitro-document"}
ADULT = SHARED / "datasets/adult"


class OneFolder(Case):
    """The tests of a class share one folder of simulated TEEs: making SEV-SNP's keys takes seconds."""

    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.shared.cleanup)

    def environment(self):
        return {**super().environment(), "ATTESTML_TEE_DIR": self.shared.name + "/tee"}

    def root_of(self, tee):
        self.run_program("tee", "init", "--tee", tee)
        return self.run_json("tee", "status")[tee]["root"]

    def policy_of(self, bundle, tee):
        name = f"{tee}.toml"
        self.run_program("policy", "init", bundle, "--simulated-root", self.root_of(tee), "-o", name)
        return name


class Devices(OneFolder):
    def test_each_is_accepted_under_its_own_policy_alone(self):
        for tee in TEES:
            self.run_program("run", LOANS / "job.toml", "-o", tee, "--set", "train.epochs=3", "--tee", tee)
        policies = {tee: self.policy_of(f"{tee}/claims.intoto.jsonl", tee) for tee in TEES}
        roots = {tee: self.root_of(tee) for tee in TEES}
        self.assertEqual(len(set(roots.values())), 3)
        self.assertEqual(roots["simulated"], roots["simulated-tdx"], "Intel's is one root for both")
        models = {hashlib.sha256((self.tmp / tee / "model.safetensors").read_bytes()).hexdigest() for tee in TEES}
        self.assertEqual(len(models), 1, "where it runs changes nothing of what is trained")
        program = self.run_json("tee", "status")["program"]["sha256"]
        self.assertEqual(program, hashlib.sha256((BIN / "attestml-prover").read_bytes()).hexdigest())
        for tee in TEES:
            bundle = f"{tee}/claims.intoto.jsonl"
            report = self.run_json("verify", bundle, "--policy", policies[tee], "--model", f"{tee}/model.safetensors")
            self.assertEqual(report["verdict"], "accepted", report)
            self.assertEqual(report["tee"], tee)
            self.assertTrue(report["simulated"])
            self.assertEqual(report["attesters"][0]["format"], FORMATS[tee])
            # The program's digest, and zeros behind it where a measurement is a SHA-384.
            wanted = program if tee == "simulated" else program + "0" * 32
            self.assertEqual(report["attesters"][0]["measurement"], wanted)
            text = (self.tmp / policies[tee]).read_text()
            self.assertIn(f'tee = "{tee}"\n{MEASUREMENTS[tee]} = "{wanted}"\n', text)
            self.assertIn("SIMULATED", text)
            for other in TEES:
                if other == tee:
                    continue
                report = self.run_json("verify", bundle, "--policy", policies[other], code=None)
                same_root = roots[other] == roots[tee]
                self.assertEqual(report["verdict"], "rejected" if same_root else "untrusted", (tee, other))
                if same_root:
                    self.assertIn("policy.program", self.failed(report))
            # Without a root, the one that the evidence shows is offered, with a warning.
            out = self.run_program("policy", "init", bundle)
            self.assertIn(f'root = "{roots[tee]}"', out.stdout)
            self.assertIn("ATTENTION", out.stdout)
            self.assertIn("SIMULATED", out.stderr)
        self.check_registers(policies)

    def check_registers(self, policies):
        """What the starting policies pin besides the measurement, and that it counts."""
        tdx = (self.tmp / policies["simulated-tdx"]).read_text()
        for register in ("rtmr1", "rtmr2"):
            at = tdx.index(f'{register} = "') + len(register) + 4
            changed = tdx[:at] + ("0" if tdx[at] != "0" else "1") + tdx[at + 1:]
            (self.tmp / "changed.toml").write_text(changed)
            report = self.run_json("verify", "simulated-tdx/claims.intoto.jsonl", "--policy", "changed.toml", code=6)
            self.assertIn("policy.program", self.failed(report))
        snp = (self.tmp / policies["simulated-snp"]).read_text()
        self.assertIn("min-tcb = { bootloader = ", snp)
        self.assertNotIn("allow =", snp)

    def test_questions_are_answered_by_each(self):
        rows = (LOANS / "loans-test.csv").read_text().splitlines(keepends=True)[:4]
        (self.tmp / "rows.csv").write_text("".join(rows))
        self.run_program("train", LOANS / "job.toml", "-o", "model", "--set", "train.epochs=3", "--tee", "simulated")
        for tee in TEES:
            self.run_program("infer", LOANS / "job.toml", "-o", tee, "--model", "model/model.safetensors", "--input",
                             "rows.csv", "--nonce", "00ff17", "--tee", tee, "--quote-each")
            bundle = f"{tee}/infer.intoto.jsonl"
            policy = self.policy_of(bundle, tee)
            asked = ["--policy", policy, "--input", "rows.csv", "--output", f"{tee}/outputs.csv"]
            self.assertEqual(self.run_json("verify", bundle, *asked, "--nonce", "00ff17")["verdict"], "accepted")
            self.run_json("verify", bundle, *asked, "--nonce", "00ff18", code=6)

    def test_names(self):
        self.run_program("measure", LOANS / "job.toml", "-o", "a", "--tee", "simulated-sgx")
        self.assertIn('device = "simulated"\n', (self.tmp / "a/job.toml").read_text().replace("'", '"'))
        self.run_program("measure", LOANS / "job.toml", "-o", "b", "--set", 'tee.device="simulated-tdx"')
        self.assertIn('device = "simulated-tdx"\n', (self.tmp / "b/job.toml").read_text().replace("'", '"'))
        out = self.run_program("measure", LOANS / "job.toml", "-o", "c", "--set", 'tee.device="tdy"', code=2)
        self.assertIn("[job.value]", out.stderr)
        self.run_program("measure", LOANS / "job.toml", "-o", "c", "--tee", "tdy", code=2)
        self.assertFalse((self.tmp / "c").exists())


@unittest.skipUnless((ADULT / "adult.data").exists(), f"{ADULT} is not there")
class AdultOnEach(OneFolder):
    def test_runs_and_is_accepted(self):
        data = ["--data", f"adult-train={ADULT}/adult.data", "--data", f"adult-test={ADULT}/adult.test"]
        for tee in TEES[1:]:
            self.run_program("run", SOURCE / "examples/adult/job.toml", "-o", tee, *data, "--tee", tee)
            bundle = f"{tee}/claims.intoto.jsonl"
            report = self.run_json("verify", bundle, "--policy", self.policy_of(bundle, tee), "--model",
                                   f"{tee}/model.safetensors", "--dataset", ADULT / "adult.test")
            self.assertEqual((report["verdict"], report["tee"]), ("accepted", tee))
            self.assertGreaterEqual(len(report["claims"]), 5)


class Status(Case):
    def test_says_which_are_there(self):
        status = self.run_json("tee", "status")
        for tee in TEES:
            self.assertFalse(status[tee]["initialised"])
            self.assertNotIn("root", status[tee])
        made = self.run_program("tee", "init", "--tee", "simulated-nitro").stdout
        status = self.run_json("tee", "status")
        self.assertEqual([status[tee]["initialised"] for tee in TEES], [True, True, False, True])
        self.assertEqual(made, f"simulated-nitro root: {status['simulated-nitro']['root']}\n")
        self.assertNotIn("collateralUntil", status["simulated-nitro"])
        text = self.run_program("tee", "status").stdout
        self.assertIn(status["simulated-nitro"]["root"], text)
        self.assertIn("tee init --tee simulated-snp", text)
        self.assertEqual(self.run_program("tee", "init", "--tee", "simulated-nitro").stdout, made)
        self.run_program("tee", "init", "--tee", "nitro", code=2)


@unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
class ResumingOnEach(OneFolder):
    """A checkpoint is believed by the program that made it, in the TEE that it was made in."""

    SETTINGS = ["--set", "train.epochs=400", "--set", "train.checkpoint-epochs=20"]

    def interrupted(self, tee):
        out = self.tmp / f"{tee}-first"
        process = subprocess.Popen([BIN / "attestml", "run", "job.toml", "-o", out, *self.SETTINGS, "--tee", tee],
                                   cwd=self.tmp, env=self.environment(), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True)
        for _ in range(6000):
            if (out / "checkpoint/checkpoint.safetensors").exists() or process.poll() is not None:
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 7, stderr)
        return out / "checkpoint"

    def test_goes_on_in_the_same_and_no_other(self):
        tiny.write_idx_job(self.tmp)
        for tee in TEES:
            self.root_of(tee)
        checkpoints = {tee: self.interrupted(tee) for tee in TEES}
        for tee in TEES:
            out = f"{tee}-resumed"
            self.run_program("run", "job.toml", "-o", out, *self.SETTINGS, "--resume", checkpoints[tee], "--tee", tee)
            bundle = f"{out}/claims.intoto.jsonl"
            self.assertEqual(len(tiny.trainings(self.tmp / bundle)), 2)
            report = self.run_json("verify", bundle, "--policy", self.policy_of(bundle, tee))
            self.assertEqual(report["verdict"], "accepted")
            self.assertIn("resumed", report["sentence"])
        for tee, other in zip(TEES, TEES[1:] + TEES[:1]):
            out = self.run_program("run", "job.toml", "-o", "refused", *self.SETTINGS, "--resume", checkpoints[tee],
                                   "--tee", other, code=5)
            if (tee, other) == ("simulated", "simulated-tdx"):
                self.assertIn("[resume.program]", out.stderr)
            self.assertFalse((self.tmp / "refused").exists())


if __name__ == "__main__":
    unittest.main()
