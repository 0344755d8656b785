"""What stands between the nodes of crash_test.py: a listener in front of each. It knows which node a
connection comes from by the process that holds its other end, so that any two can be cut off from
one another while each still reaches the third. It sees only what TLS shows."""
import asyncio
import os
import threading

OPEN, REFUSED, SILENT = "open", "refused", "silent"


def inode_of(port):
    """Of the socket that is bound to this port of 127.0.0.1 at its own end."""
    wanted = f"0100007F:{port:04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        for line in table:
            fields = line.split()
            if fields[1] == wanted:
                return fields[9]
    return None


def holds(pid, inode):
    try:
        for entry in os.scandir(f"/proc/{pid}/fd"):
            try:
                if os.readlink(entry.path) == f"socket:[{inode}]":
                    return True
            except OSError:
                continue  # closed meanwhile
    except OSError:
        pass
    return False


class Wires:
    """`doors`: node name -> (port of the listener in front of it, its own port)."""

    def __init__(self, doors, pid_of):
        self.doors, self.pid_of = doors, pid_of
        self.states, self.breaks, self.connections = {}, {}, {}
        self.counts = {"carried": 0, "refused": 0, "stopped": 0, "broken": 0}
        self.loop = asyncio.new_event_loop()
        self.changed = None
        self.thread = threading.Thread(target=self.run, daemon=True)

    def start(self):
        self.thread.start()
        asyncio.run_coroutine_threadsafe(self.listen(), self.loop).result(10)
        return self

    def run(self):
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    async def listen(self):
        self.changed = asyncio.Event()
        for name, (port, _) in self.doors.items():
            await asyncio.start_server(
                lambda reader, writer, to=name: self.accept(to, reader, writer), "127.0.0.1", port)

    def set(self, pair, state):
        """Of the wire between two nodes, given as a frozenset of their names."""
        self.loop.call_soon_threadsafe(self.set_now, pair, state)

    def set_now(self, pair, state):
        self.states[pair] = state
        if state == REFUSED:
            for writer in self.connections.get(pair, ()):
                writer.transport.abort()
        self.changed.set()
        self.changed = asyncio.Event()

    def break_after(self, pair, count):
        """The connection that carries the next so many bytes ends in the middle of what it carries."""
        self.loop.call_soon_threadsafe(self.breaks.__setitem__, pair, count)

    def sender(self, port):
        inode = inode_of(port)
        for name in self.doors:
            pid = self.pid_of(name)
            if inode and pid and holds(pid, inode):
                return name
        return None

    async def accept(self, to, reader, writer):
        name = self.sender(writer.get_extra_info("peername")[1])
        pair = frozenset((name, to))
        if name is None or self.states.get(pair, OPEN) == REFUSED:
            self.counts["refused"] += 1
            writer.transport.abort()
            return
        try:
            there, onward = await asyncio.open_connection("127.0.0.1", self.doors[to][1])
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, onward}
        self.connections.setdefault(pair, set()).update(ends)
        self.counts["carried"] += 1
        await asyncio.gather(self.carry(pair, reader, onward, ends), self.carry(pair, there, writer, ends))
        self.connections[pair] -= ends

    async def carry(self, pair, reader, writer, ends):
        try:
            while data := await reader.read(65536):
                if self.states.get(pair, OPEN) == SILENT:
                    self.counts["stopped"] += 1
                while self.states.get(pair, OPEN) == SILENT:
                    await self.changed.wait()
                if pair in self.breaks:
                    self.breaks[pair] -= len(data)
                    if self.breaks[pair] < 0:
                        del self.breaks[pair]
                        self.counts["broken"] += 1
                        writer.write(data[:len(data) // 2])
                        await writer.drain()
                        break
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        for end in ends:
            end.transport.abort()
