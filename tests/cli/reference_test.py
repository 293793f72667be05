"""From a release's signed reference values to a policy that accepts what its program stated, and nothing else."""
import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from harness import BIN, LOANS, Case  # noqa: E402

PROVER = BIN / "attestml-prover"
TDX = f"mrtd={'5' * 96},rtmr1={'6' * 96},rtmr2={'7' * 96}"


def sigstruct(mrenclave, *, svn=3, debug=False):
    """As Intel's SDM lays it out."""
    out = bytearray(1808)
    out[0:16] = bytes.fromhex("06000000e10000000000010000000000")
    out[24:40] = bytes.fromhex("01010000600000006000000001000000")
    out[128:512] = b"\xab" * 384
    out[512] = 3
    out[928] = 0x06 if debug else 0x04
    out[944:960] = b"\xff" * 16
    out[960:992] = mrenclave
    out[1026:1028] = svn.to_bytes(2, "little")
    return bytes(out)


class References(Case):
    def setUp(self):
        super().setUp()
        self.run_program("keygen", "release.pem")
        self.root = self.tee()["simulated"]["root"]

    def make(self, *more, code=0, out="values.jsonl"):
        return self.run_program("reference-values", PROVER, "--name", "attestml-prover 0.1.0", "-k", "release.pem", "-o", out,
                                *more, code=code)

    def imported(self, *more, code=0):
        return self.run_program("policy", "import", "values.jsonl", "-k", "release.pem.pub", *more, code=code)

    def test_a_policy_made_of_them_accepts_that_program_alone(self):
        self.run_loans()
        self.run_program("policy", "init", "out/claims.intoto.jsonl", "--simulated-root", self.root, "-o", "copied.toml")
        self.make("--simulated")
        tables = self.imported("--simulated-root", self.root).stdout
        copied = (self.tmp / "copied.toml").read_text()
        rest = re.sub(r"\[\[program\]\]\n(?:[^\n]+\n)+", "", copied)
        self.assertNotIn("mrenclave", rest)
        policy = self.tmp / "policy.toml"
        policy.write_text(rest + "\n" + tables)
        report = self.run_json("verify", "out/claims.intoto.jsonl", "--policy", policy)
        self.assertEqual(report["verdict"], "accepted")
        other = re.sub(r'mrenclave = "\w{2}', 'mrenclave = "00', rest + "\n" + tables)
        policy.write_text(other)
        report = self.run_json("verify", "out/claims.intoto.jsonl", "--policy", policy, code=6)
        self.assertIn("policy.program", self.failed(report))

    def test_an_enclaves_signature_file(self):
        (self.tmp / "a.sig").write_bytes(sigstruct(b"\x5a" * 32))
        self.make("--sigstruct", "a.sig", "--tdx", TDX)
        tables = self.imported().stdout
        self.assertIn(f'mrenclave = "{"5a" * 32}"\n', tables)
        self.assertIn("min-security-version = 3\n", tables)
        self.assertIn(f'rtmr2 = "{"7" * 96}"\n', tables)
        (self.tmp / "debug.sig").write_bytes(sigstruct(b"\x5a" * 32, debug=True))
        self.assertIn("[cli.debug]", self.make("--sigstruct", "debug.sig", code=2, out="no.jsonl").stderr)
        (self.tmp / "cut.sig").write_bytes(sigstruct(b"\x5a" * 32)[:-1])
        self.assertIn("[sgx.sigstruct.size]", self.make("--sigstruct", "cut.sig", code=3, out="no.jsonl").stderr)
        self.assertFalse((self.tmp / "no.jsonl").exists())

    def test_what_is_not_the_releasers_is_refused(self):
        self.make("--tdx", TDX)
        self.run_program("keygen", "other.pem")
        out = self.run_program("policy", "import", "values.jsonl", "-k", "other.pem.pub", code=5)
        self.assertIn("[reference.signature]", out.stderr)
        self.assertEqual(out.stdout, "")
        envelope = json.loads((self.tmp / "values.jsonl").read_text())
        envelope["payload"] = envelope["payload"].replace("N", "O", 1)
        (self.tmp / "values.jsonl").write_text(json.dumps(envelope, separators=(",", ":")) + "\n")
        self.imported(code=5)

    def test_what_no_policy_could_say_is_not_signed(self):
        for more, error in [([], "reference.program"), (["--tdx", "mrtd=00"], "reference.value"),
                            (["--tdx", TDX.split(",rtmr2")[0]], "reference.value"), (["--snp", "measurement"], "cli.value"),
                            (["--nitro", "pcr0=xyz"], "cli.value")]:
            self.assertIn(f"[{error}]", self.make(*more, code=2, out="no.jsonl").stderr, more)
        self.assertFalse((self.tmp / "no.jsonl").exists())
        self.make("--simulated")
        self.assertIn("[cli.root]", self.imported(code=2).stderr)

    def test_a_bundle_with_them_is_read_past_them(self):
        self.make("--tdx", TDX)
        self.assertEqual(json.loads(self.run_program("inspect", "values.jsonl").stdout)["statements"][0]["kind"], "unknown")
        self.imported("--simulated-root", "nonsense", code=2)


if __name__ == "__main__":
    unittest.main()
