{{ config(materialized='table') }}

with

arrivals as (
    select * from {{ ref('stg_arrival_prints') }}
    where {{ is_news('stg_arrival_prints') }}
),

{% for name in kept_raw_tables() %}
{%- set dataset, table = name.split('.') -%}
{{ table }}_keys as (
    select distinct
        '{{ name }}' as table_name,
        raw_rows.{{ contract_tables()[name].key[0] }} as key_value
    from {{ source(dataset, table) }} as raw_rows
    inner join arrivals
        on
            arrivals.table_name = '{{ name }}'
            and raw_rows._load_id = arrivals.load_id
            and raw_rows._file = arrivals.file
),

{% endfor -%}

-- The first column of the key; ids of staging that is kept hold no character 31.
deleted_keys as (
    select
        table_name,
        split_part(row_key, chr(31), 1) as key_value
    from arrivals
    where row_key is not null
),

{% set children = [] -%}
{% for name in kept_raw_tables() if contract_tables()[name].parent_key -%}
{%- do children.append(name) -%}
{% endfor -%}
-- A new version of a header may choose another set of its rows.
final as (
    {%- for name in kept_raw_tables() %}
    select * from {{ name.split('.')[1] }}_keys
    union
    {%- endfor %}
    {%- for name in children %}
    select '{{ name }}', key_value from receipts_keys
    union
    {%- endfor %}
    select * from deleted_keys
)

select * from final
