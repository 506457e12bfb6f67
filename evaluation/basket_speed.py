"""What counting baskets costs: in full, and for a night.

The generated demo's own feeds, all of their history as one window, so that `large` makes ten
million lines. They go straight into the tables that the models of baskets read; loading, staging
and receipts are not measured here. The night's pairs are compared with those of a full run: a fast
answer that differs would be no answer. `mart s` is the part of `CPU s` that writes `basket_pair`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from baskets import state
from evaluation.compiled_models import Cost, compiled, measure
from ingestion.engine import connect

if TYPE_CHECKING:
    import duckdb

MODELS = ("path:models/intermediate/baskets/", "basket_pair")
_LAST_DAY = date(2026, 9, 30)
_HISTORY_DAYS = 730
_HEAD = f"{'what':<12}{'CPU s':>8}{'mart s':>8}{'wall s':>8}{'peak MiB':>10}"
_MEMORY = "1GB"
"""Of the engine; the process needs some more."""


def main(work: Path, scale: str) -> int:
    """Print a row for a full run and one for a night; 1 when the night gives other pairs.

    Args:
        work: folder for the feeds, which are kept, and the warehouse `baskets-<scale>`, made anew.
    """
    feeds = _feeds(work, scale)
    folder = work / f"baskets-{scale}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    path = folder / "warehouse.duckdb"
    lines, _ = measure(load, path, feeds)
    print(
        f"{lines:,} lines\n{'what':<12}{'CPU s':>8}{'mart s':>8}{'wall s':>8}{'peak MiB':>10}",
        flush=True,
    )
    for day in (_LAST_DAY - timedelta(days=1), _LAST_DAY):
        measure(show, path, day)
        statements = statements_of(path, day, full=day != _LAST_DAY)
        what = "in full" if day != _LAST_DAY else "a night"
        _print(what, *measure(run, path, statements, day != _LAST_DAY))
    of_night = _pairs(path)
    measure(run, path, statements_of(path, _LAST_DAY, full=True), True)
    differing = len(of_night ^ _pairs(path))
    print(f"{len(of_night):,} pairs, {differing} of them differ from a full run's")
    return int(differing > 0)


def load(path: Path, feeds: Path) -> int:
    """Read receipts, lines, products and stores of the feeds; the number of lines."""
    with connect(path) as connection:
        _limit(connection)
        connection.execute(_LOADED.format(feeds=feeds))
        state.prepare(connection)
        (lines,) = connection.execute(
            "select count(*) from staging.stg_pos__receipt_lines"
        ).fetchone()
        return int(lines)


def show(path: Path, as_of: date) -> None:
    """What the models read, as it is on that day."""
    with connect(path) as connection:
        _limit(connection)
        connection.execute(_SHOWN.format(as_of=as_of))


def statements_of(path: Path, as_of: date, *, full: bool) -> list[str]:
    """Statements that build the models of baskets, the mart last."""
    variables = {"as_of_date": as_of.isoformat(), "basket_days": _HISTORY_DAYS}
    return compiled(path, MODELS, variables, full_refresh=full)


def run(path: Path, statements: list[str], full: bool) -> float:
    """Build the models, and keep what they counted; CPU seconds of writing the mart."""
    with connect(path) as connection:
        _limit(connection)
        for statement in statements[:-1]:
            connection.execute(statement)
        state.keep(connection, full=full)
        before = time.process_time()
        connection.execute(statements[-1])
        return time.process_time() - before


def _limit(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"set memory_limit = '{os.environ.get('TOKUI_MEMORY_LIMIT', _MEMORY)}'")
    connection.execute("set preserve_insertion_order = false")


def _feeds(work: Path, scale: str) -> Path:
    home = work / f"demo-{scale}"
    if not (home / "feeds/demo.json").exists():
        command = [sys.executable, "-m", "demo", "--home", str(home), "--scale", scale]
        subprocess.run(command, check=True)
    return home / "feeds/pos"


def _pairs(path: Path) -> set[tuple[object, ...]]:
    with connect(path, read_only=True) as connection:
        return set(connection.execute("from marts.basket_pair").fetchall())


def _print(what: str, mart_seconds: float, cost: Cost) -> None:
    print(
        f"{what:<12}{cost.cpu_seconds:>8.1f}{mart_seconds:>8.1f}{cost.wall_seconds:>8.1f}"
        f"{cost.peak_mib:>10.0f}",
        flush=True,
    )


_LOADED = """
create schema staging; create schema intermediate; create schema marts;
create table staging.stg_pos__receipt_lines as
select receipt_id, line_no, product_id, line_type, cast(quantity as decimal(18, 3)) as quantity
from read_csv('{feeds}/receipt_lines_*.csv', types = {{'receipt_id': 'varchar'}});
create table all_receipts as
select
    receipt_id,
    max_by(store_id, updated_at) as store_id,
    max_by(receipt_type, updated_at) as receipt_type,
    max_by(original_receipt_id, updated_at) as original_receipt_id,
    max_by(
        coalesce(business_date, cast(closed_at + interval 9 hours as date)), updated_at
    ) as business_date
from read_csv(
    '{feeds}/receipts_*.csv',
    types = {{'receipt_id': 'varchar', 'original_receipt_id': 'varchar', 'business_date': 'date'}}
)
group by receipt_id
having max_by(receipt_type, updated_at) in ('sale', 'return');
create table intermediate.int_products as
select * from read_csv('{feeds}/products_*.csv', filename = true)
qualify row_number() over (partition by product_id order by filename desc) = 1;
create table intermediate.int_stores as
select * from read_csv('{feeds}/stores_*.csv', filename = true)
qualify row_number() over (partition by store_id order by filename desc) = 1;
create table goods as
select receipt_id, bit_xor(hash(line_no, product_id, line_type, quantity)) as goods_hash
from staging.stg_pos__receipt_lines
group by receipt_id;
"""

_SHOWN = """
create or replace table intermediate.int_receipts as
with shown as (select * from all_receipts where business_date <= date '{as_of}'),
linked as (
    select returns.receipt_id, sold.receipt_id as linked_receipt_id,
    sold.business_date as linked_business_date
    from (from shown where original_receipt_id is not null) as returns
    join shown as sold on returns.original_receipt_id = sold.receipt_id
)
select shown.*, linked_receipt_id, linked_business_date, false as is_internal
from shown left join linked using (receipt_id);
create or replace table intermediate.int_sales_receipts as
with returned as (
    select linked_receipt_id as receipt_id, bit_xor(goods_hash) as returned_hash
    from intermediate.int_receipts join goods using (receipt_id)
    where linked_receipt_id is not null
    group by all
)
select receipts.*, hash(goods_hash, returned_hash) as goods_hash
from intermediate.int_receipts as receipts
left join goods using (receipt_id)
left join returned using (receipt_id);
"""
