"""Purchases and drop-out: published answers, gradients, and what must not matter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evaluation.cdnow import Calibration
from prediction import mbg_nbd
from prediction.mbg_nbd import BG_NBD, MBG_NBD, Params, compress, fit, sample
from prediction.optimise import Prior
from tests.prediction.conftest import simulate

NAMES = ("r", "alpha", "a", "b")


def values(params: Params) -> list[float]:
    return [getattr(params, name) for name in NAMES]


def small() -> tuple[np.ndarray, ...]:
    return simulate(Params(0.8, 4.0, 0.7, 2.0), 3_000, 60, seed=1)


def test_bg_nbd_finds_the_published_parameters(cdnow: tuple[Calibration, np.ndarray]) -> None:
    known, _ = cdnow
    found = fit(known.x, known.t_x, known.T, model=BG_NBD)
    assert values(found) == pytest.approx([0.2426, 4.4136, 0.7929, 2.4259], abs=5e-5)
    assert found.log_likelihood == pytest.approx(-9582.429, abs=5e-4)
    assert found.converged


def test_mbg_nbd_finds_the_known_parameters(cdnow: tuple[Calibration, np.ndarray]) -> None:
    known, _ = cdnow
    found = fit(known.x, known.t_x, known.T)
    assert values(found) == pytest.approx([0.5248, 6.183, 0.8914, 1.614], abs=5e-4)
    assert found.log_likelihood == pytest.approx(-9582.13, abs=0.01)
    assert found.converged


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD])
@pytest.mark.parametrize("point", [(0.3, 5.0, 0.8, 2.0), (2.5, 0.4, 0.05, 9.0), (1, 1, 1, 1)])
def test_gradient_is_that_of_the_likelihood(model: str, point: tuple[float, ...]) -> None:
    rows = compress(*small())
    params = Params(*point, model=model)
    _, slope = mbg_nbd.log_likelihood_and_gradient(params, rows)
    for name, derivative in zip(NAMES, slope, strict=True):
        value = getattr(params, name)
        step = 1e-6 * value
        ahead, behind = (
            mbg_nbd.log_likelihood(replace(params, **{name: value + sign * step}), rows)
            for sign in (1, -1)
        )
        assert derivative == pytest.approx((ahead - behind) / (2 * step), rel=2e-5, abs=1e-2)


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD])
def test_likelihood_is_that_of_the_papers(model: str) -> None:
    """Against the plain formula with beta functions, one customer after the other."""
    from scipy.special import beta, gamma

    params = Params(0.6, 5.0, 0.7, 2.2, model=model)
    r, alpha, a, b = values(params)
    first = int(model == MBG_NBD)
    expected = 0.0
    rows = [(0, 0.0, 10.0), (0, 0.0, 0.0), (1, 3.0, 3.0), (2, 5.0, 20.0), (7, 30.0, 38.86)]
    for x, t_x, end in rows:
        bought = gamma(r + x) * alpha**r / gamma(r)
        stays = beta(a, b + x + first) / beta(a, b) / (alpha + end) ** (r + x)
        leaves = beta(a + 1, b + x + first - 1) / beta(a, b) / (alpha + t_x) ** (r + x)
        expected += np.log(bought * (stays + (leaves if x + first > 0 else 0)))
    found = mbg_nbd.log_likelihood(params, compress(*np.array(rows).T))
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("model", [BG_NBD, MBG_NBD])
def test_planted_parameters_are_recovered(model: str) -> None:
    planted = Params(0.8, 4.0, 0.7, 2.0, model=model)
    found = fit(*simulate(planted, 60_000, 80, seed=2), model=model)
    assert found.converged
    assert found.r / found.alpha == pytest.approx(0.2, rel=0.02)
    assert found.a / (found.a + found.b) == pytest.approx(0.7 / 2.7, rel=0.03)
    assert values(found) == pytest.approx(values(planted), rel=0.12)


def test_weights_are_repeated_rows() -> None:
    x, t_x, end = small()
    times = 1 + np.arange(len(x)) % 3
    repeated = fit(*(np.repeat(column, times) for column in (x, t_x, end)))
    weighted = fit(x, t_x, end, weights=times)
    assert values(weighted) == values(repeated)
    assert weighted.log_likelihood == repeated.log_likelihood
    assert weighted.n == times.sum()


def test_order_of_rows_does_not_matter() -> None:
    columns = small()
    order = np.random.default_rng(3).permutation(len(columns[0]))
    assert fit(*columns) == fit(*(column[order] for column in columns))


def test_unit_of_time_does_not_matter() -> None:
    x, t_x, end = small()
    weeks, days = fit(x, t_x, end), fit(x, t_x * 7, end * 7)
    assert days.alpha / 7 == pytest.approx(weeks.alpha, rel=1e-6)
    assert (days.r, days.a, days.b) == pytest.approx((weeks.r, weeks.a, weeks.b), rel=1e-6)


def test_a_sample_stands_for_the_whole() -> None:
    columns = simulate(Params(0.8, 4.0, 0.7, 2.0), 40_000, 80, seed=4)
    rows = compress(*columns)
    drawn = sample(rows, 10_000)
    assert len(drawn.x) <= 10_000
    assert drawn.total == pytest.approx(rows.total, rel=1e-3)
    assert (drawn.x * drawn.weight).sum() == pytest.approx((rows.x * rows.weight).sum(), rel=0.01)
    whole, part = fit(*columns), fit(*columns, max_rows=10_000)
    assert values(part) == pytest.approx(values(whole), rel=0.1)
    assert part.n == whole.n
    assert whole.log_likelihood - part.log_likelihood < 10
    order = np.random.default_rng(5).permutation(len(columns[0]))
    assert fit(*(column[order] for column in columns), max_rows=10_000) == part


def test_equal_rows_become_one() -> None:
    rows = compress([1, 0, 1], [2, 0, 2], [5, 4, 5])
    assert rows.x.tolist() == [0, 1]
    assert rows.T.tolist() == [4, 5]
    assert rows.weight.tolist() == [1, 2]


def test_without_drop_out_the_fit_ends_at_an_edge_and_not_in_an_error() -> None:
    """Everybody bought to the end: a goes to nothing, and nobody is thought gone."""
    from prediction.expected import p_alive

    found = fit([5, 6, 7, 5, 8] * 20, [50, 49, 50, 49.5, 50] * 20, [50.0] * 100)
    assert found.converged
    assert p_alive(found, 5, 50, 50) > 0.999


def test_a_prior_holds_the_few_and_not_the_many() -> None:
    planted = Params(0.8, 4.0, 0.7, 2.0)
    elsewhere = replace(planted, alpha=8.0)
    prior = Prior(elsewhere.logs, 0.15)
    few = fit(*(column[:30] for column in simulate(planted, 20_000, 80, seed=6)), prior=prior)
    many = fit(*simulate(planted, 20_000, 80, seed=6), prior=prior)
    assert few.alpha == pytest.approx(8.0, rel=0.2)
    assert many.r / many.alpha == pytest.approx(0.2, rel=0.05)


def test_newcomers_without_a_repeat_take_the_prior() -> None:
    prior = Prior(Params(0.8, 4.0, 0.7, 2.0).logs, 0.15)
    found = fit(np.zeros(20), np.zeros(20), np.full(20, 0.5), prior=prior)
    assert found.converged
    assert values(found) == pytest.approx([0.8, 4.0, 0.7, 2.0], rel=0.1)


@pytest.mark.parametrize(
    "rows",
    [
        ([], [], []),
        ([0, 0], [0, 0], [3, 4]),
        ([1, 1], [2], [3, 4]),
        ([-1], [0], [3]),
        ([1.5], [1], [3]),
        ([1], [4], [3]),
        ([1], [0], [3]),
        ([0], [1], [3]),
        ([1], [np.nan], [3]),
    ],
)
def test_what_is_no_history_is_refused(rows: tuple[list[float], ...]) -> None:
    with pytest.raises(ValueError, match=r"must|nobody"):
        fit(*rows)
