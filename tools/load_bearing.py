#!/usr/bin/env python3
"""Mutation testing of the verifier: takes each check out, one at a time, and shows the test that then fails.

usage: tools/load_bearing.py [--build DIR] [--jobs N] [--only TEXT] [--write FILE]

It copies the tree, wraps every condition in src/evidence, src/verify and the certificate parts of src/crypto that
refuses something in a switch with a number, and builds the tests once. Then every test runs alone and says which switches
it has seen refuse. With switch N thrown, the refusal does not happen; one of the tests that saw it must fail.

What is switched off, each on its own:
  if (a || b) return Untrusted(…);     a; b                        (also: continue, false, an error passed on)
  if (a && b) return Untrusted(…);     the whole
  bool F() { return a && b; }          a; b are taken for true
  ATTESTML_CHECK(F());                 the call
  window.Intersect(…);  Rely(…);       the call
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SOURCES = ["src/evidence/**/*.cc", "src/verify/**/*.cc", "src/crypto/certificate*.cc", "src/crypto/crl*.cc",
           "src/crypto/timestamp*.cc"]
TARGETS = ["evidence_test", "verify_test", "crypto_test", "evidence_attack_test", "snp_evidence_test",
           "bundle_attack_test", "fetch_test"]
QUICK = 2.0  # seconds: what takes longer changes every byte of something, and is asked last
SHARED_SETUP = {"snp_evidence_test"}  # what makes keys for all its tests: never a test alone
KNOWN = ROOT / "tools" / "load_bearing_known.txt"

SWITCH = r"""// Written by tools/load_bearing.py.
#pragma once
#include <atomic>
#include <cstdio>
#include <cstdlib>
namespace attestml::load_bearing {
inline constexpr int kMost = 8192;
inline std::atomic<bool> seen[kMost];
inline int Thrown() {
  static const int thrown = [] {
    if (const char* path = std::getenv("LOAD_BEARING_SEEN")) {
      static const char* out = path;
      std::atexit([] {
        std::FILE* file = std::fopen(out, "w");
        for (int i = 0; i < kMost; ++i) {
          if (seen[i]) std::fprintf(file, "%d\n", i);
        }
        std::fclose(file);
      });
    }
    const char* text = std::getenv("LOAD_BEARING_OFF");
    return text ? std::atoi(text) : -1;
  }();
  return thrown;
}
inline bool Off(int n) {
  const bool off = Thrown() == n;
  seen[n].store(true, std::memory_order_relaxed);
  return off;
}
inline bool Refuses(int n, bool value) { return value && !Off(n); }
inline bool Holds(int n, bool value) { return value || Off(n); }
}  // namespace attestml::load_bearing
"""

REFUSAL = re.compile(
    r"\breturn\s+(Untrusted|Malformed|Unsupported|Unavailable|TooMany|NoLevel|Error|\w+Error|Refuse\w*|Bad\w*)\b"
    r"|\breturn\s+[\w.>()-]*error\(\)|\breturn\s+(false|std::nullopt|nullptr|error|refusal)\s*;|\bcontinue\s*;"
    r"|\brefusal\b|\.Offer\(")


def blank(text):
    """The text with comments, strings and characters blanked, every offset kept."""
    out = list(text)

    def wipe(match):
        for i in range(match.start(), match.end()):
            if out[i] != "\n":
                out[i] = " "
        first = match.group(0)[0]
        if first in "\"'":
            out[match.start()] = out[match.end() - 1] = first

    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|(?<![0-9a-fA-F])\'(?:\\.|[^\'\\\n])+\'', re.S)
    for match in pattern.finditer(text):
        wipe(match)
    return "".join(out)


def closing(code, at):
    """The offset of the bracket that closes the one at `at`."""
    depth = 0
    for i in range(at, len(code)):
        if code[i] in "([{":
            depth += 1
        elif code[i] in ")]}":
            depth -= 1
            if depth == 0:
                return i
    raise ValueError("a bracket is not closed")


def split(code, start, end, operator):
    """The pieces of code[start:end] between `operator` outside all brackets, as offsets."""
    pieces, depth, at, i = [], 0, start, start
    while i < end:
        if code[i] in "([{":
            depth += 1
        elif code[i] in ")]}":
            depth -= 1
        elif depth == 0 and code.startswith(operator, i):
            pieces.append((at, i))
            i += len(operator)
            at = i
            continue
        i += 1
    pieces.append((at, end))
    return pieces


def trimmed(code, start, end):
    while start < end and code[start].isspace():
        start += 1
    while end > start and code[end - 1].isspace():
        end -= 1
    return start, end


def body_after(code, at):
    """Offsets of the statement that begins at or after `at`."""
    while code[at].isspace():
        at += 1
    if code[at] == "{":
        return at, closing(code, at) + 1
    end = at
    depth = 0
    while True:
        if code[end] in "([{":
            depth += 1
        elif code[end] in ")]}":
            depth -= 1
        elif code[end] == ";" and depth == 0:
            return at, end + 1
        end += 1


FUNCTION = re.compile(r"^(?:template[^\n]*\n)?(?!namespace|struct|class|enum|constexpr|using|if|for|while|return)"
                      r"[\w:<>,&*\[\] ]+?[ &*]([\w:~]+)\([^;{}]*\)[^;{}()]*\{", re.M)


class Instrumenter:
    def __init__(self):
        self.sites = []  # of each number: file, function, what, id

    def add(self, path, function, what, text):
        same = sum(1 for site in self.sites if (site["file"], site["function"], site["what"]) == (path, function, what))
        self.sites.append({"file": path, "function": function, "what": what, "id": text, "nth": same + 1})
        return len(self.sites) - 1

    def run(self, path, text):
        code = blank(text)
        functions = [(m.start(), m.group(1), m.group(0).lstrip().startswith(("bool ", "static bool ")))
                     for m in FUNCTION.finditer(code)]
        constants = dict(re.findall(r'constexpr std::string_view (k\w+) = "([^"]+)"', text))

        def where(at):
            name, boolean = "", False
            for start, function, is_bool in functions:
                if start <= at:
                    name, boolean = function, is_bool
            return name, boolean

        def id_of(start, end):
            found = re.search(r'\b(?:Untrusted|Malformed|Unsupported|Unavailable)\(\s*(?:std::string\()?("([\w.]+)"|(k\w+))',
                              text[start:end])
            if not found:
                return ""
            return found.group(2) or constants.get(found.group(3), "")

        inserts = []  # offset, text

        def wrap(start, end, call, what, identity):
            start, end = trimmed(code, start, end)
            if start == end or code[start:end] in ("true", "false"):
                return
            shown = " ".join(text[start:end].split())
            number = self.add(path, where(start)[0], what.format(shown), identity)
            inserts.append((start, f"attestml::load_bearing::{call}({number}, static_cast<bool>("))
            inserts.append((end, "))"))

        for match in re.finditer(r"\bif \(", code):
            opened = match.end() - 1
            closed = closing(code, opened)
            start, end = body_after(code, closed + 1)
            if not REFUSAL.search(code[start:end]) or code.startswith("constexpr", match.start() + 3):
                continue
            # A long body that refuses something somewhere is no refusal itself.
            if code[start:end].count(";") > 6 or re.search(r"\b(for|while) \(", code[start:end]):
                continue
            identity = id_of(start, end)
            parts = split(code, opened + 1, closed, ";")
            declared = re.match(r"\s*(?:const )?(?:auto|[\w:<>]+)[&* ]+(\w+) = ", code[parts[-1][0]:parts[-1][1]])
            if declared and len(parts) == 1:
                number = self.add(path, where(opened)[0], " ".join(text[opened + 1:closed].split()), identity)
                inserts.append((closed, f"; attestml::load_bearing::Refuses({number}, static_cast<bool>({declared.group(1)}))"))
                continue
            pieces = split(code, *parts[-1], "||")
            for piece in pieces:
                wrap(*piece, "Refuses", "{}", identity)
        for match in re.finditer(r"\breturn\b", code):
            if not where(match.start())[1]:
                continue
            # Of the function itself, not of a lambda in it.
            _, end = body_after(code, match.end())
            pieces = split(code, match.end(), end - 1, "&&")
            if len(split(code, match.end(), end - 1, "||")) > 1:
                pieces = [(match.end(), end - 1)]
            for piece in pieces:
                wrap(*piece, "Holds", "{}, taken for true", "")
        for match in re.finditer(r"^ *(?:for \([^\n]*\) )?(ATTESTML_CHECK\(|[\w.>-]*\bIntersect\(|Rely\()", code, re.M):
            start = match.start(1)
            if where(start)[0] == "" or code[max(0, start - 6):start] == "void ":
                continue
            _, end = body_after(code, start)
            if "{" in code[start:end]:
                continue
            number = self.add(path, where(start)[0], " ".join(text[start:end].split()), "")
            inserts.append((start, f"if (!attestml::load_bearing::Off({number})) {{ "))
            inserts.append((end, " }"))
        # Stable: what was added first at an offset stays first.
        out, at = [], 0
        for offset, inserted in sorted(inserts, key=lambda item: item[0]):
            out.append(text[at:offset])
            out.append(inserted)
            at = offset
        out.append(text[at:])
        return '#include "base/load_bearing.h"\n' + "".join(out)


def run_test(program, test, environment, timeout=300):
    env = dict(os.environ, **environment)
    try:
        done = subprocess.run([program, f"--gtest_filter={test}"], env=env, timeout=timeout,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return done.returncode
    except subprocess.TimeoutExpired:
        return 124


def first_failure(program, names, environment, timeout=900):
    """The first of these tests that fails, crashes or does not end; None when all pass."""
    env = dict(os.environ, **environment)
    command = [program, "--gtest_filter=" + ":".join(names), "--gtest_fail_fast", "--gtest_color=no"]
    try:
        done = subprocess.run(command, env=env, timeout=timeout, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        out, status = done.stdout, done.returncode
    except subprocess.TimeoutExpired as error:
        out, status = error.stdout or b"", 124
    if status == 0:
        return None
    failed = re.findall(r"^\[  FAILED  \] ([^\s,]+)", out.decode(errors="replace"), re.M)
    started = re.findall(r"^\[ RUN      \] (\S+)", out.decode(errors="replace"), re.M)
    return failed[0] if failed else started[-1] if started else names[0]


def list_tests(program):
    out = subprocess.run([program, "--gtest_list_tests"], capture_output=True, text=True, check=True).stdout
    suite, tests = "", []
    for line in out.splitlines():
        name = line.split("#")[0].rstrip()
        if line.startswith(" "):
            tests.append(suite + name.strip())
        elif name.endswith("."):
            suite = name
    return tests


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(ROOT / "build" / "load_bearing"))
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--only", default="", help="only switches whose file or function contains this")
    parser.add_argument("--reuse", action="store_true", help="what each test has seen is known from the last run of this build")
    parser.add_argument("--quick", action="store_true", help="do not ask the slow tests: more will seem to survive")
    parser.add_argument("--known", action="store_true", help="take out those of load_bearing_known.txt too: each must survive")
    parser.add_argument("--write", help="write the table to this file")
    options = parser.parse_args()

    build = pathlib.Path(options.build)
    tree = build / "tree"
    files = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout.split("\n")
    instrumenter = Instrumenter()
    wanted = {str(path.relative_to(ROOT)) for pattern in SOURCES for path in ROOT.glob(pattern)
              if not path.name.endswith(("_test.cc", "_builder.cc", "evidence_ahead.cc", "describe.cc"))}

    def put(path, content):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_bytes() != content:
            path.write_bytes(content)

    for name in sorted(filter(None, files)):
        if not (ROOT / name).is_file():
            continue
        content = (ROOT / name).read_bytes()
        if name in wanted:
            content = instrumenter.run(name, content.decode()).encode()
        put(tree / name, content)
    put(tree / "src" / "base" / "load_bearing.h", SWITCH.encode())
    kept = {tree / name for name in files} | {tree / "src" / "base" / "load_bearing.h"}
    for path in [path for path in tree.rglob("*") if path.is_file() and path not in kept]:
        path.unlink()
    sites = instrumenter.sites
    print(f"{len(sites)} switches in {len(wanted)} files", file=sys.stderr)

    flags = "-O1 -g0 -w -Wno-error"
    subprocess.run(["cmake", "-S", tree, "-B", build / "out", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=None",
                    f"-DCMAKE_CXX_FLAGS={flags}", "-DATTESTML_TORCH=OFF", "-DATTESTML_BENCH=OFF",
                    "-DATTESTML_PCH=ALL"], check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", build / "out", "-j", str(options.jobs), *TARGETS], check=True,
                   stdout=subprocess.DEVNULL if not sys.stderr.isatty() else None)
    shared = os.environ.get("ATTESTML_SHARED", str(ROOT.parent / "shared"))
    environment = {"ATTESTML_SHARED": shared}

    programs = [path for target in TARGETS for path in (build / "out").rglob(target) if path.is_file()]
    tests = [(program, test) for program in programs for test in list_tests(program)]
    seen_folder = build / "seen"
    if not options.reuse:
        shutil.rmtree(seen_folder, ignore_errors=True)
        seen_folder.mkdir(parents=True)

    # The test's status, the seconds that it took, and the switches that it saw refuse.
    def learn(index):
        program, test = tests[index]
        out, log = seen_folder / str(index), seen_folder / f"{index}.json"
        if not (options.reuse and log.exists()):
            begin = time.monotonic()
            status = run_test(program, test, dict(environment, LOAD_BEARING_SEEN=str(out)))
            log.write_text(json.dumps([status, time.monotonic() - begin]))
        status, took = json.loads(log.read_text())
        numbers = [int(line) for line in out.read_text().split()] if out.exists() else []
        return index, status, took, numbers

    by_site = {}
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for index, status, took, numbers in pool.map(learn, range(len(tests))):
            if status != 0:
                sys.exit(f"{tests[index][1]} fails with every check in place")
            for number in numbers:
                by_site.setdefault(number, []).append((took, index))
    for candidates in by_site.values():
        candidates.sort()

    known = {}
    if KNOWN.exists():
        for line in KNOWN.read_text().splitlines():
            if line and not line.startswith("#"):
                key, _, reason = line.partition("  # ")
                known[key.strip()] = reason.strip()
    patterns = [(re.compile(key[1:]), key) for key in known if key.startswith("~")]

    # The line of `known` that speaks of this switch, or "".
    def known_by(key):
        return key if key in known else next((line for pattern, line in patterns if pattern.fullmatch(key)), "")

    # The test that noticed the last time, and the quickest, alone, for most switches need no more; the others a program at
    # a time, up to the first that fails.
    noticed_file = build / "noticed.json"
    noticed = json.loads(noticed_file.read_text()) if noticed_file.exists() else {}

    def key_of(number):
        site = sites[number]
        nth = f" ({site['nth']})" if site["nth"] > 1 else ""
        return f"{site['file']} | {site['function']} | {site['what']}{nth}"

    def kill(number):
        if known_by(key_of(number)) and not options.known:
            return number, None
        seen_by = by_site.get(number, [])
        together = [index for _, index in seen_by if tests[index][0].name in SHARED_SETUP]
        quick = [index for took, index in seen_by if took < QUICK and index not in together]
        slow = [index for took, index in seen_by if took >= QUICK and index not in together]
        batches = [[index] for _, index in seen_by if tests[index][1] == noticed.get(key_of(number))]
        batches += [[index] for index in quick[:3]]
        for part in (quick[3:], together, [] if options.quick else slow):
            for program in sorted({tests[index][0] for index in part}):
                batches.append([index for index in part if tests[index][0] == program])
        for batch in batches:
            failed = first_failure(tests[batch[0]][0], [tests[index][1] for index in batch],
                                   dict(environment, LOAD_BEARING_OFF=str(number)))
            if failed:
                return number, failed
        return number, None

    chosen = [i for i, site in enumerate(sites)
              if options.only in site["file"] + " " + site["function"] + " " + site["id"]]
    rows, survivors, used = [], [], set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for done, (number, test) in enumerate(pool.map(kill, chosen), 1):
            site, key = sites[number], key_of(number)
            if test is not None:
                noticed[key] = test
                if done % 20 == 0:
                    noticed_file.write_text(json.dumps(noticed, indent=1))
            else:
                reason = known.get(known_by(key))
                used.add(known_by(key))
                if reason is None:
                    survivors.append((key, "no test sees it refuse" if number not in by_site else
                                      f"{len(by_site[number])} tests see it, none fails"))
                    print(f"NOT LOAD-BEARING  {key}  ({survivors[-1][1]})", flush=True)
                test = f"none: {reason}" if reason else "**none**"
            rows.append((site, test))
            if sys.stderr.isatty() or done % 20 == 0:
                print(f"{done} of {len(chosen)}", file=sys.stderr)
    noticed_file.write_text(json.dumps(noticed, indent=1))
    if not options.only:
        for line in sorted(set(known) - used):
            print(f"NOT USED  {KNOWN.name}: {line}")
    killed = sum(1 for _, test in rows if not test.startswith(("none", "**none")))
    print(f"{len(rows)} checks taken out: {killed} times a test failed, {len(rows) - killed - len(survivors)} known to be "
          f"of no consequence, {len(survivors)} survived")
    if options.write:
        with open(options.write, "w", encoding="utf-8") as out:
            out.write("# Every check is load-bearing\n\nWritten by `tools/load_bearing.py --write spec/load-bearing.md`: each line is a "
                      "condition of the verifier that was taken\nout, the id that it refuses with where the place names one, and "
                      "the first test that failed without it.\n\n")
            out.write(f"{len(rows)} taken out, {killed} noticed by a test. The others change nothing that can be seen, for the "
                      "reason given.\n")
            last = None
            for site, test in rows:
                if site["file"] != last:
                    last = site["file"]
                    out.write(f"\n## {last}\n\n| function | taken out | id | test |\n|---|---|---|---|\n")
                cells = [site["function"], f"`{site['what']}`", f"`{site['id']}`" if site["id"] else "", test]
                out.write("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
