"""Side by side, in one run: what attestation costs, what verifying costs, and plain PyTorch doing the same work.

usage: bench.py BUILD_DIRECTORY [--runs N] [--torch-engine]

Prints medians of N runs (at least 5), interleaved, and ratios. Needs UCI Adult in $ATTESTML_SHARED/datasets/adult
(default: ../shared beside the repository).
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

parser = argparse.ArgumentParser()
parser.add_argument("build", type=pathlib.Path)
parser.add_argument("--runs", type=int, default=7)
options = parser.parse_args()
RUNS = max(5, options.runs)
ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get("ATTESTML_SHARED", ROOT.parent / "shared"))
ADULT = SHARED / "datasets/adult"
if not (ADULT / "adult.data").exists():
    sys.exit(f"no UCI Adult in {ADULT}: set ATTESTML_SHARED")
BIN = options.build.resolve() / "bin"
PYTHON = "/usr/bin/python3" if pathlib.Path("/usr/bin/python3").exists() else sys.executable
HAVE_TORCH = subprocess.run([PYTHON, "-c", "import torch"], capture_output=True).returncode == 0

work = tempfile.TemporaryDirectory()
TMP = pathlib.Path(work.name)
ENV = {**os.environ, "ATTESTML_TEE_DIR": str(TMP / "tee")}
DATA = ["--data", f"adult-train={ADULT}/adult.data", "--data", f"adult-test={ADULT}/adult.test"]
JOB = str(ROOT / "examples/adult/job.toml")


def timed(command, env=ENV):
    """(wall, CPU) seconds of one process, its output kept out of the way."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run([str(c) for c in command], env=env, cwd=TMP, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(f"{command}\n{done.stdout.decode()}\n{done.stderr.decode()}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout.decode()


def side_by_side(commands, runs=RUNS):
    """Medians of (wall, CPU) for each, interleaved so that drift hits all alike; one round first to warm the caches."""
    samples = {name: [] for name in commands}
    for round_number in range(runs + 1):
        for name, (command, env) in commands.items():
            sample = timed(command, env)
            if round_number > 0:
                samples[name].append(sample)
    return {name: (statistics.median(s[0] for s in found), statistics.median(s[1] for s in found), found[-1][2])
            for name, found in samples.items()}


def ms(seconds):
    return f"{seconds * 1e3:.1f} ms"


def show(title, rows):
    print(f"\n{title}")
    for row in rows:
        print("  " + row)


def run(*more):
    return [BIN / "attestml-prover", "run", JOB, "-o", TMP / "out", "--json", *DATA, *more]


print(f"medians of {RUNS} runs, interleaved; {os.cpu_count()} cores")

# 1. What attestation costs on the Adult job as it stands.
found = side_by_side({"attested": (run("--no-card"), ENV), "unattested": (run("--bench-unattested"), ENV), "with cards": (run(), ENV)})
extra_wall = found["attested"][0] - found["unattested"][0]
extra_cpu = found["attested"][1] - found["unattested"][1]
limit = max(0.010, 0.01 * found["unattested"][1])
timing = json.loads(found["attested"][2])["timing"]
show("1. Adult job (20 epochs), attested and not, same binary", [
    f"attested    {ms(found['attested'][0])} wall, {ms(found['attested'][1])} CPU",
    f"unattested  {ms(found['unattested'][0])} wall, {ms(found['unattested'][1])} CPU",
    f"attestation {ms(extra_wall)} wall, {ms(extra_cpu)} CPU; limit 10 ms or 1 % of the job's CPU: {ms(limit)}",
    f"with cards  {ms(found['with cards'][0])} wall, {ms(found['with cards'][1])} CPU: the bundle verified and two cards written too",
    "parts of the attested run: " + ", ".join(f"{k} {float(v) * 1e3:.1f} ms" for k, v in timing.items())])

# 2. Five epochs against plain PyTorch, same BLAS settings for it as its best.
five = ["--set", "train.epochs=5"]
commands = {"attestml": (run(*five), ENV), "attestml, torch engine": (run(*five, "--set", "engine.name=torch"), ENV)}
if HAVE_TORCH:
    best = {**ENV, "OPENBLAS_CORETYPE": "Cooperlake"}
    for threads in (1, 2):
        commands[f"PyTorch script, {threads} thread{'s' if threads > 1 else ''}"] = (
            [PYTHON, ROOT / "bench/baseline_torch.py", ADULT / "adult.data", ADULT / "adult.test", 5, threads],
            {**best, "OMP_NUM_THREADS": str(threads)})
probe = subprocess.run([str(c) for c in run(*five, "--set", "engine.name=torch")], env=ENV, capture_output=True, cwd=TMP)
if probe.returncode != 0:
    commands.pop("attestml, torch engine")
found = side_by_side(commands)
python = min((v[0] for k, v in found.items() if k.startswith("PyTorch")), default=None)
rows = [f"{name:26} {ms(wall)} wall, {ms(cpu)} CPU" + (f", {wall / python:.2f} of the best PyTorch script" if python else "")
        for name, (wall, cpu, _) in found.items()]
show("2. Whole attested run, 5 epochs, against an unattested PyTorch script", rows + ([] if python else ["python3-torch is not installed"]))

# 3. Verifying, as a process and in the library.
timed(run())
root = json.loads(timed([BIN / "attestml", "tee", "status", "--json"])[2])["simulated"]["root"]
bundle = TMP / "out/claims.intoto.jsonl"
timed([BIN / "attestml", "policy", "init", bundle, "--simulated-root", root, "-o", TMP / "policy.toml"])
verify = [BIN / "attestml", "verify", bundle, "--policy", TMP / "policy.toml"]
found = side_by_side({"verify": (verify, ENV), "/bin/true": (["/bin/true"], ENV)}, runs=max(RUNS, 31))
show("3. attestml verify on the Adult bundle, whole process", [
    f"verify {ms(found['verify'][0])}, /bin/true {ms(found['/bin/true'][0])}: "
    f"{ms(found['verify'][0] - found['/bin/true'][0])} above it; limit 10 ms"])
bench = options.build.resolve() / "bench/verify_bench"
if bench.exists():
    out = subprocess.run([bench, bundle, root, "--benchmark_format=json", "--benchmark_repetitions=5",
                          "--benchmark_min_time=0.2", "--benchmark_enable_random_interleaving=true",
                          "--benchmark_report_aggregates_only=true"], capture_output=True, text=True, check=True).stdout
    medians = {b["run_name"]: b for b in json.loads(out)["benchmarks"] if b["aggregate_name"] == "median"}
    floor = medians["Floor"]["real_time"]
    rows = []
    for name, b in medians.items():
        line = f"{name:45} {b['real_time']:9.1f} us"
        if name.startswith("VerifyMany"):
            line += f"   {b['items_per_second']:9.0f} bundles a second"
        else:
            line += f"   {b['real_time'] / floor:5.2f} x floor"
        rows.append(line)
    show("3b. In the library (floor: the same certificates parsed, the same number of P-256 checks)", rows)

# 4. Start-up.
measure = [BIN / "attestml-prover", "measure", JOB, "-o", TMP / "measured", *DATA]
commands = {"measure on Adult": (measure, ENV), "attestml-prover --version": ([BIN / "attestml-prover", "--version"], ENV),
            "attestml --version": ([BIN / "attestml", "--version"], ENV), "/bin/true": (["/bin/true"], ENV)}
tiny = ["train", str(ROOT / "examples/loans/job.toml"), "-o", TMP / "tiny", "--set", "train.epochs=1"]
commands["train 1 epoch on loans, oneDNN"] = ([BIN / "attestml-prover", *tiny, "--set", "engine.name=onednn"], ENV)
empty = options.build.resolve() / "bench/empty_torch"
if empty.exists():
    commands["train 1 epoch on loans, torch"] = ([BIN / "attestml-prover", *tiny, "--set", "engine.name=torch"], ENV)
    commands["empty program with libtorch"] = ([empty], ENV)
found = side_by_side(commands, runs=max(RUNS, 15))
show("4. Start-up and small commands, whole process", [f"{name:32} {ms(wall)}" for name, (wall, _, _) in found.items()])

# 5. Receipts in bulk.
rows = (ADULT / "adult.test").read_text().splitlines(keepends=True)
(TMP / "rows.csv").write_text(rows[0] + "".join(line for line in rows[1:] if line.strip()) * 6)
count = 6 * 16281
infer = [BIN / "attestml-prover", "infer", JOB, "-o", TMP / "answers", "--model", TMP / "out/model.safetensors", "--input", TMP / "rows.csv"]
found = side_by_side({"receipts": ([*infer, "--receipts"], ENV), "unattested": ([*infer, "--bench-unattested"], ENV)}, runs=5)
extra = (found["receipts"][1] - found["unattested"][1]) / count
show(f"5. Inference on {count} rows", [
    f"with receipts {ms(found['receipts'][0])} wall, {ms(found['receipts'][1])} CPU; unattested {ms(found['unattested'][0])} wall, {ms(found['unattested'][1])} CPU",
    f"attestation {extra * 1e6:.2f} us of CPU a row; limit 10 us"])
