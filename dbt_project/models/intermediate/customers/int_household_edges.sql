{{ config(materialized='table') }}

with

identity_links as (
    select * from {{ ref('int_customer_identity') }}
),

members as (
    select * from {{ ref('stg_pos__members') }}
),

subscribers as (
    select * from {{ ref('stg_email__subscribers') }}
),

requesters as (
    select * from {{ ref('stg_support__requesters') }}
),

list_keys as (
    select 'pos' as source_system, member_id_hash as source_id, 'email' as shared_by,
        email_key as key_value, null as family_name_key, company_hash
    from members
    union all
    select 'pos', member_id_hash, 'phone', phone_key, null, company_hash from members
    union all
    select 'pos', member_id_hash, 'address', address_key, family_name_key, company_hash
    from members
    union all
    select 'email', subscriber_id_hash, 'email', email_key, null, null from subscribers
    union all
    select 'support', requester_id_hash, 'email', email_key, null, company_hash from requesters
    union all
    select 'support', requester_id_hash, 'phone', phone_key, null, company_hash from requesters
),

-- A key on too many records says nothing about who lives together: a shop's telephone, a tower.
count_uses as (
    select
        shared_by,
        key_value
    from list_keys
    where key_value is not null
    group by shared_by, key_value
    having count(*) between 2 and {{ var('identity_max_records_per_key') }}
),

-- The keys of a company's records are the company's. One address is one home only together with
-- the family name, as rooms are not told apart.
link_customers as (
    select distinct
        list_keys.shared_by,
        list_keys.key_value,
        list_keys.family_name_key,
        identity_links.customer_key
    from list_keys
    inner join count_uses
        on
            list_keys.shared_by = count_uses.shared_by
            and list_keys.key_value = count_uses.key_value
    inner join identity_links
        on
            list_keys.source_system = identity_links.source_system
            and list_keys.source_id = identity_links.source_id
    where
        list_keys.company_hash is null
        and (list_keys.shared_by <> 'address' or list_keys.family_name_key is not null)
),

-- Everybody who shares a key is linked with the least of them, which joins them all.
find_least as (
    select
        *,
        min(customer_key) over (
            partition by shared_by, key_value, family_name_key
        ) as least_customer_key
    from link_customers
),

link_with_least as (
    select distinct
        least_customer_key as customer_key_a,
        customer_key as customer_key_b,
        shared_by
    from find_least
    where customer_key <> least_customer_key
),

-- Numbers in the order of the keys: groups are found several times faster by them.
number_customers as (
    select
        customer_key,
        row_number() over (order by customer_key asc nulls last) as node
    from (
        select customer_key_a as customer_key from link_with_least
        union
        select customer_key_b from link_with_least
    ) as linked
),

final as (
    select
        link_with_least.customer_key_a,
        link_with_least.customer_key_b,
        link_with_least.shared_by,
        numbers_a.node as node_a,
        numbers_b.node as node_b
    from link_with_least
    inner join number_customers as numbers_a
        on link_with_least.customer_key_a = numbers_a.customer_key
    inner join number_customers as numbers_b
        on link_with_least.customer_key_b = numbers_b.customer_key
)

select * from final
