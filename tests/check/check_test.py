#!/usr/bin/env python3
"""schwarm check MODEL.bpmn: what is not executable is named, and what could stand there instead.

check_test.py PROGRAM [MIWG]

Without MIWG: a model with a mistake and one without. With the folder of the MIWG's models: those in
XPath and JUEL are refused by element and language; with the proposals put in they can be deployed.
"""
import pathlib
import subprocess
import sys
import tempfile

MODEL = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
 xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="t">
<process id="p" isExecutable="true"><startEvent id="Beginn"/>
<sequenceFlow id="f" sourceRef="Beginn" targetRef="Arbeit"/>
<serviceTask id="Arbeit">{}</serviceTask></process></definitions>
"""
JOB = '<extensionElements><zeebe:taskDefinition type="t"/></extensionElements>'


def check(program, *arguments):
    done = subprocess.run([program, "check", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60)
    return done.returncode, done.stdout + done.stderr


def expect(holds, what, said):
    if not holds:
        sys.exit(f"{what}; the program said:\n{said}")


def models(program, folder):
    for name, inner, wanted in (("gut.bpmn", JOB, 0), ("falsch.bpmn", "", 1)):
        file = folder / name
        file.write_text(MODEL.format(inner), encoding="utf-8")
        code, said = check(program, file)
        expect(code == wanted, f"{name} must end with {wanted}, not {code}", said)
        if wanted:
            expect(f"{file}:5 element Arbeit" in said, "the place must be named", said)


def suggestions(program, miwg, folder):
    for name, language in (("C.1.0", "JUEL"), ("C.1.1", "XPath"), ("C.3.0", "XPath")):
        model, written = miwg / f"{name}.bpmn", folder / f"{name}.bpmn"
        code, said = check(program, model)
        expect(code == 1, f"{name} must be refused", said)
        expect("element " in said and language in said, "element and language must be named", said)
        code, said = check(program, "--suggest", "--write", written, model)
        expect(code == 0, f"{name} must be deployable with the proposals", said)
        code, said = check(program, written)
        expect(code == 0, f"what was written of {name} must be deployable", said)


def main():
    program = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        if len(sys.argv) == 2:
            return models(program, folder)
        miwg = pathlib.Path(sys.argv[2])
        if not miwg.is_dir():
            return print(f"[  SKIPPED ] the MIWG's models are not in {miwg}")
        suggestions(program, miwg, folder)


main()
