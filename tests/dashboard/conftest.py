"""The published sample as the home that the dashboard shows."""

from __future__ import annotations

import os

import duckdb
import pytest

from tests.conftest import Retailer


@pytest.fixture
def shown(published_demo: Retailer) -> Retailer:
    """The published sample; pages drawn in this test are of it."""
    os.environ["TOKUI_HOME"] = str(published_demo.home.root)
    return published_demo


@pytest.fixture
def somebody(published_demo: Retailer) -> str:
    """The key of a customer of whom much is known."""
    with duckdb.connect(str(published_demo.home.served), read_only=True) as connection:
        row = connection.execute(
            "select customer_key from marts.customer_360 "
            "order by n_source_ids desc, touchpoints_90d desc, customer_key limit 1"
        ).fetchone()
    assert row
    return row[0]
