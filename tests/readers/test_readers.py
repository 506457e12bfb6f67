"""Whatever BI reads with, it gets the rows that were published, with their types."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.programs import program
from tests.readers.conftest import OLDER, Sample
from tests.readers.reading import plain

# Every type that marts have: text, Japanese too, numbers of each kind, dates, instants, truths.
TABLES = {
    "fct_sales_line": "receipt_id,line_no",
    "dim_product": "product_id",
    "support_ticket": "ticket_id",
}
SCRIPT = Path(__file__).with_name("reading.py")


@pytest.fixture(scope="module")
def expected(sample: Sample) -> dict[str, list]:
    """The rows of each table, read by the DuckDB that wrote them."""
    with duckdb.connect(str(sample.file), read_only=True) as connection:
        return {
            table: plain(connection.sql(f"from marts.{table} order by {key}").fetchall())
            for table, key in TABLES.items()
        }


def read(way: str, address: str, folder: Path) -> tuple[str, dict[str, list]]:
    """What a process with the libraries of a folder prints."""
    assert folder.is_dir(), f"{folder} is missing: run `make setup`"
    wanted = [part for pair in TABLES.items() for part in pair]
    done = subprocess.run(
        [sys.executable, str(SCRIPT), way, address, *wanted],
        env=os.environ | {"PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    return printed["library"], printed["tables"]


def test_the_tables_have_every_type(sample: Sample, expected: dict[str, list]) -> None:
    kinds = {str(v).split()[0] for rows in expected.values() for row in rows for v in row}
    assert kinds >= {"str", "int", "float", "decimal", "date", "timestamp", "True", "None"}
    assert any(not str(v).isascii() for rows in expected.values() for row in rows for v in row)


def test_an_older_duckdb(sample: Sample, expected: dict[str, list]) -> None:
    library, tables = read("duckdb", str(sample.file), OLDER)
    assert library.startswith("1.1.")
    assert tables == expected


def test_superset_on_the_file(sample: Sample, expected: dict[str, list]) -> None:
    address = f"duckdb:///{sample.file}?access_mode=read_only"
    library, tables = read("superset", address, OLDER)
    assert library.startswith("1.4.")
    assert tables == expected


def test_superset_on_postgres(sample: Sample, expected: dict[str, list]) -> None:
    library, tables = read("superset", sample.there.address, OLDER)
    assert library.startswith("1.4.")
    assert tables == expected


def test_psql(sample: Sample, expected: dict[str, list]) -> None:
    psql = program("psql")
    for table, key in TABLES.items():
        order = ", ".join(
            f'{name} collate "C"' if "_id" in name else name for name in key.split(",")
        )
        query = f"select * from marts.{table} order by {order}"
        done = subprocess.run(
            [psql, sample.there.address, "--csv", "-t", "-P", "null=∅", "-c", query],
            capture_output=True,
            text=True,
            check=True,
        )
        with duckdb.connect(str(sample.file), read_only=True) as connection:
            rows = connection.sql(
                f"select columns(*)::varchar from marts.{table} order by {key}"
            ).fetchall()
        # Booleans and whole floating-point numbers are all that psql writes otherwise.
        words = {"t": "true", "f": "false"}
        found = [[words.get(v, v) for v in row] for row in csv.reader(io.StringIO(done.stdout))]
        assert len(found) == len(rows) == len(expected[table])
        for there, here in zip(found, rows, strict=True):
            assert there == ["∅" if v is None else v.removesuffix(".0") for v in here]


def test_polars(sample: Sample, expected: dict[str, list]) -> None:
    import polars

    for table, key in TABLES.items():
        columns = key.split(",")
        frame = polars.read_parquet(sample.parquet(table))
        assert plain(frame.sort(columns).rows()) == expected[table]
        with duckdb.connect(str(sample.file), read_only=True) as connection:
            frame = polars.read_database(f"select * from marts.{table} order by {key}", connection)
        assert plain(frame.rows()) == expected[table]


def test_pandas(sample: Sample, expected: dict[str, list]) -> None:
    """Exact by Arrow's types; DuckDB's own `df()` makes floating point of decimals."""
    import pandas

    for table, key in TABLES.items():
        frame = pandas.read_parquet(sample.parquet(table), dtype_backend="pyarrow")
        assert _rows(frame.sort_values(key.split(","))) == expected[table]
        with duckdb.connect(str(sample.file), read_only=True) as connection:
            query = f"from marts.{table} order by {key}"
            frame = (
                connection.sql(query).arrow().read_all().to_pandas(types_mapper=pandas.ArrowDtype)
            )
        assert _rows(frame) == expected[table]


def _rows(frame) -> list[list[object]]:
    columns = [frame[name].array._pa_array.to_pylist() for name in frame]
    return plain(zip(*columns, strict=True))
