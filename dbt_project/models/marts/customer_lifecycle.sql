with

customers as (
    select * from {{ ref('dim_customer') }}
    where not is_internal
),

last_thresholds as (
    select
        *,
        {{ days_between('business_date', as_of_date()) }} as days_since_last
    from {{ ref('int_lifecycle_thresholds') }}
    where next_date is null
),

open_spells as (
    select * from {{ ref('int_lifecycle_spells') }}
    where to_date is null
),

judge_by_fixed_rule as (
    select
        *,
        {{ lifecycle_status(
            'days_since_last',
            var('at_risk_days'),
            var('dormant_days'),
            var('lost_days'),
            'fixed_reactivated_on',
            'q_orders',
            as_of_date()
        ) }} as fixed_status
    from last_thresholds
),

final as (
    select
        customers.customer_key,
        coalesce(open_spells.lifecycle_status, 'prospect') as lifecycle_status,
        open_spells.from_date as status_since,
        judged.first_date as first_q_date,
        judged.business_date as last_q_date,
        cast(judged.days_since_last as bigint) as days_since_last,
        {{ count_or_zero('judged.q_orders') }} as q_orders,
        {{ count_or_zero('judged.day_number') }} as purchase_days,
        coalesce(judged.fixed_status, 'prospect') as fixed_status,
        case when judged.is_personal then open_spells.lifecycle_status end as personal_status,
        case when judged.is_personal then 'personal' when not judged.is_personal then 'fixed' end
            as dormant_rule_used,
        judged.at_risk_after as at_risk_after_days,
        judged.dormant_after as dormant_after_days,
        judged.lost_after as lost_after_days,
        case
            when open_spells.lifecycle_status in ('dormant', 'lost')
                then {{ add_days('judged.business_date', 'judged.dormant_after + 1') }}
        end as dormant_since,
        judged.reactivated_on
    from customers
    left join judge_by_fixed_rule as judged on customers.customer_key = judged.customer_key
    left join open_spells on customers.customer_key = open_spells.customer_key
)

select * from final
