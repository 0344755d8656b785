#!/usr/bin/env python3
"""./dev fuzz [SECONDS] [NAME...]: builds fuzzers (src/*/fuzz/*_fuzz.cpp) with clang and libFuzzer
under ASan and UBSan into build-fuzz/ and runs each for SECONDS. NAME is a fuzzer or a module:
"./dev fuzz 600 feel dmn". Each starts with its kept corpus (fuzz/corpus/NAME) and its dictionary
(fuzz/NAME.dict); what it finds on the way stays in build-fuzz/corpus/ for the next run.

Ends with 1 if one found something: a crash, undefined behaviour, a leak, an input that takes more
than 10 s or 2 GB. The input is in build-fuzz/findings/; mended, it belongs into the kept corpus.

  --build       only build
  --no-build    only run, with the kept corpus alone (as ctest does)
  --minimise    take into the kept corpus what the last runs found beyond it"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build-fuzz"
FINDINGS = BUILD / "findings"
SECONDS_PER_INPUT = 10
MEGABYTES = 2048


def sources(names):
    """The fuzzers asked for, by name: their source files."""
    found = {path.name.removesuffix("_fuzz.cpp"): path for path in sorted(ROOT.glob("src/*/fuzz/*_fuzz.cpp"))}
    if not names:
        return found
    chosen = {}
    for name in names:
        fitting = {key: path for key, path in found.items() if name in (key, path.parent.parent.name)}
        if not fitting:
            sys.exit(f"fuzz: there is no fuzzer '{name}'; there are: {', '.join(found)}")
        chosen.update(fitting)
    return chosen


def build(names):
    # -O1: building takes a fraction of the time, running a little more.
    subprocess.run(["cmake", "-S", ROOT, "-B", BUILD, "-G", "Ninja", "-DCMAKE_CXX_COMPILER=clang++-14",
                    "-DCMAKE_BUILD_TYPE=Fuzz", "-DSCHWARM_TESTS=OFF", "-DSCHWARM_FUZZ=ON"],
                   check=True, stdout=subprocess.DEVNULL)
    return subprocess.run(["ninja", "-C", BUILD, *(f"fuzz_{name}" for name in names)]).returncode


def environment():
    return {**os.environ, "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
            "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=0"}


def run(name, source, seconds, work):
    binary = BUILD / "bin" / f"fuzz_{name}"
    if not binary.exists():
        print(f"[  SKIPPED ] the fuzzer {name} is not built; ./test and ./dev fuzz build it")
        return 0
    kept = source.parent / "corpus" / name
    dictionary = source.parent / f"{name}.dict"
    FINDINGS.mkdir(parents=True, exist_ok=True)
    command = [binary, f"-max_total_time={seconds}", f"-timeout={SECONDS_PER_INPUT}",
               f"-rss_limit_mb={MEGABYTES}", "-max_len=16384", "-print_final_stats=1",
               f"-artifact_prefix={FINDINGS}/{name}-"]
    if dictionary.exists():
        command.append(f"-dict={dictionary}")
    print(f"fuzz: {name} for {seconds} s", flush=True)
    result = subprocess.run([*command, work, *([kept] if kept.is_dir() else [])], cwd=BUILD, env=environment(),
                            stderr=subprocess.PIPE, text=True, errors="replace")
    lines = [line for line in result.stderr.splitlines() if not line.startswith(("#", "\tNEW_FUNC"))]
    if result.returncode == 0:
        lines = [line for line in lines if line.startswith("stat::")]
    print("\n".join(lines))
    if result.returncode != 0:
        print(f"fuzz: {name} found something, see above; the input is in {FINDINGS}", file=sys.stderr)
        return 1
    return 0


def minimise(name, source):
    kept = source.parent / "corpus" / name
    found = BUILD / "corpus" / name
    kept.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as merged:
        for path in kept.iterdir():
            shutil.copy(path, merged)
        subprocess.run([BUILD / "bin" / f"fuzz_{name}", "-merge=1", "-timeout=10", "-max_len=400", merged, found],
                       check=True, env=environment(), stderr=subprocess.DEVNULL)
        for path in pathlib.Path(merged).iterdir():
            if not (kept / path.name).exists():
                shutil.copy(path, kept)
    print(f"fuzz: {name} keeps {sum(1 for _ in kept.iterdir())} inputs")


def main():
    flags = {word for word in sys.argv[1:] if word.startswith("--")}
    words = [word for word in sys.argv[1:] if not word.startswith("--")]
    unknown = flags - {"--build", "--no-build", "--minimise"}
    if unknown:
        sys.exit(f"fuzz: unknown option {' '.join(sorted(unknown))}\n\n{__doc__}")
    seconds = int(words.pop(0)) if words and words[0].isdigit() else 60
    chosen = sources(words)
    if "--no-build" not in flags and build(chosen) != 0:
        sys.exit("fuzz: the build failed")
    if "--build" in flags:
        return 0
    failed = 0
    for name, source in chosen.items():
        if "--minimise" in flags:
            minimise(name, source)
        elif "--no-build" in flags:
            with tempfile.TemporaryDirectory() as work:
                failed |= run(name, source, seconds, work)
        else:
            work = BUILD / "corpus" / name
            work.mkdir(parents=True, exist_ok=True)
            failed |= run(name, source, seconds, work)
    return failed


if __name__ == "__main__":
    sys.exit(main())
