#!/usr/bin/env python3
"""Known results of the Wohngeld decisions, through `schwarm eval` alone.

usage: wohngeld_decisions_test.py SCHWARM PACKAGE DATA

- the 294 computed cases of DATA/wohngeld_cases.json (skipped without that file);
- both results of the official calculator (368 and 145), the income by the decision Einkommen;
- a spread of the Mietenstufen of DATA/law/mietenstufen_2023.csv, city and county of Leipzig;
- new parameter rows, added to copies of the models as the package's README says: a period is
  divided only if the change is in force on the day of the decision (§ 41, § 44 WoGG).
"""

import csv
import json
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII"]
problems = []


def evaluate(schwarm, model, decision, context):
    done = subprocess.run([schwarm, "eval", str(model), decision], text=True, check=False,
                          input=json.dumps(context), capture_output=True)
    if done.returncode != 0:
        sys.exit(f"{model} {decision}: {done.stderr}")
    return json.loads(done.stdout)


def expect(what, found, wanted):
    if found != wanted:
        problems.append(f"{what}: {found}, expected {wanted}")


def computed_cases(schwarm, package, path):
    cases = json.loads(path.read_text(encoding="utf-8"))["cases"]

    def one(case):
        members, level, rent, income, _ = case
        return evaluate(schwarm, package / "hoehe.dmn", "Wohngeldbetrag",
                        {"Haushaltsmitglieder": members, "Mietenstufe": level, "Miete": rent,
                         "Gesamteinkommen": income})

    with ThreadPoolExecutor(2) as pool:
        for case, amount in zip(cases, pool.map(one, cases)):
            expect(f"case {case[:4]}", amount, case[4])
    return len(cases)


def official_results(schwarm, package):
    for wage, amount in ((1400, 368), (2000, 145)):
        person = {"zu_beruecksichtigen": True, "alter": 40, "verhaeltnis": "antragstellend",
                  "name": "A", "angaben": {"lohn": wage, "abzuege": ["steuern", "kranken", "rente"]}}
        income = evaluate(schwarm, package / "einkommen.dmn", "Einkommen",
                          {"antrag": {}, "zeitraum": {"stichtag": "2025-03-01"},
                           "haushalt": {"bewohner": 1, "personen": [person]}})
        found = evaluate(schwarm, package / "hoehe.dmn", "Wohngeldbetrag",
                         {"Haushaltsmitglieder": 1, "Mietenstufe": 5, "Miete": 600,
                          "Stichtag": "2025-03-01", "Gesamteinkommen": income["monatlich"]})
        expect(f"official calculator, gross {wage}", found, amount)


def places(schwarm, package, path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    chosen = rows[::94] + [row for row in rows if row["land"] == "Sachsen" and
                           row["name"] in ("Leipzig, Stadt", "Leipzig")]
    for row in chosen:
        found = evaluate(schwarm, package / "mietenstufen.dmn", "Mietenstufe",
                         {"Land": row["land"], "Art": row["art"], "Name": row["name"]})
        expect(f"Mietenstufe {row['land']}, {row['art']} {row['name']}", found,
               ROMAN.index(row["stufe"]) + 1)
    expect("a place that is not in the list",
           evaluate(schwarm, package / "mietenstufen.dmn", "Mietenstufe",
                    {"Land": "Sachsen", "Art": "Gemeinde", "Name": "Nirgendwo"}), None)
    return len(chosen)


def with_newer_rows(text):
    """Every table gets its rows once more on top, valid from 2027, with another maximum rent."""
    def more(match):
        newer = match.group(2).replace("2025-01-01", "2027-01-01").replace('id="', 'id="N')
        return match.group(1) + newer.replace("<text>408<", "<text>430<") + match.group(2)
    return re.sub(r"(<decisionTable[^>]*>(?:(?!<rule).)*)((?:\s*<rule .*?</rule>)+)", more, text,
                  flags=re.S)


def new_parameters(schwarm, package, folder):
    height = folder / "hoehe.dmn"
    height.write_text(with_newer_rows((package / "hoehe.dmn").read_text(encoding="utf-8")),
                      encoding="utf-8")
    text = (package / "zeitraum.dmn").read_text(encoding="utf-8")
    row = re.search(r'<row id="Fortschreibungen_Z1">.*?</row>', text, re.S).group(0)
    newer = row.replace("2027-01-01", "2029-01-01").replace("2025-01-01", "2027-01-01")
    period = folder / "zeitraum.dmn"
    period.write_text(text.replace(row, row + newer.replace("_Z1", "_Z2")), encoding="utf-8")
    wanted = {
        ("2026-12-30", "2027-01-05"): [["2026-12-01", 268], ["2027-01-01", 283]],
        ("2026-12-10", "2026-12-11"): [["2026-12-01", 268]],
        ("2027-02-10", "2027-02-10"): [["2027-02-01", 283]],
    }
    for (received, decided), parts in wanted.items():
        found = evaluate(schwarm, period, "Zeitraum",
                         {"antrag": {"antragsart": "erst", "aenderungen": "nein"},
                          "eingang": received, "entscheidungstag": decided})
        height_of = evaluate(schwarm, height, "Hoehe",
                             {"zeitraum": found, "Haushaltsmitglieder": 1, "Mietenstufe": 2,
                              "Miete": 600, "Gesamteinkommen": 908.25})
        expect(f"received {received}, decided {decided}",
               [[part["von"], part["betrag"]] for part in height_of["teile"]], parts)


def main():
    schwarm, package, data = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    part = sys.argv[4] if len(sys.argv) > 4 else "all"
    counted = []
    if part in ("all", "official"):
        official_results(schwarm, package)
        with tempfile.TemporaryDirectory() as folder:
            new_parameters(schwarm, package, Path(folder))
        counted.append("2 official results")
    if part in ("all", "cases"):
        if not (data / "wohngeld_cases.json").exists():
            print(f"[  SKIPPED ] {data / 'wohngeld_cases.json'} is not here")
            sys.exit(1 if problems else 0)
        counted.append(f"{computed_cases(schwarm, package, data / 'wohngeld_cases.json')} cases")
        counted.append(f"{places(schwarm, package, data / 'law/mietenstufen_2023.csv')} places")
    for problem in problems:
        print(problem, file=sys.stderr)
    print(", ".join(counted), "failed" if problems else "hold")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
