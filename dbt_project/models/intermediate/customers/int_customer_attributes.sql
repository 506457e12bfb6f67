{{ config(materialized='table') }}

{%- set surviving = customer_attributes() | reject('equalto', 'age_band') | list + ['birth_date'] %}

with

member_versions as (
    select * from {{ ref('int_member_versions') }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'pos'
),

-- The record that was changed last comes first. No source marks these attributes as verified and
-- only the register has them, so recency decides alone.
record_versions as (
    select
        identity_links.customer_key,
        member_versions.*,
        row_number() over (
            partition by identity_links.customer_key
            order by
                member_versions.updated_at desc nulls last,
                member_versions.member_id_hash asc nulls last
        ) as recency_rank
    from member_versions
    inner join identity_links on member_versions.member_id_hash = identity_links.source_id
),

list_birthdays as (
    {%- for age in age_band_starts() %}
    select
        customer_key,
        valid_from,
        {{ birthday('birth_date', age) }} as birthday
    from record_versions
    where birth_date <= {{ as_of_date() }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

-- A customer changes when one of the records does, and on birthdays that lead to the next band.
list_days as (
    select
        customer_key,
        valid_from
    from record_versions
    union
    select
        customer_key,
        birthday
    from list_birthdays
    where birthday > valid_from and birthday <= {{ as_of_date() }}
),

versions_in_force as (
    select
        record_versions.*,
        list_days.valid_from as day_of_change
    from list_days
    inner join record_versions
        on
            list_days.customer_key = record_versions.customer_key
            and record_versions.valid_from <= list_days.valid_from
            and (
                record_versions.next_valid_from is null
                or record_versions.next_valid_from > list_days.valid_from
            )
),

choose_survivors as (
    select
        customer_key,
        day_of_change as valid_from,
        {%- for attribute in surviving %}
        min_by({{ attribute }}, recency_rank) filter (where {{ attribute }} is not null)
            as {{ attribute }},
        min_by(updated_date, recency_rank) filter (where {{ attribute }} is not null)
            as {{ attribute }}_as_of{{ ',' if not loop.last }}
        {%- endfor %}
    from versions_in_force
    group by customer_key, day_of_change
),

measure_ages as (
    select
        *,
        -- A placeholder for the day of joining may lie before the birth.
        case
            when birth_date <= {{ as_of_date() }}
                then {{ age_on('birth_date', 'greatest(valid_from, birth_date)') }}
        end as age
    from choose_survivors
),

final as (
    select
        *,
        {{ age_band('age') }} as age_band,
        case when age is not null then birth_date_as_of end as age_band_as_of
    from measure_ages
)

select * from final
