with

people as (
    select * from {{ ref('int_campaign_people') }}
),

final as (
    select
        campaign_id,
        variant,
        case when grouping(segment) = 1 then 'all' else segment end as segment,
        count(*) as audience,
        count(*) filter (where is_held_out and outcome = 'not_sent') as holdout,
        count(*) filter (where outcome in ('delivered', 'bounced_soft', 'bounced_hard')) as sent,
        count(*) filter (where outcome = 'bounced_hard') as bounced_hard,
        count(*) filter (where outcome = 'bounced_soft') as bounced_soft,
        count(*) filter (where outcome = 'dropped') as dropped,
        count(*) filter (where outcome = 'delivered') as delivered,
        count(*) filter (where has_human_open) as unique_human_open,
        count(*) filter (where has_machine_open and not has_human_open)
            as unique_machine_only_open,
        count(*) filter (where has_click) as unique_click,
        count(*) filter (where has_unsubscribed) as unsub,
        count(*) filter (where has_complained) as complaint
    from people
    group by grouping sets ((campaign_id, variant), (campaign_id, variant, segment))
)

select * from final
