{{ config(materialized='table') }}

{#- Renewed so many days after the end of a term is renewed; only then is a member known to have left. -#}
{%- set grace_days = 30 %}

with

sales_lines as (
    select * from {{ ref('int_sales_lines') }}
),

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where is_qualifying and customer_key is not null
),

products as (
    select * from {{ ref('int_products') }}
    where membership_months > 0
),

customers as (
    select * from {{ ref('int_customers') }}
    where not is_internal
),

-- What was given back was not bought.
find_purchases as (
    select
        receipts.customer_key,
        products.membership_months,
        receipts.business_date as bought_on
    from sales_lines
    inner join products on sales_lines.product_id = products.product_id
    inner join receipts on sales_lines.order_receipt_id = receipts.receipt_id
    inner join customers on receipts.customer_key = customers.customer_key
    group by receipts.customer_key, products.membership_months, receipts.business_date
    having sum(sales_lines.quantity) > 0
),

find_ends as (
    select
        *,
        {{ add_months('bought_on', 'membership_months') }} as due_on,
        lag({{ add_days(add_months('bought_on', 'membership_months'), grace_days) }}) over (
            partition by customer_key, membership_months order by bought_on asc nulls last
        ) as renewable_until,
        lead(bought_on) over (
            partition by customer_key, membership_months order by bought_on asc nulls last
        ) as next_bought_on
    from find_purchases
),

number_memberships as (
    select
        *,
        sum(case when bought_on <= renewable_until then 0 else 1 end) over (
            partition by customer_key, membership_months order by bought_on asc nulls last
        ) as membership_number
    from find_ends
),

final as (
    select
        customer_key,
        membership_months,
        membership_number,
        row_number() over (
            partition by customer_key, membership_months, membership_number
            order by bought_on asc nulls last
        ) as term_number,
        bought_on,
        due_on,
        case
            when next_bought_on <= {{ add_days('due_on', grace_days) }} then 'renewed'
            when {{ add_days('due_on', grace_days) }} < {{ as_of_date() }} then 'left'
            else 'running'
        end as outcome
    from number_memberships
)

select * from final
