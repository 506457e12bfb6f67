"""What people said about being written to, by all that is loaded: later than the as-of date too.

The marts stop at the as-of date. Who said no since then has said no. An opt-out of a person counts
for all their addresses until a later consent, and one for an address for everybody who has it.
"""

from __future__ import annotations

from ingestion.engine import literal
from serving.exports.list_request import CONSENT_CHANNEL, ListRequest

LINKS = "intermediate.int_customer_identity"


def people(request: ListRequest) -> str:
    """SQL of temporary tables: `acts`, `addresses`, `opinions`, `held_out`, `internal`."""
    channel = literal(CONSENT_CHANNEL[request.channel])
    return f"""
create temp table acts as {_acts(request, channel)};
create temp table addresses as {_addresses(request, channel)};
create temp table opinions as {_opinions()};
create temp table held_out as {_held_out(request)};
create temp table internal as
select distinct links.customer_key from staging.stg_pos__members as members
join {LINKS} as links on links.source_system = 'pos' and links.source_id = members.member_id_hash
where members.is_internal;
"""


def _acts(request: ListRequest, channel: str) -> str:
    """One row an act of consent on the channel for the purpose, by mail tool's record."""
    purpose = literal(request.purpose)
    subscription = f"""
union all
select subscriber_id_hash, true, consented_at from staging.stg_email__subscribers
where consented_at is not null and {channel} = 'email'
and {purpose} = {literal(request.marketing_purpose)}"""
    return f"""
select subscriber_id_hash, action = 'granted' as is_grant, occurred_at
from staging.stg_email__consents
where purpose = {purpose} and channel = {channel} {subscription}"""


def _addresses(request: ListRequest, channel: str) -> str:
    """One row a record of the mail tool: when it last said yes and no on the channel.

    `address_id` is equal for equal addresses; by it, an opt-out counts for whoever shares one.
    """
    is_email = request.channel == "email"
    status = "status" if is_email else "'subscribed'"
    return f"""
with events as (
    select
        events.subscriber_id_hash,
        max(occurred_at) filter (where event_type = 'unsubscribe') as unsubscribed_at,
        max(occurred_at) filter (where event_type = 'complaint') as complained_at,
        max(occurred_at) filter (where event_type = 'bounce_hard') as bounced_at
    from staging.stg_email__events as events
    left join staging.stg_email__campaigns as campaigns using (campaign_id)
    where coalesce(campaigns.channel, 'email') = {channel}
    group by events.subscriber_id_hash
),
said as (
    select
        subscriber_id_hash,
        max(occurred_at) filter (where is_grant) as granted_at,
        max(occurred_at) filter (where not is_grant) as withdrawn_at
    from acts group by subscriber_id_hash
)
select
    links.customer_key,
    links.source_id as subscriber_id_hash,
    subscribers.subscriber_id,
    coalesce(cast(subscribers.email_key as varchar), subscribers.email_hash, links.source_id)
        as address_id,
    {status} as status,
    subscribers.email_hash is not null as has_address,
    subscribers.updated_at,
    subscribers.email_verified_at,
    said.granted_at,
    said.withdrawn_at,
    greatest(
        events.unsubscribed_at, case when {status} = 'unsubscribed' then subscribers.updated_at end
    ) as unsubscribed_at,
    greatest(
        events.complained_at, case when {status} = 'complained' then subscribers.updated_at end
    ) as complained_at,
    coalesce({status} = 'bounced', false)
    or (
        events.bounced_at is not null
        and not coalesce(subscribers.email_verified_at > events.bounced_at, false)
    ) as is_bounced
from {LINKS} as links
left join staging.stg_email__subscribers as subscribers
on links.source_id = subscribers.subscriber_id_hash
left join events on links.source_id = events.subscriber_id_hash
left join said on links.source_id = said.subscriber_id_hash
where links.source_system = 'email'"""


def _opinions() -> str:
    """One row a customer with a record of the mail tool: what they said last, on any of them.

    Of a yes and a no at one instant, the no stands.
    """
    return f"""
select
    customer_key,
    max(granted_at) is not null as has_granted,
    {is_last("withdrawn_at")} as has_withdrawn,
    {is_last("unsubscribed_at")} as has_unsubscribed,
    {is_last("complained_at")} as has_complained
from addresses group by customer_key"""


def is_last(refused_at: str) -> str:
    """SQL: whether the last refusal of a group of addresses was not followed by a grant."""
    return (
        f"(max({refused_at}) is not null and coalesce(max({refused_at}) >= max(granted_at), true))"
    )


def _held_out(request: ListRequest) -> str:
    """Customers held out of a campaign that was not sent yet, or whose effect is still measured."""
    return f"""
with starts as (
    select
        campaign_id,
        coalesce(min(sent_at), min(scheduled_at)) as started_at
    from (
        select campaign_id, sent_at, scheduled_at from staging.stg_email__campaigns
        union all
        select campaign_id, sent_at, null from staging.stg_email__contacts
    ) as told
    group by campaign_id
)
select distinct links.customer_key
from staging.stg_email__contacts as contacts
join starts using (campaign_id)
join {LINKS} as links
on (links.source_system = 'email' and links.source_id = contacts.subscriber_id_hash)
or (links.source_system = 'pos' and links.source_id = contacts.member_id_hash)
where contacts.is_holdout
and (
    contacts.campaign_id = {literal(request.campaign_id)}
    or starts.started_at is null
    or starts.started_at + to_days({request.effect_weeks * 7:d}) > {literal(request.now)}
)"""
