#!/usr/bin/env python3
"""Kills the node at random moments under load and proves that no receipt is lost.

crash_test.py PROGRAM [--applications N] [--kills K] [--seed S]

Sends N applications for Wohngeld over HTTP from several threads, each with a key of its own and
repeated with the same key until it is receipted, while the node is killed with SIGKILL and started
again K times, at moments drawn from the seed (a number of receipts, then up to 30 ms in which the
others go on being sent and answered). At the end every receipted application is there exactly
once, with the amount the statute gives, and the node's own verification passes.
"""
import argparse
import http.client
import json
import pathlib
import queue
import random
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from demo_node import DemoNode  # noqa: E402
from wohngeld_answers import answers, expected_amount  # noqa: E402

WAGES = [900, 1000, 1200, 1400, 1600, 1800, 2000, 2200, 2600]
THREADS = 6
BROKEN = (OSError, http.client.HTTPException, json.JSONDecodeError)


class Load:
    def __init__(self, node, count, kill_after):
        self.node, self.kill_after = node, kill_after
        self.work = queue.Queue()
        for i in range(count):
            self.work.put(i)
        self.receipts = {}
        self.lock = threading.Lock()
        self.up = threading.Event()      # the node answers
        self.kills_due = 0
        self.wake = threading.Semaphore(0)  # a kill is due, or all work is done
        self.failure = None
        self.retries = 0
        self.up.set()

    def wage(self, i):
        return WAGES[i % len(WAGES)]

    def worker(self):
        token = self.node.token("erika")
        connection = None
        while self.failure is None:
            try:
                i = self.work.get_nowait()
            except queue.Empty:
                break
            while self.failure is None:
                self.up.wait()
                try:
                    if connection is None:
                        connection = http.client.HTTPConnection("127.0.0.1", self.node.port, timeout=20)
                    body = json.dumps({"tenant": "leipzig", "service": "wohngeld",
                                       "answers": answers(self.wage(i), first_name=f"Person{i}")})
                    connection.request("POST", "/applications", body, {
                        "Content-Type": "application/json", "Authorization": "Bearer " + token,
                        "Idempotency-Key": f"crash-{i}"})
                    response = connection.getresponse()
                    reply = json.loads(response.read())
                except BROKEN:
                    if connection is not None:
                        connection.close()
                    connection = None
                    with self.lock:
                        self.retries += 1
                    continue
                if response.status in (200, 201):
                    self.receipted(i, reply)
                    break
                if response.status not in (429, 503):
                    self.failure = f"application {i} was answered {response.status}: {reply}"
        if connection is not None:
            connection.close()

    def receipted(self, i, reply):
        with self.lock:
            self.receipts[i] = reply
            if self.kill_after and len(self.receipts) >= self.kill_after[0]:
                self.kill_after.pop(0)
                self.kills_due += 1
                self.wake.release()


def run(args):
    chance = random.Random(args.seed)
    kills = sorted(chance.sample(range(1, args.applications), args.kills))
    print(f"crash: seed {args.seed}, kills after {kills} receipts", flush=True)
    with tempfile.TemporaryDirectory(prefix="schwarm-crash-") as folder:
        node = DemoNode(args.program, folder).start()
        try:
            load = Load(node, args.applications, list(kills))
            threads = [threading.Thread(target=load.worker, daemon=True) for _ in range(THREADS)]
            for t in threads:
                t.start()

            def finish():
                for t in threads:
                    t.join()
                load.wake.release()

            threading.Thread(target=finish, daemon=True).start()
            killed = 0
            while True:
                load.wake.acquire()
                if killed == load.kills_due:
                    break
                threading.Event().wait(chance.uniform(0, 0.03))
                load.up.clear()
                node.kill()
                killed += 1
                node.start()
                load.up.set()
            if load.failure:
                raise AssertionError(load.failure)
            if killed != args.kills:
                raise AssertionError(f"killed {killed} times, not {args.kills}")
            print(f"crash: {len(load.receipts)} receipts, {killed} kills, {load.retries} requests "
                  "repeated", flush=True)
            examine(node, load)
            if node.stop() != 0:
                raise AssertionError("the node did not stop cleanly")
            verify = subprocess.run([node.program, "audit", "verify", "--data", folder],
                                    capture_output=True, text=True)
            print(verify.stdout.strip())
            if verify.returncode != 0:
                raise AssertionError("audit verify: " + verify.stdout + verify.stderr)
        finally:
            node.kill()


def examine(node, load):
    ids = {}
    for i, receipt in load.receipts.items():
        if receipt["case_id"] in ids:
            raise AssertionError(f"applications {ids[receipt['case_id']]} and {i} share a case")
        ids[receipt["case_id"]] = i
        status, case = node.case(receipt["case_id"])
        if status != 200:
            raise AssertionError(f"receipted case {receipt['case_number']} is gone: {status}")
        expected = expected_amount(load.wage(i))
        if float(case["amount"] or 0) != expected:
            raise AssertionError(f"case {receipt['case_number']}: {case['amount']} Euro, expected {expected}")
        notices = [d for d in case["documents"] if d["name"] in ("bescheid", "ablehnung")]
        if len(notices) != 1:
            raise AssertionError(f"case {receipt['case_number']} has {len(notices)} notices")
    # Case ids count up from 1: what was never receipted to anybody must not exist either.
    highest = max(ids)
    extra = [n for n in range(1, highest + 50) if n not in ids and node.case(n)[0] == 200]
    if extra:
        raise AssertionError(f"cases nobody has a receipt for: {extra}")
    print(f"crash: {len(ids)} cases, each there once, each with the right amount", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--applications", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    args = parser.parse_args()
    try:
        run(args)
    except (AssertionError, RuntimeError) as error:
        print(f"crash: FAILED: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
