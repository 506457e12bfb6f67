{#
    Where the raw rows of a table went, counted without looking at what staging kept: every raw
    row is staged, superseded by a later version, or deleted, and only one of these.
#}
{% macro row_accounting(dataset, table) -%}
    {%- set contract = contract_tables()[dataset ~ '.' ~ table] -%}
    {%- set has_own_versions = contract.parent_key not in contract.key -%}
    {%- set all_rows = ordered_rows(dataset, table) ~ ' as own_versions' -%}
    {%- set own_versions = 'own_versions' if contract.parent_key else all_rows -%}
    with

    {{ ledger_ctes(dataset ~ '.' ~ table) }},

    {% if contract.parent_key -%}
    {{ repeated_receipt_ctes(dataset, table, contract) }},

    {{ superseded_set_ctes(dataset, table, contract) }},

    {% endif -%}
    {% if has_own_versions -%}
    {% if contract.parent_key -%}
    own_versions as (
        select versions.*
        from {{ ordered_rows(dataset, table) }} as versions
        where not exists (
            select 1
            from superseded_sets
            where
                superseded_sets.receipt_id = versions.{{ contract.parent_key }}
                and superseded_sets.file_number = versions._file_number
        )
    ),

    {% endif -%}
    -- Where all rows count, their files need not be looked up.
    keys as (
        select count(*) as row_count
        from {{ 'own_versions' if contract.parent_key else source(dataset, table) }}
        group by {{ contract.key | join(', ') }}
    ),

    deleted_keys as (
        select
            own_versions._delivery_number as winning_delivery_number,
            last_deletions.delivery_number
        from {{ own_versions }}
        inner join last_deletions
            on {{ row_key('own_versions', contract.key) }} = last_deletions.row_key
        qualify
            row_number() over ({{ version_window('own_versions', contract) }}) = 1
            and own_versions._delivery_number <= last_deletions.delivery_number
            {%- if contract.parent_key %}
            and own_versions.{{ contract.parent_key }} is null
            {%- endif %}
    ),

    {% endif -%}
    counted as (
        select
            (select count(*) from {{ source(dataset, table) }}) as raw_rows,
            (
                select count(*)
                from {{ ref('stg_' ~ dataset | replace('raw_', '') ~ '__' ~ table) }}
            ) as staged_rows,
            {{ '(select coalesce(sum(row_count), 0) from superseded_sets)'
                if contract.parent_key else '0' }}
            + {{ '(select coalesce(sum(row_count - 1), 0) from keys)'
                if has_own_versions else '0' }} as superseded_rows,
            {{ '(select count(*) from deleted_keys)'
                if has_own_versions else '0' }} as deleted_rows
    )

    select
        '{{ dataset }}.{{ table }}' as table_name,
        cast(raw_rows as bigint) as raw_rows,
        cast(staged_rows as bigint) as staged_rows,
        cast(superseded_rows as bigint) as superseded_rows,
        cast(deleted_rows as bigint) as deleted_rows
    from counted
{%- endmacro %}


{#
    CTEs `receipt_sets` and `superseded_sets`: a set is superseded when its receipt has a better
    one. Sets that came with or before the winning header are better than those after it; of the
    former the later is better, of the latter the earlier.
#}
{% macro superseded_set_ctes(dataset, table, contract) -%}
    receipt_sets as (
        select
            versions.{{ contract.parent_key }} as receipt_id,
            versions._file_number as file_number,
            versions._delivery_number
            <= coalesce(winning_headers.delivery_number, versions._delivery_number)
                as is_with_header,
            count(*) as row_count
        from {{ ordered_rows(dataset, table) }} as versions
        inner join repeated_receipts
            on versions.{{ contract.parent_key }} = repeated_receipts.receipt_id
        left join winning_headers on repeated_receipts.receipt_id = winning_headers.receipt_id
        group by
            versions.{{ contract.parent_key }},
            versions._file_number,
            versions._delivery_number,
            winning_headers.delivery_number
    ),

    superseded_sets as (
        select receipt_sets.*
        from receipt_sets
        where exists (
            select 1
            from receipt_sets as others
            where
                others.receipt_id = receipt_sets.receipt_id
                and case
                    when others.is_with_header and receipt_sets.is_with_header
                        then others.file_number > receipt_sets.file_number
                    when not others.is_with_header and not receipt_sets.is_with_header
                        then others.file_number < receipt_sets.file_number
                    else others.is_with_header
                end
        )
    )
{%- endmacro %}
