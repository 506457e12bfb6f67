"""dlt imports what was landed: types of the contract, and the very bytes of the files."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

from ingestion import table_load
from ingestion.contract import all_tables, find_table
from ingestion.contract.model import PROVENANCE
from ingestion.engine import THREADS
from tests.ingestion.conftest import Shop

ROWS = {
    "stores.csv": "store_id,name,channel,timezone,currency,day_cutover_hour,opened_on\n"
    "S1,a,store,UTC,JPY,5,2020-01-01\n",
    "products.csv": "product_id,name,list_price,tax_rate,is_active\nP1,a,1.234567,0.0825,1\n",
    "members.csv": "member_id,name,joined_at,updated_at\nM1,x,2026-07-01 09:00,2026-07-01\n",
    "receipts.csv": "receipt_id,store_id,closed_at,receipt_type,total_inc_tax,updated_at\n"
    "R1,S1,2026-07-01 10:00:00,sale,9999999999999999.99,2026-07-01\n",
    "receipt_lines.csv": "receipt_id,line_no,product_id,quantity,unit_price,line_amount,"
    "line_type\nR1,1,P1,1.234,1,1,sale\n",
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, empty_warehouse: Path) -> Shop:
    """One load that the tests look at."""
    shop = Shop(tmp_path_factory.mktemp("loaded"), empty_warehouse)
    for name, text in ROWS.items():
        shop.put(name, text)
    shop.load()
    return shop


def test_types_and_columns_of_every_table_are_the_contracts(loaded: Shop) -> None:
    found: dict[str, dict[str, str]] = {}
    for schema, table, column, kind in loaded.rows(
        "select schema_name, table_name, column_name, data_type from duckdb_columns() "
        "where schema_name like 'raw_%' or schema_name = 'pii' order by column_index"
    ):
        if not table.startswith("_dlt"):
            found.setdefault(f"{schema}.{table}", {})[column] = kind
    expected = {}
    for table in all_tables():
        expected[table.qualified_name] = {n: k.value for n, k in table.raw_columns.items()}
        if table.personal:
            expected[f"pii.{table.pii_name}"] = {n: k.value for n, k in table.pii_columns.items()}
    assert found == expected


def test_values_arrive_unrounded_and_instants_naive(loaded: Shop) -> None:
    assert loaded.rows(
        "select total_inc_tax::varchar, closed_at::varchar, typeof(closed_at) from raw_pos.receipts"
    ) == [("9999999999999999.99", "2026-07-01 01:00:00", "TIMESTAMP")]
    assert loaded.rows("select list_price::varchar, tax_rate::varchar from raw_pos.products") == [
        ("1.234567", "0.0825")
    ]
    assert loaded.rows("select quantity::varchar from raw_pos.receipt_lines") == [("1.234",)]


def test_settings_of_the_load_are_looked_up_in_the_environment_alone(loaded: Shop) -> None:
    """Other places cost a second: to ask them, dlt imports Streamlit and pandas."""
    from dlt.common.configuration.container import Container
    from dlt.common.configuration.providers import EnvironProvider
    from dlt.common.configuration.specs.pluggable_run_context import PluggableRunContext

    asked = Container()[PluggableRunContext].providers.providers
    assert [type(provider) for provider in asked] == [EnvironProvider]


def test_what_lies_in_landing_is_what_was_loaded(loaded: Shop) -> None:
    landed = {path.name for path in (loaded.landing / "night1").iterdir()}
    assert landed == {
        *(f"raw_pos.{name.removesuffix('.csv')}.parquet" for name in ROWS),
        "pii.pos_members.parquet",
    }
    path = loaded.landing / "night1" / "raw_pos.members.parquet"
    assert loaded.rows("from raw_pos.members") == loaded.rows(f"from '{path}'")
    names = pyarrow.parquet.read_schema(path).names
    assert names == list(find_table("raw_pos.members").raw_columns)
    assert set(PROVENANCE) < set(names)


def test_files_are_imported_and_not_rewritten(
    real_shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """dlt rewrites a file whose schema differs from the hints: slow, and types may be lost."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the file was rewritten")

    for name, text in ROWS.items():
        real_shop.put(name, text)
    monkeypatch.setattr(pyarrow.parquet, "ParquetWriter", refuse)
    monkeypatch.setattr(pyarrow.parquet, "write_table", refuse)
    real_shop.load()
    assert real_shop.rows("select count(*) from raw_pos.receipts") == [(1,)]


def test_tables_are_loaded_by_one_thread_whatever_the_size_of_the_warehouse(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Several leave groups of rows half full, and closing the warehouse writes them again."""
    threads = []

    def note(connection: duckdb.DuckDBPyConnection, *_: object) -> None:
        threads.append(connection.execute("select current_setting('threads')").fetchall())

    monkeypatch.setenv(THREADS, "2")
    monkeypatch.setattr(table_load, "load_parquet", note)
    shop.put("products.csv", ROWS["products.csv"])
    shop.load()
    assert threads == [[(1,)]]


def test_a_second_load_appends_and_leaves_no_working_folder(real_shop: Shop) -> None:
    real_shop.put("products.csv", ROWS["products.csv"])
    assert real_shop.counts("products") == (1, 0, 0, 1)
    real_shop.put("products_20260702.csv", "product_id,name\nP1,b\nP2,c\n")
    assert real_shop.counts("products") == (2, 0, 0, 2)
    found = real_shop.rows("select product_id, name, _load_id from raw_pos.products order by all")
    assert found == [("P1", "a", "night1"), ("P1", "b", "night2"), ("P2", "c", "night2")]
    assert not (real_shop.root / "scratch").exists()
