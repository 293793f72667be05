"""Out of memory: whatever the limit, a run ends, says so with an id, and leaves nothing."""
import pathlib
import resource
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import tiny  # noqa: E402
from harness import BIN, LOANS, Case  # noqa: E402

MIB = 1 << 20
# Two layers of a million weights and more, and batches that fill them.
LARGE = ["--set", "model.hidden=[1500,2000]", "--set", "train.batch-size=2048"]


class Memory(Case):
    def run_within(self, mib, *more):
        """One epoch under a limit on address space (`ulimit -v`)."""
        limit = mib * MIB
        out = subprocess.run([BIN / "attestml-prover", "train", LOANS / "job.toml", "-o", "out", "--set", "train.epochs=1",
                              *more], capture_output=True, text=True, cwd=self.tmp, env=self.environment(), timeout=100,
                             preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit)))
        where = f"{mib} MiB {more}: {out.returncode} {out.stderr}"
        if out.returncode == 0:
            names = sorted(path.name for path in (self.tmp / "out").iterdir())
            self.assertEqual(names, ["job.toml", "model.safetensors", "train.intoto.jsonl", "training-log.csv"], where)
            for name in names:
                (self.tmp / "out" / name).unlink()
            (self.tmp / "out").rmdir()
            return True
        self.assertEqual(out.returncode, 7, where)
        self.assertRegex(out.stderr, r"\[(memory|engine\.memory|engine\.onednn|engine\.torch|engine\.load)\]\n", where)
        self.assertRegex(out.stderr, r"memory|space", where)
        self.assertFalse((self.tmp / "out").exists(), where)
        return False

    def scan(self, limits, *more):
        ended_well = [self.run_within(mib, *more) for mib in limits]
        # The first is too little for anything, the last is enough.
        self.assertFalse(ended_well[0])
        self.assertTrue(ended_well[-1])

    def test_small_engine(self):
        self.run_program("tee", "init")
        for threads in (1, 2):
            engine = ["--set", 'engine.name="onednn"', "--set", f"engine.threads={threads}"]
            self.scan([20, 30, 60, 100, 130, 1000], *engine)
            self.scan([100, 140, 180, 240, 2000], *engine, *LARGE)

    @unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
    def test_libtorch(self):
        """OpenBLAS that finds no room for a buffer tries for ever, and OpenMP ends the process: neither is let so far."""
        self.run_program("tee", "init")
        for threads, limits in ((1, [20, 300, 750, 900, 1000, 1100, 1150, 2500]), (2, [700, 1000, 1200, 1350, 1450, 3000])):
            engine = ["--set", 'engine.name="torch"', "--set", f"engine.threads={threads}"]
            self.scan(limits, *engine)
            self.scan(limits[-5:], *engine, *LARGE)


if __name__ == "__main__":
    unittest.main(verbosity=2)
