#!/usr/bin/env python3
"""Scenarios and contracts fit together.

    contracts_test.py PACKAGES

The bodies that scenarios send or start with are valid against the schema of the contract. That processes keep to it, the program
itself checks (schwarm check).
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as ET

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"


def properties(element):
    place = f"{BPMN}extensionElements/{ZEEBE}properties/{ZEEBE}property"
    return {p.get("name"): p.get("value") for p in element.findall(place)}


def problems_of(schema, value, at="body"):
    """What is wrong with a value, by the part of JSON Schema that contracts use."""
    if "anyOf" in schema:
        if any(not problems_of(one, value, at) for one in schema["anyOf"]):
            return []
        return [f"{at}: fits none of the alternatives"]
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number", type(None): "null"}
    kind = names[type(value)]
    if kind not in types:
        return [f"{at}: is {kind}, not {' or '.join(types)}"]
    found = []
    if kind == "object" and "properties" in schema:
        found += [f"{at}: {name} is missing" for name in schema["required"] if name not in value]
        for name, member in value.items():
            if name in schema["properties"]:
                found += problems_of(schema["properties"][name], member, f"{at}.{name}")
            elif not schema["additionalProperties"]:
                found.append(f"{at}: there is no member {name}")
    if kind == "array":
        for n, item in enumerate(value):
            found += problems_of(schema["items"], item, f"{at}[{n}]")
        if not schema.get("minItems", 0) <= len(value) <= schema.get("maxItems", 1000):
            found.append(f"{at}: has {len(value)} items")
    if kind == "string":
        if len(value) > schema.get("maxLength", len(value)):
            found.append(f"{at}: is too long")
        if "enum" in schema and value not in schema["enum"]:
            found.append(f"{at}: '{value}' is not one of {schema['enum']}")
        if "pattern" in schema and not re.search(schema["pattern"], value):
            found.append(f"{at}: '{value}' does not match {schema['pattern']}")
        if schema.get("format") == "date" and not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
            found.append(f"{at}: '{value}' is no date")
    return found


def merged(target, patch):
    """RFC 7396."""
    if not isinstance(patch, dict):
        return patch
    out = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            out.pop(name, None)
        else:
            out[name] = merged(out.get(name), value)
    return out


def bodies(folder):
    """(file:line, message, body) of what scenarios send to their case or start it with."""
    for file in sorted((folder / "scenarios").glob("*.scn")):
        lines = file.read_text().splitlines()
        for n, line in enumerate(lines):
            words = re.match(r"(?:start message|send)\s+(\S+)\s+(.*)", line)
            if not words:
                continue
            text = words[2]
            for more in lines[n + 1:]:
                if not more.startswith((" ", "\t")):
                    break
                text += " " + more.strip()
            if text.startswith("@"):
                name, _, rest = text[1:].partition(" ")
                body = json.loads((folder / "scenarios" / name).read_text())
                if rest.strip():
                    body = merged(body, json.loads(rest.strip().removeprefix("with")))
            else:
                body = json.loads(text)
            yield f"{file}:{n + 1}", words[1], body


def check(folder, contracts):
    root = ET.parse(folder / "process.bpmn").getroot()
    collaboration = root.find(f"{BPMN}collaboration")
    if collaboration is None or "contract" not in properties(collaboration):
        return [], 0
    names = properties(collaboration)
    contract = json.loads((contracts / names["contract"] / names["version"] / "contract.json").read_text())
    messages = {m["name"]: m for m in contract["messages"]}
    declared = {m.get("id"): m.get("name") for m in root.findall(f"{BPMN}message")}
    flowing = {declared[f.get("messageRef")] for f in collaboration.findall(f"{BPMN}messageFlow")}
    found, count = [], 0
    for place, name, body in bodies(folder):
        if name not in messages:
            continue
        # A scenario speaks for the other side and need not say which request is answered.
        complete = body if "anfrage" in body or name not in flowing else {"anfrage": "v", **body}
        if "anfrage" not in messages[name]["body"]["properties"]:
            complete = body
        found += [f"{place}: {name}: {problem}" for problem in problems_of(messages[name]["body"], complete)]
        count += 1
    return found, count


def main():
    packages = pathlib.Path(sys.argv[1])
    folders = sorted(f.parent for f in [*packages.glob("*/process.bpmn"), *packages.glob("simulators/*/process.bpmn")])
    found, count = [], 0
    for folder in folders:
        problems, checked = check(folder, packages / "contracts")
        found += problems
        count += checked
    for problem in found:
        print(problem)
    if count == 0:
        print("no message was checked")
    print(f"{count} messages checked, {len(found)} problems")
    return 1 if found or count == 0 else 0


sys.exit(main())
