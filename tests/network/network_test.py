#!/usr/bin/env python3
"""network_test.py PROGRAM: three nodes in processes of their own (schwarm demo --network). A vehicle
is taken off the road in Leipzig: the authority asks the simulated vehicle register on the third
node, is paid by the simulated payment service there, decides alone and tells four others. The node
of the simulators is away in between: nothing is lost, nothing happens twice. Then a person
moves from Aachen to Leipzig: the register in Aachen is asked, also while it is away, and four
authorities are told. Afterwards the audit log is signed, and a case is proven to others. Ends with 0 or 1."""
import json
import os
import pathlib
import re
import signal
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from demo_network import (  # noqa: E402
    AUTHORITY, apply, check, cockpit, command, decide_parking, has_document, has_notice, move, network_test, preview,
    retrievals, until, use_it)


def say(text):
    print(f"network: {text}", flush=True)


def audit(program, *arguments):
    return command(program, "audit", *arguments)


def signed_logs(program, folder, case_id):
    """The nodes have ended: their logs are signed to the end, and a case is proven by one of them to
    somebody who has the directory, from another member or as a file, and nothing else."""
    data = pathlib.Path(folder)
    code, said = audit(program, "verify", "--data", data)
    check(code == 0, said)
    check(re.search(rf"^{AUTHORITY}: .*; signed up to audit line \d+ .* 0 lines after it$", said, re.M), said)
    proof, directory, forged = data / "proof.json", data / "directory.jsonl", data / "forged.json"
    code, said = audit(program, "prove", "--data", data, "--tenant", AUTHORITY, "--case", case_id, "--out", proof)
    check(code == 0, said)
    code, said = command(program, "directory", "export", "--data", data, "--out", directory)
    check(code == 0, said)
    others = sorted(path.parent for path in data.glob("*/schwarm.db"))
    check(len(others) == 2, f"two other nodes were expected: {others}")
    for known in (directory, *others):
        code, said = audit(program, "check-proof", proof, "--directory", known)
        check(code == 0 and f"Case {case_id} of {AUTHORITY}@" in said, said)
    lines = json.loads(proof.read_text(encoding="utf-8"))["lines"]
    say(f"{len(lines)} audit lines are proven in {proof.stat().st_size} bytes")
    text = proof.read_text(encoding="utf-8")
    forged.write_text(text.replace(f'"time":{lines[0]["time"]}', f'"time":{lines[0]["time"] + 1}'), encoding="utf-8")
    code, said = audit(program, "check-proof", forged, "--directory", directory)
    check(code == 1 and f"audit line {lines[0]['number']}" in said, said)
    code, said = audit(program, "export", "--data", data, "--tenant", AUTHORITY)
    exported = [json.loads(line) for line in said.splitlines()]
    check(code == 0 and [one["number"] for one in exported if one["case"] == case_id]
          == [one["number"] for one in lines], "the exported log has other lines about the case")


    compare_logs(program, data, others, directory, proof, exported, case_id)


def compare_logs(program, data, others, directory, proof, exported, case_id):
    """The proof of the other side's case: both logs name the same messages with the same contents."""
    _, id_, receiver, content = next(one["detail"] for one in exported if one["case"] == case_id and (
        one["actor"], one["action"]) == ("system:post", "processed")).split(" ")
    tenant, member = receiver.split("@")
    there = next(folder for folder in others if folder.name == member)
    code, said = audit(program, "export", "--data", there, "--tenant", tenant)
    taken = next(one for one in map(json.loads, said.splitlines()) if f" {id_} {content}, " in one.get("detail", ""))
    other = data / "other.json"
    code, said = audit(program, "prove", "--data", there, "--tenant", tenant, "--case", taken["case"], "--out", other)
    check(code == 0, said)
    code, said = audit(program, "check-proof", proof, "--with", other, "--directory", directory)
    messages = said.split(" messages between the two:\n")[1].splitlines()
    check(code == 0 and len(messages) >= 2 and all("both logs: the same content" in one for one in messages), said)
    say(f"the logs of both sides name the same contents of {len(messages)} messages")


def see_the_network(node):
    """What the operator sees: three members, nothing to see to."""
    status, _, body = node.request("GET", "/network", who="betrieb")
    check(status == 200, f"/network was answered {status}: {body!r}")
    view = json.loads(body)
    check([m["member"] for m in view["members"]] == ["lecos", "regio-it", "simulatoren"], f"members: {view['members']}")
    check(view["warnings"] == [] and view["consents"] == [], f"there is something to see to: {view}")
    check(node.request("GET", "/network", who="erika")[0] == 404, "a citizen sees the network")
    return view


def waits_for(node, member):
    """What waits for a tenant of this member, with its reason."""
    return [m for m in see_the_network(node)["waiting"] if m["to"].endswith("@" + member) and m["reason"]]


def read_beside(node, *words):
    """A command of `schwarm directory` beside the working node."""
    return command(node.program, "directory", *words, "--data", node.folder)


def check_commands(node, folder):
    code, shown = read_beside(node, "show")
    check(code == 0 and "kfz-aachen@regio-it" in shown and "no warnings" in shown, f"show ended {code}: {shown}")
    code, text = read_beside(node, "verify")
    check(code == 0 and "by the node's own checkpoint" in text and " 0 signatures of entries" in text, f"verify ended {code}: {text}")
    code, text = read_beside(node, "verify", "--all")
    check(code == 0 and "everything holds" in text and " 0 signatures" not in text, f"verify --all ended {code}: {text}")
    say(text.splitlines()[0])
    out = os.path.join(folder, "export.jsonl")
    code, text = read_beside(node, "export", "--out", out)
    check(code == 0, f"export ended {code}: {text}")
    with open(out, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    with open(os.path.join(folder, "founding.json"), encoding="utf-8") as file:
        check(lines[0]["founding"] == file.read(), "the export does not begin with the founding file")
    check(len(json.loads(lines[1]["batch"])["entries"]) > 3, "the export has no entries")
    check(read_beside(node, "export", "--out", out)[0] == 1, "an export was written over")


def entries_known(program, folder):
    """How many entries of the directory each node knows, by the folder of its data."""
    out = {}
    for place in sorted(path.parent for path in pathlib.Path(folder).glob("**/schwarm.db")):
        code, said = command(program, "directory", "verify", "--data", place)
        found = re.match(r"(\d+) entries", said)
        check(code == 0 and found, f"verify ended {code}: {said}")
        out[place] = int(found[1])
    return out


def starts_again(node, folder):
    """Nothing has changed, so no node has anything to enter into the directory."""
    before = entries_known(node.program, folder)
    check(len(before) == 3, f"three nodes were expected: {before}")
    node.start()
    until("the nodes do not hear of each other", lambda: all(m["addresses"] for m in see_the_network(node)["members"]))
    check(node.stop() == 0, "the nodes did not stop cleanly a second time")
    after = entries_known(node.program, folder)
    check(after == before, f"entries were written again: {before}, then {after}")
    say(f"started again: {max(after.values())} entries as before")


def residence_change(node):
    case_id = move(node, "network-3")
    begin = time.monotonic()
    found = until("nothing to look at came from the register in Aachen", lambda: preview(node, case_id))
    say(f"the register in Aachen has answered after {time.monotonic() - begin:.2f} s")
    check(found["data"]["anschrift"]["ort"] == "Aachen" and "religion" not in found["data"], f"other data: {found}")
    check(not has_document(node, case_id, "meldebestaetigung"), "used before the person has seen it")
    check(node.request("GET", f"/applications/meldebehoerde-leipzig/{case_id}/retrievals", who="max")[0] == 404,
          "another person sees the retrieval")
    use_it(node, case_id, found)
    until("no Meldebestätigung", lambda: has_document(node, case_id, "meldebestaetigung"))
    until("the parking office has no task", lambda: decide_parking(node))
    until("the receipt does not come", lambda: has_document(node, case_id, "quittung"))
    check(retrievals(node, case_id) == [], "the retrieval is still open")
    begin = time.monotonic()
    registers = cockpit(node)
    took = time.monotonic() - begin
    (register,) = (one for one in registers if one["title"] == "Daten aus dem Melderegister")
    (entry,) = register["retrievals"]
    check(entry["purpose"] == "Elektronische Anmeldung eines Wohnsitzes" and entry["legal_basis"] == "§ 23a BMG"
          and entry["result"] == "geliefert" and "anschrift" in entry["fields"], f"the cockpit says {entry}")
    check(cockpit(node) == registers, "the cockpit's questions are retrievals themselves")
    say(f"moved; the cockpit knows it after {took * 1000:.0f} ms")

    aachen = node.children()[0]
    os.kill(aachen, signal.SIGSTOP)
    late = move(node, "network-4")
    until("the case does not say what it waits for",
          lambda: [one for one in retrievals(node, late) if one["state"] == "answer"])
    until("the operator does not see what waits", lambda: waits_for(node, "regio-it"), 60)
    os.kill(aachen, signal.SIGCONT)
    use_it(node, late, until("the register is back, but the case waits", lambda: preview(node, late), 60), use=False)
    until("the retrieval does not end", lambda: not retrievals(node, late))
    check(not has_document(node, late, "meldebestaetigung"), "registered against the will of the person")
    say("a register that was away left the case waiting; what the person does not want is not used")


def steps(node):
    node.start()
    begin = time.monotonic()
    first = apply(node, "L-IK 101", "network-1")
    case = until("no notice over three nodes", lambda: has_notice(node, first))
    say(f"decided over two nodes after {time.monotonic() - begin:.2f} s: {case['status']}")

    until("the members are not all known", lambda: all(m["addresses"] for m in see_the_network(node)["members"]))
    simulators = node.children()[-1]
    os.kill(simulators, signal.SIGSTOP)
    say("the node of the simulators no longer answers")
    second = apply(node, "L-IK 109", "network-2")
    waiting = until("no delivery waits", lambda: node.metrics()["schwarm_post_waiting"] > 0)
    check(waiting and not has_notice(node, second), "decided without the register")
    # The reason is known when the first request is given up, after half a minute.
    late = until("the operator does not see what waits", lambda: waits_for(node, "simulatoren"), 60)
    say(f"waits for {late[0]['to']}: {late[0]['reason']}")
    os.kill(simulators, signal.SIGCONT)
    until("the deliveries were not taken",
          lambda: node.metrics()["schwarm_post_waiting"] == 0, 60)
    say("it is back; what waited has been taken")
    until("the operator sees what is gone", lambda: not see_the_network(node)["waiting"])
    residence_change(node)
    check_commands(node, node.folder)
    counters = node.metrics()
    check(counters["schwarm_directory_members"] == 3, "not three members")
    check(counters['schwarm_directory_warnings{kind="lie"}'] == 0, "there is a lie")
    check(counters["schwarm_post_expired_total"] == 0, "a message expired")
    check(counters["schwarm_post_refused_total"] == 0, "a message was refused")
    say(f"{counters['schwarm_post_processed_total']:.0f} messages taken elsewhere, "
        f"{counters['schwarm_post_received_total']:.0f} from elsewhere")
    check(node.stop() == 0, "the nodes did not stop cleanly")
    starts_again(node, node.folder)
    signed_logs(node.program, node.folder, first)


if __name__ == "__main__":
    network_test(__doc__, "network", steps)
