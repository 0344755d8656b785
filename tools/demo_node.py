"""A demo node as a child process, and the few HTTP requests that checks and tests need.

Python standard library only; talks to 127.0.0.1 only.
"""
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import threading

ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class DemoNode:
    """schwarm demo in `folder`. start() returns when the node has printed its address."""

    arguments = ()

    def __init__(self, program, folder, port=None):
        self.program, self.folder = os.path.abspath(program), folder
        self.port = port or free_port()
        self.process = None
        self.output = []

    def options(self):
        return ["--port", str(self.port), "--data", self.folder, *self.arguments]

    def start(self, timeout=30):
        self.process = subprocess.Popen(
            [self.program, "demo", *self.options()],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True)
        ready = threading.Event()
        self.output = []

        def read(stream, lines):
            for line in stream:
                lines.append(line.rstrip("\n"))
                if ADDRESS.search(line):
                    ready.set()
            ready.set()

        threading.Thread(target=read, args=(self.process.stdout, self.output), daemon=True).start()
        if not ready.wait(timeout) or not any(ADDRESS.search(l) for l in self.output):
            self.kill()
            raise RuntimeError("the node did not start:\n" + "\n".join(self.output[-20:]))
        return self

    def kill(self):
        """SIGKILL: what a power cut leaves."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        if self.process:
            self.process.wait()

    def stop(self, timeout=20):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.kill()
                raise RuntimeError("the node did not stop in time")
        return self.process.returncode if self.process else None

    def token(self, who):
        """Bearer token of a demo identity; generated at first start, in the node's folder."""
        with open(os.path.join(self.folder, "demo-tokens.json"), encoding="utf-8") as f:
            return json.load(f)[who]

    def request(self, method, path, body=None, who=None, headers=None, timeout=15):
        """One request on its own connection: (status, headers, body bytes)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            send = dict(headers or {})
            if body is not None and not isinstance(body, (bytes, str)):
                body = json.dumps(body)
                send.setdefault("Content-Type", "application/json")
            if who:
                send["Authorization"] = "Bearer " + self.token(who)
            connection.request(method, path, body, send)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def apply(self, service, answers, tenant="leipzig", key=None, who="erika"):
        headers = {"Idempotency-Key": key} if key else {}
        status, _, body = self.request(
            "POST", "/applications", {"tenant": tenant, "service": service, "answers": answers},
            who=who, headers=headers)
        return status, json.loads(body)

    def case(self, case_id, tenant="leipzig", who="erika"):
        status, _, body = self.request("GET", f"/applications/{tenant}/{case_id}", who=who)
        return status, json.loads(body)
