with

-- A link of accounts says nothing about following.
actions as (
    select * from {{ ref('stg_support__chat_links') }}
    where action in ('follow', 'block') and occurred_date <= {{ as_of_date() }}
),

order_actions as (
    select
        occurred_date,
        action,
        row_number() over in_account as action_number,
        lag(action) over in_account as action_before
    from actions
    window
        in_account as (
            partition by line_user_id_hash
            order by occurred_at asc nulls last, link_id asc nulls last
        )
),

-- Nobody blocks whom he never followed: where the feed begins with the block, the follower counts
-- from then on.
final as (
    select
        occurred_date,
        count(*) filter (where action_number = 1) as new_followers,
        count(*) filter (where action = 'block' and action_before is distinct from 'block')
            as new_blocks,
        count(*) filter (where action = 'follow' and action_before = 'block') as unblocks
    from order_actions
    group by occurred_date
)

select * from final
