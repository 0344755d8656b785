#!/usr/bin/env python3
"""Requests and uploads over the limit are refused without memory growing; the start is quick and
the idle program small.

usage: limits_test.py PROGRAM
"""
import os
import shutil
import socket
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "tools")]

import demo_node  # noqa: E402

BLOCK = b"x" * (256 * 1024)
GROWTH_MAX_KB = 6 * 1024
START_SECONDS_MAX = 1.0
IDLE_MB_MAX = 60

failures = []


def check(good, message):
    print(("ok      " if good else "FAILED  ") + message, flush=True)
    if not good:
        failures.append(message)


def resident_kb(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


def exchange(port, head, blocks=(), count=0):
    """Sends head and then blocks until refused; the status of the answer, 0 if there is none."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as s:
        try:
            s.sendall(head)
            for _ in range(count):
                for block in blocks:
                    s.sendall(block)
        except OSError:
            pass
        try:
            answer = s.recv(4096)
        except OSError:
            return 0
        return int(answer[9:12]) if answer.startswith(b"HTTP/1.1 ") else 0


def head(line, *fields):
    return "\r\n".join([line, "Host: 127.0.0.1", *fields, "", ""]).encode()


def check_limits(node):
    port, pid = node.port, node.process.pid
    before = resident_kb(pid)
    huge = head("POST /applications HTTP/1.1", "Content-Type: application/json",
                "Content-Length: 4000000000")
    chunked = head("POST /applications HTTP/1.1", "Content-Type: application/json",
                   "Transfer-Encoding: chunked")
    chunk = b"%x\r\n" % len(BLOCK) + BLOCK + b"\r\n"
    upload = head("POST /applications/leipzig/1/documents HTTP/1.1",
                  "Content-Type: multipart/form-data; boundary=x", "Content-Length: 10485761")
    check(exchange(port, huge, [BLOCK], 400) == 413, "a declared body of 4 GB is refused with 413")
    check(exchange(port, chunked, [chunk], 400) == 413, "a chunked body of 100 MB is refused with 413")
    check(exchange(port, upload, [BLOCK], 60) == 413, "an upload over 10 MB is refused with 413")
    for _ in range(20):
        exchange(port, huge, [BLOCK], 40)
        exchange(port, chunked, [chunk], 40)
    check(exchange(port, head("GET / HTTP/1.1", "X: " + "x" * 20000)) == 431,
          "a header of 20 KB is refused with 431")
    deep = b"[" * 200000
    check(exchange(port, head("POST /applications HTTP/1.1", "Content-Type: application/json",
                              f"Content-Length: {len(deep)}") + deep) == 413,
          "200,000 nested JSON arrays are refused with 413")
    grown = resident_kb(pid) - before
    check(grown < GROWTH_MAX_KB, f"memory grew by {grown} KB (limit {GROWTH_MAX_KB})")


def check_malformed(node):
    for expected, request in [
            (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n"),
            (400, b"GET / HTTP/1.1\r\n\r\n"),
            (400, head("GET /../etc/passwd HTTP/1.1")),
            (400, head("GET /%2e%2e/etc/passwd HTTP/1.1")),
            (400, head("POST /applications HTTP/1.1", "Content-Length: 3",
                       "Transfer-Encoding: chunked")),
            (505, head("GET / HTTP/3.0")),
            (421, b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n"),
            (405, head("PATCH /health HTTP/1.1")),
            (404, head("GET /gibt-es-nicht HTTP/1.1"))]:
        status = exchange(node.port, request)
        check(status == expected, f"{request[:40]!r}: {status}, expected {expected}")
    status, _, _ = node.request("GET", "/health")
    check(status == 200, "the node still works")


def main():
    folder = tempfile.mkdtemp(prefix="schwarm-limits-")
    node = demo_node.DemoNode(sys.argv[1], folder)
    try:
        node.start()
        node.stop()
        began = time.monotonic()
        node.start()
        status, _, _ = node.request("GET", "/health")
        took = time.monotonic() - began
        check(status == 200 and took < START_SECONDS_MAX,
              f"existing database: first answer after {took * 1000:.0f} ms (limit 1 s)")
        idle = resident_kb(node.process.pid) / 1024
        check(idle < IDLE_MB_MAX, f"idle: {idle:.1f} MB resident (limit {IDLE_MB_MAX})")
        check_limits(node)
        check_malformed(node)
        check(node.stop() == 0, "it ends with 0 at SIGTERM")
    finally:
        node.kill()
        shutil.rmtree(folder)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
