{#
    Which version of a raw row counts. Raw tables hold every version that ever arrived; staging
    keeps one of each key.

    Order of versions: the table's version column where it has one, then the file, then the line.
    Order of files: the sequence in the file's name, then the load, then the name. A delivery is
    what shares sequence and load, whatever the table; deliveries compare across tables.

    A row of a file that the ledger does not know counts as the oldest instead of getting lost.
#}

{#
    The winning rows of a raw table, with `_delivery_number` and `_file_number` added. Of a table
    that is kept, a night asks for the touched keys only: versions compare within a key, and no
    file changes its place among those before it.
#}
{% macro winning_rows(dataset, table) -%}
    {%- set contract = contract_tables()[dataset ~ '.' ~ table] -%}
    {%- set is_kept = dataset ~ '.' ~ table in kept_raw_tables() -%}
    {%- if contract.parent_key -%}
        {{ rows_of_winning_headers(dataset, table, contract, is_kept) }}
    {%- else -%}
        {{ latest_versions(dataset, table, contract, is_kept) }}
    {%- endif -%}
{%- endmacro %}


{# Raw tables so large that what staging has of them is kept between nights. #}
{% macro kept_raw_tables() -%}
    {{ return([
        'raw_pos.receipts', 'raw_pos.receipt_lines', 'raw_pos.payments', 'raw_pos.members',
        'raw_pos.coupons_issued', 'raw_email.contacts', 'raw_email.events', 'raw_support.tickets',
        'raw_support.ticket_events', 'raw_support.messages'
    ]) }}
{%- endmacro %}


{# Condition on raw rows: the first column of their key is touched. #}
{% macro is_touched_raw_row(dataset, table, column) -%}
    {{ is_touched(
        column, 'key_value', 'stg_touched_keys', 'stg_arrival_prints',
        "table_name = '" ~ dataset ~ '.' ~ table ~ "'"
    ) }}
{%- endmacro %}


{# Tables whose rows stand for themselves: the latest version of each key, unless deleted. #}
{% macro latest_versions(dataset, table, contract, is_kept) -%}
    with

    {{ ledger_ctes(dataset ~ '.' ~ table) }},

    latest as (
        select versions.*
        from {{ ordered_rows(dataset, table, is_kept) }} as versions
        qualify row_number() over ({{ version_window('versions', contract) }}) = 1
    )

    select latest.*
    from latest
    left join last_deletions on {{ row_key('latest', contract.key) }} = last_deletions.row_key
    where
        last_deletions.row_key is null
        or latest._delivery_number > last_deletions.delivery_number
{%- endmacro %}


{#
    Rows that belong to a version of their receipt. The rows of a receipt in one file are a set,
    and sets are kept or dropped as a whole: the last one that came with or before the winning
    header, else the first one after it; without a header the last one.
#}
{% macro rows_of_winning_headers(dataset, table, contract, is_kept) -%}
    with

    {{ ledger_ctes(dataset ~ '.' ~ table) }},

    {{ repeated_receipt_ctes(dataset, table, contract, is_kept) }},

    chosen_sets as (
        select
            versions.{{ contract.parent_key }},
            coalesce(
                max(versions._file_number) filter (
                    where versions._delivery_number <= coalesce(
                        winning_headers.delivery_number, versions._delivery_number
                    )
                ),
                min(versions._file_number)
            ) as file_number
        from {{ ordered_rows(dataset, table, is_kept) }} as versions
        inner join repeated_receipts
            on versions.{{ contract.parent_key }} = repeated_receipts.receipt_id
        left join winning_headers
            on versions.{{ contract.parent_key }} = winning_headers.receipt_id
        group by versions.{{ contract.parent_key }}
    ),

    kept_rows as (
        select versions.*
        from {{ ordered_rows(dataset, table, is_kept) }} as versions
        left join chosen_sets
            on versions.{{ contract.parent_key }} = chosen_sets.{{ contract.parent_key }}
        where
            chosen_sets.file_number is null
            or chosen_sets.file_number = versions._file_number
    )

    select kept_rows.*
    from kept_rows
    {%- if contract.parent_key not in contract.key %}
    left join last_deletions on {{ row_key('kept_rows', contract.key) }} = last_deletions.row_key
    where
        last_deletions.row_key is null
        or kept_rows.{{ contract.parent_key }} is not null
        or kept_rows._delivery_number > last_deletions.delivery_number
    qualify row_number() over ({{ version_window('kept_rows', contract) }}) = 1
    {%- endif %}
{%- endmacro %}


{#
    CTEs `repeated_receipts` and `winning_headers`: the receipts whose rows came in several sets
    and so leave a choice, and the delivery of their winning header, deleted or not.
#}
{% macro repeated_receipt_ctes(dataset, table, contract, is_kept=false) -%}
    repeated_receipts as (
        select versions.{{ contract.parent_key }} as receipt_id
        from {{ ordered_rows(dataset, table, is_kept) }} as versions
        where versions.{{ contract.parent_key }} is not null
        group by versions.{{ contract.parent_key }}
        having min(versions._file_number) <> max(versions._file_number)
    ),

    winning_headers as (
        select
            headers.receipt_id,
            headers._delivery_number as delivery_number
        from {{ ordered_rows('raw_pos', 'receipts', is_kept, dataset, table) }} as headers
        inner join repeated_receipts on headers.receipt_id = repeated_receipts.receipt_id
        qualify row_number() over (
            {{ version_window('headers', contract_tables()['raw_pos.receipts']) }}
        ) = 1
    )
{%- endmacro %}


{# CTEs `deliveries`, `ordered_files` and, for one table, `last_deletions`. #}
{% macro ledger_ctes(table_name) -%}
    deliveries as (
        select
            sequence,
            load_number,
            row_number() over (
                order by sequence nulls last, load_number nulls last
            ) as delivery_number
        from (
            select sequence, load_number from {{ source('ledger', 'files') }}
            union
            select sequence, load_number from {{ source('ledger', 'deletions') }}
        ) as known
    ),

    ordered_files as (
        select
            files.table_name,
            files.load_id,
            files.file,
            deliveries.delivery_number,
            dense_rank() over (
                order by deliveries.delivery_number nulls last, files.file nulls last
            ) as file_number
        from {{ source('ledger', 'files') }} as files
        inner join deliveries
            on files.sequence = deliveries.sequence and files.load_number = deliveries.load_number
    ),

    last_deletions as (
        select
            deletions.row_key,
            max(deliveries.delivery_number) as delivery_number
        from {{ source('ledger', 'deletions') }} as deletions
        inner join deliveries
            on
                deletions.sequence = deliveries.sequence
                and deletions.load_number = deliveries.load_number
        where deletions.table_name = '{{ table_name }}'
        group by deletions.row_key
    )
{%- endmacro %}


{#
    Raw rows with the numbers of their delivery and file, as a subquery; needs the CTE
    `ordered_files`. No CTE itself: read twice it would be held in memory with every column.

    Of a kept table those of the touched keys only; headers for another table, those of its keys.
#}
{% macro ordered_rows(dataset, table, is_kept=false, of_dataset=none, of_table=none) -%}
    {%- set contract = contract_tables()[dataset ~ '.' ~ table] -%}
    (
            select
                raw_rows.*,
                coalesce(ordered_files.delivery_number, 0) as _delivery_number,
                coalesce(ordered_files.file_number, 0) as _file_number
            {%- if is_kept %}
            from (
                select *
                from {{ source(dataset, table) }}
                where
                    {{ is_touched_raw_row(
                        of_dataset or dataset, of_table or table, contract.key[0]
                    ) }}
            ) as raw_rows
            {%- else %}
            from {{ source(dataset, table) }} as raw_rows
            {%- endif %}
            left join ordered_files
                on
                    ordered_files.table_name = '{{ dataset }}.{{ table }}'
                    and raw_rows._load_id = ordered_files.load_id
                    and raw_rows._file = ordered_files.file
        )
{%- endmacro %}


{# Window over the versions of a key, the winner first. #}
{% macro version_window(relation, contract) -%}
    partition by {% for column in contract.key -%}
        {{ relation }}.{{ column }}{{ ', ' if not loop.last }}
    {%- endfor %}
    order by
    {%- if contract.version_at %}
        {{ relation }}.{{ contract.version_at }} desc nulls last,
    {%- endif %}
        {{ relation }}._file_number desc nulls last,
        {{ relation }}._line desc nulls last
{%- endmacro %}


{# A key as the ledger's deletions write it: columns as text, joined with the character 31. #}
{% macro row_key(relation, columns) -%}
    {%- for column in columns -%}
        coalesce(cast({{ relation }}.{{ column }} as {{ dbt.type_string() }}), '')
        {{- ' || chr(31) || ' if not loop.last }}
    {%- endfor -%}
{%- endmacro %}
