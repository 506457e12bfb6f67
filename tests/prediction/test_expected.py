"""Forecasts of a fitted model, against other ways to the same number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import betaln, hyp2f1
from scipy.stats import gamma as gamma_distribution

from evaluation.cdnow import MAX_MAE, MAX_RMSE, Calibration
from prediction.expected import expected_purchases, growth, p_alive
from prediction.mbg_nbd import BG_NBD, MBG_NBD, Params, fit
from tests.prediction.conftest import simulate

BG = Params(0.2426, 4.4136, 0.7929, 2.4259, model=BG_NBD)
MBG = Params(0.5248, 6.183, 0.8914, 1.614)
X = np.array([0, 0, 1, 2, 5, 29, 150])
T = np.array([0.0, 39.0, 38.86, 27.0, 39.0, 38.0, 39.0])
T_X = np.array([0.0, 0.0, 30.43, 1.0, 38.0, 37.5, 39.0])


def integral(params: Params, x: float, end: float, t: float) -> float:
    """Mean of what somebody alive with drop-out p buys, over p ~ Beta(a, b + occasions)."""
    beta = params.b + x + params.occasion_before_first_repeat

    def density(p: float) -> float:
        weight = np.exp(
            (params.a - 1) * np.log(p) + (beta - 1) * np.log1p(-p) - betaln(params.a, beta)
        )
        return weight * -np.expm1(-(params.r + x) * np.log1p(p * t / (params.alpha + end))) / p

    middle = 1e-3
    return quad(density, 0, middle, epsabs=0)[0] + quad(density, middle, 1, epsabs=0, limit=200)[0]


@pytest.mark.parametrize("params", [BG, MBG])
def test_growth_equals_the_formula_before_the_transform(params: Params) -> None:
    r, alpha, a, b = params.r, params.alpha, params.a, params.b
    k = params.occasion_before_first_repeat
    z = 39 / (alpha + T + 39)
    power = ((alpha + T) / (alpha + T + 39)) ** (r + X)
    plain = (
        (a + b + X + k - 1) / (a - 1) * (1 - power * hyp2f1(r + X, b + X + k, a + b + X + k - 1, z))
    )
    assert growth(params, X, T, 39) == pytest.approx(plain, rel=1e-9)


@pytest.mark.parametrize("params", [BG, MBG])
@pytest.mark.parametrize(
    "a", [0.05, 0.3, 0.9989, 0.9991, 1 - 1e-9, 1.0, 1 + 1e-9, 1.0009, 1.0011, 1.5, 2.0, 7.0]
)
def test_growth_equals_the_integral_whatever_a_is(params: Params, a: float) -> None:
    """At a = 1 numerator and denominator vanish; near it digits would cancel."""
    changed = replace(params, a=a)
    expected = [integral(changed, x, end, 39) for x, end in zip(X, T, strict=True)]
    assert growth(changed, X, T, 39) == pytest.approx(expected, rel=1e-8)


@pytest.mark.parametrize(
    "params",
    [
        Params(40.0, 300.0, 0.4, 3.0),
        Params(0.01, 0.05, 0.02, 0.05),
        Params(0.6, 8.0, 300.0, 4000.0),
        Params(3.0, 0.001, 0.9, 1.6),
    ],
)
def test_growth_stays_right_at_the_edges(params: Params) -> None:
    expected = [integral(params, x, end, 52) for x, end in zip(X, T, strict=True)]
    found = growth(params, X, T, 52)
    assert found == pytest.approx(expected, rel=1e-6)
    assert (found <= (params.r + X) * 52 / (params.alpha + T) * (1 + 1e-9)).all()


def test_growth_of_customers_who_never_leave_is_their_rate() -> None:
    params = Params(0.6, 8.0, 1e-6, 1e5)
    assert growth(params, X, T, 52) == pytest.approx((0.6 + X) * 52 / (8 + T), rel=1e-5)


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD])
def test_growth_is_what_simulated_survivors_buy(model: str) -> None:
    """Of everybody, at the beginning: purchases in 50 weeks after the first."""
    params = Params(0.8, 4.0, 0.7, 2.0, model=model)
    generator = np.random.default_rng(7)
    n = 200_000
    rate, leave = generator.gamma(0.8, 1 / 4.0, n), generator.beta(0.7, 2.0, n)
    going = np.arange(n) if model == BG_NBD else np.flatnonzero(generator.random(n) >= leave)
    now, bought = np.zeros(n), 0
    while len(going):
        now[going] += generator.exponential(1 / rate[going])
        going = going[now[going] <= 50]
        bought += len(going)
        going = going[generator.random(len(going)) >= leave[going]]
    assert expected_purchases(params, 0, 0, 0, 50) == pytest.approx(bought / n, rel=0.01)


def test_sum_of_cdnow_is_the_known_one(cdnow: tuple[Calibration, np.ndarray]) -> None:
    known, later = cdnow
    fitted = fit(known.x, known.t_x, known.T)
    ahead = expected_purchases(fitted, known.x, known.t_x, known.T, 39)
    assert ahead.sum() == pytest.approx(1576.736, abs=0.02)
    assert np.abs(ahead - later).mean() <= MAX_MAE
    assert np.sqrt(((ahead - later) ** 2).mean()) <= MAX_RMSE


def test_first_customer_of_the_papers() -> None:
    assert expected_purchases(BG, 2, 30.43, 38.86, 39) == pytest.approx(1.226, abs=5e-4)


def test_only_bg_nbd_says_that_one_time_buyers_live_for_ever() -> None:
    assert p_alive(BG, 0, 0, [0, 10, 500]).tolist() == [1, 1, 1]
    alive = p_alive(MBG, 0, 0, [0, 10, 500])
    assert (np.diff(alive) < 0).all()
    # On the day of the first purchase: the mean probability not to have left with it.
    assert alive[0] == pytest.approx(MBG.b / (MBG.a + MBG.b))


def test_silence_counts_more_against_the_frequent() -> None:
    assert p_alive(MBG, 20, 19, 30) < p_alive(MBG, 2, 19, 30)


def test_a_great_many_purchases_overflow_nothing() -> None:
    alive = p_alive(MBG, [5000, 5000], [1.0, 52.0], [52.0, 52.0])
    assert alive[0] == pytest.approx(0, abs=1e-12)
    assert alive[1] == pytest.approx(1, abs=1e-3)


def test_nothing_is_bought_in_no_time() -> None:
    assert growth(MBG, X, T, 0) == pytest.approx(np.zeros(len(X)), abs=1e-12)


def test_expected_is_an_array_like_its_inputs() -> None:
    assert expected_purchases(MBG, 2, 30, 38, 39).shape == ()
    assert expected_purchases(MBG, X, T_X, T, 39).shape == X.shape
    assert expected_purchases(MBG, X, T_X, T, np.array([[4.0], [39.0]])).shape == (2, len(X))


def test_p_alive_is_the_share_of_simulated_customers_who_live() -> None:
    """Of customers of one age, by the rate with which they go on buying."""
    params = Params(0.8, 4.0, 0.7, 2.0)
    x, t_x, end = simulate(params, 100_000, 80, seed=8, youngest=20)
    mean = float(p_alive(params, x, t_x, end).mean())
    generator = np.random.default_rng(9)
    rate = gamma_distribution(0.8, scale=1 / 4.0).rvs(100_000, random_state=generator)
    leave = generator.beta(0.7, 2.0, 100_000)
    age = generator.uniform(20, 80, 100_000)
    occasions = 1 + generator.poisson(rate * age)
    assert mean == pytest.approx(float(((1 - leave) ** occasions).mean()), abs=0.01)
