"""Memberships that are renewed: the shifted beta-geometric model (sBG).

At the end of each term a member leaves with a probability of his own, beta distributed over members
with `alpha` and `beta`. Retention rises with every renewal because those who leave easily are gone.
Fader and Hardie (2007), "How to project customer retention".
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, digamma

from prediction.optimise import Array, maximise


@dataclass(frozen=True)
class RenewalParams:
    """A fitted model of `n` members."""

    alpha: float
    beta: float
    log_likelihood: float = float("nan")
    n: float = 0.0
    converged: bool = False
    message: str = "not fitted"


def fit(lost: ArrayLike, kept: ArrayLike) -> RenewalParams:
    """Parameters of greatest likelihood.

    Args:
        lost: members who left at the end of term 1, 2, and so on.
        kept: members last seen after they renewed 0, 1, 2 times, the next end still to come.

    Raises:
        ValueError: nobody left, or nobody stayed: the likelihood has no greatest value.
    """
    left, stayed = np.asarray(lost, dtype=float), np.asarray(kept, dtype=float)
    term, renewed = np.arange(1.0, len(left) + 1), np.arange(float(len(stayed)))
    renewals = (left * (term - 1)).sum() + (stayed * renewed).sum()
    if left.sum() <= 0 or renewals <= 0:
        raise ValueError("without leavers and renewals there is nothing to fit")

    def log_likelihood(values: Array) -> tuple[float, Array]:
        a, b = (float(value) for value in values)
        height = (left * betaln(a + 1, b + term - 1)).sum() + (
            stayed * betaln(a, b + renewed)
        ).sum()
        height -= (left.sum() + stayed.sum()) * betaln(a, b)
        end, here = digamma(a + b + term), digamma(a + b + renewed)
        total, start = left.sum() + stayed.sum(), digamma(a + b)
        by_a = (left * (digamma(a + 1) - end)).sum() + (stayed * (digamma(a) - here)).sum()
        by_b = (left * (digamma(b + term - 1) - end)).sum()
        by_b += (stayed * (digamma(b + renewed) - here)).sum()
        by_a -= total * (digamma(a) - start)
        by_b -= total * (digamma(b) - start)
        return float(height), np.array([by_a, by_b])

    n = float(left.sum() + stayed.sum())
    found = maximise(log_likelihood, ((1.0, 1.0), (0.5, 3.0)), n)
    a, b = found.values
    return RenewalParams(a, b, found.log_likelihood, n, found.converged, found.message)


def survival(params: RenewalParams, terms: ArrayLike) -> Array:
    """Share of members who renew at least so many times."""
    terms = np.asarray(terms, dtype=float)
    return np.exp(betaln(params.alpha, params.beta + terms) - betaln(params.alpha, params.beta))


def retention(params: RenewalParams, term: ArrayLike) -> Array:
    """Share of those at the end of term 1, 2, ... who renew."""
    term = np.asarray(term, dtype=float)
    return (params.beta + term - 1) / (params.alpha + params.beta + term - 1)


def expected_renewals(params: RenewalParams, renewed: int, horizon: int) -> float:
    """Renewals in the next `horizon` terms of a member who renewed `renewed` times."""
    ahead = survival(params, renewed + np.arange(1.0, horizon + 1))
    return float((ahead / survival(params, renewed)).sum())
