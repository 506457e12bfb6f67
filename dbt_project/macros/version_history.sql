{#
    Every version of a raw table's rows that ever counted, in the order that `versions.sql` gives:
    one row a key and version instant, the one that arrived last where several have the same
    instant. Keys whose winning version was deleted have no history either.
#}
{% macro counted_versions(dataset, table) -%}
    {%- set contract = contract_tables()[dataset ~ '.' ~ table] -%}
    {%- set is_kept = dataset ~ '.' ~ table in kept_raw_tables() -%}
    with

    {{ ledger_ctes(dataset ~ '.' ~ table) }},

    -- The winner comes first, so the row before is the next later version.
    ordered as (
        select
            versions.*,
            row_number() over ({{ version_window('versions', contract) }}) as version_rank,
            lag(versions.{{ contract.version_at }}) over (
                {{ version_window('versions', contract) }}
            ) as later_version_at,
            first_value(versions._delivery_number) over (
                {{ version_window('versions', contract) }}
            ) as winning_delivery_number
        from {{ ordered_rows(dataset, table, is_kept) }} as versions
    )

    select ordered.*
    from ordered
    left join last_deletions on {{ row_key('ordered', contract.key) }} = last_deletions.row_key
    where
        (
            ordered.version_rank = 1
            or ordered.later_version_at is distinct from ordered.{{ contract.version_at }}
        )
        and (
            last_deletions.row_key is null
            or ordered.winning_delivery_number > last_deletions.delivery_number
        )
{%- endmacro %}
