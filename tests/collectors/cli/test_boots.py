"""What boots next, from boot variables, installed packages and redundant supervisors; from facts of the formats."""

from __future__ import annotations

import pytest

from collectors.cli.boots import boot_variables, install_summary, packages, redundancy
from collectors.cli.software import told
from collectors.model import Part, Software

NEXUS = """Current Boot Variables:

sup-1
NXOS variable = bootflash:/nxos64-cs.10.3.5.M.bin
Boot POAP Disabled

Boot Variables on next reload:

sup-1
NXOS variable = bootflash:/nxos64-cs.10.4.3.F.bin
Boot POAP Disabled
"""
OLD_NEXUS = """Current Boot Variables:

sup-1
kickstart variable = bootflash:/n7000-s2-kickstart.8.4.2.bin
system variable = bootflash:/n7000-s2-dk9.8.4.2.bin
No module boot variable set
"""
STACK = """---------------------------
Switch 1
---------------------------
Current Boot Variables:
BOOT variable does not exist

Boot Variables on next reload:
BOOT variable = flash:packages.conf
Manual Boot = no
---------------------------
Switch 2
---------------------------
Boot Variables on next reload:
BOOT variable = flash:cat9k_iosxe.17.06.05.SPA.bin
"""
INSTALLED = """[ Switch 1 2 ] Installed Package(s) Information:
State (St): I - Inactive, U - Activated & Uncommitted,
            C - Activated & Committed, D - Deactivated & Uncommitted
--------------------------------------------------------------------------------
Type  St   Filename/Version
--------------------------------------------------------------------------------
SMU   U    flash:some.smu.bin
IMG   U    17.12.04.0.5000
IMG   D    17.09.04.0.4000

[ Switch 3 ] Installed Package(s) Information:
--------------------------------------------------------------------------------
IMG   C    17.12.04.0.5000
"""
REDUNDANT = """Redundant System Information :
------------------------------
Current Processor Information :
-------------------------------
                 Image Version = Cisco Internetwork Operating System Software
 IOS (tm) Catalyst 4000 L3 Switch Software (cat4000-I5S-M), Version 12.2(20)EWA(3
 .92), RELEASE SOFTWARE
 Copyright (c) 1986-2004 by cisco Systems, Inc.
                          BOOT = bootflash:cat4000-i5s-mz.122_20_EWA,1
        Configuration register = 0x2002
"""
PARTS = tuple(Part(f"members:{n}", name=f"Switch {n}", serial=f"FOC990{n}A00{n}") for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("text", "boots"),
    [
        ("BOOT path-list      : flash:c3750e-mz.150-2.bin\n", {"": "flash:c3750e-mz.150-2.bin"}),
        ("BOOT variable = bootflash:a.bin,12;bootflash:b.bin,12;\n", {"": "bootflash:a.bin"}),
        ("BOOT path-list :\nHELPER path-list :\n", {}),
        ("BOOT variable does not exist\nCONFIG_FILE variable =\n", {}),
        (NEXUS, {"": "bootflash:/nxos64-cs.10.4.3.F.bin"}),
        (OLD_NEXUS, {"": "bootflash:/n7000-s2-dk9.8.4.2.bin"}),
        (STACK, {"1": "flash:packages.conf", "2": "flash:cat9k_iosxe.17.06.05.SPA.bin"}),
    ],
)  # fmt: skip
def test_a_boot_variable_names_what_starts_at_the_next_reload(text: str, boots: dict[str, str]) -> None:
    assert dict(boot_variables(text).boots) == boots


def test_what_was_not_committed_gives_way_at_a_reload() -> None:
    assert dict(install_summary(INSTALLED).boots) == {
        "1": "17.09.04.0.4000", "2": "17.09.04.0.4000", "3": "17.12.04.0.5000",
    }  # fmt: skip
    assert install_summary("hello\n").doubt == "no list of installed packages in the answer"


def test_a_release_broken_over_two_lines_is_joined() -> None:
    found = redundancy(REDUNDANT)

    assert found.software == (Software("12.2(20)EWA(3.92)"),)
    assert found.boots == (("", "bootflash:cat4000-i5s-mz.122_20_EWA"),)


def test_the_packages_that_run_name_the_release() -> None:
    text = (
        "Package: Provisioning File, version: n/a, status: active\n"
        "Package: rpbase, version: 17.09.04.0.1, status: n/a\n"
        "Package: rpbase, version: 17.06.05.0.2, status: active\n"
    )

    assert packages(text).software == (Software("17.06.05.0.2"),)
    assert packages("hello\n").doubt


def boots(*pairs: tuple[str, str], said: tuple[Software, ...] = (Software("17.09.04"),)) -> tuple[Software, ...]:
    return told(said, pairs, PARTS, "")


def test_an_installed_release_says_more_than_the_list_of_packages() -> None:
    assert boots(("", "flash:packages.conf"), ("", "17.12.04.0.1")) == (
        Software("17.09.04", boots_next="17.12.04.0.1"),
    )


def test_an_image_in_the_boot_variable_wins_over_installed_packages() -> None:
    assert boots(("", "flash:old.bin"), ("1", "17.12.04.0.1")) == (Software("17.09.04", boots_next="flash:old.bin"),)


def test_a_member_that_boots_another_release_has_a_row_of_its_own() -> None:
    assert boots(("1", "17.12"), ("2", "17.12"), ("3", "17.09")) == (
        Software("17.09.04"),
        Software("17.09.04", "FOC9901A001", boots_next="17.12"),
        Software("17.09.04", "FOC9902A002", boots_next="17.12"),
        Software("17.09.04", "FOC9903A003", boots_next="17.09"),
    )


def test_members_that_all_boot_the_same_are_one_row() -> None:
    assert boots(("1", "17.12"), ("2", "17.12")) == (Software("17.09.04", boots_next="17.12"),)


def test_a_member_that_runs_the_device_s_release_in_other_writing_has_no_row() -> None:
    said = (Software("17.09.04"), Software("17.9.4", "FOC9901A001"), Software("17.6.5", "FOC9902A002"))

    assert boots(said=said) == (Software("17.09.04"), Software("17.6.5", "FOC9902A002"))


def test_the_banner_s_release_counts_only_where_no_answer_names_one() -> None:
    assert (told((), (), (), "8.4"), told((Software("9.1"),), (), (), "8.4")) == (
        (Software("8.4"),),
        (Software("9.1"),),
    )
