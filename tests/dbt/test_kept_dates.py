"""What is kept of evaluated dates: after each night it is what a full rebuild gives."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.dbt.conftest import Warehouse
from tests.dbt.test_kept_tables import (
    FIRST_DAY,
    MODELS,
    Shop,
    assert_is_a_rebuild,
    was_slice,
)

DATED = (
    "int_state_dates",
    "int_rfm_spans",
    "int_rfm_prints",
    "int_touched_state_dates",
    "int_rfm_cells",
    "int_klaviyo_cells",
    "int_rfm_cuts",
    "int_rfm_month_states",
    "int_rfm_day_states",
    "int_rfm_states",
    "customer_rfm_history",
    "rfm_migration",
)
JUNE = 152
"""An as-of date in days of the shop: five months have ended, nothing was sold in the last three."""


class DatedShop(Shop):
    """A shop whose customers are looked at on month ends and on the last days."""

    models = (*MODELS, *DATED)
    kept = (
        "intermediate.int_rfm_cuts",
        "intermediate.int_rfm_states",
        "marts.customer_rfm_history",
        "marts.rfm_migration",
    )

    def sell_on(self, day: int) -> None:
        """A receipt of a customer on one day."""
        self.night += 1
        closed = FIRST_DAY + timedelta(days=day)
        sale = self._sale(f"one{self.night}") | {"member_id": "m1"}
        self._sell([sale | {"closed_at": closed, "updated_at": closed}])


@pytest.fixture
def shop(warehouse: Warehouse) -> DatedShop:
    """A shop whose first load is built."""
    made = DatedShop(warehouse, seed=1)
    made.open()
    made.build(warehouse, as_of=JUNE)
    return made


def touched(shop: DatedShop) -> list[str]:
    """Evaluated dates that the last night worked out; none where it worked out all."""
    query = (
        "select cast(state_date as varchar) from intermediate.int_touched_state_dates "
        "semi join intermediate.int_state_dates using (state_date) order by 1"
    )
    return [day for (day,) in shop.warehouse.query(query)]


def assert_a_slice_is_a_rebuild(shop: DatedShop, tmp_path: Path, **options: Any) -> None:
    """The night worked out touched dates alone, and the tables hold what a rebuild gives."""
    shop.build(shop.warehouse, **options)
    assert was_slice(shop.warehouse, "int_rfm_prints")
    assert_is_a_rebuild(shop, tmp_path, **options)


def test_a_sale_reaches_the_dates_behind_it(shop: DatedShop, tmp_path: Path) -> None:
    shop.sell_on(100)
    assert_a_slice_is_a_rebuild(shop, tmp_path, as_of=JUNE)
    days = ["2024-05-26", "2024-05-27", "2024-05-28", "2024-05-29", "2024-05-30"]
    assert touched(shop) == ["2024-04-30", *days, "2024-05-31", "2024-06-01"]
    shop.build(shop.warehouse, as_of=JUNE)
    assert touched(shop) == []


def test_nights_of_late_news_are_rebuilds(shop: DatedShop, tmp_path: Path) -> None:
    """Corrections, returns and voids of old sales; a merge, and somebody who works here."""
    shop.next_night()
    assert_a_slice_is_a_rebuild(shop, tmp_path, as_of=JUNE + 1)
    shop.move_member(1, 2)
    shop.make_internal(3)
    shop.next_night()
    assert_a_slice_is_a_rebuild(shop, tmp_path, as_of=JUNE + 2)


def test_another_as_of_date_moves_what_came_and_went(shop: DatedShop, tmp_path: Path) -> None:
    """The next day; two years on, when the first months are forgotten; and an earlier date."""
    assert_a_slice_is_a_rebuild(shop, tmp_path, as_of=JUNE + 1)
    # 26 May is no longer looked at: the end of its month is worked out with it.
    assert touched(shop) == ["2024-05-31", "2024-06-02"]
    for as_of in (JUNE + 29, 800, 40):
        assert_a_slice_is_a_rebuild(shop, tmp_path, as_of=as_of)


def test_whatever_a_model_reads_is_in_the_print(shop: DatedShop, tmp_path: Path) -> None:
    """One column that the print left out would leave the dates as they were."""
    changes = {
        "customer_key": "'c5'",
        "business_date": "business_date + 45",
        "is_qualifying": "not is_qualifying",
        "net_sales_order_dated": "net_sales_order_dated + 1000",
    }
    for column, value in changes.items():
        shop._execute(
            f"update intermediate.int_sales_receipts set {column} = {value} where receipt_id = "
            "(select min(receipt_id) from intermediate.int_sales_receipts where is_qualifying "
            "and customer_key is not null and customer_key <> 'c5')"
        )
        assert_a_slice_is_a_rebuild(shop, tmp_path, without=tuple(MODELS), as_of=JUNE)
        assert touched(shop)


def test_a_table_left_behind_is_made_up_for(shop: DatedShop, tmp_path: Path) -> None:
    shop.sell_on(100)
    shop.build(shop.warehouse, without=("int_rfm_cuts", "rfm_migration"), as_of=JUNE)
    shop.sell_on(130)
    assert_a_slice_is_a_rebuild(shop, tmp_path, as_of=JUNE)
    assert "2024-04-30" in touched(shop)
