"""Renewals: the published example of Fader and Hardie (2007)."""

from __future__ import annotations

import numpy as np
import pytest

from prediction.sbg import RenewalParams, expected_renewals, fit, retention, survival

REGULAR = np.array([1000, 631, 468, 382, 326, 289, 262, 241], dtype=float)
HIGH_END = np.array([1000, 869, 743, 653, 593, 551, 517, 491], dtype=float)


def fit_survivors(survivors: np.ndarray) -> RenewalParams:
    kept = np.zeros(len(survivors))
    kept[-1] = survivors[-1]
    return fit(-np.diff(survivors), kept)


@pytest.mark.parametrize(
    ("survivors", "alpha", "beta"), [(REGULAR, 0.704, 1.182), (HIGH_END, 0.668, 3.806)]
)
def test_published_parameters(survivors: np.ndarray, alpha: float, beta: float) -> None:
    found = fit_survivors(survivors)
    assert (found.alpha, found.beta) == pytest.approx((alpha, beta), abs=5e-4)
    assert found.converged
    assert found.n == 1000


def test_curve_follows_the_data_and_goes_on() -> None:
    found = fit_survivors(HIGH_END)
    assert survival(found, np.arange(8)) == pytest.approx(HIGH_END / 1000, abs=0.02)
    # The paper's hold-out: 12 years, of which 7 were fitted; 37 % or so are left.
    assert survival(found, 12) == pytest.approx(0.38, abs=0.01)
    assert (np.diff(retention(found, np.arange(1, 20))) > 0).all()


def test_survival_is_the_product_of_retention() -> None:
    params = RenewalParams(0.7, 1.2)
    assert np.cumprod(retention(params, np.arange(1, 10))) == pytest.approx(
        survival(params, np.arange(1, 10))
    )


def test_who_renewed_often_renews_more() -> None:
    params = RenewalParams(0.7, 1.2)
    ahead = [expected_renewals(params, renewed, 5) for renewed in range(5)]
    assert ahead == sorted(ahead)
    assert ahead[0] == pytest.approx(sum(survival(params, np.arange(1, 6))))


def test_members_still_in_their_terms_count() -> None:
    """Half of the members joined later and were only seen through three terms."""
    planted = RenewalParams(0.7, 1.2)
    members = 1000 * survival(planted, np.arange(8))
    lost, kept = -np.diff(members), np.zeros(8)
    lost[:3] += -np.diff(members)[:3]
    kept[7], kept[3] = members[7], members[3]
    found = fit(lost, kept)
    assert (found.alpha, found.beta) == pytest.approx((0.7, 1.2), rel=1e-4)


@pytest.mark.parametrize(("lost", "kept"), [([0, 0], [5, 5]), ([5], [0]), ([], [])])
def test_without_leavers_or_renewals_there_is_no_fit(lost: list[int], kept: list[int]) -> None:
    with pytest.raises(ValueError, match="nothing to fit"):
        fit(lost, kept)
