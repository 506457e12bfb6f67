"""Queries of pages on rows made by hand, of what the sample has none of."""

from __future__ import annotations

from typing import Any

import duckdb

from dashboard.chapters.campaigns import COUPONS
from dashboard.chapters.support import NPS_SEGMENTS

_COUPON_ROWS = """
create table marts.coupon_performance as
select coupon_key, campaign_id, coupon_code, coupon_kind, added as incremental_margin,
    added as incremental_margin_low, added as incremental_margin_high, 1 as redemptions,
    null as last_expires_at, null as issued, null as redemption_rate, null as discount_amount,
    null as net_sales, null as margin
from (values
    ('k1', 'C1', 'all', 'all', 100), ('k2', 'C1', 'ONE', 'shared', null),
    ('k3', 'C2', 'all', 'all', 200), ('k4', 'C2', '(personal)', 'personal', null),
    ('k5', 'C2', 'TWO', 'shared', null),
    ('k6', null, 'all', 'all', null), ('k7', null, 'FREE', 'shared', null)
) as coupons(coupon_key, campaign_id, coupon_code, coupon_kind, added)
"""
_NPS_ROWS = """
create table marts.survey_nps as
select survey_id, wave, kind as segment_type, segment, 10 as n, 5 as promoters, 3 as passives,
    2 as detractors, nps, 1.0 as se
from (values ('A', '2026-Q2'), ('A', '2026-Q3'), ('B', '2026-Q3'), ('C', '2025-Q4'))
    as waves(survey_id, wave),
    (values ('all', 'all', 5.0), ('rfm_group', 'NEW', 1.0), ('rfm_group', 'LOYAL', 9.0))
    as segments(kind, segment, nps)
"""


def asked(rows: str, query: str, **values: str) -> list[tuple[Any, ...]]:
    with duckdb.connect() as connection:
        connection.execute("create schema marts")
        connection.execute(rows)
        return connection.execute(query, values).fetchall()


def test_a_coupon_stands_once_and_has_what_its_campaign_added_if_that_has_no_other() -> None:
    rows = asked(_COUPON_ROWS, COUPONS)
    assert [(row[0], row[-3]) for row in rows] == [
        ("ONE", 100),
        ("(personal)", None),
        ("TWO", None),
        ("FREE", None),
    ]


def test_groups_of_nps_are_of_the_latest_wave_of_each_survey() -> None:
    rows = asked(_NPS_ROWS, NPS_SEGMENTS, type="rfm_group")
    latest = [("A", "2026-Q3"), ("B", "2026-Q3"), ("C", "2025-Q4")]
    assert [row[:3] for row in rows] == [
        (group, *wave) for wave in latest for group in ("LOYAL", "NEW")
    ]
