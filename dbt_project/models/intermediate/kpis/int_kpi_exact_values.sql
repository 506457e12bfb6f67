with

periods as (
    select * from {{ ref('int_kpi_periods') }}
    where kind in ('distinct_rate', 'median')
),

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying and customer_key is not null
),

ticket_times as (
    select * from {{ ref('int_kpi_ticket_times') }}
),

find_purchases as (
    select
        customer_key,
        store_id,
        business_date,
        min(business_date) over (partition by customer_key) as first_q_date
    from receipts
),

-- Somebody who buys on several days of the period is one buyer of it.
count_buyers as (
    select
        periods.line,
        periods.part,
        count(distinct find_purchases.customer_key) filter (
            where find_purchases.first_q_date < periods.from_date
        ) as numerator,
        count(distinct find_purchases.customer_key) as denominator
    from periods
    inner join find_purchases
        on
            find_purchases.business_date between periods.from_date and periods.to_date
            and periods.scope_key in ('all', find_purchases.store_id)
    where periods.kpi = 'returning_customer_rate'
    group by periods.line, periods.part
),

take_medians as (
    select
        periods.line,
        periods.part,
        count(*) as tickets,
        median(ticket_times.minutes) as minutes
    from periods
    inner join ticket_times
        on
            periods.kpi = ticket_times.kpi
            and ticket_times.business_date between periods.from_date and periods.to_date
    group by periods.line, periods.part
),

final as (
    select
        line,
        part,
        cast(numerator as decimal(18, 2)) as numerator,
        cast(denominator as decimal(18, 2)) as denominator,
        cast(null as double) as median
    from count_buyers
    union all
    select
        line,
        part,
        cast(null as decimal(18, 2)),
        cast(tickets as decimal(18, 2)),
        round(minutes, 9)
    from take_medians
)

select * from final
