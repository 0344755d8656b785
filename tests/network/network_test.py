#!/usr/bin/env python3
"""network_test.py PROGRAM: three nodes in processes of their own (schwarm demo --network). A vehicle
is taken off the road in Leipzig: the authority asks the simulated vehicle register on the third
node, is paid by the simulated payment service there, decides alone and tells four others. The node
of the simulators is away in between: nothing is lost, nothing happens twice. Ends with 0 or 1."""
import argparse
import os
import pathlib
import signal
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from demo_network import DemoNetwork, apply, has_notice, until  # noqa: E402


def check(condition, text):
    if not condition:
        raise AssertionError(text)


def say(text):
    print(f"network: {text}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("program")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="schwarm-network-") as folder:
        node = DemoNetwork(options.program, folder)
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
