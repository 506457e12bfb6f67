"""Purchases and drop-out: MBG/NBD, and BG/NBD, fitted by weighted maximum likelihood.

A customer buys at random with a rate of his own (gamma: `r`, `alpha`) and may drop out after each
purchase with a probability of his own (beta: `a`, `b`). In BG/NBD (Fader, Hardie and Lee, 2005,
"Counting your customers the easy way") nobody drops out before his first repeat, so every one-time
buyer is alive for certain; in MBG/NBD (Batislam, Denizel and Filiztekin, 2007; Hoppe and Wagner,
2007) the first purchase is an occasion to drop out like any other.

A customer is known by `x`, his repeat purchases, `t_x`, the time from his first to his last
purchase, and `T`, the time from his first purchase to the end of observation. The unit of time is
the caller's; `alpha` is in the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, digamma, gammaln

from prediction.optimise import Array, Prior, maximise

MBG_NBD = "mbg_nbd"
BG_NBD = "bg_nbd"

MAX_ROWS = 300_000
"""Distinct rows beyond which a systematic sample is fitted."""

ROUGH_ROWS = 30_000
"""Rows on which the search from far away is made, where there are many more."""

_STARTS = ((0.7, 1.0, 0.8, 2.0), (0.3, 0.3, 0.2, 1.0))


@dataclass(frozen=True)
class Params:
    """A fitted model; `n` is the number of customers behind it."""

    r: float
    alpha: float
    a: float
    b: float
    model: str = MBG_NBD
    log_likelihood: float = float("nan")
    n: float = 0.0
    converged: bool = False
    message: str = "not fitted"

    @property
    def logs(self) -> tuple[float, ...]:
        """Logarithms of r, alpha, a, b: the center of a prior."""
        return tuple(float(np.log(value)) for value in (self.r, self.alpha, self.a, self.b))

    @property
    def occasion_before_first_repeat(self) -> int:
        """1 where the first purchase is an occasion to drop out, 0 in BG/NBD."""
        return int(self.model == MBG_NBD)


@dataclass(frozen=True)
class Rows:
    """Customers with equal `x`, `t_x` and `T` as one row with their number as `weight`."""

    x: Array
    t_x: Array
    T: Array
    weight: Array

    @property
    def total(self) -> float:
        """Number of customers."""
        return float(self.weight.sum())

    def scaled(self, unit: float) -> Rows:
        """The same rows with times in another unit."""
        return replace(self, t_x=self.t_x / unit, T=self.T / unit)


def fit(
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803  The papers' name.
    weights: ArrayLike | None = None,
    *,
    model: str = MBG_NBD,
    prior: Prior | None = None,
    max_rows: int = MAX_ROWS,
) -> Params:
    """Parameters of greatest likelihood; the order of the rows does not matter.

    Args:
        weights: number of customers behind each row, 1 by default.
        prior: knowledge of the logarithms of r, alpha, a and b, see `optimise.Prior`.
        max_rows: beyond so many distinct rows every k-th customer is fitted for k.

    Raises:
        ValueError: the arrays do not describe customers, or nobody bought again and no prior
            says how they would.
    """
    rows = compress(x, t_x, T, weights)
    if prior is None and not (rows.x > 0).any():
        raise ValueError("nobody bought again: there is nothing to fit")
    fitted = sample(rows, max_rows)
    # A unit in which the mean observation is 1, so that days and weeks fit alike.
    unit = float((fitted.T * fitted.weight).sum() / fitted.total)
    table = _Table(fitted.scaled(unit), model)
    starts: Sequence[Sequence[float]] = _STARTS
    if prior is not None:
        center = np.asarray(prior.center) - np.array([0.0, np.log(unit), 0.0, 0.0])
        prior = Prior(tuple(center), prior.sd)
        starts = (tuple(np.exp(center)),)
    if len(fitted.x) > 2 * ROUGH_ROWS:
        # The way from the starts is long and need not be exact: only its end is.
        rough = _Table(sample(rows, ROUGH_ROWS).scaled(unit), model)
        starts = (maximise(rough.log_likelihood, starts, rows.total, prior).values,)
    found = maximise(table.log_likelihood, starts, fitted.total, prior)
    r, alpha, a, b = found.values
    params = Params(r, alpha * unit, a, b, model, 0.0, rows.total, found.converged, found.message)
    return replace(params, log_likelihood=log_likelihood(params, rows))


def compress(
    x: ArrayLike,
    t_x: ArrayLike,
    T: ArrayLike,  # noqa: N803
    weights: ArrayLike | None = None,
) -> Rows:
    """One row for all customers with the same x, t_x and T, sorted by them.

    Raises:
        ValueError: lengths differ, or a row has 0 > x, t_x > T, or repeats without time.
    """
    columns = [np.asarray(column, dtype=float).ravel() for column in (x, t_x, T)]
    weight = np.ones(len(columns[0])) if weights is None else np.asarray(weights, float).ravel()
    if len({len(column) for column in (*columns, weight)}) != 1 or not len(weight):
        raise ValueError("x, t_x, T and weights must have one length, and not be empty")
    _check(*columns, weight)
    order = np.lexsort(columns[::-1])
    columns, weight = [column[order] for column in columns], weight[order]
    is_first = np.ones(len(weight), dtype=bool)
    is_first[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    begins = np.flatnonzero(is_first)
    return Rows(*(column[begins] for column in columns), np.add.reduceat(weight, begins))


def sample(rows: Rows, max_rows: int) -> Rows:
    """At most `max_rows` rows that stand for all: every k-th customer in the rows' order.

    Because the rows are sorted, the sample has the shares of the whole, and no chance is in it.
    """
    if len(rows.x) <= max_rows:
        return rows
    step = rows.total / max_rows
    ends = np.floor(np.cumsum(rows.weight) / step + 0.5)
    taken = np.diff(ends, prepend=0.0)
    kept = taken > 0
    return Rows(rows.x[kept], rows.t_x[kept], rows.T[kept], taken[kept] * step)


def log_likelihood(params: Params, rows: Rows) -> float:
    """Log-likelihood of the rows, in the unit of time that they are in."""
    values = np.array([params.r, params.alpha, params.a, params.b])
    return _Table(rows, params.model).log_likelihood(values)[0]


def log_likelihood_and_gradient(params: Params, rows: Rows) -> tuple[float, Array]:
    """Log-likelihood and its derivatives with respect to r, alpha, a and b."""
    values = np.array([params.r, params.alpha, params.a, params.b])
    return _Table(rows, params.model).log_likelihood(values)


class _Table:
    """Rows prepared for many evaluations: functions of x alone are worked out once a value."""

    def __init__(self, rows: Rows, model: str) -> None:
        if model not in (MBG_NBD, BG_NBD):
            raise ValueError(f"unknown model {model}; there are {MBG_NBD} and {BG_NBD}")
        self.rows = rows
        self.first = int(model == MBG_NBD)
        self.values, index = np.unique(rows.x, return_inverse=True)
        self.index: NDArray[np.intp] = index.ravel()
        self.weight_of_value = np.bincount(self.index, weights=rows.weight)
        self.may_be_gone = (rows.x + self.first) > 0

    def log_likelihood(self, values: Array) -> tuple[float, Array]:
        r, alpha, a, b = (float(value) for value in values)
        rows, x, w = self.rows, self.values, self.weight_of_value
        # beta = b + occasions: the beta distribution after that many times of staying.
        beta = b + x + self.first
        of_x = gammaln(r + x) - gammaln(r) + betaln(a, beta) - betaln(a, b) + r * np.log(alpha)
        log_end = np.log(alpha + rows.T)
        log_ratio = log_end - np.log(alpha + rows.t_x)
        power = r + rows.x
        # Times of staying before the last purchase; without an occasion any number will do.
        stays = np.where(x + self.first > 0, beta - 1, b)
        odds = power * log_ratio + (np.log(a) - np.log(stays))[self.index]
        # log(1 + e**odds) and its derivative; logaddexp() and expit() take three times as long.
        positive = np.maximum(odds, 0.0) + np.log1p(np.exp(-np.abs(odds)))
        either = np.where(self.may_be_gone, positive, 0.0)
        gone = -np.expm1(-either)
        height = (w * of_x).sum() + (rows.weight * (either - power * log_end)).sum()
        gone_weight = rows.weight * gone
        gone_of_x = np.bincount(self.index, weights=gone_weight)
        slope = np.array(
            [
                (w * (digamma(r + x) - digamma(r) + np.log(alpha))).sum()
                + (gone_weight * log_ratio - rows.weight * log_end).sum(),
                rows.weight.sum() * r / alpha
                - (rows.weight * power / (alpha + rows.T)).sum()
                + (gone_weight * power * (1 / (alpha + rows.T) - 1 / (alpha + rows.t_x))).sum(),
                (w * (digamma(a + b) - digamma(a + beta))).sum() + gone_of_x.sum() / a,
                (w * (digamma(beta) - digamma(a + beta) - digamma(b) + digamma(a + b))).sum()
                - (gone_of_x / stays).sum(),
            ]
        )
        return float(height), slope


def _check(x: Array, t_x: Array, end: Array, weight: Array) -> None:
    faults = {
        "x must be whole and not negative": (x < 0) | (x != np.floor(x)),
        "t_x must lie between 0 and T": (t_x < 0) | (t_x > end),
        "t_x must be 0 without repeats and more with some": (x > 0) != (t_x > 0),
        "weights must be positive": weight <= 0,
    }
    numbers = np.isfinite(x) & np.isfinite(t_x) & np.isfinite(end) & np.isfinite(weight)
    for message, is_fault in faults.items():
        if (is_fault | ~numbers).any():
            raise ValueError(message)
