"""What a night may do to customer keys: nothing, except through a recorded change.

Two states of one warehouse are compared, record by record. A state is a copy of the tables of
identity taken after a run, because the next run replaces them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

_TABLES = {
    "links": "select source_system, source_id, customer_key "
    "from warehouse.intermediate.int_customer_identity",
    "anchors": "select customer_key, minted_number "
    "from warehouse.intermediate.int_customer_anchors",
    "changes": "select changed_on, change_type, old_customer_key, new_customer_key "
    "from warehouse.intermediate.int_customer_key_changes",
}


@dataclass(frozen=True)
class Night:
    """What one run did to the keys of the records that were there before.

    `unexplained` counts records whose key changed without a row of `customer_key_change` that
    says so, `vanished` records that are gone, `wrong_merges` merges in which the younger key
    survived, `empty_changes` recorded changes that no record went through.
    """

    records: int
    new: int
    vanished: int
    changed: int
    unexplained: int
    merges: int
    wrong_merges: int
    empty_changes: int

    @property
    def is_clean(self) -> bool:
        return not (self.vanished or self.unexplained or self.wrong_merges or self.empty_changes)


def save_state(warehouse: Path, state: Path) -> None:
    """Copy the tables of identity of a warehouse into a DuckDB file of its own."""
    state.unlink(missing_ok=True)
    with duckdb.connect(str(state)) as connection:
        connection.execute(f"attach '{warehouse}' as warehouse (read_only)")
        for name, query in _TABLES.items():
            connection.execute(f"create table main.{name} as {query}")


def compare_nights(before: Path, after: Path) -> Night:
    """Judge the step from one state to the next."""
    with _both(before, after) as connection:
        connection.execute(
            "create temp table moves as select "
            "b.customer_key as old_key, a.customer_key as new_key, "
            "b.source_id is not null as was_there, a.source_id is not null as is_there "
            "from before.links as b full join after.links as a using (source_system, source_id)"
        )
        connection.execute(
            "create temp table news as select * from after.changes "
            "except all select * from before.changes"
        )
        records, new, vanished, changed = connection.execute(
            "select count(*) filter (where is_there), count(*) filter (where not was_there), "
            "count(*) filter (where not is_there), "
            "count(*) filter (where was_there and is_there and old_key <> new_key) from moves"
        ).fetchone()
        return Night(
            records=records,
            new=new,
            vanished=vanished,
            changed=changed,
            unexplained=_count(
                connection,
                "moves where was_there and is_there and old_key <> new_key and not exists ("
                "select 1 from news where old_customer_key = old_key "
                "and new_customer_key = new_key)",
            ),
            merges=_count(connection, "news where change_type = 'merge'"),
            wrong_merges=_count(
                connection,
                "news left join after.anchors as o on o.customer_key = old_customer_key "
                "left join after.anchors as n on n.customer_key = new_customer_key "
                "where change_type = 'merge' and not coalesce(n.minted_number < o.minted_number, "
                "false)",
            ),
            empty_changes=_count(
                connection,
                "news where not exists (select 1 from moves "
                "where old_key = old_customer_key and new_key = new_customer_key)",
            ),
        )


def count_differences(one: Path, other: Path) -> int:
    """Records whose key differs between two states, and records of one state alone."""
    with _both(one, other) as connection:
        return _count(
            connection,
            "before.links as b full join after.links as a using (source_system, source_id) "
            "where a.customer_key is distinct from b.customer_key",
        )


def _both(before: Path, after: Path) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"attach '{before}' as before (read_only)")
    connection.execute(f"attach '{after}' as after (read_only)")
    return connection


def _count(connection: duckdb.DuckDBPyConnection, what: str) -> int:
    (count,) = connection.execute(f"select count(*) from {what}").fetchone()
    return count
