"""Licence recordings of real devices, read in place."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from collectors.cli import read_cli
from collectors.licence_words import facts_of
from collectors.model import Answer, LicenceState, State
from collectors.oids import Walk
from collectors.platforms import load
from collectors.readers import READERS
from collectors.saved import objects
from collectors.saved.walks import recorded

CORPUS = Path(os.environ.get("NETCOVER_CORPUS") or Path(__file__).parents[4] / "shared" / "corpus")
DAY = date(2026, 11, 21)
IN_USE, DORMANT, AUTHORIZED = LicenceState.IN_USE, LicenceState.DORMANT, LicenceState.AUTHORIZED


def text(name: str) -> str:
    path = CORPUS / name
    if not path.exists():
        pytest.skip(f"no corpus in {CORPUS}")
    return path.read_text("utf-8", "replace")


CASES = [
    ("genieparser/iosxe/ShowLicenseAll/golden_output_output.txt", "cisco_ios", "show license all",
     [IN_USE, IN_USE, IN_USE, IN_USE, DORMANT, DORMANT, DORMANT, DORMANT]),
    ("genieparser/iosxe/ShowLicenseAll/golden_output_4_output.txt", "cisco_ios", "show license all",
     [IN_USE, AUTHORIZED, AUTHORIZED, AUTHORIZED, AUTHORIZED]),
    ("genieparser/iosxe/ShowLicenseStatus/golden_output1_output.txt", "cisco_ios", "show license status",
     [AUTHORIZED, AUTHORIZED, AUTHORIZED, AUTHORIZED]),
    ("genieparser/iosxe/ShowLicenseStatus/golden_output2_output.txt", "cisco_ios", "show license status", [AUTHORIZED]),
    ("genieparser/iosxe/ShowLicenseAuthorization/cat9k-c9300--golden_output_output.txt", "cisco_ios",
     "show license authorization", [DORMANT]),
    ("genieparser/iosxe/ShowLicenseSummary/golden_output1_output.txt", "cisco_ios", "show license summary",
     [IN_USE, IN_USE]),
    ("genieparser/iosxe/ShowLicenseSummary/golden_output2_output.txt", "cisco_ios", "show license summary",
     [IN_USE, IN_USE, IN_USE]),
    ("genieparser/iosxe/ShowLicenseSummary/golden_output3_output.txt", "cisco_ios", "show license summary",
     [IN_USE, IN_USE]),
    ("ntc-templates/cisco_ios/show_license_status/cisco_ios_show_license_status4.raw", "cisco_ios",
     "show license status", [AUTHORIZED]),
    ("ntc-templates/cisco_ios/show_license/cisco_ios_show_license.raw", "cisco_ios", "show license",
     [IN_USE, DORMANT, IN_USE, IN_USE, DORMANT, DORMANT, DORMANT, IN_USE, DORMANT, DORMANT]),
    ("ntc-templates/cisco_nxos/show_license_usage/cisco_nxos_show_license_usage.raw", "cisco_nxos",
     "show license usage", [*[DORMANT] * 10, IN_USE]),
    ("ntc-templates/cisco_asa/show_license_all/cisco_asa_show_license_all.raw", "cisco_asa", "show license all",
     [AUTHORIZED, AUTHORIZED, DORMANT]),
    ("ntc-templates/cisco_asa/show_license_all/cisco_asa_show_license_all2.raw", "cisco_asa", "show license all",
     [AUTHORIZED, AUTHORIZED, DORMANT]),
    ("ntc-templates/cisco_asa/show_license_all/cisco_asa_show_license_all3.raw", "cisco_asa", "show license all",
     [LicenceState.EVALUATION, LicenceState.UNREGISTERED, DORMANT]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "platform", "command", "states"), CASES, ids=[case[0] for case in CASES])
def test_every_licence_recording_is_complete_and_its_states_are_right(
    name: str, platform: str, command: str, states: list[LicenceState]
) -> None:
    read = read_cli(load()[platform], "", [Answer(command, text(name), State.COMPLETE)], at=DAY)

    section = next(one for one in read.sections if one.name == "licences")
    assert (section.state, section.reason) == (State.COMPLETE, "")
    assert [one.state for one in read.licences] == states


def test_the_recorded_stack_tells_when_it_must_report_and_whose_serials_its_agent_knows() -> None:
    name = "genieparser/iosxe/ShowLicenseAll/golden_output_output.txt"

    read = read_cli(load()["cisco_ios"], "", [Answer("show license all", text(name), State.COMPLETE)], at=DAY)

    agent, *udis = (one for one in read.licences if one.feature == "smart licensing")
    facts = facts_of(agent.detail)
    assert (facts["ack_required"], facts["last_ack"], facts["next_ack"]) == ("yes", "none", "2022-02-07")
    assert (agent.expires, agent.serial) == ("2022-02-07", udis[0].serial)
    assert [facts_of(one.detail)["role"] for one in udis] == ["active", "standby", "member"]
    assert len({one.serial for one in udis}) == 3


def recorded_walk(found: objects.Objects, reader: str) -> Walk:
    return recorded([found]).walk(READERS[reader])


def test_the_recorded_smart_table_is_two_features_in_use() -> None:
    found = objects.snmprec(text("netdata/licensing/cisco-smart-iosxe-c9800.snmprec").encode())

    got = READERS["smart_licence"].read(recorded_walk(found, "smart_licence"))

    assert [(one.feature, one.entitlement, one.state, one.quantity) for one in got.licences] == [
        ("air-network-essentials", "DNA_NWSTACK_E", IN_USE, "55"),
        ("air-dna-essentials", "AIR-DNA-E", IN_USE, "55"),
    ]


def test_the_recorded_classic_table_is_a_permanent_licence_and_a_dormant_right() -> None:
    found = objects.snmpwalk(text("netdata/licensing/cisco-traditional.snmpwalk"))

    got = READERS["licence_mgmt"].read(recorded_walk(found, "licence_mgmt"))

    assert [(one.feature, one.state, one.quantity) for one in got.licences] == [
        ("ipbasek9", IN_USE, ""),
        ("cme-srst", DORMANT, "5000"),
    ]
    assert got.holders == ("1", "1")
