"""The whole prover inside the TEEs that a kernel, or Gramine, offers, each emulated by a file system of its own."""
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from harness import BIN, LOANS, SHARED, SOURCE, Case  # noqa: E402

EMULATED = os.environ.get("ATTESTML_EMULATED", "")
CAN_MOUNT = bool(EMULATED) and subprocess.run([EMULATED, "--can-mount"], capture_output=True).returncode == 0
WHY = "no /dev/fuse, not root, or no libfuse3: file systems cannot be emulated here"
ADULT = SHARED / "datasets/adult"
# The job's name for the device, and what its evidence is called, as it ends at a simulated vendor's root.
TEES = {"sgx": "simulated", "tdx": "simulated-tdx", "snp": "simulated-snp"}
INTERFACES = {"sgx": "Gramine", "tdx": "configfs-tsm", "snp": "configfs-tsm"}


class Machine:
    """A machine that is in a TEE of this kind."""

    def __init__(self, test, kind, fault=""):
        self.root = pathlib.Path(tempfile.mkdtemp(dir=test.tmp))
        measurement = hashlib.sha256((BIN / "attestml-prover").read_bytes()).hexdigest()
        state = test.environment()["ATTESTML_TEE_DIR"]
        self.process = subprocess.Popen([EMULATED, kind, self.root, state, measurement, fault], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.communicate("", timeout=30)

    @property
    def collateral(self):
        return self.root / "collateral"


@unittest.skipUnless(CAN_MOUNT, WHY)
class InMachines(Case):
    @classmethod
    def setUpClass(cls):
        cls.shared = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.shared.cleanup)

    def setUp(self):
        super().setUp()
        self.machine = None

    def environment(self):
        more = {"ATTESTML_TEE_ROOT": str(self.machine.root)} if self.machine else {}
        return {**super().environment(), "ATTESTML_TEE_DIR": self.shared.name + "/tee", **more}

    def inside(self, kind, fault=""):
        self.machine = Machine(self, kind, fault)
        return self.machine

    def root_of(self, kind):
        return self.run_json("tee", "status")[TEES[kind]]["root"]

    def policy_of(self, bundle, kind, machine):
        name = f"{kind}.toml"
        self.run_program("policy", "init", bundle, "--simulated-root", self.root_of(kind), "--collateral",
                         machine.collateral, "-o", name)
        return name

    def accepted_under_its_own_policy_alone(self, *job):
        bundles, policies, machines = {}, {}, {}
        for kind in TEES:
            with self.inside(kind) as machine:
                out = self.run_program("run", *job, "-o", kind, "--tee", "auto")
            self.machine = None
            self.assertIn(f"TEE: {kind} through {INTERFACES[kind]} ({machine.root}/", out.stderr)
            self.assertIn(f'device = "{kind}"\n', (self.tmp / kind / "job.toml").read_text().replace("'", '"'))
            machines[kind] = machine
            bundles[kind] = f"{kind}/claims.intoto.jsonl"
            policies[kind] = self.policy_of(bundles[kind], kind, machine)
        for kind, tee in TEES.items():
            report = self.run_json("verify", bundles[kind], "--policy", policies[kind], "--model",
                                   f"{kind}/model.safetensors", "--collateral", machines[kind].collateral)
            self.assertEqual((report["verdict"], report["tee"]), ("accepted", tee))
            self.assertIn(f'tee = "{tee}"\n', (self.tmp / policies[kind]).read_text())
            for other in TEES:
                if other != kind:
                    report = self.run_json("verify", bundles[kind], "--policy", policies[other], "--collateral",
                                           machines[kind].collateral, code=None)
                    self.assertIn(report["verdict"], ("rejected", "untrusted"), (kind, other))
        models = {(self.tmp / kind / "model.safetensors").read_bytes() for kind in TEES}
        self.assertEqual(len(models), 1, "where it runs changes nothing of what is trained")


class LoansInside(InMachines):
    def test_accepted_under_its_own_policy_alone(self):
        self.accepted_under_its_own_policy_alone(LOANS / "job.toml", "--set", "train.epochs=3")

    def test_cards_are_made_where_the_collateral_is(self):
        with self.inside("tdx") as machine:
            out = self.run_program("run", LOANS / "job.toml", "-o", "out", "--set", "train.epochs=1", "--tee", "tdx")
        self.assertIn("attestml card", out.stderr)
        self.assertFalse((self.tmp / "out/card.md").exists())
        policy = self.policy_of("out/claims.intoto.jsonl", "tdx", machine)
        self.run_program("card", "out/claims.intoto.jsonl", "--policy", policy, "--collateral", machine.collateral, "-o",
                         "card.md")
        self.assertIn("SIMULATED", (self.tmp / "card.md").read_text())
        # Without it, nobody believes the evidence.
        for command in (["verify", "out/claims.intoto.jsonl", "--policy", policy], ["policy", "init", "out/claims.intoto.jsonl"]):
            out = self.run_program(*command, code=7)
            self.assertIn("hint: attestml collateral fetch out/claims.intoto.jsonl", out.stderr)

    def test_another_tee_than_the_job_names_is_refused_before_the_work(self):
        with self.inside("tdx"):
            out = self.run_program("run", LOANS / "job.toml", "-o", "out", "--tee", "snp", code=7)
        self.assertIn("configfs-tsm: it is tdx", out.stderr)
        self.assertIn("[tee.absent]", out.stderr)
        self.assertFalse((self.tmp / "out").exists())

    def test_a_host_that_cheats_or_fails_leaves_nothing(self):
        for kind, fault, error, code in [("sgx", "stale", "tee.report_data", 5), ("sgx", "eacces", "tee.gramine.quote", 7),
                                         ("sgx", "none", "tee.absent", 7), ("tdx", "stale", "tee.report_data", 5),
                                         ("tdx", "raced-always", "tee.tsm.generation", 7),
                                         ("tdx", "garbage", "tee.evidence", 7), ("snp", "enxio", "tee.absent", 7)]:
            with self.inside(kind, fault):
                out = self.run_program("measure", LOANS / "job.toml", "-o", "out", "--tee", kind, code=code)
            self.assertIn(f"[{error}]\n", out.stderr, (kind, fault))
            self.assertFalse((self.tmp / "out").exists())

    def test_status(self):
        with self.inside("snp") as machine:
            status = self.run_json("tee", "status")["hardware"]
            text = self.run_program("tee", "status").stdout
        found = {entry["interface"]: entry for entry in status}
        self.assertEqual(found["configfs-tsm"], {"interface": "configfs-tsm", "tee": "snp",
                                                 "path": f"{machine.root}/sys/kernel/config/tsm/report"})
        self.assertEqual(found["Gramine"]["absent"]["id"], "tee.gramine.absent")
        self.assertIn("snp, which --tee auto takes", text)

    def test_checkpoints_of_hardware_are_not_resumed_yet(self):
        with self.inside("tdx"):
            out = self.run_program("train", LOANS / "job.toml", "-o", "out", "--tee", "tdx", "--resume", "nowhere", code=4)
        self.assertIn("[prove.resume]", out.stderr)


@unittest.skipUnless((ADULT / "adult.data").exists(), f"{ADULT} is not there")
class AdultInside(InMachines):
    def test_accepted_under_its_own_policy_alone(self):
        self.accepted_under_its_own_policy_alone(SOURCE / "examples/adult/job.toml", "--data",
                                                 f"adult-train={ADULT}/adult.data", "--data",
                                                 f"adult-test={ADULT}/adult.test")


class Nowhere(Case):
    """A machine without a TEE, as those are that tests run on."""

    def environment(self):
        return {**super().environment(), "ATTESTML_TEE_ROOT": str(self.tmp / "nowhere")}

    def test_auto_never_takes_a_simulated_one(self):
        for tee in ("auto", "sgx", "nitro"):
            out = self.run_program("measure", LOANS / "job.toml", "-o", "out", "--tee", tee, code=7)
            self.assertIn("[tee.absent]", out.stderr)
            self.assertIn("not in an SGX enclave", out.stderr)
            self.assertFalse((self.tmp / "out").exists())
            self.assertFalse((self.tmp / "tee").exists(), "no simulated TEE was made")

    def test_status_says_why_of_each(self):
        status = self.run_json("tee", "status")["hardware"]
        self.assertEqual({entry["absent"]["id"] for entry in status},
                         {"tee.gramine.absent", "tee.nsm.absent", "tee.tsm.absent", "tee.sev_guest.absent"})
        self.assertIn("none: use a simulated one here", self.run_program("tee", "status").stdout)


if __name__ == "__main__":
    unittest.main()
