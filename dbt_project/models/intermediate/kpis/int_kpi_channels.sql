with

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying and customer_key is not null
),

stores as (
    select * from {{ ref('int_stores') }}
),

list_visits as (
    select distinct
        receipts.customer_key,
        stores.channel,
        receipts.business_date
    from receipts
    inner join stores on receipts.store_id = stores.store_id
    where stores.channel is not null
),

-- A purchase opens its channel for 365 days, or until the next one in it takes over.
follow_visits as (
    select
        customer_key,
        business_date as opened_on,
        {{ stands_until('business_date', '365', 'customer_key, channel') }} as closed_on
    from list_visits
),

sum_changes as (
    select
        customer_key,
        business_date,
        sum(channel_change) as channel_change
    from (
        select customer_key, opened_on as business_date, 1 as channel_change from follow_visits
        union all
        select customer_key, closed_on, -1 from follow_visits
    ) as changes
    group by customer_key, business_date
    having sum(channel_change) <> 0
),

count_channels as (
    select
        business_date,
        channel_change,
        sum(channel_change) over (
            partition by customer_key
            order by business_date asc nulls last
            rows between unbounded preceding and current row
        ) as channels
    from sum_changes
),

final as (
    select
        'omni_share' as kpi,
        business_date,
        'all' as scope_type,
        'all' as scope_key,
        cast(
            count(*) filter (where channels >= 2 and channels - channel_change < 2)
            - count(*) filter (where channels < 2 and channels - channel_change >= 2)
            as decimal(18, 2)
        ) as numerator,
        cast(
            count(*) filter (where channels - channel_change = 0)
            - count(*) filter (where channels = 0)
            as decimal(18, 2)
        ) as denominator,
        cast(null as double) as median
    from count_channels
    group by business_date
)

select * from final
