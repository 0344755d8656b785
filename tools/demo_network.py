"""schwarm demo --network as child processes, and what checks and tests do with it: a vehicle is taken
off the road at the authority in Leipzig. Python standard library only; talks to 127.0.0.1 only.
"""
import argparse
import contextlib
import datetime
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time

from demo_node import DemoNode

AUTHORITY = "kfz-leipzig"
REGISTRATION = "meldebehoerde-leipzig"
SERVICE = "ikfz-abmeldung"
PORTS = 7  # as many as `schwarm demo --network` takes; the last one is for X-Road


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


def command(program, *arguments):
    """Exit code and output."""
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


@contextlib.contextmanager
def in_a_folder(kind, program, prefix):
    """A node or network in a folder of its own, which is ended whatever happens; if something fails,
    with its last lines."""
    with tempfile.TemporaryDirectory(prefix=prefix) as folder:
        node = kind(program, folder)
        try:
            yield node
        except Exception:
            print("\n".join(node.output[-40:]), file=sys.stderr)
            raise
        finally:
            node.kill()


def network_test(doc, name, steps):
    """The program of a test: PROGRAM is the argument, steps(node) get a network that is not started."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("program")
    options = parser.parse_args()
    try:
        with in_a_folder(DemoNetwork, options.program, f"schwarm-{name}-") as node:
            steps(node)
    except AssertionError as error:
        print(f"{name}: FAILED: {error}", file=sys.stderr)
        sys.exit(1)
    print(f"{name}: passed", flush=True)


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


def until(what, condition, seconds=60):
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


def registration_answers():
    """A vehicle that comes from Aachen with its keeper."""
    no = "nein"
    return {"vorgang": "wohnsitzwechsel", "anderer_bezirk": "ja",
            "voraussetzungen": {"versicherungsfrei": no, "zulassungsfrei": no, "technik": no, "ausnahme": no},
            "kennzeichen": {"art": "allgemein", "weiterfuehren": "ja"},
            "fahrzeug": {"fin": "WVWZZZ1KZAW000102", "kennzeichen": "AC-IK 102", "code_zb1": "e3F4g5H"},
            "hu": {"naechste": f"06/{datetime.date.today().year + 1}"},
            "halter": {"art": "natuerlich", "vorname": "Erika", "nachname": "Mustermann", "geburtsdatum": "1980-05-04",
                       "geburtsort": "Aachen", "geschlecht": "weiblich", "strasse": "Musterweg", "hausnummer": "1",
                       "plz": "04109", "ort": "Leipzig"},
            "gemeindeschluessel": "14713000", "bei_hindernis": "berichtigen"}


def register_vehicle(node, key):
    status, receipt = node.apply("ikfz", registration_answers(), tenant=AUTHORITY, key=key)
    check(status == 201, f"the registration of a vehicle was answered {status}: {json.dumps(receipt)}")
    return receipt["case_id"]


def residence_answers(days_ago=3):
    """Erika Mustermann moves from Aachen to Leipzig; what the register in Aachen knows is not asked."""
    moved = datetime.date.today() - datetime.timedelta(days=days_ago)
    return {"person": {"vornamen": "Erika", "familienname": "Mustermann", "geburtsdatum": "1964-08-12"},
            "bisher": {"gemeinde": "05334002", "strasse": "Domhof 5", "plz": "52062"},
            "wohnung": {"strasse": "Karl-Liebknecht-Straße", "hausnummer": "12a", "plz": "04107"},
            "einzug": moved.isoformat(), "wohnungen": "nur_neue",
            "wohnungsgeber": {"nachweis": "zuordnungsmerkmal", "zuordnungsmerkmal": "WG-7K3M-2026",
                              "name": "Wohnbau Süd eG", "anschrift": "Bauweg 1, 04275 Leipzig"},
            "abruf_gewuenscht": True, "weitergabe": {"kfz": True, "wohngeld": True, "parkausweis": True},
            "kfz": {"kennzeichen": "AC-EM 64"}, "wohngeld": {"aktenzeichen": "50/WG-2025-0815"}}


def move(node, key):
    """Applies for the registration of the new residence; the number of the case."""
    status, receipt = node.apply("wohnsitz", residence_answers(), tenant=REGISTRATION, key=key)
    check(status == 201, f"the registration was answered {status}: {json.dumps(receipt)}")
    return receipt["case_id"]


def retrievals(node, case_id, who="erika"):
    status, _, body = node.request("GET", f"/applications/{REGISTRATION}/{case_id}/retrievals", who=who)
    check(status == 200, f"the retrievals were answered {status}: {body!r}")
    return json.loads(body)["retrievals"]


def preview(node, case_id):
    """What waits for the person; nothing as long as it does not."""
    return next((one for one in retrievals(node, case_id) if one["state"] == "person"), None)


def use_it(node, case_id, retrieval, use=True):
    status, _, body = node.request("POST", f"/applications/{REGISTRATION}/{case_id}/retrievals/{retrieval['id']}",
                                   json.dumps({"use": use}), who="erika", headers={"Content-Type": "application/json"})
    check(status == 204, f"the decision on the retrieval was answered {status}: {body!r}")


def residence_case(node, case_id):
    status, case = node.case(case_id, tenant=REGISTRATION)
    check(status == 200, f"the case was answered {status}: {case}")
    return case


def has_document(node, case_id, name):
    case = residence_case(node, case_id)
    return case if any(d["name"] == name for d in case["documents"]) else None


def decide_parking(node):
    """The clerk of the parking office grants the permit that waits there."""
    clerk = "sachbearbeitung-parken-leipzig"
    status, _, body = node.request("GET", "/tasks", who=clerk)
    check(status == 200, f"the tasks were answered {status}: {body!r}")
    task = next((one for one in json.loads(body)["tasks"] if one["element"] == "Antrag_entscheiden"), None)
    if task is None:
        return False
    status, _, body = node.request(
        "POST", f"/tasks/{task['tenant']}/{task['case_number']}/{task['task']}/completion",
        json.dumps({"answers": {"entscheid": {"ergebnis": "erteilen"}}}), who=clerk,
        headers={"Content-Type": "application/json"})
    check(status == 204, f"the permit was answered {status}: {body!r}")
    return True


def cockpit(node):
    status, _, body = node.request("GET", "/cockpit", who="erika")
    check(status == 200, f"the cockpit was answered {status}: {body!r}")
    return json.loads(body)["registers"]
