#!/usr/bin/env python3
"""Whoever asks /v2 as another tenant learns nothing: for every route of the OpenAPI document that the
node serves, a key of a foreign tenant is answered as one that nobody has (404), searches are empty, and
bodies that name something foreign are refused. Without credentials each is 401; with a role that may
not 403; for whoever has no tenant 404. A route, a key in a body or a role that this test does not know
makes it fail.

tenants_test.py PROGRAM
"""
import base64
import http.client
import json
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from demo_node import DemoNode  # noqa: E402
import tenants_world as world  # noqa: E402

OWNER, STRANGER = "leipzig", "musterstadt"
NOBODYS = str(999_999 << 24 | 77)
failures = []


def check(condition, text):
    if not condition:
        failures.append(text)
        print(f"FAILED  {text}", flush=True)


class Client:
    """An API client of one tenant, on one connection."""

    def __init__(self, node, client_id, secret):
        self.node = node
        self.headers = {"Authorization": "Basic " + base64.b64encode(
            f"{client_id}:{secret}".encode()).decode()}

    def ask(self, method, path, body=None, multipart=None):
        """(status, JSON or text, media type)"""
        return ask(self.node, self.headers, method, path, body, multipart)

    def made(self, method, path, body=None, multipart=None):
        status, answer, _ = self.ask(method, path, body, multipart)
        if not 200 <= status < 300:
            raise AssertionError(f"{method} {path}: {status} {answer}")
        return answer


def ask(node, headers, method, path, body=None, multipart=None):
    headers = dict(headers)
    if multipart is not None:
        headers["Content-Type"] = "multipart/form-data; boundary=grenze"
        body = multipart_bytes(multipart)
    elif body is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(body)
    connection = http.client.HTTPConnection("127.0.0.1", node.port, timeout=30)
    try:
        connection.request(method, "/v2" + path, body, headers)
        response = connection.getresponse()
        content, kind = response.read(), response.getheader("Content-Type") or ""
    finally:
        connection.close()
    is_json = kind.split(";")[0] in ("application/json", "application/problem+json")
    return response.status, json.loads(content) if is_json else content, kind


def multipart_bytes(parts):
    """[(field, file name or None, text)]"""
    out = []
    for field, name, text in parts:
        file_name = f'; filename="{name}"' if name else ""
        kind = "application/octet-stream" if name else "application/json"
        out.append(f'--grenze\r\nContent-Disposition: form-data; name="{field}"{file_name}\r\n'
                   f"Content-Type: {kind}\r\n\r\n{text}\r\n")
    return ("".join(out) + "--grenze--\r\n").encode()


# --- what the document says ------------------------------------------------------------------


class Route:
    def __init__(self, method, path, operation, document):
        self.method, self.path, self.id = method.upper(), path, operation["operationId"]
        self.roles, self.open = operation.get("x-roles", []), operation.get("security") == []
        self.schemas = document["components"]["schemas"]
        content = operation.get("requestBody", {}).get("content", {})
        self.media = next(iter(content), None)
        self.request = next(iter(content.values()))["schema"] if content else None
        answers = [a.get("content", {}).get("application/json") for s, a in operation["responses"].items()
                   if s.startswith("2")]
        self.answer = answers[0]["schema"] if answers and answers[0] else None

    @property
    def parameter(self):
        return self.path.split("{")[1].split("}")[0] if "{" in self.path else None

    @property
    def is_search(self):
        return self.path.endswith("/search")

    def at(self, value):
        return self.path.replace("{" + (self.parameter or "") + "}", str(value))

    def members(self, schema):
        """Of an object, also within what it holds: dotted names."""
        while "$ref" in schema or "allOf" in schema:
            schema = schema["allOf"][0] if "allOf" in schema else self.schemas[schema["$ref"].split("/")[-1]]
        if schema.get("type") == "array":
            yield from self.members(schema["items"])
        for name, member in schema.get("properties", {}).items():
            yield name
            for inner in self.members(member):
                yield f"{name}.{inner}"

    def keys_in_body(self):
        if self.request is None or self.is_search:
            return set()
        named = (m.split(".")[-1] for m in self.members(self.request))
        return {name for name in named if name.endswith("Key") and name != "correlationKey"}

    def tenant_in_body(self):
        if self.request is None or self.is_search:
            return None
        return next((m for m in self.members(self.request) if m in ("tenantId", "tenantIds")), None)


def routes_of(node):
    status, document, _ = ask(node, {}, "GET", "/openapi.json")
    assert status == 200, status
    return [Route(method, path, operation, document)
            for path, methods in document["paths"].items() for method, operation in methods.items()]


# --- the checks ------------------------------------------------------------------------------


def same_refusal(route, client, statuses, foreign, nobodys, what):
    """What is foreign and what nobody has are answered alike, with one of the statuses."""
    got = client.ask(*foreign[0], **foreign[1])
    other = client.ask(*nobodys[0], **nobodys[1])
    check(got[0] in statuses, f"{route.id}, {what}: {got[0]} {got[1]}")
    hide = lambda answer, values: json.dumps(  # noqa: E731
        {k: v for k, v in answer.items() if k != "instance"} if isinstance(answer, dict) else str(answer)
    ).replace(values, "KEY")
    check(got[2] == "application/problem+json" and got[0] == other[0]
          and hide(got[1], foreign[2]) == hide(other[1], nobodys[2]),
          f"{route.id}, {what}: {got} is not as for what nobody has: {other}")


def keys_in_paths(routes, stranger, things):
    for route in routes:
        if not route.parameter:
            continue
        if route.id not in things.by_path:
            check(False, f"{route.method} {route.path} ({route.id}): this test does not know the route")
            continue
        value, body = things.by_path[route.id]
        nobodys = NOBODYS if value.isdigit() else NOBODYS + "-1" if value.endswith("-1") else "niemands"
        same_refusal(route, stranger, [404],
                     ((route.method, route.at(value)), {"body": body}, value),
                     ((route.method, route.at(nobodys)), {"body": body}, nobodys), "foreign key in the path")


def values_in(items, name):
    return {item[name] for item in items if item.get(name) is not None}


def searches(routes, owner, stranger):
    for route in routes:
        if not route.is_search or route.parameter:
            continue
        theirs = owner.made("POST", route.path, {"page": {"limit": 1000}})["items"]
        own = stranger.made("POST", route.path, {"page": {"limit": 1000}})["items"]
        check(theirs, f"{route.id}: the owner sees nothing, so the test shows nothing")
        check(all(item.get("tenantId", STRANGER) == STRANGER for item in own),
              f"{route.id}: another tenant is among {own}")
        names = [n for n in {k for item in theirs for k in item} if n.endswith("Key") or n == "tenantId"]
        asked = 0
        for name in names:
            foreign = values_in(theirs, name) - values_in(own, name)
            if not foreign or name == "correlationKey":
                continue
            value = max(foreign)
            status, found, _ = stranger.ask("POST", route.path, {"filter": {name: value}})
            mine, _, _ = owner.ask("POST", route.path, {"filter": {name: value}})
            check(status == mine and status in (200, 400), f"{route.id}, filter {name}: {status}, {mine}")
            if status != 200:
                continue
            asked += 1
            check(found["items"] == [] and found["page"]["totalItems"] == 0,
                  f"{route.id}: {name} finds something foreign: {found}")
        check(asked > 0, f"{route.id}: no filter was asked")


def bodies(routes, stranger, things):
    for route in routes:
        for name in sorted(route.keys_in_body() | things.opaque_keys.get(route.id, set())):
            if (route.id, name) not in things.by_body:
                check(False, f"{route.id}: this test does not know the key '{name}' in the body")
                continue
            asks = things.by_body[route.id, name]
            if asks is None:  # told back as it came, nothing is looked up
                continue
            statuses, path, value, body = asks
            same_refusal(route, stranger, statuses,
                         ((route.method, path or route.path), {"body": body(value)}, value),
                         ((route.method, path or route.path), {"body": body(NOBODYS)}, NOBODYS),
                         f"foreign {name} in the body")
        member = route.tenant_in_body()
        if member is not None:
            if route.id not in things.by_tenant:
                check(False, f"{route.id}: this test does not know a body with '{member}'")
                continue
            body, multipart = things.by_tenant[route.id]
            asks = [({"body": body(t)} if not multipart else {"multipart": body(t)}) for t in (OWNER, "niemand")]
            same_refusal(route, stranger, [404], ((route.method, route.path), asks[0], OWNER),
                         ((route.method, route.path), asks[1], "niemand"), "foreign tenant in the body")
        if not (route.parameter or route.is_search or route.id in things.plain
                or member or route.keys_in_body() or route.id in things.opaque_keys):
            check(False, f"{route.method} {route.path} ({route.id}): this test does not know the route")
    for status, method, path, body in things.by_name:
        got = stranger.ask(method, path, body)
        check(got[0] == status, f"{method} {path} {body}: {got[0]} {got[1]}")
    for type_ in things.job_types:
        got = stranger.made("POST", "/jobs/activation", {"type": type_, "timeout": 1000,
                                                         "maxJobsToActivate": 10, "requestTimeout": -1})
        check(got["jobs"] == [], f"jobs of '{type_}' are handed to another tenant: {got}")


def owner_still_has_all(routes, owner, things):
    """The same requests in the owner's name: the keys were right, and nothing was changed."""
    for route in sorted((r for r in routes if r.parameter and r.id in things.by_path),
                        key=lambda r: (r.method != "GET", r.path.endswith("/deletion"))):
        value, body = things.by_path[route.id]
        status, answer, _ = owner.ask(route.method, route.at(value), body)
        good = 200 <= status < 300 or status == things.owner_gets.get(route.id)
        check(good, f"{route.id}: the owner gets {status} {answer}")


def credentials(routes, node):
    token = {"Authorization": "Bearer nothing"}
    citizen = {"Authorization": "Bearer " + node.token("erika")}
    for route in routes:
        for headers, status in (({}, 401), (token, 401), (citizen, 404)):
            got = ask(node, headers, route.method, route.at(NOBODYS), {} if route.request else None)
            wanted = got[0] < 300 if route.open else got[0] == status
            check(wanted, f"{route.id} with {list(headers.values())}: {got[0]} {got[1]}")


def roles(routes, clients):
    for route in routes:
        if route.open:
            continue
        check(route.roles and set(route.roles) <= set(clients), f"{route.id}: roles {route.roles}")
        for role, client in clients.items():
            status, answer, _ = client.ask(route.method, route.at(NOBODYS), {} if route.request else None)
            if role not in route.roles:
                check(status == 403, f"{route.id}: the role {role} gets {status} {answer}")
            elif not route.path.startswith("/clock"):  # 403 on nodes that are no test
                check(status not in (401, 403), f"{route.id}: the role {role} gets {status} {answer}")


def add_client(node, tenant, role):
    done = subprocess.run([node.program, "client", "add", "--data", node.folder, "--tenant", tenant,
                           "--role", role], capture_output=True, text=True, check=True)
    words = done.stdout.split()
    return Client(node, words[words.index("client_id:") + 1], words[words.index("client_secret:") + 1])


def run(program, folder):
    node = DemoNode(program, folder).start()
    try:
        with open(pathlib.Path(folder, "demo-clients.json"), encoding="utf-8") as file:
            known = json.load(file)
        owner, stranger = (Client(node, known[t]["client_id"], known[t]["client_secret"])
                           for t in (OWNER, STRANGER))
        routes = routes_of(node)
        print(f"{len(routes)} routes", flush=True)
        things = world.build(owner, stranger, OWNER)
        for known_ids in (things.by_path, things.by_tenant, things.plain, things.opaque_keys):
            for operation in known_ids:
                check(any(r.id == operation for r in routes), f"there is no route {operation}")
        keys_in_paths(routes, stranger, things)
        searches(routes, owner, stranger)
        bodies(routes, stranger, things)
        owner_still_has_all(routes, owner, things)
        credentials(routes, node)
        roles(routes, {role: add_client(node, OWNER, role) for role in ("worker", "deployer", "operator")})
    finally:
        node.stop()


def main():
    with tempfile.TemporaryDirectory() as folder:
        run(sys.argv[1], folder)
    print(f"{len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
