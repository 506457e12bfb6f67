"""Rows of the mail tool: campaigns, contacts, events, attendances; coupons that tills issued."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from demo.attendances import attendance_rows
from demo.campaign_plan import CampaignPlan
from demo.campaigns import OF_MEMBERS
from demo.columns import SECONDS_A_DAY, ids, instants, texts, within, words
from demo.mail_events import (
    EVENT_TYPES,
    LINKS,
    MACHINE,
    PROGRAMS,
    UNKNOWN,
    campaign_events,
    sent_seconds,
)
from demo.streams import Draws

if TYPE_CHECKING:
    from demo.world import World

ANNOUNCED_BEFORE = 7
"""Days from the row's first appearance in the mail tool to the send, at least."""
INVOICED_AFTER = 3
"""Days from the send until its cost is known."""
LAST_REACTION = 8
"""Days after the send in which events of a campaign become known."""


def deliver(world: World, first_day: int, last_day: int) -> Iterator[tuple[str, pa.Table]]:
    """Rows of campaigns, contacts, events, attendances and coupons that become known then."""
    plan = world.plan
    yield "email.campaigns", campaign_rows(plan, first_day, last_day)
    yield "email.contacts", contact_rows(plan, first_day, last_day)
    yield "email.events", event_rows(plan, first_day, last_day)
    yield "email.attendances", attendance_rows(world, first_day, last_day)
    yield "pos.coupons_issued", coupon_rows(plan, first_day, last_day)


def campaign_rows(plan: CampaignPlan, first_day: int, last_day: int) -> pa.Table:
    """One row a campaign that changed in those days, as it stands at their end.

    A campaign is announced, sent, invoiced; the rule for its success is set before or after.
    """
    campaigns, send_day = plan.campaigns, plan.campaigns.send_day.astype(np.int64)
    registered = send_day + campaigns.registered_after
    announced = np.minimum(send_day - ANNOUNCED_BEFORE, registered)
    has_rule = campaigns.success_metric != ""
    changes = np.stack(
        [announced, send_day, send_day + INVOICED_AFTER, np.where(has_rule, registered, announced)]
    )
    is_changed = ((changes >= first_day) & (changes <= last_day)).any(axis=0)
    planned = send_day * SECONDS_A_DAY + campaigns.send_second
    no_rule = ~has_rule | (registered > last_day)
    hour = Draws(plan.population.seed).integers("rule registered", np.arange(len(campaigns)), 480)
    metric = np.where(no_rule, "", campaigns.success_metric)
    is_not_sent = send_day > last_day
    table = pa.table(
        {
            "campaign_id": texts(campaigns.campaign_id),
            "name": texts(campaigns.name),
            "channel": texts(campaigns.channel),
            "subject": texts(campaigns.subject),
            "scheduled_at": instants(planned),
            "sent_at": instants(planned, is_not_sent),
            "cost": pa.array(
                campaigns.cost(plan.treated), mask=send_day + INVOICED_AFTER > last_day
            ),
            "success_metric": texts(metric),
            "success_threshold": pa.array(campaigns.success_threshold, mask=no_rule),
            "success_registered_at": instants(
                registered * SECONDS_A_DAY + 36_000 + hour * 60, no_rule
            ),
        }
    )
    return table.filter(pa.array(is_changed))


def contact_rows(plan: CampaignPlan, first_day: int, last_day: int) -> pa.Table:
    """One row a contact of the campaigns that were sent in those days, hold-outs included."""
    parts = [_contacts(plan, number) for number in _sent_in(plan, first_day, last_day)]
    return pa.concat_tables(parts) if parts else _contacts(plan, 0).slice(0, 0)


def _contacts(plan: CampaignPlan, number: int) -> pa.Table:
    audiences, population = plan.audiences, plan.population
    rows = audiences.rows_of(number)
    of_members = plan.campaigns.channel[number] in OF_MEMBERS
    is_holdout = audiences.is_holdout[rows]
    has_variants = plan.campaigns.channel[number] == "email"
    variant = np.where(is_holdout, -1, audiences.is_variant_b[rows] & has_variants)
    subscriber_id = population.subscribers.source_id[audiences.subscriber[rows]]
    member_id = population.members.source_id[audiences.member[rows]]
    nobody = pa.nulls(len(is_holdout), pa.string())
    return pa.table(
        {
            "campaign_id": texts([plan.campaigns.campaign_id[number]] * len(is_holdout)),
            "subscriber_id": nobody if of_members else texts(subscriber_id),
            "member_id": texts(member_id) if of_members else nobody,
            "variant": words(("A", "B"), variant),
            "is_holdout": pa.array(is_holdout),
            "sent_at": instants(sent_seconds(plan, number), is_holdout),
        }
    )


def event_rows(plan: CampaignPlan, first_day: int, last_day: int) -> pa.Table:
    """One row an event that becomes known in those days."""
    campaigns = _sent_in(plan, first_day - LAST_REACTION, last_day)
    parts = [_events(plan, number, first_day, last_day) for number in campaigns]
    return pa.concat_tables(parts) if parts else _events(plan, 0, 0, -1)


def _events(plan: CampaignPlan, number: int, first_day: int, last_day: int) -> pa.Table:
    events = campaign_events(plan, number)
    rows = within(events.known_day, first_day, last_day)
    subscriber = plan.population.subscribers.source_id[events.subscriber[rows]]
    campaign_id, machine = plan.campaigns.campaign_id[number], events.machine[rows]
    urls = [f"https://shop.example.jp/{link}?utm_campaign={campaign_id}&sid=" for link in LINKS]
    return pa.table(
        {
            "event_id": ids(f"V{campaign_id[1:]}", rows, 6),
            "event_type": words(EVENT_TYPES, events.kind[rows]),
            "occurred_at": instants(events.second[rows]),
            "subscriber_id": texts(subscriber),
            "campaign_id": texts([campaign_id] * len(rows)),
            "is_machine": pa.array(machine == MACHINE, mask=machine == UNKNOWN),
            "user_agent": words([name for name, _ in PROGRAMS], events.program[rows]),
            "url": _with_recipient(words(urls, events.link[rows]), subscriber),
        }
    )


def _with_recipient(urls: pa.Array, subscriber_id: np.ndarray) -> pa.Array:
    """Links say who clicks them, as mail tools write them; NULL stays NULL."""
    return pc.binary_join_element_wise(urls, texts(subscriber_id), "")


def coupon_rows(plan: CampaignPlan, first_day: int, last_day: int) -> pa.Table:
    """One row a coupon handed to a member in those days."""
    campaigns = plan.campaigns
    parts = [
        _coupons(plan, number)
        for number in _sent_in(plan, first_day, last_day)
        if campaigns.coupon_yen[number]
    ]
    return pa.concat_tables(parts) if parts else _coupons(plan, 0).slice(0, 0)


def _coupons(plan: CampaignPlan, number: int) -> pa.Table:
    campaigns, holders = plan.campaigns, plan.coupon_holders(number)
    day, n = int(campaigns.send_day[number]), len(holders)
    expires = (day + int(campaigns.coupon_days[number]) + 1) * SECONDS_A_DAY - 1
    issued = day * SECONDS_A_DAY + int(campaigns.send_second[number])
    return pa.table(
        {
            "coupon_code": texts([campaigns.coupon_code[number]] * n),
            "member_id": texts(plan.population.members.source_id[holders]),
            "campaign_id": texts([campaigns.campaign_id[number]] * n),
            "issued_at": instants(np.full(n, issued)),
            "expires_at": instants(np.full(n, expires)),
        }
    )


def _sent_in(plan: CampaignPlan, first_day: int, last_day: int) -> list[int]:
    return within(plan.campaigns.send_day, first_day, last_day).tolist()
