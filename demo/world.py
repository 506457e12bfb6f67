"""The world of a seed and a scale: everything that the deliveries and the truth are made from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from demo.campaign_plan import CampaignPlan, plan
from demo.catalogue import Catalogue, build_catalogue
from demo.helpdesk import HelpDesk, build_desk
from demo.identities import Identities
from demo.member_rows import MemberRows
from demo.population import Population, build_population
from demo.purchases import Visits, visits
from demo.requester_rows import RequesterRows
from demo.scale import Scale
from demo.stores import Stores, build_stores
from demo.subscriber_rows import SubscriberRows
from demo.trials import Trials, draw_trials


@dataclass(frozen=True)
class World:
    """One retailer; its parts are drawn when they are first asked for, and kept."""

    seed: int
    scale: Scale

    @cached_property
    def population(self) -> Population:
        return build_population(self.seed, self.scale)

    @cached_property
    def identities(self) -> Identities:
        return Identities(self.population)

    @cached_property
    def members(self) -> MemberRows:
        return MemberRows(self.identities)

    @cached_property
    def plan(self) -> CampaignPlan:
        return plan(self.population)

    @cached_property
    def subscribers(self) -> SubscriberRows:
        return SubscriberRows(self.members.values, self.plan)

    @cached_property
    def requesters(self) -> RequesterRows:
        return RequesterRows(self.identities)

    @cached_property
    def stores(self) -> Stores:
        return build_stores(self.seed, self.scale)

    @cached_property
    def catalogue(self) -> Catalogue:
        return build_catalogue(self.seed, self.scale)

    @cached_property
    def visits(self) -> Visits:
        return visits(self.population, self.plan)

    @cached_property
    def trials(self) -> Trials:
        return draw_trials(self)

    @cached_property
    def desk(self) -> HelpDesk:
        return build_desk(self.population)
