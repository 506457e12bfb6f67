"""A small warehouse made from the feed contract, and the facts of a run on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from expectations.model import CheckResult, Rule, RunFacts, Suite
from expectations.runner import run_suites
from tests.conftest import empty_warehouse

FACTS = RunFacts(as_of=date(2026, 1, 31), now=datetime(2026, 2, 1, 6), run_id="run-1")


@pytest.fixture
def facts() -> RunFacts:
    return FACTS


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    """The contract's tables, empty, with the ledger."""
    path = tmp_path / "warehouse.duckdb"
    path.write_bytes(empty_warehouse("demo", "fingerprint"))
    return path


@pytest.fixture
def sales(warehouse: Path) -> Path:
    """Three rows to try rules on; `note` holds what must never leave the table."""
    with duckdb.connect(warehouse) as connection:
        connection.execute(
            """
            create schema marts;
            create table marts.sales (id varchar, day date, kind varchar, amount decimal(18, 2),
                note varchar);
            insert into marts.sales values
                ('a', date '2026-01-30', 'sale', 100, 'hanako@example.jp'),
                ('b', date '2026-01-31', 'sale', 200, 'hanako@example.jp'),
                ('c', date '2026-02-02', null, -50, 'hanako@example.jp');
            """
        )
    return warehouse


Check = Callable[..., CheckResult]


@pytest.fixture
def check(sales: Path) -> Check:
    """Runs one rule on `marts.sales` through the real runner."""

    def run(rule: Rule, facts: RunFacts = FACTS) -> CheckResult:
        return run_suites(sales, [Suite("marts.sales", ("id",), (rule,))], facts)[0]

    return run
