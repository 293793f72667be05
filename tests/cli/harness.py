"""Runs the programs as a user would. Standard library only."""
import base64
import json
import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

SOURCE = pathlib.Path(os.environ["ATTESTML_SOURCE"])
BIN = pathlib.Path(os.environ["ATTESTML_BIN"])
SHARED = pathlib.Path(os.environ.get("ATTESTML_SHARED", SOURCE.parent / "shared"))
LOANS = SOURCE / "examples/loans"


def statements(*bundles):
    """The in-toto statements of bundle files, in order."""
    out = []
    for bundle in bundles:
        for line in pathlib.Path(bundle).read_text().splitlines():
            out.append(json.loads(base64.b64decode(json.loads(line)["payload"])))
    return out


def properties(bundle):
    """name -> predicate of the property statements of a bundle (the last of a name wins)."""
    found = [s["predicate"] for s in statements(bundle) if s["predicateType"] == "urn:attestml:property:v1"]
    return {p["property"]: p for p in found}


def result(predicate, metric, **qualifiers):
    """The one result of this metric with exactly these qualifiers."""
    names = ("slice", "where", "given", "across", "column", "label", "at")
    found = [r for r in predicate["results"]
             if r["metric"] == metric and {n: r[n] for n in names if n in r} == qualifiers]
    assert len(found) == 1, (metric, qualifiers, len(found))
    return found[0]


class Case(unittest.TestCase):
    """A temporary folder with its own simulated TEE."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)
        self.tmp = pathlib.Path(self.folder.name)

    def environment(self):
        return {**os.environ, "ATTESTML_TEE_DIR": str(self.tmp / "tee"), "NO_COLOR": "1"}

    def run_program(self, *arguments, code=0, **options):
        out = subprocess.run([BIN / "attestml", *map(str, arguments)], capture_output=True, text=True, cwd=self.tmp,
                             env=self.environment(), timeout=120, **options)
        if code is not None:
            self.assertEqual(out.returncode, code, f"{arguments}\nstdout: {out.stdout}\nstderr: {out.stderr}")
        return out

    def run_json(self, *arguments, code=0):
        return json.loads(self.run_program(*arguments, "--json", code=code).stdout)

    def tee(self):
        self.run_program("tee", "init")
        return self.run_json("tee", "status")

    def wait_until_signals_are_taken(self, process):
        """Until every thread of the prover blocks SIGINT and SIGTERM, and one is there that takes them."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            self.assertIsNone(process.poll(), "it ended before it could be told to")
            try:
                threads = [dict(line.split(":\t") for line in (path / "status").read_text().splitlines()
                                if line.startswith("Sig"))
                           for path in pathlib.Path(f"/proc/{process.pid}/task").iterdir()]
            except OSError:  # one ended meanwhile
                continue
            wanted = 1 << (signal.SIGINT - 1) | 1 << (signal.SIGTERM - 1)
            if len(threads) > 1 and all(int(masks["SigBlk"], 16) & wanted == wanted for masks in threads):
                for masks in threads:  # oneDNN's kernels do not survive a handler on their thread
                    self.assertFalse(int(masks["SigCgt"], 16) & wanted, masks)
                return
            time.sleep(0.01)
        self.fail("no thread takes signals")

    def failed(self, report):
        return {check["id"] for check in report["checks"] if check["verdict"] == "fail"}

    def run_loans(self, out="out", *more):
        return self.run_json("run", LOANS / "job.toml", "-o", out, "--set", "train.epochs=3", *more)

    def starting_policy(self, *bundles, name="policy.toml"):
        self.run_program("policy", "init", *bundles, "--simulated-root", self.tee()["simulated"]["root"], "-o", name)
        return self.tmp / name
