"""`netcover discover` on the command line: its options, its progress and what it prints."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from agent.screen import Screen, screen_of

if TYPE_CHECKING:
    from agent.discover import Discovered

_SWEEP: Final = "Sweep"
_CRAWL: Final = "Crawl"
_INTERRUPTED: Final = 130
_LOG_EVERY: Final = 10.0
"""Seconds between two log events of a sweep."""


def discover(
    context: typer.Context,
    ranges: Annotated[
        list[str] | None,
        typer.Argument(metavar="RANGE", help="10.20.0.0/16, 10.20.0.1-10.20.0.99, an address or a name."),
    ] = None,
    crawl: Annotated[
        bool, typer.Option("--crawl", help="Read what is found and follow its CDP and LLDP neighbours.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The list to write; default: targets.csv beside the settings.")
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Add new devices below the rows of a list that is there.")
    ] = False,
    settings: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The settings file; default: netcover.toml here, or none.")
    ] = None,
    credential: Annotated[
        str, typer.Option(metavar="NAME", help="The one to identify devices with; default: the settings' default.")
    ] = "",
    site: Annotated[str, typer.Option(metavar="NAME", help="Written into the site column of new rows.")] = "",
    protocols: Annotated[
        str, typer.Option(metavar="snmp,ssh", help="What to look for; default: the settings' protocols.")
    ] = "",
    rate: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            max=100_000,
            rich_help_panel=_SWEEP,
            help="Probes a second for each protocol; default: the settings' packets_per_second.",
        ),
    ] = None,
    yes_large: Annotated[
        bool, typer.Option("--yes-large", help="Sweep more addresses than a /15 has.", rich_help_panel=_SWEEP)
    ] = False,
    targets: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A target list to start the crawl from.", rich_help_panel=_CRAWL),
    ] = None,
    depth: Annotated[
        int, typer.Option(metavar="HOPS", min=0, max=1000, help="How far from its seeds.", rich_help_panel=_CRAWL)
    ] = 16,
    limit: Annotated[
        int, typer.Option(metavar="N", min=1, help="How many devices are read at most.", rich_help_panel=_CRAWL)
    ] = 5000,
) -> None:
    """Find devices by sweeping ranges and following neighbours; write them as targets.

    A sweep looks for SNMP and SSH without any login: an SNMPv3 agent tells its engine id to anyone, an SSH server its
    host key. A device that speaks SNMP is then asked once who it is, with the one credential. The settings' scope
    bounds all of it; without one the ranges themselves do. Ctrl-C keeps what was found so far.

    Exit codes: 0 done; 2 nothing was done, the message says why; 3 done, but a device that answers could not be
    read, an address not be reached, or --limit cut the crawl short; 130 stopped by Ctrl-C.

    [bold]Examples[/bold]

    netcover discover 10.20.0.0/16

    netcover discover 10.20.0.0/16 10.21.0.0/20 --rate 500 --credential core --out found.csv

    netcover discover 10.20.0.1 --crawl --depth 3

    netcover discover --crawl --targets targets.csv --update
    """  # fmt: skip
    from agent import discover as flow

    screen = screen_of(context)
    screen.start_logs()
    request = flow.Request(
        ranges=tuple(ranges or ()),
        settings=settings,
        out=out,
        update=update,
        crawl=crawl,
        targets=targets,
        credential=credential,
        protocols=_protocols(protocols),
        site=site,
        rate=rate,
        depth=depth,
        limit=limit,
        large=yes_large,
    )
    done = flow.discover(
        request, now=lambda: datetime.now(UTC), progress=lambda what, total: _progress(what, total, screen)
    )
    _tell(done, screen, crawled=crawl)
    raise typer.Exit(_INTERRUPTED if done.stopped else done.exit_code)


def _protocols(text: str) -> tuple[str, ...]:
    names = tuple(text.lower().replace(",", " ").split())
    if set(names) - {"snmp", "ssh"} or len(set(names)) < len(names):
        raise typer.BadParameter(f"--protocols {text!r} is not snmp, ssh or snmp,ssh")
    return names


def _tell(done: Discovered, screen: Screen, *, crawled: bool) -> None:
    """The result in a few lines; what needs a person goes to standard error."""
    finds = done.finds
    if done.addresses:
        probed = max(finds.snmp.addresses, finds.ssh.connects)
        screen.remark(
            f"probed {probed:,} of {done.addresses:,} addresses: {len(finds.by_address):,} answered"
            f" ({finds.snmp.answered:,} SNMP, {finds.ssh.greeted:,} SSH)"
        )
    if crawled:
        screen.remark(f"read {len(done.crawled.found):,} devices, {done.crawled.hops} hops from where it began")
    known = len(done.found) - done.new
    listed = f", {known:,} were listed already" if known else ""
    identified = sum(bool(found.platform) for found in done.found)
    screen.say(f"{len(done.found):,} devices, {identified:,} identified; {done.new:,} written to {done.out}{listed}")
    if finds.snmp.unsendable:
        screen.warn(f"{finds.snmp.unsendable:,} addresses cannot be reached from this host (no route)")
    if done.crawled.failed:
        screen.warn(f"{len(done.crawled.failed):,} devices could not be read; their remark in {done.out} says why")
    if done.crawled.cut:
        screen.warn("--limit cut the crawl short; raise it, or start from another device")
    if done.unread_count and done.unread:
        screen.warn(f"{done.unread_count:,} neighbours were not read; {done.unread} lists them with the reasons")
    if done.stopped:
        screen.warn(f"{done.out} has what was found so far")


@contextlib.contextmanager
def _progress(what: str, total: int, screen: Screen) -> Iterator[Callable[[int, str], None]]:
    """A bar on a terminal; elsewhere a log event now and then, and one a device of a crawl."""
    if screen.verbosity == "quiet":
        yield lambda done, note: None
        return
    if not sys.stderr.isatty():
        yield _logging(what, total)
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    columns: tuple[Any, ...] = (TextColumn(what), BarColumn(), TextColumn("{task.fields[note]}"))
    if total:
        columns = (*columns, TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True, no_color=not screen.colour), transient=True) as bars:
        from agent.logs import printable

        task = bars.add_task("", total=total or None, note="")
        yield lambda done, note: bars.update(task, completed=done, note=printable(note).replace("[", r"\["))


def _logging(what: str, total: int) -> Callable[[int, str], None]:
    import structlog

    log = structlog.get_logger()
    last = time.monotonic()

    def show(done: int, note: str) -> None:
        nonlocal last
        if not total:
            log.info(what, device=note)
        elif done == total or time.monotonic() - last >= _LOG_EVERY:
            last = time.monotonic()
            log.info(what, done=done, of=total, found=note)

    return show
