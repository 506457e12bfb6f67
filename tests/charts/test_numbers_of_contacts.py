"""The rows of the charts of campaigns, support, surveys and chat, worked out by other SQL."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import duckdb
import pytest

from charts import FIGURES
from charts.chat import wilson
from charts.figure import Row

Served = duckdb.DuckDBPyConnection


def rows_of(served: Served, name: str) -> list[Row]:
    return FIGURES[name].rows(served)


def test_effects_are_differences_with_their_intervals(served: Served) -> None:
    for row in rows_of(served, "campaign_effects"):
        assert row["lift_low"] <= row["lift_abs"] <= row["lift_high"]
        assert row["is_significant"] == (row["lift_low"] > 0 or row["lift_high"] < 0)
        assert row["evidence_grade"] in ("randomised", "matched")
        assert row["n_control"] >= 30


def test_verdicts_are_of_every_campaign_of_a_year(served: Served) -> None:
    as_of = served.execute("select as_of_date from ops.publication").fetchone()[0]
    sent = [
        day
        for (day,) in served.execute(
            "select sent_date from marts.dim_campaign where sent_date is not null"
        ).fetchall()
    ]
    expected = Counter(day for day in sent if day > as_of - timedelta(days=365))
    assert Counter(row["sent_date"] for row in rows_of(served, "campaign_verdicts")) == expected


def test_times_of_support_are_medians_of_the_tickets(served: Served) -> None:
    replies = {row["month_start"]: row for row in rows_of(served, "support_times")}
    solved = {row["month_start"]: row for row in rows_of(served, "support_resolution")}
    for month, minutes, hours in served.execute(
        """
        select date_trunc('month', created_date)::date,
            median(first_reply_min_calendar), median(full_resolution_min_calendar) / 60
        from marts.support_ticket where not is_merged group by 1
        """
    ).fetchall():
        for row, key, value in (
            (replies.get(month), "first_reply", minutes),
            (solved.get(month), "resolution_hours", hours),
        ):
            if row is not None and row[key] is not None:
                assert row[key] == pytest.approx(value, abs=0.01)


def test_nps_is_that_of_the_answers(served: Served) -> None:
    expected = {
        wave: (n, promoters, detractors)
        for wave, n, promoters, detractors in served.execute(
            """
            select wave, count(*), count(*) filter (where score >= 9),
                count(*) filter (where score <= 6)
            from marts.fct_survey_response
            where is_latest_of_wave and question_code = 'recommend' and not is_internal
            group by wave
            """
        ).fetchall()
    }
    for row in rows_of(served, "nps_trend"):
        n, promoters, detractors = expected[row["wave"]]
        assert (row["n"], row["promoters"], row["detractors"]) == (n, promoters, detractors)
        if row["nps"] is None:
            assert n < 30
        else:
            assert row["nps"] == pytest.approx(100 * (promoters - detractors) / n)
            assert row["low"] < row["nps"] < row["high"]


def test_the_bots_share_is_that_of_the_conversations(served: Served) -> None:
    as_of = served.execute("select as_of_date from ops.publication").fetchone()[0]
    for row in rows_of(served, "chat_containment"):
        conversations, contained = served.execute(
            "select count(*), count(*) filter (where is_contained) from marts.chatbot_conversation "
            "where date_trunc('month', started_date) = ?",
            [row["month"]],
        ).fetchone()
        assert (row["conversations"], row["contained"]) == (conversations, contained)
        next_month = (row["month"] + timedelta(days=31)).replace(day=1)
        assert row["is_complete"] == (next_month - timedelta(days=1) <= as_of)


def test_wilsons_interval_is_the_published_one() -> None:
    """Newcombe 1998, table I: 15 of 148 gives 0.0624 to 0.1605."""
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)


def test_coverage_is_that_of_the_facts(served: Served) -> None:
    rows = {row["kind"]: row for row in rows_of(served, "data_coverage")}
    first, last, n = served.execute(
        "select min(business_date), max(business_date), count(*) from marts.fct_sales_receipt"
    ).fetchone()
    sales = rows["sales"]
    assert (sales["first_date"], sales["last_date"], sales["row_count"]) == (first, last, n)
    known, everything = served.execute(
        "select sum(total) filter (where customer_key is not null), sum(total) from ("
        "select customer_key, net_sales_refund_dated + returns_amount as total "
        "from marts.fct_sales_receipt)"
    ).fetchone()
    assert float(sales["identified"]) == pytest.approx(float(known / everything), abs=1e-3)
