"""Segments: each its own, none carried away by a few customers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from prediction import backtest
from prediction.expected import expected_purchases
from prediction.fit import (
    ALL,
    FITTED,
    POOLED,
    Fit,
    FitError,
    Histories,
    Spends,
    as_stored,
    channel_of,
    fit_pooled,
    fit_segments,
)
from prediction.gamma_gamma import SpendParams
from prediction.mbg_nbd import Params
from tests.prediction.conftest import simulate

STORE, SHOP = Params(0.9, 4.0, 0.4, 3.0), Params(0.5, 12.0, 1.2, 1.6)
NAMES = ["ec-2026H1", "store-2025H2", "store-2026H1"]


def histories(segments: list[tuple[Params, int]], mean: float = 50.0) -> tuple[Histories, Spends]:
    """Customers of each segment by its own parameters, times in whole days."""
    parts = []
    for number, (params, customers) in enumerate(segments):
        x, t_x, end = simulate(params, customers, 80, seed=number)
        end = np.floor(end * 7)
        last = np.where(x > 0, np.clip(np.ceil(t_x * 7), 1, None), 0.0)
        end = np.maximum(end, last)
        spend = mean * (number + 1) * np.random.default_rng(number).gamma(4.0, 0.25, customers)
        parts.append((np.full(customers, number), x, last, end, x * spend, np.ones(customers)))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    found = Histories(*columns)
    again = found.x > 0
    spends = Spends(
        found.segment[again], found.x[again], found.repeat_sales[again] / found.x[again]
    )
    return found, spends


def total(fit: Fit, rows: Histories) -> float:
    """Purchases expected of a segment in a year."""
    return float(
        expected_purchases(
            fit.purchases, rows.x, rows.days_to_last / 7, rows.days_observed / 7, 52
        ).sum()
    )


def test_unlike_segments_keep_their_own_totals() -> None:
    """The parameters of all would miss the rarer buyers by half; their own do not."""
    rows, spends = histories([(SHOP, 5_000), (STORE, 5_000), (STORE, 5_000)])
    pooled = fit_pooled(rows, spends)
    fits = fit_segments(rows, spends, pooled, NAMES)
    for number, params in enumerate((SHOP, STORE, STORE)):
        own = rows.of(number)
        truth = total(Fit(params, pooled.spend), own)
        assert total(fits[NAMES[number]], own) == pytest.approx(truth, rel=0.06)
    shop = rows.of(0)
    assert total(pooled, shop) > 1.3 * total(Fit(SHOP, pooled.spend), shop)


def test_spend_of_segments_is_their_own() -> None:
    rows, spends = histories([(STORE, 3_000), (STORE, 3_000), (STORE, 3_000)])
    fits = fit_segments(rows, spends, fit_pooled(rows, spends), NAMES)
    means = [s.p * s.gamma / (s.q - 1) for s in (fits[name].spend for name in NAMES)]
    assert means == pytest.approx([50, 100, 150], rel=0.1)


def test_few_customers_take_the_parameters_of_their_channel() -> None:
    rows, spends = histories([(SHOP, 150), (STORE, 3_000), (STORE, 150)])
    pooled = fit_pooled(rows, spends)
    fits = fit_segments(rows, spends, pooled, NAMES)
    young = fits["store-2026H1"]
    assert (young.status, young.parent) == (POOLED, "store")
    assert young.purchases.logs == fits["store"].purchases.logs
    assert young.purchases.n == 150
    assert "150 customers" in young.message
    assert fits["store"].parent == ALL
    assert fits["store"].status == FITTED
    # The channel of 150 takes those of all.
    assert fits["ec"].purchases.logs == pooled.purchases.logs == fits["ec-2026H1"].purchases.logs


def test_a_young_cohort_stays_near_its_channel() -> None:
    """300 customers of yesterday, nobody of whom came back yet."""
    rows, spends = histories([(SHOP, 300), (STORE, 5_000), (STORE, 300)])
    is_young = rows.segment == 2
    rows = replace(
        rows,
        **{
            name: np.where(is_young, 0.0, getattr(rows, name))
            for name in ("x", "days_to_last", "repeat_sales")
        },
        days_observed=np.where(is_young, 1.0, rows.days_observed),
    )
    spends = spends.of(0, 1)
    fits = fit_segments(rows, spends, fit_pooled(rows, spends), NAMES)
    young, store = fits["store-2026H1"], fits["store"]
    assert young.status == FITTED
    assert young.purchases.logs == pytest.approx(store.purchases.logs, abs=0.3)
    assert young.spend.p == store.spend.p
    assert "spend pooled" in young.message


def test_without_repeats_there_is_no_fit() -> None:
    rows, spends = histories([(STORE, 300)])
    nobody = replace(rows, x=rows.x * 0, days_to_last=rows.x * 0)
    with pytest.raises(FitError, match="nobody bought again"):
        fit_pooled(nobody, spends.of(7))


def test_one_price_for_all_is_a_fit_too() -> None:
    rows, spends = histories([(STORE, 2_000)])
    equal = replace(spends, mean_spend=np.full(len(spends.x), 980.0))
    found = fit_pooled(rows, equal).spend
    assert found.p * found.gamma / (found.q - 1) == pytest.approx(980, rel=0.01)


def test_stored_parameters_have_twelve_digits() -> None:
    fit = as_stored(Fit(Params(1 / 3, 2 / 3, 1 / 7, 1 / 9), SpendParams(1 / 3, 2 / 3, 1 / 7)))
    assert fit.purchases.r == 0.333333333333
    assert fit.spend.q == 0.666666666667


def test_channel_is_what_stands_before_the_cohort() -> None:
    assert channel_of("store-2026H1") == "store"
    assert channel_of("click-and-collect-2026H1") == "click-and-collect"


def test_deciles_are_tenths_and_ties_share_one() -> None:
    tenth = backtest.deciles(np.arange(100.0), np.ones(100))
    assert np.bincount(tenth).tolist() == [0] + [10] * 10
    tied = backtest.deciles(np.array([1.0, 1.0, 2.0, 3.0]), np.array([5.0, 3.0, 1.0, 1.0]))
    assert tied.tolist() == [5, 5, 9, 10]


def test_backtest_measures_by_customer_and_adds_up() -> None:
    rows, spends = histories([(SHOP, 1_000), (STORE, 2_000)])
    fits = fit_segments(rows, spends, fit_pooled(rows, spends), ["ec-2026H1", "store-2026H1"])
    names = ["ec-2026H1", "store-2026H1"]
    orders = np.random.default_rng(1).poisson(1.0, len(rows.x)).astype(float)
    outcome = backtest.Outcome(orders, orders * 10)
    found = backtest.judge(rows, outcome, fits, names)
    predicted, money = backtest.predict(rows, fits, names)
    whole = found[0]
    assert (whole["segment"], whole["bucket_type"], whole["customers"]) == ("all", "all", 3_000)
    assert whole["actual_orders"] == orders.sum()
    assert whole["predicted_orders"] == pytest.approx(predicted.sum())
    assert whole["actual_to_predicted"] == pytest.approx(orders.sum() / predicted.sum())
    assert whole["mae"] == pytest.approx(np.abs(predicted - orders).mean())
    assert whole["rmse"] == pytest.approx(np.sqrt(((predicted - orders) ** 2).mean()))
    assert whole["bias"] == pytest.approx((predicted - orders).mean())
    assert whole["naive_mae"] == pytest.approx(
        np.abs(rows.x / rows.days_observed * 180 - orders).mean()
    )
    assert whole["predicted_net_sales"] == pytest.approx(money.sum())
    for kind in ("decile", "repeats"):
        parts = [row for row in found if row["segment"] == "all" and row["bucket_type"] == kind]
        assert sum(row["customers"] for row in parts) == 3_000
        assert sum(row["actual_orders"] for row in parts) == orders.sum()
    ahead = [r["predicted_orders"] / r["customers"] for r in found[1:11]]
    assert ahead == sorted(ahead)
    segments = [r for r in found if r["bucket_type"] == "all" and r["segment"] in names]
    assert sum(row["actual_orders"] for row in segments) == orders.sum()


def test_weights_of_the_backtest_are_repeated_rows() -> None:
    rows, spends = histories([(STORE, 500)])
    fits = fit_segments(rows, spends, fit_pooled(rows, spends), ["store-2026H1"])
    orders = np.arange(500.0) % 4
    doubled = Histories(**{name: np.repeat(column, 2) for name, column in vars(rows).items()})
    weighted = replace(rows, weight=np.full(500, 2.0), repeat_sales=rows.repeat_sales * 2)
    once = backtest.judge(weighted, backtest.Outcome(orders, orders * 20), fits, ["store-2026H1"])
    twice = backtest.judge(
        doubled,
        backtest.Outcome(np.repeat(orders, 2), np.repeat(orders, 2) * 10),
        fits,
        ["store-2026H1"],
    )
    for one, other in zip(once, twice, strict=True):
        assert one == pytest.approx(other)
