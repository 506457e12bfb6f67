"""A retailer's segments fitted: each by itself, held to the fit of those it is a part of.

All customers are fitted first. The logarithms of a channel are then taken to be normal around
theirs with spread `CHANNEL_SD`, those of its existing and its new customers around their channel's
with spread `COHORT_SD`: channels differ by a factor of e**0.5 = 1.6 or so, the cohorts of one by a
sixth. A segment of thousands goes where its data say, one of a few hundred stays near its channel.

Cohorts are no narrower than that: the few months of the newest customers do not tell rate from
drop-out, however many they are, and a fit of them alone was wrong by half.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from prediction import gamma_gamma, mbg_nbd
from prediction.gamma_gamma import SpendParams
from prediction.mbg_nbd import Params
from prediction.optimise import Array, Prior

CHANNEL_SD = 0.5
COHORT_SD = 0.15
MIN_SEGMENT_CUSTOMERS = 200
MIN_SEGMENT_REPEATERS = 50
DAYS_A_WEEK = 7.0
ALL = "all"
"""Name of the fit of all customers."""

FITTED = "fitted"
POOLED = "pooled"
FAILED = "failed"
INSUFFICIENT = "insufficient_data"


@dataclass(frozen=True)
class Histories:
    """Customers of equal segment, repeats and times as one row.

    `segment` numbers the segments from 0. Times are days. `repeat_sales` is the sum over the row's
    customers, money of all repeat days; `weight` their number.
    """

    segment: NDArray[np.int64]
    x: Array
    days_to_last: Array
    days_observed: Array
    repeat_sales: Array
    weight: Array

    def of(self, *numbers: int) -> Histories:
        """The rows of some segments."""
        kept = np.isin(self.segment, numbers)
        return Histories(**{name: column[kept] for name, column in vars(self).items()})


@dataclass(frozen=True)
class Spends:
    """One row a customer with repeats: number of the segment, repeats, mean of a repeat day."""

    segment: NDArray[np.int64]
    x: Array
    mean_spend: Array

    def of(self, *numbers: int) -> Spends:
        """The rows of some segments."""
        kept = np.isin(self.segment, numbers)
        return Spends(**{name: column[kept] for name, column in vars(self).items()})


@dataclass(frozen=True)
class Fit:
    """Both models of a segment; `status` is `fitted`, or `pooled`: the parameters of `parent`."""

    purchases: Params
    spend: SpendParams
    status: str = FITTED
    message: str = ""
    parent: str | None = None


class FitError(Exception):
    """The fit of all customers did not succeed; the message says why."""


def fit_pooled(histories: Histories, spends: Spends) -> Fit:
    """Both models of all customers.

    Raises:
        FitError: nothing to fit, or the search found no end.
    """
    try:
        purchases = _fit_purchases(histories, None)
        spend = gamma_gamma.fit(spends.x, spends.mean_spend)
    except ValueError as error:
        raise FitError(str(error)) from error
    for name, fitted in (("purchases", purchases), ("spend", spend)):
        if not fitted.converged:
            raise FitError(f"{name}: {fitted.message}")
    message = f"purchases {purchases.message}, spend {spend.message}"
    return Fit(purchases, spend, FITTED, message)


def channel_of(name: str) -> str:
    """The channel of a segment: what stands before the cohort."""
    return name.rpartition("-")[0]


def fit_segments(
    histories: Histories, spends: Spends, pooled: Fit, names: list[str]
) -> dict[str, Fit]:
    """A fit for every channel and segment; the number of a segment is its place in `names`."""
    fits: dict[str, Fit] = {}
    for channel in sorted({channel_of(name) for name in names}):
        numbers = [n for n, name in enumerate(names) if channel_of(name) == channel]
        whole = _fit_part(histories, spends, numbers, ALL, pooled, CHANNEL_SD)
        fits[channel] = whole
        for n in numbers:
            fits[names[n]] = _fit_part(histories, spends, [n], channel, whole, COHORT_SD)
    return fits


def _fit_part(
    histories: Histories, spends: Spends, numbers: list[int], parent: str, whole: Fit, sd: float
) -> Fit:
    """The segments `numbers` fitted as one, held to `whole`."""
    rows, spends = histories.of(*numbers), spends.of(*numbers)
    customers, repeaters = float(rows.weight.sum()), len(spends.x)
    # How many customers there are is the segment's own, whoever's parameters it takes.
    purchases = replace(whole.purchases, n=customers, log_likelihood=float("nan"))
    spend = replace(whole.spend, n=float(repeaters), log_likelihood=float("nan"))
    if customers < MIN_SEGMENT_CUSTOMERS:
        few = f"{customers:.0f} customers, fewer than {MIN_SEGMENT_CUSTOMERS}"
        return Fit(purchases, spend, POOLED, few, parent)
    own = _fit_purchases(rows, Prior(whole.purchases.logs, sd))
    if not own.converged:
        return Fit(purchases, spend, POOLED, f"purchases: {own.message}", parent)
    said = [f"purchases {own.message}"]
    if repeaters < MIN_SEGMENT_REPEATERS:
        return Fit(own, spend, FITTED, ", ".join([*said, "spend pooled"]), parent)
    own_spend = gamma_gamma.fit(
        spends.x,
        spends.mean_spend,
        prior=Prior(whole.spend.scaled_logs, sd),
        scale=whole.spend.scale,
    )
    if own_spend.converged:
        said.append(f"spend {own_spend.message}")
        spend = own_spend
    else:
        said.append(f"spend pooled ({own_spend.message})")
    return Fit(own, spend, FITTED, ", ".join(said), parent)


def _fit_purchases(rows: Histories, prior: Prior | None) -> Params:
    return mbg_nbd.fit(
        rows.x,
        rows.days_to_last / DAYS_A_WEEK,
        rows.days_observed / DAYS_A_WEEK,
        rows.weight,
        prior=prior,
    )


def rounded(value: float) -> float | None:
    """To 12 significant digits, which is what tables hold; None for no number."""
    return float(f"{value:.12g}") if np.isfinite(value) else None


def as_stored(fit: Fit) -> Fit:
    """The fit with parameters as the tables hold them, so that everything follows from those."""
    purchases = {name: rounded(getattr(fit.purchases, name)) for name in ("r", "alpha", "a", "b")}
    spend = {name: rounded(getattr(fit.spend, name)) for name in ("p", "q", "gamma", "scale")}
    return replace(
        fit, purchases=replace(fit.purchases, **purchases), spend=replace(fit.spend, **spend)
    )
