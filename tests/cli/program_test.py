"""Programs of users' own, written in PyTorch: models that are trained and judged, and properties that a policy names."""
import csv
import hashlib
import json
import pathlib
import struct
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


READY_JOB = tiny.POINTS_JOB.replace('kind = "mlp"\nhidden = [8]', 'kind = "torchscript"\nprogram = "ready-scripted.pt"')
READY_JOB = READY_JOB[:READY_JOB.index("[train]")] + READY_JOB[READY_JOB.index("[engine]"):] + CUSTOM + """
[[property]]
name = "robustness"
on = "test"
records = 50
fgsm = [0.05]
"""

# As a program takes the points as they are: nothing was standardised where it was trained.
PLAIN = {"classes": ["no", "yes"], "target": "label",
         "inputs": [{"column": name, "type": "numeric", "mean": "0", "scale": "1", "missingInput": False}
                    for name in ("x", "y")] +
                   [{"column": "sex", "type": "categorical", "vocabulary": ["f", "m"], "missingInput": False}]}

ASK = """
import json, sys, torch
net = torch.jit.load(sys.argv[1]).eval()
print(json.dumps(torch.softmax(net(torch.tensor(json.load(sys.stdin))).double(), 1).tolist()))
"""


def header(path):
    data = pathlib.Path(path).read_bytes()
    size, = struct.unpack("<Q", data[:8])
    return json.loads(data[8:8 + size]), len(data) - 8 - size


@unittest.skipUnless(HAVE, WHY)
class Ready(Programs):
    """Programs that somebody trained elsewhere: judged and served as they are."""

    def setUp(self):
        super().setUp()
        self.make_programs()
        tiny.write_points_job(self.tmp, READY_JOB)
        (self.tmp / "plain.json").write_text(json.dumps(PLAIN))

    def python_answers(self, program, encoding):
        rows = []
        for row in csv.DictReader((self.tmp / "test.csv").read_text().splitlines()):
            numbers = [(float(row[c["column"]]) - float(c["mean"])) / float(c["scale"]) for c in encoding["inputs"][:2]]
            rows.append(numbers + [float(row["sex"] == "f"), float(row["sex"] == "m")])
        out = subprocess.run([tiny.PYTHON, "-c", ASK, self.tmp / program], input=json.dumps(rows), text=True, check=True,
                             capture_output=True, timeout=60)
        return json.loads(out.stdout)

    def test_judged_and_served(self):
        plain, fitted = ("--encoding", "plain.json"), ("--fit", "train")
        for kind, how in (("scripted", plain), ("scripted", fitted), ("frozen", plain), ("traced", fitted)):
            with self.subTest(kind=kind, how=how[0]):
                self.judge_and_serve(f"ready-{kind}.pt", f"{kind}{how[0]}", how)

    def judge_and_serve(self, program, out, how):
        settings = ["--set", f"model.program={program}"]
        self.run_program("adopt", "job.toml", "-o", out, *how, *settings)
        self.assertEqual([p.name for p in (self.tmp / out).iterdir()], ["model.safetensors"])
        model = self.tmp / out / "model.safetensors"
        made = model.read_bytes()
        self.run_program("adopt", "job.toml", "-o", out, *how, *settings)
        self.assertEqual(model.read_bytes(), made)
        head, data = header(model)
        meta = head.pop("__metadata__")
        self.assertEqual(json.loads(meta["attestml.architecture"])["program"], self.sha(program))
        # A frozen program's weights are constants of the program, which the digest covers.
        self.assertEqual((sorted(head), data > 0), ([], False) if "frozen" in program else (
            ["net.0.bias", "net.0.weight", "net.2.bias", "net.2.weight"], True))

        self.run_program("evaluate", "job.toml", "-o", out, *settings)
        bundle = self.tmp / out / "evaluate.intoto.jsonl"
        found = properties(bundle)
        accuracy = float(result(found["accuracy"], "accuracy")["value"])
        self.assertGreater(accuracy, 0.8)
        custom = found[f"custom:{self.sha('gap.pt')}/accuracy-gap"]
        self.assertAlmostEqual(float(result(custom, "accuracy")["value"]), accuracy, delta=1e-12)
        self.assertIn("robustness", found)
        self.assertEqual(found["accuracy"]["run"]["job"]["model"]["program-sha256"], self.sha(program))

        nonce = ["--nonce", "5f1c20"]
        self.run_program("infer", "job.toml", "-o", out, "--input", "test.csv", *nonce, *settings)
        answers = list(csv.DictReader((self.tmp / out / "outputs.csv").read_text().splitlines()))
        wanted = self.python_answers(program, json.loads(meta["attestml.encoding"]))
        self.assertEqual(len(answers), len(wanted))
        for answer, (no, yes) in zip(answers, wanted):
            self.assertAlmostEqual(float(answer["probability:no"]), no, delta=1e-5)
            self.assertAlmostEqual(float(answer["probability:yes"]), yes, delta=1e-5)
            self.assertEqual(answer["prediction"], "yes" if yes > no else "no")

        both = [bundle, self.tmp / out / "infer.intoto.jsonl"]
        policy = self.starting_policy(*both)
        asked = ["--model", model, "--input", "test.csv", "--output", f"{out}/outputs.csv", *nonce]
        # No training shows how rows are read: a policy says it, as the starting one proposes in comments.
        report = self.run_json("verify", *both, "--policy", policy, *asked, code=6)
        self.assertEqual(self.failed(report), {"policy.inference.reading"})
        text, answer = policy.read_text().split("# Answers:")
        lines = [line.removeprefix("# ") for line in answer.splitlines()[1:] if not line[2:].startswith(("ATT", "Comp"))]
        policy.write_text(text + "\n".join(lines) + "\n")
        report = self.run_json("verify", *both, "--policy", policy, *asked)
        self.assertEqual(report["verdict"], "accepted", report)
        self.refused_without_training(both, asked, policy)

    def test_one_that_gives_a_number(self):
        x, _, sex = PLAIN["inputs"]
        number = {"inputs": [x, sex], "number": {"mean": "3", "scale": "2"}, "target": "y"}
        (self.tmp / "number.json").write_text(json.dumps(number))
        settings = ["--set", "model.program=number.pt", "--set", 'schema.target={column="y"}', "--set",
                    'property=[{name="regression",on="test"}]']
        self.run_program("adopt", "job.toml", "-o", "out", "--encoding", "number.json", *settings)
        self.run_program("evaluate", "job.toml", "-o", "out", *settings)
        self.run_program("infer", "job.toml", "-o", "out", "--input", "test.csv", *settings)
        answers = [float(line) for line in (self.tmp / "out/outputs.csv").read_text().splitlines()[1:]]
        rows = list(csv.DictReader((self.tmp / "test.csv").read_text().splitlines()))
        self.assertEqual(len(answers), len(rows))
        for answer, row in zip(answers, rows):
            self.assertAlmostEqual(answer, 3 + 2 * (float(row["x"]) / 2 + 0.25 * (row["sex"] == "f")), delta=1e-5)
        said = properties(self.tmp / "out/evaluate.intoto.jsonl")["regression"]
        squares = [(answer - float(row["y"])) ** 2 for answer, row in zip(answers, rows)]
        self.assertAlmostEqual(float(result(said, "mean-squared-error")["value"]), sum(squares) / len(squares), delta=1e-9)
        # A program of two outputs gives no number.
        self.run_program("adopt", "job.toml", "-o", "other", "--encoding", "number.json", *settings, "--set",
                         "model.program=infinite.pt")
        out = self.run_program("evaluate", "job.toml", "-o", "other", *settings, "--set", "model.program=infinite.pt",
                               code=3)
        self.assertIn("program.run", out.stderr)

    def refused_without_training(self, bundles, asked, policy):
        """Nobody states what the program was trained on: whoever asks is told so."""
        digest = hashlib.sha256((self.tmp / "train.csv").read_bytes()).hexdigest()
        text = policy.read_text().replace('may-state = ["property", "inference"]',
                                          'may-state = ["training", "property", "inference"]')
        for name, claim in (("training", 'claim = "training"'),
                            ("datasets", f'claim = "training"\ndatasets = ["sha256:{digest}"]'),
                            ("job", f'claim = "training"\njob = {{ "model.program-sha256" = "{"ab" * 32}" }}'),
                            ("data", 'claim = "property"\nproperty = "distribution"\nof = "training-data"\n'
                                     'metric = "proportion"\nwhere = { column = "sex", value = "f" }\nvalue = ">= 0"')):
            (self.tmp / "strict.toml").write_text(text + f'\n[[require]]\nid = "{name}"\n{claim}\n')
            report = self.run_json("verify", *bundles, "--policy", "strict.toml", *asked, code=6)
            failed = {c["id"]: c for c in report["checks"] if c["verdict"] == "fail"}
            self.assertIn(f"policy.require.{name}", failed)
            self.assertIn("no training is stated for", failed[f"policy.require.{name}"]["seen"])

    def adopt_refused(self, identifier, code, *more):
        out = self.run_program("adopt", "job.toml", "-o", "refused", *more, code=code)
        self.assertIn(f"[{identifier}", out.stderr)
        self.assertFalse((self.tmp / "refused").exists())

    def test_refused(self):
        def program(name):
            return ["--set", f"model.program={name}"]
        for name, identifier, code in (("reader.pt", "program.operator", 3), ("net.pt", "program.run", 3),
                                       ("gap.pt", "program.run", 3), ("infinite.pt", "predict.overflow", 3),
                                       ("doubles.pt", "program.state", 4), ("nowhere.pt", "file.open", 7)):
            with self.subTest(name):
                self.adopt_refused(identifier, code, *program(name))
        good = (self.tmp / "ready-scripted.pt").read_bytes()
        (self.tmp / "cut.pt").write_bytes(good[:-30])
        self.adopt_refused("program.zip", 3, *program("cut.pt"))
        self.adopt_refused("prove.program_digest", 5, "--set", f'model.program-sha256="{"ab" * 32}"')
        self.adopt_refused("prove.adopt", 2, "--fit", "nowhere")
        self.adopt_refused("prove.adopt", 2, "--fit", "train", "--encoding", "plain.json")
        self.adopt_refused("prove.adopt", 2, "--set", 'model={kind="mlp"}')
        for name, change in (("classes", {"classes": ["yes"]}), ("member", {"more": 1}), ("inputs", {"inputs": []})):
            with self.subTest(name):
                (self.tmp / "bad.json").write_text(json.dumps({**PLAIN, **change}))
                self.adopt_refused("encoding", 3, "--encoding", "bad.json")
        (self.tmp / "bad.json").write_text('{"classes": [], "classes": []}')
        self.adopt_refused("json.duplicate_key", 3, "--encoding", "bad.json")
        # The command makes no statements, and so takes nothing that statements need.
        self.run_program("adopt", "job.toml", "-o", "refused", "--nonce", "00", code=2)

    def test_the_program_is_the_one_adopted(self):
        self.run_program("adopt", "job.toml", "-o", "out")
        out = self.run_program("evaluate", "job.toml", "-o", "out", "--set", "model.program=ready-traced.pt", code=3)
        self.assertIn("program.digest", out.stderr)
        out = self.run_program("evaluate", "job.toml", "-o", "out", "--model", "ready-scripted.pt", code=3)
        self.assertIn("prove.model_program", out.stderr)
        self.assertIn("attestml adopt", out.stderr)
        self.assertFalse((self.tmp / "out/evaluate.intoto.jsonl").exists())

    def test_nothing_to_train(self):
        train = ["--set", "train.epochs=1"]
        out = self.run_program("train", "job.toml", "-o", "refused", *train, "--set", "model.program=ready-frozen.pt",
                               code=2)
        self.assertIn("engine.parameters", out.stderr)
        out = self.run_program("train", "job.toml", "-o", "refused", *train, "--set", "model.program=unused.pt", code=3)
        self.assertIn("program.run", out.stderr)
        self.assertFalse((self.tmp / "refused").exists())

    def test_trained_further(self):
        """A training that starts from an adopted model has an ancestor that nothing states."""
        self.run_program("adopt", "job.toml", "-o", "out")
        self.run_program("train", "job.toml", "-o", "tuned", "--set", "train.epochs=1", "--set",
                         'train.initial.model="out/model.safetensors"')
        bundle = self.tmp / "tuned/train.intoto.jsonl"
        model = tiny.trainings(bundle)[0]["dependencies"]["initial-model"]["digest"]["sha256"]
        self.assertEqual(model, self.sha("out/model.safetensors"))
        report = self.run_json("verify", bundle, "--policy", self.starting_policy(bundle), "--model",
                               "tuned/model.safetensors", code=6)
        self.assertIn("policy.missing_edge", self.failed(report))


if __name__ == "__main__":
    unittest.main(verbosity=2)
