{{ config(materialized='prints', key='state_date') }}

with

receipts as (
    select * from {{ ref('int_sales_receipts') }}
    where customer_key is not null
),

state_dates as (
    select * from {{ ref('int_state_dates') }}
),

print_days as (
    select
        business_date,
        bit_xor({{ row_hash([
            'receipt_id', 'customer_key', 'business_date', 'is_qualifying', 'net_sales_order_dated'
        ]) }}) as print
    from receipts
    group by business_date
),

-- A date knows of all days up to it, and of no later one.
print_dates as (
    select
        state_dates.state_date,
        bit_xor(print_days.print) as print
    from state_dates
    left join print_days on state_dates.state_date >= print_days.business_date
    group by state_dates.state_date
),

final as (
    select
        state_date,
        {{ row_hash(['state_date', 'print']) }} as print,

        -- Filled in where the versions of two nights are compared.
        cast(0 as bigint) as began,
        cast(null as bigint) as ended
    from print_dates
)

select * from final
