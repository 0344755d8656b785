#!/usr/bin/env python3
"""Sets the figures of process engines beside this program's.

usage: compare.py --results FOLDER [--report FILE.md] [--csv FILE.csv]

FOLDER holds NAME.json of each engine (objects "b" and "c" with per_second, p50_ms, p99_ms),
schwarm-1.json and schwarm-2.json (measured before and after the others) and missing.tsv (name,
reason). Without a file of this program the figures of the others are shown alone.
"""
import argparse
import csv
import json
import math
import pathlib
import re
import statistics
import sys

SCENARIOS = {"b": "one service task, worked by an external worker",
             "c": "straight through: 10 flow nodes, one decision"}
FIGURES = ("per_second", "p50_ms", "p99_ms")
TARGET = 5.0  # times the best embedded durable engine, in c
ZEEBE_TARGET = 20.0

# What the store promises once a call has returned. Forced: to the disk.
DURABILITY = {
    "postgres": ("forced at each commit (fsync, synchronous_commit=on)", True),
    "h2": ("written at each commit (WRITE_DELAY=0), not forced: survives the end of the process, "
           "not that of the machine", True),
    "sqlite": ("forced at each commit (WAL, synchronous=FULL), by a host of ours", False),
    "memory": ("not durable", False),
}
ORDER = ["operaton-postgres", "operaton-h2", "flowable-postgres", "flowable-h2", "spiff",
         "bpmn-engine"]

# Published by Camunda for Camunda 8; none of it was measured here (README.md, "Zeebe").
PUBLISHED = [
    ("one service task, a stress run of 3 h", "300 instances/s",
     "3 brokers of 3 cores, 3 Elasticsearch of 7 cores: 30 cores"),
    ("SaaS 1x to 4x, version 8.8", "100 to 400 tasks/s", "11 to 44 cores"),
    ("one partition, working figure", "about 250 flow nodes/s", "one partition"),
    ("baseline, 4 weeks", "560 flow nodes/s, 100 tasks/s", "9 cores of brokers, 21 of search"),
]


def read(path):
    """The figures of one file; anything that cannot be a figure stops the comparison."""
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        for scenario in SCENARIOS:
            for figure in FIGURES:
                value = float(data[scenario][figure])
                if not (0 < value < math.inf or (figure != "per_second" and value == 0)):
                    raise ValueError(f"{scenario}: {figure} is {value}")
    except (OSError, KeyError, TypeError, ValueError) as error:
        sys.exit(f"compare: {path}: {error!r}")
    return data


def read_missing(folder):
    path = folder / "missing.tsv"
    if not path.is_file():
        return []
    return [line.split("\t", 1) for line in path.read_text(encoding="utf-8").splitlines()]


def table(header, rows):
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [header] + rows) for i in range(len(header))]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(header, widths)) + " |",
             "|" + "|".join("-" * (w + 2) for w in widths) + "|"]
    return "\n".join(lines + ["| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths))
                              + " |" for row in rows])


def middle(runs, scenario, figure):
    return statistics.median(float(run[scenario][figure]) for run in runs)


def durability(data):
    return DURABILITY[data["store"]][0]


def is_embedded_durable(data):
    return DURABILITY[data["store"]][1]


def section(scenario, ours, peers):
    rate = middle(ours, scenario, "per_second") if ours else None
    rows = []
    if ours:
        rows.append(["**schwarm**"] + [f"{middle(ours, scenario, f):.{1 if f == 'per_second' else 2}f}"
                                       for f in FIGURES] + ["1", ""])
    for name, data in peers.items():
        figures = data[scenario]
        ratio = f"{rate / float(figures['per_second']):.1f}" if ours else "-"
        rows.append([name, f"{float(figures['per_second']):.1f}", f"{float(figures['p50_ms']):.2f}",
                     f"{float(figures['p99_ms']):.2f}", ratio, durability(data)])
    rows.append(["zeebe", "not started", "-", "-", "-", "see below"])
    lines = [f"## ({scenario}) {SCENARIOS[scenario]}", "",
             table(["engine", "a second", "p50 ms", "p99 ms", "ours / its", "durability"], rows), ""]
    for label, chosen in (("best embedded durable engine", is_embedded_durable),
                          ("best of those that force each commit to the disk",
                           lambda data: data["store"] == "postgres")):
        durable = {name: data for name, data in peers.items() if chosen(data)}
        if not durable:
            continue
        best = max(durable, key=lambda name: float(durable[name][scenario]["per_second"]))
        text = f"The {label}: {best}"
        if ours:
            ratio = rate / float(durable[best][scenario]["per_second"])
            text += f"; ours does {ratio:.1f} times as many"
            if scenario == "c" and chosen is is_embedded_durable:
                text += f" (target {TARGET:.0f}: {'met' if ratio >= TARGET else 'missed'})"
        lines += [text + ".", ""]
    if len(ours) > 1:
        runs = ", ".join(f"{float(run[scenario]['per_second']):.1f}" for run in ours)
        lines += [f"Our runs in the order of time: {runs} a second.", ""]
    return lines


def report(ours, peers, missing):
    lines = []
    for scenario in SCENARIOS:
        lines += section(scenario, ours, peers)
    lines += ["## Not measured", ""]
    if not ours:
        lines.append("- schwarm: not built: bench engine (no ratio can be told)")
    lines += [f"- {name}: {reason}" for name, reason in missing]
    lines += ["- zeebe: not started. Its licence is the vendor's own and not an open source one. The "
              f"target of {ZEEBE_TARGET:.0f} times its rate was therefore not tested.", "",
              "Published by Camunda for Camunda 8, on other machines than this one:", "",
              table(["what", "figure", "on"], PUBLISHED), ""]
    return "\n".join(lines).rstrip() + "\n"


def write_csv(path, ours, peers):
    rate = {scenario: middle(ours, scenario, "per_second") if ours else None
            for scenario in SCENARIOS}
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(["engine", "version", "store", "scenario", "count", *FIGURES, "ours / its"])
        for number, run in enumerate(ours, 1):
            for scenario in SCENARIOS:
                out.writerow([f"schwarm run {number}", "", "sqlite", scenario,
                              run[scenario].get("count", "")]
                             + [run[scenario][figure] for figure in FIGURES] + [""])
        for name, data in peers.items():
            for scenario in SCENARIOS:
                ratio = round(rate[scenario] / float(data[scenario]["per_second"]), 2) if ours else ""
                out.writerow([name, data["jar"], data["store"], scenario,
                              data[scenario].get("count", "")]
                             + [data[scenario][figure] for figure in FIGURES] + [ratio])


def main():
    parser = argparse.ArgumentParser(description=re.sub(r"\s+", " ", __doc__.split("\n")[0]))
    parser.add_argument("--results", type=pathlib.Path, required=True)
    parser.add_argument("--report", type=pathlib.Path, help="also write the tables here (Markdown)")
    parser.add_argument("--csv", type=pathlib.Path, help="write all figures here")
    options = parser.parse_args()
    ours = [read(path) for path in sorted(options.results.glob("schwarm-*.json"))]
    peers = {name: read(options.results / f"{name}.json") for name in ORDER
             if (options.results / f"{name}.json").is_file()}
    if not peers:
        sys.exit("compare: no engine was measured")
    text = report(ours, peers, read_missing(options.results))
    print(text, end="")
    if options.report:
        options.report.write_text("# Process engines under the same load\n\n" + text,
                                  encoding="utf-8")
    if options.csv:
        write_csv(options.csv, ours, peers)


if __name__ == "__main__":
    main()
