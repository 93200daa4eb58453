"""The policy file, the operator's file over it, and the product ids it speaks of."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

import pytest

from collectors.errors import ConfigError
from collectors.model import Kind
from reconcile.policy import load
from reconcile.products import base_form, family, outside
from tests.reconcile.story import POLICY


def test_the_operator_s_file_changes_only_what_it_names(tmp_path):
    (tmp_path / "policy.toml").write_text(
        'expiring_days = 30\n[components]\nfan = "inherit"\n[line_status]\n"on hold" = "pending"\n'
    )
    own = load(tmp_path)

    assert (own.expiring_days, own.components["fan"], own.components["chassis"]) == (30, "inherit", "require")
    assert (own.line_status["onhold"], own.line_status["active"]) == ("pending", "by_dates")
    assert load(tmp_path / "policy.toml") == own


def test_a_folder_without_a_policy_changes_nothing(tmp_path):
    assert load(tmp_path) == POLICY


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("expiring_day = 30", "expiring_day: unknown key"),
        ("expiring_days = -1", "expiring_days: "),
        ('[components]\nfan = "maybe"', "components.fan: "),
        ("[product_id]\nsuffixes = ['(']", "product_id.suffixes.0: "),
        ("expiring_days", "not valid TOML"),
    ],
)
def test_a_wrong_policy_is_refused_with_file_key_and_cure(tmp_path, text, told):
    file = tmp_path / "policy.toml"
    file.write_text(text)

    with pytest.raises(ConfigError, match=rf"{re.escape(str(file))}: .*{re.escape(told)}"):
        load(tmp_path)


def test_a_policy_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path / "mine.toml")


def test_every_kind_of_unit_has_a_treatment():
    assert set(POLICY.components) == set(map(str, Kind))


def test_families_name_platforms_that_exist():
    shipped = {p.name for p in (resources.files("configs") / "platforms").iterdir() if p.is_dir()}
    named = {p for f in POLICY.family for p in f.platforms} | set(POLICY.whereabouts.any_platform)

    assert named <= shipped


def test_the_file_says_how_sure_its_patterns_are():
    text = (resources.files("configs") / "policy.toml").read_text("utf-8")

    assert {"[R]", "[I]", "[V]", "[?]"} <= set(re.findall(r"\[[RIV?]\]", text))
    assert set(tomllib.loads(text)) == set(type(POLICY).model_fields)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("C9300-48P", "c9300-48P-A", True),
        ("C9300-48P-E", "C9300-48P-A", True),
        ("WIC-1T=", "WIC-1T", True),
        ("C9300-48P-RF=", "C9300-48P", True),
        ("ISR4321/K9", "ISR4321-SEC/K9", True),
        ("ASA5555-K9", "ASA5555", True),
        ("DCP-2-FB/HW", "DCP-2", True),
        ("DCP-M40-PAM4-ER", "DCP-M40-PAM4-ER+", False),
        ("C9300-48P", "C9300-24P", False),
        ("C9300-48P", "C9300-48UXM", False),
        ("N9K-C93180YC-EX", "N9K-C93180YC-FX", False),
    ],
)
def test_two_writings_of_a_product_have_one_base_form(one, other, same):
    assert (base_form(one, POLICY) == base_form(other, POLICY)) is same


def test_a_product_that_is_none_has_no_base_form():
    assert [base_form(p, POLICY) for p in ("", "n/a", " Unspecified ", "=")] == [""] * 4


@pytest.mark.parametrize(
    ("product", "expected"),
    [
        ("C9300-48P", "Catalyst, ISR, ASR 1000 and industrial"),
        ("ASR1001-X", "Catalyst, ISR, ASR 1000 and industrial"),
        ("N9K-C93180YC-EX", "Nexus and MDS"),
        ("ASR-9010-AC", "IOS XR routers"),
        ("NCS-5501", "IOS XR routers"),
        ("C9800-40", "wireless controllers and access points"),
        ("ASA5516", "firewalls"),
        ("SFP-10G-SR", ""),
    ],
)
def test_products_have_families(product, expected):
    assert family(product, "cisco", POLICY) == expected


def test_products_that_no_poll_sees_are_known():
    assert outside("CP-8841", "cisco", POLICY) == "IP phones"
    assert outside("C9300-48P", "cisco", POLICY) == ""
    assert outside("H-MD-08", "smartoptics", POLICY) == "passive optical shelves"
