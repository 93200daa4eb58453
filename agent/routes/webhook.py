"""A hook over HTTP: our own JSON, or the shapes that Slack and Teams take.

The address is a secret: no error says more of it than its host. A redirect is not followed, because it would carry
the secret to whoever it names. HTTPS goes through the proxy that the environment names (``https_proxy``,
``no_proxy``); plain HTTP is for this machine only.
"""

from __future__ import annotations

import base64
import http.client
import json
from collections.abc import Callable, Mapping
from contextlib import closing
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from agent.logs import printable
from agent.notify_message import Message, lines
from agent.routes.folder import as_json
from agent.routes.outgoing import DeliveryError, Outgoing, RefusedError, trust, why
from agent.secrets import Secret
from agent.settings_notify import Route

_SLACK_BLOCKS: Final = 40
"""Slack takes 50 blocks a message, of 3,000 characters each (its Block Kit reference)."""
_SLACK_TEXT: Final = 2900
_SLACK_HEADER: Final = 150
_TEAMS_BYTES: Final = 26_000
"""Of findings; Teams takes 28 KB a message (its page on incoming webhooks)."""
_TEAMS_SEVERITY: Final = {"error": "Attention", "warning": "Warning"}
_ANSWER: Final = 64 * 1024
_NOT_THIS_ONE: Final = (400, 409, 413, 415, 422)
"""Statuses that speak of the message, not of the route."""


def post(
    route: Route,
    url: Secret,
    authorization: Secret,
    outgoing: Outgoing,
    folder: Path,
) -> str:
    """Send the message as one POST. A 2xx answer is success, anything else an error."""
    parts = address(url)
    where = f"{parts.scheme}://{_host(parts)}"
    body = json.dumps(_SHAPES[route.kind](outgoing), ensure_ascii=False).encode()
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "netcover",
        "Idempotency-Key": outgoing.name,
        **({"Authorization": authorization.reveal()} if authorization else {}),
    }
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        with closing(_connection(route, parts, folder)) as connection:
            connection.request("POST", path, body, headers)
            answer = connection.getresponse()
            answer.read(_ANSWER)
    except OSError as error:
        raise DeliveryError(f"{where}: {why(error)}") from None
    except (http.client.HTTPException, ValueError) as error:  # a text of theirs may hold the address
        raise DeliveryError(f"{where}: its answer is not HTTP ({type(error).__name__})") from None
    _judge(answer, where)
    return ""


def as_slack(outgoing: Outgoing) -> dict[str, Any]:
    """The message as Slack's incoming webhooks take it; every text but the fallback is plain, so nothing is markup."""
    message = outgoing.message
    blocks = [{"type": "header", "text": _plain(message.title[:_SLACK_HEADER])}]
    texts = [*_paragraphs(message)]
    blocks += [{"type": "section", "text": _plain(text[:_SLACK_TEXT])} for text in texts[:_SLACK_BLOCKS]]
    if left := message.more + max(0, len(texts) - _SLACK_BLOCKS):
        blocks.append({"type": "section", "text": _plain(f"And {left} more: see findings.csv or report.html.")})
    return {"text": _slack_escaped(message.title), "blocks": blocks}


def as_teams(outgoing: Outgoing) -> dict[str, Any]:
    """The message as a Teams workflow takes it: an adaptive card of text runs, which know no markup."""
    message = outgoing.message
    title = {"type": "TextRun", "text": printable(message.title), "weight": "Bolder", "size": "Medium"}
    colour = _TEAMS_SEVERITY.get(message.severity)
    body: list[dict[str, Any]] = [_rich({**title, "color": colour} if colour else title)]
    texts = [*_paragraphs(message)]
    used = shown = 0
    for text in texts:
        runs = [_rich({"type": "TextRun", "text": line}) for line in text.split("\n")]
        used += len(json.dumps(runs, ensure_ascii=False).encode())
        if used > _TEAMS_BYTES:
            break
        body += runs
        shown += 1
    if left := message.more + len(texts) - shown:
        body.append(_rich({"type": "TextRun", "text": f"And {left} more: see findings.csv or report.html."}))
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": body,
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def address(url: Secret) -> SplitResult:
    """The parts of an address that can be used. Raises DeliveryError that does not show it."""
    try:
        parts = urlsplit(url.reveal().strip())
        port = parts.port
    except ValueError:
        raise DeliveryError("the url is none; write one such as https://hooks.example.net/...") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise DeliveryError("the url is none; write one such as https://hooks.example.net/...")
    if parts.username is not None or not all("!" <= letter <= "~" for letter in f"{parts.path}{parts.query}"):
        raise DeliveryError("the url holds a user or a character that is not allowed; use authorization for a login")
    if parts.scheme == "http" and not _loopback(parts.hostname):
        raise DeliveryError(f"http://{parts.hostname}: the message would go in the clear; use https")
    return parts


_SHAPES: Final[Mapping[str, Callable[[Outgoing], dict[str, Any]]]] = {
    "webhook": as_json,
    "slack": as_slack,
    "teams": as_teams,
}


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _host(parts: SplitResult) -> str:
    return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)


def _connection(route: Route, parts: SplitResult, folder: Path) -> http.client.HTTPConnection:
    host = str(parts.hostname)
    if parts.scheme == "http":
        return http.client.HTTPConnection(host, parts.port, timeout=route.timeout)
    context = trust(route.ca_file, folder)
    proxies = getproxies()
    if not proxies.get("https") or proxy_bypass(_host(parts)):
        return http.client.HTTPSConnection(host, parts.port, timeout=route.timeout, context=context)
    proxy = urlsplit(proxies["https"] if "://" in proxies["https"] else f"http://{proxies['https']}")
    login: dict[str, str] = {}
    if proxy.username is not None:
        pair = f"{unquote(proxy.username)}:{unquote(proxy.password or '')}"
        login = {"Proxy-Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}
    through = http.client.HTTPSConnection(
        str(proxy.hostname), proxy.port or 3128, timeout=route.timeout, context=context
    )
    through.set_tunnel(host, parts.port or 443, headers=login)
    return through


def _judge(answer: http.client.HTTPResponse, where: str) -> None:
    """Raise the error that the answer's status stands for."""
    said = f"{where}: answered {answer.status} {printable(answer.reason)[:80]}".rstrip()
    if 200 <= answer.status < 300:  # RFC 9110, 15.3
        return
    if 300 <= answer.status < 400:  # RFC 9110, 15.4
        raise DeliveryError(f"{said}: a redirect is not followed; set the url it leads to")
    if answer.status in _NOT_THIS_ONE:
        raise RefusedError(said)
    after = answer.headers.get("Retry-After", "")
    raise DeliveryError(said, rest=timedelta(seconds=int(after[:6])) if after.isdigit() else timedelta())


def _paragraphs(message: Message) -> list[str]:
    lead = "\n".join(map(printable, message.lead))
    counts = "\n".join(f"{count}  {printable(rule)}" for rule, count in message.counts.items())
    return [text for text in (lead, counts) if text] + ["\n".join(lines(finding)) for finding in message.findings]


def _plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text, "emoji": False}


def _rich(run: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [dict(run)]}


def _slack_escaped(text: str) -> str:
    """Slack's three control characters (its page on formatting text) as entities."""
    return printable(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
