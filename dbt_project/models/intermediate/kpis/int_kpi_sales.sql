{%- set scope_columns -%}
        business_date,
        case when grouping(store_id) = 1 then 'all' else 'store' end as scope_type,
        case when grouping(store_id) = 1 then 'all' else store_id end as scope_key,
{%- endset -%}
{%- set scopes -%}
    group by grouping sets ((business_date), (business_date, store_id))
{%- endset -%}

with

receipts as (
    select * from {{ ref('int_sales_receipts') }}
),

measure_receipts as (
    select
        {{ scope_columns }}
        sum(net_sales_refund_dated) as net_sales,
        count(*) filter (where receipt_type = 'sale') as receipts,
        sum(item_quantity) filter (where receipt_type = 'sale') as items,
        count(*) filter (where is_qualifying) as q_orders,
        sum(net_sales_order_dated) filter (where is_qualifying) as q_net_sales,
        sum(net_sales_order_dated) filter (where is_qualifying and customer_key is not null)
            as identified_q_net_sales,
        sum(net_sales_order_dated) filter (where new_or_repeat = 'repeat') as repeat_net_sales,
        count(*) filter (where receipt_type = 'sale' and customer_key is not null)
            as identified_receipts,
        sum(net_sales_refund_dated + returns_amount) filter (where customer_key is not null)
            as identified_sales_before_returns,
        sum(returns_amount) as returns_amount,
        sum(returns_amount) filter (where is_unlinked_return) as unlinked_returns_amount,
        sum(sold_discount_amount) as discount_amount,
        sum(sold_amount_before_discount) as amount_before_discount,
        count(*) filter (where new_or_repeat = 'new') as new_customers
    from receipts
    {{ scopes }}
),

find_purchases as (
    select
        customer_key,
        store_id,
        business_date,
        min(business_date) over (partition by customer_key) as first_q_date
    from receipts
    where is_qualifying and customer_key is not null
),

measure_buyers as (
    select
        {{ scope_columns }}
        count(distinct customer_key) as buyers,
        count(distinct customer_key) filter (where first_q_date < business_date)
            as returning_buyers
    from find_purchases
    {{ scopes }}
),

final as (
    {{ kpi_rows('measure_receipts', {
        'net_sales': ('net_sales', '0'),
        'receipts': ('receipts', '0'),
        'items_per_receipt': ('items', 'receipts'),
        'aov': ('q_net_sales', 'q_orders'),
        'identified_sales_rate': (
            'identified_sales_before_returns', 'net_sales + returns_amount'
        ),
        'identified_receipt_rate': ('identified_receipts', 'receipts'),
        'discount_rate': ('discount_amount', 'amount_before_discount'),
        'return_rate': ('returns_amount', 'net_sales + returns_amount'),
        'unlinked_return_rate': ('unlinked_returns_amount', 'returns_amount'),
        'repeat_sales_share': ('repeat_net_sales', 'identified_q_net_sales'),
        'new_customers': ('new_customers', '0'),
        'complaint_rate': ('0', 'receipts'),
    }) }}
    union all
    {{ kpi_rows('measure_buyers', {
        'returning_customer_rate': ('returning_buyers', 'buyers'),
    }) }}
)

select * from final
