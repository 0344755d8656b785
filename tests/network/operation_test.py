#!/usr/bin/env python3
"""operation_test.py PROGRAM: what operators do to a network by commands, with nodes under `schwarm serve`.
Three found it out of their cards. While guests take vehicles off the road, every kind of key of every node is
exchanged, and nodes are killed (SIGKILL) in the middle of it; a proof made before still holds afterwards. Keys
that were lost are withdrawn. An agreement is withdrawn, a tenant suspended, a fourth member admitted and removed again. A node of its own warns of
old keys. At the end logs and databases
are held against one another: each message was received once. Ends with 0 or 1."""
import argparse
import base64
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from demo_network import AUTHORITY, SERVICE, answers, check, command, free_ports, until  # noqa: E402
from ledger import PROCESSED, Ledger  # noqa: E402
from serve_node import ServeNode, TestClock, tenant  # noqa: E402
from xroad_test import DENIED, ERIKA, SERVICE as MELDESTATUS, Application  # noqa: E402

PORTS_EACH = 4
REGISTER, PAYMENT = "simulator-kba", "simulator-land"
PROVIDER = "meldebehoerde-aachen"
TERMS = ("--client", "parken-leipzig@lecos", "--provider", f"{PROVIDER}@regio-it")
SIMULATORS = {
    REGISTER: [("kba-fahrzeugregister", "*")], "simulator-versicherer": [("versicherer-evb", "*")],
    "simulator-zoll": [("zoll-kfzsteuer", "*")], "simulator-vermittlung": [("vermittlungsstelle", "*")],
    PAYMENT: [("gebuehrenrueckstand", "*"), ("bezahldienst", "*"), ("fachverfahren-zulassung", "*")]}
OFFERS = {REGISTER: ["kba-fahrzeugregister"], "simulator-versicherer": ["versicherer-evb"],
          "simulator-zoll": ["zoll-kfzsteuer"], "simulator-vermittlung": [],
          PAYMENT: ["gebuehrenrueckstand", "bezahldienst", "fachverfahren-zulassung"]}


def say(text):
    print(f"operation: {text}", flush=True)


class Traffic:
    """Guests apply at an authority, one after the other, each until its application is receipted."""

    def __init__(self, node, authority=AUTHORITY):
        self.node, self.authority, self.cases, self.last = node, authority, [], None
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def apply(self, key):
        body = json.dumps({"tenant": self.authority, "service": SERVICE, "answers": answers("L-IK 101")})
        while not self.ending.is_set():
            try:
                status, _, said = self.node.request("POST", "/applications", body, headers={
                    "Content-Type": "application/json", "Idempotency-Key": key})
                if status in (200, 201):
                    return json.loads(said)["case_id"]
                self.last = (status, said)
            except (OSError, http.client.HTTPException) as error:
                self.last = error
            self.ending.wait(0.1)
        return None

    def run(self):
        while not self.ending.is_set():
            case = self.apply(f"{self.authority}-{len(self.cases)}")
            if case:
                self.cases.append(case)
            self.ending.wait(0.2)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join(30)

    def goes_on(self, more=2):
        begun = len(self.cases)
        until(f"nobody can apply: {self.last}", lambda: len(self.cases) >= begun + more)


def nothing_waits(nodes):
    until("something waits", lambda: all(n.metrics()["schwarm_post_waiting"] == 0 for n in nodes), 60)


def make_nodes(program, base):
    first = free_ports(5 * PORTS_EACH)
    lecos = ServeNode(program, base, "lecos", first, ".",
                      [tenant(AUTHORITY, "Leipzig", [SERVICE]), tenant("parken-leipzig", "Bewohnerparken")],
                      {AUTHORITY: [("zulassungsbehoerde", "14713")], "parken-leipzig": [("parkausweisbehoerde", "14713")]},
                      xroad="parken-leipzig")
    aachen = ServeNode(program, base, "regio-it", first + PORTS_EACH, ".",
                       [tenant(PROVIDER, "Aachen", registers={"melderegister": {}, "meldestatus": {}})],
                       {PROVIDER: [("wegzugsbehoerde", "05334")]})
    simulators = ServeNode(program, base, "simulatoren", first + 2 * PORTS_EACH, "simulators",
                           [tenant(id_, id_, services, **({"registers": {"vermittlungsstelle": {}}}
                                                          if id_ == "simulator-vermittlung" else {}))
                            for id_, services in OFFERS.items()], SIMULATORS)
    sued = ServeNode(program, base, "sued", first + 3 * PORTS_EACH, ".", [tenant("kfz-sued", "Süd", [SERVICE])],
                     {"kfz-sued": [("zulassungsbehoerde", "09162")]})
    alone = pathlib.Path(base) / "alone"
    alone.mkdir()
    aging = ServeNode(program, alone, "allein", first + 4 * PORTS_EACH, ".", [tenant("kfz-allein", "Allein", [SERVICE])],
                      {"kfz-allein": [("zulassungsbehoerde", "09162")]}, test_clock=True)
    config = json.loads(aging.config.read_text(encoding="utf-8"))
    config["network"]["key_age_days"] = 700
    aging.config.write_text(json.dumps(config), encoding="utf-8")
    return lecos, aachen, simulators, sued, aging


def found(program, base, founders):
    """Cards, a founding file and a file of addresses; what is not right is refused with one sentence."""
    lecos = founders[0]
    lecos.refused("belongs to no network, or was never started", "directory", "rotate", "operator")
    cards = [pathlib.Path(base) / f"{node.member}.card" for node in founders]
    for node, card in zip(founders, cards):
        node.done("directory", "card", "--out", card)
    code, said = command(program, "directory", "found", "--out", base + "/x.json", cards[0], cards[0])
    check(code == 1 and "two cards are of the member lecos" in said, said)
    forged = pathlib.Path(base) / "forged.card"
    forged.write_text(cards[0].read_text(encoding="utf-8").replace("Organisation", "organisation"), encoding="utf-8")
    code, said = command(program, "directory", "found", "--out", base + "/x.json", forged, cards[1])
    check(code == 1 and "what the card shows is not what is signed" in said, said)
    code, said = command(program, "directory", "found", "--out", base + "/netz.json", *cards)
    check(code == 0 and "3 members" in said, said)
    network = said.split("network ")[1].split()[0]
    code, said = command(program, "directory", "peers", "--out", base + "/peers.json", *cards)
    check(code == 0, said)
    for node in founders:
        node.start()
    for node in founders:
        until(f"{node.member} does not know the others", lambda node=node: len(node.members()) == 3)
        check(f"network {network}" in node.show(), "another network than was founded")
    say("three nodes have founded a network out of their cards")


def agree(lecos, aachen, base, name="half.json"):
    half = pathlib.Path(base) / name
    terms = (*TERMS, "--service", "bewohnerparken", "--purpose", "Bewohnerparken: Prüfung der Meldung", "--legal-basis",
             "§ 34a BMG", "--evidence", "meldestatus", "--until", "2036-01-01", "--out", half)
    until("Aachen's evidence is not known", lambda: f"{PROVIDER}@regio-it  meldestatus" in lecos.show())
    lecos.done("directory", "agree", "offer", *terms)
    aachen.done("directory", "agree", "accept", half)
    app = Application(lecos.port + 3)
    until("no answer under the agreement", lambda: app.call(MELDESTATUS + ERIKA)[1][0] == 200, 60)
    return app


def exchange_keys(nodes, traffic, app):
    """Each kind of key of each node, while messages are under way; all nodes at once."""
    lecos = nodes[0]
    before = {node.member: (node.members()[node.member], node.tls()[0]) for node in nodes}
    begin = time.monotonic()
    tenants = {"lecos": [AUTHORITY, "parken-leipzig"], "regio-it": [PROVIDER], "simulatoren": list(SIMULATORS)}
    for node in nodes:
        said = node.done("directory", "rotate", "operator")
        check("the node has a new operator key: " in said, said)
        node.done("directory", "rotate", "tls")
        for id_ in tenants[node.member]:
            said = node.done("directory", "rotate", "tenant", id_)
            check(f"{id_} has new keys" in said, said)
        check(app.call(MELDESTATUS + ERIKA)[1][0] == 200, "no answer while keys are exchanged")
    lecos.refused("has entered no tenant 'niemand'", "directory", "rotate", "tenant", "niemand")
    say(f"{3 + 3 + sum(map(len, tenants.values()))} keys are announced after {time.monotonic() - begin:.1f} s")
    for node in nodes:
        old_key, old_certificate = before[node.member]
        until(f"{node.member} uses its old TLS key", lambda node=node, old=old_certificate:
              node.tls()[0] != old and not node.tls()[1], 60)
        for id_ in tenants[node.member]:
            until(f"{id_} signs with its old key", lambda node=node, id_=id_: node.logged(f"tenant={id_} signs_with="), 60)
        for other in nodes:
            until(f"{other.member} knows the old operator key", lambda node=node, other=other, old=old_key:
                  other.members()[node.member] not in ("", old))
    say(f"they are used after {time.monotonic() - begin:.1f} s")
    traffic.goes_on()
    check(app.call(MELDESTATUS + ERIKA)[1][0] == 200, "no answer with the new keys")
    epoch = int(lecos.epoch()[0])
    lecos.done("directory", "suspend", "parken-leipzig")
    until("no epoch is made with the new keys", lambda: int(lecos.epoch()[0]) > epoch, 60)
    lecos.done("directory", "resume", "parken-leipzig")


def tenant_key(node, id_):
    return node.logged(f"tenant={id_} signs_with=")


def kills(nodes, traffic, seed):
    """SIGKILL at any moment of an exchange; the node goes on with it."""
    dice = random.Random(seed)
    for node, id_ in ((nodes[0], AUTHORITY), (nodes[2], REGISTER), (nodes[2], PAYMENT)):
        operator, certificate = node.members()[node.member], node.tls()[0]
        for words in (("tenant", id_), ("tls",), ("operator",)):
            node.done("directory", "rotate", *words, "--wait", 0)
        orders = pathlib.Path(node.folder) / "orders"
        signs = len(tenant_key(node, id_))
        # Before, while and after the orders are carried out.
        left = dice.randrange(4)
        until("the orders are not carried out", lambda orders=orders, left=left: len(list(orders.glob("*.json"))) <= left)
        time.sleep(dice.random() * 0.05)
        node.kill()
        node.start()
        until("orders are left", lambda orders=orders: not list(orders.glob("*.json")))
        check(not list(orders.glob("*.refused")), f"an order was refused: {list(orders.glob('*.refused'))}")
        until(f"{node.member} has its old operator key", lambda node=node, old=operator: node.members()[node.member] != old)
        until(f"{node.member} uses its old TLS key", lambda node=node, old=certificate:
              node.tls()[0] != old and not node.tls()[1], 60)
        until(f"{id_} signs with its old key", lambda node=node, id_=id_, signs=signs: len(tenant_key(node, id_)) > signs, 60)
        traffic.goes_on()
    say("three times killed in the middle of an exchange of all keys, three times gone on")


def proof_holds(node, base, others, when):
    """The proof of a case that was made first, with every directory."""
    proof = pathlib.Path(base) / "proof.json"
    if not proof.exists():
        node.done("audit", "prove", "--tenant", AUTHORITY, "--case", 1, "--out", proof)
    for known in (node, *others):
        code, said = command(node.program, "audit", "check-proof", proof, "--directory", known.folder)
        check(code == 0 and f"Case 1 of {AUTHORITY}@lecos" in said, f"{when}: {said}")


def cards_of_now(nodes, base):
    """The file of addresses anew: those of the founding have other keys by now."""
    cards = [pathlib.Path(base) / f"{node.member}-now.card" for node in nodes]
    for node, now in zip(nodes, cards):
        node.done("directory", "card", "--out", now)
    (pathlib.Path(base) / "peers.json").unlink()
    nodes[0].done("directory", "peers", "--out", pathlib.Path(base) / "peers.json", *cards, config=False)


def comes_back(node, others, base):
    """From a backup that is older than its operator key: not with the keys of then, but with those of now."""
    def restore(*keys):
        node.kill()
        for suffix in ("", "-wal", "-shm"):
            pathlib.Path(node.folder, "schwarm.db" + suffix).unlink(missing_ok=True)
        node.done("restore", "--from", os.path.join(base, "before"), *keys)
        node.output.clear()
        node.start()

    node.done("backup", "--to", os.path.join(base, "after"))
    restore()
    until("it does not say that its operator key is an old one", lambda: node.logged("restore with the keys.db of a backup"), 60)
    restore("--keys", os.path.join(base, "after", "keys.db"))
    for other in others:
        until(f"{other.member} does not know the second incarnation",
              lambda other=other: "incarnation 2" in other.show(), 60)
        check("fork" not in other.show(), other.show())
    say("a node came back from a backup older than its keys, with the newest keys")


def lose_keys(lecos, aachen, simulators, traffic, app, base):
    """A key that signs is stolen, and one that signed before; the node is killed while it exchanges the first."""
    def key(node, id_, how):
        rest = node.show().split(f"  {id_}@{node.member}  ")[1]
        return re.search(rf"{how} with (\S+) since", rest).group(1)

    def signs(node, id_):
        return key(node, id_, "signs")

    def first_key(node, id_):
        return key(node, id_, "signed once")

    lecos.refused("has entered no tenant", "directory", "withdraw", REGISTER)
    lecos.refused("never had a signing key", "directory", "withdraw", AUTHORITY, "--key", signs(simulators, REGISTER))
    former = first_key(lecos, AUTHORITY)
    check(former != signs(lecos, AUTHORITY), "the key was never exchanged")
    said = lecos.done("directory", "withdraw", AUTHORITY, "--key", former)
    check(f"{AUTHORITY} signs with {signs(lecos, AUTHORITY)}" in said, said)
    lecos.refused("is withdrawn already", "directory", "withdraw", AUTHORITY, "--key", former)
    traffic.goes_on()

    stolen = signs(simulators, REGISTER)
    simulators.done("directory", "withdraw", REGISTER, "--wait", 0)
    until("the order is not looked at", lambda: signs(simulators, REGISTER) != stolen
          or not list((pathlib.Path(simulators.folder) / "orders").glob("*.json")))
    simulators.kill()
    simulators.start()
    until("the order is left", lambda: not list((pathlib.Path(simulators.folder) / "orders").glob("*.json")))
    check(signs(simulators, REGISTER) != stolen, "the stolen key still signs")
    simulators.refused("is withdrawn already", "directory", "withdraw", REGISTER, "--key", stolen)
    traffic.goes_on()

    # Both signed the agreement before their keys were exchanged; the register's node has entered it.
    said = aachen.done("directory", "withdraw", PROVIDER, "--key", first_key(aachen, PROVIDER))
    check("signed anew" not in said and app.call(MELDESTATUS + ERIKA)[1][0] == 200,
          f"the own chain shows that it was signed before: {said}")
    said = lecos.done("directory", "withdraw", "parken-leipzig", "--key", first_key(lecos, "parken-leipzig"))
    check(f"to be signed anew: parken-leipzig@lecos asks {PROVIDER}@regio-it for meldestatus" in said, said)
    until("the agreement counts that the lost key has signed",
          lambda: app.call(MELDESTATUS + ERIKA)[1][1].get("X-Road-Error") == DENIED)
    check("signed with a key that was lost" in lecos.show() and lecos.show().count("withdrawn on") == 4, lecos.show())
    agree(lecos, aachen, base, "anew.json")
    say("four signing keys were withdrawn, one with a kill in the middle; an agreement was signed anew")


def withdraw(lecos, aachen, simulators, app):
    simulators.refused("neither of the two is a tenant of this node", "directory", "agree", "withdraw", *TERMS)
    aachen.refused("no such agreement", "directory", "agree", "withdraw", *TERMS, "--evidence", "anderes")
    said = aachen.done("directory", "agree", "withdraw", *TERMS, "--reason", "Das Register zieht um")
    check("may no longer ask" in said, said)
    until("it is asked in spite of the withdrawal",
          lambda: app.call(MELDESTATUS + ERIKA)[1][1].get("X-Road-Error") == DENIED)
    aachen.refused("is in force", "directory", "agree", "withdraw", *TERMS)
    check("withdrawn on" in lecos.show(), "the withdrawal is not shown")
    # The file with both signatures, laid down once more.
    old = max((pathlib.Path(aachen.folder) / "agreements").glob("*.entered"), key=lambda file: file.stat().st_mtime)
    shutil.copy(old, old.with_name("again.json"))
    until("nobody looked at it", (old.with_name("again.json.entered")).exists)
    check(app.call(MELDESTATUS + ERIKA)[1][1].get("X-Road-Error") == DENIED, "an ended agreement came back")
    say("an agreement was withdrawn by the register's side: " + DENIED)


def network_of(node, access):
    """Status and answer of GET /network for this id and secret."""
    basic = base64.b64encode(":".join(access).encode()).decode()
    status, _, body = node.request("GET", "/network", headers={"Authorization": "Basic " + basic})
    return status, json.loads(body)


def access_of(node):
    return re.findall(r"^access_\w+: +(\S+)$", node.done("administrator", "add", "--name", "Betrieb"), re.M)


def operator_sees(node):
    """Who operates a node under `serve` signs in by an id and a secret, for as long as it is not removed."""
    access = access_of(node)
    status, seen = network_of(node, access)
    check(status == 200 and len(seen["members"]) == 4, f"the operator sees {status} {seen}")
    check(network_of(node, (access[0], "falsch"))[0] == 401, "a wrong secret opens the network")
    check(access[0] in node.done("administrator", "list"), "the access is not listed")
    node.done("administrator", "remove", access[0])
    until("a removed access is still good", lambda: network_of(node, access)[0] == 401, 60)


def keys_age(node):
    """A network of one, whose clock is set to 701 days on: it warns of its keys and certificate until they are exchanged."""
    home = node.home.parent
    (home / "peers.json").write_text("[]", encoding="utf-8")
    card = home / "allein.card"
    node.done("directory", "card", "--out", card)
    node.done("directory", "found", "--out", home / "netz.json", card, config=False)
    node.start()
    until("it does not know itself", lambda: len(node.members()) == 1)
    clock = TestClock(node, "kfz-allein")
    access, at = access_of(node), time.time() + 701 * 86_400

    def warned():
        """The clock stands still; each look is a minute later."""
        nonlocal at
        at += 61
        clock.set(at)
        return {one["kind"]: one["text"] for one in network_of(node, access)[1]["warnings"]}

    seen = {}
    until("it does not warn", lambda: seen.update(warned()) or {"certificate_expires", "key_ages"} <= seen.keys())
    check("TLS certificate of allein expires in 2" in seen["certificate_expires"]
          and "'schwarm directory rotate tls'" in seen["certificate_expires"], seen)
    until("the log does not say it", lambda: warned() and all(
        node.logged(f"kind={kind}") for kind in ("certificate_expires", "key_ages")))
    check(node.logged("'schwarm directory rotate operator'"), "which command?")
    for words in (("tls",), ("operator",)):
        node.done("directory", "rotate", *words, "--wait", 0)
    until("it warns of new keys", lambda: not {"certificate_expires", "key_ages"} & warned().keys(), 60)
    data = pathlib.Path(node.folder)
    check((data / "network.key").read_text(encoding="utf-8").startswith("schwarm-sealed/1 tls-key\n"), "not sealed")
    check(not any(b"PRIVATE KEY" in file.read_bytes() for file in data.rglob("*") if file.is_file()), "a key in the clear")
    check(node.stop() == 0, "it did not stop cleanly")
    say("a node warned of its old keys and its certificate until they were exchanged; none lies in the clear")


def join_and_leave(nodes, sued, base):
    lecos = nodes[0]
    card = pathlib.Path(base) / "sued.card"
    sued.done("directory", "card", "--out", card)
    sued.start()
    until("the newcomer was heard before anybody agreed", lambda: all(node.logged("stranger") for node in nodes), 60)
    for node in nodes:
        check("sued" not in node.members(), "a member before all have agreed")
        said = node.done("directory", "admit", card)
        check("agreed to admit sued" in said, said)
    for node in (*nodes, sued):
        until(f"{node.member} does not have the new member", lambda node=node: len(node.members()) == 4, 60)
    operator_sees(lecos)
    lecos.refused("is a member already", "directory", "admit", card)
    check("agreed to" not in lecos.show(), "a consent is left over")
    until("the tenant of the new member is not known", lambda: "kfz-sued@sued" in nodes[2].show())
    with Traffic(sued, "kfz-sued") as guests:
        guests.goes_on(3)
    # With the answers of the register it asks for the payment; no more than the register's messages come without.
    until("the new member gets nothing", lambda: sued.metrics()["schwarm_post_received_total"] >= 3, 60)
    nothing_waits((*nodes, sued))
    say(f"a fourth member was admitted; {sued.metrics()['schwarm_post_received_total']:.0f} messages came to it")

    lecos.refused("is no member of the network", "directory", "remove", "niemand")
    for node in nodes:
        node.done("directory", "remove", "sued")
    for node in nodes:
        until(f"{node.member} still has the member", lambda node=node: "sued" not in node.members(), 60)
    guests = Traffic(sued, "kfz-sued")
    alone = guests.apply("after-the-end")
    check(alone, "the removed node does not work for itself")
    strangers = len(nodes[2].logged("stranger"))
    until("what it sends is heard", lambda: len(nodes[2].logged("stranger")) > strangers, 60)
    check(sued.metrics()["schwarm_post_waiting"] > 0, "somebody took a message of a removed member")
    waiting = network_of(sued, access_of(sued))[1]["waiting"]
    check(waiting and all(one["to"] and one["reason"] for one in waiting), f"what waits there, and why: {waiting}")
    check("agreed to" not in lecos.show(), "a consent is left over")
    say("and removed; nobody hears it any more")
    return alone


def books(nodes, traffic, alone):
    by_name = {node.member: node for node in nodes}
    ledger = Ledger({node.member: node.folder for node in nodes},
                    lambda member, tenant: by_name[member].done("audit", "export", "--tenant", tenant))
    taken = {m for m, rows in ledger.received.items() if rows[0][0] == PROCESSED}
    doubled = [m for m, rows in ledger.received.items() if len(rows) != 1]
    check(not doubled, f"taken more than once: {doubled[:3]}")
    sent = [m for (id_, case), messages in ledger.sent.items() if (id_, case) != ("kfz-sued", alone) for _, m in messages]
    lost = [m for m in sent if m not in taken]
    check(not ledger.differing(), f"the two logs differ in what was said: {ledger.differing()[:3]}")
    check(not lost, f"{len(lost)} of {len(sent)} messages were not taken: {lost[:3]}")
    check(len(set(traffic.cases)) == len(traffic.cases), "two applications are one case")
    for case in traffic.cases:
        kinds = [kind for kind, _ in ledger.sent[AUTHORITY, case]]
        check(kinds.count("abmeldung_anfrage") == 1, f"case {case} asked the register: {kinds}")
    check(ledger.incidents == 0, f"{ledger.incidents} incidents")
    say(f"{len(traffic.cases)} cases, {len(sent)} messages: each taken once")


def run(program, base, seed):
    lecos, aachen, simulators, sued, aging = make_nodes(program, base)
    nodes = (lecos, aachen, simulators)
    try:
        keys_age(aging)
        found(program, base, nodes)
        app = agree(lecos, aachen, base)
        with Traffic(lecos) as traffic:
            traffic.goes_on()
            until("the first case is not in the signed log",
                  lambda: lecos.command("audit", "prove", "--tenant", AUTHORITY, "--case", 1, "--out",
                                        os.path.join(base, "proof.json"))[0] == 0)
            proof_holds(lecos, base, nodes[1:], "before")
            aachen.done("backup", "--to", os.path.join(base, "before"))
            exchange_keys(nodes, traffic, app)
            kills(nodes, traffic, seed)
            cards_of_now(nodes, base)
            proof_holds(lecos, base, nodes[1:], "after")
            lose_keys(lecos, aachen, simulators, traffic, app, base)
            withdraw(lecos, aachen, simulators, app)
            alone = join_and_leave(nodes, sued, base)
            # Afterwards the next epoch may take minutes, since all three must vote for it.
            comes_back(aachen, (lecos, simulators), base)
            traffic.goes_on()
        nothing_waits(nodes)
        for node in (*nodes, sued):
            check(node.stop() == 0, f"{node.member} did not stop cleanly")
        for node in nodes:
            check("everything holds" in node.done("directory", "verify", "--all"), "a directory does not hold")
            node.done("audit", "verify")
            check("no warnings" in node.show(), node.show())
        proof_holds(lecos, base, nodes[1:], "at the end")
        books((*nodes, sued), traffic, alone)
    except BaseException:
        for node in (*nodes, sued, aging):
            print(f"--- {node.member}\n" + "\n".join(node.output[-25:]), file=sys.stderr)
        raise
    finally:
        for node in (*nodes, sued, aging):
            node.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    base = tempfile.mkdtemp(prefix="schwarm-operation-")
    try:
        run(os.path.abspath(options.program), base, options.seed)
    except AssertionError as error:
        say(f"FAILED: {error}")
        return 1
    finally:
        if options.keep:
            say(base)
        else:
            shutil.rmtree(base, ignore_errors=True)
    say("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
