"""The counts of baskets that the last green run left, from which the next one goes on.

They live in the warehouse, are read by the models of baskets as a source, and take their result as
the next state when they are built. Whatever stands there, `tokui refresh --full` counts anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_DDL = """
create schema if not exists baskets;
create table if not exists baskets.keys (
    kind varchar, key varchar, group_key varchar, is_counted boolean, number integer
);
create table if not exists baskets.days (
    business_date date, n_receipts bigint, fingerprint ubigint
);
create table if not exists baskets.lines (
    basket_id ubigint, business_date date, channel_number integer, store_number integer,
    product_number integer, category_number integer
);
create table if not exists baskets.item_counts (
    place integer, size_from integer, item integer, n_baskets bigint, n_companions bigint
);
create table if not exists baskets.pairs (
    scope integer, item_a integer, item_b integer, n_baskets bigint
);
"""

_REPLACED = """
create or replace table baskets.keys as from intermediate.int_basket_keys;
create or replace table baskets.item_counts as from intermediate.int_basket_item_counts;
create or replace table baskets.days as
select business_date, n_receipts, fingerprint from intermediate.int_basket_days
where is_in_window;
"""

_FORGOTTEN = "delete from baskets.lines; delete from baskets.pairs;"

_AMENDED = """
delete from baskets.lines
where basket_id in (select basket_id from intermediate.int_basket_changes where change = -1);
insert into baskets.lines by name
select * exclude (change) from intermediate.int_basket_changes where change = 1;
create temp table changed_pairs as
select scope, item_a, item_b, sum(n_baskets) as n_baskets
from (
    from intermediate.int_basket_pair_changes
    union all
    select kept.* from baskets.pairs as kept
    semi join intermediate.int_basket_pair_changes using (scope, item_a, item_b)
)
group by all;
delete from baskets.pairs as kept using changed_pairs as changes
where kept.item_a = changes.item_a and kept.item_b = changes.item_b
and kept.scope = changes.scope;
insert into baskets.pairs by name from changed_pairs where n_baskets <> 0;
drop table changed_pairs;
"""
"""Large tables, of which a night changes a few rows."""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that are missing, empty."""
    connection.execute(_DDL)


def keep(connection: duckdb.DuckDBPyConnection, *, full: bool) -> None:
    """Take what the models counted as the next state, all of it or nothing.

    Args:
        full: the models looked at nothing that was kept.
    """
    connection.execute("begin")
    keep_within(connection, full=full)
    connection.execute("commit")


def keep_within(connection: duckdb.DuckDBPyConnection, *, full: bool) -> None:
    """The same in a transaction of the caller's."""
    if full:
        connection.execute(_FORGOTTEN)
    connection.execute(_AMENDED)
    connection.execute(_REPLACED)
