#!/usr/bin/env python3
"""./dev fuzz SECONDS: builds each src/*/fuzz/*_fuzz.cpp with clang and libFuzzer under ASan and
UBSan and runs it for SECONDS with the kept corpus beside it. Ends with 1 on the first finding."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-fuzz"


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 60
    subprocess.run(["cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja", "-DCMAKE_CXX_COMPILER=clang++-14",
                    "-DCMAKE_BUILD_TYPE=RelWithDebInfo", "-DSCHWARM_TESTS=OFF", "-DSCHWARM_FUZZ=ON"],
                   check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["ninja", "-C", BUILD, "fuzzers"], check=True)
    failed = 0
    for binary in sorted((BUILD / "bin").glob("fuzz_*")):
        name = binary.name.removeprefix("fuzz_")
        corpora = sorted(ROOT.glob(f"src/*/fuzz/corpus/{name}"))
        work = BUILD / "corpus" / name
        work.mkdir(parents=True, exist_ok=True)
        print(f"fuzz: {name} for {seconds} s", flush=True)
        result = subprocess.run([binary, f"-max_total_time={seconds}", "-timeout=10", "-rss_limit_mb=2048",
                                 "-print_final_stats=1", work, *corpora], cwd=BUILD)
        if result.returncode != 0:
            print(f"fuzz: {name} found something, see above", file=sys.stderr)
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
