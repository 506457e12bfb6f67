"""How well a fit of the past would have told the present: by segment, decile and repeats."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from prediction.expected import expected_purchases
from prediction.fit import ALL, DAYS_A_WEEK, Fit, Histories
from prediction.optimise import Array

HORIZON_DAYS = 180
DECILES = 10
_REPEATS = (("0", 0, 0), ("1", 1, 1), ("2", 2, 2), ("3-5", 3, 5), ("6+", 6, np.inf))

Row = dict[str, object]


@dataclass(frozen=True)
class Outcome:
    """What came after, a row for each of the histories: customers of a row did the same.

    `orders` is the purchase days of each customer in the horizon, `sales` the money of all.
    """

    orders: Array
    sales: Array


def predict(histories: Histories, fits: dict[str, Fit], names: list[str]) -> tuple[Array, Array]:
    """Expected purchase days of each customer of a row, and money expected of all of them."""
    orders, sales = np.zeros(len(histories.x)), np.zeros(len(histories.x))
    for number, name in enumerate(names):
        kept = histories.segment == number
        rows, fit = histories.of(number), fits[name]
        own = expected_purchases(
            fit.purchases,
            rows.x,
            rows.days_to_last / DAYS_A_WEEK,
            rows.days_observed / DAYS_A_WEEK,
            HORIZON_DAYS / DAYS_A_WEEK,
        )
        s = fit.spend
        money = s.p * (s.gamma * rows.weight + rows.repeat_sales) / (s.p * rows.x + s.q - 1)
        orders[kept], sales[kept] = own, own * money
    return orders, sales


def judge(
    histories: Histories, outcome: Outcome, fits: dict[str, Fit], names: list[str]
) -> list[Row]:
    """Rows of `prediction.model_backtest` without dates: all customers, then each segment."""
    orders, sales = predict(histories, fits, names)
    rows = list(_of_segment(ALL, histories, outcome, orders, sales))
    for number, name in enumerate(names):
        kept = histories.segment == number
        if kept.any():
            part = Outcome(outcome.orders[kept], outcome.sales[kept])
            rows += _of_segment(name, histories.of(number), part, orders[kept], sales[kept])
    return rows


def deciles(predicted: Array, weight: Array) -> NDArray[np.int64]:
    """Decile of each row, 1 the least predicted; equal predictions share one."""
    values, index = np.unique(predicted, return_inverse=True)
    of_value = np.bincount(index.ravel(), weights=weight, minlength=len(values))
    middle = np.cumsum(of_value) - of_value / 2
    tenth = np.floor(DECILES * middle / of_value.sum()).astype(np.int64) + 1
    return np.minimum(tenth, DECILES)[index.ravel()]


def _of_segment(
    name: str, histories: Histories, outcome: Outcome, orders: Array, sales: Array
) -> Iterator[Row]:
    # Rounded, so that the last digit of a function decides no decile.
    tenth = deciles(np.round(orders, 9), histories.weight)
    buckets = [(ALL, ALL, np.ones(len(orders), dtype=bool))]
    buckets += [("decile", str(n), tenth == n) for n in range(1, DECILES + 1)]
    buckets += [
        ("repeats", label, (histories.x >= low) & (histories.x <= high))
        for label, low, high in _REPEATS
    ]
    for kind, bucket, kept in buckets:
        if kept.any():
            yield {"segment": name, "bucket_type": kind, "bucket": bucket} | _measure(
                histories, outcome, orders, sales, kept
            )


def _measure(
    histories: Histories, outcome: Outcome, orders: Array, sales: Array, kept: NDArray[np.bool_]
) -> Row:
    weight, actual, predicted = histories.weight[kept], outcome.orders[kept], orders[kept]
    observed = histories.days_observed[kept]
    naive = histories.x[kept] / np.where(observed > 0, observed, 1.0) * HORIZON_DAYS
    customers, error = weight.sum(), predicted - actual
    bought, expected = (weight * actual).sum(), (weight * predicted).sum()
    return {
        "customers": int(customers),
        "actual_orders": round(float(bought)),
        "predicted_orders": _number(expected),
        "actual_to_predicted": _number(bought / expected) if expected > 0 else None,
        "mae": _number((weight * np.abs(error)).sum() / customers),
        "rmse": _number(np.sqrt((weight * error * error).sum() / customers)),
        "bias": _number((weight * error).sum() / customers),
        "naive_orders": _number((weight * naive).sum()),
        "naive_mae": _number((weight * np.abs(naive - actual)).sum() / customers),
        "actual_net_sales": _number(outcome.sales[kept].sum()),
        "predicted_net_sales": _number(sales[kept].sum()),
    }


def _number(value: float) -> float:
    return round(float(value), 9)
