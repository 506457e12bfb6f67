{{ config(materialized='table') }}

with

thresholds as (
    select * from {{ ref('int_lifecycle_thresholds') }}
),

-- Each purchase day ends what was before it, whatever it was; nothing is known beyond as-of.
find_ends as (
    select
        customer_key,
        business_date,
        case when q_orders = 1 then 'new' else 'active' end as calm_status,
        at_risk_after,
        dormant_after,
        lost_after,
        {{ add_days('reactivated_on', reactivated_days()) }} as reactivation_end,
        coalesce(next_date, {{ add_days(as_of_date(), '1') }}) as next_date
    from thresholds
),

cut_calm as (
    select
        *,
        least(next_date, {{ add_days('business_date', 'at_risk_after + 1') }}) as calm_to,
        least(next_date, {{ add_days('business_date', 'dormant_after + 1') }}) as at_risk_to,
        least(next_date, {{ add_days('business_date', 'lost_after + 1') }}) as dormant_to
    from find_ends
),

cut_reactivation as (
    select
        *,
        least(calm_to, greatest(business_date, coalesce(reactivation_end, business_date)))
            as reactivated_to
    from cut_calm
),

list_pieces as (
    {%- for status, start, end in [
        ("'reactivated'", 'business_date', 'reactivated_to'),
        ('calm_status', 'reactivated_to', 'calm_to'),
        ("'at_risk'", 'calm_to', 'at_risk_to'),
        ("'dormant'", 'at_risk_to', 'dormant_to'),
        ("'lost'", 'dormant_to', 'next_date'),
    ] %}
    select
        customer_key,
        {{ status }} as lifecycle_status,
        {{ start }} as from_date
    from cut_reactivation
    where {{ start }} < {{ end }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- The pieces of a customer leave no date out, so a spell begins where the status changes.
find_changes as (
    select *
    from list_pieces
    qualify
        lifecycle_status is distinct from lag(lifecycle_status) over (
            partition by customer_key order by from_date asc nulls last
        )
),

final as (
    select
        customer_key,
        lifecycle_status,
        from_date,
        lead(from_date) over (
            partition by customer_key order by from_date asc nulls last
        ) as to_date
    from find_changes
)

select * from final
