"""Rules of contracts as a whole, one finding a contract: the contact, the account it is tied to, the customer."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

import pandas as pd

from reconcile.columns import NONE, Row, among, key, records
from reconcile.findings import Finding, of_line, origin
from reconcile.ledger import Ledger
from reconcile.policy import Policy, bare
from reconcile.rules.rows import contract_of, listed, many
from reconcile.standing import ACTIVE, PENDING

_READ: Final = (
    "vendor", "provider", "contract_number", "line_number", "source_file", "source_row", "visible", "unit", "serial",
    "contact_email", "customer",
)  # fmt: skip
"""What is read of the lines: rows of all columns would be copied for nothing."""


def contact(ledger: Ledger) -> Iterator[Finding]:
    """A contract in force names no mail address of a contact, or none of yours.

    Which addresses are yours is a setting; without it only an empty address is told. Asked only of files that name an
    address on some line: others do not tell.

    Rests on: S0: welcome kits go to the address in the contract's records, which is to be confirmed [S].

    Exempt: contracts of which one line in force names an address of yours.

    Action: Have the contact of <contract> set to an address of yours: notices about it go there.
    """
    live = _live(ledger)
    told = set(live["source_file"][live["contact_email"].str.strip() != ""].unique())
    live = live[live["source_file"].isin(told)]
    good = {mail for mail in live["contact_email"].unique() if _is_ours(str(mail), ledger.policy)}
    fine = set(_contract(live[live["contact_email"].isin(good)]))
    for line, rows in _by_contract(live[~_contract(live).isin(fine)]):
        said = sorted({str(mail).strip() for mail in rows["contact_email"]} - {""})
        named = f"{', '.join(said[:3])} as its contact" if said else "no contact"
        yield Finding(
            "COV-CONTACT",
            f"{_capital(contract_of(line))} names {named}",
            f"Have the contact of {contract_of(line)} set to an address of yours: notices about it go there.",
            {"line": origin(line), "contacts": said[:10], "lines_count": len(rows)},
            **_of(line),
        )  # fmt: skip


def profile(ledger: Ledger) -> Iterator[Finding]:
    """A contract in force is not among those tied to your account with the vendor.

    Without the tie nobody can open a case or download under it. Numbers are compared without leading zeros.

    Rests on: S1: the contract's number is to be added to the account's profile; the confirmation takes some hours [S].

    Exempt: contracts whose number is not visible to you; vendors without such accounts (a setting).

    Action: Add contract <number> to the account's profile (additional access, service contract numbers).
    """
    given = ledger.inputs.profile
    known = set() if given is None else {_number(str(cell)) for cell in given["contract_number"]}
    live = _live(ledger)
    live = live[live["vendor"].isin(ledger.policy.profile.vendors)]
    missing = {number for number in live["contract_number"].unique() if _number(str(number)) not in known}
    for line, rows in _by_contract(live[among(live["contract_number"], missing)]):
        yield Finding(
            "COV-PROFILE",
            f"Contract {line['contract_number']} is not tied to your account with the vendor",
            f"Add contract {line['contract_number']} to the account's profile (additional access, service contract "
            "numbers).",
            {"line": origin(line), "lines_count": len(rows)},
            **_of(line),
        )  # fmt: skip


def owner(ledger: Ledger) -> Iterator[Finding]:
    """A contract in force that covers units of yours is written to a customer who is none of your organisation's names.

    A name counts as yours where it holds one of the names of the settings, without case, spaces and punctuation. One
    finding a contract and customer. The verdicts of its units stay as they are until a person has looked.

    Rests on: S2: service contracts cannot be transferred from user to user [S]. How names are compared is ours [R]. Not
    checked with the vendor.

    Exempt: lines that name no customer.

    Action: Find out who <customer> is: if it is your organisation, add the name to the policy's organisation names; if
    not, treat these units as uncovered and get an agreement of your own.
    """
    ours = [bare(name) for name in ledger.policy.organisation.names if bare(name)]
    live = _live(ledger)
    live = live[(live["unit"] != NONE) & live["vendor"].isin(ledger.policy.secondary.vendors)]
    others = {c for c in live["customer"].unique() if bare(str(c)) and not any(name in bare(str(c)) for name in ours)}
    live = live[live["customer"].isin(others)]
    for customer, mine in live.groupby(live["customer"].map(lambda name: " ".join(str(name).split()).casefold())):
        for line, rows in _by_contract(mine):
            name, units = " ".join(line["customer"].split()), rows["unit"].nunique()
            yield Finding(
                "COV-OWNER",
                f"{_capital(contract_of(line))} covers {many(units, 'unit')} of yours and is written to {name}",
                f"Find out who {name} is: if it is your organisation, add the name to the policy's organisation names; "
                "if not, treat these units as uncovered and get an agreement of your own.",
                {"line": origin(line), "customer": name, **listed("serials", rows["serial"])},
                confidence="medium", **_of(line), subject=str(customer),
            )  # fmt: skip


def _live(ledger: Ledger) -> pd.DataFrame:
    """The lines in force or to come whose contract number is visible."""
    lines = ledger.lines
    return lines[[*_READ]][lines["standing"].isin((ACTIVE, PENDING)) & ~lines["ignored"] & lines["visible"]]


def _by_contract(lines: pd.DataFrame) -> Iterator[tuple[Row, pd.DataFrame]]:
    """The first line of each contract, and all of them."""
    rows = lines.assign(number=pd.to_numeric(lines["source_row"], errors="coerce"))
    ordered = rows.sort_values(["vendor", "provider", "contract_number", "source_file", "number"])
    for _, group in ordered.groupby(["vendor", "provider", "contract_number"], sort=False):
        yield records(group.head(1))[0], group


def _contract(lines: pd.DataFrame) -> pd.Series[str]:
    return key(lines, "vendor", "provider", "contract_number")


def _of(line: Row) -> dict[str, Any]:
    """The fields of a finding on a contract; its key knows no line."""
    return {**of_line(line), "vendor": line["vendor"], "line_number": ""}


def _is_ours(mail: str, policy: Policy) -> bool:
    plain = mail.strip().lower()
    if "@" not in plain:
        return False
    ours = [said.strip().lower() for said in policy.organisation.contacts]
    return not ours or any(plain == said or plain.endswith(("@" + said.lstrip("@"), "." + said)) for said in ours)


def _number(cell: str) -> str:
    return re.sub(r"\s+", "", cell).lstrip("0").upper()


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
