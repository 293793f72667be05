"""Jobs on images and texts, from the files to an accepted bundle."""
import gzip
import hashlib
import json
import pathlib
import struct
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tiny  # noqa: E402
from harness import Case, properties, result, statements  # noqa: E402

FOLDER_JOB = """
version = 1
[dataset.photos]
format = "image-folder"
path = "photos/labels.csv"
[schema]
columns = [{ name = "file", type = "image", shape = [1, 8, 8] }, { name = "label" }, { name = "sex" }]
drop = ["sex"]
target = { column = "label", positive = "a" }
sensitive = ["sex"]
[split.cut]
dataset = "photos"
seed = 3
stratify = true
fractions = { train = 0.7, test = 0.3 }
[model]
kind = "cnn"
channels = [4]
[train]
optimizer = "adam"
learning-rate = 0.01
batch-size = 16
epochs = 4
[tee]
device = "simulated"
[[property]]
name = "overlap"
on = "test"
against = ["train"]
[[property]]
name = "accuracy"
on = "test"
[[property]]
name = "fairness"
on = "test"
"""

TEXT_JOB = """
version = 1
[dataset.reviews]
path = "reviews.tsv"
header = false
delimiter = "\\t"
quote = false
[schema]
columns = [{ name = "sentence", type = "text" }, { name = "positive" }]
target = { column = "positive", positive = "1" }
[split.cut]
dataset = "reviews"
seed = 1
stratify = true
fractions = { train = 0.7, test = 0.3 }
[encoding]
tokenizer = "TOKENIZER"
vocabulary = 60
length = 8
[model]
MODEL
[train]
optimizer = "adam"
learning-rate = 0.02
batch-size = 16
epochs = 8
[tee]
device = "simulated"
[[property]]
name = "accuracy"
on = "test"
"""


@unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
class Kinds(Case):
    def accepted(self, out="out", *more):
        """Runs the job, makes a starting policy and verifies with the model in hand; the report."""
        self.run_program("run", "job.toml", "-o", out, *more)
        bundle = self.tmp / out / "claims.intoto.jsonl"
        policy = self.starting_policy(bundle, name=f"{out}.toml")
        report = self.run_json("verify", bundle, "--policy", policy, "--model", self.tmp / out / "model.safetensors")
        self.assertEqual(report["verdict"], "accepted")
        return report

    def accuracy(self, out="out"):
        return float(result(properties(self.tmp / out / "claims.intoto.jsonl")["accuracy"], "accuracy")["value"])

    def refused(self, identifier, code):
        out = self.run_program("run", "job.toml", "-o", "out", code=code)
        self.assertIn(identifier, out.stderr)
        self.assertFalse((self.tmp / "out").exists() and any((self.tmp / "out").iterdir()))

    def test_idx(self):
        tiny.write_idx_job(self.tmp)
        report = self.accepted()
        self.assertGreater(self.accuracy(), 0.9)
        self.assertIn("was trained to predict label on tiny-train", report["sentence"])
        self.assertIn("all 200 records", report["sentence"])
        self.assertIn("on all 60 records of tiny-test", report["sentence"])
        # Who holds the files can say so: the manifest of both is the dataset (spec/records.md section 5).
        def manifest(*names):
            files = [{"name": name, "sha256": hashlib.sha256((self.tmp / name).read_bytes()).hexdigest(),
                      "size": (self.tmp / name).stat().st_size} for name in names]
            (self.tmp / "manifest.json").write_text(json.dumps({"files": files}, sort_keys=True, separators=(",", ":")))
            return ["--dataset", "manifest.json"]
        ask = ["verify", "out/claims.intoto.jsonl", "--policy", "out.toml"]
        self.run_json(*ask, *manifest("train-images", "train-labels"))
        for other in (["train-labels", "train-images"], ["train-images"], ["train-images", "test-labels"]):
            report = self.run_json(*ask, *manifest(*other), code=6)
            self.assertEqual(self.failed(report), {"policy.dataset"})
        # The same job again ends in the same model.
        self.accepted("again")
        self.assertEqual(*((self.tmp / out / "model.safetensors").read_bytes() for out in ("out", "again")))
        # The same pixels in gzip files are other bytes and another dataset, and make the same model.
        tiny.write_idx(self.tmp, "train", 200, 1, zipped=True)
        self.accepted("zipped")
        self.assertEqual(*((self.tmp / out / "model.safetensors").read_bytes() for out in ("out", "zipped")))
        policy = self.tmp / "out.toml"
        report = self.run_json("verify", "zipped/claims.intoto.jsonl", "--policy", policy, code=6)
        self.assertIn("policy.require.training", self.failed(report))

    def test_idx_that_lies(self):
        tiny.write_idx_job(self.tmp)
        images = (self.tmp / "train-images").read_bytes()
        lies = {"short": images[:-1], "long": images + b"\0", "count": images[:4] + struct.pack(">I", 201) + images[8:],
                "huge": images[:4] + b"\xff" * 4 + images[8:], "side": images[:8] + struct.pack(">I", 9) + images[12:],
                "empty": b"", "gzip": gzip.compress(images)[:-3]}
        for name, data in lies.items():
            with self.subTest(name):
                (self.tmp / "train-images").write_bytes(data)
                self.refused("idx." if name != "gzip" else "gzip", 3)

    def test_cifar(self):
        tiny.write_cifar(self.tmp / "one.bin", 60, 1)
        tiny.write_cifar(self.tmp / "two.bin", 60, 2)
        tiny.write_cifar(self.tmp / "test.bin", 30, 3)
        job = tiny.IDX_JOB.replace('"idx"', '"cifar10"').replace("batch-size = 32", "batch-size = 16")
        job = job.replace('["train-images", "train-labels"]', '["one.bin", "two.bin"]')
        job = job.replace('["test-images", "test-labels"]', '["test.bin"]')
        job = job.replace('{ name = "image", type = "image", shape = [1, 8, 8] }, { name = "label" }',
                          '{ name = "label" }, { name = "image", type = "image", shape = [3, 32, 32] }')
        job += "[train.augment]\ncrop-padding = 2\nflip = true\n"
        (self.tmp / "job.toml").write_text(job)
        report = self.accepted()
        self.assertGreater(self.accuracy(), 0.9)
        self.assertIn("all 120 records", report["sentence"])
        # The batches in another order are another dataset.
        (self.tmp / "job.toml").write_text(job.replace('"one.bin", "two.bin"', '"two.bin", "one.bin"'))
        self.run_program("run", "job.toml", "-o", "other")
        report = self.run_json("verify", "other/claims.intoto.jsonl", "--policy", "out.toml", code=6)
        self.assertIn("policy.require.training", self.failed(report))
        (self.tmp / "job.toml").write_text(job)
        (self.tmp / "two.bin").write_bytes((self.tmp / "two.bin").read_bytes()[:-1])
        out = self.run_program("run", "job.toml", "-o", "short", code=3)
        self.assertIn("cifar.", out.stderr)

    def test_folder_of_pictures(self):
        tiny.write_folder(self.tmp / "photos", 120, 1)
        (self.tmp / "job.toml").write_text(FOLDER_JOB)
        report = self.accepted()
        self.assertGreater(self.accuracy(), 0.8)
        self.assertIn("part train of a seeded split", report["sentence"])
        fairness = properties(self.tmp / "out/claims.intoto.jsonl")["fairness"]
        result(fairness, "selection-rate", slice={"sex": "f"})
        # A byte of one picture is part of the dataset.
        picture = self.tmp / "photos/png/7.png"
        picture.write_bytes((self.tmp / "photos/png/8.png").read_bytes())
        self.run_program("run", "job.toml", "-o", "changed")
        report = self.run_json("verify", "changed/claims.intoto.jsonl", "--policy", "out.toml", code=6)
        self.assertIn("policy.require.training", self.failed(report))
        # What the CSV file names must be there, be a picture, and lie in the folder.
        csv = self.tmp / "photos/labels.csv"
        text = csv.read_text()
        (self.tmp / "out").rename(self.tmp / "kept")
        picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(20))
        self.refused("image.png", 3)
        picture.unlink()
        self.refused("png/7.png", 7)
        for name in ("../job.toml", "/etc/hostname", "png/../../x"):
            csv.write_text(text.replace("png/7.png", name))
            self.refused("image.name", 3)

    def test_texts(self):
        tiny.write_texts(self.tmp / "reviews.tsv", 200, 1)
        models = {"lstm": 'kind = "lstm"\nembedding = 8\nunits = 8',
                  "transformer": 'kind = "transformer"\nembedding = 8\nunits = 16\nheads = 2\nlayers = 1'}
        for name, tokenizer in (("lstm", "word"), ("transformer", "byte-pair")):
            with self.subTest(name):
                (self.tmp / "job.toml").write_text(TEXT_JOB.replace("MODEL", models[name]).replace("TOKENIZER", tokenizer))
                report = self.accepted(name)
                self.assertGreater(self.accuracy(name), 0.8)
                self.assertIn("was trained to predict positive on reviews", report["sentence"])
        # Answers to new sentences: the words came with the model.
        rows = self.tmp / "rows.tsv"
        rows.write_text("the food was lovely\nawful staff\n")
        self.run_program("infer", "job.toml", "-o", "answers", "--model", "transformer/model.safetensors", "--input", rows)
        answers = (self.tmp / "answers/outputs.csv").read_text().splitlines()
        self.assertEqual([line.split(",")[0] for line in answers[1:]], ["1", "0"])

    def test_a_model_that_does_not_fit_its_data(self):
        tiny.write_idx_job(self.tmp, tiny.IDX_JOB.replace('kind = "cnn"\nchannels = [4]', 'kind = "lstm"'))
        self.refused("job.model", 2)
        tiny.write_texts(self.tmp / "reviews.tsv", 50, 1)
        for model in ('kind = "mlp"', 'kind = "cnn"'):
            (self.tmp / "job.toml").write_text(TEXT_JOB.replace("MODEL", model).replace("TOKENIZER", "word"))
            self.refused("job.model", 2)

    def test_evaluate_and_infer_apart(self):
        """Another party evaluates the model on its own machine, with the job alone."""
        tiny.write_idx_job(self.tmp)
        self.run_program("train", "job.toml", "-o", "out")
        self.run_program("evaluate", "job.toml", "-o", "judged", "--model", "out/model.safetensors")
        both = [self.tmp / "out/train.intoto.jsonl", self.tmp / "judged/evaluate.intoto.jsonl"]
        report = self.run_json("verify", *both, "--policy", self.starting_policy(*both))
        self.assertEqual(report["verdict"], "accepted")
        self.assertNotIn(str(self.tmp), json.dumps(statements(*both)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
