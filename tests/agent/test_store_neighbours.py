# ruff: noqa: E501 - rows of tables read better whole
"""Neighbours in the store: kept with what else was seen, and nothing is written where a run did not ask."""

from dataclasses import replace
from datetime import UTC, date, datetime

import sqlalchemy as sa

from agent.store import NEIGHBOURS, Store, open_store
from collectors.model import NEIGHBOURS as SECTION
from collectors.model import Neighbour, Observation, Outcome, Section, State, Target
from reconcile.tables import table

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
SEEN = Observation(Target("10.20.0.1"), Outcome.COMPLETE, "10.20.0.1", NOON, hostname="sw1", vendor="cisco")
TWO = (
    Neighbour("Gi1/0/1", "core-1", ("10.9.0.1", "2001:db8::1"), "cisco X", "Te1/1", "FDO21110AAA", "cdp+lldp", "snmp+ssh"),
    Neighbour("Gi1/0/2", "phone", protocol="lldp", collected_via="snmp"),
)  # fmt: skip


def saved(store: Store, seen: Observation) -> int:
    run = store.begin_run(as_of=date(2026, 3, 1), version="0.2", settings_digest="digest")
    store.save_observation(run, seen)
    store.seal(run, {})
    return run


def test_neighbours_are_kept_in_their_order_with_all_addresses(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'n.db'}", clock=lambda: NOON) as store:
        run = saved(store, replace(SEEN, neighbours=TWO, sections=(Section(SECTION, State.COMPLETE, "snmp+ssh"),)))

        assert store.neighbours(run).to_dict("records") == table(
            NEIGHBOURS,
            [
                {"address": "10.20.0.1", "local_hostname": "sw1", "local_interface": "Gi1/0/1", "hostname": "core-1",
                 "addresses": "10.9.0.1 2001:db8::1", "platform": "cisco X", "remote_interface": "Te1/1",
                 "chassis_id": "FDO21110AAA", "protocol": "cdp+lldp", "collected_via": "snmp+ssh"},
                {"address": "10.20.0.1", "local_hostname": "sw1", "local_interface": "Gi1/0/2", "hostname": "phone",
                 "protocol": "lldp", "collected_via": "snmp"},
            ],
        ).to_dict("records")  # fmt: skip
        assert list(store.sections(run)["section"]) == [SECTION]


def test_a_device_whose_neighbours_change_keeps_both_states(tmp_path):
    with open_store(f"sqlite:///{tmp_path / 'n.db'}", clock=lambda: NOON) as store:
        without, first, second = (saved(store, replace(SEEN, neighbours=held)) for held in ((), TWO, TWO[:1]))

        assert [len(store.neighbours(run)) for run in (without, first, second)] == [0, 2, 1]


def test_a_run_that_does_not_ask_finds_the_content_of_stores_before_neighbours(tmp_path):
    path = tmp_path / "n.db"
    with open_store(f"sqlite:///{path}", clock=lambda: NOON) as store:
        saved(store, SEEN)
        saved(store, SEEN)

    engine = sa.create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM contents")) == 1
        assert connection.scalar(sa.text("SELECT count(*) FROM neighbours")) == 0
    engine.dispose()
