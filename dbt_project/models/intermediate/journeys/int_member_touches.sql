with

members as (
    select * from {{ ref('stg_pos__members') }}
    where joined_date <= {{ as_of_date() }}
),

identity_links as (
    select * from {{ ref('int_customer_identity') }}
    where source_system = 'pos'
),

stores as (
    select * from {{ ref('int_stores') }}
),

final as (
    select
        members.member_id_hash,
        identity_links.customer_key,
        members.joined_at,
        members.joined_date,
        case when members.left_date <= {{ as_of_date() }} then members.left_at end as left_at,
        members.left_date,
        members.home_store_id as store_id,
        stores.channel
    from members
    inner join identity_links on members.member_id_hash = identity_links.source_id
    left join stores on members.home_store_id = stores.store_id
)

select * from final
