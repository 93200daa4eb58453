"""`netcover import`: batches into the store, what they change, and the hold of one that shrank."""

from __future__ import annotations

import csv
import os
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from agent.imports import HeldError, contract_files, take_in, with_imported
from agent.settings import Settings
from agent.settings import load as load_settings
from agent.store import Store, open_store
from reconcile.contracts import ContractFile, read_contracts
from reconcile.errors import ContractError
from reconcile.layouts import load
from tests.agent.parts import HOME, TODAY

LAYOUTS = load()
HEADER = "vendor,provider,contract_number,serial,product_id,line_end,Article\n"
NONE = Settings()


def rows(contract: str, *serials: str, end: str = "2027-12-31", provider: str = "acme") -> str:
    return "".join(f"cisco,{provider},{contract},{serial},C9300-48P,{end},art-{serial}\n" for serial in serials)


def serials(count: int, letter: str = "A") -> list[str]:
    return [f"FOC2145X{letter}{number:02}" for number in range(count)]


def put(folder: Path, text: str, name: str = "list.csv", *, header: str = HEADER) -> Path:
    (folder / name).write_text(header + text)
    return folder / name


def take(store: Store, *paths: Path, accept: bool = False, settings: Settings = NONE):
    files = contract_files([str(path) for path in paths], settings, LAYOUTS)
    return take_in(store, read_contracts(files, layouts=LAYOUTS), files, settings, accept=accept)


def held(store: Store, source: str = "acme") -> list[tuple[str, str]]:
    lines = store.contract_lines(source)
    return [] if lines is None else sorted(zip(lines["contract_number"], lines["serial"], strict=True))


def test_a_newer_batch_replaces_the_contracts_it_names_and_no_others(store, tmp_path):
    take(store, put(tmp_path, rows("1", *serials(12)) + rows("2", *serials(3, "B"))))

    (taken,) = take(store, put(tmp_path, rows("1", *serials(11), "FOC2145XN01", end="2028-12-31")))

    assert held(store) == sorted(
        [*(("1", s) for s in [*serials(11), "FOC2145XN01"]), *(("2", s) for s in serials(3, "B"))]
    )
    found = taken.difference
    assert (taken.before, taken.now, taken.batch, taken.others) == (15, 15, 12, ("2",))
    assert found.added["serial"].tolist() == ["FOC2145XN01"]
    assert found.dropped["serial"].tolist() == [serials(12)[-1]]
    assert set(found.changed["before"]) == {"line_end: 2027-12-31 -> 2028-12-31"}


def test_older_lines_keep_their_own_file_and_row_where_a_newer_file_has_the_same_name(store, tmp_path):
    take(store, put(tmp_path, rows("1", "FOC2145XA01") + rows("2", "FOC2145XB01")))
    take(store, put(tmp_path, rows("1", "FOC2145XA01", end="2028-12-31")))

    lines = store.contract_lines("acme")

    origins = list(zip(lines["source_file"], lines["source_row"], lines["extra:Article"], strict=True))
    assert sorted(origins) == [("list.csv", "3", "art-FOC2145XB01"), ("list.csv (2)", "2", "art-FOC2145XA01")]


def test_a_source_that_sends_everything_each_time_loses_the_contracts_it_does_not_name(store, tmp_path):
    settings = tmp_path / "netcover.toml"
    settings.write_text('[[contracts.source]]\nname = "acme"\nvendor = "cisco"\ncomplete = true\n')
    known = load_settings(settings)
    take(store, put(tmp_path, rows("1", *serials(20)) + rows("2", "FOC2145XB01")), settings=known)

    (taken,) = take(store, put(tmp_path, rows("1", *serials(20))), settings=known)

    assert (taken.now, taken.difference.dropped["serial"].tolist()) == (20, ["FOC2145XB01"])


def test_the_same_lines_again_change_nothing_and_newer_files_make_them_fresh(store, tmp_path):
    path = put(tmp_path, rows("1", *serials(3)))
    os.utime(path, (1_700_000_000, 1_700_000_000))
    take(store, path)
    before = store.contract_sources()

    (again,) = take(store, path)
    unchanged = store.contract_sources()
    shutil.copy(path, tmp_path / "renamed.csv")
    (newer,) = take(store, tmp_path / "renamed.csv")

    assert (again.same, again.newer, unchanged) == (True, False, before)
    assert (newer.same, newer.newer) == (True, True)
    assert store.contract_sources()[0].dated > before[0].dated


@pytest.mark.parametrize(("left", "is_held"), [(20, False), (18, False), (17, True), (1, True)])
def test_a_source_that_shrinks_by_more_than_a_tenth_is_held_until_accepted(store, tmp_path, left, is_held):
    take(store, put(tmp_path, rows("1", *serials(20))))
    small = put(tmp_path, rows("1", *serials(left)), "small.csv")

    if is_held:
        with pytest.raises(HeldError, match=f"acme had 20 lines and has {left} now"):
            take(store, small)
        assert len(held(store)) == 20
    take(store, small, accept=True)
    assert len(held(store)) == left


def test_one_held_source_holds_the_whole_batch(store, tmp_path):
    take(store, put(tmp_path, rows("1", *serials(9)) + rows("9", "FOC2145XZ01", provider="other")))
    both = put(tmp_path, rows("1", "FOC2145XA01") + rows("9", "FOC2145XZ02", provider="other"), "both.csv")

    with pytest.raises(HeldError):
        take(store, both)

    assert (len(held(store)), held(store, "other")) == (9, [("9", "FOC2145XZ01")])


def test_a_first_file_cut_at_any_byte_never_changes_what_the_store_says(store, tmp_path):
    path = put(tmp_path, rows("1", *serials(4)) + rows("2", *serials(2, "B")))
    whole = path.read_bytes()
    take(store, path)
    full, ends = store.contract_lines("acme"), {"refused": 0, "held": 0, "same": 0}
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        try:
            (taken,) = take(store, path)
        except ContractError:
            ends["refused"] += 1
            continue
        except HeldError:
            ends["held"] += 1
            continue
        assert taken.same or not taken.difference, f"cut at byte {length}"
        ends["same"] += 1

    says = full.columns.difference(["source_file", "source_row"])
    now = store.contract_lines("acme")
    assert now.sort_values("serial")[says].to_numpy().tolist() == full.sort_values("serial")[says].to_numpy().tolist()
    assert ends["held"] >= 3 and ends["refused"] > 100


def test_what_the_settings_know_of_a_source_goes_with_its_file(tmp_path):
    settings = tmp_path / "netcover.toml"
    settings.write_text(
        '[[contracts.source]]\nname = "Acme"\nprovider = "Acme AS"\nvendor = "cisco"\npaths = ["in/*.csv"]\n'
        'date_order = "mdy"\n'
    )
    (tmp_path / "in").mkdir()
    path, known = put(tmp_path / "in", rows("1", "FOC2145XA01")), load_settings(settings)
    expected = ContractFile(path, "", "Acme", "Acme AS", "cisco", "mdy")
    other = put(tmp_path, rows("1", "FOC2145XA01"), "other.csv")

    assert contract_files([str(path)], known, LAYOUTS) == [expected]
    assert contract_files([str(other)], known, LAYOUTS, source="acme") == [replace(expected, path=other)]
    assert contract_files([f"acme={other}"], known, LAYOUTS, date_order="dmy") == [
        replace(expected, path=other, date_order="dmy")
    ]
    assert contract_files([str(other)], known, LAYOUTS) == [ContractFile(other)]
    assert contract_files([str(other)], known, LAYOUTS, source="Bravo") == [
        ContractFile(other, source="bravo", provider="Bravo")
    ]


def prepared(settings: Settings):
    from agent.prepare import Prepared
    from reconcile.policy import load as load_policy

    return Prepared(settings, {}, load_policy(), (), None, None, {})


def test_imported_lines_take_the_place_of_files_with_their_own_columns_apart(store, tmp_path):
    take(store, put(tmp_path, rows("1", "FOC2145XA01")), put(tmp_path, rows("2", "FOC2145XB01", provider="b"), "b.csv"))

    given = with_imported(store, prepared(NONE), TODAY)

    assert given.contracts.lines[["source", "serial"]].to_numpy().tolist() == [
        ["acme", "FOC2145XA01"], ["b", "FOC2145XB01"],
    ]  # fmt: skip
    assert given.contracts.extra.to_dict("records") == [
        {"source_file": "list.csv", "source_row": "2", "Article": "art-FOC2145XA01"},
        {"source_file": "b.csv", "source_row": "2", "Article": "art-FOC2145XB01"},
    ]
    assert [(source.name, source.complete, source.stale) for source in given.sources] == [
        ("acme", True, False), ("b", True, False),
    ]  # fmt: skip
    assert {file.layout for file in given.contracts.files} == {"netcover"}


@pytest.mark.parametrize(("age", "stale"), [(29, False), (31, True)])
def test_an_imported_source_is_as_old_as_its_files(store, tmp_path, age, stale):
    settings = tmp_path / "netcover.toml"
    settings.write_text('[[contracts.source]]\nname = "acme"\ncomplete = true\nmax_age_days = 30\n')
    path, known = put(tmp_path, rows("1", "FOC2145XA01")), load_settings(settings)
    os.utime(path, (1_772_280_000 - age * 86_400,) * 2)  # 2026-02-28 12:00 UTC, less its age
    take(store, path, settings=known)

    (source,) = with_imported(store, prepared(known), date(2026, 2, 28)).sources

    assert (source.complete, source.stale) == (True, stale)


def test_the_command_imports_says_what_changed_and_holds(netcover_here, tmp_path):
    put(tmp_path, rows("1", *serials(4)), "a.csv")
    first = netcover_here("import", "a.csv")
    again = netcover_here("import", "a.csv")
    put(tmp_path, rows("1", *serials(2)), "a.csv")
    shrunk = netcover_here("import", "a.csv")
    accepted = netcover_here("import", "a.csv", "--accept-shrink")

    assert (first.returncode, first.stdout.splitlines()) == (
        0,
        [
            "a.csv: 4 lines to row 5, read as netcover",
            "acme: 4 lines, the first of this source: see that the last row above is the file's last",
        ],
    )
    assert again.stdout.splitlines()[1:] == ["acme: nothing changed, these 4 lines were imported before"]
    assert (shrunk.returncode, shrunk.stderr) == (
        2,
        "netcover: held: acme had 4 lines and has 2 now (50 % less); nothing was changed. If the file is whole, say"
        " --accept-shrink; if not, export it again\n",
    )
    assert accepted.stdout.splitlines()[1:] == [
        "acme: 4 lines before, 2 now: 0 added, 2 dropped, 0 changed",
        "  dropped  FOC2145XA02 on 1",
        "  dropped  FOC2145XA03 on 1",
    ]


def test_a_folder_named_from_elsewhere_has_its_own_store(netcover_here, tmp_path):
    put(tmp_path, rows("1", "FOC2145XA01"), "a.csv")
    (tmp_path / "fleet").mkdir()

    assert netcover_here("import", "a.csv", "--folder", "fleet").returncode == 0

    assert [str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.db")] == ["fleet/out/netcover.db"]


def test_a_preview_changes_nothing_and_shows_every_faulty_row(netcover_here, tmp_path):
    text = rows("1", "FOC2145XA01", "1.23E+14", "FOC2145XA03") + rows("1", "FOC2145XA04", end="2027-13-01")
    put(tmp_path, text, "a.csv")

    done = netcover_here("import", "a.csv", "--preview")

    assert done.returncode == 2
    refused = [line for line in done.stdout.splitlines() if line.startswith("  refused")]
    assert [line.partition(":")[0] for line in refused] == ["  refused, row 3", "  refused, row 5"]
    assert "  2 lines, the last in row 4" in done.stdout.splitlines()
    assert "  kept as they are, not understood: Article" in done.stdout.splitlines()
    assert list(tmp_path.iterdir()) == [tmp_path / "a.csv"]


@pytest.mark.parametrize(
    ("dates", "status", "said"),
    [
        (
            ["05/04/2027", "31/12/2027"],
            0,
            "  if guessed wrongly: End Date '05/04/2027' is read as 2027-04-05; month first it would be 2027-05-04",
        ),
        (
            ["05/04/2027"],
            2,
            "  dates: open: day or month first, nothing in the file tells; shown here with the day first",
        ),
    ],
)
def test_a_preview_shows_dates_read_the_other_way(netcover_here, tmp_path, dates, status, said):
    lines = "".join(f"Cisco,1,FOC2145XA{n:02},{day}\n" for n, day in enumerate(dates))
    put(tmp_path, lines, "a.csv", header="Vendor,Contract Number,Serial Number,End Date\n")

    done = netcover_here("import", "a.csv", "--preview")

    assert (done.returncode, said in done.stdout.splitlines()) == (status, True)
    assert netcover_here("import", "a.csv", "--preview", "--date-order", "mdy").returncode == (0 if status else 2)


def coverage(folder: Path) -> list[str]:
    with (folder / "out" / "coverage.csv").open(encoding="utf-8", newline="") as file:
        return [row["verdict"] for row in csv.DictReader(file) if row["serial"] == "FCW2501A0B1"]


@pytest.fixture
def devices(tmp_path) -> Path:
    shutil.copytree(HOME / "tests" / "captures" / "ios_session" / "devices", tmp_path / "saved")
    return tmp_path / "saved"


AUDIT = ("--quiet", "audit", "--captures", "saved", "--as-of", "2027-01-01", "--allow-incomplete", "--fail-on", "never")


def test_an_audit_without_contract_files_rests_on_what_was_imported(netcover_here, tmp_path, devices):
    put(tmp_path, rows("1", "FCW2501A0B1", *serials(4)), "a.csv")
    assert netcover_here("import", "a.csv").returncode == 0

    assert netcover_here(*AUDIT).returncode == 0

    assert coverage(tmp_path) == ["covered"]


def test_an_audit_holds_a_contract_file_that_shrank_before_anything_is_read(netcover_here, tmp_path, devices):
    put(tmp_path, rows("1", *serials(4), "FCW2501A0B1"), "a.csv")
    assert netcover_here(*AUDIT, "--contracts", "a.csv").returncode == 0
    put(tmp_path, rows("1", *serials(4)), "a.csv")

    held = netcover_here(*AUDIT, "--contracts", "a.csv")
    with open_store(f"sqlite:///{tmp_path / 'out' / 'netcover.db'}") as store:
        runs = len(store.recent_runs())
    kept = coverage(tmp_path)
    accepted = netcover_here(*AUDIT, "--contracts", "a.csv", "--accept-shrink")

    assert (held.returncode, runs, kept) == (2, 1, ["covered"])
    assert "acme had 5 lines and has 4 now (20 % less)" in held.stderr
    assert (accepted.returncode, coverage(tmp_path)) == (0, ["uncovered"])


def test_an_audit_holds_a_file_that_lost_all_lines_of_one_of_its_sources(netcover_here, tmp_path, devices):
    put(tmp_path, rows("1", *serials(4)) + rows("2", "FCW2501A0B1", provider="other"), "a.csv")
    assert netcover_here(*AUDIT, "--contracts", "a.csv").returncode == 0
    put(tmp_path, rows("1", *serials(4)), "a.csv")

    held = netcover_here(*AUDIT, "--contracts", "a.csv")
    renamed = put(tmp_path, rows("1", *serials(4)) + rows("2", "FCW2501A0B1", provider="renamed"), "a.csv")

    assert (held.returncode, "other had 1 lines and has 0 now" in held.stderr) == (2, True)
    assert netcover_here(*AUDIT, "--contracts", renamed).returncode == 0, "the same lines under another provider"
