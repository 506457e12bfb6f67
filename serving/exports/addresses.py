"""The one address by which a person is reached on a channel, and who has none.

Each channel's query gives a row a person with an address that may be used: `address_id`, equal for
equal addresses, and the columns of the file. It reads the temporary tables of `consent_now`.
"""

from __future__ import annotations

from dataclasses import dataclass

from identity.plain_records import winning_plain_rows
from ingestion.engine import literal
from serving.exports.consent_now import LINKS, is_last
from serving.exports.list_request import ListRequest

COLUMNS = {
    "email": ("email", "name", "subscriber_id", "customer_key"),
    "line": ("line_user_id", "customer_key"),
    "sms": ("phone", "name", "member_id", "customer_key"),
    "post": ("postal_code", "prefecture", "city", "address", "name", "member_id", "customer_key"),
}
"""Columns of a file, by channel."""
VERBATIM = {"email", "line_user_id", "phone"}
"""Columns that a sending tool takes as they are."""
_SAID_NO_LAST = is_last("greatest(withdrawn_at, unsubscribed_at, complained_at)")


@dataclass(frozen=True)
class Reach:
    """SQL by which a channel's refusals and addresses are found.

    `obstacle` is the reason by which a customer is refused, or NULL, from `opinions` and `reached`.
    """

    obstacle: str
    addresses: str


def reach(request: ListRequest) -> Reach:
    """How people are reached on the request's channel."""
    if request.channel == "email":
        return Reach(_email_obstacle(), _emails())
    if request.channel == "line":
        return Reach(_line_obstacle(request), _line_accounts(request))
    addresses = _phones(request) if request.channel == "sms" else _postal_addresses(request)
    return Reach(_GRANT_NEEDED, addresses)


_SAID_NO = """
when opinions.has_complained then 'complained'
when opinions.has_unsubscribed then 'unsubscribed'"""
_NO_GRANT = """
when opinions.customer_key is null or not opinions.has_granted or opinions.has_withdrawn
then 'no_consent'"""
_GRANT_NEEDED = f"case {_NO_GRANT} {_SAID_NO} end"
_NAME = "coalesce(plain.name, nullif(concat_ws(' ', plain.family_name, plain.given_name), ''))"
_MEMBER = ("member_id", "name", "family_name", "given_name", "updated_at", "left_at")


def _email_obstacle() -> str:
    return f"""case {_NO_GRANT} {_SAID_NO}
when not exists (
    from addresses where addresses.customer_key = opinions.customer_key and has_address
) then 'no_address'
when not exists (
    from addresses
    where addresses.customer_key = opinions.customer_key and has_address and not is_bounced
) then 'hard_bounce' end"""


def _emails() -> str:
    """The address with the newest consent; of equals the one verified, then changed, last.

    Left out: addresses that bounce, that the mart of addresses suppresses, and those on which
    anybody who has them said no after the last yes.
    """
    return f"""
with opted_out as (
    select address_id from addresses group by address_id
    having {_SAID_NO_LAST}
),
usable as (
    select addresses.* from addresses
    left join intermediate.int_email_addresses as suppressed using (subscriber_id_hash)
    where addresses.status = 'subscribed' and addresses.has_address and not addresses.is_bounced
    and suppressed.suppression_reason is null
    and addresses.address_id not in (select address_id from opted_out)
    qualify row_number() over (
        partition by addresses.customer_key
        order by
            addresses.granted_at desc nulls last, addresses.email_verified_at desc nulls last,
            addresses.updated_at desc nulls last, addresses.subscriber_id_hash
    ) = 1
)
select usable.customer_key, usable.address_id, plain.email, plain.name, usable.subscriber_id
from usable
join {winning_plain_rows("email", ("email", "name"))} as plain
on usable.subscriber_id_hash = plain.source_id"""


def _line_obstacle(request: ListRequest) -> str:
    """Following the account is a consent to marketing; any other purpose asks for a grant."""
    if request.purpose != request.marketing_purpose:
        return _GRANT_NEEDED
    return f"case when opinions.has_withdrawn then 'no_consent' {_SAID_NO} end"


def _opted_out(holders: str) -> str:
    """SQL: the values on which anybody who has them said no after the last yes.

    `holders` is a relation with the columns source_system, source_id and address_id.
    """
    return f"""
select holders.address_id from {holders} as holders
join {LINKS} as links using (source_system, source_id)
join addresses on addresses.customer_key = links.customer_key
where holders.address_id is not null
group by holders.address_id having {_SAID_NO_LAST}"""


def _line_accounts(request: ListRequest) -> str:
    """The account that was followed last and is followed still, and nobody who has it said no."""
    return f"""
with accounts as (
    select 'pos' as source_system, member_id_hash as source_id, line_user_id_hash as address_id
    from staging.stg_pos__members
    union
    select 'pos', member_id_hash, line_user_id_hash from staging.stg_support__chat_links
    where action = 'link_account'
    union
    select 'support', requester_id_hash, line_user_id_hash from staging.stg_support__requesters
),
last_actions as (
    select * from staging.stg_support__chat_links
    where action in ('follow', 'block')
    qualify row_number() over (
        partition by line_user_id_hash order by occurred_at desc nulls last, link_id desc
    ) = 1
),
plain as (
    select raw.line_user_id_hash, min(plain.line_user_id) as line_user_id
    from raw_support.chat_links as raw
    join pii.support_chat_links as plain
    on plain.link_id = raw.link_id and plain._load_id = raw._load_id
    and plain._file = raw._file and plain._line = raw._line
    group by raw.line_user_id_hash
),
opted_out as ({_opted_out("accounts")})
select links.customer_key, accounts.address_id, plain.line_user_id
from accounts
join {LINKS} as links
on links.source_system = accounts.source_system and links.source_id = accounts.source_id
join last_actions
on last_actions.line_user_id_hash = accounts.address_id
and last_actions.action = 'follow'
join plain on plain.line_user_id_hash = accounts.address_id
where accounts.address_id not in (select address_id from opted_out)
qualify row_number() over (
    partition by links.customer_key
    order by last_actions.occurred_at desc nulls last, accounts.address_id
) = 1"""


def _phones(request: ListRequest) -> str:
    """The telephone of the membership that changed last; whether it is a mobile is seen later.

    Left out: telephones on which anybody who has them said no.
    """
    holders = """(
        select 'pos' as source_system, member_id_hash as source_id, phone_key as address_id
        from staging.stg_pos__members
        union all
        select 'support', requester_id_hash, phone_key from staging.stg_support__requesters
    )"""
    return _of_members(
        request,
        ("phone",),
        f"plain.phone as address_id, plain.phone, {_NAME} as name, plain.member_id",
        f"""plain.phone is not null and plain.source_id not in (
            select member_id_hash from staging.stg_pos__members
            where phone_key in ({_opted_out(holders)})
        )""",
    )


def _postal_addresses(request: ListRequest) -> str:
    """The address of the membership that changed last. Several people may live at one address."""
    columns = ("postal_code", "prefecture", "city", "address")
    return _of_members(
        request,
        columns,
        f"customer_key as address_id, {', '.join(f'plain.{column}' for column in columns)}, "
        f"{_NAME} as name, plain.member_id",
        "plain.address is not null",
    )


def _of_members(request: ListRequest, columns: tuple[str, ...], chosen: str, usable: str) -> str:
    """The newest record of a membership that goes on."""
    return f"""
select links.customer_key, {chosen}
from {winning_plain_rows("pos", (*_MEMBER, *columns))} as plain
join {LINKS} as links on links.source_system = 'pos' and links.source_id = plain.source_id
where {usable} and coalesce(cast(plain.left_at as timestamp) > {literal(request.now)}, true)
qualify row_number() over (
    partition by links.customer_key
    order by cast(plain.updated_at as timestamp) desc nulls last, plain.source_id
) = 1"""
