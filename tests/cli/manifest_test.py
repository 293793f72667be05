"""Folders as artifacts: manifests, against a reading of Model Signing's rules that shares no code with the product."""
import hashlib
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from harness import Case  # noqa: E402


def manifest(folder, shard_size):
    resources = []
    for path in sorted((p for p in folder.rglob("*") if p.is_file()), key=lambda p: p.relative_to(folder).parts):
        data = path.read_bytes()
        for start in range(0, max(len(data), 1), shard_size):
            end = min(start + shard_size, len(data))
            resources.append({"name": f"{path.relative_to(folder)}:{start}:{end}",
                              "algorithm": f"sha256-sharded-{shard_size}",
                              "digest": hashlib.sha256(data[start:end]).hexdigest()})
    return {"serialization": {"method": "shards", "hash_type": "sha256", "shard_size": shard_size,
                              "allow_symlinks": False}, "resources": resources}


class Manifests(Case):
    def setUp(self):
        super().setUp()
        self.model = self.tmp / "model"
        (self.model / "a").mkdir(parents=True)
        for name, text in (("a/b", b"x" * 100000), ("a.b", b"y" * 4096), ("ä", b"z"), ("empty", b"")):
            (self.model / name).write_bytes(text)

    def test_manifest(self):
        for size in (1000, 4096, 1 << 26):
            out = self.run_program("manifest", "model", "--shard-size", size, "-o", "manifest.json", "--threads", "3")
            text = (self.tmp / "manifest.json").read_bytes()
            self.assertEqual(json.loads(text), manifest(self.model, size))
            self.assertEqual(out.stdout, f"sha256:{hashlib.sha256(text).hexdigest()}\n")
            shown = self.run_program("manifest", "model", "--shard-size", size)
            self.assertEqual(shown.stdout.encode(), text)
            digests = b"".join(bytes.fromhex(r["digest"]) for r in json.loads(text)["resources"])
            self.assertIn(hashlib.sha256(digests).hexdigest(), shown.stderr)

    def test_refused(self):
        (self.model / "link").symlink_to("/etc/passwd")
        out = self.run_program("manifest", "model", "-o", "manifest.json", code=2)
        self.assertIn("[manifest.type]", out.stderr)
        self.assertFalse((self.tmp / "manifest.json").exists())
        self.run_program("manifest", "nowhere", code=7)

    def test_certified_folder(self):
        self.run_program("keygen", "key.pem")
        self.run_program("certify", "model", "--as", "A model of parts", "--key", "key.pem", "-o", "claim.jsonl")
        policy = self.run_program("policy", "init", "claim.jsonl").stdout
        (self.tmp / "policy.toml").write_text(policy)
        report = self.run_json("verify", "claim.jsonl", "--policy", "policy.toml", "--model", "model")
        self.assertEqual(report["verdict"], "accepted")
        (self.model / "a.b").rename(self.model / "a.c")
        report = self.run_json("verify", "claim.jsonl", "--policy", "policy.toml", "--model", "model", code=6)
        self.assertIn("policy.model", self.failed(report))


if __name__ == "__main__":
    unittest.main()
