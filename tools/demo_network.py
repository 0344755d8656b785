"""schwarm demo --network as child processes, and what checks and tests do with it: a vehicle is taken
off the road at the authority in Leipzig. Python standard library only; talks to 127.0.0.1 only.
"""
import json
import os
import random
import signal
import socket
import time

from demo_node import DemoNode

AUTHORITY = "kfz-leipzig"
SERVICE = "ikfz-abmeldung"
PORTS = 6


def check(condition, text):
    if not condition:
        raise AssertionError(text)


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
    """Three nodes; this object talks to the first one, that of Leipzig."""

    arguments = ("--network",)

    def __init__(self, program, folder, port=None):
        super().__init__(program, folder, port or free_ports(PORTS))

    def metrics(self):
        """The counters of the first node by name."""
        out = {}
        for line in self.request("GET", "/metrics")[2].decode().splitlines():
            if line and not line.startswith("#"):
                name, _, value = line.rpartition(" ")
                out[name] = float(value)
        return out

    def kill(self):
        """The other nodes end with the first one, but not while they are stopped."""
        if self.process and self.process.poll() is None:
            for pid in self.children():
                os.kill(pid, signal.SIGCONT)
        super().kill()

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
