# ruff: noqa: E501 - lines of device output read better whole
"""The smart licensing agent's answers as rows: by policy, with registration, on every system that has the agent."""

from datetime import date

import pytest

from collectors.cli import CliRows, read_cli
from collectors.licence_words import facts_of
from collectors.model import Answer, Licence, LicenceState, State
from collectors.platforms import load
from tests.lab.licences import Entitlement, Smart, smart_answers

PLATFORMS = load()
DAY = date(2026, 11, 21)
STACK = Smart(
    (
        Entitlement("network-advantage", "C9300-48 Network Advantage", 3, "IN USE"),
        Entitlement("dna-advantage", "C9300-48 DNA Advantage", 3, "IN USE", subscription=True),
    ),
    policy=True,
)
SERIALS = ("FOC2501A0AA", "FOC2501A0BB", "FOC2501A0CC")


def rows(answers: dict[str, str], platform: str = "cisco_ios") -> CliRows:
    said = [Answer(command, text, State.COMPLETE) for command, text in answers.items()]
    return read_cli(PLATFORMS[platform], "", said, at=DAY)


def section(read: CliRows) -> tuple[State, str]:
    return next((one.state, one.reason) for one in read.sections if one.name == "licences")


def of_device(read: CliRows) -> dict[str, str]:
    (row,) = (one for one in read.licences if (one.feature, one.entitlement) == ("smart licensing", ""))
    return facts_of(row.detail)


def test_a_stack_by_policy_tells_features_reporting_and_every_serial() -> None:
    answers = smart_answers(STACK, "C9300-48P", *SERIALS)

    read = rows({command: text for command, text in answers.items() if command != "show license all"})

    assert section(read) == (State.COMPLETE, "")
    assert read.licences == (
        Licence("network-advantage", LicenceState.IN_USE, "C9300-48 Network Advantage", "IN USE; Perpetual; NOT ENFORCED", "3", "", "", "ssh"),
        Licence("dna-advantage", LicenceState.IN_USE, "C9300-48 DNA Advantage", "IN USE; Subscription; NOT ENFORCED", "3", "", "", "ssh"),
        Licence(
            "smart licensing", LicenceState.AUTHORIZED, "",
            "mode=policy; ack_required=yes; last_ack=2026-10-01; next_ack=2027-10-01; first_report_days=365",
            "", "2027-10-01", SERIALS[0], "ssh",
        ),
        *(
            Licence("smart licensing", LicenceState.AUTHORIZED, "udi", f"role={role}; product_id=C9300-48P; trust=2026-10-01; authorization=none", "", "", serial, "ssh")
            for role, serial in zip(("active", "standby", "member"), SERIALS, strict=True)
        ),
    )  # fmt: skip
    assert read.serials == SERIALS


def test_show_license_all_alone_tells_the_same() -> None:
    answers = smart_answers(STACK, "C9300-48P", *SERIALS)
    apart = rows({command: text for command, text in answers.items() if command != "show license all"})

    assert rows({"show license all": answers["show license all"]}).licences == apart.licences


def test_a_device_that_never_reported_says_so() -> None:
    silent = Smart(STACK.entitlements, policy=True, last_ack="", next_ack="Jan 07 10:32:11 2027 UTC", trust="")

    read = rows(smart_answers(silent, "C9300-48P", SERIALS[0]))

    agent, udi = (one for one in read.licences if one.feature == "smart licensing")
    assert (agent.state, agent.expires) == (LicenceState.DORMANT, "2027-01-07")
    assert (facts_of(agent.detail)["last_ack"], facts_of(agent.detail)["next_ack"]) == ("none", "2027-01-07")
    assert (udi.state, facts_of(udi.detail)["trust"]) == (LicenceState.DORMANT, "none")


def test_a_licence_of_a_single_box_is_counted_on_its_serial() -> None:
    read = rows(smart_answers(STACK, "C9300-48P", SERIALS[0]))

    assert {one.serial for one in read.licences} == {SERIALS[0]}


def test_a_trust_code_of_a_board_that_was_exchanged_keeps_its_old_serial() -> None:
    text = (
        "Smart Licensing Using Policy:\n  Status: ENABLED\n\nTrust Code Installed:\n  Active: PID:C9300-48P,SN:FOC2401B0AA\n"
        "    INSTALLED on Feb 03 10:11:12 2025 UTC    Valid on Feb 03 10:06:11 2025 IST\n    Expired on Feb 05 02:55:41 2033 IST\n"
    )

    (_, udi) = rows({"show license status": text}).licences

    assert (udi.serial, udi.expires, facts_of(udi.detail)["trust"]) == ("FOC2401B0AA", "2033-02-05", "2025-02-03")


def test_an_evaluation_ends_on_a_day() -> None:
    text = (
        "Smart Licensing is ENABLED\n\nRegistration:\n  Status: UNREGISTERED\n  Export-Controlled Functionality: Not Allowed\n\n"
        "License Authorization: \n  Status: EVAL MODE\n  Evaluation Period Remaining: 10 days, 1 hours, 33 minutes, 51 seconds\n\n"
        "License Usage\n==============\n\n(ASAv-STD-100M):\n  Description: \n  Count: 1\n  Version: 1.0\n  Status: EVAL MODE\n"
    )

    read = rows({"show license all": text}, "cisco_asa")

    assert read.licences == (
        Licence("ASAv-STD-100M", LicenceState.EVALUATION, "ASAv-STD-100M", "EVAL MODE; days_left=10", "1", "2026-12-01", "", "ssh"),
        Licence(
            "smart licensing", LicenceState.UNREGISTERED, "",
            "mode=registration; registration=UNREGISTERED; authorization=EVAL MODE; days_left=10", "", "2026-12-01", "", "ssh",
        ),
    )  # fmt: skip


def test_without_the_day_of_the_answer_no_date_is_made_up() -> None:
    text = "Registration:\n  Status: UNREGISTERED\n\nLicense Authorization:\n  Status: EVAL MODE\n  Evaluation Period Remaining: 10 days\n"

    read = read_cli(PLATFORMS["cisco_ios"], "", [Answer("show license status", text, State.COMPLETE)])

    assert [(one.expires, facts_of(one.detail)["days_left"]) for one in read.licences] == [("", "10")]


def test_a_stamp_in_the_answer_is_its_day() -> None:
    text = "Time source is NTP, 15:09:55.102 UTC Wed Nov 10 2021\n\nLicense Authorization:\n  Status: EVAL MODE\n  Evaluation Period Remaining: 10 days\n"

    assert rows({"show license status": text}).licences[0].expires == "2021-11-20"


@pytest.mark.parametrize(
    ("registration", "authorization", "state", "day"),
    [
        ("REGISTERED", "AUTHORIZED on Oct 01 09:00:00 2026 UTC", LicenceState.AUTHORIZED, "2027-01-30"),
        ("REGISTERED", "OUT OF COMPLIANCE on Oct 01 09:00:00 2026 UTC", LicenceState.OUT_OF_COMPLIANCE, "2027-01-30"),
        ("REGISTERED", "AUTHORIZATION EXPIRED on Oct 01 09:00:00 2026 UTC", LicenceState.AUTHORIZATION_EXPIRED, "2027-01-30"),
        ("REGISTERED - SPECIFIC LICENSE RESERVATION", "AUTHORIZED - RESERVED on Oct 01 09:00:00 2026 UTC", LicenceState.AUTHORIZED, "2027-01-30"),
        ("UNREGISTERED - REGISTRATION FAILED", "No Licenses in Use", LicenceState.UNREGISTERED, "2027-01-30"),
        ("REGISTERED", "******", LicenceState.AUTHORIZED, "2027-01-30"),
    ],
)  # fmt: skip
def test_registration_and_authorisation_make_the_device_s_state(
    registration: str, authorization: str, state: LicenceState, day: str
) -> None:
    text = (
        f"Registration:\n  Status: {registration}\n  Smart Account: Example Ltd\n  Registration Expires: Mar 13 08:04:56 2027 UTC\n\n"
        f"License Authorization: \n  Status: {authorization}\n  Last Communication Attempt: SUCCEEDED on Oct 01 09:00:00 2026 UTC\n"
        "  Communication Deadline: Jan 30 08:05:02 2027 UTC\n"
    )

    (agent,) = rows({"show license status": text}).licences

    assert (agent.feature, agent.state, agent.expires) == ("smart licensing", state, day)


def test_an_authorisation_code_stands_beside_its_licence_and_serial() -> None:
    usage = "hseck9 (Cat9K HSEC):\n  Description: HSEC Key\n  Count: 1\n  Version: 1.0\n  Status: NOT IN USE\n  Export status: RESTRICTED - ALLOWED\n"
    codes = (
        "Overall status:\n  Active: PID:C9300X-24HX,SN:FOC2501A0AA\n      Status: SMART AUTHORIZATION INSTALLED on Mar 10 13:55:50 2026 UTC\n"
        "      Last Confirmation code: 0b0ae5ec\n\nAuthorizations:\n  hseck9 (Cat9K HSEC):\n    Description: HSEC Key for Export\n"
        "    Total available count: 1\n    Enforcement type: EXPORT RESTRICTED\n    Term information:\n      Active: PID:C9300X-24HX,SN:FOC2501A0AA\n"
        "        Authorization type: SMART AUTHORIZATION INSTALLED\n        License type: PERPETUAL\n          Term Count: 1\n\n"
        "Purchased Licenses:\n  No Purchase Information Available\n"
    )

    read = rows({"show license usage": usage, "show license authorization": codes})

    assert section(read) == (State.COMPLETE, "")
    assert read.licences == (
        Licence("hseck9", LicenceState.DORMANT, "Cat9K HSEC", "NOT IN USE; EXPORT RESTRICTED, SMART AUTHORIZATION INSTALLED, PERPETUAL", "1", "", "FOC2501A0AA", "ssh"),
        Licence("smart licensing", LicenceState.AUTHORIZED, "udi", "role=active; product_id=C9300X-24HX; authorization=SMART AUTHORIZATION INSTALLED", "", "", "FOC2501A0AA", "ssh"),
    )  # fmt: skip


def test_the_blocks_of_nx_os_10_are_the_same_agent_s() -> None:
    text = (
        "License Authorization:\n  Status: Not Applicable\n\n(LAN license for Nexus 9300-XF):\n  Description: LAN license for Nexus 9300-XF\n"
        "  Count: 1\n  Version: 1.0\n  Status: IN USE\n  Enforcement Type: NOT ENFORCED\n  License Type: Generic\n"
    )

    read = rows({"show license usage": text}, "cisco_nxos")

    assert section(read) == (State.COMPLETE, "")
    assert [(one.feature, one.state, one.detail) for one in read.licences] == [
        ("LAN license for Nexus 9300-XF", LicenceState.IN_USE, "IN USE; Generic; NOT ENFORCED")
    ]


def test_what_ios_xr_counts_is_in_use() -> None:
    text = (
        "Mon Nov 16 10:11:12.123 UTC\nCollection: LAST: Mon Nov 16 2026 10:11:00 UTC\n            NEXT: Mon Nov 16 2026 11:11:00 UTC\n"
        "Parameters: Collection interval:      60 minute(s)\n\n                                        Count\n"
        "Feature/Area       Entitlement                 Last      Next\n================== ========================= ======= =======\n"
        "Essential          Essential Pluggable 100G        4         4\nAdvanced           Advanced Pluggable 100G         0         0\n"
    )

    read = rows({"show license platform summary": text}, "cisco_xr")

    assert section(read) == (State.COMPLETE, "")
    assert [(one.feature, one.state, one.quantity) for one in read.licences] == [
        ("Essential Pluggable 100G", LicenceState.IN_USE, "4"),
        ("Advanced Pluggable 100G", LicenceState.DORMANT, "0"),
    ]


def test_a_line_nobody_understands_is_named() -> None:
    text = "network-advantage (C9300 NA):\n  Count: 1\n  Status: IN USE\nPirate licences in use: 7\n"

    assert section(rows({"show license usage": text})) == (
        State.PARTIAL,
        "show license usage: not understood: 'Pirate licences in use: 7'",
    )


@pytest.mark.parametrize("words", ["******", "<private>", "IN U", "AUTHO", "NOT", "REGIST"])
def test_a_masked_or_torn_status_is_unknown_and_leaves_the_section_partial(words: str) -> None:
    block = f"network-advantage (C9300 NA):\n  Count: 1\n  Status: {words}\n"
    table = f"License Usage:\n  License  Entitlement Tag  Count Status\n  -----\n  network-advantage  (C9300 NA)  1 {words}\n"

    for command, text in (("show license usage", block), ("show license summary", table)):
        read = rows({command: text})
        assert [one.state for one in read.licences] == [LicenceState.UNKNOWN]
        assert section(read)[0] is State.PARTIAL


def test_a_usage_answer_cut_at_any_line_never_reads_as_more_than_it_says() -> None:
    whole = smart_answers(STACK, "C9300-48P", SERIALS[0])["show license usage"].splitlines(keepends=True)
    full = {(one.feature, one.state) for one in rows({"show license usage": "".join(whole)}).licences}

    for cut in range(len(whole)):
        read = rows({"show license usage": "".join(whole[:cut])})
        told = {(one.feature, one.state) for one in read.licences}
        assert told - full <= {(feature, LicenceState.UNKNOWN) for feature, _ in full}
        assert not (told - full) or section(read)[0] is State.PARTIAL


@pytest.mark.parametrize(
    "text", ["No licenses in use\n", "Smart Licensing is NOT ENABLED\n", "License Usage:\n  No licenses in use\n"]
)
def test_no_licence_in_use_is_an_answer(text: str) -> None:
    read = rows({"show license usage": text})

    assert (section(read), read.licences) == ((State.COMPLETE, ""), ())


@pytest.mark.parametrize(
    ("line", "mode", "state"),
    [
        ("Smart Licensing Using Policy", "policy", LicenceState.DORMANT),
        ("Registration Not Applicable/Not Applicable", "policy", LicenceState.DORMANT),
        ("UNREGISTERED/EVAL EXPIRED", "registration", LicenceState.UNREGISTERED),
        ("REGISTERED/EVAL EXPIRED", "registration", LicenceState.EVALUATION_EXPIRED),
        ("UNREGISTERED/No Licenses in Use", "registration", LicenceState.UNREGISTERED),
    ],
)
def test_the_version_s_last_word_counts_where_no_licence_command_answers(
    line: str, mode: str, state: LicenceState
) -> None:
    read = rows({"show version": f"Cisco IOS XE Software, Version 17.09.04a\n\nSmart Licensing Status: {line}\n"})

    assert [(one.feature, one.state) for one in read.licences] == [("smart licensing", state)]
    assert of_device(read)["mode"] == mode
