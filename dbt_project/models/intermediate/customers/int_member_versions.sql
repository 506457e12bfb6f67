with

versions as (
    select * from {{ ref('stg_pos__member_versions') }}
),

find_neighbours as (
    select
        *,
        lag(updated_at) over (
            partition by member_id_hash order by updated_at asc nulls last
        ) is null as is_first,
        lead(updated_date) over (
            partition by member_id_hash order by updated_at asc nulls last
        ) as next_updated_date
    from versions
),

-- What a record said first is the best that is known of the time before, back to the day of
-- joining. Later versions hold from their own day; those after the as-of date do not yet.
date_versions as (
    select
        *,
        case
            when is_first then least(updated_date, joined_date, {{ as_of_date() }})
            else updated_date
        end as valid_from,
        case when next_updated_date <= {{ as_of_date() }} then next_updated_date end
            as next_valid_from
    from find_neighbours
    where is_first or updated_date <= {{ as_of_date() }}
),

-- Of several versions of a day the last holds.
keep_last_of_each_day as (
    select *
    from date_versions
    where next_valid_from is null or next_valid_from > valid_from
),

clean_postal_codes as (
    select
        *,
        substr(
            translate(postal_code, '０１２３４５６７８９〒-－ー ', '0123456789'), 1, 3
        ) as postal_digits
    from keep_last_of_each_day
),

final as (
    select
        member_id_hash,
        valid_from,
        next_valid_from,
        updated_date,
        updated_at,
        gender,
        birth_date,
        prefecture,
        case
            when length(postal_digits) = 3 and translate(postal_digits, '0123456789', '') = ''
                then postal_digits
        end as postal_area,
        occupation,
        tier as member_tier,
        home_store_id,
        'a' || substr(company_hash, 1, 24) as account_key
    from clean_postal_codes
)

select * from final
