"""What the campaigns really did, for the evaluation: no part of the pipeline reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from demo.calendar import dates_of
from demo.campaign_plan import CampaignPlan
from demo.campaigns import WINDOW

if TYPE_CHECKING:
    from demo.purchases import Visits
    from demo.world import World


def campaign_lifts(world: World) -> pa.Table:
    """One row a campaign of the horizon: what it planted.

    `extra_visits` is the probability with which a treated person makes one more purchase in the
    WINDOW days that begin with `sent_on`. `lift` is what this adds to the probability of any
    purchase in those days, that is extra_visits x (1 - share of the treated who buy then anyway):
    what treated minus held-out people estimate. `lift_identified` is the same of purchases that
    name a member, all that a warehouse can see. Each is 0 in an A/A campaign. `n_extra_visits` is
    how many were planted.
    """
    plan, visits = world.plan, world.visits
    planted, is_identified = plan.campaigns.lift, visits.member >= 0
    share_identified = is_identified[visits.campaign >= 0].mean()
    anyway = _buys_anyway(plan, visits, visits.person >= 0)
    anyway_identified = _buys_anyway(plan, visits, is_identified)
    return pa.table(
        {
            "campaign_id": pa.array(plan.campaigns.campaign_id),
            "sent_on": pa.array(dates_of(plan.campaigns.send_day)),
            "channel": pa.array(plan.campaigns.channel.tolist()),
            "is_aa": pa.array(plan.campaigns.is_aa),
            "lift": pa.array(planted * (1 - anyway)),
            "lift_identified": pa.array(planted * share_identified * (1 - anyway_identified)),
            "extra_visits": pa.array(planted),
            "n_treated": pa.array(plan.treated),
            "n_held_out": pa.array(plan.held_out),
            "n_extra_visits": pa.array(
                np.bincount(plan.extra_visits().campaign, minlength=len(planted))
            ),
        }
    )


def _buys_anyway(
    plan: CampaignPlan, visits: Visits, counts: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Share of each campaign's treated people with a visit in its window that it did not plant, of
    the visits that count."""
    share = np.zeros(len(plan.campaigns))
    for number in np.flatnonzero(plan.treated):
        send_day, rows = int(plan.campaigns.send_day[number]), plan.audiences.rows_of(number)
        treated = np.unique(plan.audiences.person[rows][~plan.audiences.is_holdout[rows]])
        first, last = np.searchsorted(visits.day, (send_day, send_day + WINDOW))
        others = counts[first:last] & (visits.campaign[first:last] != number)
        buys = np.zeros(plan.population.n, dtype=bool)
        buys[visits.person[first:last][others]] = True
        share[number] = buys[treated].mean()
    return share
