#!/usr/bin/env python3
"""Hostile expressions, models and inputs given to `schwarm feel` and `schwarm eval` end with an
answer or a reason, in bounded time and memory; the limits can be set.

usage: evaluation_test.py PROGRAM
"""
import json
import os
import resource
import subprocess
import sys
import tempfile

PROGRAM = sys.argv[1]
SECONDS = 60  # no case needs more than a few, also on a busy machine
MEMORY = 1 << 30
failures = 0


def run(arguments, stdin=""):
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        done = subprocess.run([PROGRAM, *arguments], input=stdin, capture_output=True, text=True,
                              timeout=SECONDS, preexec_fn=limit)
        return done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired:
        return "stalled", "", ""


def check(name, arguments, stdin="", code=0, out=None, reason=None):
    """Exit code, the whole output (None: any), a part of the reasons."""
    global failures
    got = run(arguments, stdin)
    good = got[0] == code and (out is None or got[1].strip() == out) and (reason is None or reason in got[2])
    print(("ok      " if good else "FAILED  ") + name, flush=True)
    if not good:
        failures += 1
        print(f"        code {got[0]}, output {got[1][:200]!r}, reasons {got[2][:300]!r}")


def feel(name, expression, context=None, options=(), **expected):
    """Through --batch, so that an expression may be longer than a command line."""
    global failures
    request = json.dumps({"expression": expression, "context": context or {}}) + "\n"
    got = run(["feel", "--batch", *options], request)
    answer = json.loads(got[1]) if got[0] == 0 and got[1].count("\n") == 1 else {}
    good = got[0] == 0 and bool(answer)
    if "value" in expected:
        good = good and "value" in answer and answer["value"] == expected["value"]
    if "reason" in expected:
        good = good and expected["reason"] in " ".join([answer.get("error", ""), *answer.get("diagnostics", [])])
    print(("ok      " if good else "FAILED  ") + name, flush=True)
    if not good:
        failures += 1
        print(f"        code {got[0]}, answer {got[1][:300]!r}, {got[2][:200]!r}")


def model(content):
    return ('<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/" name="m" namespace="urn:m">'
            + content + "</definitions>")


def literal(text):
    return "<literalExpression><text><![CDATA[" + text + "]]></text></literalExpression>"


def decision(content, name="d"):
    return f'<decision id="{name}" name="{name}"><variable name="{name}"/>{content}</decision>'


def expressions():
    doubled = "{a0: [1, 1]" + "".join(f", a{i}: [a{i - 1}, a{i - 1}]" for i in range(1, 60)) + "}"
    feel("a+a+a... of 1 MB is refused", "+".join(["a"] * 500_000), {"a": 1}, reason="too long")
    feel("and with a raised limit", "+".join(["a"] * 500_000), {"a": 1}, ["--max-bytes", "2000000"],
         reason="too many operators")
    feel("100,000 brackets are refused", "(" * 100_000 + ")" * 100_000, reason="nested too deep")
    feel("100,000 negations are refused", "not(" * 20_000 + "true" + ")" * 20_000, reason="nested too deep")
    feel("10**6144*10 is null", "10**6144*10", value=None)
    feel("an endless recursion is null", "{f: function(n) f(n + 1), r: f(0)}.r", value=None, reason="nested too deep")
    feel("a doubling recursion ends", "{f: function(n) f(n + 1) = f(n + 2), r: f(0)}.r", value=None)
    feel("a loop of 10**18 ends", "every i in 1..1000000000, j in 1..1000000000 satisfies true", value=None, reason="steps")
    feel("its time can be set", "every i in 1..1000000000, j in 1..1000000000 satisfies true", None,
         ["--max-steps", "1000000000000", "--timeout", "0.2"], value=None, reason="took too long")
    feel("its steps can be set", "every i in 1..100000 satisfies true", None, ["--max-steps", "1000"], value=None,
         reason="more than 1000 steps")
    feel("memory can be set", "for i in 1..900000 return {a: [i]}", None, ["--max-memory", "1000000"], value=None,
         reason="KiB of memory")
    feel("memory has a limit by itself", "count(for i in 1..900000 return [[i], [i], [i], [i], [i]])", reason="KiB of memory")
    feel("depth can be set", "{f: function(n) if n = 0 then 0 else f(n - 1), r: f(50)}.r", None, ["--max-depth", "20"],
         value=None, reason="nested too deep")
    feel("items can be set", "for i in 1..100 return i", None, ["--max-items", "10"], value=None)
    feel("what shares its parts 2**60 times is null", doubled, value=None)
    feel("a text doubled 60 times ends", "count(for i in 1..60 return if i = 1 then \"ab\" else partial[-1] + partial[-1])",
         value=60)
    feel("a pattern that goes back ends", "matches(s, \"(a*)*(a*)*[b-d]$\")", {"s": "a" * 500_000}, value=None,
         reason="takes too long")
    feel("a text for a text in a text", "contains(s, t)", {"s": "a" * 1_000_000, "t": "a" * 500_000 + "b"}, value=False)
    feel("equal lists in a loop", "some i in 1..1000000000 satisfies l != l", {"l": list(range(100_000))}, value=None,
         reason="steps")
    check("deep JSON is refused", ["feel", "1"], "[" * 100_000 + "]" * 100_000, code=1, reason="nested deeper")
    check("an unfinished string is refused", ["feel", '"a'], code=1, reason="does not end")
    check("a limit must be a number", ["feel", "1", "--max-steps", "many"], code=2)


def models(folder):
    def with_model(name, text, **expected):
        path = os.path.join(folder, "m.dmn")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        check(name, ["eval", path, "d", *expected.pop("options", [])], "{}", **expected)

    with_model("deep XML is refused", model("<decision>" * 100_000), code=1, reason="more than 128 levels")
    nested = literal("1")
    for _ in range(120):
        nested = f"<context><contextEntry>{nested}</contextEntry></context>"
    with_model("deep boxed contexts are refused", model(decision(nested)), code=1, reason="more than 128 levels")
    recursive = ('<businessKnowledgeModel id="r" name="r"><encapsulatedLogic><formalParameter name="x"/>'
                 + literal("r(x + 1)") + '</encapsulatedLogic><knowledgeRequirement><requiredKnowledge href="#r"/>'
                 "</knowledgeRequirement></businessKnowledgeModel>")
    needs = '<knowledgeRequirement><requiredKnowledge href="#r"/></knowledgeRequirement>'
    with_model("a knowledge model that calls itself is null", model(recursive + decision(needs + literal("r(0)"))),
               out="null", reason="nested too deep")
    loop = ('<for iteratorVariable="i"><in>' + literal("1..900000") + "</in><return>" + literal("count(partial)")
            + "</return></for>")
    with_model("a boxed loop over its own results ends", model(decision(loop.replace("1..900000", "[1..900000]"))),
               out="null", reason="steps")
    with_model("its steps can be set", model(decision(literal("every i in 1..100000 satisfies true"))), out="null",
               reason="more than 1000 steps", options=["--max-steps", "1000"])
    with_model("a cycle of decisions is refused",
               model(decision('<informationRequirement><requiredDecision href="#d"/></informationRequirement>' + literal("d"))),
               code=1)


def main():
    expressions()
    with tempfile.TemporaryDirectory() as folder:
        models(folder)
    print(f"{failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
