"""The identity models alone, in full or for a night."""

from __future__ import annotations

import os
from pathlib import Path

from evaluation.compiled_models import compiled
from identity import ledger
from ingestion.engine import connect

_GIVEN = "int_identity_unknown_ids"
"""Not built: it reads sales and mails, which a warehouse of people does not have."""

_AS_OF = "2026-09-30"


def compile_models(warehouse: Path, *, full: bool) -> list[str]:
    """Statements that build the models, in the order of their dependencies.

    Args:
        warehouse: a file `warehouse.duckdb`, whose stem is the catalog in the statements.
        full: work every record out again, instead of those that something new is known about.

    Raises:
        RuntimeError: the project does not compile.
    """
    return compiled(
        warehouse,
        ["path:models/intermediate/identity/"],
        {"as_of_date": _AS_OF},
        given=[_GIVEN],
        full_refresh=full,
    )


def run_models(warehouse: Path, statements: list[str]) -> None:
    """Build the models in a warehouse, and keep their result as the ledger's next state."""
    with connect(warehouse) as connection:
        connection.execute(f"set memory_limit = '{os.environ.get('TOKUI_MEMORY_LIMIT', '2GB')}'")
        for statement in statements:
            connection.execute(statement)
        ledger.keep(connection)
