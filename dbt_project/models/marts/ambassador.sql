with

customers as (
    select * from {{ ref('dim_customer') }}
    where not is_internal
),

rfm as (
    select * from {{ ref('customer_rfm') }}
    where rfm_window = 'lifetime'
),

nps as (
    select
        customer_key,
        nps_last,
        {{ company_date('nps_last_at') }} as nps_last_date
    from {{ ref('int_customer_nps') }}
),

referrals as (
    select * from {{ ref('int_member_referrals') }}
),

lifetime_values as (
    select * from {{ ref('customer_ltv') }}
),

sum_tickets as (
    select
        customer_key,
        count(*) filter (
            where ticket_type = 'complaint' and not is_solved and not is_merged
        ) as open_complaints,
        count(*) filter (
            where ticket_type = 'praise' and {{ in_window('created_date', 365) }}
        ) as praise_tickets_365d
    from {{ ref('support_ticket') }}
    group by customer_key
),

sum_referrals as (
    select
        referrals.referrer_key as customer_key,
        count(*) filter (
            where not referrals.is_same_household and {{ in_window('referrals.joined_date', 365) }}
        ) as referrals_365d,
        count(*) filter (where not referrals.is_same_household) as referred_customers,
        count(*) filter (
            where not referrals.is_same_household and lifetime_values.ltv_historic > 0
        ) as referred_buyers,
        sum(lifetime_values.ltv_historic) filter (where not referrals.is_same_household)
            as referred_net_sales,
        count(*) filter (where referrals.is_same_household) as household_referrals
    from referrals
    left join lifetime_values on referrals.customer_key = lifetime_values.customer_key
    group by referrals.referrer_key
),

judge_customers as (
    select
        customers.customer_key,
        rfm.rfm_group,
        nps.nps_last,
        nps.nps_last_date,
        {{ count_or_zero('sum_tickets.open_complaints') }} as open_complaints,
        coalesce(rfm.rfm_group in ('CHAMPIONS', 'LOYAL'), false) as is_loyal,
        coalesce(nps.nps_last >= 9 and {{ in_window('nps.nps_last_date', 365) }}, false)
            as is_promoter,
        {{ count_or_zero('sum_referrals.referrals_365d') }} as referrals_365d,
        {{ count_or_zero('sum_tickets.praise_tickets_365d') }} as praise_tickets_365d,
        {{ count_or_zero('sum_referrals.referred_customers') }} as referred_customers,
        {{ count_or_zero('sum_referrals.referred_buyers') }} as referred_buyers,
        {{ amount_or_zero('sum_referrals.referred_net_sales') }} as referred_net_sales,
        {{ count_or_zero('sum_referrals.household_referrals') }} as household_referrals
    from customers
    left join rfm on customers.customer_key = rfm.customer_key
    left join nps on customers.customer_key = nps.customer_key
    left join sum_tickets on customers.customer_key = sum_tickets.customer_key
    left join sum_referrals on customers.customer_key = sum_referrals.customer_key
),

-- Referrals are the one act that the feeds tell of; praise is told to us and not to others.
final as (
    select
        customer_key,
        case
            when is_loyal and is_promoter and open_complaints = 0
                then case when referrals_365d > 0 then 'confirmed' else 'candidate' end
            else 'advocate_only'
        end as ambassador_tier,
        rfm_group,
        is_loyal,
        nps_last,
        nps_last_date,
        is_promoter,
        open_complaints,
        referrals_365d as advocacy_acts_365d,
        referrals_365d,
        cast(null as bigint) as reviews_365d,
        cast(null as bigint) as shares_365d,
        praise_tickets_365d,
        referred_customers,
        referred_buyers,
        referred_net_sales,
        household_referrals
    from judge_customers
    where (is_loyal and is_promoter and open_complaints = 0) or referred_customers > 0
)

select * from final
