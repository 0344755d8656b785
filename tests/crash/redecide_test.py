#!/usr/bin/env python3
"""Kills `schwarm bench redecide` while it decides and proves that each case is decided once.

redecide_test.py PROGRAM [--cases N] [--seed S]

Runs it once undisturbed; then once more in another folder, where it is killed with SIGKILL three
times while the cases are prepared and five times while they are decided, each time after a number
of commits drawn from the seed, and started again in the same folder. The program itself refuses to
commit a range of cases twice, reads every decision back and compares a sample with the statute; the
sums and the checksum over all decisions must be those of the undisturbed run.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
from pathlib import Path


def command(args, folder):
    return [args.program, "bench", "redecide", "--cases", str(args.cases), "--keep", str(folder),
            "--json", "--progress"]


def finish(args, folder):
    done = subprocess.run(command(args, folder), text=True, capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"exit {done.returncode}: {done.stderr[-500:]}")
    return json.loads(done.stdout)


def kill_after(args, folder, phase, commits):
    """True if it was killed in that phase, False if it was through before."""
    with subprocess.Popen(command(args, folder), text=True, stderr=subprocess.PIPE,
                          stdout=subprocess.DEVNULL) as running:
        seen = 0
        for line in running.stderr:
            if not line.startswith((phase + ":", "decided:", "prepared:")):
                running.kill()
                raise AssertionError(line)
            seen += line.startswith(phase + ":")
            if seen >= commits:
                running.kill()
                return True
        return False


def run(args):
    chance = random.Random(args.seed)
    print(f"redecide: seed {args.seed}, {args.cases} cases", flush=True)
    with tempfile.TemporaryDirectory(prefix="schwarm-redecide-") as folder:
        wanted = finish(args, Path(folder) / "undisturbed")
        disturbed = Path(folder) / "killed"
        kills = 0
        for phase, times in (("prepared", 3), ("decided", 5)):
            for _ in range(times):
                killed = kill_after(args, disturbed, phase, chance.randint(1, 4))
                kills += killed
                if not killed:
                    break
        if kills < 6:
            raise AssertionError(f"killed only {kills} times: too few cases")
        found = finish(args, disturbed)
        before = found["decided_before_interruption"]
        if not 0 < before < args.cases:
            raise AssertionError(f"{before} cases were decided before the last run")
        if found["results"] != wanted["results"]:
            raise AssertionError(f"{found['results']} after the kills, {wanted['results']} without")
        print(f"redecide: {kills} kills, {before} of {args.cases} cases decided before the last run; "
              f"checksum {found['results']['checksum']} as without kills, "
              f"{found['check']['compared_with_the_statute']} compared with the statute")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--cases", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    args = parser.parse_args()
    try:
        run(args)
    except AssertionError as error:
        print(f"redecide: FAILED: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
