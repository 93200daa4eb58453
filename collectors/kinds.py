"""What a row of an inventory is: a chassis, a module, an optic, or nothing that anybody buys.

The agent's class is taken where it says something; optics and cables are told by product id whatever class
they are filed under. The words are data, in ``configs/parts.toml``.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from collectors.errors import ConfigError
from collectors.model import Kind, Part
from collectors.oids import Oid

_ENTERPRISES = (1, 3, 6, 1, 4, 1)
_UNSAID = frozenset(("", "N/A", "NA", "NONE", "UNSPECIFIED", "UNKNOWN", "NULL", "--", "-", "N.A.", "<PRIVATE>"))
_SHORT = 128
"""Words longer than this are not remembered: a hostile device must not fill the memory."""


def _joined(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns) or r"(?!)", re.I)


Patterns = Annotated[tuple[str, ...], AfterValidator(lambda given: (_joined(given), given)[1])]
"""Checked when read, so that a bad pattern is named before anything is polled."""


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Products(_Data):
    position: Patterns = ()
    virtual: Patterns = ()
    access_point: Patterns = ()
    cable: Patterns = ()
    transceiver: Patterns = ()
    power_supply: Patterns = ()
    fan: Patterns = ()


class _Names(_Data):
    chassis: Patterns = ()
    chassis_or_module: Patterns = ()
    stack: Patterns = ()
    shadow: Patterns = ()
    interface: Patterns = ()
    cable: Patterns = ()
    power_supply: Patterns = ()
    fan: Patterns = ()
    no_part: Patterns = ()


class _Descriptions(_Data):
    chassis: Patterns = ()
    chassis_or_module: Patterns = ()
    transceiver: Patterns = ()
    access_point: Patterns = ()
    power_supply: Patterns = ()
    fan: Patterns = ()
    no_part: Patterns = ()


class _Optics(_Data):
    genuine_makers: tuple[str, ...] = ()


class _Vendors(_Data):
    enterprises: dict[str, str] = {}
    makers: tuple[tuple[str, str], ...] = ()


class Words(_Data):
    """``configs/parts.toml``, checked."""

    products: _Products
    names: _Names
    descriptions: _Descriptions
    optics: _Optics = _Optics()
    vendors: _Vendors = _Vendors()


@dataclass(frozen=True, slots=True)
class Look:
    """A part's words, trimmed of padding and of the ways to say nothing."""

    cls: str
    name: str
    descr: str
    product_id: str


def words(text: str, source: str = "parts.toml") -> Words:
    """Read a word list. Raises ConfigError that names *source* and the key."""
    try:
        return Words.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not valid TOML: {error}") from error
    except (ValidationError, re.error) as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) if isinstance(error, ValidationError) else "pattern"
        raise ConfigError(f"{source}: {where}: {error}") from error


@cache
def shipped() -> Words:
    """The word list that comes with netcover."""
    return words((resources.files("configs") / "parts.toml").read_text("utf-8"), "configs/parts.toml")


def said(text: str) -> str:
    r"""*text* on one line without padding and quotes, "" where it is a way to say nothing.

    >>> said(" GLC-SX-MMD \x00")
    'GLC-SX-MMD'
    >>> said("Unspecified")
    ''
    """
    return _said(text) if len(text) <= _SHORT else _cleaned(text)


def _cleaned(text: str) -> str:
    line = " ".join(text.replace("\0", " ").replace("\ufffd", " ").split()).strip('"').strip()
    return "" if line.upper() in _UNSAID else line


_said = lru_cache(maxsize=16384)(_cleaned)
"""Devices of a model say the same words, and each row is looked at more than once."""


def look(part: Part) -> Look:
    """The part's words as the functions below want them."""
    return Look(part.cls, said(part.name), said(part.descr), said(part.product_id))


def is_stack(seen: Look, lists: Words) -> bool:
    """A row for the stack as a whole: it repeats one member and is no unit."""
    return seen.cls == "stack" or (
        seen.cls in ("", "other", "unknown") and _any(lists.names.stack, seen.name or seen.descr)
    )


def is_chassis(seen: Look, lists: Words) -> bool:
    """A row that is a chassis for certain: by its class, or, where it has none, its name or description."""
    if seen.cls == "chassis":
        return True
    if seen.cls not in ("", "other", "unknown") or _any(lists.names.no_part, seen.name):
        return False
    if _supplies(seen, lists) or _any(lists.names.shadow, seen.name) or is_stack(seen, lists):
        return False
    return _any(lists.names.chassis, seen.name) or _any(lists.descriptions.chassis, seen.descr)


def may_be_chassis(seen: Look, lists: Words) -> bool:
    """A row that is a chassis where no other row is: a stack member called "2", a `Switch System`, an appliance."""
    plain = seen.cls in ("", "other", "unknown") and kind(seen, lists) in (
        Kind.MODULE,
        Kind.OTHER,
        Kind.VIRTUAL,
    )
    return plain and (
        _any(lists.names.chassis_or_module, seen.name) or _any(lists.descriptions.chassis_or_module, seen.descr)
    )


def is_shadow(seen: Look, lists: Words) -> bool:
    """A row that repeats another part's identity memory (IOS XR ``*-IDPROM``)."""
    return _any(lists.names.shadow, seen.name)


def is_absent(seen: Look) -> bool:
    """A stack member that is configured and not there."""
    return seen.descr.lower().endswith("- provisioned")


def kind(seen: Look, lists: Words) -> Kind:
    """What the part is."""
    if _any(lists.products.position, seen.product_id):
        return Kind.OTHER
    product = _by_product(seen, lists)
    if product in (Kind.VIRTUAL, Kind.CABLE):
        return product
    if seen.cls == "chassis":
        return Kind.CHASSIS
    if is_chassis(seen, lists):
        return Kind.ACCESS_POINT if _is_access_point(seen, lists) else Kind.CHASSIS
    if product is not None and seen.cls not in ("powerSupply", "fan"):
        return product
    return _by_class(seen, lists)


def sort(seen: Look, lists: Words) -> tuple[Kind, bool]:
    """What the part is, and whether it is a chassis for certain: `kind` and `is_chassis`, remembered."""
    if lists is shipped() and len(seen.name) + len(seen.descr) + len(seen.product_id) <= _SHORT:
        return _sorted(seen)
    return kind(seen, lists), is_chassis(seen, lists)


@lru_cache(maxsize=16384)
def _sorted(seen: Look) -> tuple[Kind, bool]:
    return kind(seen, shipped()), is_chassis(seen, shipped())


def vendor(object_id: Oid, makers: tuple[str, ...], lists: Words) -> str:
    """The vendor of a device that no platform claims: sysObjectID's enterprise, else its rows' makers."""
    if object_id[:6] == _ENTERPRISES and len(object_id) > 6:
        known = lists.vendors.enterprises.get(str(object_id[6]))
        if known:
            return known
    for maker in makers:
        for pattern, name in lists.vendors.makers:
            if re.search(pattern, said(maker), re.I):
                return name
    return "unknown"


def genuine(maker: str, lists: Words) -> bool:
    """Whether an optic's maker is one that the vendor itself buys from."""
    return said(maker).upper() in {name.upper() for name in lists.optics.genuine_makers}


def _by_product(seen: Look, lists: Words) -> Kind | None:
    if _any(lists.products.virtual, seen.product_id):
        return Kind.VIRTUAL
    if seen.cls in ("", "other", "unknown", "module", "port", "container"):
        if _any(lists.products.cable, seen.product_id) or _any(lists.names.cable, seen.name):
            return Kind.CABLE
        if _any(lists.products.transceiver, seen.product_id):
            return Kind.TRANSCEIVER
    return None


def _by_class(seen: Look, lists: Words) -> Kind:
    if seen.cls == "powerSupply":
        return Kind.POWER_SUPPLY
    if seen.cls == "fan":
        return Kind.FAN
    if seen.cls == "container" and seen.product_id and _is_optic(seen, lists):
        return Kind.TRANSCEIVER  # some agents file the optic as its cage
    if seen.cls == "port":
        return Kind.TRANSCEIVER if seen.product_id or _is_optic(seen, lists) else Kind.OTHER
    return _by_words(seen, lists) if seen.cls in ("", "other", "unknown", "module") else Kind.OTHER


def _by_words(seen: Look, lists: Words) -> Kind:
    if _any(lists.names.no_part, seen.name) or _any(lists.descriptions.no_part, seen.descr):
        return Kind.MODULE if seen.product_id and seen.cls == "module" else Kind.OTHER
    if _is_optic(seen, lists):
        return Kind.TRANSCEIVER
    if supply := _supplies(seen, lists):
        return supply
    if _is_access_point(seen, lists):
        return Kind.ACCESS_POINT
    return Kind.MODULE if seen.product_id or seen.cls == "module" else Kind.OTHER


def _is_optic(seen: Look, lists: Words) -> bool:
    return _any(lists.names.interface, seen.name) or _any(lists.descriptions.transceiver, seen.descr)


def _is_access_point(seen: Look, lists: Words) -> bool:
    return _any(lists.products.access_point, seen.product_id) or _any(lists.descriptions.access_point, seen.descr)


def _supplies(seen: Look, lists: Words) -> Kind | None:
    """Power supply or fan. A supply's own fan is a fan; a product id says it before a name does."""
    if _any(lists.products.fan, seen.product_id):
        return Kind.FAN
    if _any(lists.products.power_supply, seen.product_id):
        return Kind.POWER_SUPPLY
    if _any(lists.names.fan, seen.name) or _any(lists.descriptions.fan, seen.descr):
        return Kind.FAN
    if _any(lists.names.power_supply, seen.name) or _any(lists.descriptions.power_supply, seen.descr):
        return Kind.POWER_SUPPLY
    return None


@cache
def _compiled(patterns: tuple[str, ...]) -> re.Pattern[str]:
    return _joined(patterns)


def _any(patterns: tuple[str, ...], text: str) -> bool:
    return bool(text) and _compiled(patterns).search(text) is not None
