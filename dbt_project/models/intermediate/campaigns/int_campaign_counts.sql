with

recipients as (
    select * from {{ ref('int_campaign_recipients') }}
),

customers as (
    select * from {{ ref('int_customers') }}
),

-- A person with two addresses counts once: as reached when one of them was. The campaign as a whole
-- has a row of its own, because a person may be in two variants.
find_outcomes as (
    select
        recipients.campaign_id,
        case
            when grouping(recipients.variant) = 1 then 'all' else recipients.variant
        end as variant,
        recipients.person_id,
        min(
            case recipients.outcome
                when 'delivered' then 1
                when 'bounced_soft' then 2
                when 'bounced_hard' then 3
                when 'dropped' then 4
                else 5
            end
        ) as outcome,
        bool_or(recipients.is_holdout) as is_holdout,
        coalesce(bool_or(recipients.has_human_open), false) as has_human_open,
        coalesce(bool_or(recipients.has_machine_open), false) as has_machine_open,
        coalesce(bool_or(recipients.has_click), false) as has_click,
        coalesce(bool_or(recipients.has_unsubscribed), false) as has_unsubscribed,
        coalesce(bool_or(recipients.has_complained), false) as has_complained
    from recipients
    left join customers on recipients.customer_key = customers.customer_key
    where not coalesce(customers.is_internal, false)
    group by grouping sets (
        (recipients.campaign_id, recipients.person_id),
        (recipients.campaign_id, recipients.variant, recipients.person_id)
    )
),

final as (
    select
        campaign_id,
        variant,
        count(*) as audience,
        count(*) filter (where is_holdout and outcome = 5) as holdout,
        count(*) filter (where outcome <= 3) as sent,
        count(*) filter (where outcome = 3) as bounced_hard,
        count(*) filter (where outcome = 2) as bounced_soft,
        count(*) filter (where outcome = 4) as dropped,
        count(*) filter (where outcome = 1) as delivered,
        count(*) filter (where has_human_open) as unique_human_open,
        count(*) filter (where has_machine_open and not has_human_open)
            as unique_machine_only_open,
        count(*) filter (where has_click) as unique_click,
        count(*) filter (where has_unsubscribed) as unsub,
        count(*) filter (where has_complained) as complaint
    from find_outcomes
    where variant is not null
    group by campaign_id, variant
)

select * from final
