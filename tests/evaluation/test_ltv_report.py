"""The report on customers whose every number was put there by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.ltv import (
    MIN_GROUP,
    Group,
    LtvReport,
    main,
    naive_rate,
    out_of_bounds,
    render,
    report_on,
)
from evaluation.ltv_truth import Customers, Judged, Planted

N = 3 * MIN_GROUP
RISING = np.arange(N) / N


@pytest.fixture
def judged() -> Judged:
    """Customers in two segments, and thirty more who follow no model. All predicted rightly."""
    segment = np.where(np.arange(N + 30) < 2 * MIN_GROUP, "store", "ec")
    expected = np.r_[RISING * 10, np.full(30, 5.0)]
    alive = np.r_[RISING > 0.5, np.arange(30) > 14]
    customers = Customers(
        person=np.arange(N + 30),
        ltv_segment=segment,
        repeats=np.full(N + 30, 6.0),
        to_last=np.full(N + 30, 100.0),
        observed=np.full(N + 30, 300.0),
        p_alive=np.r_[RISING, np.full(30, 0.5)],
        expected=expected,
    )
    planted = Planted(
        segment=np.r_[np.repeat("loyal", N), np.repeat("gifts", 30)],
        follows_model=np.arange(N + 30) < N,
        is_alive=alive,
        expected=np.r_[RISING * 10, np.full(30, np.nan)],
        drawn=np.full(N + 30, 4.0),
        by_campaigns=np.zeros(N + 30),
        p_alive=np.r_[RISING, np.full(30, np.nan)],
    )
    return Judged(customers, planted, of_several=7)


def _found(report: LtvReport, kind: str, name: str = "") -> Group:
    (group,) = [one for one in report.groups if (one.kind, one.name) == (kind, name)]
    return group


def test_the_truth_holds_all_bounds(judged: Judged) -> None:
    report = report_on(judged)
    assert out_of_bounds(report) == []
    assert report.of_several == 7
    assert _found(report, "all").customers == N
    assert _found(report, "all").predicted == pytest.approx(RISING.sum() * 10)
    assert _found(report, "segment", "ec").customers == MIN_GROUP
    assert [one.name for one in report.groups if one.kind == "tenth"] == [
        str(n) for n in range(1, 11)
    ]
    assert _found(report, "tenth", "10").predicted == pytest.approx(RISING[-N // 10 :].sum() * 10)
    assert report.order.warehouse == 1
    assert report.order.naive == 0.5


def test_six_percent_too_much_is_a_miss_in_total_and_none_in_a_group(judged: Judged) -> None:
    customers = replace(judged.customers, expected=judged.customers.expected * 1.06)
    complaints = out_of_bounds(report_on(replace(judged, customers=customers)))
    assert complaints == ["all: predicted ÷ oracle is 1.060, beyond 5%"]


def test_a_group_is_judged_though_the_total_is_right(judged: Judged) -> None:
    right = judged.customers.expected
    in_store = judged.customers.ltv_segment == "store"
    store, ec = right[in_store].sum(), right[:N][~in_store[:N]].sum()
    wrong = np.where(in_store, right * 1.12, right * (1 - 0.12 * store / ec))
    customers = replace(judged.customers, expected=wrong)
    report = report_on(replace(judged, customers=customers))
    assert _found(report, "all").ratio == pytest.approx(1)
    assert any(one.startswith("segment store: ") for one in out_of_bounds(report))


def test_small_groups_are_shown_and_not_judged(judged: Judged) -> None:
    segment = judged.customers.ltv_segment.copy()
    segment[: MIN_GROUP - 1] = "app"
    expected = judged.customers.expected.copy()
    expected[: MIN_GROUP - 1] *= 1.2  # The first third has a ninth of the purchases.
    customers = replace(judged.customers, ltv_segment=segment, expected=expected)
    report = report_on(replace(judged, customers=customers))
    assert _found(report, "segment", "app").ratio == pytest.approx(1.2)
    assert not any("app" in one for one in out_of_bounds(report))


def test_campaigns_count_for_the_oracle_as_they_do_for_the_warehouse(judged: Judged) -> None:
    planted = replace(judged.planted, by_campaigns=np.full(N + 30, 1.0))
    group = _found(report_on(replace(judged, planted=planted)), "all")
    assert group.oracle == pytest.approx(RISING.sum() * 10 + N)
    assert group.by_campaigns == N


def test_those_who_follow_no_model_stand_apart_and_are_held_against_what_was_drawn(
    judged: Judged,
) -> None:
    report = report_on(judged)
    (gifts,) = report.others
    assert (gifts.name, gifts.customers, gifts.oracle, gifts.drawn) == ("gifts", 30, 120, 120)
    assert gifts.ratio == pytest.approx(5 / 4)
    assert report.order_of_others.warehouse == 0.5
    assert report.order_of_others.oracle is None


def test_churners_in_the_wrong_order_are_a_miss(judged: Judged) -> None:
    # Silence tells who is gone; the warehouse's probability does not.
    silent = np.r_[(RISING <= 0.5) * 150.0, np.zeros(30)]
    customers = replace(
        judged.customers, to_last=300 - silent, p_alive=judged.customers.p_alive * 0
    )
    report = report_on(replace(judged, customers=customers))
    assert report.order.warehouse == 0.5
    assert report.order.same_data > 0.99
    assert any(one.startswith("AUC is 0.5000") for one in out_of_bounds(report))


def test_the_naive_rate_is_repeats_a_day(judged: Judged) -> None:
    assert naive_rate(judged.customers)[0] == pytest.approx(6 / 300)
    new = replace(judged.customers, repeats=np.zeros(N + 30), observed=np.zeros(N + 30))
    assert naive_rate(new).max() == 0


def test_the_report_is_printed(judged: Judged) -> None:
    lines = "\n".join(render(report_on(judged)))
    assert "3,000 customers whose person buys until gone (7 of several people" in lines
    assert "segment store" in lines
    assert "planted gifts" in lines
    assert "learned from the truth" in lines
    assert "*" not in lines


def test_a_missed_bound_is_marked(judged: Judged) -> None:
    customers = replace(judged.customers, expected=judged.customers.expected * 2)
    assert "2.000*" in "\n".join(render(report_on(replace(judged, customers=customers))))


def test_without_a_demo_there_is_nothing_to_judge(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(tmp_path) == 2
    assert "tokui demo" in capsys.readouterr().out
