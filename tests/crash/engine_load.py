"""The clients of engine_crash_test.py: they start, work, publish and decide over /v2 until all is done.

Each command has an identity of its own (an Idempotency-Key or a messageId) and is repeated with it
until it is answered; what was answered is kept in `claims`, to be held against the node's history.
"""
import base64
import collections
import http.client
import itertools
import json
import os
import queue
import random
import signal
import threading

import engine_model as model

OPEN_AT_ONCE = 24          # numbers under way
LOCK_MS = 1500             # of a job; a lost activation delays its jobs by this
WAIT_MS = 1000             # of a long poll
KEPT_MS = 3_600_000        # of messages: longer than the test
RIVALS = 0.1               # share of commands that a second client gives as well
BROKEN = (OSError, http.client.HTTPException, json.JSONDecodeError)
WORKERS = {"work": 2, "item": 2}  # threads of a type; of the others one


class Stopped(Exception):
    """Something has failed elsewhere."""


class Claim:
    """One client's command for one thing: a job, a user task, a message or a number."""

    def __init__(self, uid):
        self.uid, self.status, self.lost = uid, None, 0

    @property
    def accepted(self):
        return self.status in (200, 204)


class Session:
    """One connection, opened again whenever the node has been killed."""

    def __init__(self, load):
        self.load, self.connection = load, None

    def once(self, path, text, headers, flying=1):
        """(status, answer) or None, and whether the request may have arrived."""
        load = self.load
        load.up.wait()
        sent = False
        load.fly(flying)
        try:
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", load.node.port, timeout=20)
                self.connection.connect()
            sent = True
            self.connection.request("POST", "/v2" + path, text, {
                "Content-Type": "application/json", **load.headers, **headers})
            response = self.connection.getresponse()
            raw = response.read()
            return (response.status, json.loads(raw) if raw else None), sent
        except BROKEN:
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return None, sent
        finally:
            load.fly(-flying)

    def ask(self, path, body, claim=None, key=None):
        """Repeats the request until it has an answer that settles it: (status, answer)."""
        text = json.dumps(body)
        headers = {} if key is None else {"Idempotency-Key": key}
        load = self.load
        while True:
            load.count("requests")
            answer, sent = self.once(path, text, headers)
            if answer is None:
                load.count("lost answers")
            if answer and answer[0] not in (429, 503, 504):
                break
            if load.failure:
                raise Stopped
            if claim is not None and sent and (answer is None or answer[0] == 504):
                claim.lost += 1
            load.count("repeated")
        if claim is not None:
            claim.status = answer[0]
        return answer


class Load:
    def __init__(self, node, numbers, seed, kill_after):
        self.node, self.numbers, self.seed = node, numbers, seed
        with open(os.path.join(node.folder, "demo-clients.json"), encoding="utf-8") as f:
            client = json.load(f)["leipzig"]
        pair = f"{client['client_id']}:{client['client_secret']}".encode()
        self.headers = {"Authorization": "Basic " + base64.b64encode(pair).decode()}
        self.lock = threading.Lock()
        self.up = threading.Event()         # the node answers
        self.up.set()
        self.wake = threading.Semaphore(0)  # a kill is due, or all is done, or something failed
        self.over = threading.Event()
        self.failure = None
        self.kill_after, self.kills_due = list(kill_after), 0  # (steps, at once)
        self.flying = 0                     # requests without answer, long polls not counted
        self.shot = None                    # `flying` when a client killed the node
        self.counts = collections.Counter()
        self.claims = collections.defaultdict(list)  # by ("job", key), ("task", key), ("kept", nr) ...
        self.starts = collections.defaultdict(set)   # process instance keys told, by number
        self.taken = {}                     # jobs handed out: number, type, and the retries shown
        self.handed_twice = set()           # jobs that two clients worked at
        self.settled = collections.defaultdict(set)
        self.numbering = itertools.count()
        self.done = 0
        self.window = threading.Semaphore(OPEN_AT_ONCE)
        self.to_start, self.rivals = queue.Queue(), queue.Queue()
        self.to_send = queue.Queue()        # messages: (kind, number)
        for nr in range(numbers):
            self.to_start.put(nr)
        self.threads = []

    # --- what threads share ------------------------------------------------------------------

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def fly(self, requests):
        with self.lock:
            self.flying += requests

    def take_down(self):
        """From here to up.set() no client kills the node: (requests in flight, whether one has)."""
        with self.lock:
            self.up.clear()
            shot, self.shot = self.shot, None
            return (self.flying if shot is None else shot), shot is not None

    def fail(self, reason):
        with self.lock:
            self.failure = self.failure or reason
        self.over.set()
        self.wake.release()

    def settle(self, nr, step):
        """A thing is done, whoever did it. The first news of it counts."""
        with self.lock:
            known = self.settled[nr]
            if step in known:
                return
            known.add(step)
            self.counts["steps"] += 1
            if self.kill_after and self.counts["steps"] >= self.kill_after[0][0]:
                _, at_once = self.kill_after.pop(0)
                # What was answered must be durable: no time is left to make it so.
                if at_once and self.up.is_set():
                    self.node.process.send_signal(signal.SIGKILL)
                    self.up.clear()
                    self.shot = self.flying
                self.kills_due += 1
                self.wake.release()
            finished = len(known) == model.steps(nr)
            reminded = sum(1 for kind, _ in known if kind == "remind") == model.REMINDERS
            self.done += finished
            last = self.done == self.numbers
        if step[0] == "remind" and reminded:
            self.to_send.put(("asked", nr))
        if finished:
            self.window.release()
        if last and finished:
            self.over.set()
            self.wake.release()

    def settle_claim(self, nr, step, claim):
        """A refusal after a lost answer: the command, or that of another client, has arrived."""
        if claim.status not in (204, 404, 409):
            self.fail(f"{claim.uid} was answered {claim.status}")
        elif claim.accepted or claim.lost:
            self.settle(nr, step)

    def claim(self, thing, uid):
        with self.lock:
            claim = Claim(uid)
            self.claims[thing].append(claim)
            return claim

    def unfinished(self):
        return {nr: sorted(self.settled[nr]) for nr in range(self.numbers)
                if len(self.settled[nr]) != model.steps(nr)}

    def fresh(self, name):
        """An identity: two commands for the same thing are told apart by who gives them, and when."""
        return f"{name}-{threading.current_thread().name}-{next(self.numbering)}"

    # --- clients -----------------------------------------------------------------------------

    def starter(self, session, chance):
        """The message is published before anybody waits for it, the other one begins a process."""
        while not self.over.is_set():
            try:
                nr = self.to_start.get_nowait()
            except queue.Empty:
                return
            self.window.acquire()
            for kind in ("kept", "arrive"):
                self.publish(session, kind, nr)
                if chance.random() < RIVALS:
                    self.publish_again(session, kind, nr)
            if chance.random() < RIVALS:
                self.rivals.put(("start", nr))
            self.start(session, nr)

    def start(self, session, nr):
        claim = self.claim(("start", nr), f"start-{nr}")
        status, answer = session.ask("/process-instances", {
            "processDefinitionId": "Main", "businessId": f"nr-{nr}",
            "variables": {"nr": nr, "reference": f"s-{nr}", "items": model.ITEMS}}, claim, claim.uid)
        if status != 200:
            return self.fail(f"the start of {nr} was answered {status}: {answer}")
        with self.lock:
            self.starts[nr].add(answer["processInstanceKey"])
        self.settle(nr, ("start", ""))
        self.to_send.put(("late", nr))

    def message(self, kind, nr, uid):
        return {"name": kind, "correlationKey": f"s-{nr}", "variables": {kind: uid, "nr": nr},
                "messageId": uid, "timeToLive": KEPT_MS}

    def publish(self, session, kind, nr):
        claim = self.claim((kind, nr), f"{kind}-{nr}")
        status, answer = session.ask("/messages/publication", self.message(kind, nr, claim.uid), claim)
        if status != 200 and not (status == 409 and claim.lost):
            return self.fail(f"the message {claim.uid} was answered {status}: {answer}")
        self.settle(nr, (kind, ""))

    def publish_again(self, session, kind, nr):
        """The same message while it is kept: must have no effect."""
        status, answer = session.ask("/messages/publication", self.message(kind, nr, f"{kind}-{nr}"))
        if status != 409:
            self.fail(f"the repeated message {kind}-{nr} was answered {status}: {answer}")

    def sender(self, session, chance):
        while not self.over.is_set():
            try:
                kind, nr = self.to_send.get(timeout=0.2)
            except queue.Empty:
                continue
            if kind == "asked":
                self.correlate(session, nr)
            elif self.waits(session, nr, "CatchLate"):
                self.publish(session, kind, nr)
            else:
                self.to_send.put((kind, nr))

    def waits(self, session, nr, element):
        key = next(iter(self.starts[nr]))
        status, answer = session.ask("/message-subscriptions/search", {"filter": {
            "processInstanceKey": key, "elementId": element, "messageSubscriptionState": "CREATED"}})
        return status == 200 and len(answer["items"]) == 1

    def correlate(self, session, nr):
        """Has no identity: a repetition after a lost answer finds nobody if the first one arrived."""
        claim = self.claim(("asked", nr), f"asked-{nr}")
        status, answer = session.ask("/messages/correlation", {
            "name": "asked", "correlationKey": f"s-{nr}", "variables": {"asked": claim.uid}}, claim)
        if status != 200 and not (status == 404 and claim.lost):
            return self.fail(f"the correlation {claim.uid} was answered {status}: {answer}")
        self.settle(nr, ("asked", ""))

    def worker(self, session, chance, kind):
        while not self.over.is_set():
            self.count("activations")
            answer, _ = session.once("/jobs/activation", json.dumps({
                "type": kind, "worker": threading.current_thread().name, "timeout": LOCK_MS,
                "maxJobsToActivate": 4, "requestTimeout": WAIT_MS, "fetchVariable": ["nr"]}), {}, 0)
            if answer is None or answer[0] != 200:
                self.count("activations lost")
                continue
            for job in answer[1]["jobs"]:
                key, retries = job["jobKey"], job["retries"]
                with self.lock:
                    _, _, shown = self.taken.setdefault(key, (job["variables"]["nr"], kind, set()))
                    if retries in shown:
                        self.handed_twice.add(key)
                    shown.add(retries)
                if chance.random() < RIVALS:
                    with self.lock:
                        self.handed_twice.add(key)
                    self.rivals.put(("job", job))
                self.work(session, job)

    def work(self, session, job):
        nr, key, kind, retries = (job["variables"]["nr"], job["jobKey"], job["type"], job["retries"])
        uid = self.fresh(f"{kind}-{key}-{retries}")
        if kind == "work" and retries > model.RETRIES - model.failures(nr):
            status, answer = session.ask(f"/jobs/{key}/failure", {
                "retries": retries - 1, "retryBackOff": 20, "errorMessage": uid}, key=uid)
            if status not in (204, 404, 409):
                self.fail(f"the failure {uid} was answered {status}: {answer}")
            return
        claim = self.claim(("job", key), uid)
        variables = {"variables": {f"job_{key}": uid}}
        if kind == "work" and model.breaks(nr):
            session.ask(f"/jobs/{key}/error", {"errorCode": "broken", **variables}, claim, uid)
        else:
            session.ask(f"/jobs/{key}/completion", variables, claim, uid)
        self.settle_claim(nr, (kind, key), claim)

    def decider(self, session, chance):
        seen = set()
        while not self.over.is_set():
            status, answer = session.ask("/user-tasks/search", {
                "filter": {"state": "CREATED"}, "page": {"limit": 1000}})
            if status != 200:
                return self.fail(f"the search for user tasks was answered {status}: {answer}")
            fresh = [one for one in answer["items"] if one["userTaskKey"] not in seen]
            for task in fresh:
                seen.add(task["userTaskKey"])
                if chance.random() < RIVALS:
                    self.rivals.put(("task", task))
                self.decide(session, task)
            if not fresh:
                self.over.wait(0.05)

    def decide(self, session, task):
        key = task["userTaskKey"]
        with self.lock:
            nr = next((n for n, keys in self.starts.items() if task["processInstanceKey"] in keys), None)
        if nr is None:  # the answer to its start has not come yet: it is asked for the number
            _, found = session.ask("/variables/search", {"filter": {
                "processInstanceKey": task["processInstanceKey"], "name": "nr"}})
            nr = int(found["items"][0]["value"])
        claim = self.claim(("task", key), self.fresh(f"task-{key}"))
        session.ask(f"/user-tasks/{key}/completion", {"variables": {"decided": claim.uid}}, claim,
                    claim.uid)
        self.settle_claim(nr, ("task", key), claim)

    def rival(self, session, chance):
        """Gives commands that others give at the same time: only one of the two may have an effect."""
        acts = {"start": self.start_again, "job": self.work, "task": self.decide}
        while not self.over.is_set():
            try:
                kind, what = self.rivals.get(timeout=0.2)
            except queue.Empty:
                continue
            self.count("rivals")
            acts[kind](session, what)

    def start_again(self, session, nr):
        status, answer = session.ask("/process-instances", {
            "processDefinitionId": "Main", "businessId": f"nr-{nr}",
            "variables": {"nr": nr, "reference": f"s-{nr}", "items": model.ITEMS}}, None, f"start-{nr}")
        if status != 200:
            return self.fail(f"the second start of {nr} was answered {status}: {answer}")
        with self.lock:
            self.starts[nr].add(answer["processInstanceKey"])

    # --- threads -----------------------------------------------------------------------------

    def run(self):
        roles = [(self.starter, ())] * 3 + [(self.sender, ())] * 2 + [(self.decider, ())] * 2 \
            + [(self.rival, ())] * 2
        for kind in model.JOB_TYPES:
            roles += [(self.worker, (kind,))] * WORKERS.get(kind, 1)
        for number, (role, more) in enumerate(roles):
            name = f"{role.__name__}{number}"
            thread = threading.Thread(target=self.guarded, name=name, daemon=True, args=(
                role, random.Random(f"{self.seed} {name}"), more))
            self.threads.append(thread)
        for thread in self.threads:
            thread.start()

    def guarded(self, role, chance, more):
        session = Session(self)
        try:
            role(session, chance, *more)
        except Stopped:
            pass
        except Exception as error:  # noqa: BLE001 - a client that ends early must end the test
            self.fail(f"{threading.current_thread().name}: {type(error).__name__}: {error}")
        finally:
            if session.connection is not None:
                session.connection.close()
