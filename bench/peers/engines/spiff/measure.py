#!/usr/bin/env python3
"""SpiffWorkflow under the load of ../README.md, with a host of ours.

The library has no store: this host writes the serialised workflow to SQLite (WAL,
synchronous=FULL) at each wait state and at the end, one transaction each. The state holds every
finished task, so it is the history. Processes instead of threads, because of Python's lock.
"""
import argparse
import importlib.metadata
import json
import math
import multiprocessing
import pathlib
import queue
import sqlite3
import sys
import time

from SpiffWorkflow.bpmn.parser.task_parsers import TaskParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
from SpiffWorkflow.bpmn.serializer.default.task_spec import BpmnTaskSpecConverter
from SpiffWorkflow.bpmn.specs.defaults import ManualTask, NoneTask, ServiceTask
from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
from SpiffWorkflow.spiff.parser.process import SpiffBpmnParser
from SpiffWorkflow.spiff.serializer.config import SPIFF_CONFIG
from SpiffWorkflow.util.task import TaskState

STALLED_SECONDS = 60
NODES = {"one_task": 3, "straight": 10}


class WorkerTask(ServiceTask):
    """A service task that waits for its worker: no result yet, so the task is STARTED."""

    def _execute(self, task):
        return None


class PassingTask(NoneTask):
    """An abstract or manual task that nobody has to confirm, as in the other engines."""

    def __init__(self, wf_spec, bpmn_id, **kwargs):
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.manual = False


class PassingManualTask(ManualTask):
    def __init__(self, wf_spec, bpmn_id, **kwargs):
        super().__init__(wf_spec, bpmn_id, **kwargs)
        self.manual = False


class Parser(SpiffBpmnParser):
    OVERRIDE_PARSER_CLASSES = {
        **SpiffBpmnParser.OVERRIDE_PARSER_CLASSES,
        full_tag("serviceTask"): (TaskParser, WorkerTask),
        full_tag("task"): (TaskParser, PassingTask),
        full_tag("manualTask"): (TaskParser, PassingManualTask),
    }


def serializer():
    config = dict(SPIFF_CONFIG)
    for kind in (WorkerTask, PassingTask, PassingManualTask):
        config[kind] = BpmnTaskSpecConverter
    return BpmnWorkflowSerializer(BpmnWorkflowSerializer.configure(config))


def variables(number):
    return {"betrag": number % 2000, "art": "eilig" if number % 3 == 0 else "ruhig"}


class Host:
    """One process's connection, and the models."""

    def __init__(self, options):
        folder = pathlib.Path(options.models) / "spiff"
        self.serializer = serializer()
        self.specs = {}
        for name in NODES:
            parser = Parser()
            parser.add_dmn_file(str(folder / "einstufung.dmn"))
            parser.add_bpmn_file(str(folder / f"{name}.bpmn"))
            self.specs[name] = parser.get_spec(name)
        self.database = sqlite3.connect(options.database, isolation_level=None, timeout=60)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=FULL")
        self.database.execute("CREATE TABLE IF NOT EXISTS instance("
                              "number INTEGER PRIMARY KEY, process TEXT NOT NULL,"
                              " ended INTEGER NOT NULL, state TEXT NOT NULL)")

    def store(self, number, workflow):
        ended = workflow.completed
        self.database.execute(
            "INSERT INTO instance VALUES(?, ?, ?, ?) ON CONFLICT(number) DO UPDATE SET"
            " ended = excluded.ended, state = excluded.state",
            (number, workflow.spec.name, ended, self.serializer.serialize_json(workflow)))
        return ended

    def start(self, process, number, data):
        workflow = BpmnWorkflow(self.specs[process])
        workflow.data.update(data)
        workflow.task_tree.data.update(data)
        workflow.do_engine_steps()
        return self.store(number, workflow)

    def load(self, number):
        (state,) = self.database.execute("SELECT state FROM instance WHERE number = ?",
                                         (number,)).fetchone()
        return self.serializer.deserialize_json(state)

    def complete(self, number):
        workflow = self.load(number)
        (task,) = workflow.get_tasks(state=TaskState.STARTED)
        task.data["ergebnis"] = number
        task.complete()
        workflow.do_engine_steps()
        if not self.store(number, workflow):
            raise RuntimeError(f"instance {number} did not end")


def starter(options, process, base, count, deadline, shared, ready, done):
    """One of the processes that start instances; count.value is the next one."""
    host = Host(options)
    done.put(("ready",))
    shared["begin"].wait(STALLED_SECONDS)
    times = []
    while True:
        if process == "one_task" and not shared["slots"].acquire(timeout=STALLED_SECONDS):
            raise RuntimeError("no instance ended")
        with count.get_lock():
            index = count.value
            if index >= shared["count"] or time.monotonic() > deadline.value:
                break
            count.value += 1
        number, before = base + index, time.monotonic()
        ended = host.start(process, number, variables(number))
        if process == "straight":
            if not ended:
                raise RuntimeError(f"instance {number} did not end")
            times.append((before, time.monotonic()))
        else:
            ready.put((number, before))
    done.put(("times", times))


def worker(options, shared, ready, done):
    host = Host(options)
    done.put(("ready",))
    times = []
    while True:
        job = ready.get(timeout=STALLED_SECONDS * 10)
        if job is None:
            break
        number, before = job
        host.complete(number)
        times.append((before, time.monotonic()))
        shared["slots"].release()
    done.put(("times", times))


def take(done, kind, processes):
    """The next message; a process that died is an error, not a wait without end."""
    while True:
        try:
            message = done.get(timeout=1)
        except queue.Empty:
            failed = [process for process in processes if process.exitcode not in (None, 0)]
            if failed:
                raise RuntimeError(f"a process of the load ended with {failed[0].exitcode}")
            continue
        if message[0] != kind:
            raise RuntimeError(f"{message[0]} came, {kind} was awaited")
        return message


def run(options, process, base, count, seconds):
    """[(start, end)] of the instances that were started."""
    context = multiprocessing.get_context("fork")
    taken, deadline = context.Value("q", 0), context.Value("d", 0.0)
    ready, done = context.Queue(), context.Queue()
    shared = {"slots": context.BoundedSemaphore(options.open), "begin": context.Event(),
              "count": count}
    starters = [context.Process(target=starter, args=(
        options, process, base, taken, deadline, shared, ready, done))
        for _ in range(options.threads)]
    workers = [context.Process(target=worker, args=(options, shared, ready, done))
               for _ in range(options.threads if process == "one_task" else 0)]
    team = starters + workers
    try:
        for member in team:
            member.start()
        for _ in team:
            take(done, "ready", team)
        deadline.value = time.monotonic() + seconds
        shared["begin"].set()
        times = []
        for _ in starters:
            times += take(done, "times", team)[1]
        for _ in workers:
            ready.put(None)
        for _ in workers:
            times += take(done, "times", team)[1]
        for member in team:
            member.join(STALLED_SECONDS)
    finally:
        for member in team:
            if member.is_alive():
                member.terminate()
    if len(times) != taken.value:
        raise RuntimeError(f"{process}: {taken.value} started, {len(times)} ended")
    return times


def figures(times):
    latencies = sorted(end - start for start, end in times)
    seconds = max(end for _, end in times) - min(start for start, _ in times)

    def quantile(share):
        return round(1e3 * latencies[max(0, math.ceil(share * len(latencies)) - 1)], 2)

    return {"count": len(times), "seconds": round(seconds, 3),
            "per_second": round(len(times) / seconds, 1), "p50_ms": quantile(0.5),
            "p99_ms": quantile(0.99)}


def check_answers(host, number):
    """Every rule and both branches; the states stay out of the counted rows."""
    for betrag in (50, 510, 511, 1500, 1501):
        urgent = betrag % 3 == 0
        host.start("straight", number, {"betrag": betrag, "art": "eilig" if urgent else "ruhig"})
        data = host.load(number).last_task.data
        if betrag < 100:
            grade = "gering"
        elif betrag < 1000:
            grade = "hoch" if urgent else "mittel"
        else:
            grade = "sehr hoch" if urgent else "hoch"
        size = betrag * 2
        expected = {"stufe": grade, "umfang": size, "schluss": size + 1,
                    "text": grade + (" gross" if size > 1000 else " klein")}
        found = {name: data.get(name) for name in expected}
        if found != expected:
            raise RuntimeError(f"betrag {betrag}: {found}, not {expected}")
    host.database.execute("DELETE FROM instance")


def check_rows(host, process, started):
    """As many ended instances as were started, each with all its flow nodes."""
    rows = host.database.execute("SELECT state FROM instance WHERE process = ? AND ended = 1",
                                 (process,)).fetchall()
    (all_rows,) = host.database.execute("SELECT count(*) FROM instance WHERE process = ?",
                                        (process,)).fetchone()
    nodes = 0
    for (state,) in rows:
        tasks = json.loads(state)["tasks"].values()
        nodes += sum(1 for task in tasks if task["task_spec"].startswith(process + "_")
                     and task["state"] == TaskState.COMPLETED)
    print(f"{process}, stored: {len(rows)} ended instances, {nodes} flow nodes", file=sys.stderr)
    if len(rows) != started or all_rows != started or nodes != started * NODES[process]:
        raise RuntimeError(f"{process}: {started} were started, {all_rows} are stored, "
                           f"{len(rows)} ended, {nodes} flow nodes")


def bounded(least, most):
    def parse(text):
        number = int(text)
        if not least <= number <= most:
            raise argparse.ArgumentTypeError(f"must be from {least} to {most}")
        return number
    return parse


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", required=True)
    parser.add_argument("--output", required=True)
    parser.add_argument("--database", required=True)
    for name, value, most in (("tasks", 5000, 1_000_000), ("instances", 20_000, 1_000_000),
                              ("task-warm-up", 200, 1_000_000),
                              ("instance-warm-up", 200, 1_000_000), ("seconds", 60, 600),
                              ("open", 256, 100_000), ("threads", 2, 64)):
        parser.add_argument(f"--{name}", type=bounded(1, most), default=value)
    options = parser.parse_args()
    host = Host(options)
    check_answers(host, 0)
    host.database.close()  # not shared with the processes that are forked
    result = {"engine": "spiff", "jar": "SpiffWorkflow "
              + importlib.metadata.version("SpiffWorkflow"), "store": "sqlite"}
    base = 0
    for part, process, warm_up, count in (
            ("c", "straight", options.instance_warm_up, options.instances),
            ("b", "one_task", options.task_warm_up, options.tasks)):
        first = len(run(options, process, base, warm_up, options.seconds))
        times = run(options, process, base + warm_up, count, options.seconds)
        base += warm_up + count
        host = Host(options)
        check_rows(host, process, first + len(times))
        host.database.close()
        result[part] = figures(times)
        print(f"{process}: {json.dumps(result[part])}", file=sys.stderr)
    pathlib.Path(options.output).write_text(json.dumps(result) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
