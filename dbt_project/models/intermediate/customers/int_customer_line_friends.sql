with

chat_links as (
    select * from {{ ref('stg_support__chat_links') }}
    where occurred_date <= {{ as_of_date() }}
),

members as (
    select * from {{ ref('stg_pos__members') }}
),

requesters as (
    select * from {{ ref('stg_support__requesters') }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
),

-- Who follows or blocks the shop's account now.
find_last_actions as (
    select
        line_user_id_hash,
        action = 'follow' as is_friend
    from chat_links
    where action in ('follow', 'block')
    qualify row_number() over (
        partition by line_user_id_hash
        order by occurred_at desc nulls last, link_id desc nulls last
    ) = 1
),

list_accounts as (
    select 'pos' as source_system, member_id_hash as source_id, line_user_id_hash from members
    union
    select 'pos', member_id_hash, line_user_id_hash
    from chat_links
    where action = 'link_account'
    union
    select 'support', requester_id_hash, line_user_id_hash from requesters
),

final as (
    select
        identity_links.customer_key,
        bool_or(find_last_actions.is_friend) as is_line_friend
    from list_accounts
    inner join identity_links
        on
            list_accounts.source_system = identity_links.source_system
            and list_accounts.source_id = identity_links.source_id
    inner join find_last_actions
        on list_accounts.line_user_id_hash = find_last_actions.line_user_id_hash
    group by identity_links.customer_key
)

select * from final
