"""The verifier holds no ML engine: neither its types nor its libraries. The same search finds them where they are."""
import pathlib
import re
import subprocess
import sys

verifier, prover, modules = (pathlib.Path(argument) for argument in sys.argv[1:4])
# Names of types and functions that survive stripping: run-time type information, dynamic symbols, dlopen'ed names.
TYPES = (b"8attestml6engine", b"attestml_engine_v1")
LIBRARIES = re.compile(r"lib(torch|dnnl|c10|openblas|gomp)")


def needed(program):
    out = subprocess.run(["readelf", "-d", program], capture_output=True, text=True, check=True).stdout
    return [line for line in out.splitlines() if "NEEDED" in line]


def engine_names(program):
    data = program.read_bytes()
    return [name for name in TYPES if name in data]


assert not engine_names(verifier), f"{verifier} names {engine_names(verifier)}"
linked = [line for line in needed(verifier) if LIBRARIES.search(line)]
assert not linked, linked

assert engine_names(prover), "the twin search found nothing in the prover: this test would see nothing anywhere"
assert not [line for line in needed(prover) if LIBRARIES.search(line)], "the prover links an engine instead of loading it"
found = sorted(modules.glob("attestml_engine_*.so"))
assert found, f"no engine module in {modules}"
for module in found:
    assert b"attestml_engine_v1" in module.read_bytes(), module
    assert [line for line in needed(module) if LIBRARIES.search(line)], module
