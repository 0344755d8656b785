"""Proves that the examination of engine_history.py can fail: each of these makes one thing wrong in a
copy of what a run has left, and must be found."""
import copy
import types

from engine_history import Wrong, examine, expect


def _first(rows, **wanted):
    return next(one for one in rows if all(one[name] == value for name, value in wanted.items()))


def _lost_start(load, history, key):
    history.instances["Main"].pop()


def _double_start(load, history, key):
    twin = copy.deepcopy(_first(history.instances["Main"], processInstanceKey=key))
    twin["processInstanceKey"] += "0"
    history.variables[twin["processInstanceKey"]] = history.variables[key]
    history.instances["Main"].append(twin)


def _two_answers_to_a_start(load, history, key):
    load.starts[1].add("1")


def _not_ended(load, history, key):
    _first(history.instances["Main"], processInstanceKey=key)["state"] = "ACTIVE"


def _lost_token(load, history, key):
    history.elements[key].remove(_first(history.elements[key], elementId="Join"))


def _double_token(load, history, key):
    history.elements[key].append(_first(history.elements[key], elementId="End"))


def _token_left(load, history, key):
    _first(history.elements[key], elementId="Join")["state"] = "ACTIVE"


def _double_timer(load, history, key):
    history.elements[key].append(_first(history.elements[key], elementId="Reminder"))


def _lost_timer(load, history, key):
    history.elements[key].remove(_first(history.elements[key], elementId="Overdue"))


def _double_job(load, history, key):
    history.jobs[key].append(history.jobs[key][0])


def _lost_retry(load, history, key):
    load.handed_twice.clear()
    _first(history.jobs[key], type="work")["retries"] = 99


def _lost_completion(load, history, key):
    del history.variables[key][f"job_{history.jobs[key][0]['jobKey']}"]


def _other_completion(load, history, key):
    history.variables[key][f"job_{history.jobs[key][0]['jobKey']}"] = "somebody"


def _refused_completion(load, history, key):
    for claim in load.claims["job", history.jobs[key][0]["jobKey"]]:
        claim.status, claim.lost = 404, 0


def _two_completions(load, history, key):
    claims = load.claims["job", history.jobs[key][0]["jobKey"]]
    other = copy.copy(claims[0])
    other.uid = "somebody"
    claims.append(other)
    for claim in claims:
        claim.status = 204


def _other_decision(load, history, key):
    history.variables[key]["decided"] = "somebody"


def _double_message(load, history, key):
    history.arrivals[key].append(history.arrivals[key][0])


def _lost_message(load, history, key):
    history.arrivals[key].pop()


def _lost_signal(load, history, key):
    history.instances["Listed"].pop()


def _double_message_start(load, history, key):
    history.instances["Filed"].append(history.instances["Filed"][0])


def _double_call(load, history, key):
    history.instances["Called"].append(history.instances["Called"][0])


def _incident(load, history, key):
    history.incidents[key].append({"reason": "something"})


TAMPERINGS = (_lost_start, _double_start, _two_answers_to_a_start, _not_ended, _lost_token, _double_token,
              _token_left, _double_timer, _lost_timer, _double_job, _lost_retry, _lost_completion,
              _other_completion, _refused_completion, _two_completions, _other_decision,
              _double_message, _lost_message, _lost_signal, _double_message_start, _double_call,
              _incident)


def prove_that_it_can_fail(load, history, tell):
    """tell(name, reason) of each that was found; Wrong if one was not."""
    key = next(iter(load.starts[1]))
    parts = ("instances", "elements", "jobs", "tasks", "arrivals", "incidents", "variables")
    for tamper in TAMPERINGS:
        answers = types.SimpleNamespace(
            numbers=load.numbers, claims=copy.deepcopy(load.claims), starts=copy.deepcopy(load.starts),
            handed_twice=set(load.handed_twice))
        shown = types.SimpleNamespace(
            **{part: copy.deepcopy(getattr(history, part)) for part in parts})
        name = tamper.__name__.strip("_").replace("_", " ")
        tamper(answers, shown, key)
        try:
            examine(answers, shown)
        except Wrong as found:
            tell(name, str(found))
        else:
            expect(False, f"the examination does not find: {name}")
    return len(TAMPERINGS)
