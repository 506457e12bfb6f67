"""Every table of the published sample in Postgres: the same values, explained, with keys."""

from __future__ import annotations

import duckdb
import psycopg
import pyarrow

from orchestration.digest import digest
from orchestration.postgres_copy import _models
from tests.readers.conftest import Sample

MODELS = _models()


def test_every_mart_has_the_digest_that_was_published(sample: Sample) -> None:
    """Read there as text, given its types again here: not one character may differ."""
    tables = sample.manifest["tables"]
    with duckdb.connect() as memory, psycopg.connect(sample.there.address) as there:
        memory.execute(f"attach '{sample.file}' as crm (read_only)")
        for table, published in tables.items():
            _read_back(memory, there, "marts", table)
            rows, value = digest(memory, f"marts_{table}", list(MODELS[table].key))
            assert {"rows": rows, "digest": value} == published, table
    assert len(tables) == len(MODELS) > 50


def test_every_table_of_ops_is_the_same(sample: Sample) -> None:
    with duckdb.connect() as memory, psycopg.connect(sample.there.address) as there:
        memory.execute(f"attach '{sample.file}' as crm (read_only)")
        names = memory.sql(
            "select table_name from duckdb_tables() where schema_name = 'ops'"
        ).fetchall()
        assert len(names) == 7
        for (table,) in names:
            _read_back(memory, there, "ops", table)
            here, back = f"crm.ops.{table}", f"ops_{table}"
            for one, other in ((here, back), (back, here)):
                assert not memory.sql(f"from {one} except all from {other}").fetchall(), table


def _read_back(
    memory: duckdb.DuckDBPyConnection, there: psycopg.Connection, schema: str, table: str
) -> None:
    """A table `<schema>_<table>` in memory with the types of the published one."""
    columns = memory.execute(
        f"select column_name, column_type from (describe crm.{schema}.{table})"
    ).fetchall()
    texts = ", ".join(f'"{name}"::text' for name, _ in columns)
    rows = there.execute(f"select {texts} from {schema}.{table}").fetchall()
    memory.execute(f"create table {schema}_{table} as from crm.{schema}.{table} limit 0")
    if rows:
        texts_here = pyarrow.table(
            {
                name: pyarrow.array([row[n] for row in rows], pyarrow.string())
                for n, (name, _) in enumerate(columns)
            }
        )
        memory.register("texts", texts_here)
        memory.execute(f"insert into {schema}_{table} from texts")


def test_every_column_is_explained_there(sample: Sample) -> None:
    rows = sample.there.rows(
        "select c.relname, a.attname, obj_description(c.oid, 'pg_class'), "
        "col_description(c.oid, a.attnum) from pg_class c join pg_attribute a on "
        "a.attrelid = c.oid and a.attnum > 0 where c.relnamespace = 'marts'::regnamespace "
        "and c.relkind = 'r'"
    )
    assert {table for table, *_ in rows} == set(MODELS)
    for table, column, of_table, of_column in rows:
        assert of_table == MODELS[table].description
        assert of_column == MODELS[table].columns[column] != ""
        assert "{{" not in of_table + of_column
    instants = sample.there.rows(
        "select col_description(a.attrelid, a.attnum) from pg_attribute a join pg_class c on "
        "c.oid = a.attrelid where c.relnamespace = 'marts'::regnamespace and c.relkind = 'r' "
        "and a.atttypid = 'timestamp'::regtype"
    )
    assert len(instants) > 40
    assert all("UTC" in words for (words,) in instants)
    assert sample.there.rows("select obj_description('ops.publication'::regclass)") != [(None,)]


def test_every_key_is_there(sample: Sample) -> None:
    keys = sample.there.rows(
        "select conrelid::regclass::text, array(select attname::text from unnest(conkey) "
        "with ordinality as k(n, i) join pg_attribute a on a.attnum = k.n and "
        "a.attrelid = conrelid order by i) from pg_constraint where contype = 'p' "
        "and connamespace = 'marts'::regnamespace"
    )
    assert {name.removeprefix("marts."): tuple(key) for name, key in keys} == {
        name: model.key for name, model in MODELS.items()
    }


def test_relations_and_indexes_are_there(sample: Sample) -> None:
    relations = sample.there.rows(
        "select conrelid::regclass::text, confrelid::regclass::text from pg_constraint "
        "where contype = 'f' and connamespace = 'marts'::regnamespace"
    )
    declared = {
        (f"marts.{name}", f"marts.{reference.table}")
        for name, model in MODELS.items()
        for reference in model.references
    }
    assert set(relations) == declared
    assert ("marts.fct_sales_line", "marts.dim_product") in declared
    first_columns = set(
        sample.there.rows(
            "select i.indrelid::regclass::text, a.attname::text from pg_index i "
            "join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]"
        )
    )
    for table, column in (
        ("fct_sales_line", "customer_key"),
        ("fct_sales_line", "business_date"),
        ("fct_sales_line", "product_id"),
        ("customer_360", "customer_key"),
        ("support_ticket", "store_id"),
    ):
        assert (f"marts.{table}", column) in first_columns


def test_the_planner_knows_the_rows(sample: Sample) -> None:
    unknown = sample.there.rows(
        "select relname from pg_class where relkind = 'r' and reltuples < 0 and relnamespace in "
        "('marts'::regnamespace, 'ops'::regnamespace)"
    )
    assert unknown == []


def test_the_version_there_is_the_published_one(sample: Sample) -> None:
    [[version, as_of]] = sample.there.rows("select version, as_of_date::text from ops.publication")
    assert (version, as_of) == (sample.manifest["version"], sample.manifest["as_of"])
