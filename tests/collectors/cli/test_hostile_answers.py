"""Answers that were torn, wrapped, stamped or run together: never complete without a unit, never with half a serial."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors import platforms
from collectors.cli import access_points, firewalls, modules, version_licences
from collectors.cli.inventory import records, ruled_table
from collectors.model import INVENTORY, Observation, Outcome, State
from collectors.saved import read_captures
from collectors.transports.shell import judge, without_pages, without_syslog

PLATFORMS = platforms.load()
DEVICES = Path(__file__).parents[2] / "devices"
NOW = datetime(2031, 3, 9, tzinfo=UTC)
BOX = 'NAME: "Chassis", DESCR: "Box"\nPID: BOX-1 , VID: V01 , SN: FOC1234A0B1\n'
CARD = 'NAME: "Slot 1", DESCR: "Card"\nPID: CARD-1 , VID: V01 , SN: '
DCP = """
  Location    Part number       Description                HW rev  FW rev  Serial number
  ----------  ----------------  -------------------------  ------  ------  --------------
  chassis     DCP-M40-PAM4-ZR   40 channel open line       R2A     n/a     S2145000777
"""


def serials(text: str) -> tuple[list[str], bool]:
    found = records(text)
    return [part.serial for part in found.parts], not found.doubt


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(BOX + CARD + "\nFOC1234C0D1\n", (["FOC1234A0B1", "FOC1234C0D1"], True), id="on_the_next_line"),
        pytest.param(BOX + CARD + "FOC1\n234C0D1\n", (["FOC1234A0B1", "FOC1234C0D1"], True), id="broken_in_two"),
        pytest.param(BOX + CARD + "X9Q1\n234C\n", (["FOC1234A0B1", ""], False), id="half_of_what_nobody_knows"),
        pytest.param(CARD + "FOC1234C0D1\nJUNK\n" + BOX, (["FOC1234C0D1", "FOC1234A0B1"], False), id="junk_behind"),
        pytest.param(CARD[:-5] + "\n" + BOX, (["", "FOC1234A0B1"], False), id="cut_before_the_label"),
        pytest.param('NAME: "a", DESCR: "b"\nPID: N/A\n' + BOX, (["", "FOC1234A0B1"], True), id="nothing_to_miss"),
        pytest.param(
            BOX.replace('"Box"', '"Bo\nx"') + CARD + "FOC1234C0D1\n", (["FOC1234A0B1", "FOC1234C0D1"], True), id="descr"
        ),
        pytest.param(BOX.replace("DESCR", "DES\nCR"), (["FOC1234A0B1"], False), id="a_torn_label"),
    ],
)
def test_a_wrapped_serial_is_put_together_or_left_out(text: str, expected: tuple[list[str], bool]) -> None:
    assert serials(text) == expected


def test_two_rows_of_a_ruled_table_on_one_line_are_no_serial() -> None:
    joined = DCP.rstrip("\n") + "   psu-1/1    DCP-2-PSU-AC-FB   AC power supply   CP   n/a   L6TX2009000001\n"
    found = ruled_table(joined)
    assert ([part.serial for part in found.parts], found.doubt.split(":")[0]) == ([], "line not understood")


def test_a_ruled_table_may_be_written_with_tabs() -> None:
    tabbed = re.sub(
        r"(?m)^  chassis     ", "  chassis\t      ".expandtabs(8).replace("  chassis ", "  chassis\t", 1), DCP
    )
    assert "\t" in tabbed
    assert [part.serial for part in ruled_table(tabbed).parts] == ["S2145000777"]


def test_two_cards_on_one_line_are_no_serial() -> None:
    text = (
        "Mod Ports Card Type                    Model              Serial No.\n"
        "--- ----- ---------------------------- ------------------ -----------\n"
        "1   48    C9400-LC-48U module          C9400-LC-48U       FYT27233MYG2   48    C9400   FYT27230001\n"
    )
    found = modules.modules(text)
    assert ([part.serial for part in found.parts], bool(found.doubt)) == ([], True)


def test_an_access_point_whose_serial_line_ran_into_the_next_has_none() -> None:
    text = "Cisco AP Name   : a\nAP Model           : C9120AXI-E\nAP Serial Number   : FGL2516LQ7BAP Mode     : Local\n"
    found = access_points.config(text)
    assert ([part.serial for part in found.parts], found.doubt) == ([""], "access point a has no serial line")


def test_a_firepower_counts_itself_as_module_1() -> None:
    text = (
        "Mod  Card Type                                    Model              Serial No. \n"
        "---- -------------------------------------------- ------------------ -----------\n"
        "   1 FPR-1140 Adaptive Security Appliance         FPR-1140           JAD2441Q0ZX\n"
        "\n"
        "Mod  MAC Address Range                 Hw Version   Fw Version   Sw Version     \n"
        "---- --------------------------------- ------------ ------------ ---------------\n"
        "   1 2c73.a0aa.0100 to 2c73.a0aa.011b  0.4          1.0.05       9.16(4)57\n"
    )
    (part,) = firewalls.modules(text).parts
    assert (part.index, part.cls, part.serial) == ("board:0", "chassis", "JAD2441Q0ZX")


def test_features_without_a_term_are_read_inside_their_list_only() -> None:
    shown = [
        "Hardware: 4",
        "Licensed features for this platform:",
        "Failover : Enabled",
        "VPN Peers : 0",
        "GTP : Disabled",
    ]
    shown += ["Security Contexts : 2", "Serial Number: 808123457", "Ports : 9"]
    found, doubts = version_licences.terms(shown, None)
    assert ([(one.feature, str(one.state), one.quantity) for one in found], doubts) == (
        [("Failover", "in_use", ""), ("Security Contexts", "in_use", "2")],
        [],
    )


def test_a_small_business_switch_says_its_severity_as_a_letter() -> None:
    assert without_syslog("a\n20-Nov-2030 10:15:02 :%LINK-I-Up:  gi1/0/7\nb\n") == ("a\nb\n", 1)


@pytest.mark.parametrize(
    "left", ["More: <space>,  Quit: q or CTRL+Z, One line: <return> ", "Press Enter to continue..."]
)
def test_what_a_pager_left_is_no_line(left: str) -> None:
    assert without_pages(f"a\n{left}\nb\n") == "a\nb\n"


def test_a_command_that_a_context_does_not_have_is_unsupported() -> None:
    answer = judge("show module", "ERROR: Command not valid in current execution space\n")
    assert answer.state is State.UNSUPPORTED


@pytest.mark.parametrize(
    "torn", ["\n  Extender Serial: SSI1829KV1A", "1829KV1A", "FEX: 102 Description: FEX0102   state: Online\n"]
)
def test_an_extender_that_lost_its_serial_or_its_heading_is_missed(torn: str, tmp_path: Path) -> None:
    log = (DEVICES / "cisco_nxos/n5k-c5548up-fex/devices/device/session.log").read_text()
    answer = log.index("#show fex detail")
    seen = saved(tmp_path, log[:answer] + log[answer:].replace(torn, "", 1))
    assert torn in log[answer:]
    assert seen.section(INVENTORY).state is State.PARTIAL
    assert "SSI" not in {unit.serial for unit in seen.units}


WAYS: dict[str, Callable[[str], str]] = {
    "crlf": lambda text: text.replace("\n", "\r\n"),
    "cr_cr_lf": lambda text: text.replace("\n", "\r\r\n"),
    "stamped": lambda text: re.sub(r"(?m)^(?=.)", "[2031-03-09 10:00:00] ", text),
    "coloured": lambda text: re.sub(r"(?m)^(.+)$", "\x1b[0m\x1b[1m\\1\x1b[K\x1b[0m", text),
    "titled": lambda text: "\x1b]0;terminal\x07" + text,
    "putty": lambda text: "=~=~=~=~= PuTTY log 2031.03.09 10:00:00 =~=~=~=~=\nlogin as: audit\n\n" + text,
    "paged": lambda text: re.sub(
        r"((?:.*\n){23})(?=.)", "\\1 --More-- \b\b\b\b\b\b\b\b\b\b          \b\b\b\b\b\b\b\b\b\b", text
    ),
    "twice": lambda text: text + text,
    "short": lambda text: text.replace("show inventory", "sh inv"),
    "byte_order_mark": lambda text: "\ufeff" + text,
    "prompt_in_banner": lambda text: f"*** keep out ***\n{text.splitlines()[-1]}\n*** really ***\n{text}",
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "case",
    [
        "cisco_ios/c9407r",
        "cisco_asa/asa5585-context",
        "cisco_wlc/air-ct5520-k9",
        "cisco_ftd/fpr-2130",
        "smartoptics_dcp/dcp-m32-cso-zr",
    ],
)
def test_a_log_gives_the_same_units_however_a_terminal_wrote_it(case: str, way: str, tmp_path: Path) -> None:
    log = (DEVICES / case / "devices/device/session.log").read_text()
    plain, told = saved(tmp_path / "plain", log), saved(tmp_path / "told", WAYS[way](log))
    assert (told.units, told.section(INVENTORY).state) == (plain.units, State.COMPLETE)


@pytest.mark.parametrize("case", ["cisco_ftd/fpr-2130", "smartoptics_dcp/dcp-2"])
def test_two_devices_with_one_prompt_in_one_file_are_told(case: str, tmp_path: Path) -> None:
    log = (DEVICES / case / "devices/device/session.log").read_text()
    other = re.sub(r"\b(?=\w*\d)[A-Z0-9]{11,14}\b", lambda serial: f"X{serial[0][1:][::-1]}", log)
    seen, again = saved(tmp_path / "two", log + other), saved(tmp_path / "same", log + log)
    assert (seen.outcome, seen.units, again.outcome == seen.outcome) == (Outcome.MALFORMED, (), False)
    assert seen.reason == "it holds 'show inventory' of two devices; save one file or one folder for each device"


def saved(folder: Path, log: str) -> Observation:
    (folder / "device").mkdir(parents=True)
    (folder / "device" / "session.log").write_bytes(log.encode())
    (seen,) = read_captures(folder, PLATFORMS, lambda: NOW)
    return seen
