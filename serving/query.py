"""SQL on a published file, for a person at a terminal."""

from __future__ import annotations

from pathlib import Path

import duckdb

from ingestion.engine import engine_settings
from ingestion.errors import ConfigurationError

_WIDTH = 160
_ALONE = {"enable_external_access": False, "lock_configuration": True}
"""A statement reads the published tables and nothing else on the machine."""


def show(path: Path, sql: str, rows: int) -> None:
    """Print the result of a statement as a table of at most `rows` rows.

    Raises:
        ConfigurationError: the statement cannot be run on the published tables.
    """
    try:
        opened = duckdb.connect(str(path), read_only=True, config=engine_settings(path) | _ALONE)
    except duckdb.IOException as error:
        raise ConfigurationError(
            f"{path} cannot be opened. Close the program that has it open for writing. {error}"
        ) from None
    with opened as connection:
        try:
            result = connection.sql(sql)
            if result is not None:
                result.show(max_rows=rows, max_width=_WIDTH)
        except duckdb.Error as error:
            raise ConfigurationError(f"{error}\n  in {path}") from None
