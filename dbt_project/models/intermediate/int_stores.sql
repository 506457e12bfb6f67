with

stores as (
    select * from {{ ref('stg_pos__stores') }}
),

final as (
    select
        store_id,
        name as store_name,
        channel,
        timezone,
        currency,
        day_cutover_hour,
        prefecture,
        opened_on,
        closed_on
    from stores
)

select * from final
