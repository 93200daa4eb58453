"""The judgements of reconciling as data: ``configs/policy.toml`` with the operator's own file laid over it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from collectors.errors import ConfigError

Severity = Literal["error", "warning", "info"]
Treatment = Literal["require", "inherit", "ignore"]
Standing = Literal["by_dates", "pending", "overdue", "ended", "none", "unclear"]
Entitlement = Literal["hardware", "tac", "software"]


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        msg = f"{text!r} is not a regular expression: {error}"
        raise ValueError(msg) from error
    return text


def _bare_words(statuses: Mapping[str, Standing]) -> Mapping[str, Standing]:
    return {bare(word): standing for word, standing in statuses.items()}


def _bare_all(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(bare, words))


Pattern = Annotated[str, AfterValidator(_pattern)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Brake(_Data):
    """When so much is missing at once that the reading is doubted before the fleet."""

    least: int = Field(ge=0)
    most: int = Field(ge=0)
    share: float = Field(ge=0, le=100)
    of_large: float = Field(ge=0, le=100)
    site_devices: int = Field(ge=1)


class Lines(_Data):
    """How contract lines are read."""

    undated: Literal["unclear", "active"]
    masked: tuple[Pattern, ...]
    service_product_ids: tuple[Pattern, ...]


class ServiceLevel(_Data):
    """What the service levels that a pattern knows entitle to."""

    pattern: Pattern
    entitles: tuple[Entitlement, ...]


class Entitles(_Data):
    """What a line entitles to where its service level says nothing, by kind of line; and what a warranty does."""

    hardware: tuple[Entitlement, ...]
    software: tuple[Entitlement, ...]
    subscription: tuple[Entitlement, ...]
    serial_less: tuple[Entitlement, ...]
    warranty: tuple[Entitlement, ...]


class ProductId(_Data):
    """How a product id is brought to its base form."""

    null: tuple[str, ...]
    suffixes: tuple[Pattern, ...]
    refurbished: tuple[Pattern, ...]
    aliases: Mapping[str, str]


class Family(_Data):
    """Products and the platforms that can hold them."""

    name: str
    vendor: str
    pattern: Pattern
    platforms: tuple[str, ...]


class Outside(_Data):
    """Products that no poll can see."""

    name: str
    vendor: str
    pattern: Pattern


class Whereabouts(_Data):
    """Where an unseen serial might be."""

    any_platform: tuple[str, ...]
    chassis_series: tuple[Pattern, ...]


class ProductLevel(_Data):
    """The feature level with which products of a pattern are sold."""

    pattern: Pattern
    level: str


class Licences(_Data):
    """What the words of devices and of entitlements say about licences."""

    suffixes: tuple[Pattern, ...]
    proven: tuple[Pattern, ...]
    unlimited: tuple[Pattern, ...]
    platforms: tuple[str, ...]
    without: tuple[Pattern, ...]
    first_report_days: int = Field(ge=0)
    product_level: tuple[ProductLevel, ...]


class Software(_Data):
    """Downloads and who may have them."""

    free_updates: tuple[Pattern, ...]
    warranty_days: int = Field(ge=0)


class Secondary(_Data):
    """The vendor's policy on used and secondary-market equipment."""

    vendors: tuple[str, ...]
    provenances: tuple[str, ...]
    require_relicense: bool
    require_inspection: bool
    channel_sellers: tuple[Pattern, ...]
    transferred: tuple[str, ...]


class Smartoptics(_Data):
    """Numbers of the Smart Care sheet."""

    ews_cap_years: int = Field(ge=1)
    spares_per_model: int = Field(ge=0)
    own_spares: tuple[Pattern, ...]
    site_groups: Mapping[str, tuple[str, ...]]
    terms: tuple[int, ...]
    term_tolerance_days: int = Field(ge=0)
    unpaid: Annotated[tuple[str, ...], AfterValidator(_bare_all)]
    release_major: Pattern
    node_licence: Pattern


class Ignore(_Data):
    """What is left out altogether."""

    serials: tuple[str, ...]
    product_ids: tuple[Pattern, ...]
    hosts: tuple[str, ...]


class Organisation(_Data):
    """The user's organisation as contracts write it."""

    names: tuple[str, ...]
    contacts: tuple[str, ...]


class Orders(_Data):
    """How long a contract may take after its order was shipped."""

    activation_days: int = Field(ge=0)
    kit_days: int = Field(ge=0)


class Donations(_Data):
    """The vendor's own donations and what comes with them."""

    vendors: tuple[str, ...]
    programmes: tuple[Pattern, ...]
    term_years: int = Field(ge=1)
    term_tolerance_days: int = Field(ge=0)
    service_levels: tuple[Pattern, ...]


class Spares(_Data):
    """Parts on the shelf."""

    require_cover: bool


class Rma(_Data):
    """Exchanges of defective units."""

    swap_days: int = Field(ge=0)


class Profile(_Data):
    """Contract numbers tied to an account with the vendor."""

    vendors: tuple[str, ...]


class ComponentLines(_Data):
    """Parts that may stand on lines of their own."""

    kinds: tuple[str, ...]
    major: tuple[Pattern, ...]


class Optics(_Data):
    """Optics and who made them."""

    vendors: tuple[str, ...]
    kinds: tuple[str, ...]
    oem_marks: tuple[str, ...]


class Near(_Data):
    """Near matches: suggestions only."""

    enabled: bool
    minimum_prefix: int = Field(ge=6)
    edit_distance_limit: int = Field(ge=0)


class Policy(_Data):
    """The whole of ``policy.toml``, checked. The file's comments say what each value means."""

    expiring_days: int = Field(ge=0)
    expiring_bands: tuple[int, ...]
    overdue_grace_days: int = Field(ge=0)
    not_seen_runs: Literal[1, 2]
    removed_after_complete_runs: int = Field(ge=1, le=30)
    brake: Brake
    components: Mapping[str, Treatment]
    line_status: Annotated[Mapping[str, Standing], AfterValidator(_bare_words)]
    lines: Lines
    service_level: tuple[ServiceLevel, ...]
    entitles: Entitles
    product_id: ProductId
    family: tuple[Family, ...]
    whereabouts: Whereabouts
    outside: tuple[Outside, ...]
    feature_ladders: Mapping[str, tuple[str, ...]]
    licences: Licences
    software: Software
    secondary: Secondary
    smartoptics: Smartoptics
    near: Near
    ignore: Ignore
    organisation: Organisation
    orders: Orders
    donations: Donations
    spares: Spares
    rma: Rma
    profile: Profile
    component_lines: ComponentLines
    optics: Optics
    severity: Mapping[str, Severity]


def load(overlay: Path | None = None) -> Policy:
    """The shipped policy with *overlay* (a ``policy.toml``, or a folder that may hold one) laid over it.

    Tables merge key by key, lists and values replace. Raises ConfigError that names the file, the key and the cure.
    """
    shipped = tomllib.loads((resources.files("configs") / "policy.toml").read_text("utf-8"))
    own = overlay / "policy.toml" if overlay is not None and overlay.is_dir() else overlay
    if own is None or (overlay is not None and overlay.is_dir() and not own.exists()):
        return Policy.model_validate(shipped)
    try:
        text = own.read_text("utf-8")
        return Policy.model_validate(_over(shipped, tomllib.loads(text)))
    except OSError as error:
        raise ConfigError(f"{own}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{own}: not valid TOML: {error}") from error
    except ValidationError as error:
        raise ConfigError(f"{own}: {_first(error)}; the shipped policy.toml shows every key") from error


def bare(word: str) -> str:
    """A word without case, spaces and punctuation.

    >>> bare("QA-Hold ")
    'qahold'
    """
    return re.sub(r"[\W_]+", "", word).lower()


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        merged[key] = _over(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(map(str, first["loc"]))
    what = "unknown key" if first["type"] == "extra_forbidden" else first["msg"]
    return f"{where}: {what}"
