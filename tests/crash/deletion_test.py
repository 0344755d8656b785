#!/usr/bin/env python3
"""Deletion by law through the whole program: the deleted person's name and IBAN are found in no file
of the node, write-ahead log and backups included, the case is gone, and audit and replay still hold.
After restoring the older backup with the newer keys it stays unreadable, and verify names it.

The same for an instance of a process deployed over /v2, deleted by its API.

deletion_test.py PROGRAM
"""
import base64
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
from demo_node import DemoNode  # noqa: E402
from wohngeld_answers import answers  # noqa: E402

# Neither stands in a package: their files, samples included, are kept as they are.
NAME, IBAN = "Quintilia-Xaveria", "DE75512108001245126199"
SECRETS = [s.encode(c) for s in (NAME, IBAN) for c in ("utf-8", "utf-16-le")]


def check(condition, text):
    if not condition:
        raise AssertionError(text)
    print(f"deletion: {text}", flush=True)


def files_with_secrets(*folders):
    found = []
    for folder in folders:
        for path in pathlib.Path(folder).rglob("*"):
            if path.is_file() and any(s in path.read_bytes() for s in SECRETS):
                found.append(str(path))
    return found


def command(program, *args):
    result = subprocess.run([program, *args], capture_output=True, text=True)
    check(result.returncode == 0, " ".join(args[:2]) + ": " + (result.stdout + result.stderr).strip()
          .replace("\n", "; "))


PROCESS = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="x">
<process id="Kurz" isExecutable="true"><startEvent id="S"/></process></definitions>"""


def v2(node, method, path, body, content_type="application/json"):
    """In the name of the operator of the demo's first tenant: (status, JSON)."""
    client = json.loads(pathlib.Path(node.folder, "demo-clients.json").read_text())["leipzig"]
    secret = base64.b64encode(f"{client['client_id']}:{client['client_secret']}".encode()).decode()
    status, _, answer = node.request(method, "/v2" + path, body, headers={
        "Authorization": "Basic " + secret, "Content-Type": content_type})
    return status, json.loads(answer) if answer else {}


def deployed_instance(node):
    """The key of an ended instance that knows name and IBAN."""
    part = ('--x\r\nContent-Disposition: form-data; name="resources"; filename="kurz.bpmn"\r\n\r\n'
            + PROCESS + "\r\n--x--\r\n")
    status, _ = v2(node, "POST", "/deployments", part, "multipart/form-data; boundary=x")
    check(status == 200, "deployed over /v2")
    status, created = v2(node, "POST", "/process-instances", json.dumps(
        {"processDefinitionId": "Kurz", "variables": {"name": NAME, "iban": IBAN}}))
    check(status == 200, "an instance has begun and ended")
    return created["processInstanceKey"]


def delete_over_v2(node, key):
    found = '{"filter": {"processInstanceKey": "%s"}}' % key
    status, page = v2(node, "POST", "/variables/search", found)
    check(status == 200 and len(page["items"]) == 2, "its variables are found")
    check(v2(node, "POST", f"/process-instances/{key}/deletion", "{}")[0] == 204, "deleted over /v2")
    for what in ("process-instances", "variables"):
        check(v2(node, "POST", f"/{what}/search", found)[1]["items"] == [], f"{what} are not found any more")


def run(program, folder):
    data, before, after = (str(pathlib.Path(folder) / n) for n in ("data", "before", "after"))
    node = DemoNode(program, data).start()
    try:
        # The detector must be able to find something: the clear text was never written.
        pathlib.Path(folder, "probe").mkdir()
        pathlib.Path(folder, "probe", "x").write_text(NAME, encoding="utf-8")
        check(files_with_secrets(pathlib.Path(folder, "probe")), "the search finds what is there")

        status, receipt = node.apply("wohngeld", answers(1400, first_name=NAME, iban=IBAN))
        check(status == 201, f"applied: {receipt.get('case_number')}")
        case = receipt["case_id"]
        status, other = node.apply("wohngeld", answers(1200))
        check(status == 201, f"applied: {other.get('case_number')}")
        instance = deployed_instance(node)
        command(program, "backup", "--data", data, "--to", before)

        rule = urllib.parse.quote("Art. 17 DSGVO")
        path = f"/applications/leipzig/{case}?rule={rule}"
        check(node.request("DELETE", path, who="max")[0] == 404, "a citizen cannot delete it")
        status = node.request("DELETE", path, who="betrieb-leipzig")[0]
        check(status in (200, 204), f"deleted by law: {status}")
        check(node.case(case)[0] in (404, 410), "the case is gone")
        delete_over_v2(node, instance)
        check(node.case(other["case_id"])[0] == 200, "the other case is there")
        check(not files_with_secrets(data, before), "no file holds name or IBAN while it runs")
        command(program, "backup", "--data", data, "--to", after)
        check(node.stop() == 0, "stopped")
        check(not files_with_secrets(data, before, after), "no file holds name or IBAN")
        command(program, "audit", "verify", "--data", data)

        # The older data with the newer keys: the deleted case stays unreadable.
        shutil.move(str(pathlib.Path(data, "schwarm.db")), str(pathlib.Path(folder, "old.db")))
        for leftover in pathlib.Path(data).glob("schwarm.db-*"):
            leftover.unlink()
        command(program, "restore", "--data", data, "--from", before, "--keys", f"{after}/keys.db")
        node.start()
        check(node.case(case)[0] != 200, "after restoring older data the case is still unreadable")
        check(node.case(other["case_id"])[0] == 200, "after restoring the other case is there")
        check(node.stop() == 0, "stopped again")
        verify = subprocess.run([program, "audit", "verify", "--data", data], capture_output=True,
                                text=True)
        gone = (case, int(instance) >> 24)
        check(verify.returncode == 1 and "2 findings" in verify.stdout
              and all(f"case {one}:" in verify.stdout for one in gone),
              "verify names the cases that were deleted since the backup, and no other")
    finally:
        node.kill()


def main():
    with tempfile.TemporaryDirectory(prefix="schwarm-deletion-") as folder:
        try:
            run(sys.argv[1], folder)
        except (AssertionError, RuntimeError) as error:
            print(f"deletion: FAILED: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
