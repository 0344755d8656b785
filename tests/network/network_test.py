#!/usr/bin/env python3
"""network_test.py PROGRAM: three nodes in processes of their own (schwarm demo --network). A vehicle
is taken off the road in Leipzig: the authority asks the simulated vehicle register on the third
node, is paid by the simulated payment service there, decides alone and tells four others. The node
of the simulators is away in between: nothing is lost, nothing happens twice. Ends with 0 or 1."""
import argparse
import json
import os
import pathlib
import random
import signal
import socket
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from demo_node import DemoNode  # noqa: E402

AUTHORITY = "kfz-leipzig"
SERVICE = "ikfz-abmeldung"


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def say(text):
    print(f"network: {text}", flush=True)


def free_ports(count):
    """The first of so many ports in a row that are free now, and that the system does not give to
    outgoing connections: a node that is started again finds its own still free."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as f:
        below = int(f.read().split()[0])
    for _ in range(200):
        first = random.randrange(min(10000, below // 2), below - count)
        held = []
        try:
            for port in range(first, first + count):
                one = socket.socket()
                held.append(one)
                one.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
        finally:
            for one in held:
                one.close()
    raise RuntimeError("no free ports in a row")


class DemoNetwork(DemoNode):
    arguments = ("--network",)

    def metrics(self):
        """The counters of the first node by name."""
        out = {}
        for line in self.request("GET", "/metrics")[2].decode().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                out[name] = float(value)
        return out

    def children(self):
        """Process ids of the other nodes."""
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as f:
            return [int(pid) for pid in f.read().split()]


def answers(plate):
    return {"kennzeichen": plate, "schilder": "zwei", "wechselkennzeichen": "nein", "code_hinten": "a1B",
            "code_vorn": "c2D", "code_zb1": "e3F4g5H", "entsorgung": "nein", "nachweis": "nein",
            "reservierung": "ja", "bei_hindernis": "berichtigen"}


def until(what, condition, seconds=30):
    """The nodes have no way to tell a test what happens in them; so they are asked again."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        check(time.monotonic() < end, f"waited {seconds} s: {what}")
        time.sleep(0.05)


def apply(node, plate, key):
    status, receipt = node.apply(SERVICE, answers(plate), tenant=AUTHORITY, key=key)
    check(status == 201, f"the application was answered {status}: {json.dumps(receipt)}")
    return receipt["case_id"]


def milestone(node, case_id):
    status, case = node.case(case_id, tenant=AUTHORITY)
    check(status == 200, f"the case was answered {status}: {case}")
    return case


def has_notice(node, case_id):
    case = milestone(node, case_id)
    return case if any(d["name"] == "bescheid" for d in case["documents"]) else None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="schwarm-network-") as folder:
        node = DemoNetwork(options.program, folder, free_ports(6))
        try:
            node.start()
            begin = time.monotonic()
            first = apply(node, "L-IK 101", "network-1")
            case = until("no notice over three nodes", lambda: has_notice(node, first))
            say(f"decided over two nodes after {time.monotonic() - begin:.2f} s: {case['status']}")

            simulators = node.children()[-1]
            os.kill(simulators, signal.SIGSTOP)
            say("the node of the simulators no longer answers")
            second = apply(node, "L-IK 109", "network-2")
            waiting = until("no delivery waits", lambda: node.metrics()["schwarm_post_waiting"] > 0)
            check(waiting and not has_notice(node, second), "decided without the register")
            os.kill(simulators, signal.SIGCONT)
            until("the deliveries were not taken",
                  lambda: node.metrics()["schwarm_post_waiting"] == 0, 60)
            say("it is back; what waited has been taken")
            counters = node.metrics()
            check(counters["schwarm_post_expired_total"] == 0, "a message expired")
            check(counters["schwarm_post_refused_total"] == 0, "a message was refused")
            say(f"{counters['schwarm_post_processed_total']:.0f} messages taken elsewhere, "
                f"{counters['schwarm_post_received_total']:.0f} from elsewhere")
            check(node.stop() == 0, "the nodes did not stop cleanly")
        except Exception:
            print("\n".join(node.output[-40:]), file=sys.stderr)
            raise
        finally:
            node.kill()
    say("passed")


if __name__ == "__main__":
    try:
        main()
    except AssertionError as error:
        print(f"network: FAILED: {error}", file=sys.stderr)
        sys.exit(1)
