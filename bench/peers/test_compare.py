#!/usr/bin/env python3
"""compare.py on figures whose outcome is known. python3 bench/peers/test_compare.py"""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).with_name("compare.py")


class Compare(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, name, rows):
        path = pathlib.Path(self.folder.name) / name
        lines = ["folder,file,case,ns,status"] + [f'level/f,f-01,"{row}' for row in rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    def run_tool(self, *arguments):
        return subprocess.run([sys.executable, TOOL, *arguments], capture_output=True, text=True)

    def report(self, *arguments):
        done = self.run_tool(*arguments)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    @staticmethod
    def cells(report, first):
        for line in report.splitlines():
            cells = [cell.strip() for cell in line.strip("| ").split("|")]
            if cells[0] == first:
                return cells
        raise AssertionError(f"no row '{first}' in:\n{report}")

    def test_ratio_is_the_median_of_the_ratios_of_cases(self):
        ours = self.file("a.csv", ['1",100,ok', '2",10,ok', '3",1000,ok'])
        peer = self.file("b.csv", ['1",400,ok', '2",50,ok', '3",500,ok'])
        row = self.cells(self.report("--ours", f"us={ours}", "--peer", f"dsntk={peer}"), "dsntk")
        self.assertEqual(row[3:7], ["3", "100 ns", "400 ns", "4.0"])
        self.assertEqual(row[8:], ["3: met", "1", "33.3 %"])

    def test_target_of_another_peer_is_ten(self):
        ours = self.file("a.csv", ['1",100,ok'])
        peer = self.file("b.csv", ['1",400,ok'])
        row = self.cells(self.report("--ours", f"us={ours}", "--peer", f"jdmn={peer}"), "jdmn")
        self.assertEqual(row[8], "10: missed")

    def test_only_cases_that_both_answer_are_compared(self):
        ours = self.file("a.csv", ['1",100,ok', '2",100,wrong', '3",100,ok', '4",100,ok'])
        peer = self.file("b.csv", ['1",1000,ok', '2",1,ok', '3",1,wrong', '4",,error'])
        report = self.report("--ours", f"us={ours}", "--peer", f"jdmn={peer}")
        self.assertEqual(self.cells(report, "jdmn")[1:4], ["4", "2", "1"])
        self.assertIn("Not slower than any peer: 1 of 1 cases (100.0 %; target 95 %: met)", report)

    def test_slower_than_any_names_the_fastest_peer_and_the_reason(self):
        ours = self.file("a.csv", ['1",100,ok', '2",100,ok'])
        one = self.file("b.csv", ['1",50,ok', '2",900,ok'])
        two = self.file("c.csv", ['1",20,ok', '2",900,ok'])
        reasons = pathlib.Path(self.folder.name) / "reasons.tsv"
        reasons.write_text("# why\nf/1\ttwo\tit answers from a table\n", encoding="utf-8")
        report = self.report("--ours", f"us={ours}", "--peer", f"one={one}", "--peer",
                             f"two={two}", "--reasons", str(reasons))
        self.assertIn("Not slower than any peer: 1 of 2 cases (50.0 %; target 95 %: missed)", report)
        self.assertEqual(self.cells(report, "f/1"), ["f/1", "100 ns", "two", "20 ns", "5.00",
                                                     "it answers from a table"])

    def test_what_stands_beside_is_no_peer(self):
        ours = self.file("a.csv", ['1",100,ok'])
        peer = self.file("b.csv", ['1",900,ok'])
        beside = self.file("c.csv", ['1",1,ok'])
        report = self.report("--ours", f"us={ours}", "--peer", f"one={peer}", "--beside",
                             f"bound={beside}")
        self.assertEqual(self.cells(report, "bound")[9], "1")
        self.assertIn("Not slower than any peer: 1 of 1 cases", report)

    def test_of_two_runs_the_mean_counts(self):
        first = self.file("a.csv", ['1",100,ok'])
        last = self.file("b.csv", ['1",300,ok'])
        peer = self.file("c.csv", ['1",800,ok'])
        report = self.report("--ours", f"us={first},{last}", "--peer", f"dsntk={peer}")
        self.assertEqual(self.cells(report, "dsntk")[6], "4.0")
        self.assertIn("us: median of each of its runs, in the order of time: 100 ns, 300 ns", report)

    def test_bad_input_is_named(self):
        good = self.file("a.csv", ['1",100,ok'])
        for rows, word in ((['1",fast,ok'], "fast"), (['1",0,ok'], "positive"),
                           (['1",-5,ok'], "positive")):
            bad = self.file("b.csv", rows)
            done = self.run_tool("--ours", f"us={good}", "--peer", f"one={bad}")
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(str(bad), done.stderr)
            self.assertIn(word, done.stderr)
        other = self.file("c.csv", ['2",100,ok'])
        done = self.run_tool("--ours", f"us={good},{other}", "--peer", f"one={good}")
        self.assertIn("not of the same cases", done.stderr)
        done = self.run_tool("--ours", f"us={good}", "--peer", "one=/nowhere.csv")
        self.assertIn("/nowhere.csv", done.stderr)


if __name__ == "__main__":
    unittest.main()
