{#
    The purchase block of customer_360 as the whole body of a CTE: one row a customer with a
    receipt. It reads published facts, which no intermediate model may do.
#}
{% macro customer_purchases(receipts, sales_lines, stores, products) -%}
    with

    sales as (
        {{ sales_by_customer(receipts) }}
    ),

    orders as (
        {{ orders_by_customer(receipts, stores) }}
    ),

    categories as (
        {{ top_categories_by_customer(sales_lines, products) }}
    ),

    discounts as (
        {{ discounts_by_customer(sales_lines) }}
    )

    select
        sales.*,
        {{ ratio('returns_amount_lifetime', 'net_sales_lifetime + returns_amount_lifetime') }}
            as return_rate,
        first_purchase_date,
        last_purchase_date,
        q_orders_lifetime,
        q_orders_365d,
        q_orders_90d,
        purchase_days_lifetime,
        q_net_sales_lifetime,
        {{ ratio('q_net_sales_lifetime', 'q_orders_lifetime') }} as aov_lifetime,
        top_category_1,
        top_category_2,
        top_category_3,
        nullif(
            concat_ws(
                ',',
                case when used_app then 'app' end,
                case when used_ec then 'ec' end,
                case when used_store then 'store' end
            ),
            ''
        ) as channels_365d,
        case when used_app then 1 else 0 end
        + case when used_ec then 1 else 0 end
        + case when used_store then 1 else 0 end >= 2 as is_omni,
        discount_amount_lifetime,
        amount_before_discount_lifetime,
        {{ ratio('discount_amount_lifetime', 'amount_before_discount_lifetime') }}
            as discount_share
    from sales
    {%- for block in ['orders', 'categories', 'discounts'] %}
    left join {{ block }} on sales.customer_key = {{ block }}.customer_key
    {%- endfor %}
{%- endmacro %}


{# Band of the qualifying orders of a year: never, once, and up to once a week. #}
{% macro purchase_freq_band(orders) -%}
    case
        when {{ orders }} = 0 then '0'
        when {{ orders }} = 1 then '1'
        when {{ orders }} <= 3 then '2-3'
        when {{ orders }} <= 11 then '4-11'
        when {{ orders }} <= 51 then '12-51'
        else '52+'
    end
{%- endmacro %}


{# Sums over all receipts of a customer; `receipts` have a customer. #}
{% macro sales_by_customer(receipts) -%}
    select
        customer_key,
        sum(net_sales_refund_dated) as net_sales_lifetime,
        sum(net_sales_order_dated) as net_sales_order_dated_lifetime,
        sum(net_sales_refund_dated) filter (where {{ in_window('business_date', 365) }})
            as net_sales_365d,
        sum(net_sales_refund_dated) filter (where {{ in_window('business_date', 90) }})
            as net_sales_90d,
        sum(returns_amount) as returns_amount_lifetime
    from {{ receipts }}
    group by customer_key
{%- endmacro %}


{# Sums over qualifying orders and the channels that they came by. #}
{% macro orders_by_customer(receipts, stores) -%}
    select
        receipts.customer_key,
        min(receipts.business_date) as first_purchase_date,
        max(receipts.business_date) as last_purchase_date,
        count(*) as q_orders_lifetime,
        count(*) filter (where {{ in_window('receipts.business_date', 365) }}) as q_orders_365d,
        count(*) filter (where {{ in_window('receipts.business_date', 90) }}) as q_orders_90d,
        count(distinct receipts.business_date) as purchase_days_lifetime,
        sum(receipts.net_sales_order_dated) as q_net_sales_lifetime,
        {%- for channel in ['store', 'ec', 'app'] %}
        coalesce(
            bool_or(stores.channel = '{{ channel }}')
                filter (where {{ in_window('receipts.business_date', 365) }}),
            false
        ) as used_{{ channel }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ receipts }} as receipts
    left join {{ stores }} as stores on receipts.store_id = stores.store_id
    where receipts.is_qualifying
    group by receipts.customer_key
{%- endmacro %}


{# The three widest categories with the greatest net sales; `sales_lines` have a customer. #}
{% macro top_categories_by_customer(sales_lines, products) -%}
    select
        customer_key,
        {%- for rank in [1, 2, 3] %}
        max(category_1) filter (where category_rank = {{ rank }})
            as top_category_{{ rank }}{{ ',' if not loop.last }}
        {%- endfor %}
    from (
        select
            customer_key,
            category_1,
            row_number() over (
                partition by customer_key
                order by net_sales desc nulls last, category_1 asc nulls last
            ) as category_rank
        from (
            select
                sales_lines.customer_key,
                products.category_1,
                sum(sales_lines.net_sales) as net_sales
            from {{ sales_lines }} as sales_lines
            inner join {{ products }} as products
                on sales_lines.product_id = products.product_id
            where sales_lines.is_merchandise and products.category_1 is not null
            group by sales_lines.customer_key, products.category_1
        ) as sums
        where net_sales > 0
    ) as ranked
    where category_rank <= 3
    group by customer_key
{%- endmacro %}


{# Discounts and what they were taken off. #}
{% macro discounts_by_customer(sales_lines) -%}
    select
        customer_key,
        sum(line_discount_amount + receipt_discount_amount) as discount_amount_lifetime,
        sum(line_amount + line_discount_amount) as amount_before_discount_lifetime
    from {{ sales_lines }}
    where not is_return
    group by customer_key
{%- endmacro %}
