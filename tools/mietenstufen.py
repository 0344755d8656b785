#!/usr/bin/env python3
"""Makes the Mietenstufen of packages/wohngeld from the annex of the Wohngeldverordnung.

usage: tools/mietenstufen.py [CSV]     (default ../shared/data/law/mietenstufen_2023.csv)

CSV columns: land, art (Gemeinde or Kreis), name, stufe (I to VII).
Writes packages/wohngeld/mietenstufen.dmn and puts the places of each Land into the lists of
packages/wohngeld/forms/antrag.json (components with the ids "gemeinde" and "kreis"). Run it again
after editing the form. A new list (§ 12 WoGG) is a further entry of VERSIONS, newest first: its
rows stand above the older ones, which stay.
"""

import csv
import json
import sys
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "packages" / "wohngeld"
VERSIONS = [("2023-01-01", ROOT.parent / "shared/data/law/mietenstufen_2023.csv")]
ROMAN = ["I", "II", "III", "IV", "V", "VI", "VII"]

# § 12 Abs. 4a WoGG: islands without a connection to the mainland have one Mietenstufe.
ISLAND_ROW = "Inseln ohne Festlandanschluss"
ISLANDS = {
    "Niedersachsen": ["Baltrum", "Borkum, Stadt", "Juist", "Langeoog", "Norderney, Stadt",
                      "Spiekeroog", "Wangerooge, Nordseebad"],
    "Schleswig-Holstein": ["Nebel", "Norddorf auf Amrum", "Wittdün auf Amrum", "Alkersum",
                           "Borgsum", "Dunsum", "Midlum", "Nieblum", "Oevenum", "Oldsum",
                           "Süderende", "Utersum", "Witsum", "Wrixum", "Wyk auf Föhr, Stadt",
                           "Helgoland", "Gröde", "Hallig Hooge", "Langeneß", "Pellworm"],
    "Mecklenburg-Vorpommern": ["Insel Hiddensee"],
}

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" \
xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" \
xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" \
xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/" id="mietenstufen" \
name="Mietenstufen der Gemeinden und Kreise (§ 12 WoGG, Anlage zu § 1 Abs. 3 WoGV)" \
namespace="https://schwarm.example/wohngeld/mietenstufen">
  <description>Erzeugt von tools/mietenstufen.py. Eine neue Liste kommt als neue Zeilen \
nach oben.</description>
  <inputData id="Land" name="Land"><variable id="Land_Variable" name="Land" typeRef="string" />\
</inputData>
  <inputData id="Art" name="Art"><description>Gemeinde oder Kreis</description>\
<variable id="Art_Variable" name="Art" typeRef="string" /></inputData>
  <inputData id="Name" name="Name"><variable id="Name_Variable" name="Name" typeRef="string" />\
</inputData>
  <inputData id="Stichtag" name="Stichtag"><description>Fehlt er, gilt die neueste Liste\
</description><variable id="Stichtag_Variable" name="Stichtag" typeRef="Any" /></inputData>
  <decision id="Tag_der_Liste" name="Tag der Liste">
    <variable id="Tag_der_Liste_Variable" name="Tag der Liste" typeRef="date" />
    <informationRequirement id="Tag_der_Liste_1"><requiredInput href="#Stichtag" />\
</informationRequirement>
    <literalExpression id="Tag_der_Liste_Ausdruck" typeRef="date">
      <text>if Stichtag = null then date("9999-12-31") else date(Stichtag)</text>
    </literalExpression>
  </decision>
  <decision id="Mietenstufe" name="Mietenstufe">
    <description>Mietenstufe I bis VII als Zahl; null, wenn der Ort nicht in der Liste steht: \
dann gilt die Stufe des Kreises (§ 12 Abs. 3 Nr. 2 WoGG)</description>
    <variable id="Mietenstufe_Variable" name="Mietenstufe" typeRef="number" />
    <informationRequirement id="Mietenstufe_1"><requiredInput href="#Land" />\
</informationRequirement>
    <informationRequirement id="Mietenstufe_2"><requiredInput href="#Art" />\
</informationRequirement>
    <informationRequirement id="Mietenstufe_3"><requiredInput href="#Name" />\
</informationRequirement>
    <informationRequirement id="Mietenstufe_4"><requiredDecision href="#Tag_der_Liste" />\
</informationRequirement>
    <decisionTable id="Mietenstufe_Tabelle" hitPolicy="FIRST" typeRef="number">
"""
COLUMNS = [("Stichtag", "Tag der Liste", "date"), ("Land", "Land", "string"),
           ("Art", "Art", "string"), ("Name", "Name", "string")]
TAIL = """    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram id="mietenstufen_Diagramm" name="Mietenstufen">
{shapes}    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
"""
SHAPES = {"Mietenstufe": (430, 80, 180, 80), "Tag_der_Liste": (760, 230, 180, 80),
          "Land": (160, 250, 125, 45), "Art": (360, 250, 125, 45), "Name": (560, 250, 125, 45),
          "Stichtag": (788, 400, 125, 45)}
EDGES = [("Mietenstufe_1", "Land", "Mietenstufe"), ("Mietenstufe_2", "Art", "Mietenstufe"),
         ("Mietenstufe_3", "Name", "Mietenstufe"), ("Mietenstufe_4", "Tag_der_Liste", "Mietenstufe"),
         ("Tag_der_Liste_1", "Stichtag", "Tag_der_Liste")]


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        rows = [(r["land"], r["art"], r["name"], ROMAN.index(r["stufe"]) + 1)
                for r in csv.DictReader(file)]
    keys = [row[:3] for row in rows]
    if len(set(keys)) != len(keys):
        sys.exit(f"{path}: a place stands twice")
    return rows


def feel(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def with_islands(rows):
    island = [row[3] for row in rows if row[2] == ISLAND_ROW]
    extra = []
    for land, names in ISLANDS.items():
        extra += [(land, "Gemeinde", name, island[0]) for name in names if island]
    return rows + extra


def rule(number, valid_from, row):
    land, art, name, stufe = row
    cells = [f'>= date("{valid_from}")', feel(land), feel(art), feel(name)]
    inputs = "".join(f"<inputEntry><text>{escape(cell)}</text></inputEntry>" for cell in cells)
    source = ("§ 12 Abs. 4a WoGG" if name in ISLANDS.get(land, [])
              else "§ 1 Abs. 3 WoGV, Anlage")
    note = f"<annotationEntry><text>{source}</text></annotationEntry>"
    return (f'      <rule id="Mietenstufe_R{number}">{inputs}<outputEntry><text>{stufe}</text>'
            f"</outputEntry>{note}</rule>\n")


def layout():
    out = []
    for name, (x, y, w, h) in SHAPES.items():
        out.append(f'      <dmndi:DMNShape id="{name}_Form" dmnElementRef="{name}"><dc:Bounds '
                   f'height="{h}" width="{w}" x="{x}" y="{y}" /></dmndi:DMNShape>\n')
    for edge, source, target in EDGES:
        x, y, w, _ = SHAPES[source]
        tx, ty, tw, th = SHAPES[target]
        out.append(f'      <dmndi:DMNEdge id="{edge}_Kante" dmnElementRef="{edge}"><di:waypoint '
                   f'x="{x + w // 2}" y="{y}" /><di:waypoint x="{tx + tw // 2}" y="{ty + th}" />'
                   "</dmndi:DMNEdge>\n")
    return TAIL.format(shapes="".join(out))


def model(versions):
    out = [HEAD]
    for number, (label, expression, kind) in enumerate(COLUMNS, 1):
        out.append(f'      <input id="Mietenstufe_Ein{number}" label="{label}"><inputExpression '
                   f'id="Mietenstufe_Ein{number}_Ausdruck" typeRef="{kind}"><text>{expression}'
                   "</text></inputExpression></input>\n")
    out.append('      <output id="Mietenstufe_Aus1" label="Mietenstufe" typeRef="number" />\n'
               '      <annotation name="Fundstelle" />\n')
    number = 0
    for valid_from, rows in versions:
        for row in rows:
            number += 1
            out.append(rule(number, valid_from, row))
    out.append(f'      <rule id="Mietenstufe_R{number + 1}">'
               + "<inputEntry><text>-</text></inputEntry>" * len(COLUMNS)
               + "<outputEntry><text>null</text></outputEntry>"
               "<annotationEntry><text>nicht in der Liste</text></annotationEntry></rule>\n")
    out.append(layout())
    return "".join(out)


def alphabetical(name):
    """As in a German directory (DIN 5007-1): ä like a, ß like ss."""
    return name.lower().translate(str.maketrans({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"}))


def choices(rows, art, last):
    """FEEL: the names of one Land, read only as far as that Land's branch."""
    lands = sorted({row[0] for row in rows})
    text = "="
    for land in lands:
        names = sorted((row[2] for row in rows
                        if row[0] == land and row[1] == art and row[2] != ISLAND_ROW),
                       key=alphabetical)
        items = [feel(name) for name in names] + [last]
        text += f"if ort.land = {feel(land)} then [{', '.join(items)}] else "
    return text + "[]"


def components(node):
    if isinstance(node, dict):
        yield node
        for value in node.values():
            yield from components(value)
    elif isinstance(node, list):
        for value in node:
            yield from components(value)


def put_into_form(rows):
    path = PACKAGE / "forms" / "antrag.json"
    form = json.loads(path.read_text(encoding="utf-8"))
    missing = {"gemeinde", "kreis"}
    for component in components(form):
        if component.get("id") == "gemeinde":
            other = ('{"value": "andere", "label": "Meine Gemeinde steht nicht in der Liste", '
                     '"label_en": "My municipality is not in the list"}')
            component["valuesExpression"] = choices(rows, "Gemeinde", other)
            missing.discard("gemeinde")
        elif component.get("id") == "kreis":
            other = ('{"value": "unbekannt", "label": "Ich weiß es nicht", '
                     '"label_en": "I do not know"}')
            component["valuesExpression"] = choices(rows, "Kreis", other)
            missing.discard("kreis")
    if missing:
        sys.exit(f"{path}: no component with the id {', '.join(sorted(missing))}")
    path.write_text(json.dumps(form, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def main():
    versions = list(VERSIONS)
    if len(sys.argv) > 1:
        versions[0] = (versions[0][0], Path(sys.argv[1]))
    tables = [(valid_from, with_islands(read(path))) for valid_from, path in versions]
    (PACKAGE / "mietenstufen.dmn").write_text(model(tables), encoding="utf-8")
    put_into_form(tables[0][1])
    print(f"{sum(len(rows) for _, rows in tables)} rows")


if __name__ == "__main__":
    main()
