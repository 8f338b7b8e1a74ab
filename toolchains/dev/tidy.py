"""Runs clang-tidy over the sources of a build, several at a time, and remembers what passed.

A source passes once for each combination of its preprocessed text (comments included, since a NOLINT is one), its
command line, the rules and the version of clang-tidy; what failed is never remembered.
"""

import argparse
import concurrent.futures
import hashlib
import json
import pathlib
import shlex
import subprocess
import sys
import time

CLANG_TIDY = "clang-tidy-19"
CLANG = "clang++-19"


def options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=pathlib.Path, required=True, help="folder with compile_commands.json")
    parser.add_argument("--cache", type=pathlib.Path, required=True, help="folder that remembers what passed")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("files", nargs="*", type=pathlib.Path)
    return parser.parse_args()


def commands(build, files):
    """The compile command of each wanted file that the build compiles; headers are looked at through their users."""
    wanted = {file.resolve() for file in files}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = pathlib.Path(entry["file"]).resolve()
        if file in wanted:
            wanted.discard(file)
            yield file, entry


def preprocessed(entry):
    arguments = shlex.split(entry["command"])[1:]
    output = arguments.index("-o")
    del arguments[output : output + 2]
    arguments.remove("-c")
    return subprocess.run(
        [CLANG, "-E", "-C", "-w", *arguments], cwd=entry["directory"], capture_output=True, check=False
    ).stdout


def fingerprint(entry, rules):
    digest = hashlib.sha256(rules)
    digest.update(entry["command"].encode())
    digest.update(preprocessed(entry))
    return digest.hexdigest()


def check(file, entry, rules, build, cache):
    """Returns (file, what clang-tidy said, seconds); no words mean that it passed."""
    began = time.monotonic()
    stamp = cache / fingerprint(entry, rules)
    if stamp.exists():
        return file, "", 0.0
    run = subprocess.run([CLANG_TIDY, "-p", build, "--quiet", file], capture_output=True, text=True, check=False)
    if run.returncode == 0:
        stamp.touch()
    said = "" if run.returncode == 0 else run.stdout or run.stderr
    return file, said, time.monotonic() - began


def main():
    args = options()
    args.cache.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
    rules = version + pathlib.Path(".clang-tidy").read_bytes()
    failed, looked_at, total = 0, 0, 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        jobs = [pool.submit(check, *job, rules, args.build, args.cache) for job in commands(args.build, args.files)]
        for job in concurrent.futures.as_completed(jobs):
            file, said, seconds = job.result()
            total += 1
            if total % 20 == 0:
                print(f"clang-tidy: {total} of {len(jobs)} sources", flush=True)
            looked_at += seconds > 0
            if said:
                failed += 1
                print(f"{file.relative_to(pathlib.Path.cwd())} ({seconds:.0f} s)\n{said}", flush=True)
    print(f"clang-tidy: {total} sources, {looked_at} of them new or changed, {failed} with findings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
