#!/usr/bin/env python3
"""Writes the TCK cases that need nothing but FEEL as JSON, for measure.mjs.

Those are the cases all of whose results are decisions of one literal expression that requires
no other decision and no knowledge model: an evaluator of FEEL expressions has no models.

usage: cases.py TCK_FOLDER OUTPUT.json
"""
import json
import pathlib
import sys
import xml.etree.ElementTree as xml

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def local(element):
    return element.tag.rsplit("}", 1)[-1]


def children(element, name):
    return [child for child in element if local(child) == name]


def is_nil(element):
    return element.get(XSI + "nil") == "true"


def read_value(element):
    """{"simple": [type, text]}, {"list": [...]}, {"context": [[name, value]...]} or null."""
    if is_nil(element):
        return None
    components = []
    for child in element:
        if local(child) == "value":
            if is_nil(child):
                return None
            kind = child.get(XSI + "type", "xsd:string").rsplit(":", 1)[-1]
            return {"simple": [kind, child.text or ""]}
        if local(child) == "list":
            return None if is_nil(child) else {"list": [read_value(item) for item in child]}
        if local(child) == "component":
            components.append([child.get("name"), read_value(child)])
    return {"context": components} if components else None


def literal_expressions(model):
    """Decision name -> text, for decisions that depend on input data alone."""
    found = {}
    for decision in model.iter():
        if local(decision) != "decision":
            continue
        required = {local(part) for requirement in decision for part in requirement
                    if local(requirement).endswith("Requirement")}
        logic = children(decision, "literalExpression")
        text = children(logic[0], "text") if logic else []
        if text and required <= {"requiredInput"}:
            found[decision.get("name")] = text[0].text or ""
    return found


def read_case(case, expressions):
    nodes = []
    for node in children(case, "resultNode"):
        if node.get("name") not in expressions:
            return None
        expected = children(node, "expected")
        nodes.append({"expression": expressions[node.get("name")],
                      "expected": read_value(expected[0]) if expected else None})
    inputs = [[node.get("name"), read_value(node)] for node in children(case, "inputNode")]
    return {"case": case.get("id"), "inputs": inputs, "nodes": nodes}


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__.strip().splitlines()[-1])
    root, cases, total = pathlib.Path(sys.argv[1]), [], 0
    for level in ("compliance-level-2", "compliance-level-3"):
        for test in sorted((root / level).glob("*/*.xml")):
            suite = xml.parse(test).getroot()
            model = test.parent / children(suite, "modelName")[0].text.strip()
            expressions = literal_expressions(xml.parse(model).getroot())
            for element in children(suite, "testCase"):
                total += 1
                case = read_case(element, expressions)
                if case and element.get("type", "decision") == "decision":
                    place = {"folder": f"{level}/{test.parent.name}", "file": test.stem}
                    cases.append(place | case)
    pathlib.Path(sys.argv[2]).write_text(json.dumps(cases), encoding="utf-8")
    print(f"feelin: {len(cases)} of {total} cases are literal expressions over input data")


if __name__ == "__main__":
    main()
