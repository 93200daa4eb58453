from __future__ import annotations

import pytest

from collectors.cli.inventory import Found, records, ruled_table
from collectors.model import Part

PAIR = 'NAME: "Chassis", DESCR: "Box"\nPID: BOX-1 , VID: V01 , SN: FOC1234A0B1\n'
DCP = """
  Location    Part number       Description                HW rev  FW rev  Serial number
  ----------  ----------------  -------------------------  ------  ------  --------------
  chassis     DCP-M40-PAM4-ZR   40 channel open line       R2A     n/a     S2145000777
   psu-1/1    DCP-2-PSU-AC-FB   AC power supply            CP      n/a     L6TX2009000001
   fan-1/1    DCP-2-FAN-FB      Fan                        R1B     n/a     n/a
"""


def only(text: str) -> Part:
    found = records(text)
    assert (len(found.parts), found.doubt) == (1, "")
    return found.parts[0]


@pytest.mark.parametrize(
    ("text", "part"),
    [
        (
            PAIR,
            Part("1", name="Chassis", descr="Box", product_id="BOX-1", serial="FOC1234A0B1", hardware="V01"),
        ),
        (
            'NAME: "a", DESCR: "b"\nPID: N/A, VID: N/A, SN: N/A\n',
            Part("1", name="a", descr="b", product_id="N/A", serial="N/A", hardware="N/A"),
        ),
        (
            'NAME: "a", DESCR: "b"\nPID: , VID: 1.0  , SN: A4Z2150K132-A   \n',
            Part("1", name="a", descr="b", serial="A4Z2150K132-A", hardware="1.0"),
        ),
        (
            'NAME: "a", DESCR: "b"\nPID: P , VID: , SN: FOC 1234 A0B1\n',
            Part("1", name="a", descr="b", product_id="P", serial="FOC 1234 A0B1"),
        ),
        (
            'NAME: "a", DESCR: "b"\nPID: P , VID: , SN: ******\n',
            Part("1", name="a", descr="b", product_id="P", serial="******"),
        ),
        (
            'NAME: "a", DESCR: "b"\nPID: P                 , VID:      , SN:\n',
            Part("1", name="a", descr="b", product_id="P"),
        ),
        (
            'NAME: "disk 1", DESCR: "2.5" SATA, "fast" SSD"\nPID: P, VID: V1, SN: S1\n',
            Part("1", name="disk 1", descr='2.5" SATA, "fast" SSD', product_id="P", serial="S1", hardware="V1"),
        ),
        (
            'NAME: "a", DESCR: "two\nlines"\nPID: P, VID: V1, SN: S1\n',
            Part("1", name="a", descr="two\nlines", product_id="P", serial="S1", hardware="V1"),
        ),
        (
            "NAME: Ethernet1/1,  DESCR: Maker\nPID:        ,  VID: SFP-1,  SN: G1\n",
            Part("1", name="Ethernet1/1", descr="Maker", serial="G1", hardware="SFP-1"),
        ),
        (
            " Name: 0/0     Descr: Line card, 8 ports   \n PID: LC-8      VID: V01     SN: FOC1\n",
            Part("1", name="0/0", descr="Line card, 8 ports", product_id="LC-8", serial="FOC1", hardware="V01"),
        ),
        (
            'NAME: "a" DESCR: "b"\nPID: P VID: V1 SN: S1\n',
            Part("1", name="a", descr="b", product_id="P", serial="S1", hardware="V1"),
        ),
        (
            '  NAME: "a", DESCR: "b"\n\n   PID: P, VID: V1, SN: S1\n',
            Part("1", name="a", descr="b", product_id="P", serial="S1", hardware="V1"),
        ),
    ],
)
def test_a_record_is_read_whatever_its_values_hold(text: str, part: Part) -> None:
    assert only(text) == part


def test_a_disk_without_sn_keeps_its_row_and_its_neighbours() -> None:
    found = records('NAME: "disk", DESCR: "SSD"\nPID: N/A, VID: N/A\n\n' + PAIR)
    assert [part.serial for part in found.parts] == ["", "FOC1234A0B1"]
    assert found.doubt == ""


@pytest.mark.parametrize(
    "line",
    [
        "sw1#show inventory",
        "RP/0/RSP0/CPU0:r1#admin show inventory",
        "show inventory raw",
        "Fri Nov 20 10:15:02.123 UTC",
        "Load for five secs: 1%/0%; one minute: 0%; five minutes: 0%",
        "Time source is NTP, 15:09:55.102 UTC Wed Nov 10 2021",
        'INFO: Please use "show license UDI" to get serial number for licensing.',
        "+++++++++++++++++++++",
        "sw1#",
        "Burned-in MAC Address............................ 00:11:22:33:44:55",
    ],
)
def test_lines_around_the_records_are_known(line: str) -> None:
    assert only(f"{line}\n\n{PAIR}\n{line}\n").serial == "FOC1234A0B1"


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        (PAIR + "Slot 7 is being upgraded\n", "line not understood: 'Slot 7 is being upgraded'"),
        (PAIR + 'NAME: "Fan", DESCR: "Fan"\n', "record 2 has no PID line"),
        (PAIR + 'NAME: "Fan", DESCR: "Fan"\nPID: FAN-1 , VID: V', "the last record has no SN"),
        (
            PAIR + "PID: X , VID: V01 , SN: FOC2\n",
            "a PID line without its NAME line: 'PID: X , VID: V01 , SN: FOC2'",
        ),
        ("hello\n", "line not understood: 'hello'; no NAME line in it: 'hello'"),
    ],
)
def test_what_is_not_understood_is_quoted(text: str, doubt: str) -> None:
    assert records(text).doubt == doubt


def test_a_lost_name_line_does_not_lose_the_serial() -> None:
    assert [part.serial for part in records(PAIR + "PID: X , VID: V01 , SN: FOC2\n").parts] == [
        "FOC1234A0B1",
        "FOC2",
    ]


def test_no_cut_of_an_inventory_invents_a_serial_or_is_whole_inside_a_record() -> None:
    text = PAIR + "\n" + PAIR.replace("Chassis", "Fan").replace("A0B1", "A0B2")
    for end in range(len(PAIR) + 2, text.index("SN:", len(PAIR)) + 1):
        found = records(text[:end])
        assert [part.serial for part in found.parts if part.serial] == ["FOC1234A0B1"]
        assert found.doubt


def test_a_dcp_inventory_is_cut_at_its_ruler() -> None:
    assert ruled_table(DCP) == Found(
        (
            Part(
                "1",
                "",
                "chassis",
                "chassis",
                "40 channel open line",
                "DCP-M40-PAM4-ZR",
                "S2145000777",
                "R2A",
                manufacturer="Smartoptics",
            ),
            Part(
                "2",
                "",
                "",
                "psu-1/1",
                "AC power supply",
                "DCP-2-PSU-AC-FB",
                "L6TX2009000001",
                "CP",
                manufacturer="Smartoptics",
            ),
            Part("3", "", "", "fan-1/1", "Fan", "DCP-2-FAN-FB", "n/a", "R1B", manufacturer="Smartoptics"),
        )
    )


def test_a_long_part_number_may_run_into_its_description() -> None:
    line = "  chassis     DCP-M32-CSO-ZR+-LONGER Open line             R2A     n/a     S2145000778\n"
    part = ruled_table(DCP + line).parts[-1]
    assert (part.product_id, part.descr, part.serial) == (
        "DCP-M32-CSO-ZR+-LONGER",
        "Open line",
        "S2145000778",
    )


@pytest.mark.parametrize("text", ["no table\n", DCP + "  slot-1/1\n", DCP[: DCP.index("  chassis")]])
def test_a_dcp_table_that_is_not_whole_is_doubted(text: str) -> None:
    assert ruled_table(text).doubt


LOGS = [
    "*Nov 21 11:21:34.123: %SYS-5-CONFIG_I: Configured from console",
    "000123: Nov  2 11:21:34: %LINK-3-UPDOWN: Interface Gi1/0/1",
    "2026 Nov 21 11:21:34 sw1 %$ VDC-1 %$ %ETHPORT-5-IF_UP: Interface up",
    "RP/0/RSP0/CPU0:Nov 21 11:21:34.123 UTC: config[65]: %MGBL-SYS-5-CONFIG_I : Configured",
    "%ASA-5-111008: User 'audit' executed it",
]


@pytest.mark.parametrize("log", LOGS)
def test_a_log_message_on_a_line_of_its_own_is_no_part_and_no_doubt(log: str) -> None:
    assert records(f"{PAIR}{log}\n") == records(PAIR)


@pytest.mark.parametrize("log", LOGS)
def test_a_log_message_behind_a_serial_is_not_taken_into_it_and_is_a_doubt(log: str) -> None:
    found = records(PAIR.rstrip("\n") + " " + log)
    assert (found.doubt, found.parts) == ("a log message broke into a line", records(PAIR).parts)


def test_a_serial_that_a_log_message_tore_in_two_is_not_reported_in_half() -> None:
    found = records(PAIR.replace("A0B1\n", f"{LOGS[0]}\nA0B1\n"))
    assert (found.parts[0].serial, found.doubt) == ("", "line not understood: 'A0B1'; a log message broke into a line")


@pytest.mark.parametrize("row", ["  slot-1/1  DCP-404  4 x  100G  R1A  1.0  S2145000778", "  a b c"])
def test_a_line_with_more_or_fewer_cells_than_columns_is_doubted_and_gives_no_serial(row: str) -> None:
    found = ruled_table(f"{DCP}{row}\n")
    assert (len(found.parts), found.doubt) == (3, f"line not understood: {row.strip()!r}")


def test_a_table_of_two_columns_is_read() -> None:
    found = ruled_table("  Location  Serial number\n  --------  -------------\n  chassis   S2145000777\n  broken\n")
    assert [part.serial for part in found.parts] == ["S2145000777"]
    assert found.doubt == "line not understood: 'broken'"
