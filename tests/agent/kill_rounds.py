"""``python -m tests.agent.kill_rounds FOLDER ROUNDS SEED``: one slot after another, each killed at a random moment.

A warm parent forks a child for each round. The child does what `netcover run` does: takes the lock, reads four devices
(from saved answers), imports a contract file, tells; one round in four also judges and exports, which takes longer.
The parent kills it with SIGKILL after a random part of the time that a whole round takes. Then another child looks at
the store: every sealed run there ever was is still there, no day has two, each holds exactly the units of its day. The
next round is the next start; nothing is repaired by hand. The first and the last rounds are not killed. Prints JSON.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import shutil
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import median

from agent.audit import Request
from agent.folder import Given
from agent.jobs import run_jobs, work_of
from agent.locks import RUN, held, state_folder
from agent.notify import deliver, queue  # noqa: F401  # warm, as all the rest
from agent.places import settings_of
from agent.reconcile_command import judge_again  # noqa: F401
from agent.store import Store, open_store
from agent.watched import empty  # noqa: F401

SAVED = Path(__file__).parent.parent / "captures" / "ios_session" / "devices" / "core1" / "session.log"
DEVICES = range(1, 5)
BEGIN = datetime(2031, 3, 10, 12, tzinfo=UTC)
SHORT = ("collect", "import")
LONG = ("collect", "import", "reconcile", "export")
SETTINGS = """
[agent]
settle = "1s"
[watch]
enabled = false
[[notify.route]]
name = "folder"
kind = "folder"
path = "messages"
severity = "info"
"""
HEADER = "vendor,provider,contract_number,serial,product_id,line_end\n"


def truth(number: int) -> set[tuple[str, str]]:
    """(host, serial) of every unit in that round: one part of each device changes every few rounds."""
    found = set()
    for device in DEVICES:
        chassis, optic = f"FCW25{device:02}A0B1", f"FNS2503{device}{number // (device + 1) % 1000:03}"
        found |= {(f"core{device}", serial) for serial in (chassis, f"DCC25{device:02}B0C2", optic)}
    return found


def write_answers(folder: Path, number: int) -> Path:
    """The devices' answers of a round."""
    shutil.rmtree(folder, ignore_errors=True)
    text = SAVED.read_text("utf-8")
    for device in DEVICES:
        optic = f"FNS2503{device}{number // (device + 1) % 1000:03}"
        mine = text.replace("FCW2501A0B1", f"FCW25{device:02}A0B1").replace("DCC2502B0C2", f"DCC25{device:02}B0C2")
        place = folder / f"core{device}"
        place.mkdir(parents=True)
        (place / "session.log").write_text(re.sub(r"\bcore1\b", f"core{device}", mine.replace("FNS25030D3E", optic)))
    return folder


def day(number: int) -> datetime:
    return BEGIN + timedelta(days=number)


def slot(home: Path, number: int, jobs: tuple[str, ...]) -> None:
    """What `netcover run` does, on the day of the round; the time until its run was begun goes into a file."""
    clock = time.monotonic()
    given = Given(folder=home, captures=home / "saved")
    settings = settings_of(home)
    request = Request(given=given, fail_on="never", workbook=False)

    @contextlib.contextmanager
    def progress(total: int):  # type: ignore[no-untyped-def]  # as agent.audit.Progress
        (home / "begun").write_text(str(time.monotonic() - clock))
        yield lambda seen: None

    with held(state_folder(settings) / RUN, "another run", day(number)):
        work = work_of(request, settings, home, now=lambda: day(number), progress=progress)
        ended = run_jobs(jobs, work)
    failed = [f"{one.job}: {one.text}" for one in ended if one.state == "failed"]
    if failed:
        raise AssertionError(failed)


def look(home: Path, since: int) -> dict[str, str]:
    """The sealed runs by day, and an assertion for everything else; runs before *since* are only counted."""
    path = home / "out" / "netcover.db"
    if not path.is_file():
        return {}
    with open_store(f"sqlite:///{path}") as store:
        sealed = [run for run in store.recent_runs(100_000) if run.state == "sealed"]
        days = Counter(run.as_of for run in sealed)
        assert max(days.values(), default=1) == 1, f"a day has two runs: {days.most_common(1)}"
        for run in sealed:
            if run.id >= since:
                check(store, run.id, (date.fromisoformat(run.as_of) - BEGIN.date()).days)
        return {run.as_of: str(run.id) for run in sealed}


def keep_look(home: Path, since: int, place: Path) -> None:
    place.write_text(json.dumps(look(home, since)))


def check(store: Store, run: int, number: int) -> None:
    """A sealed run holds each device once, with exactly its units, and each finding once."""
    units = store.units(run)
    assert sorted(zip(units["hostname"], units["serial"], strict=True)) == sorted(truth(number)), f"run {run} is torn"
    targets = store.targets(run)
    assert sorted(targets["hostname"]) == [f"core{device}" for device in DEVICES], f"run {run} lost a device"
    about = store.run(run)
    if about is not None and about.reconciled:
        assert store.findings(run)["key"].is_unique, f"run {run} has a finding twice"


def forked(work: Callable[[], object], log: Path) -> int:
    """A child that does *work*, and exits 0 where it got to the end."""
    if pid := os.fork():
        return pid
    code = 1
    with log.open("a") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)
    try:
        work()
        code = 0
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", flush=True)
    finally:
        os._exit(code)


def ended(pid: int, log: Path, what: str) -> None:
    _, status = os.waitpid(pid, 0)
    assert status == 0, f"{what} ended with {status}: {log.read_text()[-2000:]}"


def rounds(home: Path, count: int, seed: int) -> dict[str, object]:
    """Kill so many rounds, and tell how it went."""
    chance, log, seen = random.Random(seed), home / "log", home / "seen"
    (home / "netcover.toml").write_text(SETTINGS)
    known: dict[str, str] = {}
    starts: list[float] = []
    whole: dict[tuple[str, ...], float] = {}
    sealed_late, since = 0, 0
    for number in range(count + 3):
        last = number in (0, 1, count + 2)
        jobs = (LONG, SHORT)[number % 2] if last else chance.choice((LONG, SHORT, SHORT, SHORT))
        write_answers(home / "saved", number)
        arrive(home, number)
        (home / "begun").unlink(missing_ok=True)
        log.write_text("")
        clock = time.monotonic()
        pid = forked(partial(slot, home, number, jobs), log)
        if last:
            ended(pid, log, f"round {number}, which was not killed,")
            whole[jobs] = time.monotonic() - clock
        else:
            time.sleep(chance.uniform(0, whole[jobs]))
            os.kill(pid, signal.SIGKILL)
            _, status = os.waitpid(pid, 0)
            assert status in (0, signal.SIGKILL), f"round {number} failed by itself: {log.read_text()[-2000:]}"
        if (home / "begun").is_file() and (text := (home / "begun").read_text()):
            starts.append(float(text))
        log.write_text("")
        checker = forked(partial(keep_look, home, 0 if last else since, seen), log)
        ended(checker, log, f"the look after round {number} (seed {seed})")
        found = json.loads(seen.read_text())
        assert known.items() <= found.items(), f"round {number}, seed {seed}: a sealed run is lost"
        assert len(found) <= len(known) + 1
        sealed_late += not last and len(found) > len(known)
        known, since = found, max((int(run) for run in found.values()), default=1) - 1
    return {
        "rounds": count,
        "sealed_before_the_kill": sealed_late,
        "runs": len(known),
        "start_ms": {"median": round(median(starts) * 1000), "worst": round(max(starts) * 1000)},
        "files": sorted(path.name for path in (home / "incoming" / "done").iterdir()) == sorted(
            f"round{number}.csv" for number in range(count + 3)
        ),
        "integrity": integrity(home),
    }  # fmt: skip


def arrive(home: Path, number: int) -> None:
    """A contract file in the watched folder; those of killed rounds are still there, or not."""
    (home / "incoming").mkdir(exist_ok=True)
    path = home / "incoming" / f"round{number}.csv"
    path.write_text(f"{HEADER}cisco,acme,{number},FCW2501A0B1,C9300-48P,2035-01-01\n")
    written = (day(number) - timedelta(hours=1)).timestamp()
    os.utime(path, (written, written))


def integrity(home: Path) -> str:
    with contextlib.closing(sqlite3.connect(home / "out" / "netcover.db")) as store:
        states = store.execute("SELECT count(*) FROM runs WHERE state = 'open'").fetchone()[0]
        return f"{store.execute('PRAGMA integrity_check').fetchone()[0]}, {states} open"


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    print(json.dumps(rounds(folder, int(sys.argv[2]), int(sys.argv[3]))))
