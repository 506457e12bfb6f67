"""CDNOW as arrays, and customers simulated from known parameters."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from evaluation.cdnow import CALIBRATION_END, Calibration, Purchase, find_dataset, read_purchases
from prediction.mbg_nbd import MBG_NBD, Params


@pytest.fixture(scope="session")
def purchases() -> list[Purchase]:
    return read_purchases(find_dataset())


@pytest.fixture(scope="session")
def cdnow(purchases: list[Purchase]) -> tuple[Calibration, np.ndarray]:
    """Calibration by hand, and the purchase days of weeks 40 to 78 of each customer."""
    days: dict[str, dict[date, float]] = {}
    for purchase in purchases:
        own = days.setdefault(purchase.customer, {})
        own[purchase.day] = own.get(purchase.day, 0.0) + float(purchase.amount)
    rows, later = [], []
    for own in days.values():
        seen = sorted(day for day in own if day <= CALIBRATION_END)
        repeats = seen[1:]
        spent = sum(own[day] for day in repeats) / len(repeats) if repeats else 0.0
        first, last = seen[0], seen[-1]
        times = (last - first).days / 7, (CALIBRATION_END - first).days / 7
        rows.append((float(len(repeats)), *times, spent))
        later.append(len(own) - len(seen))
    return Calibration(*np.array(rows).T), np.array(later, dtype=float)


def simulate(
    params: Params, customers: int, weeks: float, seed: int, youngest: float = 10.0
) -> tuple[np.ndarray, ...]:
    """x, t_x and T of customers who live by the model; they came `weeks` to `youngest` ago."""
    generator = np.random.default_rng(seed)
    rate = generator.gamma(params.r, 1 / params.alpha, customers)
    leave = generator.beta(params.a, params.b, customers)
    end = generator.uniform(youngest, weeks, customers)
    x, t_x, now = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    alive = np.ones(customers, dtype=bool)
    if params.model == MBG_NBD:
        alive = generator.random(customers) >= leave
    going = np.flatnonzero(alive)
    while len(going):
        now[going] += generator.exponential(1 / rate[going])
        going = going[now[going] <= end[going]]
        x[going] += 1
        t_x[going] = now[going]
        going = going[generator.random(len(going)) >= leave[going]]
    return x, t_x, end
