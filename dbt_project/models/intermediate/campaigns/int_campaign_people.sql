{{ config(materialized='table') }}

{#- What is told of an entry of an audience: each a bit of one number, for the bits of a person's
    entries are put together by one aggregate. -#}
{%- set conditions = {
    'delivered': "recipients.outcome = 'delivered'",
    'bounced_soft': "recipients.outcome = 'bounced_soft'",
    'bounced_hard': "recipients.outcome = 'bounced_hard'",
    'dropped': "recipients.outcome = 'dropped'",
    'is_held_out': 'recipients.is_holdout',
    'is_treated': 'not recipients.is_holdout',
    'has_human_open': 'recipients.has_human_open',
    'has_machine_open': 'recipients.has_machine_open',
    'has_click': 'recipients.has_click',
    'has_unsubscribed': 'recipients.has_unsubscribed',
    'has_complained': 'recipients.has_complained',
} -%}
{%- set bits = {} -%}
{%- for name in conditions -%}
    {%- do bits.update({name: 2 ** loop.index0}) -%}
{%- endfor %}

with

recipients as (
    select * from {{ ref('int_campaign_recipients') }}
),

campaigns as (
    select * from {{ ref('int_campaigns') }}
),

internal_customers as (
    select customer_key from {{ ref('int_customers') }}
    where is_internal
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

-- Groups as they stood at the last month end before the send: what the campaign itself brought
-- about cannot have moved anybody. Other dates of int_state_dates are not kept for long.
find_segments as (
    select
        recipients.campaign_id,
        recipients.variant,
        recipients.person_id,
        case
            when recipients.customer_key is null or find_month_ends.state_date is null
                then 'UNKNOWN'
            else coalesce(rfm_states.rfm_group, 'PROSPECTS')
        end as segment,
        {%- for name, condition in conditions.items() %}
        case when {{ condition }} then {{ bits[name] }} else 0 end{{ ' +' if not loop.last }}
        {%- endfor %} as entry_bits
    from recipients
    left join internal_customers
        on recipients.customer_key = internal_customers.customer_key
    left join find_month_ends on recipients.campaign_id = find_month_ends.campaign_id
    left join rfm_states
        on
            recipients.customer_key = rfm_states.customer_key
            and find_month_ends.state_date = rfm_states.state_date
    where internal_customers.customer_key is null
),

-- A person with two addresses counts once: as reached when one of them was. The campaign as a whole
-- has a row of its own, because a person may be in two variants.
find_outcomes as (
    select
        campaign_id,
        case when grouping(variant) = 1 then 'all' else variant end as variant,
        person_id,
        segment,
        bit_or(entry_bits) as person_bits
    from find_segments
    group by grouping sets (
        (campaign_id, person_id, segment), (campaign_id, variant, person_id, segment)
    )
),

final as (
    select
        campaign_id,
        variant,
        person_id,
        segment,
        case
            {%- for outcome in ['delivered', 'bounced_soft', 'bounced_hard', 'dropped'] %}
            when person_bits & {{ bits[outcome] }} > 0 then '{{ outcome }}'
            {%- endfor %}
            else 'not_sent'
        end as outcome
        {%- for name in [
            'is_held_out', 'is_treated', 'has_human_open', 'has_machine_open', 'has_click',
            'has_unsubscribed', 'has_complained'
        ] %},
        person_bits & {{ bits[name] }} > 0 as {{ name }}
        {%- endfor %}
    from find_outcomes
    where variant is not null
)

select * from final
