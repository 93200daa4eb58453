"""`netcover reconcile`, `collect` and `export`: a stored run judged, judged anew, and written out."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.agent.kept import ACME, BOLT, EVALUATION, contracts, copied, dead, judged_now, poll, switch

TWO = ("10.20.0.1", "FOC2145X0AA", "FOC2145X0AB")


def table(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An audit folder with one judged run: two switches on a contract, one on none."""
    folder = tmp_path_factory.mktemp("export")
    contracts(folder, *ACME)
    contracts(folder, *BOLT, name="bolt.csv")
    poll(folder, switch(*TWO), switch("10.20.0.2", "FOC2145X0AC", "FOC2145X0AD", licences=EVALUATION))
    judged_now(folder)
    return folder


@pytest.fixture
def judged(once: Path, tmp_path: Path) -> Path:
    return copied(once, tmp_path)


def test_a_polled_run_is_judged_by_the_folders_contracts(judged):
    verdicts = {
        row["serial"]: row["verdict"] for row in table(judged / "out" / "coverage.csv") if row["kind"] == "chassis"
    }

    assert verdicts == {
        "FOC2145X0AA": "covered", "FOC2145X0AB": "covered", "FOC2145X0AC": "covered", "FOC2145X0AD": "uncovered",
    }  # fmt: skip
    assert {path.name for path in (judged / "out").iterdir()} >= {
        "report.html",
        "audit.xlsx",
        "run.json",
        "changes.csv",
    }


def test_a_stored_run_is_exported_as_it_was_written(judged, netcover_here):
    for what in ("units", "licences", "coverage", "lines", "findings", "changes"):
        done = netcover_here("export", what, "--out", "again")
        assert (done.returncode, done.stdout) == (0, f"wrote  again/{what}.csv\n")
        assert (judged / "again" / f"{what}.csv").read_bytes() == (judged / "out" / f"{what}.csv").read_bytes()


def test_every_form_holds_the_same_rows(judged, netcover_here):
    assert netcover_here("export", "changes", "--format", "csv,json,parquet,xlsx", "--out", "x").returncode == 0

    rows = table(judged / "x" / "changes.csv")
    assert json.loads((judged / "x" / "changes.json").read_text()) == rows
    assert pq.read_table(judged / "x" / "changes.parquet").to_pylist() == rows
    assert (judged / "x" / "changes.xlsx").read_bytes()[:2] == b"PK"


def test_identifiers_go_out_as_the_contract_wrote_them(judged):
    (renew,) = [row for row in table(judged / "out" / "changes.csv") if row["action"] == "RENEW"]

    assert [renew[name] for name in ("contract_number", "instance_number", "service_level")] == [
        "00200100", "0072", "8X5XNBD",
    ]  # fmt: skip


def test_a_providers_file_is_its_own(judged, netcover_here):
    done = netcover_here("export", "changes", "--split-by", "provider", "--out", "sent")

    assert done.returncode == 0
    assert {path.name for path in (judged / "sent").iterdir()} == {"changes-Acme.csv", "changes-Bolt.csv"}
    acme, bolt = (judged / "sent" / f"changes-{name}.csv" for name in ("Acme", "Bolt"))
    assert [word for word in ("Bolt", "B-77", "bolt.csv", "b1") if word in acme.read_text()] == []
    assert [word for word in ("Acme", "00200100", "acme.csv", "k1") if word in bolt.read_text()] == []
    assert {row["Their Key"] for row in table(acme)} >= {"k2"}


def test_replace_is_expanded_when_asked(judged, netcover_here):
    (judged / "rma.csv").write_text("vendor,rma_number,old_serial,new_serial\ncisco,8,FOC2145X0AE,FOC2145X0AD\n")
    contracts(judged, *ACME, ACME[2].replace("0AC", "0AE"))
    netcover_here("reconcile", "--fail-on", "never")
    netcover_here("export", "changes", "--out", "one")
    netcover_here("export", "changes", "--expand-replace", "--out", "two")

    (one,) = [row for row in table(judged / "one" / "changes.csv") if row["action"] == "REPLACE"]
    two = [row for row in table(judged / "two" / "changes.csv") if row["finding_key"] == one["finding_key"]]
    assert [(row["action"], row["serial"]) for row in two] == [("ADD", "FOC2145X0AD"), ("REMOVE", "FOC2145X0AE")]


def test_a_run_is_judged_anew_by_corrected_contracts_and_else_by_what_it_knew(judged, netcover_here):
    netcover_here("reconcile", "--fail-on", "never", "--contracts", "contracts/acme.csv", "--out", "acme-only")
    only = {row["provider"] for row in table(judged / "acme-only" / "lines.csv")}
    for file in (judged / "contracts").iterdir():
        file.unlink()
    done = netcover_here("reconcile", "--fail-on", "never", "--out", "kept")

    assert only == {"Acme"}
    assert done.returncode == 0
    assert (judged / "kept" / "lines.csv").read_bytes() == (judged / "acme-only" / "lines.csv").read_bytes()


def test_the_diff_names_the_earlier_run_by_number_by_day_or_not_at_all(judged, netcover_here):
    poll(judged, switch(*TWO), switch("10.20.0.2", "FOC2145X0AC", "FOC2145X0AD"))
    contracts(judged, *ACME, ACME[2].replace("0AC", "0AD"))
    assert netcover_here("reconcile", "--fail-on", "never").returncode == 0
    texts = set()
    for since in ((), ("--since", "1"), ("--since", "2026-12-31")):
        assert netcover_here("export", "diff", *since, "--out", "d").returncode == 0
        texts.add((judged / "d" / "diff.csv").read_text())

    (text,) = texts
    assert {(row["event"], row["serial"]) for row in csv.DictReader(text.splitlines())} == {
        ("covered", "FOC2145X0AD"), ("licensed", ""),
    }  # fmt: skip


def test_the_portals_list_needs_no_contracts(netcover_here, tmp_path):
    poll(tmp_path, switch(*TWO))

    assert netcover_here("export", "sntc").returncode == 0
    assert [row["serialNumber"] for row in table(tmp_path / "run-1" / "sntc.csv")] == [
        "FOC2145X0AA", "FOC2145X0AB", "MFOC2145X0AA",
    ]  # fmt: skip


def test_too_little_read_ends_with_three_also_when_judged_later(netcover_here, tmp_path):
    contracts(tmp_path, *ACME)
    poll(tmp_path, switch(*TWO), dead("10.20.0.9"))
    done = netcover_here("reconcile", "--fail-on", "never")

    assert done.returncode == 3
    assert done.stderr.startswith("netcover: exit 3: 1 of 2 devices were read in full")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("export", "nonsense"), "WHAT 'nonsense' is none of units, licences"),
        (("export", "units", "--format", "pdf"), "--format 'pdf' is none of csv, json, xlsx, parquet"),
        (("export", "changes", "--split-by", "site"), "--split-by 'site' is none of provider, contract"),
        (("export", "units", "--split-by", "provider"), "--split-by and --expand-replace are for changes"),
        (("export", "units", "--since", "1"), "--since is for diff"),
        (("export", "diff"), "there is no reconciled run before run 1 to compare with"),
        (("export", "diff", "--since", "soon"), "--since 'soon' is neither a run's number nor a day"),
        (("export", "diff", "--since", "7"), "--since 7 is not before run 1"),
        (("export", "units", "--run", "9"), "run 9 is not in the store"),
        (("export", "units", "--out", "acme.csv"), "acme.csv: is a file, not a folder; name another folder with --out"),
        (("export", "units", "--folder", "nowhere"), "nowhere/out/netcover.db: there is no store"),
    ],
)
def test_what_cannot_be_exported_is_refused_in_one_sentence(judged, netcover_here, arguments, said):
    (judged / "acme.csv").write_text("")
    done = netcover_here(*arguments)

    assert done.returncode == 2
    assert done.stderr.startswith(f"netcover: {said}")
    assert done.stderr.count("\n") == 1


def test_a_command_that_reads_makes_no_store(netcover_here, tmp_path):
    for arguments in (("export", "units"), ("show", "run"), ("baseline", "--reason", "x", "--until", "2999-01-01")):
        assert netcover_here(*arguments, "--store", "new.db").returncode == 2
    assert not (tmp_path / "new.db").exists()


def test_a_run_that_was_only_polled_has_no_coverage_to_export(netcover_here, tmp_path):
    poll(tmp_path, switch(*TWO))
    done = netcover_here("export", "coverage", "--run", "1")

    assert done.returncode == 2
    assert "netcover reconcile --run 1" in done.stderr


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A folder of saved answers with one device that says nothing of use."""
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "sw1.txt").write_text("sw1#show version\nnothing\nsw1#\n")
    return tmp_path


def test_collect_keeps_a_run_and_looks_at_no_contract(netcover_here, saved):
    contracts(saved, "not,a,contract")
    done = netcover_here("collect", "--captures", "saved", "--allow-incomplete")

    assert done.returncode == 0
    assert "netcover reconcile --run 1" in done.stdout
    assert netcover_here("show", "run").stdout.startswith("run 1 ")
    assert [path.suffix for path in (saved / "out").iterdir() if path.suffix in (".csv", ".html")] == []


def test_where_the_files_go_is_tried_before_anything_is_read(netcover_here, saved):
    (saved / "taken").write_text("")
    (saved / "out2" / "units.csv").mkdir(parents=True)
    for out, said in (
        ("taken", "taken: is a file, not a folder; name another folder with --out"),
        ("taken/below", "taken/below: cannot be written: Not a directory; name another folder with --out"),
        ("out2", "out2/units.csv: is a folder, and a file of that name is to be written"),
    ):
        done = netcover_here("audit", "--captures", "saved", "--out", out)
        assert done.returncode == 2
        assert done.stderr.startswith(f"netcover: {said}")
    assert not list(saved.rglob("netcover.db"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written_is_refused(netcover_here, saved):
    (saved / "shut").mkdir(mode=0o500)
    done = netcover_here("audit", "--captures", "saved", "--out", "shut")

    assert (done.returncode, done.stderr) == (
        2, "netcover: shut: cannot be written: Permission denied; name another folder with --out\n",
    )  # fmt: skip


def test_a_mistyped_store_makes_no_folders(netcover_here, saved):
    done = netcover_here("audit", "--captures", "saved", "--store", f"sqlite:///{saved}/nodir/below/netcover.db")

    assert done.returncode == 2
    assert done.stderr.startswith(f"netcover: {saved}/nodir/below: no such folder; make it")
    assert not (saved / "nodir").exists()
