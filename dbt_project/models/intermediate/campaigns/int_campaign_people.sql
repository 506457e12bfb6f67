{{ config(materialized='table') }}

with

recipients as (
    select * from {{ ref('int_campaign_recipients') }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

customers as (
    select * from {{ ref('int_customers') }}
),

month_ends as (
    select * from {{ ref('int_state_dates') }}
    where is_month_end
),

rfm_states as (
    select * from {{ ref('int_rfm_states') }}
    where rfm_window = 'lifetime'
),

find_month_ends as (
    select
        campaigns.campaign_id,
        max(month_ends.state_date) as state_date
    from campaigns
    left join month_ends on month_ends.state_date < campaigns.sent_date
    group by campaigns.campaign_id
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
        max(recipients.customer_key) as customer_key,
        min(
            case recipients.outcome
                when 'delivered' then 1
                when 'bounced_soft' then 2
                when 'bounced_hard' then 3
                when 'dropped' then 4
                else 5
            end
        ) as outcome_rank,
        bool_or(recipients.is_holdout) as is_held_out,
        bool_or(not recipients.is_holdout) as is_treated,
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

-- Groups as they stood at the last month end before the send: what the campaign itself brought
-- about cannot have moved anybody. Other dates of int_state_dates are not kept for long.
final as (
    select
        found.campaign_id,
        found.variant,
        found.person_id,
        found.customer_key,
        case
            when found.customer_key is null or find_month_ends.state_date is null then 'UNKNOWN'
            else coalesce(rfm_states.rfm_group, 'PROSPECTS')
        end as segment,
        case found.outcome_rank
            when 1 then 'delivered'
            when 2 then 'bounced_soft'
            when 3 then 'bounced_hard'
            when 4 then 'dropped'
            else 'not_sent'
        end as outcome,
        found.is_held_out,
        found.is_treated,
        found.has_human_open,
        found.has_machine_open,
        found.has_click,
        found.has_unsubscribed,
        found.has_complained
    from find_outcomes as found
    left join find_month_ends on found.campaign_id = find_month_ends.campaign_id
    left join rfm_states
        on
            found.customer_key = rfm_states.customer_key
            and find_month_ends.state_date = rfm_states.state_date
    where found.variant is not null
)

select * from final
