#!/usr/bin/env python3
"""crash_test.py PROGRAM [--seconds N] [--seed S] [--applications N]: three nodes, each a process of its
own, are cut off from one another, killed (SIGKILL) and started again at random for N seconds, while
vehicles are taken off the road at two of them; registers and payment are simulators on the third.

Wires between any two are cut so that connections are refused, or so that nothing comes through any
more, or a connection ends in the middle of what it carries (wires.py). Every application is repeated
with its key until it is receipted. Then everything is healed, and within a minute nothing waits any
more and every case has its notice, or stands with a person because the register did not answer in
time. At the end the nodes are stopped and their logs and databases held against one another (ledger.py):
each message that was sent was received once and took effect; each application made
one case, one request to the register and one to the payment service, and each of these one case
there; nobody has an incident; `schwarm audit verify` finds nothing on any of the three."""
import argparse
import collections
import heapq
import http.client
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from demo_network import SERVICE, answers, check, free_ports  # noqa: E402
from demo_node import DemoNode  # noqa: E402
from ledger import PROCESSED, Ledger  # noqa: E402
from wires import OPEN, REFUSED, SILENT, Wires  # noqa: E402

MEMBERS = ("lecos", "regio-it", "simulatoren")
AUTHORITIES = {"kfz-leipzig": ("lecos", "L-IK 101"), "kfz-aachen": ("regio-it", "AC-IK 102")}
REGISTER, PAYMENT = "simulator-kba", "simulator-land"
ASKED = {"abmeldung_anfrage": REGISTER, "zahlung_anforderung": PAYMENT}
DONE, WITH_A_PERSON = "abrufbereit", "in_pruefung"
DRAINED_S = 60
THREADS = 3  # clients of each authority
BROKEN = (OSError, http.client.HTTPException, json.JSONDecodeError)


def say(text):
    print(f"network crash: {text}", flush=True)


class Member(DemoNode):
    def __init__(self, program, base, first_port, index):
        folder = base if index == 0 else os.path.join(base, MEMBERS[index])
        super().__init__(program, folder, first_port + index)
        self.base, self.first_port, self.name = base, first_port, MEMBERS[index]

    def options(self):
        return ["--port", str(self.first_port), "--data", self.base, "--network", "--only", self.name,
                "--announced-port", str(self.first_port + 2 * len(MEMBERS))]

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def waiting(self):
        for line in self.request("GET", "/metrics")[2].decode().splitlines():
            if line.startswith("schwarm_post_waiting "):
                return float(line.rpartition(" ")[2])
        raise AssertionError(f"{self.name} does not say how much waits")


class Load:
    """Applications at even times; each is given until it is receipted."""

    def __init__(self, nodes, seconds, count):
        self.nodes, self.count = nodes, count
        self.begin, self.apart = time.monotonic(), seconds / count
        self.numbers = {tenant: itertools.count() for tenant in AUTHORITIES}
        self.receipts = {tenant: {} for tenant in AUTHORITIES}
        self.lock, self.repeated, self.failure = threading.Lock(), 0, None
        self.threads = [threading.Thread(target=self.work, args=(tenant,), daemon=True)
                        for tenant in AUTHORITIES for _ in range(THREADS)]
        for thread in self.threads:
            thread.start()

    def work(self, tenant):
        member, plate = AUTHORITIES[tenant]
        while self.failure is None:
            number = next(self.numbers[tenant])
            if number >= self.count:
                return
            threading.Event().wait(max(0, self.begin + number * self.apart - time.monotonic()))
            while self.failure is None:
                try:
                    status, receipt = self.nodes[member].apply(
                        SERVICE, answers(plate), tenant=tenant, key=f"{tenant}-{number}")
                except BROKEN:
                    status, receipt = None, None
                    threading.Event().wait(0.02)
                with self.lock:
                    if status in (200, 201):
                        self.receipts[tenant][number] = receipt["case_id"]
                        break
                    self.repeated += 1
                if status not in (None, 429, 503):
                    self.failure = f"{tenant} {number} was answered {status}: {receipt}"

    def finish(self):
        for thread in self.threads:
            thread.join(60)
        check(self.failure is None, self.failure)
        for tenant, receipts in self.receipts.items():
            check(len(receipts) == self.count, f"{tenant} receipted {len(receipts)} of {self.count}")
            check(len(set(receipts.values())) == self.count, f"two applications share a case of {tenant}")


class Trouble:
    """What happens when is drawn from the seed before anything has happened."""

    def __init__(self, nodes, wires, chance, seconds):
        self.nodes, self.wires = nodes, wires
        self.counts = collections.Counter()
        self.plan, self.number = [], itertools.count()
        pairs = [frozenset(pair) for pair in itertools.combinations(MEMBERS, 2)]
        longest = min(20.0, seconds / 5)
        at = 1.0
        while at < seconds:
            what = chance.choice(("kill", "kill", REFUSED, SILENT, "break"))
            if what == "kill":
                name = chance.choice(MEMBERS)
                self.add(at, self.kill, name)
                self.add(at + chance.uniform(0, 3), self.start, name)
            elif what == "break":
                self.add(at, self.break_one, chance.choice(pairs), chance.randrange(200, 30000))
            else:
                # One wire, or all that lead to one node.
                cut = chance.choice([[pair] for pair in pairs] +
                                    [[p for p in pairs if name in p] for name in MEMBERS])
                self.add(at, self.cut, cut, what)
                self.add(at + chance.uniform(0.3, longest), self.mend, cut)
            at += chance.expovariate(1 / (1.0 if seconds < 60 else 2.5))

    def add(self, at, action, *arguments):
        heapq.heappush(self.plan, (at, next(self.number), action, arguments))

    def kill(self, name):
        if self.nodes[name].running:
            self.nodes[name].kill()
            self.counts["kills"] += 1

    def start(self, name):
        if not self.nodes[name].running:
            self.nodes[name].start()

    def cut(self, pairs, state):
        for pair in pairs:
            self.wires.set(pair, state)
        self.counts[f"cuts ({state})"] += 1

    def mend(self, pairs):
        for pair in pairs:
            self.wires.set(pair, OPEN)

    def break_one(self, pair, count):
        self.wires.break_after(pair, count)
        self.counts["breaks"] += 1

    def run(self, seconds):
        begin = time.monotonic()
        while self.plan and self.plan[0][0] < seconds:
            at, _, action, arguments = heapq.heappop(self.plan)
            threading.Event().wait(max(0, begin + at - time.monotonic()))
            action(*arguments)
        threading.Event().wait(max(0, begin + seconds - time.monotonic()))

    def heal(self):
        self.wires.breaks.clear()
        for pair in itertools.combinations(MEMBERS, 2):
            self.wires.set(frozenset(pair), OPEN)
        for name in MEMBERS:
            self.start(name)


def await_end(nodes, load):
    """Until nothing waits and every case is where it stays: (seconds, cases with a person)."""
    begin = time.monotonic()
    open_cases = {(tenant, case) for tenant, all_of in load.receipts.items() for case in all_of.values()}
    with_a_person = set()
    while True:
        waiting = {name: node.waiting() for name, node in nodes.items()}
        for tenant, case in list(open_cases):
            status, shown = nodes[AUTHORITIES[tenant][0]].case(case, tenant=tenant)
            check(status == 200, f"the receipted case {case} of {tenant} is gone: {status}")
            if shown["milestone"] == DONE:
                check(sum(d["name"] == "bescheid" for d in shown["documents"]) == 1,
                      f"case {case} of {tenant} has not one notice")
            elif shown["milestone"] == WITH_A_PERSON:
                with_a_person.add((tenant, case))
            else:
                break
            open_cases.remove((tenant, case))
        took = time.monotonic() - begin
        if not open_cases and not any(waiting.values()):
            return took, with_a_person
        check(took < DRAINED_S, f"{took:.0f} s after the healing {waiting} messages wait, "
                                f"{len(open_cases)} cases are not done: {sorted(open_cases)[:5]}")
        threading.Event().wait(0.1)


def examine(ledger, load):
    check(ledger.incidents == 0, f"{ledger.incidents} incidents")
    check(ledger.waiting == 0, f"{ledger.waiting} deliveries are open")
    check(ledger.held == 0, f"{ledger.held} messages still wait for an earlier one")
    sent = collections.Counter(ledger.all_sent())
    received = collections.Counter({message: len(rows) for message, rows in ledger.received.items()})
    check(sent and max(sent.values()) == 1, "a message was receipted twice")
    check(sent == received, f"lost {list((sent - received))[:3]}, not sent {list((received - sent))[:3]}")
    check(all(row[0] == PROCESSED for rows in ledger.received.values() for row in rows),
          "a message took no effect")
    check(not ledger.differing(), f"the two logs differ in what was said: {ledger.differing()[:3]}")
    answering = collections.Counter()
    for tenant, receipts in load.receipts.items():
        check(ledger.cases[tenant] == set(receipts.values()), f"{tenant} has cases nobody has a receipt for")
        for case in receipts.values():
            messages = ledger.sent[tenant, case]
            check(collections.Counter(kind for kind, _ in messages) == collections.Counter(ASKED.keys()),
                  f"case {case} of {tenant} sent {[kind for kind, _ in messages]}")
            for kind, message in messages:
                answering[ASKED[kind], ledger.received[message][0][1]] += 1
    check(max(answering.values()) == 1, "one case took two requests")
    for simulator in (REGISTER, PAYMENT):
        asked = {case for tenant, case in answering if tenant == simulator}
        check(ledger.cases[simulator] == asked, f"{simulator} has cases without a request")
        for case in asked:
            check(len(ledger.sent[simulator, case]) == 1, f"case {case} of {simulator} did not answer once")
    return len(ledger.all_sent())


def export(node, tenant):
    done = subprocess.run([node.program, "audit", "export", "--data", node.folder, "--tenant", tenant],
                          capture_output=True, text=True)
    check(done.returncode == 0, f"audit export: {done.stderr}")
    return done.stdout


def prove_that_it_can_fail(ledger, load):
    """Each of these faults in what the databases say must be found."""
    message = ledger.all_sent()[0]
    rows = ledger.received[message]

    def lose():
        del ledger.received[message]

    def double():
        ledger.received[message] = rows * 2

    def refuse():
        ledger.received[message] = [(PROCESSED + 1, rows[0][1])]

    def change():
        del ledger.received[message]
        ledger.received[message._replace(id="another")] = rows

    def begin_another():
        ledger.cases[REGISTER].add(max(ledger.cases[REGISTER]) + 1)

    def say_otherwise():
        ledger.heard[message] = "sha256:another"

    for fault in (lose, double, refuse, change, begin_another, say_otherwise):
        kept = {name: dict(getattr(ledger, name)) for name in ("received", "cases", "heard")}
        numbers = set(ledger.cases[REGISTER])
        fault()
        try:
            examine(ledger, load)
        except AssertionError:
            pass
        else:
            raise AssertionError(f"the examination does not find the fault '{fault.__name__}'")
        ledger.received.clear()
        ledger.received.update(kept["received"])
        ledger.cases.update(kept["cases"])
        ledger.heard.update(kept["heard"])
        ledger.cases[REGISTER] = numbers
    examine(ledger, load)


def run(options):
    chance = random.Random(options.seed)
    say(f"seed {options.seed}, {options.seconds} s, {options.applications} applications at each of two")
    with tempfile.TemporaryDirectory(prefix="schwarm-network-crash-") as folder:
        first = free_ports(3 * len(MEMBERS) + 1)
        nodes = {name: Member(options.program, folder, first, i) for i, name in enumerate(MEMBERS)}
        doors = {name: (first + 2 * len(MEMBERS) + i, first + len(MEMBERS) + i)
                 for i, name in enumerate(MEMBERS)}
        wires = Wires(doors, lambda name: nodes[name].process and nodes[name].process.pid).start()
        try:
            for node in nodes.values():
                node.start()
            trouble = Trouble(nodes, wires, chance, options.seconds)
            load = Load(nodes, options.seconds, options.applications)
            trouble.run(options.seconds)
            at_the_end = {name: node.waiting() for name, node in nodes.items() if node.running}
            trouble.heal()
            healed = time.monotonic()
            load.finish()
            took, with_a_person = await_end(nodes, load)
            took = time.monotonic() - healed
            check(took < DRAINED_S, f"the backlog took {took:.1f} s")
            say(", ".join(f"{count} {what}" for what, count in sorted(trouble.counts.items()))
                + f"; connections: {wires.counts}; {load.repeated} applications repeated")
            say(f"{sum(at_the_end.values()):.0f} messages waited when it ended; drained {took:.1f} s after "
                "the healing")
            for node in nodes.values():
                check(node.stop() == 0, f"{node.name} did not stop cleanly")
            ledger = Ledger({name: node.folder for name, node in nodes.items()},
                            lambda name, tenant: export(nodes[name], tenant))
            messages = examine(ledger, load)
            prove_that_it_can_fail(ledger, load)
            say(f"{2 * options.applications} cases, {messages} messages, each sent and taken once; "
                f"{len(with_a_person)} cases with a person because the register was away too long")
            for node in nodes.values():
                verify = subprocess.run([node.program, "audit", "verify", "--data", node.folder],
                                        capture_output=True, text=True)
                check(verify.returncode == 0, f"audit verify: {verify.stdout}{verify.stderr}")
            say("the three audit logs hold")
        except BaseException:
            for node in nodes.values():
                print(f"--- {node.name}\n" + "\n".join(node.output[-15:]), file=sys.stderr)
            raise
        finally:
            for node in nodes.values():
                node.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--applications", type=int, default=0, help="at each authority; default 2 a second")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    options = parser.parse_args()
    options.applications = options.applications or max(10, int(2 * options.seconds))
    try:
        run(options)
    except (AssertionError, RuntimeError) as error:
        print(f"network crash: FAILED: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
