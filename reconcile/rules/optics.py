"""The rule of optics: whose they are."""

from __future__ import annotations

from collections.abc import Iterator

from reconcile.columns import Text, among, groups, records
from reconcile.findings import Finding
from reconcile.ledger import Ledger
from reconcile.products import mapped
from reconcile.rules.rows import listed, many


def third_party(ledger: Ledger) -> Iterator[Finding]:
    """Optics or cables in a device carry the mark of another maker than the device's vendor.

    One finding a device. They need no cover from the vendor and are never called uncovered; a fault near them may be
    asked to be shown without them first. Which marks are the vendor's own is a list in the policy: a name that only
    begins with the vendor's is not enough.

    Rests on: Practice: which marks optics carry is read in recordings [V], the rest of the list is general knowledge
    [R]; how the vendor treats such optics was not asked [?]. Not checked with the vendor.

    Exempt: parts that name no maker.

    Action: Nothing, if they are meant; else replace them by the vendor's own. If a mark is the vendor's own, add it to
    the policy's list.
    """
    units, policy = ledger.units, ledger.policy.optics
    own = {_plain(mark) for mark in policy.oem_marks}
    chosen = units["kind"].isin(policy.kinds) & units["vendor"].isin(policy.vendors) & ~units["ignored"]
    makers = _plains(units["manufacturer"])
    foreign = units[chosen & (makers != "") & ~makers.isin(own)]
    chassis = units[(units["treatment"] == "require") & (units["serial"] != "")]
    single = chassis[~chassis["address"].duplicated(keep=False) & among(chassis["address"], foreign["address"])]
    boxes = {row["address"]: row for row in records(single)}
    for group in groups(foreign.sort_values(["slot", "serial"]), "vendor", "address"):
        first, vendor, address = group[0], group[0]["vendor"], group[0]["address"]
        box = boxes.get(address, {})
        marks = sorted({" ".join(str(row["manufacturer"]).split()) for row in group})
        yield Finding(
            "OPTIC-THIRDPARTY",
            f"{many(len(group), 'optic or cable', 'optics or cables')} in {first['hostname'] or address} "
            f"{'is' if len(group) == 1 else 'are'} of {', '.join(marks[:5])}",
            "Nothing, if they are meant; else replace them by the vendor's own. "
            "If a mark is the vendor's own, add it to the policy's list.",
            {"address": address, "makers": marks,
             **listed("optics", (f"{r['slot']} {r['product_id']} {r['serial']}".strip() for r in group))},
            vendor=vendor, serial=box.get("serial", ""), product_id=box.get("product_id", ""),
            hostname=first["hostname"], address=address, site=first["site"],
        )  # fmt: skip


def _plains(marks: Text) -> Text:
    return mapped(marks, {mark: _plain(str(mark)) for mark in marks.unique()})


def _plain(mark: str) -> str:
    """A maker's mark as compared: EEPROMs pad it, and write it in any case."""
    return " ".join(mark.split()).upper().rstrip(".")
