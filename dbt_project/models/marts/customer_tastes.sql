with

customers as (
    select * from {{ ref('dim_customer') }}
    where not is_internal
),

orders as (
    select * from {{ ref('fct_sales_receipt') }}
    where is_qualifying and customer_key is not null
),

sales_lines as (
    select * from {{ ref('fct_sales_line') }}
    where customer_key is not null and is_merchandise
),

products as (
    select * from {{ ref('dim_product') }}
    where category_1 is not null
),

upsells as (
    select
        customer_key,
        count(*) as upsell_categories
    from {{ ref('upsell') }}
    where upsell_flag
    group by customer_key
),

next_products as (
    select * from {{ ref('customer_next_product') }}
    where product_rank = 1
),

{% set windows = {
    '90d': in_window('business_date', 90),
    'previous_90d': 'business_date between ' ~ window_start(180) ~ ' and '
        ~ add_days(window_start(90), '-1')
} -%}

sum_orders as (
    select
        customer_key,
        {%- for window, condition in windows.items() %}
        count(*) filter (where {{ condition }}) as orders_{{ window }},
        sum(net_sales_order_dated) filter (where {{ condition }})
            as order_value_{{ window }}{{ ',' if not loop.last }}
        {%- endfor %}
    from orders
    where {{ in_window('business_date', 180) }}
    group by customer_key
),

sum_categories as (
    select
        sales_lines.customer_key,
        {{ in_window('sales_lines.business_date', 365) }} as is_this_year,
        products.category_1 as category,
        sum(sales_lines.net_sales) as net_sales
    from sales_lines
    inner join products on sales_lines.product_id = products.product_id
    where {{ in_window('sales_lines.business_date', 730) }}
    group by 1, 2, 3
),

share_categories as (
    select
        *,
        cast(net_sales as double) / cast(
            sum(net_sales) over (partition by customer_key, is_this_year) as double
        ) as share,
        row_number() over (
            partition by customer_key, is_this_year
            order by net_sales desc nulls last, category asc nulls last
        ) as category_rank
    from sum_categories
    where net_sales > 0
),

measure_categories as (
    select
        customer_key,
        -- Rounded before they are added up: the order of the sum must not tell.
        round(
            cast(
                sum(cast(round(-share * log2(share), 12) as decimal(18, 12)))
                    filter (where is_this_year)
                as double
            ), 9
        ) as category_entropy,
        {%- for year, condition in {
            '365d': 'is_this_year', 'previous_365d': 'not is_this_year'
        }.items() %}
        max(category) filter (where category_rank = 1 and {{ condition }})
            as top_category_{{ year }},
        round(max(share) filter (where category_rank = 1 and {{ condition }}), 9)
            as top_category_share_{{ year }}{{ ',' if not loop.last }}
        {%- endfor %}
    from share_categories
    group by customer_key
),

final as (
    select
        customers.customer_key,
        {%- for window in windows %}
        {{ count_or_zero('sum_orders.orders_' ~ window) }} as orders_{{ window }},
        {{ amount_or_zero('sum_orders.order_value_' ~ window) }} as order_value_{{ window }},
        {{ ratio('sum_orders.order_value_' ~ window, 'sum_orders.orders_' ~ window) }}
            as aov_{{ window }},
        {%- endfor %}
        round(
            {{ ratio(
                'sum_orders.order_value_90d * sum_orders.orders_previous_90d',
                'sum_orders.order_value_previous_90d * sum_orders.orders_90d'
            ) }} - 1, 9
        ) as aov_trend,
        categories.category_entropy,
        categories.top_category_365d,
        categories.top_category_share_365d,
        categories.top_category_previous_365d,
        categories.top_category_share_previous_365d,
        categories.top_category_365d <> categories.top_category_previous_365d
            as is_top_category_changed,
        {{ count_or_zero('upsells.upsell_categories') }} as upsell_categories,
        next_products.product_id as next_product_1
    from customers
    left join sum_orders on customers.customer_key = sum_orders.customer_key
    left join measure_categories as categories
        on customers.customer_key = categories.customer_key
    left join upsells on customers.customer_key = upsells.customer_key
    left join next_products on customers.customer_key = next_products.customer_key
)

select * from final
