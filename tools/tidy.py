#!/usr/bin/env python3
"""House style as a test: each finding says what is banned and what to use instead."""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MAX_LINES, MAX_COLUMNS = 800, 100

# pattern, folders where it is allowed, message
BANNED = [
    (r"system_clock::now|steady_clock::now", ("base", "net", "pdf", "server", "cli", "runtime"),
     "the clock is a parameter: use schwarm::Clock"),
    (r"\brand\(|random_device", (), "randomness is a parameter: use schwarm::Random"),
    (r"#include <(openssl|argon2)", ("crypto", "net"), "OpenSSL belongs to src/crypto (and to net through Asio)"),
    (r"#include <sqlite3", ("storage/sqlite",), "SQLite belongs to src/storage/sqlite"),
    (r"#include <(boost/asio|boost/beast)", ("net",), "Asio and Beast belong to src/net"),
    (r"#include <pugixml", ("xml",), "pugixml belongs to src/xml"),
    (r"#include <rapidjson", ("json",), "RapidJSON belongs to src/json"),
    (r"#include <pcre2|#define PCRE2", ("feel",), "PCRE2 belongs to src/feel"),
    (r"#include <libpq", ("storage/postgres",), "libpq belongs to src/storage/postgres"),
    (r"\bassert\(", (), "use CHECK(condition, message)"),
    (r"sleep_for|usleep\(|\bsleep\(", (), "wait for an event, not for a time"),
    (r"\b(TODO|FIXME|XXX)\b", (), "finish it, or note it in docs/roadmap.md"),
    (r"using namespace std;", (), "name what you use"),
]


def tracked():
    out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT,
                         capture_output=True, text=True)
    if out.returncode == 0:
        return [f for f in out.stdout.splitlines() if (ROOT / f).is_file()]
    return [str(p.relative_to(ROOT)) for p in ROOT.rglob("*") if p.is_file() and "build" not in p.parts]


def main():
    findings = []
    for name in tracked():
        path = pathlib.PurePath(name)
        if path.suffix in (".hpp", ".cpp") and path.parts[0] in ("src", "bench", "tests"):
            text = (ROOT / name).read_text(encoding="utf-8")
            lines = text.split("\n")
            if len(lines) > MAX_LINES + 1:
                findings.append(f"{name}: {len(lines)} lines; split it (at most {MAX_LINES})")
            in_test = "test" in path.parts
            module = "/".join(path.parts[1:3]) if path.parts[1] == "storage" else path.parts[1]
            for number, line in enumerate(lines, 1):
                data = in_test and line.lstrip().startswith(("{", '"', "<"))  # JSON, XML in raw strings
                if len(line) > MAX_COLUMNS and "http" not in line and 'R"' not in line and not data:
                    findings.append(f"{name}:{number}: {len(line)} columns (at most {MAX_COLUMNS})")
                code = line.split("//")[0] if "http" not in line else line
                for pattern, allowed, message in BANNED:
                    if any(module == a or module.startswith(a + "/") for a in allowed):
                        continue
                    if "TODO" in pattern:
                        hit = re.search(pattern, line)
                    else:
                        hit = re.search(pattern, code)
                    if hit:
                        findings.append(f"{name}:{number}: '{hit.group(0)}' is banned here: {message}")
        if path.name == "package-lock.json":
            if re.search(r'"resolved":\s*"https?://', (ROOT / name).read_text(encoding="utf-8")):
                findings.append(f"{name}: names the host of a registry; omit 'resolved'")
    for module in sorted((ROOT / "src").glob("**/CMakeLists.txt")):
        folder = module.parent
        if folder == ROOT / "src":
            continue
        if not (folder / "README.md").is_file():
            findings.append(f"{folder.relative_to(ROOT)}: a module needs a README.md of one page")
    for finding in findings:
        print(finding)
    if findings:
        print(f"tidy: {len(findings)} findings", file=sys.stderr)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
