"""What a redacted text still says, and what it no longer does."""

import re

import pytest

from collectors.redact import Redactor

KEY = bytes(range(32))


def redactor(*texts: str, **known: object) -> Redactor:
    made = Redactor(key=KEY, **known)  # type: ignore[arg-type]
    made.learn(texts)
    return made


@pytest.mark.parametrize(
    ("old", "shape"),
    [
        ("FCW2450A0B1", r"[A-Z]{3}(1\d|2[0-7])(0[1-9]|[1-4]\d|5[0-2])[A-Z]\d[A-Z]\d"),
        ("S2145A00123", r"[A-Z]\d{4}[A-Z]\d{5}"),
        ("7720321", r"\d{7}"),
    ],
)
def test_a_serial_keeps_its_shape(old: str, shape: str) -> None:
    new = redactor(serials={old}).text(f"SN: {old}")

    assert re.fullmatch(f"SN: {shape}", new)
    assert old not in new


def test_one_serial_is_replaced_alike_in_every_form_of_writing() -> None:
    made = redactor(serials={"FCW2450A0B1"})
    session, lower = made.text("SN: FCW2450A0B1"), made.text("sn: fcw2450a0b1")
    objects = made.objects("1.3.6.1.2.1.47.1.1.1.1.11.1|4|FCW2450A0B1\n")

    assert session.removeprefix("SN: ") == lower.removeprefix("sn: ").upper() == objects.rpartition("|")[2].strip()


def test_both_ends_of_a_cable_stay_one_cable() -> None:
    made = redactor(serials={"APF2637Q0AB-A", "APF2637Q0AB-B"})

    one, other = made.text("APF2637Q0AB-A APF2637Q0AB-B").split()
    assert (one[-2:], other[-2:]) == ("-A", "-B")
    assert one[:-2] == other[:-2] != "APF2637Q0AB"


def test_a_serial_nobody_named_is_told_by_its_shape_its_label_or_its_column() -> None:
    text = (
        "Processor board ID FTX1840ALBY\nMotherboard Serial Number          : AB12345678\n"
        "1.3.6.1.4.1.9.3.6.3.0|4|31415926\n"
    )
    made = redactor(text)

    assert made.serials == {"FTX1840ALBY", "AB12345678", "31415926"}


def test_words_for_no_serial_and_part_numbers_stay() -> None:
    text = "SN: N/A\nSN: BUILTIN\nSN: 34-2593-01\nSystem serial number: unspecified\n"

    assert redactor(text).text(text) == text


def test_a_name_goes_from_prompts_and_texts_but_a_factory_name_stays() -> None:
    made = redactor(names={"ghent-core-1", "Switch"})

    told = made.text("ghent-core-1#show version\nGHENT-CORE-1 uptime is 3 days\nSwitch 1 is up\n")
    assert "ghent" not in told.lower()
    assert told.endswith("Switch 1 is up\n")
    assert re.match(r"([a-z]{5}-[a-z]{4}-\d)#show version\n[A-Z]{5}-[A-Z]{4}-\d uptime", told)


def test_addresses_go_and_releases_and_masks_stay() -> None:
    text = (
        "Management 10.20.30.40 mask 255.255.255.0, base 70d3.79c9.a68a, next 2001:db9:1::5, at 12:30:45\n"
        "Version 6.6.1.91 (Build 91)\nrunning 2.8.1.105\n"
    )
    told = redactor(text, releases=frozenset({"2.8.1.105"})).text(text)

    assert re.match(
        r"Management 192\.0\.2\.\d+ mask 255\.255\.255\.0, base 70d3\.79[0-9a-f]{2}\.[0-9a-f]{4}, next 2001:db8::", told
    )
    assert told.endswith("at 12:30:45\nVersion 6.6.1.91 (Build 91)\nrunning 2.8.1.105\n")
    assert "c9.a68a" not in told


def test_accounts_people_and_mail_go_and_what_says_none_stays() -> None:
    text = (
        "  Smart Account: Example Bank Amsterdam\n  Virtual Account: <none>\nmodified by jane.doe at 10:00\n"
        "mail to noc@bank.example or tac@cisco.com\njdoe@box>show inventory\n"
    )
    told = redactor(text).text(text)

    assert [word for word in ("Example Bank", "jane.doe", "noc@bank", "jdoe") if word in told] == []
    assert "Virtual Account: <none>" in told
    assert "tac@cisco.com" in told


def test_an_engine_id_keeps_its_vendor_and_its_length_only() -> None:
    line = "1.3.6.1.6.3.10.2.1.1.0|4x|80000009017f0a0101\n"

    told = redactor().objects(line).strip()
    assert told.startswith("1.3.6.1.6.3.10.2.1.1.0|4x|8000000901")
    assert (len(told), told != line.strip()) == (len(line.strip()), True)


def test_what_was_to_go_and_stands_there_is_told() -> None:
    made = redactor(serials={"FCW2450A0B1"})
    made.text("FCW2450A0B1")

    assert made.left("the box FCW2450A0B1 is back") == ["FCW2450A0B1"]


def test_no_two_serials_become_one() -> None:
    serials = {f"{number:04d}X" for number in range(800)}
    made = redactor(serials=serials)

    assert len({made.text(serial) for serial in serials}) == 800
