"""What the databases of nodes that have stopped say about the messages between them: the envelopes
each has sent, and what each has noted as received (docs/formats/network.md, "Rows of the post").
Keys and the headers of envelopes can be read without any key."""
import base64
import collections
import hashlib
import json
import pathlib
import sqlite3

PROCESSED = 1
Message = collections.namedtuple("Message", "sender receiver id digest")


class Ledger:
    def __init__(self, folders):
        self.cases = collections.defaultdict(set)      # tenant -> numbers
        self.incidents = 0
        self.waiting = 0                               # deliveries that are not over, or that failed
        self.held = 0                                  # messages that wait for an earlier one
        self.sent = collections.defaultdict(list)      # (tenant, case) -> [(type, Message)]
        self.received = collections.defaultdict(list)  # Message -> [(state, case)]
        for member, folder in folders.items():
            self.read(member, folder)

    def read(self, member, folder):
        database = sqlite3.connect(f"file:{pathlib.Path(folder, 'schwarm.db')}?mode=ro", uri=True)
        try:
            for key, _ in database.execute("SELECT k, v FROM cases"):
                tenant, _, number = key.partition(b"\0")
                self.cases[tenant.decode()].add(int.from_bytes(number, "big"))
            self.incidents += database.execute("SELECT count(*) FROM incidents").fetchone()[0]
            for key, value in database.execute("SELECT k, v FROM exchange"):
                tenant, _, rest = key.partition(b"\0")
                self.row(tenant.decode(), member, rest, value)
        finally:
            database.close()

    def row(self, tenant, member, key, value):
        kind = key[:1]
        if kind == b"Q":
            self.waiting += 1
        elif kind == b"H":
            self.held += 1
        elif kind == b"E":
            head = value.split(b".", 1)[0]
            header = json.loads(base64.urlsafe_b64decode(head + b"=" * (-len(head) % 4)))
            message = Message(header["from"], header["to"], header["id"], hashlib.sha256(value).hexdigest())
            case = int.from_bytes(key[1:9], "big")
            self.sent[tenant, case].append((header["type"].rsplit("/", 1)[-1], message))
        elif kind == b"I":
            sender, id_ = key[1:].split(b"\0\0")[:2]
            message = Message(sender.decode(), f"{tenant}@{member}", id_.decode(), value[1:33].hex())
            # Without a reason: a length of 0 and the number of the case.
            case = 0
            for place, byte in enumerate(value[35:]):
                case |= (byte & 0x7F) << (7 * place)
            self.received[message].append((value[33], case))

    def all_sent(self):
        return [message for messages in self.sent.values() for _, message in messages]
