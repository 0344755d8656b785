"""Holds what the clients of engine_load.py were answered against what the node shows afterwards."""
import collections
import json
import time

import engine_model as model

AT_ONCE = 100     # process instances named by one search
LATEST_S = 20     # of effects that are still under way
ROWS = 10_000     # of one page: the most there are


class Wrong(AssertionError):
    pass


def expect(condition, what):
    if not condition:
        raise Wrong(what)


def equal(found, wanted, what):
    if found != wanted:
        if isinstance(found, collections.Counter):
            raise Wrong(f"{what}: too many {dict(found - wanted)}, too few {dict(wanted - found)}")
        raise Wrong(f"{what}: {found} instead of {wanted}")


class History:
    """Everything the node shows of the processes of the model."""

    def __init__(self, session):
        self.session = session
        self.await_started(session.load.numbers)
        self.instances = {name: self.search("process-instances", {"processDefinitionId": name})
                          for name in ("Main", "Called") + model.STARTED}
        keys = [one["processInstanceKey"] for all_of in self.instances.values() for one in all_of]
        self.elements = self.by_instance("element-instances", keys)
        self.jobs = self.by_instance("jobs", keys)
        self.tasks = self.by_instance("user-tasks", keys)
        self.arrivals = self.by_instance("correlated-message-subscriptions", keys)
        self.incidents = self.by_instance("incidents", keys)
        self.variables = collections.defaultdict(dict)
        for key, rows in self.by_instance("variables", keys).items():
            for row in rows:
                if row["scopeKey"] == key:
                    self.variables[key][row["name"]] = json.loads(row["value"])

    def search(self, what, wanted):
        status, answer = self.session.ask(f"/{what}/search", {"filter": wanted, "page": {"limit": ROWS}})
        expect(status == 200, f"the search for {what} was answered {status}: {answer}")
        page = answer["page"]
        expect(not page["hasMoreTotalItems"] and page["totalItems"] == len(answer["items"]),
               f"the search for {what} {wanted} does not show everything: {page}")
        return answer["items"]

    def await_started(self, numbers):
        """What effects start comes after the commit: until there are enough, or for too long."""
        until = time.monotonic() + LATEST_S
        while time.monotonic() < until and any(
                len(self.search("process-instances", {"processDefinitionId": name,
                                                      "state": "COMPLETED"})) < numbers
                for name in model.STARTED):
            pass

    def by_instance(self, what, keys):
        found = collections.defaultdict(list)
        for at in range(0, len(keys), AT_ONCE):
            for row in self.search(what, {"processInstanceKey": {"$in": keys[at:at + AT_ONCE]}}):
                found[row["processInstanceKey"]].append(row)
        return found


def examine(load, history):
    """Raises Wrong. Answers the figures of what was held against one another."""
    figures = collections.Counter()
    mains = numbered_mains(load, history)
    for nr, instance in mains.items():
        key = instance["processInstanceKey"]
        called = [one for one in history.instances["Called"] if one["parentProcessInstanceKey"] == key]
        equal(len(called), 1, f"processes called by number {nr}")
        check_instance(load, history, "Main", nr, instance, figures)
        check_instance(load, history, "Called", nr, called[0], figures)
        check_main(load, history, nr, key, called[0]["processInstanceKey"], figures)
    equal(len(history.instances["Called"]), load.numbers, "called processes")
    for process in model.STARTED:
        check_started(load, history, process, figures)
    return figures


def numbered_mains(load, history):
    """By number: exactly one of each, that which the client was told."""
    equal(sorted(load.starts), list(range(load.numbers)), "numbers with an answered start")
    told = {}
    for nr, keys in load.starts.items():
        equal(len(keys), 1, f"instances told to who started {nr}")
        told[nr] = next(iter(keys))
    mains = {}
    for one in history.instances["Main"]:
        nr = history.variables[one["processInstanceKey"]]["nr"]
        expect(nr not in mains, f"number {nr} was started twice")
        equal(one["businessId"], f"nr-{nr}", "business id")
        equal(one["processInstanceKey"], told.get(nr), f"the instance of number {nr}")
        mains[nr] = one
    equal(sorted(mains), list(range(load.numbers)), "numbers with an instance")
    return mains


def check_instance(load, history, process, nr, instance, figures):
    """Completed, with each element as often as the model says, and each job done by one client."""
    key = instance["processInstanceKey"]
    name = f"{process} of number {nr} ({key})"
    equal(instance["state"], "COMPLETED", f"state of {name}")
    equal(history.incidents[key], [], f"incidents of {name}")
    equal(collections.Counter((one["elementId"], one["state"]) for one in history.elements[key]),
          model.elements(process, nr), f"elements of {name}")
    figures["elements"] += len(history.elements[key])
    jobs = history.jobs[key]
    equal(collections.Counter((one["type"], one["state"]) for one in jobs), model.jobs(process, nr),
          f"jobs of {name}")
    variables = history.variables[key]
    for job in jobs:
        claimed(load, ("job", job["jobKey"]), variables.get(f"job_{job['jobKey']}"), figures)
        if job["type"] == "work" and job["jobKey"] not in load.handed_twice:
            equal(job["retries"], model.RETRIES - model.failures(nr), f"retries of the job of {name}")
            figures["failed jobs"] += model.failures(nr)
    if process != "Main":  # Main also has those of what it called
        equal(sorted(one for one in variables if one.startswith("job_")),
              sorted(f"job_{one['jobKey']}" for one in jobs), f"results of jobs in {name}")


def check_main(load, history, nr, key, called, figures):
    variables = history.variables[key]
    equal(sorted(one for one in variables if one.startswith("job_")),
          sorted(f"job_{one['jobKey']}" for one in history.jobs[key] + history.jobs[called]),
          f"results of jobs in Main of number {nr}")
    equal(variables.get("results"), [one + 1 for one in model.ITEMS], f"results of number {nr}")
    equal(len(history.tasks[key]), 1, f"user tasks of number {nr}")
    task = history.tasks[key][0]
    equal(task["state"], "COMPLETED", f"state of the user task of number {nr}")
    claimed(load, ("task", task["userTaskKey"]), variables.get("decided"), figures)
    equal(collections.Counter(one["elementId"] for one in history.arrivals[key]),
          collections.Counter(["CatchKept", "CatchLate", "Receive"]), f"messages at number {nr}")
    for kind in ("kept", "late", "asked"):
        claimed(load, (kind, nr), variables.get(kind), figures)


def check_started(load, history, process, figures):
    """What the events of Main, or a message from outside, have started: one for each number."""
    numbers = []
    for instance in history.instances[process]:
        key = instance["processInstanceKey"]
        nr = history.variables[key].get("nr")
        numbers.append(nr)
        expect(nr is not None, f"{process} {key} has no number")
        check_instance(load, history, process, nr, instance, figures)
        if process == "Arrived":
            claimed(load, ("arrive", nr), history.variables[key].get("arrive"), figures)
    equal(collections.Counter(numbers), collections.Counter(range(load.numbers)),
          f"instances of {process} by number")
    figures["started by signal or message"] += len(numbers)


def claimed(load, thing, value, figures):
    """The effect shown is that of the one command that was accepted, or of one whose answer was lost."""
    claims = load.claims.get(thing, [])
    accepted = [one for one in claims if one.accepted]
    shown = [one for one in claims if one.uid == value]
    expect(len(accepted) <= 1, f"{thing}: {len(accepted)} commands were accepted: "
           f"{[one.uid for one in accepted]}")
    expect(len(shown) == 1, f"{thing}: its effect is {value}, which nobody asked for once; asked was "
           f"{[(one.uid, one.status, one.lost) for one in claims]}")
    expect(shown[0].accepted or shown[0].lost,
           f"{thing}: {value} has taken effect, and was refused with {shown[0].status}")
    expect(not accepted or accepted == shown,
           f"{thing}: {value} has taken effect, and {accepted[0].uid if accepted else ''} was accepted")
    figures["effects"] += 1
    figures["effects asked for by several"] += len(claims) > 1
    figures["effects asked for again"] += shown[0].lost > 0
