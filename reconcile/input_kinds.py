"""The kinds of files in beside contracts: their columns, and what a cell of each may be."""

from __future__ import annotations

import difflib
import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from collectors.serials import canonical
from reconcile import cells
from reconcile.tables import (
    ENTITLEMENTS,
    EOX,
    FINDINGS,
    ORIGIN,
    PROFILE,
    REGISTER,
    RMA,
    SITES,
    SOFTWARE,
    SPARES,
)

ACCEPTED: Final = tuple(column for column in FINDINGS if column not in ORIGIN)
"""The columns of an accepted list, which is an exported findings.csv, whole or in part."""

Row = dict[str, str]
Check = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Input:
    """What one kind of file holds."""

    name: str
    columns: tuple[str, ...]
    required: tuple[str, ...]
    """Columns that must be there, with a cell in every row."""
    one_of: tuple[str, ...] = ()
    """Columns of which each row fills at least one."""
    unique: tuple[str, ...] = ()
    """Columns that no two rows may share."""
    checks: Mapping[str, Check] = field(default_factory=dict)
    """What a column's cells become; the others are text. A check raises ValueError."""
    dates: tuple[str, ...] = ()
    synonyms: Mapping[str, str] = field(default_factory=dict)
    """Other headers for a column, by the column's name."""
    ignored: tuple[str, ...] = ()
    """Headers of other programs' exports that may be there and are not read."""
    finish: Callable[[Row], Row] = lambda row: row
    """What needs the whole row."""


def _words(*words: str, **also: str) -> Check:
    """A check for one of *words*; *also* maps further spellings to one of them."""

    def check(cell: str) -> str:
        word = cells.identifier(cell)
        if (found := also.get(word, word)) in {*words, *also.values()}:
            return found
        near = difflib.get_close_matches(word, words, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(words)}"
        raise ValueError(f"{cell!r} is not known; {hint}")

    return check


def usable_serial(cell: str) -> str:
    """The canonical serial; ValueError where the cell holds none."""
    if serial := canonical(cell):
        return serial
    raise ValueError(f"{cell!r} is no serial")


def _date_or_yes(cell: str) -> str:
    """An inspection is on record with its date, or with a bare yes or no."""
    try:
        return cells.yes_no(cell)
    except ValueError:
        return cells.iso_date(cell, "iso")


def _subnet(cell: str) -> str:
    try:
        return str(ipaddress.ip_network(cell, strict=False))
    except ValueError:
        raise ValueError(f"{cell!r} is no subnet such as 10.20.0.0/16") from None


def _donation(row: Row) -> Row:
    if row["provenance"] == "donated":
        return {**row, "provenance": "grant" if row["grant_id"] else "unknown"}
    return row


def _two_units(row: Row) -> Row:
    if row["old_serial"] == row["new_serial"]:
        raise ValueError("the old and the new serial are the same")
    return row


_PROVENANCE: Final = _words(
    "new", "refresh", "grant", "gift", "secondary", "lease_return", "unknown", "donated",
    new_authorised="new", new_authorized="new", cisco_refresh="refresh",
    used="secondary", secondary_market="secondary",
)  # fmt: skip
_DISPOSED: Final = _words("sold", "exchanged", "scrapped", "returned")

_ASSETS: Final = (
    "name", "asset_tag", "status", "role", "description", "hardware_kind", "model_name", "model_description",
    "model_comments", "storage_site", "storage_location", "owning_tenant", "purchase", "purchase_status", "delivery",
    "delivery_date", "receiving_contact", "warranty_start", "comments", "tenant", "contact", "tags",
)  # fmt: skip
"""What NetBox's inventory plugin exports beside the columns of a register."""

INPUTS: Final[Mapping[str, Input]] = {
    "register": Input(
        "register", REGISTER, ("vendor", "serial"), unique=("vendor", "serial"),
        checks={
            "serial": usable_serial, "provenance": _PROVENANCE,
            "condition": _words("ok", "damaged", "environmental"),
            "intent": _words("supported", "unsupported_by_choice"), "disposed": _DISPOSED,
            "compliance_hold": cells.yes_no, "in_use": cells.yes_no, "inspection_passed": _date_or_yes,
        },
        dates=("purchase_date", "grant_date", "ship_date", "warranty_end"),
        finish=_donation,
        synonyms={"manufacturer": "vendor", "part_number": "product_id", "supplier": "seller"},
        ignored=_ASSETS,
    ),
    "spares": Input(
        "spares", SPARES, ("vendor", "serial"), unique=("vendor", "serial"), checks={"serial": usable_serial}
    ),
    "rma": Input(
        "rma", RMA, ("vendor", "old_serial", "new_serial"),
        checks={"old_serial": usable_serial, "new_serial": usable_serial}, dates=("date",), finish=_two_units,
    ),
    "entitlements": Input(
        "entitlements", ENTITLEMENTS, ("vendor",), one_of=("serial", "account"),
        checks={"serial": usable_serial, "quantity": cells.count}, dates=("starts", "expires"),
    ),
    "software": Input(
        "software", SOFTWARE, ("vendor", "platform", "version", "released"),
        unique=("vendor", "platform", "version"), dates=("released",),
    ),
    "eox": Input(
        "eox", EOX, ("vendor", "product_id"), unique=("vendor", "product_id"),
        dates=("end_of_sale", "last_attach", "last_renewal", "last_date_of_support"),
    ),
    "sites": Input(
        "sites", SITES, ("site",), one_of=("subnet", "hostname"), checks={"subnet": _subnet},
        synonyms={"hostname_pattern": "hostname"},
    ),
    "profile": Input("profile", PROFILE, ("contract_number",)),
    "accepted": Input("accepted", ACCEPTED, ("key",), unique=("key",), dates=("accepted_until",)),
}  # fmt: skip
