with

winning_rows as (
    {{ winning_rows('raw_pos', 'stores') }}
),

final as (
    select
        ---------- ids
        store_id,

        ---------- strings
        name,
        channel,
        timezone,
        currency,
        prefecture,

        ---------- numerics
        coalesce(day_cutover_hour, 0) as day_cutover_hour,

        ---------- dates
        opened_on,
        closed_on

    from winning_rows
)

select * from final
