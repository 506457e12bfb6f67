"""Version 3: a loaded file knows the settings it was read by; decisions of people are remembered.

Nobody knows any more by which settings the files of version 2 were read: theirs stay empty.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb


def migrate(connection: duckdb.DuckDBPyConnection) -> None:
    """Add `ledger.files.format_sha256` and `ledger.applied_decisions`."""
    connection.execute("alter table ledger.files add column format_sha256 varchar")
    connection.execute(
        "create table ledger.applied_decisions "
        "(decision_id varchar, load_id varchar, outcome varchar)"
    )
