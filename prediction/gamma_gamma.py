"""Spend: Gamma-Gamma, the value of a purchase day of a customer (Fader and Hardie, 2013).

Values of a customer's purchase days scatter around a mean of his own by a gamma distribution of
shape `p`; the means scatter among customers with `q` and `gamma`. "The Gamma-Gamma Model of
Monetary Value", equations 1a (likelihood) and 5 (conditional expectation). Spend must not depend on
how often a customer buys; the mean is over repeat purchases, the first left out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaln, digamma

from prediction.optimise import BOUND, Array, Prior, maximise

MAX_ROWS = 300_000
MIN_Q = 1.1
"""The mean over all customers, p gamma / (q - 1), is finite above 1 only."""
MAX_SHAPE = 1000.0
"""Of p and q: values that scatter by 3 % are as good as equal, and no data tell p from then on."""

_STARTS = ((2.0, 3.0, 1.0), (6.0, 4.0, 0.5))


@dataclass(frozen=True)
class SpendParams:
    """A fitted model; `gamma` and `scale` (mean spend of the fitted) are in the caller's money."""

    p: float
    q: float
    gamma: float
    scale: float = 1.0
    log_likelihood: float = float("nan")
    n: float = 0.0
    converged: bool = False
    message: str = "not fitted"

    @property
    def scaled_logs(self) -> tuple[float, ...]:
        """Logarithms of p, q and gamma divided by scale: the center of a prior."""
        return tuple(float(np.log(v)) for v in (self.p, self.q, self.gamma / self.scale))


def fit(
    x: ArrayLike,
    mean_spend: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    prior: Prior | None = None,
    scale: float | None = None,
    max_rows: int = MAX_ROWS,
) -> SpendParams:
    """Parameters of greatest likelihood, of customers with repeats; row order does not matter.

    Args:
        x: repeat purchases, at least 1.
        mean_spend: mean value of a repeat purchase, more than 0.
        prior: knowledge of the logarithms of p, q and gamma divided by `scale`.
        scale: spend is divided by this; by default by its mean.
        max_rows: beyond so many customers every k-th of the sorted rows is fitted.

    Raises:
        ValueError: nothing to fit, or values out of range.
    """
    x, spend, weight = _checked(x, mean_spend, weights)
    scale = scale or float((spend * weight).sum() / weight.sum())
    rows = _Rows(*_sample(x, spend / scale, weight, max_rows))
    starts = _STARTS if prior is None else (tuple(np.exp(np.asarray(prior.center))),)
    tiny = float(np.exp(-BOUND))
    lower, upper = (tiny, MIN_Q, tiny), (MAX_SHAPE, MAX_SHAPE, 1 / tiny)
    found = maximise(rows.log_likelihood, starts, float(rows.weight.sum()), prior, lower, upper)
    p, q, gamma = found.values
    whole = _Rows(x, spend, weight).log_likelihood(np.array([p, q, gamma * scale]))[0]
    n = float(weight.sum())
    return SpendParams(p, q, gamma * scale, scale, whole, n, found.converged, found.message)


def expected_spend(params: SpendParams, x: ArrayLike, mean_spend: ArrayLike) -> Array:
    """Expected value of the next purchase given `x` repeats of `mean_spend`.

    Without repeats the mean over all customers, whatever `mean_spend` says.
    """
    x = np.asarray(x, dtype=float)
    total = np.where(x > 0, x * np.nan_to_num(np.asarray(mean_spend, dtype=float)), 0.0)
    return params.p * (params.gamma + total) / (params.p * x + params.q - 1)


def log_likelihood_and_gradient(
    params: SpendParams, x: ArrayLike, mean_spend: ArrayLike
) -> tuple[float, Array]:
    """Log-likelihood and its derivatives with respect to p, q and gamma."""
    rows = _Rows(*_checked(x, mean_spend, None))
    return rows.log_likelihood(np.array([params.p, params.q, params.gamma]))


class _Rows:
    """Rows prepared for many evaluations: functions of x alone are worked out once a value."""

    def __init__(self, x: Array, spend: Array, weight: Array) -> None:
        self.spend_sum, self.weight = x * spend, weight
        self.x, index = np.unique(x, return_inverse=True)
        self.index = index.ravel()
        self.of_x = np.bincount(self.index, weights=weight)
        self.log_of_spend = float((weight * np.log(spend)).sum())
        self.log_sum = np.log(self.spend_sum)

    def log_likelihood(self, values: Array) -> tuple[float, Array]:
        p, q, gamma = (float(value) for value in values)
        x, w, of_x = self.x, self.weight, self.of_x
        whole = gamma + self.spend_sum
        log_whole = np.log(whole)
        log_rest = np.log(gamma) - log_whole
        share_of_x = np.bincount(self.index, weights=w * (self.log_sum - log_whole))
        height = (
            -(of_x * betaln(p * x, q)).sum()
            + q * (w * log_rest).sum()
            + p * (x * share_of_x).sum()
            - self.log_of_spend
        )
        both = digamma(p * x + q)
        power_of_x = p * x + q
        slope = np.array(
            [
                (x * (share_of_x - of_x * (digamma(p * x) - both))).sum(),
                (of_x * (both - digamma(q))).sum() + (w * log_rest).sum(),
                w.sum() * q / gamma - (w * power_of_x[self.index] / whole).sum(),
            ]
        )
        return float(height), slope


def _checked(
    x: ArrayLike, mean_spend: ArrayLike, weights: ArrayLike | None
) -> tuple[Array, Array, Array]:
    x, spend = np.asarray(x, dtype=float).ravel(), np.asarray(mean_spend, dtype=float).ravel()
    weight = np.ones(len(x)) if weights is None else np.asarray(weights, dtype=float).ravel()
    if not len(x) or len({len(x), len(spend), len(weight)}) != 1:
        raise ValueError("x, mean_spend and weights must have one length, and not be empty")
    if not ((x >= 1) & (spend > 0) & (weight > 0) & np.isfinite(spend)).all():
        raise ValueError("Gamma-Gamma takes customers with repeats and a spend above 0 alone")
    order = np.lexsort((weight, spend, x))
    return x[order], spend[order], weight[order]


def _sample(x: Array, spend: Array, weight: Array, max_rows: int) -> tuple[Array, Array, Array]:
    if len(x) <= max_rows:
        return x, spend, weight
    step = float(weight.sum()) / max_rows
    taken = np.diff(np.floor(np.cumsum(weight) / step + 0.5), prepend=0.0)
    kept = taken > 0
    return x[kept], spend[kept], taken[kept] * step
