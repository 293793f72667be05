"""Programs of users' own, written in PyTorch: models that are trained and judged, and properties that a policy names."""
import hashlib
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tiny  # noqa: E402
from harness import Case, properties, result, statements  # noqa: E402

WHY = tiny.WHY_TORCH if not tiny.HAVE_TORCH else tiny.WHY_PYTHON_TORCH
HAVE = tiny.HAVE_TORCH and tiny.have_python_torch()


class Programs(Case):
    def make_programs(self):
        script = pathlib.Path(__file__).parent / "make_programs.py"
        subprocess.run([tiny.PYTHON, script, self.tmp], check=True, capture_output=True, timeout=120)

    def sha(self, name):
        return hashlib.sha256((self.tmp / name).read_bytes()).hexdigest()

    def refused(self, identifier, code, *settings):
        out = self.run_program("run", "job.toml", "-o", "refused", *settings, code=code)
        self.assertIn(identifier, out.stderr)
        self.assertFalse((self.tmp / "refused").exists())
        return out


@unittest.skipUnless(HAVE, WHY)
class Models(Programs):
    def setUp(self):
        super().setUp()
        self.make_programs()
        job = tiny.IDX_JOB.replace('kind = "cnn"\nchannels = [4]', 'kind = "torchscript"\nprogram = "net.pt"')
        tiny.write_idx_job(self.tmp, job)

    def test_trained_and_judged(self):
        self.run_program("run", "job.toml", "-o", "out")
        bundle = self.tmp / "out/claims.intoto.jsonl"
        self.assertGreater(float(result(properties(bundle)["accuracy"], "accuracy")["value"]), 0.8)
        # The statement names the program: in the job and among what the training worked with.
        training, = tiny.trainings(bundle)
        self.assertIn(self.sha("net.pt"), [b["digest"]["sha256"] for b in training["byproducts"]])
        said = [s for s in statements(bundle) if s["predicateType"] == "https://slsa.dev/provenance/v1"][0]
        job = said["predicate"]["buildDefinition"]["externalParameters"]["job"]
        self.assertEqual(job["model"]["program-sha256"], self.sha("net.pt"))
        self.assertNotIn("program", job["model"])
        policy = self.starting_policy(bundle)
        report = self.run_json("verify", bundle, "--policy", policy, "--model", "out/model.safetensors")
        self.assertEqual(report["verdict"], "accepted")
        # The starting policy pins the program, since a program can bring weights; another program is not this one.
        text = policy.read_text()
        pinned = f'job = {{ "model.program-sha256" = "{self.sha("net.pt")}" }}'
        self.assertIn(pinned, text)
        for changed in (pinned.replace(self.sha("net.pt"), self.sha("reader.pt")), ""):
            (self.tmp / "other.toml").write_text(text.replace(pinned, changed))
            self.run_json("verify", bundle, "--policy", "other.toml", code=6)

    def test_evaluated_elsewhere(self):
        self.run_program("train", "job.toml", "-o", "out")
        self.run_program("evaluate", "job.toml", "-o", "judged", "--model", "out/model.safetensors")
        both = [self.tmp / "out/train.intoto.jsonl", self.tmp / "judged/evaluate.intoto.jsonl"]
        self.assertEqual(self.run_json("verify", *both, "--policy", self.starting_policy(*both))["verdict"], "accepted")
        # The weights under another program are another model, and are refused as such.
        out = self.run_program("evaluate", "job.toml", "-o", "other", "--model", "out/model.safetensors", "--set",
                               "model.program=reader.pt", code=None)
        self.assertNotEqual(out.returncode, 0)
        self.assertFalse((self.tmp / "other").exists())

    def test_goes_on_from_a_checkpoint_and_from_a_model(self):
        checkpoints = ["--set", "train.checkpoint-epochs=2"]
        self.run_program("run", "job.toml", "-o", "out", *checkpoints)
        self.run_program("run", "job.toml", "-o", "resumed", *checkpoints, "--resume", "out/checkpoint")
        self.assertEqual(self.sha("out/model.safetensors"), self.sha("resumed/model.safetensors"))
        self.assertIn("checkpoint", tiny.trainings(self.tmp / "resumed/claims.intoto.jsonl")[0]["dependencies"])
        tuned = ["--set", 'train.initial.model="out/model.safetensors"', "--set", "train.learning-rate=0.001"]
        self.run_program("run", "job.toml", "-o", "tuned", *tuned)
        both = [self.tmp / "out/claims.intoto.jsonl", self.tmp / "tuned/claims.intoto.jsonl"]
        policy = self.starting_policy(*both)
        report = self.run_json("verify", *both, "--policy", policy, "--model", "tuned/model.safetensors")
        self.assertEqual(report["verdict"], "accepted")

    def test_hostile(self):
        for name in ("reader.pt", "thief.pt"):
            if (self.tmp / name).exists():
                self.refused("program.operator", 3, "--set", f"model.program={name}")
        self.assertFalse((self.tmp / "stolen.pt").exists())
        good = (self.tmp / "net.pt").read_bytes()
        for name, data in (("empty", b""), ("cut", good[:-30]), ("pickle", b"\x80\x02cos\nsystem\nq\x00."),
                           ("longer", good + b"\0")):
            with self.subTest(name):
                (self.tmp / "bad.pt").write_bytes(data)
                self.refused("program.", 3, "--set", "model.program=bad.pt")
        out = self.refused("prove.program_digest", 5, "--set", f'model.program-sha256="{"ab" * 32}"')
        self.assertIn(self.sha("net.pt"), out.stderr)
        self.refused("nowhere.pt", 7, "--set", "model.program=nowhere.pt")


CUSTOM = """
[[property]]
name = "accuracy-gap"
on = "test"
program = "gap.pt"
groups = ["sex"]
"""


@unittest.skipUnless(HAVE, WHY)
class Properties(Programs):
    def setUp(self):
        super().setUp()
        self.make_programs()
        tiny.write_points_job(self.tmp, tiny.POINTS_JOB + CUSTOM)

    def test_number_to_policy(self):
        self.run_program("run", "job.toml", "-o", "out")
        bundle = self.tmp / "out/claims.intoto.jsonl"
        name = f"custom:{self.sha('gap.pt')}/accuracy-gap"
        found = properties(bundle)
        # Its numbers are those of the built-in, computed by other code.
        accuracy = float(result(found["accuracy"], "accuracy")["value"])
        self.assertAlmostEqual(float(result(found[name], "accuracy")["value"]), accuracy, delta=1e-12)
        gap = float(result(found[name], "gap-sex")["value"])
        policy = self.starting_policy(bundle)
        text = policy.read_text()
        self.assertIn(f'property = "{name}"', text)
        self.assertEqual(self.run_json("verify", bundle, "--policy", policy)["verdict"], "accepted")
        require = f"""
[[require]]
id = "gap"
claim = "property"
property = "{name}"
metric = "gap-sex"
dataset = "{text.split('dataset = "')[1].split('"')[0]}"
target = "label"
parameters = {{ groups = ["sex"] }}
value = "<= BOUND"
"""
        base = text[:text.index("[[require]]")]
        cases = [(require.replace("BOUND", str(gap + 0.001)), 0), (require.replace("BOUND", str(gap - 0.001)), 6),
                 (require.replace("BOUND", "1").replace(self.sha("gap.pt"), self.sha("flatterer.pt")), 6),
                 (require.replace("BOUND", "1").replace('["sex"]', '["label"]'), 6)]
        for more, code in cases:
            (self.tmp / "gap.toml").write_text(base + more)
            report = self.run_json("verify", bundle, "--policy", "gap.toml", code=code)
            self.assertEqual(self.failed(report), {"policy.require.gap"} if code else set())
        # And what another program said of the same model under the same names does not count.
        self.run_program("evaluate", "job.toml", "-o", "flattered", "--model", "out/model.safetensors", "--set",
                         "property.1.program=flatterer.pt")
        flattered = self.tmp / "flattered/evaluate.intoto.jsonl"
        (self.tmp / "gap.toml").write_text(base + require.replace("BOUND", "1"))
        self.run_json("verify", flattered, "--policy", "gap.toml", code=6)
        report = self.run_json("verify", bundle, flattered, "--policy", "gap.toml")
        self.assertEqual(report["verdict"], "accepted")

    def test_refused(self):
        self.refused("program.run", 3, "--set", "property.1.program=throws.pt")
        self.refused("program.", 3, "--set", "property.1.program=reader.pt")
        self.refused("prove.program_digest", 5, "--set", f'property.1.program-sha256="{"ab" * 32}"')
        out = self.run_program("run", "job.toml", "-o", "refused", "--set", "property.1.name=accuracy", code=2)
        self.assertIn("job.value", out.stderr)
        out = self.run_program("run", "job.toml", "-o", "refused", "--set", "property.1.name=Gap", code=2)
        self.assertIn("property.custom.name", out.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
