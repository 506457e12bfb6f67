with returns as (
    select member_id, count(*) as returns, sum(net_sales) as returned
    from {{ ref('fct_orders') }}
    where receipt_type = 'return'
    group by member_id
),

favourites as (
    select member_id, category_1 as favourite_category
    from {{ ref('fct_order_lines') }}
    where member_id is not null
    group by member_id, category_1
    qualify row_number() over (partition by member_id order by sum(line_amount) desc) = 1
),

mails as (
    select
        subscribers.member_id,
        count(*) filter (where events.event_type = 'open') as opens,
        count(*) filter (where events.event_type = 'click') as clicks
    from {{ ref('stg_email_events') }} as events
    inner join {{ ref('stg_subscribers') }} as subscribers using (subscriber_id)
    group by subscribers.member_id
),

tickets as (
    select requesters.member_id, count(*) as tickets, max(tickets.created_at) as last_ticket
    from {{ ref('stg_tickets') }} as tickets
    inner join {{ ref('stg_requesters') }} as requesters using (requester_id)
    group by requesters.member_id
)

select
    members.*,
    rfm.last_order,
    rfm.recency_days,
    rfm.frequency,
    rfm.monetary,
    rfm.segment,
    ltv.ltv_so_far,
    ltv.ltv_next_year,
    returns.returns,
    returns.returned,
    favourites.favourite_category,
    mails.opens,
    mails.clicks,
    tickets.tickets,
    tickets.last_ticket
from {{ ref('stg_members') }} as members
left join {{ ref('rfm') }} as rfm using (member_id)
left join {{ ref('ltv') }} as ltv using (member_id)
left join returns using (member_id)
left join favourites using (member_id)
left join mails using (member_id)
left join tickets using (member_id)
