"""Which shared libraries a library names that nothing uses.

usage: unused_libraries.py LIBRARY.so

Debian's libtorch_cpu is linked with OpenCV, ffmpeg and more, of which it takes no symbol, and with them come Qt, GDAL and 200 others: most of
its start-up. Prints the names (DT_NEEDED) whose libraries give no symbol to LIBRARY, nor to anything that it still loads without them, one a line.
"""
import re
import subprocess
import sys


def read(*arguments):
    return subprocess.run(["readelf", "-W", *arguments], capture_output=True, text=True, check=True).stdout


class Library:
    def __init__(self, path):
        self.path = path
        self.needed = re.findall(r"\(NEEDED\).*\[(.*)\]", read("-d", path))
        self.given, self.taken = set(), set()
        for line in read("--dyn-syms", path).splitlines():
            fields = line.split()
            if len(fields) >= 8 and fields[0].rstrip(":").isdigit():
                # A weak symbol that nobody gives is no reason to load anything, but one that is given may be meant.
                (self.taken if fields[6] == "UND" else self.given).add(fields[7].split("@")[0])


def main(path):
    # Where the loader finds each: what ldd says.
    found = dict(re.findall(r"^\s+(\S+) => (/\S+)", subprocess.run(["ldd", path], capture_output=True, text=True, check=True).stdout, re.M))
    known = {}

    def library(name):
        if name not in known and name in found:
            known[name] = Library(found[name])
        return known.get(name)

    top = Library(path)
    unused = {name for name in top.needed if library(name) and not library(name).given & top.taken}
    while True:
        # What is loaded still, without those.
        loaded, todo = {}, [name for name in top.needed if name not in unused]
        while todo:
            name = todo.pop()
            if name in loaded or library(name) is None:
                continue
            loaded[name] = library(name)
            todo += [each for each in loaded[name].needed if each not in unused]
        used = {name for name in unused for each in loaded.values() if library(name).given & each.taken & {s for s in each.taken if not gives(loaded, s)}}
        if not used:
            break
        unused -= used
    print("\n".join(sorted(unused)))


def gives(loaded, symbol):
    return any(symbol in each.given for each in loaded.values())


if __name__ == "__main__":
    main(*sys.argv[1:])
