with

chat_links as (
    select * from {{ ref('stg_support__chat_links') }}
    where action in ('follow', 'block') and occurred_date <= {{ as_of_date() }}
),

line_accounts as (
    select * from {{ ref('int_line_accounts') }}
),

-- An account that two customers name, parted by hand perhaps, is told of once.
find_owners as (
    select
        line_user_id_hash,
        min(customer_key) as customer_key
    from line_accounts
    group by line_user_id_hash
),

final as (
    select
        chat_links.link_id,
        find_owners.customer_key,
        chat_links.action,
        chat_links.occurred_at,
        chat_links.occurred_date
    from chat_links
    inner join find_owners on chat_links.line_user_id_hash = find_owners.line_user_id_hash
)

select * from final
