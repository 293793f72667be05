"""Evidence of each format beside the floor, in one run, interleaved; and what is broken beside what is good.

usage: evidence_bench.py BUILD_DIRECTORY [--runs N]

Prints Markdown: medians of N runs (at least 5) of CPU time, and ratios of neighbours in time. Needs the shared vectors in $ATTESTML_SHARED
(default: ../shared beside the repository).
"""
import argparse
import collections
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import time

parser = argparse.ArgumentParser()
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("--runs", type=int, default=5)
options = parser.parse_args()
ROOT = pathlib.Path(__file__).resolve().parent.parent
VECTORS = pathlib.Path(os.environ.get("ATTESTML_SHARED", ROOT.parent / "shared")) / "vectors"
BENCH = options.build.resolve() / "bench/evidence_bench"
LIMIT = 1.25
RUNS = max(5, options.runs)
if not (VECTORS / "manifest.json").exists():
    sys.exit(f"evidence_bench.py: no shared vectors in {VECTORS}: nothing was measured")


FORMATS = ("sgx", "tdx", "snp", "nitro")


def measure(pattern, runs):
    """{name: (ours, floor, ratio, label)}: medians of the runs' own medians, each of 300 pairs."""
    done = subprocess.run([BENCH, VECTORS, f"--benchmark_filter={pattern}", "--benchmark_format=json",
                           f"--benchmark_repetitions={runs}"], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    rows = collections.defaultdict(list)
    for row in json.loads(done.stdout)["benchmarks"]:
        if row["run_type"] == "iteration":
            rows[row["run_name"].split("/iterations")[0]].append(row)
    middle = lambda found, key: statistics.median(row[key] for row in found)
    return {name: (middle(found, "ours"), middle(found, "floor"),
                   middle(found, "ratio") if "ratio" in found[0] else middle(found, "ours") / middle(found, "floor"),
                   found[0].get("label", "")) for name, found in rows.items()}


def mark(ratio, limit):
    return f"{ratio:.2f}" if ratio <= limit else f"**{ratio:.2f}**"


found = measure("^(Cold|ColdPlainD2i|Warm)/", RUNS)
print(f"Medians of {RUNS} runs of 300 pairs each; microseconds of CPU time on one core.\n")
print("| | cold, ours | floor | ratio | ratio to a floor with plain `d2i_X509` | warm, ours | floor | ratio |")
print("|---|---|---|---|---|---|---|---|")
for name in FORMATS:
    cold, plain, warm = found[f"Cold/{name}"], found[f"ColdPlainD2i/{name}"], found[f"Warm/{name}"]
    print(f"| {name} | {cold[0]:.0f} | {cold[1]:.0f} | {mark(cold[2], LIMIT)} | {plain[2]:.2f} | "
          f"{warm[0]:.0f} | {warm[1]:.0f} | {mark(warm[2], LIMIT)} |")

bad = measure("^Bad/", 1)
print("\n| damaged, cold: times what the good one costs | " + " | ".join(FORMATS) + " |\n|---|---|---|---|---|")
for how in dict.fromkeys(name.split("/")[2] for name in bad):
    cells = [f"Bad/{name}/{how}" for name in FORMATS]
    print(f"| {how.replace('_', ' ')} | " + " | ".join(
        f"{bad[c][2]:.3f} `{bad[c][3]}`" if c in bad else "" for c in cells) + " |")
worst = measure("^Worst/", 1)
print("\nThe dearest of all changes of one byte and all lengths: " + ", ".join(
    f"{name} {worst[f'Worst/{name}'][0] / 1e3:.2f} ms" for name in FORMATS) + "; want at most 50 ms.")

# Whole processes, in turn, so that drift hits all alike.
SHORT = {
    "sgx": ("sgx/sgx_v3_b_00606a000000.bin", ["intel-collateral/2025-08_sgx_00606a000000"], "2025-08-30T05:09:06Z"),
    "tdx": ("tdx/tdx_v4_a_b0c06f000000.bin", ["intel-collateral/2025-06_tdx_b0c06f000000"], "2025-07-04T10:16:31Z"),
    "snp": ("snp/snp_v3_milan.bin", ["snp/snp_v3_milan.vcek.der", "certs/amd_milan_ask_ark_asvk.pem"],
            "2026-06-01T00:00:00Z"),
    "nitro": ("nitro/nitro_2026.cbor", [], "2026-01-03T20:41:07Z"),
}
commands = {"/bin/true": ["/bin/true"]}
for name, (evidence, collateral, at) in SHORT.items():
    commands[name] = [options.build.resolve() / "bin/attestml", "evidence", "verify", VECTORS / evidence, "--at", at]
    for path in collateral:
        commands[name] += ["--collateral", VECTORS / path]


def timed(command):
    """(wall, CPU) milliseconds and the exit status of one process."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    status = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall * 1e3, (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1e3, status


samples = collections.defaultdict(list)
for _ in range(20 * RUNS):
    for name, command in commands.items():
        samples[name].append(timed(command))
middle = {name: tuple(statistics.median(s[i] for s in found) for i in (0, 1)) for name, found in samples.items()}
print(f"\n| `attestml evidence verify`, whole process, medians of {20 * RUNS} | wall | above `/bin/true` | CPU | exit |")
print("|---|---|---|---|---|")
for name, (wall, cpu) in middle.items():
    above = wall - middle["/bin/true"][0]
    print(f"| {name} | {wall:.2f} ms | {above:.2f} ms{'' if above <= 8 else ' **missed**'} | {cpu:.2f} ms | "
          f"{samples[name][-1][2]} |")
