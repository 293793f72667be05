#!/usr/bin/env python3
"""Keeps the arrows between the folders of src/ one-way.

The law is the table in ARCHITECTURE.md between the two "layers" comments: folder | folders it may include. A folder may
always include itself. Prints one line a violation and exits 1; prints nothing and exits 0 on a clean tree.

usage: check_layers.py [ROOT]
"""
import pathlib
import re
import sys

INCLUDE = re.compile(r'^\s*#\s*include\s+(["<])([^">]+)[">]')
# Headers of a library that only one folder may include.
ONLY = {
    "openssl/": ("crypto",),
    "torch/": ("engine/torch",),
    "ATen/": ("engine/torch",),
    "c10/": ("engine/torch",),
    "dnnl": ("engine/onednn",),
    "oneapi/dnnl": ("engine/onednn",),
    "toml++/": ("base",),
    "CLI/": ("cli",),
    "curl/": ("fetch",),
    "zlib.h": ("data",),
    "png.h": ("data",),
    "jpeglib.h": ("data",),
}


def table(root):
    allowed = {}
    inside = False
    for line in (root / "ARCHITECTURE.md").read_text().splitlines():
        if "<!-- layers" in line:
            inside = not inside
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not inside or len(cells) < 2 or not cells[0].startswith("`"):
            continue
        allowed[cells[0].strip("`")] = set(re.findall(r"`([^`]+)`", cells[1]))
    return allowed


def folder_of(path, allowed):
    """The longest entry of the table that is a prefix of the path, or the first part of it."""
    parts = path.split("/")
    for end in range(len(parts) - 1, 0, -1):
        if "/".join(parts[:end]) in allowed:
            return "/".join(parts[:end])
    return parts[0]


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent)
    allowed = table(root)
    if not allowed:
        print("ARCHITECTURE.md: no layer table found")
        return 1
    bad = 0
    for file in sorted((root / "src").rglob("*")):
        if file.suffix not in (".h", ".cc"):
            continue
        name = file.relative_to(root / "src").as_posix()
        own = folder_of(name, allowed)
        if own not in allowed:
            print(f"src/{name}: folder {own} is not in the table of ARCHITECTURE.md")
            bad += 1
            continue
        # Producer-side tests build from files what the folder itself must only be given.
        test_only = name.endswith(("_test.cc", "_for_test.h")) and own in ("data", "model", "engine", "properties", "tasks")
        for number, line in enumerate(file.read_text().splitlines(), 1):
            match = INCLUDE.match(line)
            if not match:
                continue
            target = match.group(2)
            for prefix, owners in ONLY.items():
                if target.startswith(prefix) and not any(own == o or own.startswith(o + "/") for o in owners):
                    print(f"src/{name}:{number}: {own} may not include {target}")
                    bad += 1
            if match.group(1) != '"' or "/" not in target:
                continue
            other = folder_of(target, allowed)
            if not (root / "src" / target).exists() and other not in allowed:
                continue
            if test_only and other in ("artifact", "data", "model"):
                continue
            if other != own and other not in allowed[own]:
                print(f"src/{name}:{number}: {own} may not include {other} ({target})")
                bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
