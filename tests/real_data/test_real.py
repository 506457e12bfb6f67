"""`make real` through the same feed contract, and every number of theirs.

Of every fourth household here; `REAL=whole` in the environment takes all 1.47 million lines.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from ingestion.adapters.completejourney import write_feeds
from ingestion.engine import connect, literal
from tests.conftest import ROOT, Retailer, own_environment


@dataclass(frozen=True)
class Counted:
    """What the package's files hold, counted there by plain queries.

    Products without a master are `unknown`; `last_sale` is an instant of UTC.
    """

    lines: int
    receipts: int
    households: int
    sales: Decimal
    lines_not_above_zero: int
    lines_without_quantity: int
    unknown_products: int
    lines_of_unknown_products: int
    last_sale: str


WHOLE = Counted(
    lines=1_469_307,
    receipts=155_848,
    households=2_469,
    sales=Decimal("4596039.58"),
    lines_not_above_zero=11_226 + 20,  # 20 more are dust that rounds to 0.00.
    lines_without_quantity=8_869,
    unknown_products=17,
    lines_of_unknown_products=4_836,
    last_sale="2018-01-01 04:01:20",
)
FOURTH = Counted(
    lines=379_373,
    receipts=38_318,
    households=617,
    sales=Decimal("1177744.69"),
    lines_not_above_zero=2_779,
    lines_without_quantity=2_145,
    unknown_products=12,
    lines_of_unknown_products=1_161,
    last_sale="2018-01-01 03:47:38",
)
"""Of the households whose number four divides."""
IS_WHOLE = os.environ.get("REAL") == "whole"
SOURCE = WHOLE if IS_WHOLE else FOURTH
OF_HOUSEHOLDS = "cast(member_id as integer) % 4 = 0"
SAMPLED = {
    "pos/members": OF_HOUSEHOLDS,
    "pos/receipts": OF_HOUSEHOLDS,
    "pos/coupon_redemptions": OF_HOUSEHOLDS,
    "email/contacts": OF_HOUSEHOLDS,
    "pos/receipt_lines": "receipt_id in (select receipt_id from receipts)",
    "pos/payments": "receipt_id in (select receipt_id from receipts)",
}
"""Files by what their rows must fulfil to stay."""


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Retailer:
    """The real receipts, published."""
    retailer = Retailer(tmp_path_factory.mktemp("real"))
    shutil.copyfile(ROOT / "ingestion" / "adapters" / "completejourney.toml", retailer.config)
    feeds = retailer.home.root / "feeds"
    write_feeds(feeds)
    if not IS_WHOLE:
        _keep_a_fourth(feeds)
    with own_environment():
        assert retailer.refresh() == 0, retailer.message()
    return retailer


def _keep_a_fourth(feeds: Path) -> None:
    with connect(Path(":memory:")) as connection:
        receipts = literal(str(feeds / "pos" / "receipts.parquet"))
        connection.execute(
            f"create table receipts as select receipt_id from {receipts} where {OF_HOUSEHOLDS}"
        )
        for name, condition in SAMPLED.items():
            file, kept = feeds / f"{name}.parquet", feeds / f"{name}.kept"
            connection.execute(
                f"copy (from {literal(str(file))} where {condition}) "
                f"to {literal(str(kept))} (format parquet)"
            )
            kept.replace(file)


def test_raw_and_fact_hold_every_line(real: Retailer) -> None:
    counted = "select count(*), count(distinct receipt_id), sum(line_amount) from {table}"
    expected = [(SOURCE.lines, SOURCE.receipts, SOURCE.sales)]
    assert _warehouse(real, counted.format(table="raw_pos.receipt_lines")) == expected
    assert real.published(counted.format(table="marts.fct_sales_line")) == expected
    assert real.published("select count(distinct customer_key) from marts.fct_sales_receipt") == [
        (SOURCE.households,)
    ]


def test_nothing_is_quarantined_and_the_rows_add_up(real: Retailer) -> None:
    assert real.journal.query("select count(*) from ops.quarantined_rows") == [(0,)]
    wrong = real.published(
        "select * from ops.row_accounting where rows_quarantined <> 0 or rows_in <> "
        "rows_unchanged + rows_superseded + rows_deleted + rows_staged + rows_quarantined"
    )
    assert wrong == []


def test_odd_lines_stay_in_the_fact(real: Retailer) -> None:
    assert real.published(
        "select count(*) filter (where line_amount <= 0), count(*) filter (where quantity = 0) "
        "from marts.fct_sales_line"
    ) == [(SOURCE.lines_not_above_zero, SOURCE.lines_without_quantity)]


def test_groups_of_rfm_add_up_to_the_households(real: Retailer) -> None:
    for column in ("rfm_group", "klaviyo_group"):
        counted = real.published(
            f"select {column}, count(*) from marts.customer_rfm where rfm_window = 'lifetime' "
            "group by 1"
        )
        assert None not in {group for group, _ in counted}
        assert sum(number for _, number in counted) == SOURCE.households
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
        (SOURCE.lines_of_unknown_products, SOURCE.unknown_products)
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
    assert sums == [(SOURCE.sales,) * 4]


def test_the_last_business_date_is_new_yorks(real: Retailer) -> None:
    assert (
        str(real.published("select max(business_date) from marts.fct_sales_receipt")[0][0])
        == "2017-12-31"
    )
    assert str(real.published("select max(closed_at) from marts.fct_sales_receipt")[0][0]) == (
        SOURCE.last_sale
    )


def _warehouse(retailer: Retailer, sql: str) -> list[tuple]:
    with duckdb.connect(str(retailer.home.current), read_only=True) as connection:
        return connection.sql(sql).fetchall()
