with

dates as (
    select * from {{ ref('dim_date') }}
),

conversations as (
    select * from {{ ref('chatbot_conversation') }}
),

friend_changes as (
    select * from {{ ref('int_line_friend_changes') }}
),

-- A message can be older than its ticket, and so than the first date of the warehouse.
date_conversations as (
    select
        conversations.*,
        greatest(conversations.started_date, first_dates.first_date) as date_key
    from conversations
    cross join (select min(date_key) as first_date from dates) as first_dates
),

sum_conversations as (
    select
        date_key,
        case when grouping(channel) = 1 then 'all' else channel end as channel,
        count(*) as conversations,
        count(*) filter (where is_contained) as contained,
        count(*) filter (where is_handed_off) as handed_off,
        count(*) filter (where not is_resolved) as unresolved,
        count(*) filter (where lead_created) as leads,
        count(purchase_within_7d) as followed_conversations,
        count(*) filter (where purchase_within_7d) as purchases
    from date_conversations
    group by grouping sets ((date_key), (date_key, channel))
),

-- Channels that are in use: each has a row for every date.
list_channels as (
    select channel from conversations
    union
    select 'line' from friend_changes
    union
    select 'all' from conversations
    union
    select 'all' from friend_changes
),

-- Who followed before the first date of the warehouse stands on it.
sum_friend_changes as (
    select
        date_key,
        sum(new_followers) as new_followers,
        sum(new_blocks) as new_blocks,
        sum(unblocks) as unblocks
    from (
        select
            occurred_date as date_key,
            new_followers,
            new_blocks,
            unblocks
        from friend_changes
        union all
        select date_key, 0, 0, 0 from dates
        where exists (select 1 from friend_changes)
    ) as changes
    group by date_key
),

run_up_friends as (
    select
        *,
        sum(new_followers) over up_to_date as followers,
        sum(new_blocks - unblocks) over up_to_date as blocks
    from sum_friend_changes
    window
        up_to_date as (
            order by date_key asc nulls last
            rows between unbounded preceding and current row
        )
),

join_parts as (
    select
        dates.date_key,
        list_channels.channel,
        coalesce(sums.conversations, 0) as conversations,
        coalesce(sums.contained, 0) as contained,
        coalesce(sums.handed_off, 0) as handed_off,
        coalesce(sums.unresolved, 0) as unresolved,
        coalesce(sums.leads, 0) as leads,
        coalesce(sums.followed_conversations, 0) as followed_conversations,
        coalesce(sums.purchases, 0) as purchases,
        {{ add_days('dates.date_key', var('chat_purchase_days')) }} <= {{ as_of_date() }}
            as is_complete,
        friends.followers,
        friends.blocks,
        friends.new_followers,
        friends.new_blocks,
        friends.unblocks
    from dates
    cross join list_channels
    left join sum_conversations as sums
        on dates.date_key = sums.date_key and list_channels.channel = sums.channel
    left join run_up_friends as friends
        on dates.date_key = friends.date_key and list_channels.channel in ('line', 'all')
),

final as (
    select
        date_key,
        channel,
        cast(conversations as bigint) as conversations,
        cast(contained as bigint) as contained,
        cast(handed_off as bigint) as handed_off,
        cast(conversations - contained - handed_off as bigint) as still_with_bot,
        cast(unresolved as bigint) as unresolved,
        cast(contained + handed_off as bigint) as decided_conversations,
        {{ ratio('contained', 'contained + handed_off') }} as containment_rate,
        {{ ratio('handed_off', 'contained + handed_off') }} as handoff_rate,
        cast(leads as bigint) as leads,
        {{ ratio('leads', 'conversations') }} as lead_rate,
        cast(case when is_complete then followed_conversations end as bigint)
            as followed_conversations,
        cast(case when is_complete then purchases end as bigint) as purchases_within_7d,
        case when is_complete then {{ ratio('purchases', 'followed_conversations') }} end
            as conversion_rate,
        is_complete,
        cast(followers as bigint) as followers,
        cast(blocks as bigint) as blocks,
        cast(followers - blocks as bigint) as reachable,
        cast(new_followers as bigint) as new_followers,
        cast(new_blocks as bigint) as new_blocks,
        cast(unblocks as bigint) as unblocks
    from join_parts
)

select * from final
