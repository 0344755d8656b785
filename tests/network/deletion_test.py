#!/usr/bin/env python3
"""deletion_test.py PROGRAM: what the law on i-Kfz demands to be deleted is, by the node itself. A guest takes a vehicle
off the road with a code that the simulated register, on another node, does not confirm, and goes away. The clock of
the authority's node is moved: the dialogue ends, 30 minutes later its data are gone (section 19(1) sentence 6 FZV), six months
from its beginning the log about it, too (section 18(3) sentence 3). The node is started again in between, and its log is
verified and proven each time. Ends with 0 or 1."""
import argparse
import datetime
import json
import os
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from demo_network import AUTHORITY, SERVICE, answers, check, command, free_ports, until  # noqa: E402
from serve_node import ServeNode, TestClock, tenant  # noqa: E402

REGISTER = "simulator-kba"
RULE = "§ 18 Abs. 3 Satz 3, § 19 Abs. 1 Satz 6 FZV"
MINUTE = datetime.timedelta(minutes=1)


def say(text):
    print(f"deletion: {text}", flush=True)


def make_nodes(program, base):
    first = free_ports(8)
    authority = ServeNode(program, base, "lecos", first, ".", [tenant(AUTHORITY, "Leipzig", [SERVICE])],
                          {AUTHORITY: [("zulassungsbehoerde", "14713")]}, test_clock=True)
    register = ServeNode(program, base, "simulatoren", first + 4, "simulators",
                         [tenant(REGISTER, REGISTER, ["kba-fahrzeugregister"])],
                         {REGISTER: [("kba-fahrzeugregister", "*")]})
    return authority, register


def found(program, base, nodes):
    cards = [os.path.join(base, node.member + ".card") for node in nodes]
    for node, card in zip(nodes, cards):
        node.done("directory", "card", "--out", card)
    for what, file in (("found", "netz.json"), ("peers", "peers.json")):
        code, said = command(program, "directory", what, "--out", os.path.join(base, file), *cards)
        check(code == 0, said)
    for node in nodes:
        node.start()
    for node in nodes:
        until(f"{node.member} does not know the other", lambda node=node: len(node.members()) == 2)
    until("the register is not known", lambda: f"{REGISTER}@simulatoren" in nodes[0].show())


class Guest:
    """The session of somebody who applies without signing in."""

    def __init__(self, node):
        self.node, self.cookie = node, None

    def apply(self):
        body = json.dumps({"tenant": AUTHORITY, "service": SERVICE, "answers": {**answers("L-IK 101"), "code_zb1": "falsch"}})
        status, headers, said = self.node.request("POST", "/applications", body,
                                                  headers={"Content-Type": "application/json"})
        check(status == 201, f"the application was answered {status}: {said!r}")
        self.cookie = headers["Set-Cookie"].split(";")[0]
        return json.loads(said)["case_id"]

    def case(self, case_id):
        status, _, said = self.node.request("GET", f"/applications/{AUTHORITY}/{case_id}", headers={"Cookie": self.cookie})
        return status, said.decode()


def lines(node):
    return [json.loads(line) for line in node.done("audit", "export", "--tenant", AUTHORITY).splitlines()]


def about(node, case_id, deleted):
    return [line for line in lines(node) if line["case"] == case_id and line["deleted"] == deleted]


def deletion(node, action, case_id):
    """The line of the protocol that says so."""
    return [line for line in lines(node) if not line["deleted"] and line["action"] == action
            and line["actor"] == "system:retention" and line["detail"] == f"case {case_id}: {RULE}"]


def proof_holds(node, base, case_id, texts):
    """The node has ended, so that its log is signed to the end. The texts are in the proof, or none of them."""
    said = node.done("audit", "verify")
    check(f"{AUTHORITY}: " in said, said)
    proof = pathlib.Path(base) / f"proof-{texts}.json"
    node.done("audit", "prove", "--tenant", AUTHORITY, "--case", case_id, "--out", proof)
    said = node.done("audit", "check-proof", proof, "--directory", node.folder, config=False)
    check(f"Case {case_id} of {AUTHORITY}@" in said, said)
    given = ["text" in line for line in json.loads(proof.read_text(encoding="utf-8"))["lines"]]
    check(given and all(one == texts for one in given), f"the proof has texts: {given}")


def run(program, base, nodes):
    authority, _ = nodes
    found(program, base, nodes)
    guest, clock = Guest(authority), TestClock(authority, AUTHORITY)
    begin = datetime.datetime.now(datetime.timezone.utc)
    case_id = guest.apply()
    until("the register does not answer", lambda: "Sie können sie berichtigen" in guest.case(case_id)[1])
    until("something waits", lambda: authority.metrics()["schwarm_post_waiting"] == 0)

    clock.set((begin + 31 * MINUTE).timestamp())
    until("the dialogue does not end", lambda: "abgebrochen" in guest.case(case_id)[1])
    clock.set((begin + 60 * MINUTE).timestamp())
    check(guest.case(case_id)[0] == 200, "deleted too early")
    clock.set((begin + 62 * MINUTE).timestamp())
    until("the aborted dialogue is not deleted", lambda: guest.case(case_id)[0] == 404)
    check(deletion(authority, "delete_case", case_id), "the protocol does not say by which rule")
    kept = len(about(authority, case_id, False))
    check(kept > 0 and not about(authority, case_id, True), "the log went with the case")
    check(authority.stop() == 0, "the node did not stop cleanly")
    proof_holds(authority, base, case_id, True)
    say(f"the aborted dialogue is gone after half an hour, {kept} lines of the log say that there was one")

    authority.start()
    month = begin.month + 6
    end = begin.replace(year=begin.year + (month - 1) // 12, month=(month - 1) % 12 + 1, day=min(begin.day, 28))
    clock.set((end - datetime.timedelta(days=5)).timestamp())
    check(len(about(authority, case_id, False)) == kept, "the log was deleted too early")
    clock.set((end + datetime.timedelta(days=5)).timestamp())
    until("the log is not deleted", lambda: deletion(authority, "delete_log", case_id))
    check(len(about(authority, case_id, True)) == kept and not about(authority, case_id, False), "something of it is left")
    check(authority.stop() == 0, "the node did not stop cleanly")
    proof_holds(authority, base, case_id, False)
    say("after six months the log about it is gone; what is left verifies and is proven")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    program = os.path.abspath(parser.parse_args().program)
    with tempfile.TemporaryDirectory(prefix="schwarm-deletion-") as base:
        nodes = make_nodes(program, base)
        try:
            run(program, base, nodes)
        except AssertionError as error:
            for node in nodes:
                print(f"--- {node.member}\n" + "\n".join(node.output[-25:]), file=sys.stderr)
            say(f"FAILED: {error}")
            return 1
        finally:
            for node in nodes:
                node.kill()
    say("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
