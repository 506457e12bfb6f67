with

customers as (
    select * from {{ ref('dim_customer') }}
),

stores as (
    select * from {{ ref('dim_store') }}
),

products as (
    select * from {{ ref('dim_product') }}
),

receipts as (
    select * from {{ ref('fct_sales_receipt') }}
    where customer_key is not null
),

sales_lines as (
    select * from {{ ref('fct_sales_line') }}
    where customer_key is not null and is_revenue
),

email_events as (
    select * from {{ ref('fct_email_event') }}
    where customer_key is not null
),

email_statuses as (
    select * from {{ ref('int_customer_email_status') }}
),

tickets as (
    select * from {{ ref('fct_support_ticket') }}
    where customer_key is not null
),

ratings as (
    select * from {{ ref('int_ticket_ratings') }}
    where customer_key is not null
),

rfm as (
    select * from {{ ref('customer_rfm') }}
    where rfm_window = 'lifetime'
),

ltv as (
    select * from {{ ref('customer_ltv') }}
),

-- Every branch has one row a customer before it is joined, so that no sum is counted twice.
sum_receipts as (
    select
        customer_key,
        sum(net_sales_refund_dated) as net_sales_lifetime,
        sum(net_sales_order_dated) as net_sales_order_dated_lifetime,
        sum(net_sales_refund_dated) filter (where {{ in_window('business_date', 365) }})
            as net_sales_365d,
        sum(net_sales_refund_dated) filter (where {{ in_window('business_date', 90) }})
            as net_sales_90d,
        sum(returns_amount) as returns_amount_lifetime
    from receipts
    group by customer_key
),

sum_orders as (
    select
        receipts.customer_key,
        min(receipts.business_date) as first_purchase_date,
        max(receipts.business_date) as last_purchase_date,
        count(*) as q_orders_lifetime,
        count(*) filter (where {{ in_window('receipts.business_date', 365) }}) as q_orders_365d,
        count(*) filter (where {{ in_window('receipts.business_date', 90) }}) as q_orders_90d,
        count(distinct receipts.business_date) as purchase_days_lifetime,
        sum(receipts.net_sales_order_dated) as q_net_sales,
        {%- for channel in ['store', 'ec', 'app'] %}
        coalesce(
            bool_or(stores.channel = '{{ channel }}')
                filter (where {{ in_window('receipts.business_date', 365) }}),
            false
        ) as used_{{ channel }}{{ ',' if not loop.last }}
        {%- endfor %}
    from receipts
    left join stores on receipts.store_id = stores.store_id
    where receipts.is_qualifying
    group by receipts.customer_key
),

measure_gaps as (
    select
        customer_key,
        {{ days_between(
            'lag(business_date) over ('
            ~ 'partition by customer_key order by business_date asc nulls last)',
            'business_date'
        ) }} as gap_days
    from (
        select distinct customer_key, business_date
        from receipts
        where is_qualifying
    ) as purchase_days
),

find_median_gaps as (
    select
        customer_key,
        round(median(cast(gap_days as double)), 9) as median_gap_days
    from measure_gaps
    where gap_days is not null
    group by customer_key
),

sum_categories as (
    select
        sales_lines.customer_key,
        products.category_1,
        sum(sales_lines.net_sales) as net_sales
    from sales_lines
    inner join products on sales_lines.product_id = products.product_id
    where sales_lines.is_merchandise and products.category_1 is not null
    group by sales_lines.customer_key, products.category_1
),

find_top_categories as (
    select customer_key, category_1
    from sum_categories
    where net_sales > 0
    qualify row_number() over (
        partition by customer_key
        order by net_sales desc nulls last, category_1 asc nulls last
    ) = 1
),

sum_discounts as (
    select
        customer_key,
        sum(line_discount_amount + receipt_discount_amount) as discount_amount,
        sum(line_amount + line_discount_amount) as amount_before_discount
    from sales_lines
    where not is_return
    group by customer_key
),

sum_email_events as (
    select
        customer_key,
        count(*) filter (
            where event_type in ('delivered', 'bounce_hard', 'bounce_soft')
            and {{ in_window('event_date', 90) }}
        ) as sends_90d,
        count(*) filter (
            where event_type = 'delivered' and {{ in_window('event_date', 90) }}
        ) as delivered_90d,
        count(*) filter (where is_human_open and {{ in_window('event_date', 90) }})
            as human_opens_90d,
        count(*) filter (
            where event_type = 'click' and not is_machine and {{ in_window('event_date', 90) }}
        ) as clicks_90d,
        max(occurred_at) filter (where event_type = 'click' and not is_machine) as last_click_at
    from email_events
    group by customer_key
),

sum_tickets as (
    select
        customer_key,
        count(*) filter (where {{ in_window('created_date', 365) }}) as tickets_365d,
        count(*) filter (where not is_solved and not is_merged) as open_tickets,
        count(*) filter (
            where ticket_type = 'complaint' and {{ in_window('created_date', 365) }}
        ) as complaints_365d,
        max(created_at) as last_contact_at,
        round(median(first_reply_minutes) filter (where not is_merged), 9)
            as median_first_reply_minutes
    from tickets
    group by customer_key
),

find_last_ratings as (
    select customer_key, csat_score
    from ratings
    qualify row_number() over (
        partition by customer_key
        order by rated_at desc nulls last, rating_id desc nulls last
    ) = 1
),

final as (
    select
        customers.customer_key,
        customers.n_source_systems,
        customers.is_member,
        customers.member_since,
        customers.member_tier,
        customers.home_store_id,
        customers.age_band,
        customers.gender,
        customers.prefecture,

        orders.first_purchase_date,
        orders.last_purchase_date,
        cast({{ days_between('orders.last_purchase_date', as_of_date()) }} as bigint)
            as days_since_last,
        cast(coalesce(orders.q_orders_lifetime, 0) as bigint) as q_orders_lifetime,
        cast(coalesce(orders.q_orders_365d, 0) as bigint) as q_orders_365d,
        cast(coalesce(orders.q_orders_90d, 0) as bigint) as q_orders_90d,
        cast(coalesce(orders.purchase_days_lifetime, 0) as bigint) as purchase_days_lifetime,
        cast(coalesce(sales.net_sales_lifetime, 0) as decimal(18, 2)) as net_sales_lifetime,
        cast(coalesce(sales.net_sales_order_dated_lifetime, 0) as decimal(18, 2))
            as net_sales_order_dated_lifetime,
        cast(coalesce(sales.net_sales_365d, 0) as decimal(18, 2)) as net_sales_365d,
        cast(coalesce(sales.net_sales_90d, 0) as decimal(18, 2)) as net_sales_90d,
        cast(coalesce(sales.returns_amount_lifetime, 0) as decimal(18, 2))
            as returns_amount_lifetime,
        {{ ratio(
            'sales.returns_amount_lifetime',
            'sales.net_sales_lifetime + sales.returns_amount_lifetime'
        ) }} as return_rate,
        {{ ratio('orders.q_net_sales', 'orders.q_orders_lifetime') }} as aov_lifetime,
        gaps.median_gap_days,
        categories.category_1 as top_category_1,
        case
            when orders.used_store or orders.used_ec or orders.used_app
                then concat_ws(
                    ',',
                    case when orders.used_app then 'app' end,
                    case when orders.used_ec then 'ec' end,
                    case when orders.used_store then 'store' end
                )
        end as channels_365d,
        case when orders.used_app then 1 else 0 end
        + case when orders.used_ec then 1 else 0 end
        + case when orders.used_store then 1 else 0 end >= 2 as is_omni,
        {{ ratio('discounts.discount_amount', 'discounts.amount_before_discount') }}
            as discount_share,

        coalesce(email_statuses.email_status, 'none') as email_status,
        cast(coalesce(emails.sends_90d, 0) as bigint) as sends_90d,
        cast(coalesce(emails.delivered_90d, 0) as bigint) as delivered_90d,
        cast(coalesce(emails.human_opens_90d, 0) as bigint) as human_opens_90d,
        cast(coalesce(emails.clicks_90d, 0) as bigint) as clicks_90d,
        emails.last_click_at,

        cast(coalesce(support.tickets_365d, 0) as bigint) as tickets_365d,
        cast(coalesce(support.open_tickets, 0) as bigint) as open_tickets,
        cast(coalesce(support.complaints_365d, 0) as bigint) as complaints_365d,
        support.last_contact_at,
        support.median_first_reply_minutes,
        last_ratings.csat_score as csat_last,

        rfm.rfm_group,
        ltv.ltv_historic
    from customers
    left join sum_receipts as sales on customers.customer_key = sales.customer_key
    left join sum_orders as orders on customers.customer_key = orders.customer_key
    left join find_median_gaps as gaps on customers.customer_key = gaps.customer_key
    left join find_top_categories as categories
        on customers.customer_key = categories.customer_key
    left join sum_discounts as discounts on customers.customer_key = discounts.customer_key
    left join email_statuses on customers.customer_key = email_statuses.customer_key
    left join sum_email_events as emails on customers.customer_key = emails.customer_key
    left join sum_tickets as support on customers.customer_key = support.customer_key
    left join find_last_ratings as last_ratings
        on customers.customer_key = last_ratings.customer_key
    left join rfm on customers.customer_key = rfm.customer_key
    left join ltv on customers.customer_key = ltv.customer_key
)

select * from final
