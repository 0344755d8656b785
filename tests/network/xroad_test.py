#!/usr/bin/env python3
"""xroad_test.py PROGRAM: what an application written for X-Road meets at a node. Three nodes in
processes of their own (schwarm demo --network); the application of Leipzig's parking office asks the
registration authority in Aachen, under the agreement the two have signed, over HTTP. Then what must
not work, an agreement made by commands beside the working nodes, a register that is away, and what
the audit logs of both sides say. Ends with 0 or 1."""
import base64
import hashlib
import http.client
import json
import os
import pathlib
import re
import signal
import ssl
import subprocess
import sys
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from demo_network import check, cockpit, command, network_test, until  # noqa: E402

CLIENT = "SCHWARM/GOV/lecos/parken-leipzig"
PROVIDER = "/r1/SCHWARM/GOV/regio-it/meldebehoerde-aachen"
SERVICE = PROVIDER + "/meldestatus"
ERIKA = "?familienname=Mustermann&vornamen=Erika&geburtsdatum=1964-08-12"
MAX = "?familienname=Beispiel&vornamen=Max&geburtsdatum=1990-02-28"
NOBODY = "?familienname=Niemand&vornamen=Nie&geburtsdatum=2000-01-01"
DENIED = "server.serverproxy.access_denied"
PURPOSE = "Bewohnerparken: Prüfung der Meldung"


def say(text):
    print(f"xroad: {text}", flush=True)


class Application:
    """It sends exactly the headers that it says, so that it can compute the hash."""

    def __init__(self, port):
        self.port = port

    def send(self, method, target, headers=(), body=None, timeout=45):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.putrequest(method, target, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            response = connection.getresponse()
            return response.status, dict(response.getheaders()), response.read()
        finally:
            connection.close()

    def call(self, target, method="GET", body=None, client=CLIENT, more=()):
        headers = [("X-Road-Client", client), *more]
        if body is not None:
            headers.append(("Content-Type", "application/json"))
        return headers, self.send(method, target, headers, body)

    def fault(self, target, **kwargs):
        """The error of X-Road, after checking that status, header and body agree."""
        _, (status, headers, body) = self.call(target, **kwargs)
        error = headers.get("X-Road-Error")
        check(error, f"{target} was answered {status} without X-Road-Error: {body!r}")
        check(status == (500 if error.startswith("server.") else 400), f"{target}: {status} {error}")
        check(json.loads(body)["type"] == error, f"{target}: {body!r}")
        return error


def expected_hash(method, target, sent, headers, body=None):
    """PR-REST 4.3, computed from what was sent."""
    # What a client says itself about request and length does not count.
    gone = ("x-road-request-hash", "x-road-request-id", "content-length", "host", "user-agent", "connection")
    lines = [method, target, *(f"{name}:{value}" for name, value in sent if name.lower() not in gone),
             f"x-road-request-id:{headers['X-Road-Request-Id']}"]
    if not any(name.lower() == "x-road-id" for name, _ in sent):
        lines.append(f"x-road-id:{headers['X-Road-Id']}")
    digest = hashlib.sha512("".join(line + "\r\n" for line in lines).encode()).digest()
    if body:
        digest = hashlib.sha512(digest + hashlib.sha512(body).digest()).digest()
    return base64.b64encode(digest).decode()


def delivered(app, method, target, body=None, more=()):
    sent, (status, headers, answer) = app.call(target, method=method, body=body, more=more)
    check(status == 200, f"{method} {target} was answered {status} {headers.get('X-Road-Error')}: {answer!r}")
    check(json.loads(answer) == {"gemeldet": True, "ort": "Aachen"}, f"given out: {answer!r}")
    check(headers["Content-Type"].startswith("application/json"), f"type: {headers}")
    check("X-Road-Error" not in headers, f"an error: {headers}")
    check(headers["X-Road-Client"] == CLIENT, f"client: {headers}")
    check(headers["X-Road-Service"] == SERVICE[len("/r1/"):], f"service: {headers}")
    check(re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", headers["X-Road-Request-Id"]), f"request: {headers}")
    check(headers["X-Road-Request-Hash"] == expected_hash(method, target, sent, headers, body),
          f"another hash: {method} {target}")
    return headers


def asks(app):
    """Answered in every form that r1 has; the hash is over what was sent, as it was sent."""
    until("the agreement is not in the directory",
          lambda: b'"meldestatus"' in app.call(PROVIDER + "/allowedMethods")[1][2])
    begin = time.monotonic()
    headers = delivered(app, "GET", SERVICE + ERIKA,
                        more=[("X-Road-Id", "park-1"), ("X-Road-UserId", "EE1234"), ("X-Road-Issue", "Antrag 7")])
    check(headers["X-Road-Id"] == "park-1", f"id: {headers}")
    say(f"the first call was answered after {time.monotonic() - begin:.2f} s")
    begin = time.monotonic()
    for target in (SERVICE + "/bewohnerparken" + ERIKA, SERVICE.replace("meldestatus", "melde%73tatus") + ERIKA,
                   SERVICE + ERIKA.replace("Mustermann", "Musterman%6e")):
        made = delivered(app, "GET", target, more=[("Accept", "application/json"), ("X-Custom", "a"), ("X-Custom", "b")])
        check(made["X-Road-Id"].startswith("SCHWARM-"), f"id: {made}")
    say(f"three more in {time.monotonic() - begin:.2f} s")
    person = {"familienname": "Mustermann", "vornamen": "Erika", "geburtsdatum": "1964-08-12"}
    delivered(app, "POST", SERVICE, body=json.dumps(person).encode(), more=[("X-Road-Request-Hash", "mine")])
    for target, want in ((SERVICE + MAX, 404), (SERVICE + NOBODY, 404), (SERVICE + "?familienname=a", 400),
                         (SERVICE + ERIKA + "&mehr=1", 400)):
        _, (status, headers, body) = app.call(target)
        check(status == want and headers["Content-Type"] == "application/problem+json"
              and "X-Road-Error" not in headers, f"{target}: {status} {headers} {body!r}")
    return headers


def refuses(app):
    """Every call that must not be answered, and nothing of it reaches a register."""
    cases = [
        ("evidence with a preview", PROVIDER + "/meldedaten" + ERIKA, {}, DENIED),
        ("another service of the agreement", SERVICE + "/wohngeld" + ERIKA, {}, DENIED),
        ("unknown service", PROVIDER + "/fuehrungszeugnis" + ERIKA, {}, "server.serverproxy.unknown_service"),
        ("unknown provider", "/r1/SCHWARM/GOV/regio-it/niemand/meldestatus", {}, "server.clientproxy.unknown_member"),
        ("unknown member", "/r1/SCHWARM/GOV/nirgends/amt/meldestatus", {}, "server.clientproxy.unknown_member"),
        ("a client of another node", SERVICE + ERIKA, {"client": "SCHWARM/GOV/regio-it/kfz-aachen"},
         "server.clientproxy.unknown_member"),
        ("a tenant that takes no part", SERVICE + ERIKA, {"client": "SCHWARM/GOV/lecos/kfz-leipzig"},
         "server.clientproxy.unknown_member"),
        ("another instance", SERVICE + ERIKA, {"client": "ANDERE/GOV/lecos/parken-leipzig"}, "server.clientproxy.unknown_member"),
        ("a member", SERVICE + ERIKA, {"client": "SCHWARM/GOV/lecos"}, "server.clientproxy.invalid_client_identifier"),
        ("somebody represented", SERVICE + ERIKA, {"more": [("X-Road-Represented-Party", "GOV/regio-it")]}, DENIED),
        ("another server", SERVICE + ERIKA, {"more": [("X-Road-Security-Server", "SCHWARM/GOV/regio-it/sts")]},
         "server.clientproxy.invalid_security_server"),
        ("another verb", SERVICE + ERIKA, {"method": "DELETE"}, "client.invalid_http_method"),
        ("no path of X-Road", "/", {}, "client.bad_request"),
        ("the pages of the node", "/betrieb", {}, "client.bad_request"),
    ]
    for way in ("../meldestatus", "%2e%2e/meldestatus", "melde%2fstatus", "melde%5cstatus", "melde%00status", "meldestatus/../x",
                "%252e%252e", "..;/meldestatus", "melde%0d%0astatus"):
        cases.append((f"traversal by {way}", PROVIDER + "/" + way, {}, "client.bad_request"))
    for what, target, how, want in cases:
        got = app.fault(target, **how)
        check(got == want, f"{what}: {got}, not {want}")
    status, headers, body = app.send("GET", SERVICE + ERIKA)
    check((status, headers.get("X-Road-Error")) == (500, "server.clientproxy.invalid_client_identifier"), f"no client: {body!r}")
    status, headers, body = app.send("GET", SERVICE + ERIKA, [("Accept", "text/xml"), ("X-Road-Client", "x")])
    check(status == 400 and b"<error" in body, f"no XML: {body!r}")
    say(f"{len(cases) + 2} calls were refused, each for its reason")


def rebound_name(app):
    """A page in a browser that lets its own name point at this machine."""
    connection = http.client.HTTPConnection("127.0.0.1", app.port, timeout=10)
    connection.putrequest("GET", SERVICE + ERIKA, skip_host=True)
    for name, value in (("Host", "evil.example"), ("X-Road-Client", CLIENT)):
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    check(response.status == 400 and response.getheader("X-Road-Error"), f"another name was answered {response.status}")
    connection.close()


def describes(app):
    status, _, body = app.send("GET", "/listClients", [("Accept", "application/json")])
    listed = {(one["id"]["member_code"], one["id"].get("subsystem_code")) for one in json.loads(body)["member"]}
    check(status == 200 and {("lecos", None), ("lecos", "parken-leipzig"), ("regio-it", "meldebehoerde-aachen"),
                             ("simulatoren", "simulator-kba")} <= listed, f"clients: {listed}")
    status, headers, body = app.send("GET", "/listClients")
    check(status == 200 and headers["Content-Type"].startswith("text/xml") and b"clientList" in body, f"clients: {body!r}")
    methods = {}
    for name in ("listMethods", "allowedMethods"):
        _, (status, _, body) = app.call(f"{PROVIDER}/{name}")
        check(status == 200, f"{name} was answered {status}: {body!r}")
        methods[name] = {one["service_code"] for one in json.loads(body)["service"]}
    check(methods == {"listMethods": {"meldedaten", "meldestatus"}, "allowedMethods": {"meldestatus"}}, f"methods: {methods}")
    _, (status, _, body) = app.call(PROVIDER + "/getOpenAPI?serviceCode=meldestatus")
    document = json.loads(body)
    names = {one["name"] for one in document["paths"]["/"]["get"]["parameters"]}
    check(status == 200 and document["openapi"] == "3.0.3" and names == {"familienname", "vornamen", "geburtsdatum"}
          and set(document["components"]["schemas"]["Evidence"]["properties"]) == {"gemeldet", "ort"}, f"OpenAPI: {document}")


def agree(program, folder, app):
    """Operators agree by commands beside the working nodes; without both signatures nothing comes of it."""
    data, aachen = pathlib.Path(folder), pathlib.Path(folder) / "regio-it"
    half, forged, again = data / "half.json", data / "forged.json", data / "again.json"

    def terms(client="parken-leipzig@lecos", basis="§ 34a BMG", evidence="meldestatus", out=half):
        return ("directory", "agree", "offer", "--data", data, "--client", client, "--provider", "meldebehoerde-aachen@regio-it",
                "--service", "anwohner", "--purpose", PURPOSE, "--legal-basis", basis, "--evidence", evidence,
                "--until", "2030-01-01", "--out", out)
    for wrong, says in ((terms(client="kfz-aachen@regio-it", out=again), None), (terms(basis="§ 1 X", out=again), "gives nothing out upon"),
                        (terms(evidence="meldedaten", basis="§ 34a BMG", out=again), "no agreement replaces that"),
                        (terms(evidence="anderes", out=again), "gives no evidence"),
                        (terms(client="niemand@lecos", out=again), "knows no tenant")):
        code, said = command(program, *wrong)
        check(code == 1 and not again.exists() and (says is None or says in said), f"an agreement was offered: {said}")
    code, said = command(program, *terms())
    check(code == 0, said)
    text = half.read_text(encoding="utf-8")
    forged.write_text(text.replace("anwohner", "alles"), encoding="utf-8")
    code, said = command(program, "directory", "agree", "accept", "--data", aachen, forged)
    check(code == 1 and "not what is signed" in said, f"a changed half was signed: {said}")
    code, said = command(program, "directory", "agree", "accept", "--data", data, half)
    check(code == 1 and "no tenant of this node" in said, f"the client signed for the provider: {said}")
    code, said = command(program, "directory", "agree", "show", half)
    check(code == 0 and PURPOSE in said and "signed by    client  (not verified)" in said, said)
    # One half alone, where finished ones are looked for.
    (aachen / "agreements" / "half.json").write_text(text, encoding="utf-8")
    code, said = command(program, "directory", "agree", "accept", "--data", aachen, half)
    check(code == 0, said)
    until("the agreement is not in force", lambda: b'"/anwohner"' in app.call(PROVIDER + "/allowedMethods")[1][2])
    until("one half alone was not refused", (aachen / "agreements" / "half.json.refused").exists)
    check(app.fault(SERVICE + ERIKA) == DENIED, "one of two agreements was chosen by nobody")
    delivered(app, "GET", SERVICE + "/anwohner" + ERIKA)
    code, said = command(program, "directory", "show", "--data", data)
    check(code == 0 and said.count("parken-leipzig@lecos asks meldebehoerde-aachen@regio-it for meldestatus") == 2, said)
    code, said = command(program, "directory", "verify", "--all", "--data", data)
    check(code == 0 and "2 agreements hold" in said, said)
    say("the operators agreed beside their working nodes")


def silent(node, app):
    """The register's node does not answer; the others do meanwhile."""
    aachen = node.children()[0]
    os.kill(aachen, signal.SIGSTOP)
    try:
        got = []
        late = threading.Thread(target=lambda: got.append(app.fault(SERVICE + "/anwohner" + ERIKA)))
        begin = time.monotonic()
        late.start()
        describes(app)
        late.join(60)
        check(got and got[0].endswith(".network_error"), f"a node that is away: {got}")
        say(f"{got[0]} after {time.monotonic() - begin:.1f} s")
    finally:
        os.kill(aachen, signal.SIGCONT)
    until("it does not answer again", lambda: app.call(SERVICE + "/anwohner" + ERIKA)[1][0] == 200, 60)


def audit_lines(program, data, tenant):
    code, said = command(program, "audit", "export", "--data", data, "--tenant", tenant)
    check(code == 0, said)
    return [json.loads(line) for line in said.splitlines()]


def logged(program, folder):
    """Both sides have a line about the call, and the same hash of what was given out."""
    asked = audit_lines(program, folder, "parken-leipzig")
    gave = audit_lines(program, pathlib.Path(folder) / "regio-it", "meldebehoerde-aachen")
    calls = [one for one in asked if one["action"] == "xroad call"]
    check(any("'park-1'" in one["detail"] and "'EE1234'" in one["detail"] and one["detail"].endswith(": 200") for one in calls),
          f"no line names the call: {calls}")
    check(any(DENIED in one["detail"] for one in calls), "no line names a refusal")
    check(not any("Mustermann" in json.dumps(one) for one in asked + gave), "a person's name is in an audit line")
    check(not any("kfz-leipzig" in one["detail"] for one in calls), "somebody else wrote into the log")
    line = f"meldestatus of meldebehoerde-aachen@regio-it, {PURPOSE}, § 34a BMG: geliefert, sha256 "
    received = [one["detail"] for one in asked if one["action"] == "evidence received" and one["detail"].startswith(line)]
    answered = [one["detail"] for one in gave if one["action"] == "evidence answered"
                and one["detail"].startswith("meldestatus to parken-leipzig@lecos, " + PURPOSE)]
    check(received and received[0].split("sha256 ")[1] in "".join(answered), f"received {received}, answered {answered}")
    refused = [one for one in answered if ": nicht_gefunden (Auskunftssperre" in one]
    check(len(refused) == 1, f"the Auskunftssperre: {answered}")
    say(f"{len(calls)} calls in the log of the one side, {len(answered)} answers in that of the other")


def key_of(certificate):
    """As docs/betrieb.md says."""
    der = subprocess.run(f"openssl x509 -in '{certificate}' -noout -pubkey | openssl pkey -pubin -outform DER", shell=True,
                         capture_output=True, timeout=60, check=True).stdout
    return hashlib.sha256(der).hexdigest()


def pair_in(data, name):
    """A certificate and its key, as operators of applications and listeners make them: the certificate's path."""
    certificate = data / f"{name}.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-keyout", certificate.with_suffix(".key"), "-out", certificate],
                   capture_output=True, timeout=60, check=True)
    return certificate


def config_of(node, folder, xroad):
    """Leipzig's node under `serve`: its parking office alone, upon the data that the demo has made."""
    data = pathlib.Path(folder)
    office = {name: "x" for name in ("office", "street", "town", "phone", "reference", "objection_office")}
    path = data / "serve.json"
    path.write_text(json.dumps({
        "data": str(data), "packages": str(ROOT / "packages"), "listen": {"port": node.port},
        "tenants": [{"id": "parken-leipzig", "name": "Stadt Leipzig, Bewohnerparken", "land": "Sachsen", "postal_code": "04109",
                     "email": "x@leipzig.example", **office, "services": {}}],
        "network": {"member": "lecos", "organisation": "Lecos (Demonstration)", "port": node.port + 3,
                    "announced": f"127.0.0.1:{node.port + 3}", "founding": str(data / "founding.json"),
                    "tenants": {"parken-leipzig": [{"role": "parkausweisbehoerde", "jurisdictions": ["14713"]}]}},
        "xroad": {"instance": "SCHWARM", "port": node.port + 6, **xroad}}), encoding="utf-8")
    return path


def by_tls(node, certificate):
    """listMethods with this client certificate (None: without one): status and error, or the failure."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate, pathlib.Path(certificate).with_suffix(".key"))
    connection = http.client.HTTPSConnection("127.0.0.1", node.port + 6, timeout=10, context=context)
    try:
        connection.request("GET", PROVIDER + "/listMethods", headers={"X-Road-Client": CLIENT})
        response = connection.getresponse()
        response.read()
        return response.status, response.getheader("X-Road-Error")
    except (ssl.SSLError, ConnectionError, http.client.RemoteDisconnected) as error:
        return type(error).__name__, None
    finally:
        connection.close()


def serves(program, node, folder):
    """Under `serve` the application comes by TLS and shows its key; without TLS only loopback will do."""
    data = pathlib.Path(folder)
    server, mine, other = (pair_in(data, name) for name in ("listener", "mine", "other"))
    open_to_all = config_of(node, folder, {"address": "0.0.0.0", "plain_http": True, "clients": [{"tenant": "parken-leipzig"}]})
    code, said = command(program, "serve", "--config", open_to_all)
    check(code == 1 and "without TLS anybody could speak for a tenant" in said, f"serve with plain HTTP for all: {code} {said}")
    tls = {"tls_certificate": str(server), "tls_key": str(server.with_suffix(".key"))}
    stranger = config_of(node, folder, {**tls, "clients": [{"tenant": "niemand", "keys": [key_of(mine)]}]})
    code, said = command(program, "serve", "--config", stranger)
    check(code == 1 and "no tenant 'niemand'" in said, f"serve for a tenant that is not there: {code} {said}")
    config = config_of(node, folder, {**tls, "clients": [{"tenant": "parken-leipzig", "keys": [key_of(mine)]}]})
    with subprocess.Popen([program, "serve", "--config", config], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as run:
        try:
            begun = threading.Event()
            threading.Thread(target=lambda: [begun.set() for line in run.stderr if " ready " in line], daemon=True).start()
            check(begun.wait(30), "serve did not start")
            check(by_tls(node, mine) == (200, None), "the key that is entered")
            check(by_tls(node, other) == (500, "server.clientproxy.ssl_authentication_failed"), "another key")
            check(by_tls(node, None)[1] is None and by_tls(node, None)[0] != 200, "no key at all")
        finally:
            run.send_signal(signal.SIGTERM)
    check(run.returncode == 0, f"serve ended with {run.returncode}")
    say("over TLS only the key that is entered counts")


def steps(node):
    node.start()
    app = Application(node.port + 6)
    asks(app)
    (entry,) = (one for register in cockpit(node) if register["title"] == "Auskunft, ob eine Person gemeldet ist"
                for one in register["retrievals"][:1])
    check(entry["purpose"] == PURPOSE and entry["fields"] == ["gemeldet", "ort"], f"the cockpit says {entry}")
    refuses(app)
    rebound_name(app)
    describes(app)
    agree(node.program, node.folder, app)
    silent(node, app)
    check(node.stop() == 0, "the nodes did not stop cleanly")
    logged(node.program, node.folder)
    node.start()
    until("the agreements are gone", lambda: app.call(SERVICE + "/bewohnerparken" + ERIKA)[1][0] == 200)
    check(node.stop() == 0, "the nodes did not stop cleanly a second time")
    serves(node.program, node, node.folder)


if __name__ == "__main__":
    network_test(__doc__, "xroad", steps)
