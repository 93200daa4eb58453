"""Which known units are gone: counted over complete readings of their device, one sealed run after the other.

A unit is *missing* from the first complete reading of its device without it, *replaced* at once where a new serial of
the same product sits in its place, and *removed* after as many complete readings as the policy asks for. Its device is
the one that its chassis tell: renamed or readdressed it is the same; a new chassis of the same base product under the
same host name is one too, anything else at its address is another device, which proves nothing. Where too much goes
missing in one run the fleet brake holds every removal for a person. A unit that is seen again is simply there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from reconcile import tables
from reconcile.columns import Row, hosts, key, records
from reconcile.policy import Policy
from reconcile.products import base_forms
from reconcile.whereabouts import COMPLETE

MISSING: Final = "missing"
REMOVED: Final = "removed"
REPLACED: Final = "replaced"
RETURNED: Final = "returned"
HELD: Final = "held"
RELEASED: Final = "released"
EVENTS: Final = ("vendor", "serial", "event", "reason")
OTHER_DEVICE: Final = "its address answers as another device"
_CHANGED: Final = "identity_changed"
Name = tuple[str, str]
"""(vendor, serial)"""


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed run as it is counted."""

    run: int
    day: str
    """The day it is judged by, ISO."""
    units: pd.DataFrame
    targets: pd.DataFrame
    history: pd.DataFrame
    """`tables.HISTORY` of the runs before it."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What the run changed."""

    absent: pd.DataFrame
    """All of `tables.ABSENT`, as it is after the run."""
    arrived: pd.DataFrame
    """`tables.ARRIVED`: the units that came to their device in this run."""
    events: pd.DataFrame
    """`EVENTS`."""


def count(sealed: Sealed, absent: pd.DataFrame, policy: Policy, *, believed: bool = False) -> Counted:
    """Count one run. *absent* is what the runs before it left.

    With *believed* the brake is not looked at: the first run that is counted of a store that has older ones, where
    what went missing over years is missing at once.
    """
    units = sealed.units[sealed.units["serial"] != ""]
    units = units.assign(name=key(units, "vendor", "serial"), host=hosts(units["hostname"]))
    known = pd.concat([sealed.history, absent[list(tables.HISTORY)]], ignore_index=True)
    known = known.assign(name=key(known, "vendor", "serial"), host=hosts(known["hostname"])).drop_duplicates("name")
    arrived = _arrived(units, known)
    rows = {f"{r['vendor']}\x1f{r['serial']}": r for r in records(absent)}
    here = set(units["name"])
    events = [_event(row, RETURNED, _whereto(row)) for name, row in rows.items() if name in here and _told(row)]
    rows = {name: row for name, row in rows.items() if name not in here}
    lost = known[~known["name"].isin(here)]
    settled = {name for name, row in rows.items() if row["state"] != MISSING}
    _look(lost[~lost["name"].isin(settled)], rows, units, known, sealed, policy)
    fleet = len(here) + len(lost) - len(settled)
    if not believed:
        events += _brake([r for r in rows.values() if _newly(r, sealed.run)], fleet, sealed, policy)
    events += _settle(list(rows.values()), sealed, policy)
    left = sorted(rows.items())
    fresh = units[units["name"].isin(arrived)].drop_duplicates("name") if len(sealed.history) else units.iloc[:0]
    return Counted(
        tables.table(tables.ABSENT, (row for _, row in left)),
        tables.table(tables.ARRIVED, ({**r, "run": str(sealed.run)} for r in records(fresh[["vendor", "serial"]]))),
        tables.table(EVENTS, events),
    )


def release(
    absent: pd.DataFrame, names: Sequence[Name], *, who: str, reason: str, run: int, day: str, policy: Policy
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """*absent* with the removals of *names* believed on a person's word, and the `EVENTS` of it.

    One whose device answers as another is removed at once, for no complete reading can ever come; the rest as soon as
    enough complete readings agree, which may be now.
    """
    chosen, events, rows = set(names), [], records(absent)
    for row in rows:
        if (row["vendor"], row["serial"]) not in chosen or row["state"] != MISSING:
            continue
        row |= {"brake": "", "who": who, "reason": reason}
        events.append(_event(row, RELEASED, reason))
        if row["hold"] or int(row["runs"] or 0) >= policy.removed_after_complete_runs:
            row |= {"state": REMOVED, "hold": "", "settled_run": str(run), "settled": day}
            events.append(_event(row, REMOVED, f"on the word of {who}"))
    return tables.table(tables.ABSENT, rows), tables.table(EVENTS, events)


def waiting(absent: pd.DataFrame) -> pd.DataFrame:
    """The rows of *absent* that wait for a person: held by the brake, behind it, or at an address that answers as
    another device."""
    missing = absent[(absent["state"] == MISSING) & (absent["who"] == "")]
    held = (missing["brake"] != "") | (missing["hold"] != "")
    return missing if bool((missing["brake"] != "").any()) else missing[held]


def doubt(row: Row) -> str:
    """Why a row of `tables.ABSENT` proves nothing yet; "" where nothing speaks against it."""
    if row["state"] != MISSING or row["who"]:
        return ""
    if row["brake"]:
        return f"held for a person, since {row['brake']}; netcover confirm-removals shows it"
    return f"last seen on {_where(row)}; {row['hold']}" if row["hold"] else ""


def fate(row: Row) -> str:
    """What became of the unit of a row of `tables.ABSENT`; "" while it is only missing."""
    if row["state"] == REMOVED:
        return f"removed since {row['since']}, last seen on {_where(row)}"
    return f"replaced by {row['successor']} since {row['since']}" if row["state"] == REPLACED else ""


def _where(row: Row) -> str:
    return f"{row['hostname'] or row['address']} {row['slot']}".strip() + f" in run {row['run']}"


def limit(fleet: int, policy: Policy) -> float:
    """How many of *fleet* units may go missing in one run before the brake is set."""
    brake = policy.brake
    return max(brake.least, min(brake.most, fleet * brake.share / 100), fleet * brake.of_large / 100)


def _arrived(units: pd.DataFrame, known: pd.DataFrame) -> set[str]:
    """The units that were last seen on another device, or never: neither its address nor its name is that of then."""
    both = units[["name", "address", "host"]].merge(
        known[["name", "address", "host"]], how="left", on="name", suffixes=("", "_then")
    )
    stayed = (both["address"] == both["address_then"]) | ((both["host"] == both["host_then"]) & (both["host"] != ""))
    return set(both["name"][~stayed])


def _look(
    lost: pd.DataFrame,
    rows: dict[str, Row],
    units: pd.DataFrame,
    known: pd.DataFrame,
    sealed: Sealed,
    policy: Policy,
) -> None:
    """Count the run for each of the *lost* whose device was read in full; *rows* are changed."""
    if lost.empty:
        return
    devices = _Devices.of(units, known, sealed, policy)
    places = _places(units[~units["name"].isin(known["name"])], policy)
    bases = base_forms(lost["product_id"], policy)
    for unit, base in zip(records(lost), bases, strict=True):
        row = rows.get(unit["name"])
        where = (row["at"], row["at_host"], row["chassis"]) if row else devices.of_unit(unit)
        found = devices.now(*where)
        at, same = (found[0], True) if found else (where[0], False)
        if not devices.read(at):
            continue
        row = rows.setdefault(unit["name"], {**{n: unit[n] for n in tables.HISTORY}, **_fresh(sealed)})
        row |= dict(zip(("at", "at_host", "chassis"), found or where, strict=True))
        row["hold"] = "" if same else OTHER_DEVICE
        if not same or int(row["counted_run"] or 0) >= sealed.run:
            continue
        row |= {"runs": str(int(row["runs"]) + 1), "counted_run": str(sealed.run)}
        if row["runs"] == "1":
            row |= {"since_run": str(sealed.run), "since": sealed.day}
            row["successor"] = next(
                (
                    places[p]
                    for a in at.split()
                    if (p := (unit["vendor"], a, unit["slot"], unit["kind"], base)) in places
                ),
                "",
            )


def _fresh(sealed: Sealed) -> Row:
    names = tables.ABSENT[len(tables.HISTORY) :]
    told = {"runs": "0", "state": MISSING, "since_run": str(sealed.run), "since": sealed.day}
    return {**dict.fromkeys(names, ""), **told}


def _places(fresh: pd.DataFrame, policy: Policy) -> Mapping[tuple[str, ...], str]:
    """What came to each place in this run: a base product at (vendor, address, slot, kind). Only serials that were
    never seen before prove anything: what came from another device may have traded places with what was here.
    """
    bases = base_forms(fresh["product_id"], policy)
    return {
        (r["vendor"], r["address"], r["slot"], r["kind"], base): r["serial"]
        for r, base in zip(records(fresh), bases, strict=True)
        if base and (r["slot"] or r["kind"] == "chassis")
    }


@dataclass(frozen=True, slots=True)
class _Devices:
    """The run's targets, and where chassis were and are. Hosts are as `columns.hosts` compares them."""

    whole: Mapping[str, bool]
    """By address: read in full, as the device it was."""
    named: Mapping[str, str]
    """Host -> address, where just one target has it."""
    hosts: Mapping[str, str]
    """Address -> host."""
    past: Mapping[tuple[str, str, str], Sequence[tuple[int, str]]]
    """(vendor, address, host) -> the chassis last seen there before, each with the run."""
    now_at: Mapping[str, str]
    """Chassis -> address."""
    here: Mapping[str, Sequence[str]]
    """Address -> its chassis."""
    base: Mapping[str, str]
    """Chassis -> base product."""
    old: frozenset[str]
    """Chassis that were known before this run."""

    @classmethod
    def of(cls, units: pd.DataFrame, known: pd.DataFrame, sealed: Sealed, policy: Policy) -> _Devices:
        targets = sealed.targets.assign(host=hosts(sealed.targets["hostname"]))
        whole: dict[str, bool] = {}
        for row in records(targets[["address", "inventory_state", "outcome"]]):
            good = row["inventory_state"] == COMPLETE and row["outcome"] != _CHANGED
            whole[row["address"]] = whole.get(row["address"], True) and good
        single = targets[(targets["host"] != "") & ~targets["host"].duplicated(keep=False)]
        now, before = units[units["kind"] == "chassis"], known[known["kind"] == "chassis"]
        past: dict[tuple[str, str, str], list[tuple[int, str]]] = {}
        for row in records(before[["vendor", "address", "host", "run", "serial"]]):
            past.setdefault((row["vendor"], row["address"], row["host"]), []).append((int(row["run"]), row["serial"]))
        here: dict[str, list[str]] = {}
        for address, serial in zip(now["address"], now["serial"], strict=True):
            here.setdefault(address, []).append(serial)
        every = pd.concat([before[["serial", "product_id"]], now[["serial", "product_id"]]])
        return cls(
            whole,
            dict(zip(single["host"], single["address"], strict=True)),
            dict(zip(targets["address"], targets["host"], strict=True)),
            past,
            dict(zip(now["serial"], now["address"], strict=True)),
            here,
            dict(zip(every["serial"], base_forms(every["product_id"], policy), strict=True)),
            frozenset(before["serial"]),
        )

    def of_unit(self, unit: Row) -> tuple[str, str, str]:
        """The device a unit was last seen in: its address, its host and the chassis that were seen with it."""
        stood = self.past.get((unit["vendor"], unit["address"], unit["host"]), ())
        beside = sorted(serial for run, serial in stood if run >= int(unit["run"]))
        return unit["address"], unit["host"], " ".join(beside)

    def now(self, at: str, host: str, chassis: str) -> tuple[str, str, str] | None:
        """The same device in this run, its addresses parted by blanks; None where another one is in its place."""
        there = sorted({self.now_at[c] for c in chassis.split() if c in self.now_at})
        if there:
            return " ".join(there), self.hosts.get(there[0], host), chassis
        for address in (*at.split(), self.named.get(host, "")):
            stands = self.here.get(address, ())
            if not host or self.hosts.get(address) != host or (address not in at.split() and self._known(stands)):
                continue
            bases = {self.base[c] for c in stands}
            if not chassis or not bases.isdisjoint(self.base.get(c, "") for c in chassis.split()):
                return address, host, " ".join(stands)
        return None

    def _known(self, stands: Sequence[str]) -> bool:
        """Whether a device has its own past: it bears a like name, and is no exchanged box."""
        return any(c in self.old for c in stands)

    def read(self, at: str) -> bool:
        """Whether every one of these addresses was read in full."""
        return bool(at) and all(self.whole.get(one, False) for one in at.split())


def _newly(row: Row, run: int) -> bool:
    """Missing since this run, with nothing in its place that explains it."""
    counted = row["runs"] == "1" and row["since_run"] == str(run)
    return bool(row["state"] == MISSING and counted and not row["successor"])


def _brake(newly: Sequence[Row], fleet: int, sealed: Sealed, policy: Policy) -> list[dict[str, str]]:
    """Set the brake on *newly* where they are too many, or of every device of a site."""
    most = limit(fleet, policy)
    if len(newly) > most:
        why = f"{len(newly)} units went missing in run {sealed.run}, more than {most:g} of {fleet}"
        return [_held(row, why) for row in newly]
    sites = sealed.targets.drop_duplicates("address").groupby("site")["address"].agg(set)
    short = {one for row in newly for one in row["at"].split()}
    cut = {str(s): len(a) for s, a in sites.items() if s and len(a) >= policy.brake.site_devices and a <= short}
    of_site = {a: str(site) for site, addresses in sites.items() if str(site) in cut for a in addresses}
    events = []
    for row in newly:
        site = next((of_site[a] for a in row["at"].split() if a in of_site), "")
        if site:
            why = f"units of every one of the {cut[site]} devices of {site} went missing in run {sealed.run}"
            events.append(_held(row, why))
    return events


def _held(row: Row, why: str) -> dict[str, str]:
    row["brake"] = why
    return _event(row, HELD, why)


def _settle(rows: Sequence[Row], sealed: Sealed, policy: Policy) -> list[dict[str, str]]:
    """Say of what is missing that it was replaced or removed, where that is proved and no brake is set."""
    braked = any(row["brake"] and row["state"] == MISSING for row in rows)
    done = {"settled_run": str(sealed.run), "settled": sealed.day}
    events = []
    for row in rows:
        if row["state"] != MISSING:
            continue
        enough = int(row["runs"]) >= policy.removed_after_complete_runs
        if row["successor"]:
            row |= {"state": REPLACED, **done}
            events.append(_event(row, REPLACED, f"{row['successor']} is in its place"))
        elif enough and not row["hold"] and (row["who"] or not braked):
            row |= {"state": REMOVED, **done}
            events.append(_event(row, REMOVED, f"absent from {row['runs']} complete readings of its device"))
    return events


def _told(row: Row) -> bool:
    """Whether people were told anything that its return takes back."""
    return bool(row["state"] != MISSING or row["brake"])


def _whereto(row: Row) -> str:
    return f"seen again after {row['since']}"


def _event(row: Row, event: str, reason: str) -> dict[str, Any]:
    return {"vendor": row["vendor"], "serial": row["serial"], "event": event, "reason": reason}
