#!/usr/bin/env python3
"""./dev new module NAME RANK | ./dev new package NAME: a folder that builds or checks at once."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    print(f"wrote {path.relative_to(ROOT)}")


def module(name, rank):
    folder = ROOT / "src" / name
    if folder.exists():
        sys.exit(f"new: src/{name} exists already")
    write(folder / "CMakeLists.txt", f"schwarm_module({name} RANK {rank} DEPS base)\n")
    write(folder / "README.md", f"# {name}\n\nPurpose. Read first: `include/schwarm/{name}/{name}.hpp`. "
          "Invariants. How it is tested.\n")
    write(folder / "include" / "schwarm" / name / f"{name}.hpp",
          f"// Purpose, units, ownership, thread rules, errors, source.\n#pragma once\n\n"
          f"namespace schwarm::{name} {{}}  // namespace schwarm::{name}\n")
    write(folder / "src" / f"{name}.cpp", f'#include "schwarm/{name}/{name}.hpp"\n')
    print("add the module's name to src/CMakeLists.txt, in the order of ranks")


def main():
    args = sys.argv[1:]
    if len(args) < 2 or not re.fullmatch(r"[a-z][a-z0-9-]*", args[1]):
        sys.exit("usage: ./dev new module NAME RANK | ./dev new package NAME")
    if args[0] == "module" and len(args) == 3:
        module(args[1], args[2])
    elif args[0] == "package":
        import shutil
        source, target = ROOT / "packages" / "hundesteuer", ROOT / "packages" / args[1]
        if target.exists():
            sys.exit(f"new: packages/{args[1]} exists already")
        shutil.copytree(source, target)
        print(f"copied packages/hundesteuer to packages/{args[1]}; change service.json first, "
              f"then: build/schwarm check packages/{args[1]}")
    else:
        sys.exit("usage: ./dev new module NAME RANK | ./dev new package NAME")


if __name__ == "__main__":
    main()
