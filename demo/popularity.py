"""How often each product is taken: by kind of shopper and month, dearer or cheaper.

What belongs here: turning uniform numbers into products. What does not: how many lines a basket has
and what goes with what (`demo.baskets`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from demo.assortment import kinds
from demo.calendar import HORIZON_DAYS
from demo.catalogue import Catalogue, build_catalogue, month_starts
from demo.scale import Scale

STORE, ONLINE, COMPANY, GIFT, FAVOURITE = range(5)
"""Kinds of shoppers; FAVOURITE is what private people buy again and again in shops."""
USUAL_WEIGHT = 2.0
"""Of weighed goods, in units of 100 g, beside the usual number of units of others."""
_PEAK = 2.6
"""By how much more a product is taken in the months of its season."""
_LEANINGS = np.geomspace(0.3, 3.0, 31)
"""Far beyond, the cheapest and the dearest product would be in every basket."""


@dataclass(frozen=True)
class Popularity:
    """Products by the worth of a line, and cumulated shares by kind of shopper and month.

    A number u in [0, 1) names the product at which the cumulated share passes u; u ** leaning names
    a cheaper one for a leaning above 1, a dearer one below. `mean_value[kind]` is the net yen of
    a line of one unit for each of `_LEANINGS`.
    """

    by_value: NDArray[np.int64]
    edges: NDArray[np.float64]
    mean_value: NDArray[np.float64]

    def choose(
        self, kind: NDArray[np.int64], day: NDArray[np.int16], number: NDArray[np.float64]
    ) -> NDArray[np.int64]:
        """A product for each line."""
        row = kind * len(month_starts()) + month_of(day)
        place = np.searchsorted(self.edges, row + number, side="right")
        return self.by_value[np.minimum(place - row * len(self.by_value), len(self.by_value) - 1)]

    def leaning(self, kind: NDArray[np.int64], value: NDArray[np.float64]) -> NDArray[np.float64]:
        """The leaning with which a line is worth `value` net yen on average, as far as possible."""
        found = np.ones(len(value))
        for number, values in enumerate(self.mean_value):
            rows = kind == number
            found[rows] = np.interp(value[rows], values[::-1], _LEANINGS[::-1])
        return found


def month_of(days: NDArray[np.int16]) -> NDArray[np.int64]:
    """Number of the month of each day of the horizon, the first one 0."""
    return _months_of_days()[days]


@cache
def popularity(seed: int, scale: Scale) -> Popularity:
    """The popularity of a catalogue's goods."""
    catalogue = build_catalogue(seed, scale)
    value = _values(catalogue)
    by_value = np.argsort(value, kind="stable")
    weights = _weights(catalogue)[:, :, by_value]
    shares = weights.cumsum(axis=2) / weights.sum(axis=2, keepdims=True)
    # Every last edge is exactly the end of its row, whatever the sums lost.
    shares[:, :, -1] = 1.0
    rows = np.arange(shares.shape[0] * shares.shape[1]).reshape(*shares.shape[:2], 1)
    return Popularity(
        by_value=by_value,
        edges=(shares + rows).ravel(),
        mean_value=_mean_values(value[by_value], shares.mean(axis=1)),
    )


@cache
def _months_of_days() -> NDArray[np.int64]:
    return np.searchsorted(month_starts(), np.arange(HORIZON_DAYS), side="right") - 1


def _weights(catalogue: Catalogue) -> NDArray[np.float64]:
    """Weight of each of the goods, [kind, month, product]: 0 while it is not on the shelf."""
    kind = catalogue.kind[: catalogue.goods]
    starts = np.array(month_starts())[:, None]
    months = np.arange(len(starts))[:, None]
    own = np.array([row.weights for row in kinds()])[kind].T * catalogue.popularity[: len(kind)]
    peak = np.zeros((12, len(kinds())), dtype=bool)
    for number, row in enumerate(kinds()):
        peak[np.array(row.peak_months, dtype=np.int64) - 1, number] = True
    # The first month of the horizon is October.
    season = np.where(peak[(months[:, 0] + 9) % 12][:, kind], _PEAK, 1.0)
    first, last = (days[: len(kind)] for days in (catalogue.first_day, catalogue.last_day))
    on_shelf = (first <= starts) & (last > starts)
    always = (first < 0) & (last == HORIZON_DAYS) & catalogue.is_replenishable[: len(kind)]
    by_month = own[:, None, :] * season * on_shelf
    favourite = np.broadcast_to(own[STORE] * always, by_month.shape[1:])
    return np.concatenate([by_month, favourite[None]])


def _values(catalogue: Catalogue) -> NDArray[np.float64]:
    """Yen without tax of one unit of each of the goods; of weighed goods, of a usual weight."""
    goods = slice(0, catalogue.goods)
    net = catalogue.prices[0, goods] * 100 / (100 + catalogue.tax_percent[goods])
    return net * np.where(catalogue.is_weighed[goods], USUAL_WEIGHT, 1)


def _mean_values(values: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean of `values` by kind and leaning; `shares` are cumulated, [kind, product]."""
    edges = np.concatenate([np.zeros((len(shares), 1)), shares], axis=1)
    means = [np.diff(edges ** (1 / leaning), axis=1) @ values for leaning in _LEANINGS]
    return np.array(means).T
