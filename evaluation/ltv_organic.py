"""The same models on the demo as it would be without campaigns: their own error, nothing else's.

Campaigns plant purchases among the people they reach, gone or not. The models take such a purchase
for a sign of life, rightly for all they know. Here they are fitted to the visits that no campaign
planted, by the code that the nightly job runs, with the segments that the warehouse gave.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from demo.calendar import HORIZON_DAYS
from evaluation.ltv_truth import YEAR_DAYS, Customers, Demo, Judged, customer_of_visits
from prediction.expected import expected_purchases, p_alive
from prediction.fit import DAYS_A_WEEK, Histories, Spends, fit_pooled, fit_segments

Array = NDArray[np.float64]


def without_campaigns(demo: Demo) -> Judged:
    """Customers with an organic purchase, predicted from these alone."""
    customer, histories = _histories(demo)
    of_warehouse, planted = demo.judged.customers, demo.judged.planted
    segments = of_warehouse.ltv_segment[customer]
    names = sorted(set(segments.tolist()))
    number = np.searchsorted(names, segments)
    histories = replace(histories, segment=number)
    repeats = histories.x > 0
    mean_spend = histories.repeat_sales[repeats] / histories.x[repeats]
    spends = Spends(number[repeats], histories.x[repeats], mean_spend)
    fits = fit_segments(histories, spends, fit_pooled(histories, spends), names)
    alive, expected = np.zeros((2, len(customer)))
    for n, name in enumerate(names):
        rows, mine = np.flatnonzero(number == n), histories.of(n)
        times = (mine.days_to_last / DAYS_A_WEEK, mine.days_observed / DAYS_A_WEEK)
        purchases = fits[name].purchases
        alive[rows] = p_alive(purchases, mine.x, *times)
        expected[rows] = expected_purchases(purchases, mine.x, *times, YEAR_DAYS / DAYS_A_WEEK)
    customers = Customers(
        person=of_warehouse.person[customer],
        ltv_segment=segments,
        repeats=histories.x,
        to_last=histories.days_to_last,
        observed=histories.days_observed,
        p_alive=alive,
        expected=expected,
    )
    known = {name: column[customer] for name, column in vars(planted).items()}
    known["drawn"] = known["drawn"] - known["by_campaigns"]
    known["by_campaigns"] = np.zeros(len(customer))
    return Judged(customers, replace(planted, **known), demo.judged.of_several)


def _histories(demo: Demo) -> tuple[NDArray[np.int64], Histories]:
    """Customers with organic visits up to the as-of date, and their histories, a row each."""
    visits, customer = demo.world.visits, customer_of_visits(demo.world, demo.records)
    rows = np.flatnonzero((customer >= 0) & (visits.campaign < 0) & (visits.day <= demo.as_of))
    keys = customer[rows] * HORIZON_DAYS + visits.day[rows]
    days, place = np.unique(keys, return_inverse=True)
    spend = np.bincount(place.ravel(), visits.spend[rows])
    found, begins, count = np.unique(days // HORIZON_DAYS, return_index=True, return_counts=True)
    first, last = days[begins] % HORIZON_DAYS, days[begins + count - 1] % HORIZON_DAYS
    histories = Histories(
        segment=np.zeros(len(found), dtype=np.int64),
        x=count - 1.0,
        days_to_last=(last - first).astype(float),
        days_observed=(demo.as_of - first).astype(float),
        repeat_sales=np.add.reduceat(spend, begins) - spend[begins],
        weight=np.ones(len(found)),
    )
    return found, histories
