"""Long histories: the register's two years again and again, each copy before the last.

Receipts with their lines, payments and closings are repeated, dates moved back by whole weeks and
ids marked with the number of the copy; members, products, stores and the other feeds come once.
The files are written one by one by the engine, so that any length takes little memory.
"""

from __future__ import annotations

import os
import re
import shutil
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

PERIOD_DAYS = 728
"""104 weeks, so that a weekday stays one. The last two days of the base have no earlier copy."""

_ID = "case when {0} <> '' then 'H{copy}-' || {0} end as {0}"
_INSTANT = "cast({0} as timestamp) - interval {days} day as {0}"
_REPEATED = {
    "receipts": "select receipts.* replace ("
    + ", ".join(
        [
            _ID.format("receipt_id", copy="{copy}"),
            _ID.format("original_receipt_id", copy="{copy}"),
            *(_INSTANT.format(name, days="{days}") for name in ("closed_at", "updated_at")),
            "cast(business_date as date) - {days} as business_date",
        ]
    )
    + ") from {rows} as receipts semi join kept using (receipt_id)",
    **{
        name: f"select {name}.* replace ({_ID.format('receipt_id', copy='{copy}')}) "
        f"from {{rows}} as {name} semi join kept using (receipt_id)"
        for name in ("receipt_lines", "payments")
    },
    "register_closings": "select * replace (cast(business_date as date) - {days} as business_date) "
    "from {rows} where cast(business_date as date) < date '{end}'",
}
"""By table, the query of a shifted file."""
_KEPT = """
create table kept as
select distinct receipt_id
from read_csv('{pos}/receipts_*.csv', all_varchar = true) as receipts
join (
    select distinct store_id, cast(day_cutover_hour as integer) as cutover
    from read_csv('{pos}/stores_*.csv', all_varchar = true)
) using (store_id)
where cast(closed_at as timestamp) - to_hours(cutover) < timestamp '{end}'
"""
"""Receipts of the days that a copy has."""


def write_history(base: Path, folder: Path, copies: int) -> None:
    """Make a home's feeds of a base's, its register's years so many times.

    Args:
        base: a folder with generated feeds and settings.
        folder: made anew.
        copies: how often the two years stand there, the base's own included.
    """
    import duckdb

    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(base, folder, ignore=shutil.ignore_patterns("truth", "demo.json"))
    pos = folder / "feeds" / "pos"
    first = min(_day(file) for file in pos.glob("receipts_*.csv")).replace(day=1)
    end = first + timedelta(days=PERIOD_DAYS)
    with duckdb.connect() as connection:
        connection.execute(_KEPT.format(pos=pos, end=end))
        for file in [f for name in _REPEATED for f in sorted(pos.glob(f"{name}_[0-9]*.csv"))]:
            for copy in range(1, copies):
                _write_copy(connection, file, copy, end)
        for file in pos.glob("stores_*.csv"):
            _open_before(connection, file, (copies - 1) * PERIOD_DAYS)
    # The state comes last, as the generator writes it: what was cut off is made anew.
    shutil.copy2(base / "feeds" / "demo.json", folder / "feeds" / "demo.json")


def _write_copy(connection: duckdb.DuckDBPyConnection, file: Path, copy: int, end: date) -> None:
    table = re.sub(r"_\d{8}$", "", file.stem)
    days = copy * PERIOD_DAYS
    target = file.with_name(f"{table}_{_day(file) - timedelta(days=days):%Y%m%d}.csv")
    query = _REPEATED[table].format(rows=_rows(file), copy=copy, days=days, end=end)
    connection.execute(f"copy ({query}) to '{target}' (header, delimiter ',')")


def _open_before(connection: duckdb.DuckDBPyConnection, file: Path, days: int) -> None:
    """Stores sold already when their receipts begin."""
    new = file.with_suffix(".new")
    connection.execute(
        f"copy (select * replace (cast(opened_on as date) - {days} as opened_on) "
        f"from {_rows(file)}) to '{new}' (header, delimiter ',')"
    )
    os.replace(new, file)


def _rows(file: Path) -> str:
    return f"read_csv('{file}', all_varchar = true)"


def _day(file: Path) -> date:
    return date.fromisoformat(file.stem[-8:])
