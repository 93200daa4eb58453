"""The jobs of a slot: what each does with the store and the folders, and what a failure costs the others."""

from __future__ import annotations

import contextlib
import csv
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.audit import Request
from agent.folder import Given
from agent.imports import HeldError
from agent.jobs import Work, abort_open, exit_code, run_jobs, work_of
from agent.places import settings_of
from agent.store import events, open_store, slots
from agent.watched import empty
from reconcile.errors import SheetError
from reconcile.layouts import load as load_layouts
from tests.agent.parts import begin

SAVED = Path(__file__).parent.parent / "captures" / "ios_session" / "devices"
NOON = datetime(2031, 3, 9, 12, tzinfo=UTC)
LAYOUTS = load_layouts()
HEADER = "vendor,provider,contract_number,serial,product_id,line_end\n"
BAD_REGISTER = "vendor,serial\ncisco,FCW2501A0B1\ncisco,FCW2501A0B1,too,many\n"
LINES = HEADER + "cisco,acme,900100,FCW2501A0B1,C9300-48P,2032-01-01\n"
MORE = HEADER + "cisco,acme,900101,FCW2599A0ZZ,C9300-48P,2032-01-01\n"


def work(home: Path, *, text: str = "", now=lambda: NOON, **changed: object) -> Work:
    """The work of an audit folder that reads saved answers in place of the network."""
    (home / "netcover.toml").write_text(f'[agent]\nsettle = "30s"\n{text}')
    given = Given(folder=home, captures=SAVED)
    request = Request(given=given, workbook=False, **changed)  # type: ignore[arg-type]
    progress = lambda total: contextlib.nullcontext(lambda seen: None)  # noqa: E731
    return work_of(request, settings_of(home), home, now=now, progress=progress)


def arrive(home: Path, name: str, text: str, age: float = 60.0) -> Path:
    """A file in the watched folder, last written so many seconds ago."""
    path = home / "incoming" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    written = NOON.timestamp() - age
    os.utime(path, (written, written))
    return path


def said(ended) -> list[tuple[str, str, int]]:
    return [(one.job, one.state, one.exit_code) for one in ended]


def lines(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_one_slot_reads_imports_judges_and_exports(tmp_path):
    arrive(tmp_path, "acme.csv", MORE)
    mine = work(tmp_path, text='[agent.export]\nwhat = ["coverage", "changes"]\n')

    ended = run_jobs(("collect", "import", "reconcile", "export"), mine)

    assert said(ended) == [
        ("collect", "done", 0),
        ("import", "done", 0),
        ("reconcile", "done", 1),
        ("export", "done", 0),
    ]
    assert [one.text for one in ended][:2] == ["run 1: 1 of 1 devices read in full", "1 done"]
    assert exit_code(ended) == 1
    with (tmp_path / "export" / "coverage.csv").open(newline="") as file:
        assert {(row["serial"], row["verdict"]) for row in csv.DictReader(file)} >= {("FCW2501A0B1", "uncovered")}
    assert "coverage.csv" in lines(tmp_path / "out")
    assert lines(tmp_path / "incoming") == ["done/acme.csv"]
    with open_store(mine.url) as store:
        kept = store.read(slots.last_jobs)
        assert {name: one.state for name, one in kept.items()} == dict.fromkeys(
            ("collect", "import", "reconcile", "export"), "done"
        )


def test_a_job_that_fails_costs_no_other_and_is_written_down(tmp_path):
    mine = replace(work(tmp_path), slot="2031-03-09T02:15:00")
    (tmp_path / "register.csv").write_text(BAD_REGISTER)

    ended = run_jobs(("collect", "import", "reconcile", "export", "prune", "backup"), mine)

    assert [(one.job, one.state) for one in ended] == [
        ("collect", "done"),
        ("import", "skipped"),
        ("reconcile", "failed"),
        ("export", "skipped"),
        ("prune", "done"),
        ("backup", "done"),
    ]
    assert "register.csv" in ended[2].text
    assert exit_code(ended) == 2
    with open_store(mine.url) as store:
        note = store.read(slots.last_jobs)["reconcile"]
        assert (note.state, note.reason) == ("failed", ended[2].text)
        assert store.last_sealed() == 1
    assert len(list((tmp_path / "backups").iterdir())) == 1


def test_a_bad_list_ends_a_run_that_somebody_waits_for_before_a_device_is_asked(tmp_path):
    mine = work(tmp_path)
    (tmp_path / "register.csv").write_text(BAD_REGISTER)

    with pytest.raises(SheetError, match=r"register\.csv"):
        run_jobs(("collect", "import", "reconcile"), mine)

    with open_store(mine.url) as store:
        assert store.recent_runs(5) == ()
        assert store.read(slots.last_jobs) == {}


def test_a_contract_file_that_lost_many_lines_is_held_in_a_scheduled_run_until_a_person_takes_it(tmp_path):
    def bought(count: int) -> str:
        return HEADER + "".join(f"cisco,acme,900100,FCW25{n:02}A0B1,C9300-48P,2032-01-01\n" for n in range(count))

    (tmp_path / "contracts").mkdir()
    (tmp_path / "contracts" / "acme.csv").write_text(bought(20))
    run_jobs(("collect", "reconcile"), work(tmp_path))
    (tmp_path / "contracts" / "acme.csv").write_text(bought(5))

    with pytest.raises(HeldError, match=r"held: .*--accept-shrink"):
        run_jobs(("collect", "reconcile"), work(tmp_path))
    ended = run_jobs(("collect", "reconcile"), replace(work(tmp_path), slot="2031-03-09T02:15:00"))

    assert [(one.job, one.state) for one in ended] == [("collect", "done"), ("reconcile", "failed")]
    assert ended[1].text.startswith("held: ")
    ended = run_jobs(("reconcile",), work(tmp_path, accept_shrink=True))
    assert [(one.job, one.state) for one in ended] == [("reconcile", "done")]


def test_devices_that_are_not_read_are_told_once_until_they_are_others(tmp_path):
    def incomplete(*dark: str) -> list[tuple[str, int]]:
        """What was noted of it after a run in which these devices were not read."""
        rows = "".join(f"10.9.9.{number},{name}\n" for number, name in enumerate(dark, 1))
        (tmp_path / "targets.csv").write_text(f"address,hostname\n{rows}")
        moment = NOON + timedelta(days=len(asked))
        asked.append(dark)
        mine = work(tmp_path, now=lambda: moment)
        run_jobs(("collect",), mine)
        with open_store(mine.url) as store:
            found = store.read(events.recent, NOON - timedelta(days=1))
        return [(text.rpartition("not read: ")[2], times) for _, kind, text, times in found if kind == "incomplete"]

    asked: list[tuple[str, ...]] = []
    assert incomplete("a") == [("a", 1)]
    assert incomplete("a") == [("a", 2)]
    assert incomplete("a", "b") == [("a, b", 1), ("a", 2)]
    assert incomplete("a") == [("a", 1), ("a, b", 1), ("a", 2)]
    assert incomplete() == [("a", 1), ("a, b", 1), ("a", 2)]
    assert incomplete("a") == [("a", 1), ("a", 1), ("a, b", 1), ("a", 2)]


def test_too_little_read_is_exit_3_before_any_finding(tmp_path):
    (tmp_path / "targets.csv").write_text("address,hostname\n10.9.9.9,dark\n")
    mine = work(tmp_path)

    ended = run_jobs(("collect", "reconcile"), mine)

    assert exit_code(ended) == 3
    assert exit_code(run_jobs(("collect", "reconcile"), work(tmp_path, allow_incomplete=True))) == 0


def test_a_stop_in_a_job_aborts_its_run_is_written_down_and_goes_on_up(tmp_path):
    def stop(seen: object) -> None:
        raise KeyboardInterrupt

    mine = replace(work(tmp_path), progress=lambda total: contextlib.nullcontext(stop))

    with pytest.raises(KeyboardInterrupt):
        run_jobs(("collect", "reconcile"), mine)

    with open_store(mine.url) as store:
        assert [run.state for run in store.recent_runs()] == ["aborted"]
        assert {name: one.state for name, one in store.read(slots.last_jobs).items()} == {"collect": "stopped"}


def test_a_run_that_is_ended_hard_is_sealed_as_aborted(tmp_path):
    mine = work(tmp_path)
    with open_store(mine.url) as store:
        number = begin(store)

        abort_open(mine)

        about = store.run(number)
        assert about is not None
        assert about.state == "aborted"


def test_export_removes_what_it_wrote_before_and_nothing_else(tmp_path):
    arrive(tmp_path, "acme.csv", LINES)
    mine = work(tmp_path, text='[agent.export]\nwhat = ["coverage", "findings"]\n')
    run_jobs(("collect", "import", "reconcile", "export"), mine)
    (tmp_path / "export" / "notes.txt").write_text("mine")

    (ended,) = run_jobs(("export",), work(tmp_path, text='[agent.export]\nwhat = ["findings"]\n'))

    assert lines(tmp_path / "export") == [".netcover-files", "findings.csv", "notes.txt"]
    assert "1 older ones removed" in ended.text


def test_an_error_that_nobody_foresaw_shows_its_place_and_not_its_text(tmp_path, monkeypatch):
    def broken(*_: object, **__: object) -> None:
        raise ValueError("community s3cret")

    monkeypatch.setattr("agent.jobs.collect_only", broken)

    (ended,) = run_jobs(("collect",), work(tmp_path))

    assert ended.text.startswith("unexpected ValueError at test_jobs.py:")
    assert "s3cret" not in ended.text


def test_each_file_is_a_batch_and_a_bad_one_is_refused_with_the_sentence_beside_it(tmp_path):
    arrive(tmp_path, "a.csv", LINES)
    arrive(tmp_path, "b.csv", HEADER + "cisco,acme,900101,FCW2599A0ZZ,C9300-48P,31.31.2032\n")
    arrive(tmp_path, "c.csv", MORE.replace("acme", "other"))
    mine = work(tmp_path)

    with open_store(mine.url) as store:
        found = empty(tmp_path / "incoming", store, mine.settings, LAYOUTS, NOON)
        sources = sorted(one.name for one in store.contract_sources())

    assert [(one.name, one.state) for one in found] == [("a.csv", "done"), ("b.csv", "refused"), ("c.csv", "done")]
    assert lines(tmp_path / "incoming") == ["done/a.csv", "done/c.csv", "refused/b.csv", "refused/b.csv.txt"]
    note = (tmp_path / "incoming" / "refused" / "b.csv.txt").read_text()
    assert note.startswith(found[1].text)
    assert "b.csv" in note
    assert sources == ["acme", "other"]


def test_a_folder_is_one_batch_of_the_source_of_its_name(tmp_path):
    arrive(tmp_path, "partner/1.csv", LINES)
    arrive(tmp_path, "partner/2.csv", MORE)
    mine = work(tmp_path)

    with open_store(mine.url) as store:
        (found,) = empty(tmp_path / "incoming", store, mine.settings, LAYOUTS, NOON)
        (source,) = store.contract_sources()

    assert (found.state, found.text) == ("done", "partner: 2 lines, 2 added, 0 dropped, 0 changed")
    assert source.name == "partner"
    assert lines(tmp_path / "incoming") == ["done/partner/1.csv", "done/partner/2.csv"]


@pytest.mark.parametrize(
    ("name", "age"),
    [("a.csv", 5.0), ("a.csv", -5.0), ("a.csv.part", 60.0), (".a.csv", 60.0), ("~$a.xlsx", 60.0), ("b/1.csv", 5.0)],
)
def test_what_is_still_being_written_is_left(tmp_path, name, age):
    path = arrive(tmp_path, name, LINES, age)
    mine = work(tmp_path)

    with open_store(mine.url) as store:
        found = empty(tmp_path / "incoming", store, mine.settings, LAYOUTS, NOON)

    assert path.is_file()
    assert {one.state for one in found} <= {"waiting"}


def test_a_file_that_grows_while_it_is_read_is_left_and_nothing_of_it_is_kept(tmp_path, monkeypatch):
    path = arrive(tmp_path, "a.csv", LINES)
    from agent import watched

    def and_grow(*words, **more):
        path.write_text(LINES + MORE.removeprefix(HEADER))
        return read(*words, **more)

    read = watched.read_contracts
    monkeypatch.setattr(watched, "read_contracts", and_grow)
    mine = work(tmp_path)

    with open_store(mine.url) as store:
        (found,) = empty(tmp_path / "incoming", store, mine.settings, LAYOUTS, NOON)
        assert store.contract_sources() == ()

    assert (found.state, found.text) == ("waiting", "it was written to while it was read")


def test_a_store_that_is_out_of_order_refuses_no_file(tmp_path):
    path = arrive(tmp_path, "a.csv", LINES)
    mine = work(tmp_path)
    Path(mine.url.removeprefix("sqlite:///")).write_text("this is no database, and long enough to be looked at" * 4)

    (ended,) = run_jobs(("import",), mine)

    assert (ended.state, path.is_file()) == ("failed", True)
    assert "is not a netcover store" in ended.text


def test_a_file_of_a_name_that_was_had_before_is_kept_beside_it(tmp_path):
    mine = work(tmp_path)
    for _ in range(2):
        arrive(tmp_path, "a.csv", LINES)
        with open_store(mine.url) as store:
            (found,) = empty(tmp_path / "incoming", store, mine.settings, LAYOUTS, NOON)

    assert (found.state, found.text) == ("done", "acme: nothing changed")
    assert lines(tmp_path / "incoming") == ["done/20310309T120000Z-1-a.csv", "done/a.csv"]


def test_a_source_that_shrinks_is_refused_with_the_way_to_force_it(tmp_path):
    many = HEADER + "".join(f"cisco,acme,1,FCW2501A{n:03},C9300-48P,2032-01-01\n" for n in range(20))
    mine = work(tmp_path)
    for text in (many, "\n".join(many.splitlines()[:10]) + "\n"):
        arrive(tmp_path, "a.csv", text)
        with open_store(mine.url) as store:
            (found,) = empty(tmp_path / "incoming", store, mine.settings, LAYOUTS, NOON)

    assert found.state == "refused"
    assert "--accept-shrink" in found.text


def test_an_import_that_was_killed_before_the_file_was_put_away_is_done_again_and_changes_nothing(
    tmp_path, monkeypatch
):
    arrive(tmp_path, "a.csv", LINES)
    mine = work(tmp_path)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, open_store(mine.url) as store:
        patch.setattr("agent.watched._put_away", killed)
        with pytest.raises(KeyboardInterrupt):
            empty(tmp_path / "incoming", store, mine.settings, LAYOUTS, NOON)
    with open_store(mine.url) as store:
        (found,) = empty(tmp_path / "incoming", store, mine.settings, LAYOUTS, NOON + timedelta(hours=1))
        assert len(store.contract_lines("acme")) == 1

    assert (found.state, found.text) == ("done", "acme: nothing changed")


def test_a_run_judges_by_today_also_what_was_read_earlier(tmp_path):
    arrive(tmp_path, "a.csv", LINES)
    run_jobs(("collect", "import", "reconcile"), work(tmp_path))

    later = work(tmp_path, now=lambda: NOON + timedelta(days=365))
    run_jobs(("reconcile",), later)

    assert json.loads((tmp_path / "out" / "run.json").read_text())["as_of"] == "2032-03-08"
