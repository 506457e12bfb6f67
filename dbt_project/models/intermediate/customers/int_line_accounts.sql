with

members as (
    select * from {{ ref('stg_pos__members') }}
),

requesters as (
    select * from {{ ref('stg_support__requesters') }}
),

chat_links as (
    select * from {{ ref('stg_support__chat_links') }}
    where action = 'link_account' and occurred_date <= {{ as_of_date() }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
),

list_accounts as (
    select 'pos' as source_system, member_id_hash as source_id, line_user_id_hash from members
    union
    select 'pos', member_id_hash, line_user_id_hash from chat_links
    union
    select 'support', requester_id_hash, line_user_id_hash from requesters
),

final as (
    select distinct
        list_accounts.line_user_id_hash,
        identity_links.customer_key
    from list_accounts
    inner join identity_links
        on
            list_accounts.source_system = identity_links.source_system
            and list_accounts.source_id = identity_links.source_id
    where list_accounts.line_user_id_hash is not null
)

select * from final
