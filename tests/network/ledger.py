"""What nodes that have stopped say about the messages between them: what each tenant's log says it has sent and
was receipted as processed, and what each database has noted as received (docs/formats/network.md, "Rows of the post")."""
import base64
import collections
import json
import pathlib
import sqlite3

PROCESSED = 1
Message = collections.namedtuple("Message", "sender receiver id")


class Ledger:
    def __init__(self, folders, export):
        """`export(member, tenant)`: the text of `schwarm audit export`."""
        self.cases = collections.defaultdict(set)      # tenant -> numbers
        self.incidents = 0
        self.waiting = 0                               # deliveries that are not over, or that failed
        self.held = 0                                  # messages that wait for an earlier one
        self.sent = collections.defaultdict(list)      # (tenant, case) -> [(type, Message)]
        self.received = collections.defaultdict(list)  # Message -> [(state, case)]
        self.said = {}                                 # Message -> hash of its content, by its sender's log
        self.heard = {}                                # the same by its receiver's database
        for member, folder in folders.items():
            for tenant in self.read(member, folder):
                self.read_log(tenant, member, export(member, tenant))

    def read(self, member, folder):
        database = sqlite3.connect(f"file:{pathlib.Path(folder, 'schwarm.db')}?mode=ro", uri=True)
        tenants = set()
        try:
            for key, _ in database.execute("SELECT k, v FROM cases"):
                tenant, _, number = key.partition(b"\0")
                self.cases[tenant.decode()].add(int.from_bytes(number, "big"))
            self.incidents += database.execute("SELECT count(*) FROM incidents").fetchone()[0]
            for key, value in database.execute("SELECT k, v FROM exchange"):
                tenant, _, rest = key.partition(b"\0")
                tenants.add(tenant.decode())
                self.row(tenant.decode(), member, rest, value)
        finally:
            database.close()
        return sorted(tenants)

    def read_log(self, tenant, member, text):
        for line in map(json.loads, text.splitlines()):
            if (line.get("actor"), line.get("action")) != ("system:post", "processed"):
                continue
            kind, id_, receiver, content = line["detail"].split(" ")
            message = Message(f"{tenant}@{member}", receiver, id_)
            self.sent[tenant, line.get("case", 0)].append((kind.rsplit("/", 1)[-1], message))
            self.said[message] = content

    def row(self, tenant, member, key, value):
        kind = key[:1]
        if kind == b"Q":
            self.waiting += 1
        elif kind == b"H":
            self.held += 1
        elif kind == b"I":
            sender, id_ = key[1:].split(b"\0\0")[:2]
            message = Message(sender.decode(), f"{tenant}@{member}", id_.decode())
            # After format and hash, without a reason: a length of 0 and the number of the case.
            case = 0
            for place, byte in enumerate(value[35:]):
                case |= (byte & 0x7F) << (7 * place)
            self.received[message].append((value[33], case))
            self.heard[message] = "sha256:" + base64.urlsafe_b64encode(value[1:33]).rstrip(b"=").decode()

    def differing(self):
        """Messages of which the two sides do not say that they had the same content."""
        return [message for message, content in self.said.items() if self.heard.get(message, content) != content]

    def all_sent(self):
        return [message for messages in self.sent.values() for _, message in messages]
