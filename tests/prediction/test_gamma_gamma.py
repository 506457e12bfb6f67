"""Spend: published answers, gradients, and what must not matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.cdnow import Calibration
from prediction import gamma_gamma
from prediction.gamma_gamma import MIN_Q, SpendParams, expected_spend, fit
from prediction.optimise import Prior

NAMES = ("p", "q", "gamma")


def planted(n: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Repeats and mean spend of customers with p 6, q 4 and gamma 15."""
    generator = np.random.default_rng(seed)
    x = generator.integers(1, 12, n).astype(float)
    rate = generator.gamma(4.0, 1 / 15.0, n)
    return x, generator.gamma(6.0 * x, 1 / (rate * x))


def test_cdnow_gives_the_published_parameters(cdnow: tuple[Calibration, np.ndarray]) -> None:
    known, _ = cdnow
    repeats = known.x > 0
    found = fit(known.x[repeats], known.mean_spend[repeats])
    assert found.n == 946
    assert (found.p, found.q, found.gamma) == pytest.approx((6.25, 3.744, 15.44), abs=5e-3)
    assert found.log_likelihood == pytest.approx(-4055.92, abs=5e-3)


@pytest.mark.parametrize("point", [(6.0, 4.0, 15.0), (0.7, 1.3, 400.0), (30.0, 9.0, 2.0)])
def test_gradient_is_that_of_the_likelihood(point: tuple[float, ...]) -> None:
    x, spend = planted(500)
    params = SpendParams(*point)
    _, slope = gamma_gamma.log_likelihood_and_gradient(params, x, spend)
    for name, derivative in zip(NAMES, slope, strict=True):
        value = getattr(params, name)
        step = 1e-6 * value
        ahead, behind = (
            gamma_gamma.log_likelihood_and_gradient(
                replace(params, **{name: value + sign * step}), x, spend
            )[0]
            for sign in (1, -1)
        )
        assert derivative == pytest.approx((ahead - behind) / (2 * step), rel=2e-5, abs=1e-3)


def test_planted_parameters_are_recovered() -> None:
    found = fit(*planted(40_000))
    assert (found.p, found.q, found.gamma) == pytest.approx((6, 4, 15), rel=0.05)


def test_yen_and_dollars_fit_alike() -> None:
    x, dollars = planted(3_000)
    usd, jpy = fit(x, dollars), fit(x, dollars * 150)
    assert (jpy.p, jpy.q, jpy.gamma / 150) == pytest.approx((usd.p, usd.q, usd.gamma), rel=1e-8)


def test_weights_and_order_do_not_matter() -> None:
    x, spend = planted(2_000)
    order = np.random.default_rng(2).permutation(len(x))
    assert fit(x, spend) == fit(x[order], spend[order])
    twice = fit(np.repeat(x, 2), np.repeat(spend, 2))
    weighted = fit(x, spend, np.full(len(x), 2.0))
    assert (weighted.p, weighted.q) == pytest.approx((twice.p, twice.q), rel=1e-6)
    assert weighted.n == twice.n


def test_a_sample_stands_for_the_whole() -> None:
    x, spend = planted(20_000)
    whole, part = fit(x, spend), fit(x, spend, max_rows=5_000)
    assert (part.p, part.q) == pytest.approx((whole.p, whole.q), rel=0.1)
    assert part.n == whole.n


def test_one_time_buyers_get_the_mean_of_all_and_regulars_their_own() -> None:
    params = SpendParams(6.0, 4.0, 15.0)
    assert expected_spend(params, 0, np.nan) == pytest.approx(6 * 15 / 3)
    assert expected_spend(params, [1, 1000], [90, 90]) == pytest.approx(
        [6 * (15 + 90) / (6 + 3), 90], rel=0.02
    )
    values = expected_spend(params, [1, 3, 9], [90, 90, 90])
    assert (np.diff(values) > 0).all()


def test_the_mean_exists_even_of_a_heavy_tail() -> None:
    generator = np.random.default_rng(3)
    spend = 10 * (1 + generator.pareto(0.8, 2_000))
    found = fit(np.ones(2_000), spend)
    assert found.q >= MIN_Q
    assert np.isfinite(expected_spend(found, 0, 0))


def test_a_prior_holds_the_few() -> None:
    x, spend = planted(10)
    center = SpendParams(6.0, 4.0, 45.0, scale=30.0)
    found = fit(x, spend, prior=Prior(center.scaled_logs, 0.15), scale=30.0)
    assert 15 < found.gamma < 50
    assert found.scale == 30.0


@pytest.mark.parametrize("rows", [([], []), ([0], [5]), ([1], [0]), ([1, 2], [5]), ([1], [np.nan])])
def test_what_is_no_repeat_is_refused(rows: tuple[list[float], list[float]]) -> None:
    with pytest.raises(ValueError, match=r"must|alone"):
        fit(*rows)
