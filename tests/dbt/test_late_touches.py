"""A click that arrives late: the days it belongs to are worked out again in the next night."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

MODELS = ("int_campaign_touches", "int_campaign_attribution")
DATED = """
    select
        business_date, campaign_id, touch_type, count(*), cast(sum(net_sales_order_dated) as bigint)
    from intermediate.int_campaign_attribution
    group by all
    order by all
"""
WAREHOUSE = """
    create schema intermediate;
    create table intermediate.int_email_events (
        event_id varchar, campaign_id varchar, campaign_channel varchar, customer_key varchar,
        subscriber_id_hash varchar, event_type varchar, is_machine boolean, occurred_at timestamp
    );
    create table intermediate.int_event_attendances (
        campaign_id varchar, customer_key varchar, entry_id varchar, action varchar,
        occurred_at timestamp
    );
    create table intermediate.int_coupon_redemptions (
        redemption_id varchar, receipt_id varchar, campaign_id varchar, member_id_hash varchar,
        redeemed_at timestamp, discount_amount decimal(18, 2)
    );
    create table intermediate.int_campaigns as
    select campaign_id, 'email' as channel, timestamp '2024-01-01' as first_sent_at
    from (values ('older'), ('newer')) as campaigns (campaign_id);
    create table intermediate.int_campaign_recipients (
        campaign_id varchar, customer_key varchar, subscriber_id_hash varchar,
        member_id_hash varchar, variant varchar, is_holdout boolean
    );
    create table intermediate.int_sales_receipts as
    select
        receipt_id, 'k1' as customer_key, cast(closed_at as timestamp) as closed_at,
        cast(business_date as date) as business_date, 's1' as store_id, true as is_qualifying,
        cast(1000 as decimal(18, 2)) as net_sales_order_dated, 'repeat' as new_or_repeat
    from (values
        ('first', '2024-01-10 03:00', '2024-01-10'), ('second', '2024-01-12 03:00', '2024-01-12'),
        ('long after', '2024-02-12 03:00', '2024-02-12')
    ) as orders (receipt_id, closed_at, business_date);
"""


@pytest.fixture
def nights(compiled_project: Path, tmp_path: Path) -> Any:
    """Works the compiled models out anew, on tables put in by hand."""
    folder = next((compiled_project / "compiled").rglob("intermediate/campaigns"))
    statements = {name: (folder / f"{name}.sql").read_text(encoding="utf-8") for name in MODELS}
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(WAREHOUSE)

        def night(*events: tuple[str, str, str]) -> list[tuple[Any, ...]]:
            for campaign, event_type, instant in events:
                connection.execute(
                    "insert into intermediate.int_email_events "
                    "values (uuid(), ?, 'email', 'k1', 'a1', ?, false, ?)",
                    [campaign, event_type, instant],
                )
            for name, sql in statements.items():
                connection.execute(f"create or replace table intermediate.{name} as {sql}")
            return connection.execute(DATED).fetchall()

        yield night


def test_a_late_click_reopens_its_days_and_no_others(nights: Any) -> None:
    before = nights(("older", "open", "2024-01-09 03:00"), ("older", "open", "2024-02-12 02:00"))
    assert [(str(day), *rest) for day, *rest in before] == [
        ("2024-01-10", "older", "open", 1, 1000),
        ("2024-01-12", "older", "open", 1, 1000),
        ("2024-02-12", "older", "open", 1, 1000),
    ]
    after = nights(("newer", "click", "2024-01-11 03:00"))
    assert [(str(day), *rest) for day, *rest in after] == [
        ("2024-01-10", "older", "open", 1, 1000),
        ("2024-01-12", "newer", "click", 1, 1000),
        ("2024-02-12", "older", "open", 1, 1000),
    ]
