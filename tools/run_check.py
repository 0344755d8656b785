#!/usr/bin/env python3
"""./run --check: the main job once, without a browser. Starts a demo node in a folder of its own,
applies for Wohngeld, reads the decision, kills the node, starts it again, reads once more. Then three
nodes: a vehicle is taken off the road and another one registered in Leipzig, with the simulators of the
other authorities on the third, and a person moves from Aachen to Leipzig. Prints what happened; ends with 0 or 1 and leaves nothing running."""
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from demo_network import (  # noqa: E402
    DemoNetwork, apply, check, cockpit, decide_parking, has_document, has_notice, in_a_folder, move, preview,
    register_vehicle, until, use_it)
from demo_node import DemoNode  # noqa: E402
from wohngeld_answers import answers, expected_amount  # noqa: E402


def say(text):
    print(f"check: {text}", flush=True)


def one_node(node):
    begin = time.monotonic()
    node.start()
    status, _, body = node.request("GET", "/health")
    check(status == 200, f"/health answered {status}: {body!r}")
    say(f"started at http://127.0.0.1:{node.port} in {time.monotonic() - begin:.2f} s, healthy")

    wage = 1400
    begin = time.monotonic()
    status, receipt = node.apply("wohngeld", answers(wage), key="run-check-1")
    check(status == 201, f"the application was answered {status}: {json.dumps(receipt)}")
    say(f"applied for Wohngeld in Leipzig (wage {wage} Euro, rent 600 Euro): receipt "
        f"{receipt['case_number']} after {(time.monotonic() - begin) * 1000:.0f} ms")

    status, before = node.case(receipt["case_id"])
    check(status == 200, f"the case was answered {status}")
    check(float(before["amount"]) == expected_amount(wage),
          f"the amount is {before['amount']}, expected {expected_amount(wage)}")
    say(f"decided: {before['decision']}, {before['amount']} Euro a month "
        f"({before['status']})")
    documents = [d["name"] for d in before["documents"]]
    check("bescheid" in documents, f"there is no notice among {documents}")
    notice = next(d for d in before["documents"] if d["name"] == "bescheid")
    status, _, page = node.request(
        "GET", f"/applications/leipzig/{receipt['case_id']}/documents/{notice['id']}",
        who="erika", headers={"Accept": "text/html"})
    check(status == 200 and f"{before['amount']} Euro" in page.decode(),
          f"the notice was answered {status} or lacks the amount")
    say("the notice is there and names the amount")

    special = answers(wage)
    special["mitteilung"] = "Bitte rufen Sie mich an."
    status, waiting = node.apply("wohngeld", special, key="run-check-2")
    check(status == 201, f"the second application was answered {status}")
    status, case = node.case(waiting["case_id"])
    check(status == 200 and not case.get("decision") and not case.get("amount"),
          f"an application that waits for a person shows a decision: {json.dumps(case)}")
    say(f"an application with a remark waits for a person: {case['status']}")

    node.kill()
    say("killed the node (SIGKILL)")
    begin = time.monotonic()
    node.start()
    status, after = node.case(receipt["case_id"])
    check(status == 200, f"after the restart the case was answered {status}")
    say(f"started again and answered in {time.monotonic() - begin:.2f} s")
    check(after == before, "after the restart the case reads differently")
    status, again = node.apply("wohngeld", answers(wage), key="run-check-1")
    check(status in (200, 201) and again["case_id"] == receipt["case_id"],
          "the same application sent again made a second case")
    say("the case reads the same; sending the same application again made no second case")


def three_nodes(node):
    begin = time.monotonic()
    node.start()
    say(f"three nodes started in {time.monotonic() - begin:.2f} s")
    begin = time.monotonic()
    case_id = apply(node, "L-IK 101", "run-check-3")
    case = until("no notice", lambda: has_notice(node, case_id))
    say(f"{case['case_number']}, a vehicle taken off the road in Leipzig: asked the register and the "
        f"payment service (simulators on another node) and decided after "
        f"{time.monotonic() - begin:.2f} s: {case['status']}")
    begin = time.monotonic()
    case_id = register_vehicle(node, "run-check-4")
    case = until("no notice", lambda: has_notice(node, case_id))
    say(f"{case['case_number']}, a vehicle comes from Aachen: register, customs and fee arrears asked, fee paid, decided "
        f"automatically after {time.monotonic() - begin:.2f} s")
    begin = time.monotonic()
    case_id = move(node, "run-check-5")
    found = until("the register in Aachen does not answer", lambda: preview(node, case_id))
    say(f"a person moves, too: Aachen's register gave {len(found['data'])} data after "
        f"{time.monotonic() - begin:.2f} s, shown before they are used")
    use_it(node, case_id, found)
    until("no Meldebestätigung", lambda: has_document(node, case_id, "meldebestaetigung"))
    until("the parking office has no task", lambda: decide_parking(node))
    until("no receipt", lambda: has_document(node, case_id, "quittung"))
    seen = [one for register in cockpit(node) for one in register["retrievals"]]
    check(len(seen) == 1, f"the cockpit shows {len(seen)} retrievals")
    say(f"registered; old town, vehicle register, Wohngeld and parking told; the cockpit shows: {seen[0]['purpose']}, "
        f"{seen[0]['legal_basis']}, {seen[0]['result']}")


def passes(kind, program, steps):
    try:
        with in_a_folder(kind, program, "schwarm-check-") as node:
            steps(node)
            check(node.stop() == 0, "it did not stop cleanly")
            say("stopped")
            return True
    except (AssertionError, RuntimeError, OSError, KeyError, StopIteration) as error:
        print(f"check: FAILED: {error!r}", file=sys.stderr)
        return False


def main():
    program = sys.argv[1]
    if not (passes(DemoNode, program, one_node) and passes(DemoNetwork, program, three_nodes)):
        return 1
    say("all is well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
