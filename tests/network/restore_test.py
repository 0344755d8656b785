#!/usr/bin/env python3
"""restore_test.py PROGRAM: three nodes in processes of their own. That of the simulators is backed up,
goes on, is killed and comes back from the backup; afterwards that of Leipzig likewise. What the others had
sent since the backup takes effect again, applications go on, nobody has forked its chain, each of the
two is in its second incarnation. Then the simulators come back while the third node is away: they wait, and go on upon their
operator's word. Directories and audit logs hold. Ends with 0 or 1."""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from demo_network import AUTHORITY, PORTS, apply, check, free_ports, has_notice, until  # noqa: E402
from demo_node import DemoNode  # noqa: E402
from ledger import PROCESSED, Ledger  # noqa: E402

MEMBERS = ("lecos", "regio-it", "simulatoren")
REGISTER = "simulator-kba"


def say(text):
    print(f"network restore: {text}", flush=True)


class Member(DemoNode):
    def __init__(self, program, base, first_port, index):
        super().__init__(program, base if index == 0 else os.path.join(base, MEMBERS[index]), first_port + index)
        self.base, self.first_port, self.name = base, first_port, MEMBERS[index]

    def options(self):
        return ["--port", str(self.first_port), "--data", self.base, "--network", "--only", self.name]

    def command(self, *words):
        done = subprocess.run([self.program, *words, "--data", self.folder], capture_output=True, text=True,
                              timeout=60, check=False)
        check(done.returncode == 0, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def restore(self, backup):
        """The disk is lost; keys of the node and for TLS are kept elsewhere."""
        self.kill()
        for suffix in ("", "-wal", "-shm"):
            pathlib.Path(self.folder, "schwarm.db" + suffix).unlink(missing_ok=True)
        self.command("restore", "--from", backup)
        check("signs nothing before" in self.command("directory", "show"), "it is not seen that it is restored")


def known_to_all(nodes, name):
    """Each node has the second incarnation of this one."""
    def seen():
        return all(any(name in line and "incarnation 2" in line
                       for line in node.command("directory", "show").splitlines()) for node in nodes.values())
    return until(f"everybody knows the second incarnation of {name}", seen, 60)


def waiting(node):
    """Refused ones stand there until somebody has seen them: answers to cases that are lost."""
    status, _, body = node.request("GET", "/network", who="betrieb")
    check(status == 200, f"/network was answered {status}")
    return [m for m in json.loads(body)["waiting"] if m["state"] in ("waiting", "delivered")]


def go_on_alone(nodes, base):
    """Aachen is away: the simulators wait for it, until their operator says that they need not."""
    simulators, away = nodes["simulatoren"], nodes["regio-it"]
    backup = os.path.join(base, "backup-again")
    simulators.command("backup", "--to", backup)
    away.kill()
    simulators.restore(backup)
    simulators.start()
    view = json.loads(simulators.request("GET", "/network", who="betrieb")[2])
    check([w["kind"] for w in view["warnings"]] == ["restored"], f"warnings: {view['warnings']}")
    # Longer than it needs for a member that is there.
    time.sleep(5)
    check("signs nothing before" in simulators.command("directory", "show"), "it did not wait for who is away")
    check(simulators.stop() == 0, "it did not stop cleanly")
    simulators.command("restore", "--alone")
    simulators.start()
    until("its third incarnation", lambda: "incarnation 3" in simulators.command("directory", "show"), 40)
    away.start()
    until("Aachen knows it", lambda: "incarnation 3" in away.command("directory", "show"), 40)
    until("nothing waits", lambda: not any(waiting(node) for node in nodes.values()), 60)


def run(program, base):
    first = free_ports(PORTS)
    nodes = {name: Member(program, base, first, i) for i, name in enumerate(MEMBERS)}
    leipzig, simulators = nodes["lecos"], nodes["simulatoren"]

    def new_cases(count, name):
        cases = [apply(leipzig, "L-IK 101", f"{name}-{i}") for i in range(count)]
        for case in cases:
            until(f"the notice of case {case} ({name})", lambda case=case: has_notice(leipzig, case), 60)
        return cases

    try:
        for node in nodes.values():
            node.start()
        cases = new_cases(2, "before")
        backup = os.path.join(base, "backup-simulators")
        simulators.command("backup", "--to", backup)
        cases += new_cases(3, "lost-by-the-simulators")
        simulators.restore(backup)
        during = apply(leipzig, "L-IK 101", "while-it-is-away")
        simulators.start()
        until("the notice of who applied while it was away", lambda: has_notice(leipzig, during), 60)
        cases += [during] + new_cases(2, "after")
        known_to_all(nodes, "simulatoren")
        until("nothing waits", lambda: not any(waiting(node) for node in nodes.values()), 60)
        say("the simulators came back")

        backup = os.path.join(base, "backup-leipzig")
        leipzig.command("backup", "--to", backup)
        new_cases(2, "lost-by-leipzig")
        leipzig.restore(backup)
        leipzig.start()
        known_to_all(nodes, "lecos")
        cases += new_cases(2, "lost-by-leipzig")
        until("nothing waits", lambda: not any(waiting(node) for node in nodes.values()), 60)
        say("Leipzig came back")

        go_on_alone(nodes, base)
        say("the simulators came back while a member was away, upon the operator's word")

        for node in nodes.values():
            check(node.stop() == 0, f"{node.name} did not stop cleanly")
        ledger = Ledger({name: node.folder for name, node in nodes.items()},
                        lambda name, tenant: nodes[name].command("audit", "export", "--tenant", tenant))
        taken = {(m.receiver, m.id) for m, rows in ledger.received.items() if rows[0][0] == PROCESSED}
        check(not ledger.differing(), f"the two logs differ in what was said: {ledger.differing()[:3]}")
        for case in cases:
            sent = ledger.sent[AUTHORITY, case]
            check(sent and all((m.receiver, m.id) in taken for _, m in sent), f"a message of case {case} is lost")
        check(len(ledger.cases[REGISTER]) >= len(cases), "the register has lost cases")
        for node in nodes.values():
            check("everything holds" in node.command("directory", "verify", "--all"), "a directory does not hold")
            shown = node.command("directory", "show")
            check("fork" not in shown and "lie" not in shown.split("warnings")[-1], shown)
            node.command("audit", "verify")
        say(f"{len(cases)} cases; {len(ledger.cases[REGISTER])} at the register; directories and logs hold")
    except BaseException:
        for node in nodes.values():
            print(f"--- {node.name}\n" + "\n".join(node.output[-25:]), file=sys.stderr)
        raise
    finally:
        for node in nodes.values():
            node.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    program = os.path.abspath(parser.parse_args().program)
    folder = tempfile.mkdtemp(prefix="schwarm-restore-")
    try:
        run(program, folder)
    except AssertionError as error:
        say(str(error))
        return 1
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
