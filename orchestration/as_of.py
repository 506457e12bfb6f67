"""The last complete business date: what a run computes for when nobody says otherwise.

A function of the data and never of the clock. Where registers send closings it is the newest date
for which every open store that sends them has sent one, or was closed: by the plan of store
closings, or because a person accepted its day; otherwise the newest date whose cut-over has passed
in every store at the newest `updated_at` in raw.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from typing import TYPE_CHECKING

from ingestion.contract import all_tables
from ingestion.engine import literal

if TYPE_CHECKING:
    import duckdb

StoreDay = tuple[str, date]

_STORES = """
select store_id, timezone, coalesce(day_cutover_hour, 0) as cutover, opened_on, closed_on
from (
    select distinct on (s.store_id) s.*, f.sequence, f.load_number
    from raw_pos.stores s join ledger.files f
        on f.load_id = s._load_id and f.file = s._file and f.table_name = 'raw_pos.stores'
    order by s.store_id, f.sequence desc, f.load_number desc, s._file desc, s._line desc
) winner
where not exists (
    from ledger.deletions d
    where d.table_name = 'raw_pos.stores' and d.row_key = winner.store_id
        and (d.sequence, d.load_number) >= (winner.sequence, winner.load_number)
)
"""
"""The newest version of each store; one that its master dropped is waited for no longer."""

_BY_CLOSINGS = f"""
with stores as ({_STORES}),
closings as (select distinct store_id, business_date from raw_pos.register_closings),
days as (select distinct business_date from closings),
expected as (
    select d.business_date, s.store_id
    from days d join stores s
        on coalesce(s.opened_on, d.business_date) <= d.business_date
        and coalesce(s.closed_on, d.business_date) >= d.business_date
    where s.store_id in (select store_id from closings)
),
incomplete as (
    select distinct e.business_date from expected e
    anti join closings c on c.store_id = e.store_id and c.business_date = e.business_date
    anti join ({{closed}}) k on k.scope_key in ('all', e.store_id)
        and (k.closed_on = e.business_date or k.day_of_week = isodow(e.business_date))
)
select max(business_date) from days where business_date not in (from incomplete)
"""

_BY_UPDATES = """
with stores as ({stores}), newest as (select max(updated_at) as at from ({updates}))
select min(cast(timezone(s.timezone, timezone('UTC', n.at)) - to_hours(s.cutover) as date)) - 1
from stores s cross join newest n
"""


def default_as_of(
    connection: duckdb.DuckDBPyConnection, today: date, closed: Iterable[StoreDay] = ()
) -> date:
    """The last complete business date of a warehouse; the day before `today` if it is empty.

    `closed` are days on which a store sends nothing, beside those of the plan.
    """
    by_closings = _BY_CLOSINGS.format(closed=_closed(connection, closed))
    for query in (by_closings, _BY_UPDATES.format(stores=_STORES, updates=_updates())):
        row = connection.execute(query).fetchone()
        if row is not None and row[0] is not None:
            return row[0]
    return today - timedelta(days=1)


def _closed(connection: duckdb.DuckDBPyConnection, closed: Iterable[StoreDay]) -> str:
    """A query of the days on which stores are closed, as the plan `store_closings` has them."""
    queries = [
        f"select {literal(store)} as scope_key, date '{day}' as closed_on, null as day_of_week"
        for store, day in closed
    ]
    is_planned = connection.execute(
        "select 1 from information_schema.tables "
        "where table_schema = 'plans' and table_name = 'store_closings'"
    ).fetchone()
    if is_planned:
        queries.append("select scope_key, closed_on, day_of_week from plans.store_closings")
    nothing = "select null as scope_key, null as closed_on, null as day_of_week where false"
    return " union all ".join(queries) or nothing


def _updates() -> str:
    return " union all ".join(
        f"select max(updated_at) as updated_at from {table.qualified_name}"
        for table in all_tables()
        if "updated_at" in table.raw_columns
    )
