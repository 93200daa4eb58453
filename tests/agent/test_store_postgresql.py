"""The commands on a store in PostgreSQL: a real server, for as long as the test."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

from tests.agent.parts import HOME

AUDIT = (
    "--quiet", "audit", "--captures", "saved", "--contracts", "a.csv", "--as-of", "2027-01-01", "--allow-incomplete",
    "--fail-on", "never",
)  # fmt: skip
LINES = (
    "vendor,provider,contract_number,serial,product_id,line_end\n"
    "cisco,acme,1,FCW2501A0B1,C9300-48P,2027-12-31\n"
    "cisco,acme,1,FOC2145XA02,C9300-48P,2027-12-31\n"
)


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_an_audit_gives_the_same_tables_on_either_database(netcover_here, tmp_path, postgres):
    shutil.copytree(HOME / "tests" / "captures" / "ios_session" / "devices", tmp_path / "saved")
    (tmp_path / "a.csv").write_text(LINES)
    found = {}
    for name, store in (("sqlite", f"sqlite:///{tmp_path}/one.db"), ("postgresql", postgres)):
        for _ in range(2):  # the second run has a history
            done = netcover_here(*AUDIT, "--store", store, "--out", name)
            assert (done.returncode, done.stderr) == (0, "")
        found[name] = {
            path.name: [{**row, "seen_at": "", "seconds": ""} for row in table(path)]
            for path in sorted((tmp_path / name).glob("*.csv"))
        }

    assert found["postgresql"] == found["sqlite"]
    assert {row["verdict"] for row in found["sqlite"]["coverage.csv"]} >= {"covered", "not_seen"}


def test_the_other_commands_work_on_postgresql(netcover_here, tmp_path, postgres):
    shutil.copytree(HOME / "tests" / "captures" / "ios_session" / "devices", tmp_path / "saved")
    (tmp_path / "a.csv").write_text(LINES)
    store = ("--store", postgres)
    assert netcover_here("import", "a.csv", *store).returncode == 0
    assert [netcover_here(*AUDIT, *store).returncode for _ in range(2)] == [0, 0]
    (first, *_) = table(tmp_path / "out" / "findings.csv")

    asked = [
        ("show", "run", *store),
        ("show", "serial", "FCW2501A0B1", *store),
        ("show", "finding", first["key"], *store),
        ("accept", first["key"], "--reason", "known", "--until", "2027-02-01", *store),
        ("reconcile", *store, "--fail-on", "never", "--allow-incomplete"),
        ("export", "units", *store),
        ("export", "diff", *store),
        ("prune", *store),
    ]
    done = {arguments[:2]: netcover_here(*arguments) for arguments in asked}

    assert {name: (one.returncode, one.stderr) for name, one in done.items() if one.returncode} == {}
    accepted = {row["key"]: row["status"] for row in table(tmp_path / "out" / "findings.csv")}
    assert accepted[first["key"]] == "accepted"


def test_a_backup_is_left_to_postgresql_s_own_program(netcover_here, postgres):
    done = netcover_here("backup", "--store", postgres)

    assert done.returncode == 2
    assert "pg_dump" in done.stderr
