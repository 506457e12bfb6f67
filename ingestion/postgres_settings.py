"""`[publication.postgres]`: the copy of each publication in a Postgres database.

The address of the server is a secret and never stands here: `TOKUI_POSTGRES_URL` has it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ingestion.errors import ConfigurationError
from ingestion.setting_checks import refuse_other_types, refuse_unknown, table_at

_WHERE = "publication.postgres"
_NAME = re.compile(r"(?!pg_)[a-z][a-z0-9_]{0,29}")
"""Short enough for what is put behind it: Postgres cuts names off after 63 bytes."""

_SHORTEST_SECONDS = 0.01
"""Below a millisecond Postgres would take it for no limit at all."""


@dataclass(frozen=True)
class Postgres:
    """Where the copy goes and who may read it.

    `readers` is a role that is granted the right to read, empty for none; `keep_old` versions stay
    beside the published one. One try to swap versions makes readers wait for at most
    `lock_timeout_seconds`; tries are given up after `lock_wait_seconds`.
    """

    enabled: bool = False
    marts_schema: str = "marts"
    ops_schema: str = "ops"
    readers: str = "tokui_readers"
    keep_old: int = 0
    lock_timeout_seconds: float = 0.5
    lock_wait_seconds: float = 120.0


def read_postgres(path: Path, publication: dict[str, Any]) -> Postgres:
    """The section `[publication.postgres]` of the settings.

    Raises:
        ConfigurationError: a setting is unknown or wrong.
    """
    values = table_at(path, publication, "postgres", _WHERE)
    refuse_unknown(path, values, {one.name for one in fields(Postgres)}, _WHERE)
    refuse_other_types(path, values, vars(Postgres()), _WHERE)
    settings = Postgres(**values)
    for name in ("marts_schema", "ops_schema", "readers"):
        value = getattr(settings, name)
        if not _NAME.fullmatch(value) and (value or name != "readers"):
            raise ConfigurationError(
                f"{path}: {_WHERE}.{name} is a name of at most 30 small letters, digits and "
                "underscores that begins with a letter, and not with pg_."
            )
    if "__" in settings.marts_schema + " " + settings.ops_schema:
        raise ConfigurationError(
            f"{path}: {_WHERE}: marts_schema and ops_schema must not contain __, by which Tokui "
            "tells the schemas of other versions."
        )
    if settings.marts_schema == settings.ops_schema:
        raise ConfigurationError(f"{path}: {_WHERE}: marts_schema and ops_schema must differ.")
    if settings.keep_old < 0:
        raise ConfigurationError(f"{path}: {_WHERE}.keep_old must be 0 or more.")
    if not _SHORTEST_SECONDS <= settings.lock_timeout_seconds <= settings.lock_wait_seconds:
        raise ConfigurationError(
            f"{path}: {_WHERE}.lock_timeout_seconds must be {_SHORTEST_SECONDS} or more, and at "
            "most lock_wait_seconds."
        )
    return settings
