"""From devices and contracts to the mail and the webhook that arrive, through the store and real servers."""

from __future__ import annotations

import json
from email import message_from_bytes
from email.policy import default

import pytest

from agent.notify import deliver, queue
from agent.settings import load
from agent.store import open_store
from tests.agent.kept import ACME, contracts, judged_now, poll, switch
from tests.agent.parts import NOON
from tests.agent.telling import PASSWORD, USER, certificate, hook_server, mail_server

SETTINGS = """
[[contracts.source]]
name = "acme"
vendor = "cisco"
complete = true
paths = ["contracts/*.csv"]

[[notify.route]]
name = "desk"
kind = "mail"
severity = "error"
host = "127.0.0.1"
port = {mail}
user = "{user}"
password = "env:T_MAIL"
sender = "netcover@example.net"
to = ["desk@example.net"]
ca_file = "cert.pem"

[[notify.route]]
name = "hook"
kind = "webhook"
severity = "error"
url = "env:T_URL"
"""
KEY = "COV-UNCOVERED-8e2ebe78d0aa"
FIRST = """\
This is the first message to this route. It sums up what is open now.
From now on you are told only what is new, what comes back and what gets worse.
All of it is in findings.csv and report.html. What you can live with: netcover baseline accepts it at once.

  1  COV-UNCOVERED
"""
ACTION = (
    "Ask a reseller for a quote with its serial, product and site; if it was granted, write to the grant team instead."
)
SECOND = f"""\
ERROR COV-UNCOVERED: C9300-48P FOC9999X0AA in sw-10.20.0.2 is on no line of any contract.
  Where:  Ghent, sw-10.20.0.2 (10.20.0.2), slot 1
  Do:     {ACTION}
  Accept: netcover accept {KEY} --reason "..." --until YYYY-MM-DD
"""


@pytest.fixture
def folder(tmp_path):
    contracts(tmp_path, *ACME)
    certificate(tmp_path)
    return tmp_path


def run(folder, *observations) -> str:
    """A run over these devices: judged, queued and delivered."""
    number = poll(folder, *observations)
    judged_now(folder)
    settings = load(folder / "netcover.toml")
    with open_store(f"sqlite:///{folder / 'out' / 'netcover.db'}", clock=lambda: NOON, wait=0) as store:
        queue(store, number, settings, NOON)
        return deliver(store, settings, NOON)


def test_a_new_unit_without_cover_arrives_as_a_mail_and_as_a_webhook(folder, monkeypatch):
    known = switch("10.20.0.1", "FOC2145X0AA", "FOC8888X0AA")
    new = switch("10.20.0.2", "FOC9999X0AA")
    with mail_server(certificate(folder), login=True) as box, hook_server() as hook:
        (folder / "netcover.toml").write_text(SETTINGS.format(mail=box.port, user=USER))
        monkeypatch.setenv("T_MAIL", PASSWORD)
        monkeypatch.setenv("T_URL", f"http://127.0.0.1:{hook.port}/in")
        said = [run(folder, known), run(folder, known, new), run(folder, known, new)]

    assert said == ["desk: 1 delivered; hook: 1 delivered"] * 2 + [""]
    mails = [message_from_bytes(mail.original_content, policy=default) for mail in box.mails]
    assert [(mail["Subject"], mail.get_content().replace("\r\n", "\n")) for mail in mails] == [
        ("netcover: 1 finding to start with (1 error)", FIRST),
        ("netcover: 1 new finding at Ghent (1 error)", SECOND),
    ]
    assert (box.logins, box.encrypted) == ([PASSWORD.encode()] * 2, [True] * 2)
    bodies = [json.loads(request.body) for request in hook.requests]
    assert [(body["title"], body["text"]) for body in bodies] == [
        ("netcover: 1 finding to start with (1 error)", FIRST),
        ("netcover: 1 new finding at Ghent (1 error)", SECOND),
    ]
    assert [[(one["key"], one["serial"]) for one in body["findings"]] for body in bodies] == [
        [],
        [(KEY, "FOC9999X0AA")],
    ]
    assert [request.headers["Idempotency-Key"] for request in hook.requests] == [body["id"] for body in bodies]
