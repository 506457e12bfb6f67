with

stores as (
    select * from {{ ref('int_stores') }}
),

receipts as (
    select * from {{ ref('int_receipts') }}
),

tickets as (
    select * from {{ ref('int_tickets') }}
),

infer_stores as (
    select distinct used.store_id
    from (
        select store_id from receipts
        union all
        select store_id from tickets
    ) as used
    left join stores on used.store_id = stores.store_id
    where used.store_id is not null and stores.store_id is null
),

final as (
    select
        store_id,
        store_name,
        channel,
        timezone,
        currency,
        cast(day_cutover_hour as bigint) as day_cutover_hour,
        prefecture,
        opened_on,
        closed_on,
        false as is_inferred
    from stores
    union all
    select
        store_id,
        store_id as store_name,
        null as channel,
        '{{ var("company_timezone") }}' as timezone,
        '{{ var("company_currency") }}' as currency,
        cast(0 as bigint) as day_cutover_hour,
        null as prefecture,
        cast(null as date) as opened_on,
        cast(null as date) as closed_on,
        true as is_inferred
    from infer_stores
)

select * from final
