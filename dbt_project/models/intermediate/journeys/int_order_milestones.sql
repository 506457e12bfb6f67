with

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying and customer_key is not null
),

spells as (
    select * from {{ ref('int_lifecycle_spells') }}
),

-- Receipts know which order is a customer's first; the second is the earliest of the rest.
find_orders as (
    select
        customer_key,
        min(closed_at) filter (where new_or_repeat = 'new') as first_purchase_at,
        min(business_date) filter (where new_or_repeat = 'new') as first_purchase_on,
        min(closed_at) filter (where new_or_repeat = 'repeat') as second_at,
        min(business_date) filter (where new_or_repeat = 'repeat') as repeat_on
    from receipts
    group by customer_key
),

date_dormancies as (
    select
        *,
        min(case when lifecycle_status in ('dormant', 'lost') then from_date end) over (
            partition by customer_key
        ) as dormant_on
    from spells
),

-- Who comes back on the day on which dormancy would have begun was never dormant.
find_dormancies as (
    select
        customer_key,
        dormant_on,
        min(from_date) filter (where lifecycle_status = 'reactivated' and from_date > dormant_on)
            as returned_on
    from date_dormancies
    where dormant_on is not null
    group by customer_key, dormant_on
),

-- A register may give a late order an earlier business date: no second order before the first.
final as (
    select
        find_orders.customer_key,
        find_orders.first_purchase_at,
        find_orders.first_purchase_on,
        case when find_orders.repeat_on is not null then
            greatest(find_orders.second_at, find_orders.first_purchase_at)
        end as repeat_at,
        find_orders.repeat_on,
        {{ company_midnight('find_dormancies.dormant_on') }} as dormant_at,
        {{ company_midnight('find_dormancies.returned_on') }} as returned_at
    from find_orders
    left join find_dormancies on find_orders.customer_key = find_dormancies.customer_key
)

select * from final
