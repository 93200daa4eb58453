from __future__ import annotations

import pytest

from collectors.serials import cable, canonical


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("FOC2145X0AB", "FOC2145X0AB"),
        (" foc2145x0ab\t", "FOC2145X0AB"),
        ("TED2534Q0R6     ", "TED2534Q0R6"),
        ("TED2534Q0R6\0\0\0\0\0", "TED2534Q0R6"),
        ('"FDO2531Q13G\n"', "FDO2531Q13G"),
        ("\u200bFOC2145X0AB\u00a0", "FOC2145X0AB"),
        ("\uff26\uff2f\uff232145X0AB", "FOC2145X0AB"),
        ('="00123"', "00123"),
        ("'00123", "00123"),
        ("S/N: FOC2145X0AB", "FOC2145X0AB"),
        ("SN:FOC2145X0AB", "FOC2145X0AB"),
        ("Serial No. FOC2145X0AB", "FOC2145X0AB"),
        ("SN123456789", "SN123456789"),
        ("NA12345", "NA12345"),
        ("FOC 2145 X0AB", "FOC2145X0AB"),
        ("APF2637Q0AB-B", "APF2637Q0AB-B"),
        ("12345678", "12345678"),
        ("355813070074000", "355813070074000"),
        ("PSZ00000001", "PSZ00000001"),
        ("1QA-0467000", "1QA-0467000"),
    ],
)
def test_one_serial_has_one_writing(written: str, meant: str) -> None:
    assert canonical(written) == meant


@pytest.mark.parametrize(
    "written",
    [
        "",
        "  ",
        "\0\0\0",
        "N/A",
        "n/a",
        "NA",
        "None",
        "unknown",
        "Unspecified",
        "-",
        "--",
        ".",
        "*",
        "******",
        "0",
        "00000000",
        "<private>",
        "Not Available",
        "TBD",
        "BUILTIN",
        "Built-In",
        "XXXXXXXXXXX",
        "9999999999",
        "FOC****X0AB",
        "34-2593-01",
        "33-0629-01",
        "\xff" * 11,
        "?????",
        "#####",
        "____",
    ],
)
def test_a_placeholder_a_mask_and_a_part_number_are_no_serials(written: str) -> None:
    assert canonical(written) == ""


@pytest.mark.parametrize("written", [" foc2145x0ab ", "S/N: A-B", "n/a", "APF2637Q0AB-B", "\uff26\uff2f\uff232145X0AB"])
def test_a_canonical_serial_is_its_own_canonical_serial(written: str) -> None:
    assert canonical(canonical(written)) == canonical(written)


def test_the_mark_of_a_cable_end_is_left_off_only_where_it_is_one() -> None:
    written = ("APF2637Q0AB-A", "APF2637Q0AB-CH3", "7522046000(A)", "APF2637Q0AB", "1QA-0467000", "AB-A")

    assert [cable(serial) for serial in written] == [
        "APF2637Q0AB",
        "APF2637Q0AB",
        "7522046000",
        "APF2637Q0AB",
        "1QA-0467000",
        "AB-A",
    ]
