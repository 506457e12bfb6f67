{{ config(materialized='table') }}

-- One row a change by which records went from one customer to another: a merge (the old key has no
-- record any more), a split (the new key had none before) or a move.

with

links_before as (
    select * from {{ source('identity', 'customer_links') }}
    where unlinked_on is null
),

links as (
    select * from {{ ref('int_customer_links') }}
    where unlinked_on is null
),

anchors as (
    select * from {{ ref('int_customer_anchors') }}
),

changes_before as (
    select * from {{ source('identity', 'customer_key_changes') }}
),

moved as (
    select
        links_before.minted_number as old_number,
        links.minted_number as new_number,
        count(*) as n_records
    from links_before
    inner join links on links_before.record_id = links.record_id
    where links_before.minted_number <> links.minted_number
    group by links_before.minted_number, links.minted_number
),

living_before as (
    select distinct minted_number from links_before
),

living as (
    select distinct minted_number from links
),

judged as (
    select
        old_anchors.customer_key as old_customer_key,
        new_anchors.customer_key as new_customer_key,
        case
            when living_before.minted_number is null then 'split'
            when living.minted_number is null then 'merge'
            else 'move'
        end as change_type,
        moved.n_records
    from moved
    inner join anchors as old_anchors on moved.old_number = old_anchors.minted_number
    inner join anchors as new_anchors on moved.new_number = new_anchors.minted_number
    left join living_before on moved.new_number = living_before.minted_number
    left join living on moved.old_number = living.minted_number
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
