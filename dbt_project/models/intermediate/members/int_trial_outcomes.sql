with

trial_receipts as (
    select * from {{ ref('int_trial_receipts') }}
    where customer_key is not null
),

orders as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying and customer_key is not null
),

paid_memberships as (
    select * from {{ ref('int_paid_memberships') }}
),

-- Every trial is in the cohort of its product and in that of all products of its kind.
list_trials as (
    select trial_kind, product_id, customer_key, receipt_id, business_date, closed_at
    from trial_receipts
    union all
    select trial_kind, 'all', customer_key, receipt_id, business_date, closed_at
    from trial_receipts
),

find_first_trials as (
    select *
    from list_trials
    qualify row_number() over (
        partition by trial_kind, product_id, customer_key
        order by closed_at asc nulls last, receipt_id asc nulls last
    ) = 1
),

list_purchases as (
    select
        'sample' as trial_kind,
        customer_key,
        receipt_id,
        business_date,
        closed_at,
        net_sales_order_dated as net_sales
    from orders
    union all
    select
        'trial_membership',
        customer_key,
        receipt_id,
        business_date,
        closed_at,
        sum(net_sales)
    from paid_memberships
    group by customer_key, receipt_id, business_date, closed_at
),

compare_purchases as (
    select
        trials.trial_kind,
        trials.product_id,
        trials.customer_key,
        purchases.receipt_id,
        purchases.closed_at,
        purchases.net_sales,
        purchases.closed_at < trials.closed_at as is_before,
        purchases.closed_at > trials.closed_at as is_after,
        {{ days_between('trials.business_date', 'purchases.business_date') }} as days_after
    from find_first_trials as trials
    inner join list_purchases as purchases
        on
            trials.trial_kind = purchases.trial_kind
            and trials.customer_key = purchases.customer_key
),

find_buyers_before as (
    select distinct
        trial_kind,
        product_id,
        customer_key
    from compare_purchases
    where is_before
),

-- What is on the trial's own receipt neither came of it nor makes a customer of before.
find_conversions as (
    select *
    from compare_purchases
    where is_after and days_after <= {{ var('trial_days') }}
    qualify row_number() over (
        partition by trial_kind, product_id, customer_key
        order by closed_at asc nulls last, receipt_id asc nulls last
    ) = 1
),

final as (
    select
        trials.customer_key,
        trials.trial_kind,
        trials.product_id,
        trials.business_date,
        {{ days_between('trials.business_date', as_of_date()) }} >= {{ var('trial_days') }}
            as is_matured,
        buyers_before.customer_key is null as is_first_time,
        conversions.days_after as days_to_convert,
        conversions.net_sales as converting_net_sales
    from find_first_trials as trials
    {%- for found in ['buyers_before', 'conversions'] %}
    left join find_{{ found }} as {{ found }}
        on
            trials.trial_kind = {{ found }}.trial_kind
            and trials.product_id = {{ found }}.product_id
            and trials.customer_key = {{ found }}.customer_key
    {%- endfor %}
)

select * from final
