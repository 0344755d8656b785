#!/usr/bin/env python3
"""Kills the node at random moments while processes run, and proves that each command took effect once.

engine_crash_test.py PROGRAM [--kills K] [--numbers N] [--seed S] [--verbose]

Clients of Camunda's API start N instances of the process in engine_model.py, work its jobs, publish
and correlate its messages and complete its user tasks, each command with an identity of its own and
repeated with it until it is answered (engine_load.py), while the node is killed with SIGKILL and
started again K times, at moments drawn from the seed: when a number of things is done, either at once
by the client that has just heard so, or up to 30 ms later; now and then again while it starts. When
all is done, every start and every completion that ended an instance is repeated once more. Then the
node's history is held against the answers (engine_history.py): each start one instance; each element
as often as the model says, so no token was lost or doubled and each timer fired once; each job, user
task and message with the effect of exactly the command that was accepted; what a signal and messages
start, once for each. The examination is examined too: it must find each of the faults of
engine_tamper.py. The node's own verification passes.
"""
import argparse
import pathlib
import random
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import engine_model as model  # noqa: E402
from demo_node import DemoNode  # noqa: E402
from engine_history import History, Wrong, examine, expect  # noqa: E402
from engine_load import Load, Session  # noqa: E402
from engine_tamper import prove_that_it_can_fail  # noqa: E402

STALLED_S = 90             # without anything done: a token is lost
KILLED_WHILE_STARTING = 0.1
KILLED_BY_WHO_IS_ANSWERED = 0.5
CASES_MAX = 2000           # that a search reads
CASES_OF_ONE = 1 + len(model.STARTED)


def deploy(node, headers):
    boundary = "model"
    parts = [f"--{boundary}\r\nContent-Disposition: form-data; name=\"resources\"; filename=\"{name}\"\r\n"
             f"Content-Type: application/octet-stream\r\n\r\n{text}\r\n"
             for name, text in model.FILES.items()]
    status, _, body = node.request(
        "POST", "/v2/deployments", "".join(parts) + f"--{boundary}--\r\n",
        headers={**headers, "Content-Type": f"multipart/form-data; boundary={boundary}"})
    expect(status == 200, f"the deployment was answered {status}: {body.decode()}")


class Killer:
    def __init__(self, node, load, chance):
        self.node, self.load, self.chance = node, load, chance
        self.kills = self.in_flight = self.at_once = self.while_starting = 0

    def strike(self):
        if self.load.up.is_set():
            threading.Event().wait(self.chance.uniform(0, 0.03))
        flying, at_once = self.load.take_down()
        self.node.kill()
        self.kills += 1
        self.in_flight += flying > 0
        self.at_once += at_once
        if self.chance.random() < KILLED_WHILE_STARTING:
            self.strike_while_starting()
        self.node.start()
        self.load.up.set()

    def strike_while_starting(self):
        """The moment is random: the node may be up already, but nobody asks it yet."""
        def later():
            threading.Event().wait(self.chance.uniform(0.01, 0.3))
            if self.node.process is not None:
                self.node.kill()

        self.node.process = None
        thread = threading.Thread(target=later)
        thread.start()
        try:
            self.node.start()
        except RuntimeError:
            pass  # killed before it was up
        thread.join()
        self.node.kill()
        self.while_starting += 1


def run_load(node, load, killer):
    load.run()
    seen, since = 0, time.monotonic()
    struck = 0
    while not load.over.is_set():
        if load.wake.acquire(timeout=1) and not load.over.is_set() and struck < load.kills_due:
            killer.strike()
            struck += 1
        if load.counts["steps"] != seen:
            seen, since = load.counts["steps"], time.monotonic()
        elif time.monotonic() - since > STALLED_S:
            raise Wrong(f"nothing has happened for {STALLED_S} s; waiting: {load.unfinished()}")
    if load.failure:
        raise Wrong(load.failure)
    for thread in load.threads:
        thread.join(30)


def repeat_commands(load, session):
    """Who asks again, even after the end, hears the same and changes nothing."""
    for nr in range(load.numbers):
        load.start_again(session, nr)
    repeated = load.numbers
    for (kind, key), claims in load.claims.items():
        if kind != "job" or load.taken[key][1] not in ("last", "store", "open"):
            continue
        for claim in claims:
            if not claim.accepted:
                continue
            status, answer = session.ask(f"/jobs/{key}/completion", {
                "variables": {f"job_{key}": claim.uid}}, None, claim.uid)
            expect(status == 204, f"the repeated completion {claim.uid} was answered {status}: {answer}")
            repeated += 1
    if load.failure:
        raise Wrong(load.failure)
    return repeated


def run(args):
    def tell(name, reason):
        if args.verbose:
            print(f"  {name}: {reason[:200]}")

    chance = random.Random(args.seed)
    least = min(model.steps(nr) for nr in range(5)) - 1
    kills = [(after, chance.random() < KILLED_BY_WHO_IS_ANSWERED)
             for after in sorted(chance.sample(range(1, least * args.numbers), args.kills))]
    print(f"engine crash: seed {args.seed}, {args.numbers} numbers, {args.kills} kills", flush=True)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="schwarm-engine-crash-") as folder:
        node = DemoNode(args.program, folder).start()
        try:
            load = Load(node, args.numbers, args.seed, kills)
            deploy(node, load.headers)
            killer = Killer(node, load, chance)
            run_load(node, load, killer)
            expect(killer.kills == args.kills, f"killed {killer.kills} times, not {args.kills}")
            counts = load.counts
            print(f"engine crash: {killer.kills} kills ({killer.in_flight} with requests in flight, "
                  f"{killer.at_once} by a client just answered, {killer.while_starting} followed by one "
                  f"during the start); {counts['requests']} requests and {counts['activations']} "
                  f"activations; without answer "
                  f"{counts['lost answers']} and {counts['activations lost']}, {counts['repeated']} "
                  f"repeated, {counts['rivals']} given by two clients; "
                  f"{time.monotonic() - began:.1f} s", flush=True)
            session = Session(load)
            repeated = repeat_commands(load, session)
            history = History(session)
            figures = examine(load, history)
            instances = sum(len(all_of) for all_of in history.instances.values())
            print(f"engine crash: {instances} process instances, each there once and completed; "
                  + ", ".join(f"{n} {what}" for what, n in figures.items())
                  + f"; {repeated} commands repeated at the end", flush=True)
            found = prove_that_it_can_fail(load, history, tell)
            print(f"engine crash: {found} things made wrong on purpose were all found", flush=True)
            expect(node.stop() == 0, "the node did not stop cleanly")
            verify = subprocess.run([node.program, "audit", "verify", "--data", folder],
                                    capture_output=True, text=True)
            print(verify.stdout.strip())
            expect(verify.returncode == 0, "audit verify: " + verify.stdout + verify.stderr)
        finally:
            node.kill()
    print(f"engine crash: {time.monotonic() - began:.1f} s", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--numbers", type=int, default=0, help="default: two for each kill, at least 40")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    parser.add_argument("--verbose", action="store_true", help="how each wrong thing was found")
    args = parser.parse_args()
    args.numbers = args.numbers or max(40, 2 * args.kills)
    if args.numbers * CASES_OF_ONE > CASES_MAX:
        parser.error(f"at most {CASES_MAX // CASES_OF_ONE} numbers: a search reads {CASES_MAX} cases")
    try:
        run(args)
    except (AssertionError, RuntimeError) as error:
        print(f"engine crash: FAILED: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
