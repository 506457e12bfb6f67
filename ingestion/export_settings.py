"""`[exports]`: which role may hand out lists with addresses, by channel and purpose."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ingestion.errors import ConfigurationError
from ingestion.setting_checks import refuse_other_types, refuse_unknown, table_at

CHANNELS = ("email", "line", "sms", "post")


@dataclass(frozen=True)
class Role:
    """What a role may export: `channels`, `purposes`, and, where named, which OS `users` have it.

    No purposes are the marketing purpose alone, no users are whoever can read the warehouse.
    """

    channels: tuple[str, ...] = ()
    purposes: tuple[str, ...] = ()
    users: tuple[str, ...] = ()


@dataclass(frozen=True)
class Exports:
    """Roles by name. Without any, no list with addresses can be exported."""

    roles: dict[str, Role] = field(default_factory=dict)


def read_exports(path: Path, document: dict[str, Any]) -> Exports:
    """The section `[exports]` of the settings, checked.

    Raises:
        ConfigurationError: a setting is unknown or wrong, or a role has no channel.
    """
    section = table_at(path, document, "exports")
    refuse_unknown(path, section, {"roles"}, "exports")
    roles = table_at(path, section, "roles", "exports.roles")
    return Exports({name: _role(path, name, roles) for name in roles})


def _role(path: Path, name: str, roles: dict[str, Any]) -> Role:
    where = f"exports.roles.{name}"
    values = table_at(path, roles, name, where)
    refuse_unknown(path, values, {f.name for f in fields(Role)}, where)
    refuse_other_types(path, values, vars(Role()), where)
    role = Role(**{key: tuple(value) for key, value in values.items()})
    if not role.channels or not set(role.channels) <= set(CHANNELS):
        raise ConfigurationError(
            f"{path}: {where}.channels is a list of {', '.join(CHANNELS)}, with one at least."
        )
    return role
