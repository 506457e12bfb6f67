{%- set window_days = var('chat_purchase_days') %}

with

conversations as (
    select * from {{ ref('int_chat_conversations') }}
),

tickets as (
    select * from {{ ref('int_tickets') }}
    where customer_key is not null and not is_merged
),

ticket_csat as (
    select * from {{ ref('int_ticket_csat') }}
),

customers as (
    select * from {{ ref('int_customers') }}
    where not is_internal
),

orders as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying and customer_key is not null
),

find_first_tickets as (
    select ticket_id
    from tickets
    qualify row_number() over (
        partition by customer_key order by created_at asc nulls last, ticket_id asc nulls last
    ) = 1
),

find_first_orders as (
    select
        customer_key,
        min(closed_at) as first_order_at
    from orders
    group by customer_key
),

find_later_orders as (
    select
        conversations.ticket_id,
        orders.net_sales_order_dated,
        row_number() over (
            partition by orders.receipt_id
            order by conversations.started_at desc nulls last, conversations.ticket_id desc nulls last
        ) as nearest
    from conversations
    inner join orders
        on
            conversations.customer_key = orders.customer_key
            and conversations.started_at < orders.closed_at
            and {{ seconds_between('conversations.started_at', 'orders.closed_at') }}
            <= {{ window_days * 86400 }}
),

-- An order after two conversations follows both, and its sales go to the later one alone: so
-- they add up.
sum_later_orders as (
    select
        ticket_id,
        sum(net_sales_order_dated) filter (where nearest = 1) as net_sales
    from find_later_orders
    group by ticket_id
),

join_people as (
    select
        conversations.*,
        customers.customer_key is not null as is_person,
        customers.member_since,
        find_first_tickets.ticket_id is not null as is_first_ticket,
        find_first_orders.first_order_at,
        sum_later_orders.ticket_id is not null as has_later_order,
        sum_later_orders.net_sales,
        {{ add_days('conversations.started_date', window_days) }} <= {{ as_of_date() }}
            as is_complete
    from conversations
    left join customers on conversations.customer_key = customers.customer_key
    left join find_first_tickets on conversations.ticket_id = find_first_tickets.ticket_id
    left join find_first_orders on conversations.customer_key = find_first_orders.customer_key
    left join sum_later_orders on conversations.ticket_id = sum_later_orders.ticket_id
),

final as (
    select
        people.ticket_id,
        people.customer_key,
        people.channel,
        people.topic,
        people.first_intent,
        people.started_at,
        people.started_date,
        people.last_message_at,
        people.ended_at,
        cast(people.bot_messages as bigint) as bot_messages,
        cast(people.customer_messages as bigint) as customer_messages,
        cast(people.human_messages as bigint) as human_messages,
        cast(people.human_notes as bigint) as human_notes,
        people.is_resolved,
        people.is_contained,
        people.is_handed_off,
        people.handed_off_at,
        cast({{ seconds_between('people.started_at', 'people.handed_off_at') }} as bigint)
            as seconds_to_handoff,
        cast(case when people.is_handed_off then
            {{ seconds_between('people.handed_off_at', 'people.first_human_message_at') }}
        end as bigint) as seconds_to_human_answer,
        people.is_reopened_after_bot,
        ticket_csat.csat_score,
        ticket_csat.is_csat_good,
        people.is_person
        and people.is_first_ticket
        and coalesce(people.first_order_at >= people.started_at, true)
        and coalesce(people.member_since >= people.started_date, true) as lead_created,
        cast({{ window_days }} as bigint) as window_days,
        case when people.is_complete and people.is_person then people.has_later_order end
            as purchase_within_7d,
        case when people.is_complete and people.is_person then
            {{ amount_or_zero('people.net_sales') }}
        end as net_sales_within_7d,
        people.is_complete
    from join_people as people
    left join ticket_csat on people.ticket_id = ticket_csat.ticket_id
)

select * from final
