{{ config(materialized='table') }}

-- One row a change by which records went from one customer to another: a merge (the old key has no
-- record any more), a split (the new key has none but of the old one's records) or a move.

with

links_before as (
    select * from {{ source('identity', 'customer_links') }}
    where unlinked_on is null
),

links as (
    select * from {{ ref('int_customer_links') }}
    where unlinked_on is null
),

changes_before as (
    select * from {{ source('identity', 'customer_key_changes') }}
),

moved as (
    select
        links_before.customer_key as old_customer_key,
        links.customer_key as new_customer_key,
        count(*) as n_records
    from links_before
    inner join links on links_before.record_id = links.record_id
    where links_before.customer_key <> links.customer_key
    group by links_before.customer_key, links.customer_key
),

living_before as (
    select distinct customer_key from links_before
),

living as (
    select distinct customer_key from links
),

judged as (
    select
        moved.old_customer_key,
        moved.new_customer_key,
        case
            when living_before.customer_key is null then 'split'
            when living.customer_key is null then 'merge'
            else 'move'
        end as change_type,
        moved.n_records
    from moved
    left join living_before on moved.new_customer_key = living_before.customer_key
    left join living on moved.old_customer_key = living.customer_key
),

new_changes as (
    select
        coalesce((select max(change_number) from changes_before), 0)
        + row_number() over (
            order by old_customer_key asc nulls last, new_customer_key asc nulls last
        ) as change_number,
        cast({{ as_of_date() }} as date) as changed_on,
        change_type,
        old_customer_key,
        new_customer_key,
        cast(n_records as bigint) as n_records
    from judged
)

select
    change_number,
    changed_on,
    change_type,
    old_customer_key,
    new_customer_key,
    n_records
from changes_before
union all
select
    cast(change_number as bigint),
    changed_on,
    change_type,
    old_customer_key,
    new_customer_key,
    n_records
from new_changes
