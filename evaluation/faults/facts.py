"""What a night left behind, read from its home when the run has ended."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import duckdb

from evaluation.faults.model import Check, NightFacts, Refusal

_LAST_RUN = "select run_id, status, message from ops.runs order by started_at desc, run_id limit 1"
_FAILED = (
    "select layer, suite, expectation, severity from ops.check_results "
    "where run_id = ? and not passed order by all"
)
_HELD = "select table_name, file, message from ops.held_files where run_id = ? order by all"
_QUARANTINED = (
    "select table_name, file, reason, line from ops.quarantined_rows "
    "where first_run_id = ? order by all"
)
_ACCOUNTING = (
    "select table_name, rows_in, rows_unchanged, rows_quarantined, rows_stored "
    "from ops.row_accounting where run_id = ?"
)
_PUBLISHED_ACCOUNTING = (
    "select table_name, rows_in, rows_unchanged, rows_superseded, rows_deleted, rows_staged, "
    "rows_quarantined from ops.row_accounting"
)
_REFUSED = re.compile(r"^  (raw_\w+\.\w+): (.+)$", re.MULTILINE)
"""A file in the message of a run that stopped for it."""


def read_facts(home: Path, status: int, said: str) -> NightFacts:
    """The facts of the last run of a home.

    Args:
        status: the run's exit status.
        said: what it wrote to the console.
    """
    served, manifest_file = home / "published" / "crm.duckdb", home / "published" / "manifest.json"
    manifest = json.loads(manifest_file.read_text(encoding="utf-8"))
    with duckdb.connect(str(home / "ops" / "journal.duckdb"), read_only=True) as journal:
        run, ended, message = journal.execute(_LAST_RUN).fetchone()

        def rows(sql: str) -> list[tuple[Any, ...]]:
            return journal.execute(sql, [run]).fetchall()

        held = [Refusal(*row) for row in rows(_HELD)]
        return NightFacts(
            home=home,
            status=status,
            ended=ended,
            message=message or "",
            said=said,
            failed=[Check(*row) for row in rows(_FAILED)],
            refused=held or read_refusals(message or ""),
            quarantined=[Refusal(*row) for row in rows(_QUARANTINED)],
            accounting=_by_table(rows(_ACCOUNTING)),
            published_accounting=_published_accounting(served),
            as_of=manifest["as_of"],
            served=_bytes_digest(served),
            manifest=_bytes_digest(manifest_file),
            feeds_held=manifest["feeds_held"],
            digests={name: table["digest"] for name, table in manifest["tables"].items()},
        )


def read_refusals(message: str) -> list[Refusal]:
    """The files that the message of a stopped run names."""
    return [
        Refusal(table, re.split("[,:]", text, maxsplit=1)[0], text)
        for table, text in _REFUSED.findall(message)
    ]


def _published_accounting(served: Path) -> dict[str, tuple[int, ...]]:
    with duckdb.connect(str(served), read_only=True) as crm:
        return _by_table(crm.execute(_PUBLISHED_ACCOUNTING).fetchall())


def _by_table(rows: list[tuple[Any, ...]]) -> dict[str, tuple[int, ...]]:
    return {table: tuple(int(count or 0) for count in counts) for table, *counts in rows}


def _bytes_digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
