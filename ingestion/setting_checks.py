"""Checks that every section of `tokui.toml` shares; each tells file, setting and what it must be.

All raise `ConfigurationError`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ingestion.errors import ConfigurationError

_WORDS = {
    str: "a text in quotes",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    tuple: "a list of texts",
    dict: "a section of texts",
}


def table_at(path: Path, values: dict[str, Any], name: str, where: str = "") -> dict[str, Any]:
    """The section of that name, empty when it is absent."""
    found = values.get(name, {})
    if not isinstance(found, dict):
        raise ConfigurationError(f"{path}: {where or name} is a section: [{where or name}].")
    return found


def refuse_unknown(path: Path, values: dict[str, Any], known: set[str], where: str) -> None:
    """Refuse names that are no settings, and list those that are."""
    unknown = set(values) - known
    if unknown:
        raise ConfigurationError(
            f"{path}: unknown setting {', '.join(sorted(unknown))}"
            f"{' in [' + where + ']' if where else ''}; known: {', '.join(sorted(known))}."
        )


def refuse_other_types(
    path: Path, values: dict[str, Any], defaults: dict[str, Any], where: str
) -> None:
    """A setting has the type of its default."""
    for name, value in values.items():
        if not _is_like(value, defaults[name]):
            words = _WORDS[type(defaults[name])]
            raise ConfigurationError(f"{path}: {where}.{name} must be {words}.")


def _is_like(value: Any, default: Any) -> bool:
    if isinstance(default, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if isinstance(default, tuple):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(default, dict):
        return isinstance(value, dict) and all(
            isinstance(item, str)
            or (isinstance(item, dict) and all(isinstance(to, str) for to in item.values()))
            for item in value.values()
        )
    return type(value) is type(default)


def check_share(path: Path, where: str, share: float) -> None:
    """Refuse a share outside of 0 to 1."""
    if not 0 <= share <= 1:
        raise ConfigurationError(f"{path}: {where} is a share, from 0 to 1.")


def check_zone(path: Path, where: str, zone: str) -> None:
    """Refuse a zone that the IANA data base does not have."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ConfigurationError(
            f'{path}: {where}: "{zone}" is no IANA time zone (such as "Asia/Tokyo").'
        ) from error
