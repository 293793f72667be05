"""Training that stops and goes on, starts from a model, hides its noise, or comes to nothing."""
import hashlib
import json
import math
import pathlib
import random
import signal
import struct
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tiny  # noqa: E402
from harness import BIN, Case, properties, result  # noqa: E402


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


@unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
class Resuming(Case):
    """A killed run leaves a checkpoint that vouches for itself, and goes on from there to the same bytes."""

    EPOCHS = 400

    def interrupted(self, out="out", *more):
        """Starts the job and sends it SIGINT when its first checkpoint is there."""
        settings = ["--set", f"train.epochs={self.EPOCHS}", "--set", "train.checkpoint-epochs=2", *more]
        process = subprocess.Popen([BIN / "attestml", "run", "job.toml", "-o", out, *settings], cwd=self.tmp,
                                   env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        checkpoint = self.tmp / out / "checkpoint/checkpoint.safetensors"
        for _ in range(3000):
            if checkpoint.exists() or process.poll() is not None:
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 7, stderr)
        self.assertIn("[train.interrupted]", stderr)
        self.assertIn(f"--resume {out}/checkpoint", stderr)
        # Nothing but the checkpoint and what vouches for it.
        self.assertEqual([path.name for path in (self.tmp / out).iterdir()], ["checkpoint"])
        self.assertEqual(sorted(path.name for path in checkpoint.parent.iterdir()),
                         ["checkpoint.intoto.jsonl", "checkpoint.safetensors"])
        return checkpoint

    def resume(self, checkpoint, out="resumed", *more, **options):
        settings = ["--set", f"train.epochs={self.EPOCHS}", "--set", "train.checkpoint-epochs=2", *more]
        return self.run_program("run", "job.toml", "-o", out, *settings, "--resume", checkpoint, **options)

    def refused(self, checkpoint, identifier, code, *more):
        out = self.resume(checkpoint, "refused", *more, code=code)
        self.assertIn(f"[{identifier}]", out.stderr)
        self.assertFalse((self.tmp / "refused").exists())

    def test_ends_with_the_same_model(self):
        tiny.write_idx_job(self.tmp)
        checkpoint = self.interrupted()
        kept = checkpoint.read_bytes()
        self.resume(checkpoint.parent)
        settings = ["--set", f"train.epochs={self.EPOCHS}", "--set", "train.checkpoint-epochs=2"]
        self.run_program("run", "job.toml", "-o", "whole", *settings)
        self.assertEqual(digest(self.tmp / "resumed/model.safetensors"), digest(self.tmp / "whole/model.safetensors"))
        self.assertEqual(digest(self.tmp / "resumed/training-log.csv"), digest(self.tmp / "whole/training-log.csv"))

        # The statement says that it was resumed, and from what.
        bundle = self.tmp / "resumed/claims.intoto.jsonl"
        whole = tiny.trainings(self.tmp / "whole/claims.intoto.jsonl")
        self.assertNotIn("checkpoint", whole[0]["dependencies"])
        ours = {t["model"]: t for t in tiny.trainings(bundle)}
        self.assertEqual(len(ours), 2)
        resumed = ours[digest(self.tmp / "resumed/model.safetensors")]
        said = resumed["dependencies"]["checkpoint"]
        self.assertEqual(said["digest"]["sha256"], hashlib.sha256(kept).hexdigest())
        self.assertEqual(said["annotations"]["steps"], ours[said["digest"]["sha256"]]["steps"])
        self.assertLess(said["annotations"]["steps"], resumed["steps"])

        # Accepted with the checkpoint's own statement, and not without it.
        policy = self.starting_policy(bundle)
        report = self.run_json("verify", bundle, "--policy", policy, "--model", "resumed/model.safetensors")
        self.assertEqual(report["verdict"], "accepted")
        self.assertIn("resumed", report["sentence"])
        checkpoints = {digest(checkpoint)}
        text = tiny.lines_with(bundle, lambda s: s["subject"][0].get("digest", {}).get("sha256") not in checkpoints)
        self.assertLess(len(text), len(bundle.read_text()))
        (self.tmp / "less.jsonl").write_text(text)
        report = self.run_json("verify", "less.jsonl", "--policy", policy, code=6)
        self.assertIn("policy.missing_edge", self.failed(report))
        self.assertEqual(report["sentence"], "")

    def test_twice(self):
        """A run that was interrupted again, while it had gone on."""
        tiny.write_idx_job(self.tmp)
        first = self.interrupted("a")
        second = self.interrupted("b", "--resume", first.parent)
        self.assertNotEqual(digest(first), digest(second))
        self.resume(second.parent)
        bundle = self.tmp / "resumed/claims.intoto.jsonl"
        self.assertEqual(len({t["model"] for t in tiny.trainings(bundle)}), 3)
        report = self.run_json("verify", bundle, "--policy", self.starting_policy(bundle))
        self.assertEqual(report["verdict"], "accepted")
        text = tiny.lines_with(bundle, lambda s: s["subject"][0].get("digest", {}).get("sha256") != digest(first))
        (self.tmp / "less.jsonl").write_text(text)
        report = self.run_json("verify", "less.jsonl", "--policy", "policy.toml", code=6)
        self.assertIn("policy.missing_edge", self.failed(report))

    def test_what_is_refused(self):
        tiny.write_idx_job(self.tmp)
        checkpoint = self.interrupted()
        folder, vouches = checkpoint.parent, checkpoint.parent / "checkpoint.intoto.jsonl"
        good, lines = checkpoint.read_bytes(), vouches.read_text()
        self.refused(folder, "resume.job", 5, "--set", "train.learning-rate=0.02")
        self.refused(folder, "resume.job", 5, "--set", "train.seed=2")
        # The job names its files, not their bytes: others of the same shape are not what was trained on.
        tiny.write_idx(self.tmp, "train", 200, 3)
        self.refused(folder, "resume.data", 5)
        tiny.write_idx(self.tmp, "train", 200, 1)
        for place in (100, len(good) // 2, len(good) - 1):
            checkpoint.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1:])
            self.refused(folder, "resume.statement", 5)
        checkpoint.write_bytes(good[:-1])
        self.refused(folder, "resume.statement", 5)
        checkpoint.write_bytes(good)
        # The job's final model is no checkpoint, though a statement vouches for it.
        self.run_program("run", "job.toml", "-o", "whole")
        (self.tmp / "fake").mkdir()
        (self.tmp / "fake/checkpoint.safetensors").write_bytes((self.tmp / "whole/model.safetensors").read_bytes())
        (self.tmp / "fake/checkpoint.intoto.jsonl").write_bytes((self.tmp / "whole/claims.intoto.jsonl").read_bytes())
        out = self.run_program("run", "job.toml", "-o", "refused", "--resume", "fake", code=3)
        self.assertRegex(out.stderr, r"\[(checkpoint|train\.checkpoint|resume)[a-z._]*\]")
        # Lines that vouch for nothing.
        signature = lines.index('"sig":"') + 20
        vouches.write_text(lines[:signature] + ("A" if lines[signature] != "A" else "B") + lines[signature + 1:])
        out = self.resume(folder, "refused", code=None)
        self.assertIn(out.returncode, (3, 5))
        vouches.write_text("")
        self.assertNotEqual(self.resume(folder, "refused", code=None).returncode, 0)
        vouches.unlink()
        self.refused(folder, "file.open", 7)
        vouches.write_text(lines)
        # Of another simulated TEE.
        environment = {**self.environment(), "ATTESTML_TEE_DIR": str(self.tmp / "other")}
        arguments = ["run", "job.toml", "-o", "refused", "--resume", folder, "--set", f"train.epochs={self.EPOCHS}",
                     "--set", "train.checkpoint-epochs=2"]
        subprocess.run([BIN / "attestml", "tee", "init"], env=environment, check=True, capture_output=True)
        out = subprocess.run([BIN / "attestml", *map(str, arguments)], env=environment, cwd=self.tmp, text=True,
                             capture_output=True, timeout=60)
        self.assertEqual(out.returncode, 5, out.stderr)
        self.assertFalse((self.tmp / "refused").exists())

    def test_without_asking_for_checkpoints(self):
        """SIGINT and SIGTERM leave one where the job asks for none, of either engine; it goes on to the same bytes."""
        tiny.write_points_job(self.tmp)
        for engine, number in (("onednn", signal.SIGINT), ("torch", signal.SIGTERM), ("auto", signal.SIGINT)):
            settings = ["--set", "train.epochs=8000", "--set", f'engine.name="{engine}"']
            process = subprocess.Popen([BIN / "attestml", "train", "job.toml", "-o", engine, *settings], cwd=self.tmp,
                                       env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.wait_until_signals_are_taken(process)
            process.send_signal(number)
            _, stderr = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 7, stderr)
            self.assertIn("[train.interrupted]", stderr)
            self.assertIn(f"a checkpoint is in {engine}/checkpoint: go on with the same command and --resume {engine}/checkpoint",
                          stderr)
            self.assertEqual([path.name for path in (self.tmp / engine).iterdir()], ["checkpoint"])
            self.run_program("train", "job.toml", "-o", "resumed", *settings, "--resume", f"{engine}/checkpoint")
            self.run_program("train", "job.toml", "-o", "whole", *settings)
            for name in ("model.safetensors", "training-log.csv"):
                self.assertEqual(digest(self.tmp / "resumed" / name), digest(self.tmp / "whole" / name), engine)
            ours = {t["model"]: t for t in tiny.trainings(self.tmp / "resumed/train.intoto.jsonl")}
            self.assertIn("checkpoint", ours[digest(self.tmp / "resumed/model.safetensors")]["dependencies"])
        # Of noise that is secret there is none to go on from.
        process = subprocess.Popen([BIN / "attestml", "train", "job.toml", "-o", "private", "--set", "train.epochs=8000",
                                    "--set", "train.privacy={clip=1.0,noise-multiplier=1.0}"], cwd=self.tmp,
                                   env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.wait_until_signals_are_taken(process)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 7, stderr)
        self.assertFalse((self.tmp / "private").exists())

    def test_of_another_program(self):
        """The same program with one byte behind its end is another one, and believes no checkpoint of the first."""
        tiny.write_idx_job(self.tmp)
        checkpoint = self.interrupted()
        for part in ("bin", "lib"):
            (self.tmp / "copy" / part).mkdir(parents=True)
        for name in ("attestml", "attestml-prover"):
            copy = self.tmp / "copy/bin" / name
            copy.write_bytes((BIN / name).read_bytes() + (b"\0" if name == "attestml-prover" else b""))
            copy.chmod(0o755)
        (self.tmp / "copy/lib/attestml").symlink_to((BIN / "../lib/attestml").resolve())
        out = subprocess.run([self.tmp / "copy/bin/attestml", "run", "job.toml", "-o", "refused", "--resume",
                              checkpoint.parent, "--set", f"train.epochs={self.EPOCHS}", "--set",
                              "train.checkpoint-epochs=2"], cwd=self.tmp, env=self.environment(), text=True,
                             capture_output=True, timeout=60)
        self.assertEqual(out.returncode, 5, out.stderr)
        self.assertIn("[resume.program]", out.stderr)
        self.assertFalse((self.tmp / "refused").exists())


@unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
class FineTuning(Case):
    """A second job goes on from the model of a first: policies see the whole lineage, or what is missing of it."""

    def setUp(self):
        super().setUp()
        tiny.write_idx_job(self.tmp)
        self.run_program("run", "job.toml", "-o", "first")
        tiny.write_idx(self.tmp, "more", 90, 9)
        job = tiny.IDX_JOB.replace('["train-images", "train-labels"]', '["more-images", "more-labels"]')
        job = job.replace("tiny-train", "tiny-more") + '[train.initial]\nmodel = "first/model.safetensors"\n'
        (self.tmp / "tune.toml").write_text(job)
        self.bundles = [self.tmp / "first/claims.intoto.jsonl", self.tmp / "second/claims.intoto.jsonl"]

    def tune(self, *more, **options):
        return self.run_program("run", "tune.toml", "-o", "second", *more, **options)

    def test_lineage(self):
        self.tune()
        training, = tiny.trainings(self.bundles[1])
        self.assertEqual(training["dependencies"]["initial-model"]["digest"]["sha256"],
                         digest(self.tmp / "first/model.safetensors"))
        # The encoding is that of the first model, fitted on its data.
        self.assertNotIn("fit", training["dependencies"])
        policy = self.starting_policy(*self.bundles)
        report = self.run_json("verify", *self.bundles, "--policy", policy, "--model", "second/model.safetensors")
        self.assertEqual(report["verdict"], "accepted")
        self.assertIn("tiny-train", report["sentence"])
        self.assertIn("tiny-more", report["sentence"])
        # The second bundle alone says where the model came from, and nobody says what that was trained on.
        report = self.run_json("verify", self.bundles[1], "--policy", policy, code=6)
        self.assertLessEqual({"policy.missing_edge", "policy.require.training"}, self.failed(report))
        # Its own starting policy asks for nothing that it does not say, and does not pass over the gap either.
        self.run_program("policy", "init", self.bundles[1], "-o", "alone.toml")
        report = self.run_json("verify", self.bundles[1], "--policy", "alone.toml", code=6)
        self.assertIn("policy.missing_edge", self.failed(report))

    def test_resumed(self):
        """A tuning that was interrupted has both in its lineage: the model and the checkpoint."""
        self.tune("--set", "train.checkpoint-epochs=2")
        self.run_program("run", "tune.toml", "-o", "third", "--set", "train.checkpoint-epochs=2", "--resume",
                         "second/checkpoint")
        self.assertEqual(*(digest(self.tmp / out / "model.safetensors") for out in ("second", "third")))
        bundles = [self.bundles[0], self.tmp / "third/claims.intoto.jsonl"]
        report = self.run_json("verify", *bundles, "--policy", self.starting_policy(*bundles))
        self.assertEqual(report["verdict"], "accepted")
        # Without the first model's statements both the model and its checkpoint came from nowhere.
        report = self.run_json("verify", bundles[1], "--policy", "policy.toml", code=6)
        self.assertIn("policy.missing_edge", self.failed(report))

    def test_only_the_datasets_named(self):
        self.tune()
        policy = self.starting_policy(*self.bundles).read_text()
        first = tiny.trainings(self.bundles[0])[0]["dependencies"]["train"]["digest"]["sha256"]
        (self.tmp / "less.toml").write_text(policy.replace(f'"sha256:{first}"', f'"sha256:{"0" * 64}"'))
        report = self.run_json("verify", *self.bundles, "--policy", "less.toml", code=6)
        self.assertIn("policy.require.training", self.failed(report))

    def test_what_is_refused(self):
        out = self.tune("--set", f'train.initial.sha256="{"ab" * 32}"', code=5)
        self.assertIn("[prove.initial_digest]", out.stderr)
        out = self.tune("--set", 'train.initial.model="nowhere"', code=7)
        for settings in (["model.channels=[5]"], ["model.kernel=5"], ["model.activation=tanh"], ["model.hidden=[3]"]):
            out = self.tune("--set", *settings, code=2)
            self.assertIn("[prove.initial_model]", out.stderr)
        model = self.tmp / "first/model.safetensors"
        model.write_bytes(model.read_bytes()[:-1])
        self.tune(code=3)
        self.assertFalse((self.tmp / "second").exists())


HOUSES = """
version = 1
name = "houses"
[dataset.train]
path = "train.csv"
[dataset.test]
path = "test.csv"
[schema]
columns = [{ name = "a", type = "numeric" }, { name = "b", type = "numeric" }, { name = "kind" },
           { name = "price", type = "numeric" }]
target = { column = "price" }
[model]
kind = "mlp"
[train]
loss = "mse"
optimizer = "sgd"
learning-rate = 0.1
batch-size = 4096
epochs = 400
[tee]
device = "simulated"
[[property]]
name = "regression"
on = "test"
slices = ["kind"]
quantiles = ["0.5"]
"""


def write_houses(path, count, seed):
    draw = random.Random(seed)
    lines = ["a,b,kind,price"]
    for i in range(count):
        a, b = draw.uniform(3, 5), draw.uniform(-5, 5)
        price = 40 + 12 * a - 7 * b + (9 if i % 2 else 0) + draw.uniform(-2, 2)
        lines.append(f"{a:.5f},{b:.5f},{'odd' if i % 2 else 'even'},{price:.5f}")
    path.write_text("\n".join(lines) + "\n")


class Regression(Case):
    """A target that is a number: trained, judged and answered in its own units."""

    def setUp(self):
        super().setUp()
        write_houses(self.tmp / "train.csv", 400, 1)
        write_houses(self.tmp / "test.csv", 100, 2)
        (self.tmp / "job.toml").write_text(HOUSES)

    def rows(self, name):
        return [line.split(",") for line in (self.tmp / name).read_text().splitlines()[1:]]

    def refused(self, identifier, code, *settings):
        out = self.run_program("run", "job.toml", "-o", "refused", *settings, code=code)
        self.assertIn(f"[{identifier}]", out.stderr)
        self.assertFalse((self.tmp / "refused").exists())

    def least_squares(self):
        """Answers for the test rows of the fit by normal equations, solved by elimination."""
        def inputs(row):
            return [1.0, float(row[0]), float(row[1]), float(row[2] == "odd")]
        data = [(inputs(row), float(row[3])) for row in self.rows("train.csv")]
        m = [[sum(x[i] * x[j] for x, _ in data) for j in range(4)] + [sum(x[i] * y for x, y in data)] for i in range(4)]
        for i in range(4):
            m[i] = [value / m[i][i] for value in m[i]]
            for k in range(4):
                if k != i:
                    m[k] = [a - m[k][i] * b for a, b in zip(m[k], m[i])]
        return [sum(c * x for c, x in zip([row[4] for row in m], inputs(row))) for row in self.rows("test.csv")]

    def test_from_numbers_to_policy(self):
        self.run_program("run", "job.toml", "-o", "out")
        self.run_program("infer", "job.toml", "-o", "out", "--input", "test.csv", "--receipts")
        answers = (self.tmp / "out/outputs.csv").read_text().splitlines()
        self.assertEqual(answers[0], "prediction")
        answers = [float(line) for line in answers[1:]]
        self.assertEqual(len(answers), 100)
        for answer, wanted in zip(answers, self.least_squares()):
            self.assertAlmostEqual(answer, wanted, delta=0.02)
        # The property is of these very answers.
        truths = [float(row[3]) for row in self.rows("test.csv")]
        residuals = [answer - truth for answer, truth in zip(answers, truths)]
        bundle = self.tmp / "out/claims.intoto.jsonl"
        said = properties(bundle)["regression"]
        self.assertEqual(said["predictions"], {"from": "model"})
        mean = sum(truths) / 100
        squares = sum(r * r for r in residuals)
        for metric, wanted in (("mean-squared-error", squares / 100),
                               ("mean-absolute-error", sum(map(abs, residuals)) / 100),
                               ("r-squared", 1 - squares / sum((t - mean) ** 2 for t in truths)),
                               ("residual-mean", sum(residuals) / 100)):
            self.assertAlmostEqual(float(result(said, metric)["value"]), wanted, delta=1e-9)
        odd = [r for r, row in zip(residuals, self.rows("test.csv")) if row[2] == "odd"]
        self.assertAlmostEqual(float(result(said, "mean-absolute-error", slice={"kind": "odd"})["value"]),
                               sum(map(abs, odd)) / len(odd), delta=1e-9)

        policy = self.starting_policy(bundle)
        report = self.run_json("verify", bundle, "--policy", policy, "--model", "out/model.safetensors")
        self.assertEqual(report["verdict"], "accepted")
        self.assertIn('property = "regression"', policy.read_text())
        base = policy.read_text()
        require = f"""
[[require]]
id = "error"
claim = "property"
property = "regression"
metric = "mean-squared-error"
dataset = "sha256:{digest(self.tmp / 'test.csv')}"
target = "price"
value = "<= BOUND"
"""
        for bound, code in ((squares / 100 + 0.001, 0), (squares / 100 - 0.001, 6)):
            (self.tmp / "error.toml").write_text(base + require.replace("BOUND", f"{bound:.6f}"))
            report = self.run_json("verify", bundle, "--policy", "error.toml", code=code)
            self.assertEqual(self.failed(report), {"policy.require.error"} if code else set())
        asked = ["--input", "test.csv", "--output", "out/outputs.csv"]
        both = [bundle, self.tmp / "out/infer.intoto.jsonl"]
        answered = self.starting_policy(*both, name="answered.toml")
        self.assertEqual(self.run_json("verify", *both, "--policy", answered, *asked)["verdict"], "accepted")
        self.assertIn("ean squared error", (self.tmp / "out/card.md").read_text())

    @unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
    def test_resumed_and_tuned(self):
        settings = ["--set", "engine.name=torch", "--set", "train.optimizer=adam", "--set", "train.batch-size=64", "--set",
                    "train.epochs=6", "--set", "train.checkpoint-epochs=4", "--set", "model.hidden=[8]"]
        self.run_program("run", "job.toml", "-o", "out", *settings)
        self.run_program("run", "job.toml", "-o", "resumed", *settings, "--resume", "out/checkpoint")
        self.assertEqual(digest(self.tmp / "out/model.safetensors"), digest(self.tmp / "resumed/model.safetensors"))
        self.run_program("run", "job.toml", "-o", "tuned", *settings, "--set",
                         'train.initial.model="out/model.safetensors"')
        errors = [float(result(properties(self.tmp / out / "claims.intoto.jsonl")["regression"],
                               "mean-squared-error")["value"]) for out in ("out", "tuned")]
        self.assertLess(errors[1], errors[0])

    def test_what_does_not_fit_is_refused(self):
        self.refused("train.loss", 2, "--set", "train.loss=cross-entropy")
        self.refused("property.predictions.target", 2, "--set", 'property=[{name="accuracy",on="test"}]')
        self.refused("property.predictions.target", 2, "--set", 'property=[{name="calibration",on="test"}]')
        self.refused("property.predictions.target", 2, "--set",
                     'property=[{name="robustness",on="test",fgsm=[0.1]}]')
        self.refused("train.config", 2, "--set", "train.class-weights=balanced")
        self.refused("job.value", 2, "--set", "train.loss=hinge")
        tiny.write_points_job(self.tmp, tiny.POINTS_JOB.replace('name = "torch"', 'name = "auto"'))
        self.refused("train.loss", 2, "--set", "train.loss=mse")
        self.refused("property.predictions.target", 2, "--set", 'property=[{name="regression",on="test"}]')


@unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
class Diverged(Case):
    def test_not_a_number(self):
        """A learning rate that no loss survives: said at which step, and nothing is left but the last checkpoint."""
        tiny.write_points_job(self.tmp)
        wild = ["--set", 'train.optimizer="sgd"', "--set", "train.learning-rate=0.5", "--set", "train.epochs=200",
                "--set", "train.weight-decay=5"]
        out = self.run_program("run", "job.toml", "-o", "out", *wild, code=2)
        self.assertIn("[train.diverged]", out.stderr)
        self.assertRegex(out.stderr, r"after \d+ steps")
        self.assertFalse((self.tmp / "out").exists())
        out = self.run_program("run", "job.toml", "-o", "out", *wild, "--set", "train.checkpoint-epochs=1", code=2)
        self.assertIn("[train.diverged]", out.stderr)
        self.assertEqual([path.name for path in (self.tmp / "out").iterdir()], ["checkpoint"])
        # What is left is what it says: it can be gone on from, and ends in the same way.
        out = self.run_program("run", "job.toml", "-o", "again", *wild, "--set", "train.checkpoint-epochs=1", "--resume",
                               "out/checkpoint", code=2)
        self.assertIn("[train.diverged]", out.stderr)


NEWER = """
[train.privacy]
clip = 1.0
noise-multiplier = 1.2
[[property]]
name = "robustness"
on = "test"
fgsm = [0.05]
pgd-linf = [0.05]
steps = 3
[[property]]
name = "calibration"
on = "test"
[[property]]
name = "compute"
on = "train"
[[property]]
name = "membership-inference"
on = "train"
against = ["test"]
[[property]]
name = "duplicates"
on = "train"
[[property]]
name = "label-noise"
on = "train"
[[property]]
name = "privacy"
on = "train"
delta = ["1e-05"]
"""


@unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
class NewerProperties(Case):
    """Private training, and every newer property in one job, up to a policy that bounds each."""

    def setUp(self):
        super().setUp()
        tiny.write_points_job(self.tmp, tiny.POINTS_JOB + NEWER)
        self.run_program("run", "job.toml", "-o", "out")
        self.bundle = self.tmp / "out/claims.intoto.jsonl"
        self.policy = self.starting_policy(self.bundle)

    def test_all_of_them(self):
        text = self.policy.read_text()
        found = properties(self.bundle)
        for name in ("robustness", "calibration", "compute", "membership-inference", "duplicates", "label-noise", "privacy"):
            self.assertIn(name, found)
            self.assertIn(f'property = "{name}"', text)
        report = self.run_json("verify", self.bundle, "--policy", self.policy)
        self.assertEqual(report["verdict"], "accepted")
        attack = result(found["robustness"], "adversarial-accuracy", label="fgsm", at="0.05")
        clean = result(found["robustness"], "accuracy")
        self.assertLessEqual(float(attack["value"]), float(clean["value"]))
        self.assertEqual(float(clean["value"]), float(result(found["accuracy"], "accuracy")["value"]))
        self.assertEqual(result(found["compute"], "parameters")["value"], str(self.parameters()))
        self.assertEqual(result(found["duplicates"], "records")["value"], "400")

    def parameters(self):
        """How many numbers the model file holds."""
        data = (self.tmp / "out/model.safetensors").read_bytes()
        header = json.loads(data[8:8 + struct.unpack("<Q", data[:8])[0]])
        return sum(math.prod(tensor["shape"]) for name, tensor in header.items() if name != "__metadata__")

    def test_the_derived_seed(self):
        """spec/properties.md, Randomness: whoever holds the statement can compute the seed again."""
        seeds = []
        for out, nonce in (("out", ""), ("asked", "0a0b0c")):
            if nonce:
                self.run_program("run", "job.toml", "-o", out, "--nonce", nonce)
            found = properties(self.tmp / out / "claims.intoto.jsonl")["robustness"]
            seed, = [seed for seed in found["run"]["seeds"] if seed["of"] == "robustness"]
            self.assertEqual(seed["chosenBy"], "derived")
            what = {"property": "robustness", "parameters": found["parameters"],
                    "selection": found["dataset"]["annotations"]["selection"]}
            text = json.dumps(what, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
            expected = hashlib.sha256(b"attestml/seed/v1\0" + bytes.fromhex(digest(self.tmp / out / "model.safetensors")) +
                                      bytes.fromhex(digest(self.tmp / "test.csv")) + hashlib.sha256(text).digest() +
                                      bytes.fromhex(nonce))
            self.assertEqual(seed["value"], expected.hexdigest())
            seeds.append(seed["value"])
        self.assertNotEqual(*seeds)

    def test_epsilon_is_bounded(self):
        epsilon = float(result(properties(self.bundle)["privacy"], "epsilon", at="1e-05")["value"])
        self.assertGreater(epsilon, 0.1)
        self.assertLess(epsilon, 20)
        # Poisson sampling by a secret: the run says what it committed to, and not the seed.
        seeds = tiny.trainings(self.bundle)[0]["internal"]["seeds"]
        noise = [seed for seed in seeds if seed["of"] == "noise"]
        self.assertEqual([seed["chosenBy"] for seed in noise], ["secret"])
        self.assertEqual(len(noise[0]["value"]), 64)
        text = self.policy.read_text()
        start = text.index('id = "privacy-epsilon"')
        head, part = text[:start], text[start:]
        for bound, code in ((epsilon + 0.1, 0), (epsilon - 0.1, 6)):
            value = part[part.index('value = "'):].split("\n")[0]
            (self.tmp / "bound.toml").write_text(head + part.replace(value, f'value = "<= {bound}"', 1))
            report = self.run_json("verify", self.bundle, "--policy", "bound.toml", code=code)
            self.assertEqual(self.failed(report), set() if code == 0 else {"policy.require.privacy-epsilon"})
        # At another delta nothing was said.
        (self.tmp / "delta.toml").write_text(head + part.replace('at = "1e-05"', 'at = "1e-06"', 1))
        report = self.run_json("verify", self.bundle, "--policy", "delta.toml", code=6)
        self.assertEqual(self.failed(report), {"policy.require.privacy-epsilon"})

    def test_of_images(self):
        """Private steps of a convolution, whose pictures are read as they are needed."""
        job = tiny.IDX_JOB + '[train.privacy]\nclip = 1.0\nnoise-multiplier = 0.5\n'
        job += '[[property]]\nname = "privacy"\non = "train"\ndelta = ["1e-05"]\n'
        tiny.write_idx_job(self.tmp, job)
        self.run_program("run", "job.toml", "-o", "images")
        bundle = self.tmp / "images/claims.intoto.jsonl"
        result(properties(bundle)["privacy"], "epsilon", at="1e-05")
        report = self.run_json("verify", bundle, "--policy", self.starting_policy(bundle))
        self.assertEqual(report["verdict"], "accepted")

    def test_noise_is_fresh(self):
        """Two private runs of one job differ: whoever knows the job does not know the noise."""
        self.run_program("run", "job.toml", "-o", "again")
        self.assertNotEqual(digest(self.tmp / "out/model.safetensors"), digest(self.tmp / "again/model.safetensors"))

    def test_privacy_is_not_claimed_without_noise(self):
        job = (tiny.POINTS_JOB + NEWER).replace("[train.privacy]\nclip = 1.0\nnoise-multiplier = 1.2\n", "")
        (self.tmp / "job.toml").write_text(job)
        out = self.run_program("run", "job.toml", "-o", "plain", code=2)
        self.assertIn("[property.privacy.training]", out.stderr)
        self.assertFalse((self.tmp / "plain").exists())


if __name__ == "__main__":
    unittest.main(verbosity=2)
