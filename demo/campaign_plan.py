"""Who is in the audience of each campaign, who was held out, and what the campaigns plant.

An audience is drawn from the subscribers who can be addressed on the day of the send. Arms and
planted purchases belong to the person behind a subscription, so two subscriptions of one person are
always in the same arm. Nothing here depends on what people buy by themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demo.audiences import STAYS, Audiences, draw_audiences, pair_ids
from demo.campaigns import Campaigns, make_campaigns
from demo.population import Population
from demo.streams import Draws

STATUSES = ("subscribed", "bounced", "unsubscribed", "complained")
"""Statuses of a subscription, in the order of what a message makes of it."""
_DAYS_TO_VISIT = (0.4, 0.3, 0.18, 0.12)
"""Shares of the planted purchases 1, 2, ... days after the send: after it, within 120 hours."""
REDEEMS_WHEN_LIFTED = 0.85
REDEEMS_ANYWAY = 0.12
"""Share of the holders who use their coupon on a purchase that they make all the same."""


class ExtraVisits(NamedTuple):
    """One row a planted purchase, by day, campaign, person: arrays int32, int16, int16."""

    person: NDArray[np.int32]
    day: NDArray[np.int16]
    campaign: NDArray[np.int16]


class SubscriberChanges(NamedTuple):
    """One row a subscription that ended, by day, second, subscriber; `second` is of the day."""

    subscriber: NDArray[np.int32]
    day: NDArray[np.int16]
    status: NDArray[np.str_]
    second: NDArray[np.int32]


@dataclass(frozen=True)
class CampaignPlan:
    """Campaigns, their audiences and what follows; `audiences` has one row a contact."""

    population: Population
    campaigns: Campaigns
    audiences: Audiences

    @cached_property
    def treated(self) -> NDArray[np.int64]:
        """People sent to, per campaign."""
        return self._people_of(~self.audiences.is_holdout)

    @cached_property
    def held_out(self) -> NDArray[np.int64]:
        """People held out, per campaign."""
        return self._people_of(self.audiences.is_holdout)

    def _people_of(self, rows: NDArray[np.bool_]) -> NDArray[np.int64]:
        campaign, _ = _unique_pairs(self.audiences.campaign[rows], self.audiences.person[rows])
        return np.bincount(campaign, minlength=len(self.campaigns))

    @cached_property
    def _extra(self) -> ExtraVisits:
        sent = ~self.audiences.is_holdout
        campaign, person = _unique_pairs(self.audiences.campaign[sent], self.audiences.person[sent])
        draws, ids = Draws(self.population.seed), pair_ids(campaign, person)
        lifted = draws.chance("campaign lift", ids, self.campaigns.lift[campaign])
        campaign, person, ids = campaign[lifted], person[lifted], ids[lifted]
        wait = 1 + draws.choice("days to planted visit", ids, _DAYS_TO_VISIT)
        day = self.campaigns.send_day[campaign] + wait
        order = np.lexsort((person, campaign, day))
        return ExtraVisits(
            person[order].astype(np.int32),
            day[order].astype(np.int16),
            campaign[order].astype(np.int16),
        )

    def extra_visits(self) -> ExtraVisits:
        """Planted purchases of the horizon, at most one a person and campaign."""
        return self._extra

    @cached_property
    def is_lifted(self) -> NDArray[np.bool_]:
        """Of each contact: whether its person makes the campaign's planted purchase."""
        planted = pair_ids(self._extra.campaign, self._extra.person)
        return np.isin(pair_ids(self.audiences.campaign, self.audiences.person), planted)

    def subscriber_changes(self) -> SubscriberChanges:
        """How subscriptions end: at most one change a subscription, and for good."""
        rows = np.flatnonzero(self.audiences.leaves != STAYS)
        leaves, day = self.audiences.leaves[rows], self.audiences.leaving_day[rows]
        second, subscriber = self.audiences.leaving_second[rows], self.audiences.subscriber[rows]
        order = np.lexsort((subscriber, second, day))
        return SubscriberChanges(
            subscriber[order], day[order], np.array(STATUSES)[leaves[order]], second[order]
        )

    def coupon_holders(self, campaign: int) -> NDArray[np.int32]:
        """Member records (indexes) that hold the campaign's coupon, sorted; one a person."""
        rows = self.audiences.rows_of(campaign)
        given = (self.audiences.member[rows] >= 0) & ~self.audiences.is_holdout[rows]
        return np.unique(self.audiences.member[rows][given])

    def redeemed_coupons(
        self, person: NDArray[np.int32], day: NDArray[np.int16], campaign: NDArray[np.int16]
    ) -> NDArray[np.int16]:
        """The coupon redeemed on each visit: the index of its campaign, or -1.

        `campaign` is the one that planted the visit, or -1. A coupon is redeemed once a person, on
        the first fitting visit after the day of issue and before it expires.

        Raises:
            ValueError: the visits are not sorted by day.
        """
        if np.any(np.diff(day) < 0):
            raise ValueError("visits must be sorted by day")
        redeemed = np.full(len(person), -1, dtype=np.int16)
        for number in np.flatnonzero(self.campaigns.coupon_yen):
            send_day = int(self.campaigns.send_day[number])
            last_day = send_day + int(self.campaigns.coupon_days[number])
            first, last = np.searchsorted(day, (send_day + 1, last_day + 1))
            span = slice(int(first), int(last))
            uses = self._uses_coupon(number, person[span], campaign[span], redeemed[span])
            redeemed[span][uses] = number
        return redeemed

    def _uses_coupon(
        self,
        number: int,
        person: NDArray[np.int32],
        campaign: NDArray[np.int16],
        redeemed: NDArray[np.int16],
    ) -> NDArray[np.int64]:
        """Indexes of the visits on which the coupon of campaign `number` is used."""
        holds = np.zeros(self.population.n, dtype=bool)
        holds[self.population.members.person[self.coupon_holders(number)]] = True
        draws = Draws(self.population.seed)
        share = np.where(campaign == number, REDEEMS_WHEN_LIFTED, REDEEMS_ANYWAY)
        may = holds[person] & (redeemed < 0)
        may &= draws.chance("coupon redeemed", pair_ids(number, person), share)
        visits = np.flatnonzero(may)
        return visits[np.unique(person[visits], return_index=True)[1]]


def plan(population: Population) -> CampaignPlan:
    """All campaigns of the horizon with their audiences."""
    campaigns = make_campaigns(population.seed)
    return CampaignPlan(population, campaigns, draw_audiences(population, campaigns))


def _unique_pairs(
    campaign: NDArray[np.int16], person: NDArray[np.int32]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Distinct pairs: someone with two subscriptions is one person."""
    # By sorting: numpy's own unique() hashes, which takes a hundred times as long for such ids.
    ids = np.sort(pair_ids(campaign, person))
    ids = ids[np.diff(ids, prepend=-1) > 0]
    return ids >> 32, ids & 0xFFFFFFFF
