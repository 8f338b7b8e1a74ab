"""Puts one deliberate defect after the other into a copy of the tree and demands that a test notices.

First the copy as it is: every program that a defect names must pass. Then each defect alone: its programs are compiled,
and one of them has to fail. A defect that does not compile, or that all programs pass over, is a failure of the run.
"""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

from defects import DEFECTS

HERE = pathlib.Path(__file__).resolve().parent
TREE = HERE.parents[1]
PROGRAM_SECONDS = 300
CONFIGURE = ["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Debug", "-DCMAKE_CXX_COMPILER=clang++-19",
             "-DCMAKE_C_COMPILER=clang-19", "-DOOBM_PRECOMPILE=ON"]


class Copy:
    def __init__(self, folder):
        self.source = folder / "source"
        self.build = folder / "build"

    def refresh(self):
        """Makes the copy equal to the tree, built things aside; what did not change keeps its time, and stays compiled."""
        list_files = ["git", "-C", TREE, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(list_files, check=True, capture_output=True).stdout
        for name in filter(None, names.decode().split("\0")):
            origin, target = TREE / name, self.source / name
            if not origin.is_file():
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            if not target.is_file() or target.read_bytes() != origin.read_bytes():
                shutil.copyfile(origin, target)
                shutil.copymode(origin, target)

    def configure(self):
        if not (self.build / "build.ninja").exists():
            run(["cmake", "-S", self.source, "-B", self.build, *CONFIGURE])

    def compiles(self, programs):
        return run(["cmake", "--build", self.build, "--parallel", str(os.cpu_count()), "--target", *programs])

    def path(self, program):
        found = [path for path in self.build.rglob(program) if path.is_file() and os.access(path, os.X_OK)]
        return found[0]


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.stdout.write(done.stdout[-4000:])
    return done.returncode == 0


def passes(path):
    """Whether the program finds nothing. The first failure is enough, so that no defect is waited for."""
    environment = dict(os.environ, GTEST_FAIL_FAST="1", GTEST_BRIEF="1")
    try:
        done = subprocess.run([path], env=environment, cwd=path.parent, timeout=PROGRAM_SECONDS,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def catcher(copy, defect):
    """The program that notices the defect, or nothing; an exception where it does not compile."""
    file = copy.source / defect.file
    sound = file.read_text()
    try:
        file.write_text(sound.replace(defect.was, defect.becomes, 1))
        if not copy.compiles(defect.caught_by):
            raise ValueError("does not compile")
        return next((program for program in defect.caught_by if not passes(copy.path(program))), None)
    finally:
        file.write_text(sound)


def judge(copy, defect):
    began = time.monotonic()
    try:
        program = catcher(copy, defect)
        verdict = f"caught by {program}" if program else "NOT CAUGHT"
    except ValueError as error:
        program, verdict = None, str(error)
    print(f"  {verdict:<24} {time.monotonic() - began:5.0f} s  {defect.name}", flush=True)
    return program is not None


def chosen(words):
    return [defect for defect in DEFECTS if not words or any(word in defect.name for word in words)]


def main():
    parser = argparse.ArgumentParser(prog="./dev mutate", description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("words", nargs="*", help="only defects with one of these words in their name")
    parser.add_argument("--list", action="store_true", help="say what is tried, and try nothing")
    arguments = parser.parse_args()
    defects = chosen(arguments.words)
    if not defects:
        parser.error("no defect has such a name")
    if arguments.list:
        for defect in defects:
            print(f"{defect.name}: {defect.rule} ({defect.file}; {', '.join(defect.caught_by)})")
        return 0

    copy = Copy(TREE / "build" / "mutation")
    copy.refresh()
    copy.configure()
    programs = sorted({program for defect in defects for program in defect.caught_by})
    if not copy.compiles(programs):
        return 1
    for program in programs:
        if not passes(copy.path(program)):
            print(f"{program} fails without any defect")
            return 1
    print(f"{len(defects)} defects; {', '.join(programs)} pass without one", flush=True)
    caught = sum(judge(copy, defect) for defect in defects)
    print(f"{caught} of {len(defects)} caught")
    return 0 if caught == len(defects) else 1


if __name__ == "__main__":
    sys.exit(main())
