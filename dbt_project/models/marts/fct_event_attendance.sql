with

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

attendances as (
    select * from {{ ref('int_event_attendances') }}
),

recipients as (
    select * from {{ ref('int_campaign_recipients') }}
),

customers as (
    select * from {{ ref('int_customers') }}
),

orders as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying and customer_key is not null
),

sum_campaigns as (
    select
        campaign_id,
        max(occurred_at) filter (where action = 'attended') as last_attended_at
    from attendances
    group by campaign_id
),

-- Campaigns of channel event, and others that somebody came to an event of.
events as (
    select
        campaigns.campaign_id,
        {{ add_hours('sum_campaigns.last_attended_at', var('attribution_hours_event')) }}
        < {{ as_of_end() }} as is_over
    from campaigns
    left join sum_campaigns on campaigns.campaign_id = sum_campaigns.campaign_id
    where campaigns.channel = 'event' or sum_campaigns.campaign_id is not null
),

sum_invitations as (
    select
        recipients.campaign_id,
        recipients.person_id,
        max(recipients.customer_key) as customer_key,
        bool_or(recipients.outcome = 'delivered') as was_invited,
        bool_or(recipients.is_holdout) as is_holdout
    from recipients
    inner join events on recipients.campaign_id = events.campaign_id
    group by recipients.campaign_id, recipients.person_id
),

find_stores as (
    select campaign_id, person_id, store_id
    from attendances
    where store_id is not null
    qualify row_number() over (
        partition by campaign_id, person_id
        order by
            case action when 'attended' then 1 when 'registered' then 2 else 3 end asc nulls last,
            occurred_at asc nulls last,
            attendance_id asc nulls last
    ) = 1
),

sum_attendances as (
    select
        campaign_id,
        person_id,
        max(customer_key) as customer_key,
        max(occurred_at) filter (where action = 'registered') as registered_at,
        max(occurred_at) filter (where action = 'cancelled') as cancelled_at,
        min(occurred_at) filter (where action = 'attended') as attended_at
    from attendances
    group by campaign_id, person_id
),

join_people as (
    select
        coalesce(invited.campaign_id, came.campaign_id) as campaign_id,
        coalesce(invited.person_id, came.person_id) as person_id,
        coalesce(invited.customer_key, came.customer_key) as customer_key,
        coalesce(invited.was_invited, false) as was_invited,
        coalesce(invited.is_holdout and not invited.was_invited, false) as is_holdout,
        came.registered_at,
        -- Who registered again afterwards has taken the cancellation back.
        case when not coalesce(came.registered_at > came.cancelled_at, false)
            then came.cancelled_at
        end as cancelled_at,
        came.attended_at,
        {{ add_hours('came.attended_at', var('attribution_hours_event')) }} as window_ends_at
    from sum_invitations as invited
    full outer join sum_attendances as came
        on invited.campaign_id = came.campaign_id and invited.person_id = came.person_id
),

sum_orders as (
    select
        people.campaign_id,
        people.person_id,
        count(*) as orders,
        sum(orders.net_sales_order_dated) as net_sales
    from join_people as people
    inner join orders on people.customer_key = orders.customer_key
    where
        people.attended_at <= orders.closed_at
        and orders.closed_at <= people.window_ends_at
    group by people.campaign_id, people.person_id
),

complete_people as (
    select
        people.*,
        case
            when people.attended_at is not null
                then people.window_ends_at < {{ as_of_end() }}
            else coalesce(events.is_over, false)
        end as is_complete,
        people.attended_at is not null
        and people.customer_key is not null
        and people.window_ends_at < {{ as_of_end() }} as has_window
    from join_people as people
    inner join events on people.campaign_id = events.campaign_id
    left join customers on people.customer_key = customers.customer_key
    where not coalesce(customers.is_internal, false)
),

final as (
    select
        'v' || substr(md5(people.campaign_id || '|' || people.person_id), 1, 24) as attendance_key,
        people.campaign_id,
        people.customer_key,
        people.was_invited,
        people.is_holdout,
        people.registered_at,
        people.cancelled_at,
        people.attended_at,
        {{ company_date('people.attended_at') }} as attended_date,
        find_stores.store_id,
        people.is_complete,
        case
            when people.registered_at is null then cast(null as boolean)
            when people.attended_at is not null or people.cancelled_at is not null then false
            when people.is_complete then true
        end as no_show,
        case when people.has_window then sum_orders.orders is not null end as purchased,
        case when people.has_window then {{ count_or_zero('sum_orders.orders') }} end as orders,
        case when people.has_window then {{ amount_or_zero('sum_orders.net_sales') }} end
            as net_sales
    from complete_people as people
    left join find_stores
        on
            people.campaign_id = find_stores.campaign_id
            and people.person_id = find_stores.person_id
    left join sum_orders
        on
            people.campaign_id = sum_orders.campaign_id
            and people.person_id = sum_orders.person_id
)

select * from final
