"""What a checked file did wrong, as one sentence with the key and the nearest known name.

The checker's own texts may quote the input, and the input may be a password: only our words go out.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails


def sentence(error: ValidationError, model: type[BaseModel]) -> str:
    """The first thing wrong with data meant for *model*, and how many more there are."""
    errors = error.errors(include_url=False, include_context=False, include_input=False)
    first = errors[0]
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    if first["type"] == "extra_forbidden":
        return unknown(first["loc"], model) + more
    key = ".".join(map(str, first["loc"]))
    return f"{key}: {_words(first)}{more}" if key else f"{_words(first)}{more}"


def unknown(location: tuple[int | str, ...], model: type[BaseModel]) -> str:
    """The sentence for a key that *model* does not have."""
    key = str(location[-1])
    known = _known(location[:-1], model)
    where = ".".join(map(str, location[:-1]))
    section = f"[{where}]" if where else "the top of the file"
    return f"unknown key {key!r} in {section}" + (nearest(key, known) or f"; known here: {', '.join(known)}")


def nearest(name: str, known: Iterable[str], cutoff: float = 0.5) -> str:
    """``; did you mean 'x'?``, or "" where nothing known is near."""
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=cutoff)
    return f"; did you mean {near[0]!r}?" if near else ""


def _words(error: ErrorDetails) -> str:
    return "is missing" if error["type"] == "missing" else error["msg"].removeprefix("Value error, ")


def _known(location: tuple[int | str, ...], model: type[BaseModel]) -> list[str]:
    """The keys that the section at *location* may have: fields of models, values of mappings and tuples."""
    kind: Any = model
    for part in location:
        section = _section(kind)
        kind = section.model_fields[str(part)].annotation if section else get_args(kind)[part.__class__ is str]
    section = _section(kind)
    return [name for name, field in section.model_fields.items() if not field.exclude] if section else []


def _section(kind: Any) -> type[BaseModel] | None:
    """The model that *kind* is, or that it is besides None."""
    for candidate in (kind, *(get_args(kind) if type(None) in get_args(kind) else ())):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None
