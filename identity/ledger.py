"""The identity ledger: customer keys with their anchors, spells, changes, and last night's links.

It lives in the warehouse, is read by the models of identity as a source, and takes their result as
its next state when they are built. Without it a rebuild is a new warehouse: keys may differ.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

_KEYS = (
    "email_key",
    "phone_key",
    "line_key",
    "linked_line_key",
    "full_name_key",
    "given_name_key",
    "full_kana_key",
    "given_kana_key",
    "full_romaji_key",
    "given_romaji_key",
    "address_key",
)

_DDL = f"""
create schema if not exists identity;
create schema if not exists prediction;
create table if not exists identity.overrides (
    action varchar, source_system_a varchar, source_id_a varchar, source_system_b varchar,
    source_id_b varchar, reason varchar, file varchar, line bigint
);
create table if not exists identity.names (
    record_id bigint, source_system varchar, source_id varchar
);
create table if not exists identity.records (
    record_id bigint, member_record_id bigint, birth_date date,
    {", ".join(f"{name} bigint" for name in _KEYS)}, decisions varchar, settings varchar
);
create table if not exists identity.clusters (
    record_id bigint, loose_component bigint, component bigint, match_rule varchar,
    confidence double, match_evidence bigint
);
create table if not exists identity.edges (
    node_a bigint, node_b bigint, rule varchar, key_value bigint, strength integer,
    confidence double
);
create table if not exists identity.customer_anchors (
    customer_key varchar, record_id bigint, minted_number bigint, minted_on date
);
create table if not exists identity.customer_links (
    record_id bigint, link_number bigint, minted_number bigint, linked_on date, unlinked_on date
);
create table if not exists identity.customer_key_changes (
    change_number bigint, changed_on date, change_type varchar, old_customer_key varchar,
    new_customer_key varchar, n_records bigint
);
create table if not exists prediction.identity_edges (
    source_system_a varchar, source_id_a varchar, source_system_b varchar, source_id_b varchar,
    match_probability double
);
"""

_REPLACED = {
    "clusters": "int_identity_partition",
    "edges": "int_identity_edges",
    "customer_anchors": "int_customer_anchors",
    "customer_links": "int_customer_links",
    "customer_key_changes": "int_customer_key_changes",
}
"""Tables of numbers: written anew, which is cheap."""

_EVIDENCE = ", ".join(
    ("record_id", "member_record_id", "birth_date", *_KEYS, "decisions", "settings")
)

_AMENDED = f"""
delete from identity.records
where record_id in (select record_id from intermediate.int_identity_news);
insert into identity.records by name
select {_EVIDENCE} from intermediate.int_identity_records
where record_id not in (select record_id from identity.records);
insert into identity.names by name
select record_id, source_system, source_id from intermediate.int_identity_records
where record_id not in (select record_id from identity.names);
"""
"""Wide tables, of which a night changes a few rows."""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Make the tables that are missing, empty."""
    connection.execute(_DDL)


def keep(connection: duckdb.DuckDBPyConnection) -> None:
    """Take what the models worked out as the ledger's next state, all of it or nothing."""
    connection.execute("begin")
    for table, model in _REPLACED.items():
        connection.execute(f"create or replace table identity.{table} as from intermediate.{model}")
    connection.execute(_AMENDED)
    connection.execute("commit")
