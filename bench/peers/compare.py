#!/usr/bin/env python3
"""Sets the times of two or more DMN engines beside each other, case by case.

usage: compare.py --ours NAME=FILE[,FILE...] [--ours ...] --peer NAME=FILE[,FILE...] [...]
                  [--beside NAME=FILE...] [--report FILE.md] [--csv FILE.csv] [--list N]
                  [--reasons FILE.tsv]

Each FILE has the columns folder,file,case,ns,status (README.md). Several files of one engine are
runs of the same program: the median of a case's figures counts (of two: their mean), and the
median of each run is printed, which shows how much the machine drifted. --beside is shown in the
table but is no peer: it does not count where "any peer" is said.
"""
import argparse
import csv
import fnmatch
import pathlib
import re
import statistics
import sys

TARGETS = {"dsntk": 3.0}  # median ratio
OTHER_TARGET = 10.0
NOT_SLOWER_TARGET = 95.0


class Engine:
    """One engine's figures: case -> ns for the cases it answered as expected."""

    def __init__(self, argument):
        self.name, _, files = argument.partition("=")
        if not files:
            sys.exit(f"compare: '{argument}' must be NAME=FILE[,FILE...]")
        self.runs = [self.read(pathlib.Path(name)) for name in files.split(",")]
        self.status = self.runs[0][1]
        figures = {}
        for times, status in self.runs:
            if status.keys() != self.status.keys():
                sys.exit(f"compare: the runs of {self.name} are not of the same cases")
            for case, ns in times.items():
                figures.setdefault(case, []).append(ns)
        self.times = {case: statistics.median(all_ns) for case, all_ns in figures.items()}

    @staticmethod
    def read(path):
        times, status = {}, {}
        try:
            with path.open(encoding="utf-8", newline="") as stream:
                for line, row in enumerate(csv.DictReader(stream), 2):
                    case = (row["folder"], row["file"], row["case"])
                    status[case] = row["status"]
                    if row["status"] == "ok":
                        times[case] = float(row["ns"])
                        if not 0 < times[case] < float("inf"):
                            raise ValueError(f"line {line}: a time must be positive")
        except (OSError, KeyError, TypeError, ValueError) as error:
            sys.exit(f"compare: {path}: {error}")
        return times, status

    def count(self, status):
        return sum(1 for value in self.status.values() if value == status)


class Comparison:
    """Ours against one peer over the cases that both answer as expected."""

    def __init__(self, ours, peer):
        self.ours, self.peer = ours, peer
        self.cases = sorted(ours.times.keys() & peer.times.keys())
        self.ratios = [peer.times[case] / ours.times[case] for case in self.cases]
        self.slower = [case for case, ratio in zip(self.cases, self.ratios) if ratio < 1]
        self.target = TARGETS.get(peer.name, OTHER_TARGET)

    def row(self):
        if not self.cases:
            return [self.peer.name, len(self.peer.status), self.peer.count("ok"), 0] + ["-"] * 7
        ours = statistics.median(self.ours.times[case] for case in self.cases)
        peer = statistics.median(self.peer.times[case] for case in self.cases)
        ratio = statistics.median(self.ratios)
        low, high = quantile(self.ratios, 0.05), quantile(self.ratios, 0.95)
        share = 100 * len(self.slower) / len(self.cases)
        verdict = "met" if ratio >= self.target else "missed"
        return [self.peer.name, len(self.peer.status), self.peer.count("ok"), len(self.cases),
                time_text(ours), time_text(peer), f"{ratio:.1f}", f"{low:.1f} .. {high:.1f}",
                f"{self.target:.0f}: {verdict}", f"{len(self.slower)}", f"{share:.1f} %"]


def quantile(values, share):
    ordered = sorted(values)
    return ordered[round(share * (len(ordered) - 1))]


def time_text(ns):
    if ns < 1e3:
        return f"{ns:.0f} ns"
    return f"{ns / 1e3:.2f} us" if ns < 1e6 else f"{ns / 1e6:.2f} ms"


def table(header, rows):
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [header] + rows) for i in range(len(header))]
    lines = ["| " + " | ".join(cell.ljust(w) for cell, w in zip(header, widths)) + " |",
             "|" + "|".join("-" * (w + 2) for w in widths) + "|"]
    lines += ["| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths)) + " |"
              for row in rows]
    return "\n".join(lines)


HEADER = ["peer", "cases", "answered as expected", "compared", "our median", "its median",
          "median ratio", "5 % .. 95 % of ratios", "target", "we are slower in", "share"]


def fastest_peer(case, peers):
    """The peer that answers the case fastest, or None when none answers it as expected."""
    return min((peer for peer in peers if case in peer.times), key=lambda peer: peer.times[case],
               default=None)


def slower_than_any(ours, peers):
    """(compared cases, [(case, ours, fastest peer, its time)] where a peer is faster)."""
    compared, slower = 0, []
    for case in sorted(ours.times):
        best = fastest_peer(case, peers)
        if best is None:
            continue
        compared += 1
        if best.times[case] < ours.times[case]:
            slower.append((case, ours.times[case], best.name, best.times[case]))
    return compared, sorted(slower, key=lambda entry: entry[3] / entry[1])


def drift(engine):
    if len(engine.runs) < 2:
        return ""
    medians = [time_text(statistics.median(times.values())) for times, _ in engine.runs if times]
    return f"{engine.name}: median of each of its runs, in the order of time: {', '.join(medians)}"


def read_reasons(path):
    """[(pattern of FOLDER/CASE, peer or *, why a peer is faster there)]; the first match counts."""
    if path is None:
        return []
    reasons = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            fields = line.split("\t")
            if len(fields) != 3:
                sys.exit(f"compare: {path}, line {number}: three fields, set apart by tabs")
            reasons.append(fields)
    return reasons


def reason_of(case, peer, reasons):
    for pattern, name, text in reasons:
        if name in ("*", peer) and fnmatch.fnmatch(case, pattern):
            return text
    return ""


def section(ours, peers, beside, limit, reasons):
    lines = [f"## {ours.name}", ""]
    lines.append(f"{len(ours.status)} cases measured, {ours.count('ok')} answered as expected, "
                 f"median {time_text(statistics.median(ours.times.values()))}.")
    lines += ["", table(HEADER, [Comparison(ours, peer).row() for peer in peers + beside]), ""]
    compared, slower = slower_than_any(ours, peers)
    if not compared:
        return lines + ["No case was answered as expected by both sides.", ""]
    share = 100 * (compared - len(slower)) / compared
    verdict = "met" if share >= NOT_SLOWER_TARGET else "missed"
    lines += [f"Not slower than any peer: {compared - len(slower)} of {compared} cases "
              f"({share:.1f} %; target {NOT_SLOWER_TARGET:.0f} %: {verdict}).", ""]
    if slower and len(peers) > 1:
        worst = max(peers, key=lambda peer: sum(entry[2] == peer.name for entry in slower))
        count, rest = slower_than_any(ours, [peer for peer in peers if peer is not worst])
        lines += [f"Without {worst.name}, the peer that is the fastest in most of the other cases: "
                  f"{count - len(rest)} of {count} cases "
                  f"({100 * (count - len(rest)) / max(count, 1):.1f} %).", ""]
    if slower:
        rows = []
        for case, mine, name, theirs in slower[:limit]:
            place = f"{case[0].rsplit('/', 1)[-1]}/{case[2]}"
            rows.append([place, time_text(mine), name, time_text(theirs), f"{mine / theirs:.2f}",
                         reason_of(place, name, reasons)])
        lines += [table(["case where a peer is faster", "ours", "peer", "its time",
                         "times slower", "reason"], rows), ""]
        if len(slower) > limit:
            lines += [f"... and {len(slower) - limit} more (all of them in the CSV).", ""]
    return lines


def write_csv(path, engines):
    cases = sorted(set().union(*(engine.status for engine in engines)))
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(["folder", "file", "case"] + [f"{e.name} ns" for e in engines]
                     + [f"{e.name} status" for e in engines])
        for case in cases:
            out.writerow(list(case) + [e.times.get(case, "") for e in engines]
                         + [e.status.get(case, "not measured") for e in engines])


def main():
    parser = argparse.ArgumentParser(description=re.sub(r"\s+", " ", __doc__.split("\n")[0]))
    parser.add_argument("--ours", action="append", default=[], metavar="NAME=FILE[,FILE...]")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=FILE[,FILE...]")
    parser.add_argument("--beside", action="append", default=[], metavar="NAME=FILE[,FILE...]")
    parser.add_argument("--report", type=pathlib.Path, help="also write the tables here (Markdown)")
    parser.add_argument("--csv", type=pathlib.Path, help="write all times and states side by side")
    parser.add_argument("--list", type=int, default=40, help="slower cases to print (40)")
    parser.add_argument("--reasons", type=pathlib.Path, help="why a peer is faster in some cases")
    options = parser.parse_args()
    if not options.ours or not options.peer:
        parser.error("at least one --ours and one --peer are needed")
    ours = [Engine(argument) for argument in options.ours]
    peers = [Engine(argument) for argument in options.peer]
    beside = [Engine(argument) for argument in options.beside]
    lines, reasons = [], read_reasons(options.reasons)
    for one in ours:
        if not one.times:
            sys.exit(f"compare: {one.name} has no case that was answered as expected")
        lines += section(one, peers, beside, options.list, reasons)
    lines += [text for text in map(drift, ours + peers) if text]
    text = "\n".join(lines).rstrip() + "\n"
    print(text, end="")
    if options.report:
        options.report.write_text("# Engines over the DMN TCK\n\n" + text, encoding="utf-8")
    if options.csv:
        write_csv(options.csv, ours + peers + beside)


if __name__ == "__main__":
    main()
