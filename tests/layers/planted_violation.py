"""The layer checker finds what it is for: one planted include against the arrows, and one foreign library."""
import pathlib
import subprocess
import sys
import tempfile

root = pathlib.Path(sys.argv[1])


def check(tree):
    return subprocess.run([sys.executable, root / "tools/check_layers.py", tree], capture_output=True, text=True)


with tempfile.TemporaryDirectory() as folder:
    tree = pathlib.Path(folder)
    (tree / "ARCHITECTURE.md").write_text((root / "ARCHITECTURE.md").read_text())
    (tree / "src/crypto").mkdir(parents=True)
    (tree / "src/verify").mkdir()
    (tree / "src/crypto/good.cc").write_text('#include <openssl/evp.h>\n#include "base/result.h"\n')
    clean = check(tree)
    assert clean.returncode == 0 and not clean.stdout, clean.stdout
    (tree / "src/crypto/upward.cc").write_text('#include "verify/evidence.h"\n')
    (tree / "src/verify/foreign.cc").write_text("\n#include <openssl/evp.h>\n")
    (tree / "src/utils").mkdir()
    (tree / "src/utils/misc.h").write_text("\n")
    dirty = check(tree)
    assert dirty.returncode == 1, "a violation was not refused"
    lines = dirty.stdout.splitlines()
    assert any(line.startswith("src/crypto/upward.cc:1:") for line in lines), lines
    assert any(line.startswith("src/verify/foreign.cc:2:") for line in lines), lines
    assert any("folder utils is not in the table" in line for line in lines), lines
    assert len(lines) == 3, lines
