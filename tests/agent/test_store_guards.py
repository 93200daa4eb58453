"""What the store refuses to open, who may write, and what a killed writer leaves behind."""

# ruff: noqa: E501  # the sentences compared stand whole, one to a line

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from agent.errors import StoreBusyError, StoreError
from agent.store import Store, open_store
from agent.store.database import connect, filesystem, reading, writing
from agent.store.migrate import upgrade
from agent.store.schema import HEAD, metadata
from tests.agent.parts import CANARY, HOME, NOON, a_run, begin, seen

WRITER = """
import sys
from datetime import UTC, date, datetime
from agent.store import open_store
from tests.agent.parts import a_unit, seen

with open_store(sys.argv[1], wait=0) as store:
    run = store.begin_run(as_of=date(2026, 3, 1), version="0.1.0", settings_digest="d")
    print("run", run, flush=True)
    n = 0
    while True:
        n += 1
        store.save_observation(run, seen(f"10.20.{n // 250}.{n % 250}", a_unit(f"R{run}N{n}")))
        print(n, flush=True)
"""


@contextmanager
def writer(url: str) -> Iterator[subprocess.Popen[str]]:
    """A process that opens a run and writes observations until it is killed; it prints each one it has written."""
    process = subprocess.Popen(
        [sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(HOME)}
    )  # fmt: skip
    with process:
        try:
            yield process
        finally:
            process.kill()


def acknowledged(process: subprocess.Popen[str], wanted: int) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == str(wanted):
            return wanted
    raise AssertionError("the writer ended by itself")


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def ask(url: str, query: str) -> object:
    with closing(sqlite3.connect(file_of(url))) as connection:
        return connection.execute(query).fetchone()[0]


def refusal(url: str, **options: object) -> str:
    with pytest.raises(StoreError) as caught:
        open_store(url, **options)  # type: ignore[arg-type]
    return str(caught.value)


@pytest.mark.parametrize("after", [1, 2, 7, 23])
def test_a_writer_killed_in_mid_run_leaves_nothing_to_see_and_nothing_to_mend(url, after):
    with open_store(url) as store:
        before = a_run(store, seen())
    with writer(url) as process:
        acknowledged(process, after)
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert ask(url, "SELECT count(*) FROM observations WHERE first_run = 2") >= after  # type: ignore[operator]
    with open_store(url, wait=0) as store:
        assert store.last_sealed() == before
        assert set(store.history(99)["serial"]) == {"SN10D20D0D1"}
        run = a_run(store, seen(), seen("10.20.0.2"))
        killed = store.run(run - 1)
        assert killed is not None
        assert killed.state == "aborted"
        assert len(store.units(run)) == 2
    assert ask(url, "SELECT count(*) FROM observations WHERE first_run = 2") == 0
    assert ask(url, "PRAGMA integrity_check") == "ok"
    assert ask(url, "SELECT count(*) FROM pragma_foreign_key_check") == 0


def test_a_second_writer_is_told_who_writes(url):
    with writer(url) as process:
        acknowledged(process, 1)
        with open_store(url, wait=0) as store:
            with pytest.raises(StoreBusyError) as caught:
                begin(store)
            assert store.last_sealed() is None

    assert str(caught.value) == (
        f"another netcover (process {process.pid}) is writing to {file_of(url)}; wait until it ends"
    )


def test_a_second_writer_waits_for_the_first_to_end(url):
    with writer(url) as process, open_store(url, wait=30) as store:
        acknowledged(process, 1)
        process.send_signal(signal.SIGKILL)  # the kernel gives the lock back whenever it comes to it
        assert begin(store) == 2


def test_two_stores_of_one_process_do_not_write_at_once(url, store):
    first = begin(store)
    with open_store(url, wait=0) as other:
        with pytest.raises(StoreBusyError):
            begin(other)
        store.seal(first, {})
        assert begin(other) == first + 1


def test_readers_do_not_wait_for_a_writer(url, store):
    sealed = a_run(store, seen())
    run = begin(store)
    store.save_observation(run, seen())

    with open_store(url, wait=0) as reader:
        assert len(reader.units(sealed)) == 1


def test_a_write_transaction_takes_the_write_lock_at_once_and_a_read_transaction_never(url, store):
    engine = connect(url)
    with closing(sqlite3.connect(file_of(url), timeout=0, isolation_level=None)) as rival:
        with writing(engine), pytest.raises(sqlite3.OperationalError, match="locked"):
            rival.execute("BEGIN IMMEDIATE")
        with reading(engine):
            rival.execute("BEGIN IMMEDIATE")
            rival.execute("ROLLBACK")
    engine.dispose()


def test_the_files_are_their_owners_alone(tmp_path):
    umask = os.umask(0)
    try:
        with open_store(f"sqlite:///{tmp_path / 'netcover.db'}") as store:
            begin(store)
            modes = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.iterdir()}
    finally:
        os.umask(umask)

    assert modes == dict.fromkeys(("netcover.db", "netcover.db-shm", "netcover.db-wal", "netcover.db.lock"), 0o600)


def test_a_folder_that_is_not_there_is_not_made(tmp_path):
    assert refusal(f"sqlite:///{tmp_path}/nodir/netcover.db") == (
        f"{tmp_path}/nodir: no such folder; make it, or name the store's place anew (--store, store.url)"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_grew_too_open_is_closed_again(url):
    open_store(url).close()
    file_of(url).chmod(0o644)

    open_store(url).close()

    assert file_of(url).stat().st_mode & 0o777 == 0o600


def test_the_database_is_set_for_safety(url, store):
    engine = connect(url)
    with reading(engine) as connection:
        said = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
        }
    engine.dispose()

    assert said == {
        "journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000, "trusted_schema": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("magic", "name"), [(0x6969, "NFS"), (0xFF534D42, "CIFS"), (0xFE534D42, "SMB2")])
def test_a_network_file_system_is_refused_before_a_file_is_made(url, magic, name):
    said = refusal(url, magic=lambda path: magic)

    assert said == (
        f"{file_of(url)} is on a network file system ({name}), where SQLite can lose data;"
        " put the store on a local disk, or use PostgreSQL"
    )
    assert not file_of(url).exists()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="statfs magic numbers are Linux's")
def test_the_file_system_is_told_as_the_kernel_numbers_it():
    assert filesystem(Path("/proc")) == 0x9FA0  # PROC_SUPER_MAGIC of linux/magic.h
    assert filesystem(Path("/nowhere")) == 0


def test_a_store_of_a_newer_netcover_is_refused_untouched(url):
    open_store(url).close()
    with closing(sqlite3.connect(file_of(url), isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    before = file_of(url).read_bytes()

    said = refusal(url)

    assert said == (
        f"{file_of(url)} was written by a newer netcover (schema 9999, this one knows {HEAD});"
        " use that version, or name another store"
    )
    assert file_of(url).read_bytes() == before


@pytest.mark.parametrize("content", [b"serial,product_id\nFOC1,C9300\n", b"SQLite format 3\0" + bytes(84)])
def test_a_file_that_is_no_store_is_refused_untouched(url, content):
    file_of(url).write_bytes(content)

    said = refusal(url)

    assert said == f"{file_of(url)} is not a netcover store; move it away, or name another with --store"
    assert file_of(url).read_bytes() == content


def test_somebody_elses_database_is_refused_untouched(url):
    with closing(sqlite3.connect(file_of(url), isolation_level=None)) as connection:
        connection.execute("CREATE TABLE runs (id)")
    before = file_of(url).read_bytes()

    assert "is not a netcover store" in refusal(url)
    assert file_of(url).read_bytes() == before


def test_a_damaged_store_is_named(url):
    with open_store(url) as store:
        a_run(store, seen())
    content = bytearray(file_of(url).read_bytes())
    content[100:4096] = os.urandom(3996)
    file_of(url).write_bytes(content)

    assert refusal(url).startswith(f"{file_of(url)}: ")


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")

    assert refusal(f"sqlite:///{tmp_path / 'file' / 'netcover.db'}").startswith(f"{tmp_path}/file")
    assert "cannot be opened: Is a directory" in refusal(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("netcover.db", "store.url is no database URL; write one such as sqlite:///netcover.db"),
        ("sqlite://", "store.url: name a file, such as sqlite:///netcover.db; a run must outlive the program"),
        ("mysql://x/y", "store.url: mysql is not supported; use sqlite: or postgresql:"),
    ],
)  # fmt: skip
def test_a_url_that_is_no_store_is_refused(url, sentence):
    assert refusal(url) == sentence


def test_a_full_disk_is_one_sentence_and_costs_nothing_sealed(url, store):
    sealed = a_run(store, seen())
    run = begin(store)
    for connection in pooled(store):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages + 1}")

    with pytest.raises(StoreError, match="database or disk is full; nothing of this step was kept"):
        for n in range(2, 200):
            store.save_observation(run, seen(f"10.20.0.{n}", hostname="x" * 4000))

    assert len(store.units(sealed)) == 1
    assert ask(url, "PRAGMA integrity_check") == "ok"


def pooled(store: Store) -> Iterator[sqlite3.Connection]:
    """The store's own connections: SQLite's page limit belongs to one."""
    raw = store._engine.raw_connection()
    yield raw.driver_connection  # type: ignore[misc]
    raw.close()


def test_a_driver_that_is_not_there_is_named_without_the_password():
    assert refusal(f"postgresql+nosuch://netcover:{CANARY}@127.0.0.1/netcover") == (
        "store.url: the driver of postgresql+nosuch is not installed; install it beside netcover"
    )


def test_the_migrations_make_exactly_the_schema(url, store):
    engine = connect(url)
    with engine.connect() as connection:
        difference = compare_metadata(MigrationContext.configure(connection), metadata)
        made = sa.inspect(connection).get_table_names()
    engine.dispose()

    assert difference == []
    assert set(made) == {*metadata.tables, "alembic_version"}


def test_head_is_the_last_migration():
    config = Config()
    config.set_main_option("script_location", "agent.store:migrations")

    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_migration_that_fails_leaves_the_store_as_it_was(url):
    def fail(connection: object, cursor: object, statement: str, *rest: object) -> None:
        if "CREATE TABLE run_findings" in statement:
            raise KeyboardInterrupt

    engine = connect(url)
    sa.event.listen(engine, "before_cursor_execute", fail)
    with pytest.raises(KeyboardInterrupt):
        upgrade(engine)
    engine.dispose()

    assert ask(url, "SELECT count(*) FROM sqlite_master") == 0
    with open_store(url, clock=lambda: NOON) as store:
        assert a_run(store, seen()) == 1


def test_a_disk_that_is_full_at_the_seal_seals_nothing_and_the_run_can_be_sealed_later(url, store):
    a_run(store, seen())
    run = begin(store)
    for n in range(1, 120):
        store.save_observation(run, seen(f"10.20.0.{n}"))
    for connection in pooled(store):
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        free = connection.execute("PRAGMA freelist_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count={pages - free}")

    with pytest.raises(StoreError, match="database or disk is full; nothing of this step was kept"):
        store.seal(run, {"text": "x" * 40_000})
    assert store.last_sealed() == run - 1
    assert ask(url, "SELECT count(*) FROM visits") == 119

    for connection in pooled(store):
        connection.execute("PRAGMA max_page_count=1000000")
    store.seal(run, {})
    assert len(store.targets(run)) == 119
    assert ask(url, "SELECT count(*) FROM visits") == 0


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "closed").mkdir(mode=0o500)

    assert refusal(f"sqlite:///{tmp_path}/closed/netcover.db") == (
        f"{tmp_path}/closed/netcover.db cannot be opened: Permission denied"
    )


def test_runs_are_kept_and_read_on_postgresql(postgres):
    with open_store(postgres, clock=lambda: NOON, wait=0) as store:
        first, second = a_run(store, seen()), a_run(store, seen(), seen("10.20.0.2"))
        aborted = begin(store)
        store.save_observation(aborted, seen("10.20.0.3"))
        store.abort(aborted)

        assert [list(store.targets(run)["address"]) for run in (first, second)] == [
            ["10.20.0.1"], ["10.20.0.1", "10.20.0.2"],
        ]  # fmt: skip
        assert list(store.sightings("SN10D20D0D1")["run"]) == [str(first), str(second)]
        assert set(store.history(99)["run"]) == {str(second)}


def test_a_store_opened_twice_by_a_process_keeps_its_log_when_another_process_ends(tmp_path):
    url, file = f"sqlite:///{tmp_path / 'netcover.db'}", tmp_path / "netcover.db"
    look = "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('SELECT count(*) FROM runs').fetchone(); c.close()"
    with open_store(url) as store:
        a_run(store, seen("10.20.0.1"))
        with open_store(url) as again:
            assert again.last_sealed() == 1
        subprocess.run([sys.executable, "-c", look, str(file)], check=True)
        # it was not the last one: the locks of the first store still hold
        assert file.with_name("netcover.db-wal").is_file()
