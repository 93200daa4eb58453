"""The ways to tell people, each received by a real server."""

from __future__ import annotations

import json
import os
import socket
import threading
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest

from agent.notify_message import about_findings, first, plain
from agent.routes import DeliveryError, Outgoing, RefusedError, send
from tests.agent.parts import CANARY, NOON
from tests.agent.telling import (
    PASSWORD,
    USER,
    certificate,
    finding,
    free_port,
    hook_server,
    mail_server,
    route,
    settings_of,
)

NAME = "20260301t120000z-000001-0a1b2c3d"
EXPIRING = {
    "rule": "COV-EXPIRING",
    "severity": "warning",
    "slot": "2",
    "provider": "Acme",
    "contract_number": "00200100",
    "message": "C9300-48P FOC1111A0A2 in sw-1: its line ends on 2026-04-30, in 60 days",
    "action": "Extend it through a reseller before 2026-04-30.",
}
TEXT = """\
ERROR COV-UNCOVERED: C9300-48P FOC1111A0A1 in sw-1 is on no line of any contract.
  Where:  Ghent, sw-1 (10.20.0.1), slot 1
  Do:     Ask a reseller for a quote with its serial, product and site.
  Accept: netcover accept COV-UNCOVERED-0123456789ab --reason "..." --until YYYY-MM-DD

WARNING COV-EXPIRING (returned): C9300-48P FOC1111A0A2 in sw-1: its line ends on 2026-04-30, in 60 days.
  Where:  Ghent, sw-1 (10.20.0.1), slot 2, contract Acme 00200100
  Do:     Extend it through a reseller before 2026-04-30.
  Accept: netcover accept COV-EXPIRING-0123456789ab --reason "..." --until YYYY-MM-DD
"""
TITLE = "netcover: 1 new finding, 1 finding that is back at Ghent (1 error)"


def outgoing(**hostile: str) -> Outgoing:
    found = [
        {**finding("COV-EXPIRING-0123456789ab", **EXPIRING), "change": "returned", "run": "7"},
        {**finding(**hostile), "change": "new", "run": "7"},
    ]
    return Outgoing(NAME, NOON, about_findings(found, group="Ghent"))


def sent(folder: Path, given: dict[str, object], message: Outgoing | None = None, **environ: str) -> str:
    settings = settings_of(folder, given)
    return send(settings.notify.route[0], settings, message or outgoing(), {"MAIL": PASSWORD, **environ})


def refusal(folder: Path, given: dict[str, object], **environ: str) -> DeliveryError:
    with pytest.raises(DeliveryError) as caught:
        sent(folder, given, **environ)
    return caught.value


def mail_to(port: int, **changed: object) -> dict[str, object]:
    people = {"sender": "netcover@example.net", "to": ["noc@example.net", "desk@example.net"]}
    return route("mail", host="127.0.0.1", port=port, timeout="5s", **{"tls": "none", **people, **changed})


def text_of(mail: EmailMessage) -> str:
    return str(mail.get_content()).replace("\r\n", "\n")


def hook_at(url: str, kind: str = "webhook", **changed: object) -> dict[str, object]:
    return route(kind, url=url, timeout="5s", **changed)


def test_a_mail_arrives_whole(tmp_path):
    with mail_server() as box:
        assert sent(tmp_path, mail_to(box.port)) == ""

    (envelope,) = box.mails
    mail = message_from_bytes(envelope.original_content, policy=default)
    assert envelope.mail_from == "netcover@example.net"
    assert envelope.rcpt_tos == ["noc@example.net", "desk@example.net"]
    assert dict(mail.items()) == {
        "From": "netcover@example.net",
        "To": "noc@example.net, desk@example.net",
        "Subject": TITLE,
        "Date": "Sun, 01 Mar 2026 12:00:00 +0000",
        "Message-ID": f"<{NAME}@example.net>",
        "Auto-Submitted": "auto-generated",
        "X-Netcover": "findings error",
        "Content-Type": 'text/plain; charset="utf-8"',
        "Content-Transfer-Encoding": "quoted-printable",
        "MIME-Version": "1.0",
    }
    assert text_of(mail) == TEXT


def test_a_mail_goes_by_starttls_with_a_login(tmp_path):
    tls = certificate(tmp_path)
    login = {"user": USER, "password": "env:MAIL", "ca_file": "cert.pem"}
    with mail_server(tls, login=True) as box:
        assert sent(tmp_path, mail_to(box.port, tls="starttls", **login)) == ""

    (envelope,) = box.mails
    assert text_of(message_from_bytes(envelope.original_content, policy=default)) == TEXT
    assert (box.logins, box.encrypted) == ([PASSWORD.encode()], [True])


def test_a_mail_goes_by_tls_from_the_first_byte(tmp_path):
    with mail_server(certificate(tmp_path), implicit=True) as box:
        assert sent(tmp_path, mail_to(box.port, tls="tls", ca_file="cert.pem")) == ""

    assert len(box.mails) == 1


def test_a_mail_server_whose_certificate_is_not_trusted_gets_no_password(tmp_path):
    login = {"user": USER, "password": "env:MAIL"}
    with mail_server(certificate(tmp_path), login=True) as box:
        error = refusal(tmp_path, mail_to(box.port, tls="starttls", **login))

    assert str(error) == f"mail server 127.0.0.1:{box.port}: its certificate is not trusted: self-signed certificate"
    assert (box.mails, box.logins) == ([], [])


def test_a_mail_server_without_starttls_gets_no_mail(tmp_path):
    with mail_server() as box:
        error = refusal(tmp_path, mail_to(box.port, tls="starttls"))

    assert str(error) == (
        f"mail server 127.0.0.1:{box.port}: STARTTLS extension not supported by server. (tls in the route's settings)"
    )
    assert box.mails == []


def test_a_refused_login_is_not_repeated_soon_and_does_not_show_the_password(tmp_path):
    login = {"user": USER, "password": "env:MAIL", "ca_file": "cert.pem"}
    with mail_server(certificate(tmp_path), login=True) as box:
        error = refusal(tmp_path, mail_to(box.port, tls="starttls", **login), MAIL=CANARY)

    assert error.rest == timedelta(hours=6)
    assert str(error).startswith(f"mail server 127.0.0.1:{box.port} refused the login: 535")
    assert CANARY not in str(error)
    assert box.logins == [CANARY.encode()]


def test_a_recipient_that_is_refused_is_named_and_the_others_get_the_mail(tmp_path):
    with mail_server() as box:
        box.refuse = ("desk@example.net",)
        remark = sent(tmp_path, mail_to(box.port))

    where = f"mail server 127.0.0.1:{box.port}"
    assert remark == f"{where} did not take desk@example.net (550 nobody here is called that)"
    assert [envelope.rcpt_tos for envelope in box.mails] == [["noc@example.net"]]


@pytest.mark.parametrize(("answer", "kind"), [("552 too large", RefusedError), ("451 later", DeliveryError)])
def test_a_refused_mail_is_told_from_a_route_that_is_down(tmp_path, answer, kind):
    with mail_server() as box:
        box.answer = answer
        error = refusal(tmp_path, mail_to(box.port))

    assert type(error) is kind
    assert str(error) == f"mail server 127.0.0.1:{box.port} refused the mail: {answer}"


def test_nobody_listening_is_one_sentence(tmp_path):
    port = free_port()

    assert str(refusal(tmp_path, mail_to(port))) == f"mail server 127.0.0.1:{port}: Connection refused"
    assert str(refusal(tmp_path, hook_at(f"http://127.0.0.1:{port}/x"))) == (
        f"http://127.0.0.1:{port}: Connection refused"
    )


def test_a_line_of_a_mail_may_begin_with_from_and_hold_what_is_not_ascii(tmp_path):
    found = {**finding(message="Zürich 東京: on no line"), "change": "new", "run": "7"}
    message = about_findings([found], group="Zürich")
    with mail_server() as box:
        sent(tmp_path, mail_to(box.port), Outgoing(NAME, NOON, replace(message, lead=("From now on", "."))))

    mail = message_from_bytes(box.mails[0].original_content, policy=default)
    assert mail["Subject"] == "netcover: 1 new finding at Zürich (1 error)"
    assert text_of(mail).startswith("From now on\n.\n\nERROR COV-UNCOVERED: Zürich 東京: on no line.\n")
    assert max(map(len, box.mails[0].original_content.split(b"\r\n"))) < 100


HOSTILE = "<script>*_~|<!channel> =1+1 [x](http://x) \r\nBcc: all@example.net\x1b[31m\u202e"


def test_what_a_device_says_does_not_reach_the_headers_of_a_mail(tmp_path):
    found = {**finding(site=HOSTILE, message=HOSTILE), "change": "new", "run": "7"}
    with mail_server() as box:
        sent(tmp_path, mail_to(box.port), Outgoing(NAME, NOON, about_findings([found], group=HOSTILE)))

    mail = message_from_bytes(box.mails[0].original_content, policy=default)
    assert mail["Bcc"] is None
    assert box.mails[0].rcpt_tos == ["noc@example.net", "desk@example.net"]
    assert mail["Subject"].endswith("[x](http://x) Bcc: all@example.net (1 error)")
    assert "\x1b" not in mail.get_content()


def test_a_webhook_arrives_whole(tmp_path):
    with hook_server() as hook:
        token = {"authorization": "env:TOKEN"}
        address = f"http://127.0.0.1:{hook.port}/hooks/{CANARY}?a=b"
        assert sent(tmp_path, hook_at("env:URL", **token), URL=address, TOKEN="Bearer 77") == ""

    (request,) = hook.requests
    assert request.path == f"/hooks/{CANARY}?a=b"
    assert {name: request.headers[name] for name in ("Content-Type", "Idempotency-Key", "Authorization")} == {
        "Content-Type": "application/json; charset=utf-8",
        "Idempotency-Key": NAME,
        "Authorization": "Bearer 77",
    }
    common = {"class": "uncovered", "confidence": "high", "vendor": "cisco", "serial": "FOC1111A0A1", "new_serial": ""}
    place = {"product_id": "C9300-48P", "hostname": "sw-1", "address": "10.20.0.1", "site": "Ghent", "owner": ""}
    assert json.loads(request.body) == {
        "id": NAME,
        "created": "2026-03-01T12:00:00Z",
        "kind": "findings",
        "title": TITLE,
        "lead": [],
        "findings": [
            {
                "key": "COV-UNCOVERED-0123456789ab",
                "change": "new",
                "rule": "COV-UNCOVERED",
                "severity": "error",
                "status": "new",
                "slot": "1",
                "provider": "",
                "contract_number": "",
                "message": "C9300-48P FOC1111A0A1 in sw-1 is on no line of any contract",
                "action": "Ask a reseller for a quote with its serial, product and site",
                "first_seen": "2026-03-01",
                **common,
                **place,
            },
            {
                "key": "COV-EXPIRING-0123456789ab",
                "change": "returned",
                "status": "new",
                "first_seen": "2026-03-01",
                **common,
                **place,
                **EXPIRING,
            },
        ],
        "more": 0,
        "severity": "error",
        "run": 7,
        "event": "",
        "group": "Ghent",
        "counts": {},
        "text": TEXT,
    }


def test_a_webhook_over_tls_verifies_its_server(tmp_path):
    with hook_server(certificate(tmp_path)) as hook:
        address = f"https://127.0.0.1:{hook.port}/{CANARY}"
        assert sent(tmp_path, hook_at("env:URL", ca_file="cert.pem"), URL=address) == ""
        error = refusal(tmp_path, hook_at("env:URL"), URL=address)

    assert len(hook.requests) == 1
    assert str(error) == f"https://127.0.0.1:{hook.port}: its certificate is not trusted: self-signed certificate"


def test_a_redirect_is_not_followed(tmp_path):
    with hook_server() as hook, hook_server() as stranger:
        hook.status, hook.headers = 307, {"Location": f"http://127.0.0.1:{stranger.port}/"}
        error = refusal(tmp_path, hook_at("env:URL"), URL=f"http://127.0.0.1:{hook.port}/{CANARY}")

    assert stranger.requests == []
    assert str(error) == (
        f"http://127.0.0.1:{hook.port}: answered 307 Temporary Redirect:"
        " a redirect is not followed; set the url it leads to"
    )


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        (
            f"http://hooks.example.net/{CANARY}",
            "http://hooks.example.net: the message would go in the clear; use https",
        ),
        (f"ftp://127.0.0.1/{CANARY}", "the url is none; write one such as https://hooks.example.net/..."),
        (f"https://127.0.0.1:99999/{CANARY}", "the url is none; write one such as https://hooks.example.net/..."),
        (
            f"https://u:{CANARY}@127.0.0.1/",
            "the url holds a user or a character that is not allowed; use authorization for a login",
        ),
        (
            f"http://127.0.0.1/{CANARY}\r\nHost: x y",
            "the url holds a user or a character that is not allowed; use authorization for a login",
        ),
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_showing_it(tmp_path, url, sentence):
    assert str(refusal(tmp_path, hook_at("env:URL"), URL=url)) == sentence


@pytest.mark.parametrize(
    ("status", "kind", "rest"),
    [
        (400, RefusedError, 0),
        (413, RefusedError, 0),
        (404, DeliveryError, 0),
        (429, DeliveryError, 900),
        (500, DeliveryError, 900),
    ],
)
def test_an_answer_says_whether_the_message_or_the_route_is_at_fault(tmp_path, status, kind, rest):
    with hook_server() as hook:
        hook.status = status
        hook.headers = {"Retry-After": "900"} if rest else {}
        error = refusal(tmp_path, hook_at("env:URL"), URL=f"http://127.0.0.1:{hook.port}/{CANARY}")

    assert (type(error), error.rest) == (kind, timedelta(seconds=rest))
    assert CANARY not in str(error)


def test_a_secret_that_is_missing_is_one_sentence(tmp_path):
    error = refusal(tmp_path, hook_at("env:NOT_SET"))

    assert str(error) == (
        f"{tmp_path / 'netcover.toml'}: notify.route.webhook.url: the environment variable NOT_SET is not set;"
        " set it, or use file: or systemd:"
    )


def test_https_goes_through_the_proxy_of_the_environment(tmp_path, monkeypatch):
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.delenv("no_proxy", raising=False)
        monkeypatch.delenv("NO_PROXY", raising=False)

        def answer() -> None:
            stream, _ = proxy.accept()
            with stream:
                asked.append(stream.recv(4096).split(b"\r\n")[0])
                stream.sendall(b"HTTP/1.1 407 no\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        error = refusal(tmp_path, hook_at("env:URL"), URL=f"https://hooks.example.net/{CANARY}")
        thread.join()

    assert [line.rpartition(b" ")[0] for line in asked] == [b"CONNECT hooks.example.net:443"]
    assert str(error).startswith("https://hooks.example.net: ")
    assert CANARY not in str(error)


def test_a_slack_message_holds_no_markup(tmp_path):
    with hook_server() as hook:
        sent(tmp_path, hook_at("env:URL", "slack"), outgoing(message=HOSTILE), URL=f"http://127.0.0.1:{hook.port}/")

    body = json.loads(hook.requests[0].body)
    first_lines = [block["text"]["text"].split("\n")[0] for block in body["blocks"]]
    assert body["text"] == TITLE
    assert {block["text"]["type"] for block in body["blocks"]} == {"plain_text"}
    assert first_lines == [
        TITLE,
        "ERROR COV-UNCOVERED: <script>*_~|<!channel> =1+1 [x](http://x) Bcc: all@example.net.",
        TEXT.split("\n")[5],
    ]


def test_the_fallback_of_a_slack_message_is_escaped(tmp_path):
    found = {**finding(), "change": "new", "run": "7"}
    with hook_server() as hook:
        message = Outgoing(NAME, NOON, about_findings([found], group="<!channel> & co"))
        sent(tmp_path, hook_at("env:URL", "slack"), message, URL=f"http://127.0.0.1:{hook.port}/")

    body = json.loads(hook.requests[0].body)
    assert body["text"] == "netcover: 1 new finding at &lt;!channel&gt; &amp; co (1 error)"


def test_a_teams_message_is_a_card_of_plain_runs(tmp_path):
    with hook_server() as hook:
        sent(tmp_path, hook_at("env:URL", "teams"), URL=f"http://127.0.0.1:{hook.port}/")

    lines = [line for line in TEXT.split("\n") if line]
    title = {"type": "TextRun", "text": TITLE, "weight": "Bolder", "size": "Medium", "color": "Attention"}
    runs = [title, *({"type": "TextRun", "text": line} for line in lines)]
    assert json.loads(hook.requests[0].body) == {
        "type": "message",
        "attachments": [
            {
                "contentType": "application/vnd.microsoft.card.adaptive",
                "contentUrl": None,
                "content": {
                    "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                    "type": "AdaptiveCard",
                    "version": "1.4",
                    "msteams": {"width": "Full"},
                    "body": [{"type": "RichTextBlock", "inlines": [run]} for run in runs],
                },
            }
        ],
    }


@pytest.mark.parametrize(("kind", "limit"), [("slack", 50 * 3200), ("teams", 28_000)])
def test_a_message_of_many_findings_stays_below_the_limit_and_counts_the_rest(tmp_path, kind, limit):
    many = [{**finding(f"COV-{n:012x}", message="ü" * 200), "change": "new", "run": "7"} for n in range(400)]
    with hook_server() as hook:
        message = Outgoing(NAME, NOON, about_findings(many, group="Ghent"))
        sent(tmp_path, hook_at("env:URL", kind), message, URL=f"http://127.0.0.1:{hook.port}/")

    body = hook.requests[0].body
    assert len(body) < limit
    shown = body.count(b"Where:")
    assert f"And {400 - shown} more: see findings.csv or report.html.".encode() in body
    if kind == "slack":
        assert len(json.loads(body)["blocks"]) <= 50


def test_a_folder_gets_one_whole_file_a_message(tmp_path):
    given = {"format": "text"}
    sent(tmp_path, given)
    sent(tmp_path, given)  # a repeated message takes the place of the first

    assert [path.name for path in (tmp_path / "told").iterdir()] == [f"{NAME}.txt"]
    assert (tmp_path / "told" / f"{NAME}.txt").read_text() == f"{TITLE}\n\n{TEXT}"


def test_a_file_in_a_folder_holds_what_a_webhook_holds(tmp_path):
    sent(tmp_path, {})

    told = json.loads((tmp_path / "told" / f"{NAME}.json").read_text())
    assert (told["id"], told["title"], told["text"], len(told["findings"])) == (NAME, TITLE, TEXT, 2)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "told").write_text("")

    assert str(refusal(tmp_path, {})) == f"{tmp_path / 'told'}: cannot be written: File exists"


def syslog_line(priority: int, text: str) -> bytes:
    head = f"<{priority}>1 2026-03-01T12:00:00Z {socket.gethostname()} netcover {os.getpid()} FINDINGS - "
    return head.encode() + b"\xef\xbb\xbf" + text.encode()


def expected_lines() -> list[bytes]:
    rows = [
        (131, f"id={NAME} {TITLE}."),
        (
            131,
            f"id={NAME} C9300-48P FOC1111A0A1 in sw-1 is on no line of any contract"
            ' change="new" key="COV-UNCOVERED-0123456789ab" severity="error" vendor="cisco"'
            ' serial="FOC1111A0A1" hostname="sw-1" address="10.20.0.1" site="Ghent"',
        ),
        (
            132,
            f"id={NAME} C9300-48P FOC1111A0A2 in sw-1: its line ends on 2026-04-30, in 60 days"
            ' change="returned" key="COV-EXPIRING-0123456789ab" severity="warning" vendor="cisco"'
            ' serial="FOC1111A0A1" hostname="sw-1" address="10.20.0.1" site="Ghent"',
        ),
    ]
    return [syslog_line(priority, text) for priority, text in rows]


def test_syslog_over_udp_is_one_datagram_a_line(tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        sent(tmp_path, route("syslog", host="127.0.0.1", port=server.getsockname()[1]))
        got = [server.recv(4096) for _ in range(3)]

    assert got == expected_lines()


def test_syslog_over_tcp_counts_its_octets(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(5)
        sent(tmp_path, route("syslog", host="127.0.0.1", port=server.getsockname()[1], transport="tcp"))
        stream, _ = server.accept()
        with stream, stream.makefile("rb") as file:
            got = file.read()

    assert got == b"".join(b"%d %s" % (len(line), line) for line in expected_lines())


def test_syslog_goes_to_a_socket_of_this_machine(tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
        server.bind(str(tmp_path / "log"))
        server.settimeout(5)
        sent(tmp_path, route("syslog", transport="unix", path=str(tmp_path / "log")))
        got = [server.recv(4096) for _ in range(3)]

    assert got == expected_lines()


def test_a_syslog_line_is_one_line_and_not_too_long(tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        hostile = outgoing(message="a\r\n<0>1 forged" + "ü" * 3000)
        sent(tmp_path, route("syslog", host="127.0.0.1", port=server.getsockname()[1]), hostile)
        got = [server.recv(65535) for _ in range(3)]

    assert max(map(len, got)) <= 1800
    assert b"\n" not in b"".join(got)
    assert got[1].decode()  # cut between characters


def test_the_first_message_is_a_count_by_rule():
    found = [finding("a"), finding("b"), finding("c", rule="COV-DUP", severity="warning")]
    message = first(found, 3)

    assert message.title == "netcover: 3 findings to start with (2 errors, 1 warning)"
    assert plain(message) == (
        "This is the first message to this route. It sums up what is open now.\n"
        "From now on you are told only what is new, what comes back and what gets worse.\n"
        "All of it is in findings.csv and report.html. What you can live with: netcover baseline accepts it at once.\n"
        "\n"
        "  2  COV-UNCOVERED\n"
        "  1  COV-DUP\n"
    )
