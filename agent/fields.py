"""Kinds of value in the settings file, and what is said of one that does not fit."""

from __future__ import annotations

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer

from agent.secrets import Secret

_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


def _seconds(value: object) -> float:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h)\s*", value) if isinstance(value, str) else None
    if match is None or not float(match[1]):
        raise ValueError('write a time with its unit, such as "90s" or "2m"')
    return float(match[1]) * _UNITS[match[2]]


def _network(value: object) -> IPv4Network | IPv6Network:
    try:
        return ip_network(value) if isinstance(value, str) else _not_a_network(value)
    except ValueError:
        try:
            near = ip_network(str(value), strict=False)
        except ValueError:
            return _not_a_network(value)
        raise ValueError(f"{value!r} has host bits set; write {str(near)!r}") from None


def _not_a_network(value: object) -> IPv4Network | IPv6Network:
    raise ValueError(f'{value!r} is no network; write one such as "10.20.0.0/16"')


def _zone(value: object) -> ZoneInfo:
    try:
        return ZoneInfo(str(value))
    except (OSError, ValueError, KeyError) as error:
        raise ValueError(f'{value!r} is no time zone; write one such as "Europe/Berlin" or "UTC"') from error


def _secret(value: object) -> Secret:
    if not isinstance(value, str) or not value:
        raise ValueError('write a reference such as "env:NAME" or "file:PATH"')
    return Secret(value)


def _distinct(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values or len(set(values)) < len(values):
        raise ValueError('name each protocol once, such as ["snmp", "ssh"]')
    return values


Duration = Annotated[float, BeforeValidator(_seconds)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
Zone = Annotated[ZoneInfo, BeforeValidator(_zone), PlainSerializer(str)]
SecretText = Annotated[Secret, BeforeValidator(_secret), PlainSerializer(str)]
"""A reference, or the secret itself where plaintext is allowed: masked either way."""
Port = Annotated[int, Field(ge=1, le=65535)]
Protocols = Annotated[tuple[Literal["snmp", "ssh"], ...], AfterValidator(_distinct)]
AuthName = Literal["md5", "sha1", "sha224", "sha256", "sha384", "sha512"]
PrivName = Literal["des", "3des", "aes128", "aes192", "aes256", "aes192-blumenthal", "aes256-blumenthal"]
