#!/usr/bin/env python3
"""compare.py on figures whose outcome is known, and that the models of all engines have one shape.
python3 bench/peers/engines/test_compare.py"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

HERE = pathlib.Path(__file__).parent
TOOL = HERE / "compare.py"
BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DMN = "{https://www.omg.org/spec/DMN/20191111/MODEL/}"
DIALECTS = ("camunda8", "operaton", "flowable", "spiff", "bpmn-engine")


class Compare(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, store, b, c):
        figures = {"b": b, "c": c}
        data = {"engine": name, "jar": f"{name}.jar", "store": store}
        for scenario, rate in figures.items():
            data[scenario] = {"count": 10, "per_second": rate, "p50_ms": 1.5, "p99_ms": 9}
        (self.folder / f"{name}.json").write_text(json.dumps(data), encoding="utf-8")

    def run_tool(self, *arguments):
        return subprocess.run([sys.executable, TOOL, "--results", self.folder, *arguments],
                              capture_output=True, text=True)

    def report(self, *arguments):
        done = self.run_tool(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    @staticmethod
    def rows(report, first):
        cells = [[cell.strip() for cell in line.strip("| ").split("|")]
                 for line in report.splitlines()]
        return [row for row in cells if row[0] == first]

    def test_ratio_is_ours_by_its_and_ours_is_the_middle_of_both_runs(self):
        self.file("schwarm-1", "sqlite", 900, 9000)
        self.file("schwarm-2", "sqlite", 1100, 11000)
        self.file("operaton-postgres", "postgres", 100, 2500)
        b, c = self.rows(self.report(), "operaton-postgres")
        self.assertEqual(b[1:5], ["100.0", "1.50", "9.00", "10.0"])
        self.assertEqual(c[4], "4.0")

    def test_target_is_five_times_the_best_embedded_durable_engine(self):
        self.file("schwarm-1", "sqlite", 1000, 10000)
        self.file("operaton-postgres", "postgres", 100, 1000)
        self.file("flowable-h2", "h2", 100, 2001)
        self.file("spiff", "sqlite", 100, 5000)
        self.file("bpmn-engine", "memory", 100, 9000)
        report = self.report()
        self.assertIn("The best embedded durable engine: flowable-h2; ours does 5.0 times as many "
                      "(target 5: missed).", report)
        self.assertIn("force each commit to the disk: operaton-postgres; ours does 10.0 times",
                      report)

    def test_without_ours_no_ratio_is_told_and_it_is_named(self):
        self.file("operaton-h2", "h2", 100, 1000)
        report = self.report()
        self.assertIn("not built: bench engine", report)
        self.assertEqual([row[4] for row in self.rows(report, "operaton-h2")], ["-", "-"])

    def test_what_is_missing_is_named_with_its_reason(self):
        self.file("operaton-h2", "h2", 100, 1000)
        (self.folder / "missing.tsv").write_text("spiff\tpython3 is not installed\n",
                                                 encoding="utf-8")
        report = self.report()
        self.assertIn("- spiff: python3 is not installed", report)
        self.assertIn("- zeebe: not started", report)

    def test_a_figure_that_cannot_be_is_refused(self):
        self.file("operaton-h2", "h2", 0, 1000)
        done = self.run_tool()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("per_second is 0.0", done.stderr)

    def test_nothing_measured_is_an_error(self):
        self.assertIn("no engine was measured", self.run_tool().stderr)

    def test_csv_has_a_line_for_each_engine_and_scenario(self):
        self.file("schwarm-1", "sqlite", 1000, 10000)
        self.file("operaton-h2", "h2", 100, 1000)
        path = self.folder / "out.csv"
        self.report("--csv", path)
        rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
        self.assertEqual([(row["engine"], row["scenario"]) for row in rows],
                         [("schwarm run 1", "b"), ("schwarm run 1", "c"),
                          ("operaton-h2", "b"), ("operaton-h2", "c")])
        self.assertEqual(rows[3]["ours / its"], "10.0")


class Models(unittest.TestCase):
    """The shape is one; what differs is in README.md, "Models"."""

    @staticmethod
    def shape(dialect, name):
        process = ElementTree.parse(HERE / "models" / dialect / f"{name}.bpmn").find(f"{BPMN}process")
        nodes, flows = [], []
        for element in process:
            kind = element.tag.removeprefix(BPMN)
            if kind == "sequenceFlow":
                flows.append((element.get("id"), element.get("sourceRef"), element.get("targetRef"),
                              element.find(f"{BPMN}conditionExpression") is not None))
            else:
                if dialect == "flowable" and element.get("id") == "straight_einstufen":
                    kind = kind.replace("serviceTask", "businessRuleTask")
                nodes.append((kind, element.get("id")))
        return nodes, flows

    def test_every_dialect_has_the_nodes_and_flows_of_ours(self):
        for name, nodes, flows in (("one_task", 3, 2), ("straight", 11, 11)):
            ours = self.shape("camunda8", name)
            self.assertEqual((len(ours[0]), len(ours[1])), (nodes, flows))
            for dialect in DIALECTS:
                self.assertEqual(self.shape(dialect, name), ours, f"{dialect}, {name}")

    @staticmethod
    def rules(dialect):
        table = ElementTree.parse(HERE / "models" / dialect / "einstufung.dmn").find(
            f".//{DMN}decisionTable")

        def text(cell):
            found = (cell.findtext(f"{DMN}text") or "-").replace("== ", "")
            return found.replace("[100..1000)", "< 1000")

        return [[text(cell) for cell in rule] for rule in table.findall(f"{DMN}rule")]

    def test_every_table_has_the_rules_of_ours(self):
        ours = self.rules("camunda8")
        self.assertEqual([len(rule) for rule in ours], [3] * 5)
        for dialect in DIALECTS:
            if (HERE / "models" / dialect / "einstufung.dmn").is_file():
                self.assertEqual(self.rules(dialect), ours, dialect)


if __name__ == "__main__":
    unittest.main()
