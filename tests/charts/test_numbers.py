"""The rows of the charts of sales and customers, worked out by other SQL from other tables."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import duckdb
import pytest

from charts import FIGURES
from charts.figure import Row

Served = duckdb.DuckDBPyConnection
_BUYERS = """
    select customer_key, business_date, date_trunc('month', business_date)::date as month
    from marts.fct_sales_receipt where is_qualifying and customer_key is not null
"""


def rows_of(served: Served, name: str) -> list[Row]:
    return FIGURES[name].rows(served)


def as_of(served: Served) -> date:
    return served.execute("select as_of_date from ops.publication").fetchone()[0]


def test_net_sales_are_those_of_the_receipts(served: Served) -> None:
    rows = rows_of(served, "net_sales_daily")
    found = dict(
        served.execute(
            "select business_date, sum(net_sales_refund_dated) from "
            "marts.fct_sales_receipt group by 1"
        ).fetchall()
    )
    assert [row["value"] for row in rows] == [found.get(row["date"], 0) for row in rows]
    assert [row["date"] for row in rows] == [
        as_of(served) - timedelta(days=90 - n) for n in range(91)
    ]
    last = rows[-1]
    week = [found.get(last["date"] - timedelta(days=n), 0) for n in range(7)]
    year = [found.get(last["date"] - timedelta(days=364 + n), 0) for n in range(7)]
    assert last["week_mean"] == pytest.approx(float(sum(week)) / 7, abs=0.01)
    assert last["year_before_mean"] == pytest.approx(float(sum(year)) / 7, abs=0.01)


def test_stores_add_up_to_the_company(served: Served) -> None:
    rows = rows_of(served, "sales_by_store")
    day = as_of(served)
    open_now: set[str] = set()
    for key, until in (("value", day), ("year_before", day - timedelta(days=364))):
        expected = dict(
            served.execute(
                "select store_id, sum(net_sales_refund_dated) from marts.fct_sales_receipt "
                "where business_date between ?::date - 27 and ? group by 1",
                [until, until],
            ).fetchall()
        )
        found = {row["store_id"]: row[key] for row in rows}
        open_now = open_now or set(expected)
        rest = [expected.get(store, 0) for store in open_now - set(found)]
        if "others" in found:
            assert found.pop("others") == sum(rest)
        assert found == {store: expected.get(store) for store in found}
    assert sum(row["value"] for row in rows) == sum(
        row["value"] for row in rows_of(served, "net_sales_daily")[-28:]
    )


def test_members_and_active_customers_are_those_of_the_people(served: Served) -> None:
    day = as_of(served)
    row = next(r for r in rows_of(served, "members_over_time") if r["date"] == day)
    members = served.execute(
        "select count(*) from marts.dim_customer where is_member and not is_internal "
        "and member_since <= ? and (left_on is null or left_on > ?)",
        [day, day],
    ).fetchone()[0]
    active = served.execute(
        f"select count(distinct customer_key) from ({_BUYERS}) where business_date > ?::date - 90",
        [day],
    ).fetchone()[0]
    assert (row["members"], row["active_customers_90d"]) == (members, active)


def test_targets_are_all_that_can_be_judged(served: Served) -> None:
    rows = rows_of(served, "scorecard_pace")
    for row in rows:
        actual, pace = row["actual_to_date"], row["pace_target"]
        ratio = actual / pace if row["direction"] == "up" else pace / actual if actual else 1.5
        assert row["pace_ratio"] == pytest.approx(ratio)
        assert (row["pace_ratio"] >= 1) == (row["status"] in ("met", "on_track"))
    judged = served.execute(
        "select count(*) from marts.kpi_scorecard where status is not null and period_end "
        "> ?::date - 31",
        [as_of(served)],
    ).fetchone()[0]
    assert len(rows) == judged


def test_the_grid_holds_every_buyer_once(served: Served) -> None:
    rows = rows_of(served, "rfm_grid")
    by_group: Counter[str] = Counter()
    for row in rows:
        by_group[row["rfm_group"]] += row["customers"]
    expected = served.execute(
        "select rfm_group, count(*) from marts.customer_360 "
        "where rfm_group is not null and rfm_group <> 'PROSPECTS' group by 1"
    ).fetchall()
    assert by_group == dict(expected)
    assert len({(row["r_score"], row["fm_score"]) for row in rows}) == len(rows)


def test_moves_are_those_between_the_last_two_month_ends(served: Served) -> None:
    expected = served.execute(
        """
        with ends as (
            select distinct month_end from marts.customer_rfm_history
            where rfm_window = 'lifetime' order by 1 desc limit 2
        )
        select b.rfm_group, a.rfm_group, count(*)
        from marts.customer_rfm_history as a join marts.customer_rfm_history as b
            using (customer_key, rfm_window)
        where rfm_window = 'lifetime' and a.month_end = (select max(month_end) from ends)
        and b.month_end = (select min(month_end) from ends)
        and b.rfm_group <> 'PROSPECTS'
        group by all
        """
    ).fetchall()
    found = [
        (row["from_group"], row["to_group"], row["customers"])
        for row in rows_of(served, "rfm_migration")
        if row["from_group"] != "PROSPECTS"
    ]
    assert sorted(found) == sorted(expected)


def test_cohorts_come_back_as_the_receipts_say(served: Served) -> None:
    expected = served.execute(
        f"""
        with
        buyers as ({_BUYERS}),
        firsts as (select customer_key, min(month) as cohort from buyers group by 1)
        select cohort, date_diff('month', cohort, month) as n, count(distinct customer_key)
        from buyers join firsts using (customer_key) group by 1, 2
        """
    ).fetchall()
    counts = {(cohort, n): customers for cohort, n, customers in expected}
    rows = rows_of(served, "cohort_triangle")
    assert len({row["cohort_month"] for row in rows}) == 12
    for row in rows:
        key = row["cohort_month"], row["months_since"]
        assert row["cohort_size"] == counts[row["cohort_month"], 0]
        if row["retained_customers"] is not None:
            assert row["retained_customers"] == counts.get(key, 0)
            assert row["retention"] == pytest.approx(counts.get(key, 0) / row["cohort_size"])


def test_the_funnel_counts_orders_of_those_who_had_the_time(served: Served) -> None:
    rows = rows_of(served, "repeat_funnel")
    matured = served.execute(
        "select q_orders from marts.customer_lifecycle where first_q_date <= ?::date - 180",
        [as_of(served)],
    ).fetchall()
    for row in rows:
        reached = sum(orders >= row["step"] for (orders,) in matured)
        assert (row["matured_customers"], row["matured_reached"]) == (len(matured), reached)
        assert row["reach_rate"] == pytest.approx(reached / len(matured))


def test_half_of_the_second_purchases_came_by_then(served: Served) -> None:
    gaps = served.execute(
        """
        with numbered as (
            select customer_key, business_date, row_number() over (
                partition by customer_key order by closed_at, receipt_id) as n
            from marts.fct_sales_receipt where is_qualifying and customer_key is not null
        )
        select second.business_date - first.business_date
        from numbered as first join numbered as second using (customer_key)
        where first.n = 1 and second.n = 2
        """
    ).fetchall()
    second = next(row for row in rows_of(served, "repeat_funnel") if row["step"] == 2)
    within = int(second["half_within"])
    assert 2 * sum(days <= within for (days,) in gaps) >= len(gaps)


def test_value_by_segment_adds_up_to_the_customers(served: Served) -> None:
    rows = rows_of(served, "ltv_by_segment")
    historic, predicted, customers = served.execute(
        "select sum(ltv_historic), sum(ltv_predicted_365d), count(*) from marts.customer_360 "
        "where first_purchase_date is not null and prediction_status <> 'no_purchase'"
    ).fetchone()
    together = sum(row["historic_mean"] * row["customers"] for row in rows)
    assert together == pytest.approx(float(historic), abs=0.005 * customers)
    assert sum(row["customers"] for row in rows) == customers
    if predicted is not None:
        assert sum(row["predicted_sum"] for row in rows) == predicted


def test_statuses_and_flows_are_those_of_the_customers(served: Served) -> None:
    expected = served.execute(
        "select lifecycle_status, count(*) from marts.customer_360 "
        "where lifecycle_status is not null group by 1"
    ).fetchall()
    found = {r["lifecycle_status"]: r["customers"] for r in rows_of(served, "lifecycle_status")}
    assert found == dict(expected)
    for row in rows_of(served, "lifecycle_flow"):
        lapsed, back, new = served.execute(
            """
            select
                max(numerator) filter (where kpi = 'churn_rate'),
                max(numerator) filter (where kpi = 'reactivation_rate'),
                (select sum(numerator) from marts.kpi_daily where kpi = 'new_customers'
                 and scope_type = 'all' and date_trunc('month', business_date)
                    = date_trunc('month', ?::date) and business_date <= ?)
            from marts.kpi_daily where scope_type = 'all' and business_date = ?
            """,
            [row["month_end"]] * 3,
        ).fetchone()
        assert (row["lapsed"], row["came_back"], row["bought_first"]) == (lapsed, back, new)
