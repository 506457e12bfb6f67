"""The generated demo's published file, for every chart of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.generated import GeneratedRetailer


@pytest.fixture(scope="session")
def served(generated_demo: GeneratedRetailer) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on the file that readers open."""
    with duckdb.connect(str(generated_demo.home.served), read_only=True) as connection:
        connection.execute("set threads = 1")
        yield connection
