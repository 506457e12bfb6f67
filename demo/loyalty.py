"""What a visit owes to earlier ones: points in hand, the club's years, coupons.

Arrays are over visits in their order (by day), as `demo.purchases.Visits` has them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from demo.calendar import BASE_DAYS
from demo.campaign_plan import CampaignPlan
from demo.population import Population
from demo.streams import Draws

_POINTS_USED, _POINTS_PER_YEN = 0.09, 0.6 / 200
"""Share of the visits on which points are used, and points in hand by yen spent since: less than
was earned, because a basket may cost less than aimed at."""
_CLUB_SHARE, _CLUB_RENEWAL, _CLUB_DAYS = 0.06, 0.7, 365
"""Share of the people who like the club, of its members who renew, and days of a membership."""


def points_in_hand(
    seed: int, person: NDArray[np.int32], member: NDArray[np.int32], spend: NDArray[np.float32]
) -> NDArray[np.int16]:
    """Points that each visit would use: what earlier visits brought since points were used last."""
    points = np.zeros(len(person), dtype=np.int16)
    shown = np.flatnonzero(member >= 0)
    order = shown[np.argsort(person[shown], kind="stable")]
    if not len(order):
        return points
    uses = Draws(seed).chance("uses points", order, _POINTS_USED)
    people = person[order]
    is_first = np.r_[True, people[1:] != people[:-1]]
    before = np.r_[0.0, np.cumsum(spend[order], dtype=np.float64)[:-1]]
    # A new count begins with a person's first visit and with every use of points.
    begins = np.where(is_first | np.r_[False, uses[:-1]], np.arange(len(order)), 0)
    since = before - before[np.maximum.accumulate(begins)]
    # What the visit of the last use itself brought is in hand as well, and left as a reserve.
    in_hand = np.minimum(np.floor(since * _POINTS_PER_YEN), 20_000)
    points[order] = np.where(uses, in_hand, 0)
    return points


def club_years(
    population: Population,
    person: NDArray[np.int32],
    member: NDArray[np.int32],
    day: NDArray[np.int16],
) -> NDArray[np.bool_]:
    """Visits that buy a year of the club: the first one of each year since the person became fond
    of it, as long as the person goes on."""
    draws, joins = Draws(population.seed), np.zeros(len(person), dtype=bool)
    is_fond = draws.chance("club", np.arange(population.n), _CLUB_SHARE) & ~population.is_company
    shown = np.flatnonzero((member >= 0) & is_fond[person])
    order = shown[np.argsort(person[shown], kind="stable")]
    since = draws.integers("club from", person[order], BASE_DAYS)
    year = (day[order] - since) // _CLUB_DAYS
    keys = person[order].astype(np.int64) * 16 + np.maximum(year, -1) + 1
    is_first = np.r_[True, keys[1:] != keys[:-1]][: len(order)]
    goes_on = draws.uniform("club renewed", person[order]) < _CLUB_RENEWAL ** np.maximum(year, 0)
    joins[order] = is_first & (year >= 0) & goes_on
    return joins


def coupons_redeemed(
    plan: CampaignPlan,
    person: NDArray[np.int32],
    member: NDArray[np.int32],
    day: NDArray[np.int16],
    campaign: NDArray[np.int16],
) -> NDArray[np.int16]:
    """The coupon redeemed on each visit of someone who shows a card, as a campaign, else -1."""
    coupon = np.full(len(person), -1, dtype=np.int16)
    known = np.flatnonzero(member >= 0)
    coupon[known] = plan.redeemed_coupons(person[known], day[known], campaign[known])
    return coupon
