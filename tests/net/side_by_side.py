"""Runs each test_*.py beside this file in a process of its own, all at the same time, for they mostly wait; prints what each
has said, one after the other. Exit status 0 when all of them passed."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
LONGEST_SECONDS = 280


def main():
    began = time.monotonic()
    running = []
    for file in sorted(HERE.glob("test_*.py")):
        output = tempfile.TemporaryFile()
        child = subprocess.Popen([sys.executable, "-m", "unittest", "-v", file.stem], cwd=HERE, stdout=output, stderr=output)
        running.append((file.stem, child, output))
    failed = [name for name, child, output in running if not passed(name, child, output, began)]
    print(f"{len(running) - len(failed)} passed" + (f", failed: {', '.join(failed)}" if failed else ""))
    return 1 if failed or not running else 0


def passed(name, child, output, began):
    try:
        status = child.wait(max(1, LONGEST_SECONDS - (time.monotonic() - began)))
    except subprocess.TimeoutExpired:
        child.terminate()
        status = "none: it took too long"
    output.seek(0)
    print(f"--- {name} after {time.monotonic() - began:.0f} s, status {status}")
    print(output.read().decode(errors="replace"), flush=True)
    return status == 0


if __name__ == "__main__":
    sys.exit(main())
