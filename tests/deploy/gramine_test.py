"""deploy/gramine: that its manifest trusts what the prover maps and nothing else, and that the prover lives on what
Gramine offers. Gramine itself is not here: what it lacks is taken away instead."""
import ctypes
import os
import pathlib
import re
import shutil
import struct
import subprocess
import sys
import tomllib
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "cli"))
import tiny  # noqa: E402
from harness import BIN, LOANS, SOURCE, Case  # noqa: E402

FOLDER = SOURCE / "deploy/gramine"
PROVER = BIN / "attestml-prover"
LEAN = ["--set", 'engine.name="onednn"']
# What a program gets ENOSYS for: Documentation/devel/features.md of Gramine. eventfd is there, but off by default.
MISSING = {"mremap": 25, "link": 86, "symlink": 88, "getrusage": 98, "signalfd": 282, "timerfd_create": 283,
           "signalfd4": 289, "eventfd2": 290, "renameat2": 316, "seccomp": 317, "memfd_create": 319,
           "copy_file_range": 326, "preadv2": 327, "statx": 332, "rseq": 334, "clone3": 435, "close_range": 436,
           "openat2": 437, "faccessat2": 439}
# A mount namespace with a /dev of its own, in which measured files are what Gramine says that they are. Where the root is no
# mount point (in a chroot) that of /dev alone is made private, so that nothing of it is seen outside.
ENTER = ["unshare", "-m", "--propagation", "unchanged", "sh", "-c",
         "(mount --make-rprivate / || mount --make-rprivate /dev) 2>/dev/null && mount -t tmpfs none /dev && "
         "mkdir -p /dev/attestation/keys && mknod -m 666 /dev/null c 1 3 && mknod -m 666 /dev/urandom c 1 9 && "
         "exec \"$@\"", "sh"]


def can_enter():
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    return subprocess.run([*ENTER, "true"], capture_output=True).returncode == 0


CAN_ENTER = can_enter()
WHY_NOT = "no mount namespace can be made here, in which to have a /dev/attestation"


def rendered(**settings):
    """The template as gramine-manifest renders it, in the little of Jinja that it uses."""
    text = (FOLDER / "attestml-prover.manifest.template").read_text()
    given = {"prefix": "/opt/attestml", "job": "/srv/job", "argv": (FOLDER / "argv.toml").read_text(),
             "gramine.runtimedir()": "/usr/lib/gramine/runtime/glibc", **settings}

    def choose(match):
        either, _, other = match[2].partition("{%- else %}")
        return either if match[1] in given else other

    text = re.sub(r"\{%-? if (\w+) is defined %\}(.*?)\{%-? endif %\}", choose, text, flags=re.S)
    text = re.sub(r'\{\{ (\w+) \| default\("([^"]*)"\) \}\}', lambda match: given.get(match[1], match[2]), text)
    text = re.sub(r"\{\{ ([\w.()]+) \}\}", lambda match: given[match[1]], text)
    assert "{" + "{" not in text and "{%" not in text, text
    return tomllib.loads(text)


def trusted(manifest):
    return {pathlib.Path(uri.removeprefix("file:")) for uri in manifest["sgx"]["trusted_files"]}


class Manifest(unittest.TestCase):
    def test_nothing_is_left_to_the_host(self):
        manifest = rendered()
        self.assertEqual(manifest["loader"]["argv"][0], "attestml-prover")
        for value in manifest["loader"]["env"].values():
            self.assertIsInstance(value, str, "a fixed value, nothing passed through")
        text = (FOLDER / "attestml-prover.manifest.template").read_text()
        for word in ("insecure__", "passthrough", "allow_all"):
            self.assertNotIn(word, text)
        self.assertFalse(manifest["sgx"]["debug"])
        self.assertEqual(manifest["sgx"]["remote_attestation"], "dcap")
        self.assertEqual(manifest["fs"]["root"], {"type": "tmpfs"})
        self.assertTrue(manifest["sys"]["disallow_subprocesses"])

    def test_the_systems_libraries_lie_where_it_says(self):
        for manifest in (rendered(), rendered(train="1"), rendered(empty="/opt/attestml/empty")):
            searched = manifest["loader"]["env"]["LD_LIBRARY_PATH"].split(":")
            for path in trusted(manifest):
                if not path.is_relative_to("/usr/lib") or path.is_relative_to("/usr/lib/gramine"):
                    continue
                self.assertIn(str(path.parent), searched)
                if tiny.HAVE_TORCH:
                    self.assertTrue(path.exists(), path)

    def test_what_the_host_may_write_is_neither_mapped_nor_run(self):
        manifest = rendered()
        self.assertEqual(manifest["sgx"]["allowed_files"], ["file:/srv/job/in/", "file:/srv/job/out/"])
        mounted = {mount["uri"]: mount["path"] for mount in manifest["fs"]["mounts"]}
        searched = manifest["loader"]["env"]["LD_LIBRARY_PATH"].split(":")
        for uri in manifest["sgx"]["allowed_files"]:
            inside = mounted[uri.rstrip("/")]
            self.assertFalse(any(path.startswith(inside) for path in [*searched, manifest["libos"]["entrypoint"]]))

    def test_it_is_small(self):
        files = trusted(rendered())
        libraries = [path for path in files if ".so" in path.name]
        self.assertLessEqual(len(libraries), 12)
        size = 0
        for path in files:
            here = {"attestml-prover": PROVER}.get(path.name, pathlib.Path("/lib/x86_64-linux-gnu") / path.name)
            if path.name.startswith("attestml_engine_"):
                here = BIN.parent / "lib/attestml" / path.name
            size += here.resolve(strict=True).stat().st_size
        self.assertLess(size, 50e6)


class Run(Case):
    """Train outside, answer and evaluate as the manifest's command line does."""

    def setUp(self):
        super().setUp()
        self.run_program("tee", "init")
        self.run_program("train", LOANS / "job.toml", "-o", "model", "--set", "train.epochs=1", "--tee", "simulated", *LEAN)
        rows = (LOANS / "loans-test.csv").read_text().splitlines(keepends=True)[:4]
        (self.tmp / "rows.csv").write_text("".join(rows))

    def command(self, stage, out="out"):
        more = {"infer": ["--model", "model/model.safetensors", "--input", "rows.csv"],
                "evaluate": ["--model", "model/model.safetensors"], "train": ["--set", "train.epochs=1"]}[stage]
        return [PROVER, stage, LOANS / "job.toml", "-o", out, "--tee", "simulated", *LEAN, *more]

    def mapped(self, stage):
        """By the loader's own word."""
        subprocess.run(self.command(stage), cwd=self.tmp, capture_output=True, check=True,
                       env={**self.environment(), "LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(self.tmp / "ld")})
        found = set()
        for log in self.tmp.glob("ld.*"):
            found |= set(re.findall(r"calling init: (\S+)", log.read_text()))
            log.unlink()
        names = {pathlib.Path(path).name for path in found}
        # The engine is mapped from a sealed copy.
        return {"attestml_engine_onednn.so" if name.isdigit() else name for name in names}


class Mapped(Run):
    def test_all_that_is_mapped_is_trusted_and_nothing_else(self):
        libraries = {path.name for path in trusted(rendered()) if path.name != "attestml-prover"}
        for stage in ("infer", "evaluate"):
            self.assertEqual(self.mapped(stage), libraries, stage)

    def test_training_too(self):
        libraries = {path.name for path in trusted(rendered(train="1")) if path.name != "attestml-prover"}
        self.assertEqual(self.mapped("train"), libraries)


@unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
@unittest.skipUnless(CAN_ENTER, WHY_NOT)
class Torch(Run):
    def test_what_is_mapped_is_trusted_and_an_empty_library_stands_for_the_rest(self):
        subprocess.run([FOLDER / "empty-libraries", self.tmp / "empty"], check=True)
        empty = {path.name for path in (self.tmp / "empty").iterdir()}
        self.assertGreater(len(empty), 10)
        self.assertIn("libopencv_core.so.406", empty)
        # As in Gramine: no memory files, measured files instead, the empty ones first on the search path.
        command = [*map(str, self.command("train")), "--set", 'engine.name="torch"']
        subprocess.run([*ENTER, sys.executable, __file__, "without", *command], cwd=self.tmp, check=True, capture_output=True,
                       env={**self.environment(), "FOR_PROVER": f"LD_LIBRARY_PATH={self.tmp}/empty LD_DEBUG=files "
                                                                    f"LD_DEBUG_OUTPUT={self.tmp}/ld"})
        mapped = set()
        for log in self.tmp.glob("ld.*"):
            mapped |= set(re.findall(r"calling init: (\S+)", log.read_text()))
        names = {pathlib.Path(path).name for path in mapped if not path.startswith(str(self.tmp / "empty"))}
        files = trusted(rendered(empty="/opt/attestml/empty"))
        self.assertIn(pathlib.Path("/opt/attestml/empty"), files)
        self.assertEqual(names, {path.name for path in files} - {"empty", "attestml-prover"})
        self.assertEqual({pathlib.Path(path).name for path in mapped if path.startswith(str(self.tmp / "empty"))}, empty)


@unittest.skipUnless(tiny.HAVE_TORCH, tiny.WHY_TORCH)
class Natively(Run):
    def test_the_libraries_that_nothing_uses_are_not_loaded(self):
        """Whatever the build found out of them, or did not."""
        command = [*map(str, self.command("train")), "--set", 'engine.name="torch"']
        subprocess.run(command, cwd=self.tmp, capture_output=True, check=True,
                       env={**self.environment(), "LD_DEBUG": "files", "LD_DEBUG_OUTPUT": str(self.tmp / "ld")})
        mapped = {path for log in self.tmp.glob("ld.*") for path in re.findall(r"calling init: (\S+)", log.read_text())}
        names = {pathlib.Path(path).name for path in mapped if not path.startswith("/proc/")}
        self.assertTrue(any(name.startswith("libtorch_cpu.so") for name in names))
        self.assertFalse({name for name in names if re.match(r"lib(opencv|av|sw|Qt5|gdal|zmq|leveldb)", name)})
        self.assertLess(len(names), 60)


def take_away(calls):
    """For the child: these system calls are not there (seccomp-bpf, x86-64)."""
    allow, absent = 0x7FFF0000, 0x00050000 | 38
    code = [struct.pack("HBBI", 0x20, 0, 0, 0)]  # load the number
    for number in calls:
        code.append(struct.pack("HBBI", 0x15, 0, 1, number))
        code.append(struct.pack("HBBI", 0x06, 0, 0, absent))
    code.append(struct.pack("HBBI", 0x06, 0, 0, allow))
    program = ctypes.create_string_buffer(b"".join(code))
    prog = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(code), ctypes.addressof(program)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) != 0 or libc.prctl(22, 2, ctypes.byref(prog), 0, 0) != 0:
        os._exit(99)


class Calls(Run):
    """With the system calls that Gramine has, and no others."""

    @unittest.skipUnless(CAN_ENTER, WHY_NOT)
    def test_the_prover_answers(self):
        out = subprocess.run([*ENTER, sys.executable, __file__, "without", *map(str, self.command("infer"))], cwd=self.tmp,
                             env=self.environment(), capture_output=True, text=True)
        self.assertEqual(out.returncode, 0, out.stderr)
        bundle = "out/infer.intoto.jsonl"
        root = self.run_json("tee", "status")["simulated"]["root"]
        self.run_program("policy", "init", bundle, "--simulated-root", root, "-o", "policy.toml")
        report = self.run_json("verify", bundle, "--policy", "policy.toml", "--input", "rows.csv", "--output", "out/outputs.csv")
        self.assertEqual(report["verdict"], "accepted")

    def test_without_measured_files_an_engine_is_not_mapped_from_one(self):
        out = subprocess.run(self.command("infer"), cwd=self.tmp, env=self.environment(), capture_output=True, text=True,
                             preexec_fn=lambda: take_away([MISSING["memfd_create"]]))
        self.assertEqual(out.returncode, 7, out.stderr)
        self.assertIn("[engine.load]", out.stderr)
        self.assertFalse((self.tmp / "out").exists())


if __name__ == "__main__":
    if sys.argv[1:2] == ["without"]:
        take_away(MISSING.values())
        for_prover = dict(word.split("=", 1) for word in os.environ.pop("FOR_PROVER", "").split())
        os.execve(sys.argv[2], sys.argv[2:], {**os.environ, **for_prover})
    unittest.main()
