#!/usr/bin/env python3
"""Measures folders: gigabytes a second of `attestml manifest` on 1 and 2 threads, beside sha256sum, in the same run.

    manifest_bench.py [--bin DIRECTORY] [--gigabytes N] [--rounds N] [--folder DIRECTORY]

The files are generated (5 GB with --gigabytes 5) and removed. Rounds take turns, so that what else the machine does falls on
all of them; medians are shown. Every file is read once before, so that the disk is no part of it.
"""

import argparse
import pathlib
import random
import resource
import shutil
import statistics
import subprocess
import tempfile
import time

SOURCE = pathlib.Path(__file__).resolve().parents[1]
FILE = 256 << 20


def timed(command):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", type=pathlib.Path, default=SOURCE / "build/release/bin")
    parser.add_argument("--gigabytes", type=float, default=1)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where the files are made")
    options = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="attestml-manifest-", dir=options.folder))
    try:
        left, number = int(options.gigabytes * 1e9), 0
        block = random.Random(1).randbytes(1 << 20)
        while left > 0:
            size = min(left, FILE)
            with open(folder / f"model-{number:05}.safetensors", "wb") as file:
                for _ in range(size >> 20):
                    file.write(block)
                file.write(block[:size & 0xFFFFF])
            left, number = left - size, number + 1
        files = sorted(map(str, folder.iterdir()))
        program = str(options.bin / "attestml")
        commands = {
            "sha256sum": ["sha256sum", *files],
            "attestml manifest, 1 thread": [program, "manifest", str(folder), "--threads", "1"],
            "attestml manifest, 2 threads": [program, "manifest", str(folder), "--threads", "2"],
        }
        timed(commands["sha256sum"])
        seen = {name: [] for name in commands}
        for _ in range(options.rounds):
            for name, command in commands.items():
                seen[name].append(timed(command))
        print(f"{options.gigabytes:g} GB in {len(files)} files, {options.rounds} rounds, median")
        print("| | GB/s | wall s | CPU s |\n|---|---|---|---|")
        for name, runs in seen.items():
            wall = statistics.median(run[0] for run in runs)
            cpu = statistics.median(run[1] for run in runs)
            print(f"| {name} | {options.gigabytes / wall:.2f} | {wall:.3f} | {cpu:.3f} |")
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
