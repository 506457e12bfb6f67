"""`make real`: 1.47 million lines through the same feed contract, and every number of theirs."""

from __future__ import annotations

import shutil
from decimal import Decimal

import duckdb
import pytest

from ingestion.adapters.completejourney import write_feeds
from tests.conftest import ROOT, Retailer

LINES, RECEIPTS, HOUSEHOLDS = 1_469_307, 155_848, 2_469
SALES = Decimal("4596039.58")


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Retailer:
    """The real receipts, published."""
    import os

    retailer = Retailer(tmp_path_factory.mktemp("real"))
    shutil.copyfile(ROOT / "ingestion" / "adapters" / "completejourney.toml", retailer.config)
    write_feeds(retailer.home.root / "feeds")
    before = dict(os.environ)
    try:
        assert retailer.refresh() == 0, retailer.message()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return retailer


def test_raw_and_fact_hold_every_line(real: Retailer) -> None:
    counted = "select count(*), count(distinct receipt_id), sum(line_amount) from {table}"
    expected = [(LINES, RECEIPTS, SALES)]
    assert _warehouse(real, counted.format(table="raw_pos.receipt_lines")) == expected
    assert real.published(counted.format(table="marts.fct_sales_line")) == expected
    assert real.published("select count(distinct customer_key) from marts.fct_sales_receipt") == [
        (HOUSEHOLDS,)
    ]


def test_nothing_is_quarantined_and_the_rows_add_up(real: Retailer) -> None:
    assert real.journal.query("select count(*) from ops.quarantined_rows") == [(0,)]
    wrong = real.published(
        "select * from ops.row_accounting where rows_quarantined <> 0 or rows_in <> "
        "rows_unchanged + rows_superseded + rows_deleted + rows_staged + rows_quarantined"
    )
    assert wrong == []


def test_odd_lines_stay_in_the_fact(real: Retailer) -> None:
    """11,226 lines are at or below zero in the source; 20 more are dust that rounds to 0.00."""
    assert real.published(
        "select count(*) filter (where line_amount <= 0), count(*) filter (where quantity = 0) "
        "from marts.fct_sales_line"
    ) == [(11_226 + 20, 8_869)]


def test_groups_of_rfm_add_up_to_the_households(real: Retailer) -> None:
    for column in ("rfm_group", "klaviyo_group"):
        counted = real.published(
            f"select {column}, count(*) from marts.customer_rfm where rfm_window = 'lifetime' "
            "group by 1"
        )
        assert None not in {group for group, _ in counted}
        assert sum(number for _, number in counted) == HOUSEHOLDS
    cells = "select count(distinct (r_score, f_score, m_score)), bool_and(rfm_group is not null) "
    assert _warehouse(real, f"{cells} from intermediate.int_rfm_cells") == [(125, True)]


def test_the_backtest_is_published_and_beats_the_naive_rate(real: Retailer) -> None:
    assert real.published(
        "select actual_to_predicted between 0.8 and 1.25, mae < naive_mae "
        "from ops.model_backtest where segment = 'all' and bucket_type = 'all'"
    ) == [(True, True)]
    assert real.published(
        "select count(*) from ops.model_backtest where segment = 'all' and bucket_type = 'decile'"
    ) == [(10,)]


def test_products_without_a_master_keep_their_sale(real: Retailer) -> None:
    inferred = (
        "from marts.fct_sales_line join marts.dim_product using (product_id) where is_inferred"
    )
    assert real.published(f"select count(*), count(distinct product_id) {inferred}") == [
        (4_836, 17)
    ]


def test_every_table_of_sales_adds_up_to_the_fact(real: Retailer) -> None:
    sums = real.published(
        "select (select sum(net_sales) from marts.fct_sales_line), "
        "(select sum(net_sales) from marts.store_daily), "
        "(select sum(numerator) from marts.kpi_daily where kpi = 'net_sales' "
        "and scope_type = 'all'), "
        "(select sum(net_sales_lifetime) from marts.customer_360) + "
        "(select coalesce(sum(net_sales_refund_dated), 0) from marts.fct_sales_receipt "
        "where customer_key is null)"
    )
    assert sums == [(SALES,) * 4]


def test_the_last_business_date_is_new_yorks(real: Retailer) -> None:
    assert (
        str(real.published("select max(business_date) from marts.fct_sales_receipt")[0][0])
        == "2017-12-31"
    )
    assert str(real.published("select max(closed_at) from marts.fct_sales_receipt")[0][0]) == (
        "2018-01-01 04:01:20"
    )


def _warehouse(retailer: Retailer, sql: str) -> list[tuple]:
    with duckdb.connect(str(retailer.home.current), read_only=True) as connection:
        return connection.sql(sql).fetchall()
