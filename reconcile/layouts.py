"""Contract layouts as data: which headers tell a layout, and which of its columns is which target field.

A layout is a file in `configs/contracts`, or in `contracts` of the operator's own folder, which wins file by
file. `_lines.toml` there holds what all layouts share. Unknown keys are refused.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from collectors.errors import ConfigError
from reconcile.cells import Order
from reconcile.headers import plain
from reconcile.tables import CONTRACT_FIELDS

SHARED: Final = "_lines.toml"
M = TypeVar("M", bound=BaseModel)


def _pattern(text: str) -> str:
    re.compile(text)
    return text


def _field(name: str) -> str:
    if name not in CONTRACT_FIELDS:
        raise ValueError(f"{name!r} is no target field")
    return name


Pattern = Annotated[str, AfterValidator(_pattern)]
FieldName = Annotated[str, AfterValidator(_field)]


class _Data(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KindWords(_Data):
    """Words or patterns that tell a line's kind."""

    hardware: tuple[str, ...] = ()
    software: tuple[str, ...] = ()
    subscription: tuple[str, ...] = ()


class KindPatterns(_Data):
    """Regular expressions that tell a line's kind; no match means hardware."""

    software: tuple[Pattern, ...] = ()
    subscription: tuple[Pattern, ...] = ()


class Join(_Data):
    """Another file of the same batch that says more of each row, such as the contract that a row only names."""

    layout: str
    """The layout of that file; it has a `key`."""
    column: str
    """The header here whose cell is that file's key; a row with an empty cell is not looked up."""
    required: bool = True
    """Whether lines without that file would be misread: then it must be there, and hold every key."""


class Pages(_Data):
    """JSON: where the file says which part of the answer it is, as dotted keys; "" where it does not."""

    page: str = ""
    of: str = ""
    here: str = ""
    """How many records this page holds."""
    total: str = ""
    """How many records all pages hold."""


class Layout(_Data):
    """One contract layout."""

    name: str
    title: str
    vendor: str = ""
    """The vendor's id where every line is one vendor's; "" where a column or the caller says it."""
    provider: str = ""
    priority: int = 0
    """Of layouts that know equally many headers of a file the higher one is taken."""
    required: tuple[str, ...] = Field(min_length=1)
    """The headers that tell this layout; all must be there."""
    one_of: tuple[str, ...] = ()
    """Headers of which one at least must be there too."""
    required_fields: bool = False
    """`required` names target fields instead: any synonym of each will do."""
    date_order: Order = "auto"
    columns: Mapping[FieldName, tuple[str, ...]]
    """The synonyms of each target field. Two synonyms of one field in one file are refused."""
    fallback: Mapping[FieldName, tuple[str, ...]] = Field(default_factory=dict)
    """Columns that speak where the field's own column is empty; they are kept as extra columns too."""
    status_words: Mapping[str, str] = Field(default_factory=dict)
    """Words of this file's status column in the words of the status table of the policy."""
    types: KindWords = KindWords()
    """Product types beside the shared ones."""
    no_contract: str = ""
    """The status of a row without contract number, status and end date, in a list of the installed base."""
    no_end: str = ""
    """The status of a row on a contract that says neither status nor end, where such a contract runs on."""
    stop_at_blank_row: bool = False
    """Nothing below the first blank row is a line; a serial found there is refused, not lost."""
    doubled_serials: bool = False
    """Serials may be printed as `*SERIAL*SERIAL`."""
    above: Mapping[FieldName, tuple[str, ...]] = Field(default_factory=dict)
    """Labels of fields that a line above the table may say for all rows: `Contract Number: 200000101`."""
    key: str = ""
    """The header by which rows of other files find a row of this one; a file with a key holds no lines of its own."""
    joins: tuple[Join, ...] = ()
    only_with: str = ""
    """The header whose cell must be filled: other rows are no lines of this layout."""
    also: str = ""
    """Another layout that reads the rows of the same file once more, for a second contract beside the first."""
    pages: Pages = Pages()
    spread: str = ""
    """JSON: the key of the list inside a record whose entries are the units."""
    refused: str = ""
    """Why a file of this layout is no contract list, and what to do with it: it is never read as one."""

    @model_validator(mode="after")
    def _serials_are_named(self) -> Layout:
        if "serial" not in self.columns and not self.key and not self.refused:
            raise ValueError("columns: a layout names its serial column")
        return self

    def missing(self, headers: Collection[str], above: Collection[str] = ()) -> list[str]:
        """Which required headers (or fields) are not among *headers*, which are as `plain` gives them.

        *above* are the fields that lines above the table say.
        """
        if self.required_fields:
            given = {f for f in self.required if f in above and f in self.above}
            return [
                f for f in self.required
                if f not in given and not any(plain(s) in headers for s in self.columns.get(f, ()))
            ]  # fmt: skip
        lacking = [header for header in self.required if plain(header) not in headers]
        chosen = not self.one_of or any(plain(header) in headers for header in self.one_of)
        return lacking if chosen else [*lacking, " or ".join(self.one_of)]

    def known(self) -> frozenset[str]:
        """All its headers, as `plain` gives them."""
        synonyms = [*self.columns.values(), *self.fallback.values(), (self.key,) if self.key else ()]
        return frozenset(
            plain(s) for group in (*synonyms, () if self.required_fields else self.required) for s in group
        )


class Shared(_Data):
    """What all layouts share (`_lines.toml`)."""

    trailer: tuple[Pattern, ...] = ()
    nothing: tuple[str, ...] = ()
    types: KindWords = KindWords()
    products: KindPatterns = KindPatterns()
    serials: KindPatterns = KindPatterns()
    vendors: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)

    def vendor(self, name: str) -> str:
        """The vendor's id for a name as files write it, "" where the table does not know it."""
        words = name.casefold().strip(" .")
        return next((vendor for vendor, names in self.vendors.items() if words == vendor or words in names), "")


class Layouts(_Data):
    """All layouts by name, and what they share."""

    by_name: Mapping[str, Layout]
    shared: Shared

    def serials(self) -> frozenset[str]:
        """Every header of a serial column."""
        return frozenset(plain(s) for layout in self.by_name.values() for s in layout.columns.get("serial", ()))

    def known(self) -> frozenset[str]:
        """Every header of every layout, as `plain` gives them."""
        return frozenset(header for layout in self.by_name.values() for header in layout.known())

    def spread(self) -> frozenset[str]:
        """Every key whose list of objects becomes a row an entry."""
        return frozenset(layout.spread for layout in self.by_name.values() if layout.spread)


def load(overlay: Path | None = None) -> Layouts:
    """Read the shipped layouts, the operator's laid over them file by file.

    Raises ConfigError that names the file and what is wrong with it.
    """
    files = dict(_files(resources.files("configs") / "contracts"))
    if overlay is not None:
        files |= dict(_files(overlay / "contracts"))
    shared = _checked(Shared, _parsed(files[SHARED]), files[SHARED])
    layouts = {
        name: _checked(Layout, {**_parsed(file), "name": name}, file)
        for file_name, file in sorted(files.items())
        if not (name := file_name.removesuffix(".toml")).startswith("_")
    }
    for name, layout in layouts.items():
        for other in (layout.also, *(join.layout for join in layout.joins)):
            if other and other not in layouts:
                raise ConfigError(f"{files[f'{name}.toml']}: there is no layout {other!r} in this folder")
    return Layouts(by_name=layouts, shared=shared)


def _files(folder: Traversable) -> Iterator[tuple[str, Traversable]]:
    if folder.is_dir():
        yield from ((f.name, f) for f in folder.iterdir() if f.is_file() and f.name.endswith(".toml"))


def _parsed(file: Traversable) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from error


def _checked(model: type[M], data: Mapping[str, Any], file: Traversable) -> M:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise ConfigError(f"{file}: {where or 'layout'}: {first['msg']}") from error
