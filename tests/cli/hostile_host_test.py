"""A host that hands out other bytes when a file is read again: the digest that is stated and the data that were used
are of one reading."""
import hashlib
import os
import pathlib
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tiny  # noqa: E402
from harness import LOANS, Case, statements  # noqa: E402

EMULATED = os.environ.get("ATTESTML_EMULATED_FILE", "")
CAN_MOUNT = bool(EMULATED) and subprocess.run([EMULATED, "--can-mount"], capture_output=True).returncode == 0


class Shifting:
    """`path` is `first` when it is read once, and `second` where it is read again."""

    def __init__(self, folder, first, second):
        folder.mkdir()
        self.path = folder / first.name
        self.process = subprocess.Popen([EMULATED, folder, first, second], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        text=True)
        assert self.process.stdout.readline() == "ready\n"

    def __enter__(self):
        return self.path

    def __exit__(self, *_):
        self.process.communicate("", timeout=30)


def sha256(data):
    return hashlib.sha256(data).hexdigest()


@unittest.skipUnless(CAN_MOUNT, "no /dev/fuse, not root, or no libfuse3: a hostile file cannot be emulated here")
class HostileHost(Case):
    SETTINGS = ["--set", "train.epochs=1", "--tee", "simulated"]

    def setUp(self):
        super().setUp()
        self.run_program("tee", "init")

    def changed(self, path, old, new):
        """A copy of the same size in which every `old` is `new`."""
        assert len(old) == len(new)
        data = path.read_bytes()
        assert old in data
        other = self.tmp / ("other-" + path.name)
        other.write_bytes(data.replace(old, new))
        return other

    def test_the_emulation_shifts(self):
        other = self.changed(LOANS / "loans-train.csv", b",", b";")
        with Shifting(self.tmp / "mount", LOANS / "loans-train.csv", other) as path:
            self.assertEqual(path.read_bytes(), (LOANS / "loans-train.csv").read_bytes())
            self.assertEqual(path.read_bytes(), other.read_bytes())

    def test_a_dataset(self):
        genuine = LOANS / "loans-train.csv"
        # Read again it would not even be a table.
        with Shifting(self.tmp / "mount", genuine, self.changed(genuine, b",", b";")) as path:
            self.run_program("train", LOANS / "job.toml", "-o", "out", "--data", f"loans-train={path}", *self.SETTINGS)
        self.run_program("train", LOANS / "job.toml", "-o", "wanted", *self.SETTINGS)
        self.assertEqual((self.tmp / "out/model.safetensors").read_bytes(),
                         (self.tmp / "wanted/model.safetensors").read_bytes())
        self.assertTrue(sha256(genuine.read_bytes()) in str(statements(self.tmp / "out/train.intoto.jsonl")))

    def test_a_model_and_rows(self):
        self.run_program("train", LOANS / "job.toml", "-o", "model", *self.SETTINGS)
        model = self.tmp / "model/model.safetensors"
        other = self.tmp / "other.safetensors"
        data = bytearray(model.read_bytes())
        for at in range(len(data) - 400, len(data)):
            data[at] ^= 1
        other.write_bytes(data)
        rows = self.tmp / "rows.csv"
        rows.write_bytes(b"".join((LOANS / "loans-test.csv").read_bytes().splitlines(keepends=True)[:4]))
        again = self.changed(rows, b",", b";")
        with Shifting(self.tmp / "a", model, other) as hostile_model, Shifting(self.tmp / "b", rows, again) as hostile_rows:
            self.run_program("infer", LOANS / "job.toml", "-o", "out", "--model", hostile_model, "--input", hostile_rows,
                             "--tee", "simulated")
        self.run_program("infer", LOANS / "job.toml", "-o", "wanted", "--model", model, "--input", rows, "--tee", "simulated")
        self.assertEqual((self.tmp / "out/outputs.csv").read_bytes(), (self.tmp / "wanted/outputs.csv").read_bytes())
        text = str(statements(self.tmp / "out/infer.intoto.jsonl"))
        self.assertTrue(sha256(model.read_bytes()) in text)
        self.assertTrue(sha256(rows.read_bytes()) in text)
        self.assertFalse(sha256(other.read_bytes()) in text)

    def test_a_job(self):
        job = self.tmp / "job.toml"
        job.write_bytes((LOANS / "job.toml").read_bytes())
        for name in ("loans-train.csv", "loans-test.csv"):
            (self.tmp / name).write_bytes((LOANS / name).read_bytes())
        other = self.changed(job, b"seed = 1", b"seed = 2")
        data = [word for name in ("train", "test") for word in ("--data", f"loans-{name}={self.tmp}/loans-{name}.csv")]
        with Shifting(self.tmp / "mount", job, other) as path:
            self.run_program("train", path, "-o", "out", *data, *self.SETTINGS)
        self.run_program("train", job, "-o", "wanted", *data, *self.SETTINGS)
        self.assertEqual((self.tmp / "out/model.safetensors").read_bytes(),
                         (self.tmp / "wanted/model.safetensors").read_bytes())
        self.assertIn("seed = 1", (self.tmp / "out/job.toml").read_text())

    @unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
    def test_pictures(self):
        tiny.write_idx_job(self.tmp)
        images = next(path for path in self.tmp.iterdir() if "images" in path.name)
        data = images.read_bytes()
        other = self.tmp / "other-images"
        other.write_bytes(data[:16] + bytes(255 - byte for byte in data[16:]))
        self.run_program("train", "job.toml", "-o", "wanted", *self.SETTINGS)
        with Shifting(self.tmp / "mount", images, other) as path:
            images.rename(self.tmp / "genuine-images")
            images.symlink_to(path)
            self.run_program("train", "job.toml", "-o", "out", *self.SETTINGS)
        used = [statements(self.tmp / out / "train.intoto.jsonl")[0]["predicate"]["buildDefinition"]["resolvedDependencies"]
                for out in ("out", "wanted")]
        self.assertEqual(*used)
        self.assertTrue((self.tmp / "out/model.safetensors").read_bytes() ==
                        (self.tmp / "wanted/model.safetensors").read_bytes())


if __name__ == "__main__":
    unittest.main()
