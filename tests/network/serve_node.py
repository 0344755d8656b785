"""A node under `schwarm serve` as a child process, as an operator would set it up: a configuration file,
commands, and what a machine may ask without signing in. Python standard library only; 127.0.0.1 only."""
import base64
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from demo_network import check  # noqa: E402
from demo_node import DemoNode  # noqa: E402


def tenant(id_, name, services=(), **more):
    out = {name: "x" for name in ("office", "street", "town", "phone", "reference", "objection_office")}
    out.update({"id": id_, "name": name, "land": "Bund", "postal_code": "00000", "email": "x@amt.example",
                "services": {service: {} for service in services}, **more})
    return out


class ServeNode(DemoNode):
    """`base`: folder of all nodes. Ports: pages, network, operations, X-Road."""

    def __init__(self, program, base, member, port, packages, tenants, roles, xroad=None, test_clock=False):
        self.home = pathlib.Path(base) / member
        self.home.mkdir()
        super().__init__(program, str(self.home / "data"), port)
        self.member, self.config = member, self.home / "schwarm.json"
        network = {"member": member, "organisation": f"Organisation {member}", "port": port + 1,
                   "announced": f"127.0.0.1:{port + 1}", "founding": "../netz.json", "peers": "../peers.json",
                   "checkers": ["simulator-vermittlung@simulatoren"],
                   "tenants": {id_: [{"role": role, "jurisdictions": [where]} for role, where in played]
                               for id_, played in roles.items()}}
        config = {"data": "data", "packages": str(ROOT / "packages" / packages), "listen": {"port": port},
                  "operations": {"port": port + 2}, "tenants": tenants, "network": network, "test_clock": test_clock}
        if xroad:
            config["xroad"] = {"instance": "SCHWARM", "port": port + 3, "plain_http": True,
                               "clients": [{"tenant": xroad}]}
        self.config.write_text(json.dumps(config), encoding="utf-8")

    def start(self, timeout=30):
        self.process = subprocess.Popen([self.program, "serve", "--config", self.config], stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        ready, lines = threading.Event(), self.output

        def read(stream):
            for line in stream:
                lines.append(line.rstrip("\n"))
                if " ready " in line:
                    ready.set()
            ready.set()

        threading.Thread(target=read, args=(self.process.stderr,), daemon=True).start()
        if not ready.wait(timeout) or self.process.poll() is not None:
            self.kill()
            raise RuntimeError("the node did not start:\n" + "\n".join(lines[-20:]))
        return self

    def kill(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
        super().kill()

    def command(self, *words, config=True):
        """Exit code and output of a command about this node."""
        done = subprocess.run([self.program, *map(str, words), *(("--config", str(self.config)) if config else ())],
                              capture_output=True, text=True, timeout=90, check=False)
        return done.returncode, done.stdout + done.stderr

    def done(self, *words, config=True):
        code, said = self.command(*words, config=config)
        check(code == 0, f"{self.member}: {' '.join(map(str, words))} ended with {code}: {said}")
        return said

    def refused(self, says, *words):
        """One sentence on standard error, and nothing else."""
        code, said = self.command(*words)
        check(code == 1 and says in said and said.startswith("schwarm: ") and said.count("\n") == 1,
              f"{self.member}: {' '.join(map(str, words))} ended with {code}: {said}")

    def show(self):
        return self.done("directory", "show")

    def members(self):
        """Operator keys by member, of those of the newest epoch."""
        part = self.show().split("members\n")[1].split("tenants\n")[0]
        return dict(re.findall(r"^  ([a-z0-9-]+)  \d+ entries .* key (\S+)", part, re.M))

    def epoch(self):
        return re.search(r"^epoch (\d+) of \S+  ([0-9a-f]+)$", self.show(), re.M).groups()

    def metrics(self):
        port, self.port = self.port, self.port + 2
        try:
            text = self.request("GET", "/metrics")[2].decode()
        finally:
            self.port = port
        return {name: float(value) for name, _, value in
                (line.rpartition(" ") for line in text.splitlines() if line and not line.startswith("#"))}

    def tls(self):
        """The certificate that is used, and whether another one is announced."""
        data = pathlib.Path(self.folder)
        return (data / "network.crt").read_text(encoding="utf-8"), os.path.exists(data / "network.crt.next")

    def logged(self, text):
        return [line for line in self.output if text in line]


class TestClock:
    """Of a node with `test_clock`; it stands still when it was set, and goes again after a start."""

    def __init__(self, node, tenant_id):
        self.node = node
        added = node.done("client", "add", "--tenant", tenant_id, "--role", "operator", "--name", "Uhr")
        access = [re.search(rf"^{name}: +(\S+)$", added, re.M)[1] for name in ("client_id", "client_secret")]
        self.basic = "Basic " + base64.b64encode(":".join(access).encode()).decode()

    def set(self, to):
        """`to`: seconds since 1970."""
        status, _, said = self.node.request("PUT", "/v2/clock", {"timestamp": int(to * 1000)},
                                            headers={"Authorization": self.basic, "Content-Type": "application/json"})
        check(status == 204, f"the clock was answered {status}: {said!r}")
