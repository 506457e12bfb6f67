with

-- No more of the long past than the last click: the customer is looked up for what is left.
email_events as (
    select * from {{ ref('int_email_events') }}
    where
        customer_key is not null
        and (event_type = 'click' or {{ in_window('event_date', 90) }})
),

final as (
    select
        customer_key,
        count(*) filter (
            where event_type in ('delivered', 'bounce_hard', 'bounce_soft')
            and {{ in_window('event_date', 90) }}
        ) as sends_90d,
        count(*) filter (
            where event_type = 'delivered' and {{ in_window('event_date', 90) }}
        ) as delivered_90d,
        count(*) filter (where is_human_open and {{ in_window('event_date', 90) }})
            as human_opens_90d,
        count(*) filter (
            where event_type = 'click' and not is_machine and {{ in_window('event_date', 90) }}
        ) as clicks_90d,
        max(occurred_at) filter (where event_type = 'click' and not is_machine) as last_click_at
    from email_events
    group by customer_key
)

select * from final
