{{ config(materialized='table') }}

{#- Renewed so many days after the end of a term is renewed; only then is a member known to have left. -#}
{%- set grace_days = 30 %}

with

paid_memberships as (
    select * from {{ ref('int_paid_memberships') }}
),

-- Two of a length bought on a day are one term.
find_purchases as (
    select distinct
        customer_key,
        membership_months,
        business_date as bought_on
    from paid_memberships
),

find_ends as (
    select
        *,
        {{ add_months('bought_on', 'membership_months') }} as due_on,
        lag({{ add_days(add_months('bought_on', 'membership_months'), grace_days) }}) over (
            partition by customer_key, membership_months order by bought_on asc nulls last
        ) as renewable_until,
        lead(bought_on) over (
            partition by customer_key, membership_months order by bought_on asc nulls last
        ) as next_bought_on
    from find_purchases
),

number_memberships as (
    select
        *,
        sum(case when bought_on <= renewable_until then 0 else 1 end) over (
            partition by customer_key, membership_months order by bought_on asc nulls last
        ) as membership_number
    from find_ends
),

final as (
    select
        customer_key,
        membership_months,
        membership_number,
        row_number() over (
            partition by customer_key, membership_months, membership_number
            order by bought_on asc nulls last
        ) as term_number,
        bought_on,
        due_on,
        case
            when next_bought_on <= {{ add_days('due_on', grace_days) }} then 'renewed'
            when {{ add_days('due_on', grace_days) }} < {{ as_of_date() }} then 'left'
            else 'running'
        end as outcome
    from number_memberships
)

select * from final
