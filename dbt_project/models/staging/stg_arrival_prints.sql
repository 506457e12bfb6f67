{{ config(materialized='prints', key='arrival', never_end=true) }}

{%- set tables = "('" ~ kept_raw_tables() | join("', '") ~ "')" %}

with

files as (
    select * from {{ source('ledger', 'files') }}
    where table_name in {{ tables }}
),

deletions as (
    select * from {{ source('ledger', 'deletions') }}
    where table_name in {{ tables }}
),

decisions as (
    select * from {{ source('ledger', 'applied_decisions') }}
),

stores as (
    select * from {{ ref('stg_pos__stores') }}
),

-- A file that was read again, or got a row out of quarantine, is another one.
list_files as (
    select
        'file ' || table_name || ' ' || load_id || ' ' || file as arrival,
        table_name,
        load_id,
        file,
        cast(null as varchar) as row_key,
        {{ row_hash([
            'load_number', 'content_sha256', 'sequence', 'rows_stored', 'format_sha256'
        ]) }} as print
    from files
),

list_deletions as (
    select
        'deletion ' || table_name || ' ' || row_key || ' ' || load_number || ' ' || sequence
            as arrival,
        table_name,
        cast(null as varchar) as load_id,
        cast(null as varchar) as file,
        row_key,
        {{ row_hash(['row_key']) }} as print
    from deletions
),

-- What people decided of rows and files changes rows that arrived before.
print_decisions as (
    select
        'decisions' as arrival,
        {{ row_hash([
            'count(*)', 'bit_xor(' ~ row_hash(['decision_id', 'load_id', 'outcome']) ~ ')'
        ]) }} as print
    from decisions
),

-- What receipts take from their stores.
print_stores as (
    select
        'stores' as arrival,
        bit_xor({{ row_hash(['store_id', 'currency', 'timezone', 'day_cutover_hour']) }}) as print
    from stores
),

all_arrivals as (
    select * from list_files
    union all
    select * from list_deletions
    union all
    select arrival, null, null, null, null, print from print_decisions
    union all
    select arrival, null, null, null, null, coalesce(print, 0) from print_stores
),

final as (
    select
        arrival,
        table_name,
        load_id,
        file,
        row_key,
        cast(print as decimal(20, 0)) as print,

        -- Filled in where the versions of two nights are compared.
        cast(0 as bigint) as began,
        cast(null as bigint) as ended
    from all_arrivals
)

select * from final
