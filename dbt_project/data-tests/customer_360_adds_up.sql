{%- set measures = {
    'fct_sales_receipt': [
        ('net_sales_365d', 'sum(net_sales_refund_dated)', in_window('business_date', 365)),
        ('net_sales_90d', 'sum(net_sales_refund_dated)', in_window('business_date', 90)),
        ('returns_amount_lifetime', 'sum(returns_amount)', 'true'),
        ('q_net_sales_lifetime', 'sum(net_sales_order_dated)', 'is_qualifying'),
        ('q_orders_lifetime', 'count(*)', 'is_qualifying'),
        ('q_orders_365d', 'count(*)', 'is_qualifying and ' ~ in_window('business_date', 365)),
        ('q_orders_90d', 'count(*)', 'is_qualifying and ' ~ in_window('business_date', 90))
    ],
    'fct_sales_line': [
        ('discount_amount_lifetime', 'sum(line_discount_amount + receipt_discount_amount)',
            'is_revenue and not is_return')
    ],
    'support_ticket': [
        ('tickets_365d', 'count(*)', in_window('created_date', 365)),
        ('open_tickets', 'count(*)', 'not is_solved and not is_merged')
    ]
} -%}

-- What customer_360 sums by customer, and what belongs to nobody known, is the whole of the facts:
-- orders and tickets. Exact, no tolerance. Sales over all time add up in net_sales_add_up; e-mails
-- are counted by message and not by event, which does not add up.
with

of_customers as (
    select
        {%- for fact, columns in measures.items() %}
        {%- set is_last_fact = loop.last %}
        {%- for column, measure, condition in columns %}
        coalesce(sum({{ column }}), 0) as {{ column }}{{ ',' if not (is_last_fact and loop.last) }}
        {%- endfor %}
        {%- endfor %}
    from {{ ref('customer_360') }}
),

{% for fact, columns in measures.items() -%}
of_{{ fact }} as (
    select
        {%- for column, measure, condition in columns %}
        coalesce({{ measure }} filter (where {{ condition }}), 0) as {{ column }},
        coalesce({{ measure }} filter (where {{ condition }} and customer_key is null), 0)
            as unidentified_{{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref(fact) }}
),

{% endfor -%}
compared as (
    {%- for fact, columns in measures.items() %}
    {%- set is_last_fact = loop.last %}
    {%- for column, measure, condition in columns %}
    select
        '{{ column }}' as measure,
        of_customers.{{ column }} as of_customers,
        facts.unidentified_{{ column }} as unidentified,
        facts.{{ column }} as of_facts
    from of_customers
    cross join of_{{ fact }} as facts
    {{ 'union all' if not (is_last_fact and loop.last) }}
    {%- endfor %}
    {%- endfor %}
)

select *
from compared
where of_customers + unidentified <> of_facts
