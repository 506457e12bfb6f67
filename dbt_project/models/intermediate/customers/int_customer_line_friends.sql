with

chat_links as (
    select * from {{ ref('stg_support__chat_links') }}
    where occurred_date <= {{ as_of_date() }}
),

line_accounts as (
    select * from {{ ref('int_line_accounts') }}
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

final as (
    select
        line_accounts.customer_key,
        bool_or(find_last_actions.is_friend) as is_line_friend
    from line_accounts
    inner join find_last_actions
        on line_accounts.line_user_id_hash = find_last_actions.line_user_id_hash
    group by line_accounts.customer_key
)

select * from final
