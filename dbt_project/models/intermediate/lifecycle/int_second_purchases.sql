with

purchase_days as (
    select * from {{ ref('int_purchase_days') }}
    where day_number <= 2
),

-- Customers belong to the store where they began, wherever they came back.
final as (
    select
        firsts.customer_key,
        firsts.store_id as first_store_id,
        seconds.business_date,
        {{ days_between('firsts.business_date', 'seconds.business_date') }} as gap_days
    from purchase_days as firsts
    left join purchase_days as seconds
        on firsts.customer_key = seconds.customer_key and seconds.day_number = 2
    where firsts.day_number = 1
)

select * from final
